"""A clock that was set back: yesterday's screen would be of today again, and nobody would see it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.db.models import Min, Model
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
    if ahead is None or not _made_before(ahead, {screening.pk}, clinic):
        return ""
    return f"{_said(ahead, clinic)} The screen may be of an earlier day."


def all_in_doubt(screenings: Collection[UUID], clinic: Clinic) -> set[UUID]:
    """Those of them that may be of another day than they say, in at most three queries."""
    ahead = _written_ahead(clinic) if screenings else None
    return _made_before(ahead, screenings, clinic) if ahead else set()


def _said(ahead: AuditEvent, clinic: Clinic) -> str:
    there = ahead.at.astimezone(clinic.zone)
    return (
        f"The clock of the server stands before {spoken(there)}, {there:%H:%M}, when something was last written down."
    )


def _written_ahead(clinic: Clinic) -> AuditEvent | None:
    """What was last written down in this clinic before the clock was set back to where it stands."""
    ahead = AuditEvent.objects.filter(clinic=clinic, at__gt=timezone.now() + TOLERANCE)
    return ahead.order_by("-at").first()


def _made_before(ahead: AuditEvent, screenings: Collection[UUID], clinic: Clinic) -> set[UUID]:
    """The screens that the log does not tell to have been made since."""
    last = _places(AuditEvent, {ahead.pk}, clinic).get(ahead.pk)
    made = _places(Screening, screenings, clinic)
    return {key for key in screenings if last is None or key not in made or made[key] < last}


def _places(model: type[Model], keys: Collection[UUID], clinic: Clinic) -> dict[UUID, int]:
    """Where the log first tells of each; a row of which it does not tell has no place."""
    told = LogLine.objects.filter(
        clinic_id=clinic.pk, table=model._meta.db_table, object_id__in=[key.hex for key in keys]
    )
    first = told.values("object_id").annotate(first=Min("seq")).values_list("object_id", "first")
    return {UUID(key): seq for key, seq in first}
