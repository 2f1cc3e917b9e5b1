from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from strigil.clinic.models.base import Record, Side, one_of
from strigil.clinic.models.patient import Patient


class CourseStatus(models.TextChoices):
    OPEN = "open", "Open"
    FINISHED = "finished", "Finished"
    STOPPED = "stopped", "Stopped early"


class Course(Record):
    """One episode of care for one indication."""

    identifying: ClassVar[frozenset[str]] = frozenset({"patient", "complaint", "history", "assessment", "closing_note"})
    shareable: ClassVar[frozenset[str]] = frozenset({"indication", "side", "onset", "status", "opened_on", "closed_on"})

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="courses", db_index=False)
    indication = models.CharField(max_length=60)
    side = models.CharField(max_length=10, choices=Side.choices)
    onset = models.DateField(null=True, blank=True)
    complaint = models.TextField(blank=True, max_length=4000)
    history = models.TextField(blank=True, max_length=4000)
    assessment = models.TextField(blank=True, max_length=4000)
    status = models.CharField(max_length=10, choices=CourseStatus.choices, default=CourseStatus.OPEN)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    closing_note = models.TextField(blank=True, max_length=2000)

    class Meta:
        ordering = ["-opened_on", "-id"]
        indexes = [
            models.Index(fields=["clinic", "opened_on"]),
            models.Index(fields=["patient", "opened_on"]),
            models.Index(fields=["clinic", "indication"], condition=Q(status="open"), name="course_open"),
        ]
        constraints = [
            one_of("status", CourseStatus.values, "course_status_is_known_word"),
            one_of("side", Side.values, "course_side_is_known_word"),
            models.CheckConstraint(
                condition=Q(status="open", closed_on__isnull=True) | (~Q(status="open") & Q(closed_on__isnull=False)),
                name="course_closed_on_iff_closed",
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("opened_on")),
                name="course_closes_after_opening",
            ),
        ]

    @property
    def is_open(self) -> bool:
        return self.status == CourseStatus.OPEN


class CourseSite(Record):
    """A site that a course is about."""

    shareable: ClassVar[frozenset[str]] = frozenset({"course", "region", "side"})

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="sites", db_index=False)
    region = models.CharField(max_length=60)
    side = models.CharField(max_length=10, choices=Side.choices)

    class Meta:
        ordering = ["id"]
        constraints = [
            one_of("side", Side.values, "course_site_side_is_known_word"),
            models.UniqueConstraint(fields=["course", "region", "side"], name="course_site_once"),
        ]


class Goal(Record):
    """What the patient wants to reach, on a measure, by a day."""

    identifying: ClassVar[frozenset[str]] = frozenset({"detail", "wording"})
    shareable: ClassVar[frozenset[str]] = frozenset({"course", "measure", "value", "unit", "by"})

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="goals")
    measure = models.CharField(max_length=60)
    detail = models.CharField(max_length=200, blank=True)
    wording = models.CharField(max_length=300, blank=True)
    value = models.DecimalField(max_digits=9, decimal_places=3)
    unit = models.CharField(max_length=20)
    by = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
