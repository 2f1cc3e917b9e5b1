"""The log in plain words: lines of one request together, as who, when and what."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet

from strigil.accounts.audit import rows
from strigil.accounts.audit.models import NOBODY, What
from strigil.accounts.audit.said import BY_COMMAND, NOBODY_SIGNED_IN
from strigil.accounts.models import Clinic, LogLine, LogPatient, User

PAGE = 200
"""Lines read for one page; those of one request are shown as one entry."""
WRITES = (What.ADDED, What.CHANGED, What.REMOVED)
OF_SOMEBODY = (
    *(What.PASSWORD, What.SESSIONS_ENDED, What.FACTOR_ADDED, What.FACTOR_REPLACED, What.FACTOR_REMOVED),
    *(What.FACTOR_USED, What.FACTOR_REFUSED),
)
"""Of a person who signs in, by that person or by another."""
REFUSALS = ("denied", "not_found")
OUTCOMES = {"denied": "Refused: not allowed", "not_found": "Refused: nothing there for them", "failed": "It failed"}
UNTOLD = "clinic_auditevent"
"""Holds the names of the acts, which every line has already."""


@dataclass(slots=True)
class Entry:
    """What one person did at one moment."""

    seq: int
    at: datetime
    who: str
    role: str
    did: list[str] = field(default_factory=list)
    refused: str = ""
    patients: list[uuid.UUID] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which lines somebody wants to see."""

    who: uuid.UUID | None = None
    on: date | None = None
    refused: bool = False
    before: int | None = None


def of_patient(clinic: Clinic, patient: uuid.UUID, asked: Asked) -> QuerySet[LogLine]:
    named = LogPatient.objects.filter(clinic_id=clinic.pk, patient_id=patient).values("seq")
    return _asked(LogLine.objects.filter(clinic_id=clinic.pk, seq__in=named), clinic, asked)


def of_clinic(clinic: Clinic, asked: Asked) -> QuerySet[LogLine]:
    return _asked(LogLine.objects.filter(clinic_id=clinic.pk), clinic, asked)


def _asked(lines: QuerySet[LogLine], clinic: Clinic, asked: Asked) -> QuerySet[LogLine]:
    if asked.who:
        lines = lines.filter(user_id=asked.who)
    if asked.on:
        begins = datetime.combine(asked.on, time.min, clinic.zone)
        lines = lines.filter(at__gte=begins, at__lt=begins + timedelta(days=1))
    if asked.refused:
        lines = lines.filter(Q(outcome__in=REFUSALS))
    if asked.before is not None:
        lines = lines.filter(seq__lt=asked.before)
    return lines.order_by("-seq")


def entries(lines: Sequence[LogLine], clinic: Clinic) -> list[Entry]:
    """Newest first."""
    people = {one.pk: str(one) for one in User.objects.filter(clinic=clinic)}
    grouped: list[list[LogLine]] = []
    for line in lines:
        if grouped and _together(grouped[-1][-1], line):
            grouped[-1].append(line)
        else:
            grouped.append([line])
    return [_entry(group, people) for group in grouped]


def _together(one: LogLine, other: LogLine) -> bool:
    if one.request or other.request:
        return one.request == other.request
    near = abs(one.at - other.at) < timedelta(seconds=1)
    return near and (one.user_id, one.action) == (other.user_id, other.action)


def _entry(group: Sequence[LogLine], people: dict[uuid.UUID, str]) -> Entry:
    last = group[0]
    entry = Entry(group[-1].seq, last.at, _who(last, people), last.role.replace("_", " "))
    for line in reversed(group):
        if line.what not in WRITES:
            entry.did.append(_looked(line, people))
        entry.refused = entry.refused or OUTCOMES.get(line.outcome, "")
    entry.did += [_act(name) for name in dict.fromkeys(", ".join(one.action for one in group).split(", ")) if name]
    entry.did += _written(group)
    named = dict.fromkeys(one for line in group for one in json.loads(line.patients or "[]"))
    entry.patients = [uuid.UUID(one) for one in named]
    return entry


def _who(line: LogLine, people: dict[uuid.UUID, str]) -> str:
    if line.user_id:
        return people.get(line.user_id, "Somebody who is no longer here")
    if line.role == NOBODY_SIGNED_IN:
        return "Nobody signed in: a patient's own link or page"
    if line.role == BY_COMMAND:
        return "Whoever runs the server, by a command"
    if line.what in (*WRITES, *OF_SOMEBODY, What.EMPTIED):
        return "Not said: written past the application"
    return "Strigil itself"


def _looked(line: LogLine, people: dict[uuid.UUID, str]) -> str:
    if line.what in OF_SOMEBODY:
        more = line.details
    else:
        more = line.details.partition(" ")[0] if line.what == What.KNOWLEDGE else line.route.replace("_", " ")
    return f"{What(line.what).label}{f': {more}' if more else ''}{_whose(line, people)}"


def _whose(line: LogLine, people: dict[uuid.UUID, str]) -> str:
    if line.what not in OF_SOMEBODY or line.object_id == (line.user_id or NOBODY).hex:
        return ""
    return f", of {people.get(uuid.UUID(line.object_id), 'somebody who is no longer here')}"


def _act(name: str) -> str:
    """``visit.sign`` as *Sign: visit*."""
    noun, _, verb = name.partition(".")
    return f"{verb.replace('_', ' ').capitalize()}: {noun}"


def _written(group: Iterable[LogLine]) -> list[str]:
    counted = {what: Counter(one.table for one in group if one.what == what and one.table != UNTOLD) for what in WRITES}
    return [f"{what.label}: {', '.join(_rows(table, number) for table, number in found.items())}"
            for what, found in counted.items() if found]  # fmt: skip


def _rows(table: str, number: int) -> str:
    model = rows.watched().get(table)
    name = str(model._meta.verbose_name) if model else table
    return name if number == 1 else f"{name} × {number}"
