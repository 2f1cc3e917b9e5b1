from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from strigil.accounts.models import User
from strigil.clinic.models.base import Record, Side, one_of
from strigil.clinic.models.course import Course

EVALUATION, EXERCISE = "evaluation", "exercise"
"""The kinds of minutes that are no care given beside IASTM."""
NOTHING_FELT = "nothing"


class VisitStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    SIGNED = "signed", "Signed"


class Visit(Record):
    """One session on one day. A draft is written; a signed visit is amended, never edited."""

    identifying: ClassVar[frozenset[str]] = frozenset({"note", "found", "exercise", "signed_by"})
    shareable: ClassVar[frozenset[str]] = frozenset(
        {
            "course",
            "number",
            "on",
            "status",
            "technique",
            "phases_done",
            "other_care",
            "minutes",
            "unconfirmed",
            "signed_at",
        }
    )

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="visits", db_index=False)
    number = models.PositiveSmallIntegerField()
    on = models.DateField()
    status = models.CharField(max_length=10, choices=VisitStatus.choices, default=VisitStatus.DRAFT)
    technique = models.CharField(max_length=60)
    phases_done = models.JSONField(default=list)
    found = models.TextField(blank=True, max_length=2000)
    exercise = models.TextField(blank=True, max_length=2000)
    other_care = models.JSONField(default=list)
    minutes = models.JSONField(default=dict)
    """Whole minutes by kind: ``evaluation``, ``exercise``, or the id of care given beside it. The time by hand is the
    areas' own."""
    note = models.TextField(blank=True, max_length=8000)
    unconfirmed = models.JSONField(default=list)
    """Names of values carried over from an earlier visit that nobody has touched or confirmed yet."""
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_index=False
    )

    class Meta:
        ordering = ["number"]
        indexes = [
            models.Index(fields=["clinic", "on"]),
            models.Index(fields=["clinic", "on"], condition=Q(status="draft"), name="visit_drafts"),
        ]
        constraints = [
            one_of("status", VisitStatus.values, "visit_status_is_known_word"),
            models.UniqueConstraint(fields=["course", "number"], name="visit_number_once_a_course"),
            models.CheckConstraint(
                condition=Q(status="draft", signed_at__isnull=True, signed_by__isnull=True)
                | Q(status="signed", signed_at__isnull=False, signed_by__isnull=False),
                name="visit_signed_iff_signature",
            ),
            models.UniqueConstraint(fields=["course"], condition=Q(status="draft"), name="visit_one_draft_a_course"),
        ]

    @property
    def is_signed(self) -> bool:
        return self.status == VisitStatus.SIGNED


class Amendment(Record):
    """A correction of a signed visit: why, and the whole visit as it read before."""

    identifying: ClassVar[frozenset[str]] = frozenset({"reason", "before"})
    shareable: ClassVar[frozenset[str]] = frozenset({"visit"})

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="amendments")
    reason = models.TextField(max_length=1000)
    before = models.JSONField()

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="amendment_has_a_reason")]


class ForceMethod(models.TextChoices):
    MEASURED = "measured", "Measured by a device"
    ESTIMATED = "estimated", "Estimated by hand"


class Pressure(models.TextChoices):
    LIGHT = "light", "Light"
    MODERATE = "moderate", "Moderate"
    FIRM = "firm", "Firm"


class Motion(models.TextChoices):
    """What the area does while it is treated."""

    STILL = "still", "At rest"
    STRETCHED = "stretched", "On stretch"
    PROVOKING = "provoking", "In the provoking position"
    MOVING = "moving", "While moving"
    LOADED = "loaded", "Under load"


class Direction(models.TextChoices):
    """Of the strokes; two of them may hold together."""

    ALONG = "along", "Along the fibres"
    ACROSS = "across", "Across the fibres"
    ONE_WAY = "one_way", "One way only"
    BOTH_WAYS = "both_ways", "There and back"


class Treatment(Record):
    """The dose of one area: instrument, strokes, time, pressure, force, angle, position; and what was felt there."""

    identifying: ClassVar[frozenset[str]] = frozenset({"position", "force_device", "found_where"})
    shareable: ClassVar[frozenset[str]] = frozenset(
        {
            "visit",
            "region",
            "side",
            "instrument",
            "edge",
            "strokes",
            "seconds",
            "pressure",
            "discomfort",
            "force_newton",
            "force_method",
            "angle_degrees",
            "directions",
            "motion",
            "textures",
        }
    )

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="treatments", db_index=False)
    region = models.CharField(max_length=60)
    side = models.CharField(max_length=10, choices=Side.choices)
    instrument = models.CharField(max_length=60, blank=True)
    edge = models.CharField(max_length=20, blank=True)
    strokes = models.JSONField(default=list)
    seconds = models.PositiveSmallIntegerField(null=True, blank=True)
    pressure = models.CharField(max_length=10, choices=Pressure.choices, blank=True)
    discomfort = models.PositiveSmallIntegerField(null=True, blank=True)
    force_newton = models.DecimalField(max_digits=5, decimal_places=1, null=True, blank=True)
    force_method = models.CharField(max_length=10, choices=ForceMethod.choices, blank=True)
    force_device = models.CharField(max_length=100, blank=True)
    angle_degrees = models.PositiveSmallIntegerField(null=True, blank=True)
    position = models.CharField(max_length=200, blank=True)
    directions = models.JSONField(default=list)
    motion = models.CharField(max_length=10, choices=Motion.choices, blank=True)
    textures = models.JSONField(default=list)
    """Words of ``detection_assessment/feel``; ``nothing`` alone where nothing was felt; empty where nobody said."""
    found_where = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            one_of("side", Side.values, "treatment_side_is_known_word"),
            one_of("pressure", ["", *Pressure.values], "treatment_pressure_is_known_word"),
            one_of("motion", ["", *Motion.values], "treatment_motion_is_known_word"),
            models.UniqueConstraint(fields=["visit", "region", "side"], name="treatment_area_once_a_visit"),
            models.CheckConstraint(
                condition=Q(seconds__isnull=True) | Q(seconds__gte=1, seconds__lte=3600), name="treatment_up_to_an_hour"
            ),
            models.CheckConstraint(
                condition=Q(discomfort__isnull=True) | Q(discomfort__lte=10), name="treatment_discomfort_0_to_10"
            ),
            models.CheckConstraint(
                condition=Q(angle_degrees__isnull=True) | Q(angle_degrees__lte=90), name="treatment_angle_0_to_90"
            ),
            models.CheckConstraint(
                condition=Q(force_newton__isnull=True, force_method="", force_device="")
                | Q(force_newton__isnull=False, force_newton__gt=0, force_method="estimated", force_device="")
                | (Q(force_newton__isnull=False, force_newton__gt=0, force_method="measured") & ~Q(force_device="")),
                name="treatment_force_says_how",
            ),
        ]
