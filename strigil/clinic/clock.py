"""A clock that was set back: what an earlier day wrote could pass for today's, and nobody would see it.

The log tells in which order things were written, whatever the clock said; a row is held against it.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping
from datetime import date, datetime, time
from typing import Any, TypeAlias
from uuid import UUID

from django.db.models import CharField, Exists, Max, Model, QuerySet, Value
from django.db.models.functions import Cast, Replace

from strigil.accounts.models import Clinic, LogLine, Touched
from strigil.clinic.models import AuditEvent, Screening
from strigil.clinic.models.audit import written_ahead
from strigil.pathway.treat import spoken

Place: TypeAlias = tuple[bool, int]
"""Where something stands in the order of what was written: lines of the log, then what has yet to become a line."""
UNKNOWN: Place = (False, -1)
LAST: Place = (True, sys.maxsize)


def clock_is_behind(clinic: Clinic) -> str:
    """A sentence where it is; empty where nothing says so."""
    ahead = written_ahead(clinic.pk).first()
    if ahead is None:
        return ""
    there = ahead.at.astimezone(clinic.zone)
    return (
        f"The clock of the server stands before {spoken(there)}, {there:%H:%M}, when something was last written down."
    )


def in_doubt(screening: Screening, clinic: Clinic) -> str:
    """Why a screen may be of another day than it says; empty where nothing says so."""
    if not all_in_doubt({screening.pk: screening.on}, clinic):
        return ""
    why = clock_is_behind(clinic) or "The clock of the server was set back after the screen was made."
    return f"{why} The screen may be of an earlier day."


def all_in_doubt(days: Mapping[UUID, date], clinic: Clinic, model: type[Model] = Screening) -> set[UUID]:
    """The rows of a model that may be of another day than the one they say, in one query where no clock was wrong.

    The clock was set back, once or again, and not before the row was written. Where the log does not tell which came
    first, the row is in doubt.
    """
    if not days or not _was_set_back(clinic):
        return set()
    against = {day: _last_against(day, clinic) for day in set(days.values())}
    asked = {key.hex: (key, last) for key, day in days.items() if (last := against[day])}
    written = _places(model, asked) if asked else {}
    return {key for found, (key, last) in asked.items() if written.get(found, UNKNOWN) < last}


def _was_set_back(clinic: Clinic) -> bool:
    behind = AuditEvent.objects.filter(clinic=clinic, ahead__isnull=False)
    return Clinic.objects.filter(Exists(written_ahead(clinic.pk)) | Exists(behind), pk=clinic.pk).exists()


def _last_against(day: date, clinic: Clinic) -> Place | None:
    """The last thing written that speaks against the day of what was written before it; None where nothing does.

    Something of an earlier day that was written when that day, or a later one, had been shown already; and of today
    whatever was written at a time that is yet to come.
    """
    starts = datetime.combine(day, time.min, clinic.zone)
    behind = AuditEvent.objects.filter(clinic=clinic, ahead__gte=starts, at__lt=starts).order_by("-at")
    places = [_places(AuditEvent, [one.hex]) for one in behind.values_list("pk", flat=True)[:1]]
    if day == clinic.today and (ahead := written_ahead(clinic.pk)).exists():
        as_told = Replace(Cast("pk", CharField()), Value("-"), Value(""))
        places.append(_places(AuditEvent, ahead.order_by().annotate(told=as_told).values("told")))
    return max((max(one.values(), default=LAST) for one in places), default=None)


def _places(model: type[Model], keys: Collection[str] | QuerySet[Any]) -> dict[str, Place]:
    """Where rows were written last, by their ids as the log has them."""
    of_rows = {"table": model._meta.db_table, "object_id__in": keys}
    told = LogLine.objects.filter(**of_rows).values_list("object_id").annotate(last=Max("seq"))
    waiting = Touched.objects.filter(**of_rows).values_list("object_id").annotate(last=Max("id"))
    return {key: (False, last) for key, last in told} | {key: (True, last) for key, last in waiting}
