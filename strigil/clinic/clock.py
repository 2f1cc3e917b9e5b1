"""A clock that was set back: yesterday's screen would be of today again, and nobody would see it."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from strigil.accounts.models import Clinic, LogLine
from strigil.clinic.models import AuditEvent, Screening
from strigil.pathway.treat import spoken

TOLERANCE = timedelta(minutes=2)
"""By which several servers may differ, and a clock that is kept right is set back; proposed by this project."""


def clock_is_behind(clinic: Clinic) -> str:
    """A sentence where it is; empty where nothing says so."""
    ahead = _written_ahead(clinic)
    return _said(ahead, clinic) if ahead else ""


def in_doubt(screening: Screening, clinic: Clinic) -> str:
    """Why a screen may be of another day than it says; empty where nothing says so.

    The clock was set back, and not before the screen was made. The log tells in which order things were written,
    whatever the clock said; where it does not tell, the screen is in doubt.
    """
    ahead = _written_ahead(clinic)
    if ahead is None:
        return ""
    made, last = (_place(row, clinic) for row in (screening, ahead))
    if made is not None and last is not None and made > last:
        return ""
    return f"{_said(ahead, clinic)} The screen may be of an earlier day."


def _said(ahead: AuditEvent, clinic: Clinic) -> str:
    there = ahead.at.astimezone(clinic.zone)
    return (
        f"The clock of the server stands before {spoken(there)}, {there:%H:%M}, when something was last written down."
    )


def _written_ahead(clinic: Clinic) -> AuditEvent | None:
    """What was last written down in this clinic before the clock was set back to where it stands."""
    ahead = AuditEvent.objects.filter(clinic=clinic, at__gt=timezone.now() + TOLERANCE)
    return ahead.order_by("-at").first()


def _place(row: Screening | AuditEvent, clinic: Clinic) -> int | None:
    told = LogLine.objects.filter(clinic_id=clinic.pk, table=row._meta.db_table, object_id=row.pk.hex)
    return told.order_by("seq").values_list("seq", flat=True).first()
