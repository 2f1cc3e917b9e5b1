from __future__ import annotations

from datetime import timedelta
from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone

from strigil.accounts.models import Clinic, User, uuid7

TOLERANCE = timedelta(minutes=2)
"""By which several servers may differ, and a clock that is kept right is set back; proposed by this project."""


class AuditEvent(models.Model):
    """Who did what to which record, when. Written in the same transaction as the change; never changed itself.

    ``ahead`` is the latest time at which this clinic had written something by then, where the clock stood before it.
    """

    identifying: ClassVar[frozenset[str]] = frozenset({"user", "patient_id", "object_id"})
    shareable: ClassVar[frozenset[str]] = frozenset({"id", "clinic", "at", "ahead", "action", "object_type"})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(auto_now_add=True)
    ahead = models.DateTimeField(null=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=60)
    object_id = models.UUIDField()
    patient_id = models.UUIDField(null=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["clinic", "patient_id", "at"]),
            models.Index(fields=["clinic", "at"], name="audit_event_by_time"),
            models.Index(fields=["clinic", "at"], name="audit_event_clock_behind", condition=Q(ahead__isnull=False)),
        ]


def written_ahead(clinic_id: UUID) -> QuerySet[AuditEvent]:
    """What was written down in a clinic at a time that the clock has yet to reach, the latest first."""
    return AuditEvent.objects.filter(clinic_id=clinic_id, at__gt=timezone.now() + TOLERANCE).order_by("-at")
