from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from strigil.clinic.models.base import Record, Side, one_of
from strigil.clinic.models.course import Course
from strigil.clinic.models.visit import Visit
from strigil.pathway.facts import Moment as MomentFact


class Moment(models.TextChoices):
    BASELINE = MomentFact.BASELINE.value, "At the start"
    BEFORE = MomentFact.BEFORE.value, "Before treatment"
    AFTER = MomentFact.AFTER.value, "After treatment"


class Reading(Record):
    """One value of one measure, with its unit and how it was taken."""

    identifying: ClassVar[frozenset[str]] = frozenset({"detail", "device", "rater", "version_of_form"})
    shareable: ClassVar[frozenset[str]] = frozenset(
        {
            "course",
            "visit",
            "measure",
            "value",
            "unit",
            "side",
            "method",
            "position",
            "on",
            "moment",
        }
    )

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="readings", db_index=False)
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="readings", null=True, blank=True)
    measure = models.CharField(max_length=60)
    value = models.DecimalField(max_digits=9, decimal_places=3)
    unit = models.CharField(max_length=20)
    side = models.CharField(max_length=10, blank=True)
    method = models.CharField(max_length=40, blank=True)
    device = models.CharField(max_length=60, blank=True)
    version_of_form = models.CharField(max_length=200, blank=True)
    position = models.CharField(max_length=40, blank=True)
    detail = models.CharField(max_length=200, blank=True)
    rater = models.CharField(max_length=200, blank=True)
    on = models.DateField()
    moment = models.CharField(max_length=10, choices=Moment.choices)

    class Meta:
        ordering = ["on", "id"]
        indexes = [models.Index(fields=["course", "measure", "on"])]
        constraints = [
            one_of("side", ["", *Side.values], "reading_side_is_known_word"),
            one_of("moment", Moment.values, "reading_moment_is_known_word"),
            models.CheckConstraint(condition=~Q(unit=""), name="reading_has_a_unit"),
        ]
