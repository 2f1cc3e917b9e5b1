from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from strigil.clinic.models.base import Record, one_of
from strigil.clinic.models.course import Course
from strigil.clinic.models.reaction import by_nobody_here
from strigil.clinic.models.visit import Visit


class ProgrammeStage(models.TextChoices):
    EARLY = "early", "Early or irritable"
    MIDDLE = "middle", "Middle"
    LATE = "late", "Late"


class ExerciseSide(models.TextChoices):
    """Of the patient. ``both`` is both together, or each in turn."""

    RIGHT = "right", "Right"
    LEFT = "left", "Left"
    BOTH = "both", "Both"


class HomeProgramme(Record):
    """What is done at home. A change makes a new one; the newest holds, or says that it was stopped."""

    identifying: ClassVar[frozenset[str]] = frozenset({"note", "reason", "clearance"})
    shareable: ClassVar[frozenset[str]] = frozenset(
        {"course", "visit", "on", "indication", "stage", "size", "stopped", "outcome", "knowledge_version"}
    )

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="home_programmes", db_index=False)
    visit = models.ForeignKey(Visit, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    on = models.DateField()
    indication = models.CharField(max_length=60)
    stage = models.CharField(max_length=10, choices=ProgrammeStage.choices)
    size = models.PositiveSmallIntegerField(default=0)
    stopped = models.BooleanField(default=False)
    reason = models.CharField(max_length=500, blank=True)
    clearance = models.CharField(max_length=200, blank=True)
    note = models.TextField(blank=True, max_length=2000)
    outcome = models.CharField(max_length=12)
    knowledge_version = models.CharField(max_length=20)

    class Meta:
        ordering = ["on", "id"]
        indexes = [models.Index(fields=["course", "on"])]
        constraints = [
            one_of("stage", ProgrammeStage.values, "home_programme_stage_is_known_word"),
            models.CheckConstraint(
                condition=Q(stopped=True, size=0) & ~Q(reason="") | Q(stopped=False, size__gte=1),
                name="home_programme_holds_or_says_why_not",
            ),
        ]


class PrescribedExercise(Record):
    """One exercise of a home programme, with its dose; an amount that nobody gave is absent."""

    identifying: ClassVar[frozenset[str]] = frozenset({"load", "note"})
    shareable: ClassVar[frozenset[str]] = frozenset(
        {
            "programme",
            "place",
            "exercise",
            "side",
            "sets",
            "repetitions",
            "hold_s",
            "times_per_day",
            "times_per_week",
        }
    )

    programme = models.ForeignKey(HomeProgramme, on_delete=models.CASCADE, related_name="exercises", db_index=False)
    place = models.PositiveSmallIntegerField()
    exercise = models.CharField(max_length=60)
    side = models.CharField(max_length=10, choices=ExerciseSide.choices)
    sets = models.PositiveSmallIntegerField(null=True, blank=True)
    repetitions = models.PositiveSmallIntegerField(null=True, blank=True)
    hold_s = models.PositiveSmallIntegerField(null=True, blank=True)
    times_per_day = models.PositiveSmallIntegerField(null=True, blank=True)
    times_per_week = models.DecimalField(max_digits=3, decimal_places=1, null=True, blank=True)
    load = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["place"]
        constraints = [
            one_of("side", ExerciseSide.values, "prescribed_exercise_side_is_known_word"),
            models.UniqueConstraint(fields=["programme", "exercise"], name="prescribed_exercise_once"),
        ]


class Done(models.TextChoices):
    ALL = "all", "All"
    SOME = "some", "Some"
    NONE = "none", "None"


class ExerciseReport(Record):
    """What a patient said of the exercises since the last time. What was not answered is absent.

    ``created_by`` is empty where the patient said it by the link of a check-in.
    """

    created_by = by_nobody_here()  # type: ignore[assignment]
    identifying: ClassVar[frozenset[str]] = frozenset({"created_by"})
    shareable: ClassVar[frozenset[str]] = frozenset({"course", "visit", "on", "done", "pain", "settled", "worried"})

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="exercise_reports", db_index=False)
    visit = models.ForeignKey(Visit, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    on = models.DateField()
    done = models.CharField(max_length=4, choices=Done.choices, blank=True)
    pain = models.PositiveSmallIntegerField(null=True, blank=True)
    settled = models.BooleanField(null=True, blank=True)
    worried = models.BooleanField(null=True, blank=True)

    class Meta:
        ordering = ["on", "id"]
        indexes = [models.Index(fields=["course", "on"])]
        constraints = [
            one_of("done", ["", *Done.values], "exercise_report_done_is_known_word"),
            models.CheckConstraint(condition=Q(pain__isnull=True) | Q(pain__lte=10), name="exercise_report_pain_to_10"),
        ]
