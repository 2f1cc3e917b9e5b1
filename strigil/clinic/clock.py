"""A clock that was set back: yesterday's screen would be of today again, and nobody would see it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Max
from django.utils import timezone

from strigil.accounts.models import Clinic
from strigil.clinic.models import AuditEvent
from strigil.pathway.treat import spoken

TOLERANCE = timedelta(minutes=2)
"""By which several servers may differ, and a clock that is kept right is set back; proposed by this project."""


def written_ahead(clinic: Clinic) -> datetime | None:
    """When something was last written down in this clinic, where the clock now stands before that."""
    latest: datetime | None = AuditEvent.objects.filter(clinic=clinic).aggregate(at=Max("at"))["at"]
    return latest if latest is not None and latest > timezone.now() + TOLERANCE else None


def clock_is_behind(clinic: Clinic) -> str:
    """A sentence where it is; empty where nothing says so."""
    latest = written_ahead(clinic)
    if latest is None:
        return ""
    there = latest.astimezone(clinic.zone)
    return (
        f"The clock of the server stands before {spoken(there)}, {there:%H:%M}, when something was last written down."
    )
