from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from strigil.clinic.models.base import Record, Side, one_of
from strigil.clinic.models.course import Course
from strigil.clinic.models.patient import Patient


class AnswerWord(models.TextChoices):
    YES = "yes", "Yes"
    NO = "no", "No"
    UNKNOWN = "unknown", "Not known"


class Finding(Record):
    """What was answered to one question, on one day, by one person. Rows are added, never changed."""

    identifying: ClassVar[frozenset[str]] = frozenset({"patient", "detail"})
    shareable: ClassVar[frozenset[str]] = frozenset(
        {"course", "finding", "answer", "asked_on", "region", "side", "since"}
    )

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="findings", db_index=False)
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="findings", null=True, blank=True)
    finding = models.CharField(max_length=80)
    answer = models.CharField(max_length=10, choices=AnswerWord.choices)
    asked_on = models.DateField()
    region = models.CharField(max_length=60, blank=True)
    side = models.CharField(max_length=10, blank=True)
    since = models.DateField(null=True, blank=True)
    detail = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["asked_on", "id"]
        indexes = [models.Index(fields=["patient", "finding", "asked_on"])]
        constraints = [
            one_of("answer", AnswerWord.values, "finding_answer_is_known_word"),
            one_of("side", ["", *Side.values], "finding_side_is_known_word"),
            models.CheckConstraint(condition=Q(side="") | ~Q(region=""), name="finding_side_needs_region"),
        ]
