from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from strigil.clinic.models.base import Record, Side, one_of
from strigil.clinic.models.course import Course


class Plan(Record):
    """What is intended. A change makes a new plan; the newest one holds."""

    identifying: ClassVar[frozenset[str]] = frozenset({"exercise", "home_programme", "note"})
    shareable: ClassVar[frozenset[str]] = frozenset(
        {
            "course",
            "made_on",
            "technique",
            "phases",
            "visits_per_week",
            "visits_in_all",
            "review_visits",
            "consent_given",
        }
    )

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="plans")
    made_on = models.DateField()
    technique = models.CharField(max_length=60)
    phases = models.JSONField(default=list)
    visits_per_week = models.DecimalField(max_digits=3, decimal_places=1)
    visits_in_all = models.PositiveSmallIntegerField()
    review_visits = models.JSONField(default=list)
    exercise = models.TextField(blank=True, max_length=2000)
    home_programme = models.TextField(blank=True, max_length=2000)
    note = models.TextField(blank=True, max_length=2000)
    consent_given = models.BooleanField()

    class Meta:
        ordering = ["made_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(visits_in_all__gte=1, visits_in_all__lte=60), name="plan_visits_1_to_60"
            ),
            models.CheckConstraint(
                condition=Q(visits_per_week__gt=0, visits_per_week__lte=7), name="plan_week_up_to_7"
            ),
        ]


class PlanArea(Record):
    """One area of a plan, with its dose."""

    shareable: ClassVar[frozenset[str]] = frozenset(
        {"plan", "region", "side", "instrument", "edge", "strokes", "seconds", "angle_degrees", "pressure"}
    )

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="areas", db_index=False)
    region = models.CharField(max_length=60)
    side = models.CharField(max_length=10, choices=Side.choices)
    instrument = models.CharField(max_length=60, blank=True)
    edge = models.CharField(max_length=20, blank=True)
    strokes = models.JSONField(default=list)
    seconds = models.PositiveSmallIntegerField()
    angle_degrees = models.PositiveSmallIntegerField(null=True, blank=True)
    pressure = models.CharField(max_length=10, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            one_of("side", Side.values, "plan_area_side_is_known_word"),
            models.CheckConstraint(condition=Q(seconds__gte=1, seconds__lte=3600), name="plan_area_up_to_an_hour"),
            models.UniqueConstraint(fields=["plan", "region", "side"], name="plan_area_once"),
        ]
