from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from strigil.clinic.models.base import Record
from strigil.clinic.models.course import Course


class ReviewDecision(Record):
    """A clinician's decision to go on although a review advised a change or a stop. Never changed.

    It holds until the next review; ``gate`` is the advice it answers, as it read at ``treated_visits`` visits and
    ``worse_days`` days of more pain.
    """

    identifying: ClassVar[frozenset[str]] = frozenset({"reason"})
    shareable: ClassVar[frozenset[str]] = frozenset({"course", "on", "gate", "treated_visits", "worse_days"})

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="review_decisions")
    on = models.DateField()
    gate = models.CharField(max_length=60)
    treated_visits = models.PositiveSmallIntegerField()
    worse_days = models.PositiveSmallIntegerField()
    reason = models.TextField(max_length=1000)

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="review_decision_has_a_reason")]
