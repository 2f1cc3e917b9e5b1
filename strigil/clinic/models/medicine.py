from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from strigil.clinic.models.base import Record
from strigil.clinic.models.course import Course
from strigil.clinic.models.patient import Patient


class MedicineList(Record):
    """What a patient takes, as it was said on one day. A later list replaces it; none is ever changed.

    ``typed`` is what was written, one medicine a line. ``lines`` holds each name with how it was taken on that day and
    what a person chose where it could be several things.
    """

    identifying: ClassVar[frozenset[str]] = frozenset({"patient", "typed", "lines"})
    shareable: ClassVar[frozenset[str]] = frozenset({"course", "on", "none_taken"})

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="medicine_lists", db_index=False)
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="medicine_lists")
    on = models.DateField()
    none_taken = models.BooleanField()
    typed = models.TextField(max_length=4000, blank=True)
    lines = models.JSONField(default=list)

    class Meta:
        ordering = ["on", "id"]
        indexes = [models.Index(fields=["patient", "on"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(none_taken=True, typed="") | (Q(none_taken=False) & ~Q(typed="")),
                name="medicine_list_says_none_or_which",
            ),
        ]
