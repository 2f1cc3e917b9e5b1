"""A clock that was set back: yesterday's screen would be of today again, and nobody would see it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.db.models import CharField, Max, QuerySet, Value
from django.db.models.functions import Cast, Replace
from django.utils import timezone

from strigil.accounts.models import Clinic, LogLine
from strigil.clinic.models import AuditEvent, Screening
from strigil.pathway.treat import spoken

TOLERANCE = timedelta(minutes=2)
"""By which several servers may differ, and a clock that is kept right is set back; proposed by this project."""


def clock_is_behind(clinic: Clinic) -> str:
    """A sentence where it is; empty where nothing says so."""
    ahead = _written_ahead(clinic).first()
    return _said(ahead, clinic) if ahead else ""


def in_doubt(screening: Screening, clinic: Clinic) -> str:
    """Why a screen may be of another day than it says; empty where nothing says so.

    The clock was set back, once or again, and not before the screen was made. The log tells in which order things
    were written, whatever the clock said; where it does not tell, the screen is in doubt.
    """
    ahead = _written_ahead(clinic).first()
    if ahead is None or not _made_before(clinic, {screening.pk}):
        return ""
    return f"{_said(ahead, clinic)} The screen may be of an earlier day."


def all_in_doubt(screenings: Collection[UUID], clinic: Clinic) -> set[UUID]:
    """Those of them that may be of another day than they say, in at most three queries."""
    return _made_before(clinic, screenings) if screenings and _written_ahead(clinic).exists() else set()


def _said(ahead: AuditEvent, clinic: Clinic) -> str:
    there = ahead.at.astimezone(clinic.zone)
    return (
        f"The clock of the server stands before {spoken(there)}, {there:%H:%M}, when something was last written down."
    )


def _written_ahead(clinic: Clinic) -> QuerySet[AuditEvent]:
    """What was written down in this clinic at a time that the clock has yet to reach, the latest first."""
    return AuditEvent.objects.filter(clinic=clinic, at__gt=timezone.now() + TOLERANCE).order_by("-at")


def _made_before(clinic: Clinic, screenings: Collection[UUID]) -> set[UUID]:
    """The screens of which the log does not tell that they were made since the last of what is ahead of the clock."""
    told = LogLine.objects.filter(clinic_id=clinic.pk)
    as_told = Replace(Cast("pk", CharField()), Value("-"), Value(""))
    ahead = _written_ahead(clinic).order_by().annotate(told=as_told).values("told")
    last = told.filter(table=AuditEvent._meta.db_table, object_id__in=ahead).aggregate(last=Max("seq"))["last"]
    of_screens = told.filter(table=Screening._meta.db_table, object_id__in=[key.hex for key in screenings])
    made = {UUID(key): seq for key, seq in of_screens.order_by("-seq").values_list("object_id", "seq")}
    return {key for key in screenings if last is None or key not in made or made[key] < last}
