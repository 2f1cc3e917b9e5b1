"""Finds the first place at which the log, or a row it tells of, is not as it was left. Reads as a stream."""

from __future__ import annotations

import json
import uuid
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain as together
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections
from django.db.models import Max, Model

from strigil.accounts.audit import keys, rows, triggers
from strigil.accounts.audit.chain import PLACED, TOLD, head, seal
from strigil.accounts.audit.events import of_clinic
from strigil.accounts.audit.models import NOBODY, Chain, LogLine, LogPatient, Touched, What
from strigil.accounts.audit.sealing import sealing

AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Fault:
    """Where the log is broken: the chain of which clinic, at which line, and what is wrong there."""

    clinic: str
    seq: int
    why: str
    table: str = ""
    object_id: str = ""

    def __str__(self) -> str:
        where = f"row {self.object_id} of {self.table}" if self.table else f"line {self.seq}"
        return f"clinic {self.clinic}, {where}: {self.why}"


@dataclass(slots=True)
class Report:
    lines: int = 0
    clinics: int = 0
    anchors: int = 0
    waiting: int = 0
    """Writes past the application that no line of the log tells yet."""
    rows: int = 0
    older: int = 0
    """Rows that were there before the log and have not been written since."""
    unshaped: int = 0
    """Rows whose line was sealed over columns that are gone."""
    faults: list[Fault] = field(default_factory=list)
    triggers: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.faults and not self.triggers


Waiting = set[tuple[str, str]]
Anchor = Mapping[str, Mapping[str, Any]]


def anchors_file() -> Path:
    return Path(f"{settings.AUDIT_KEY}.anchors")


def anchor(file: Path, using: str = "default") -> Anchor:
    """Write down outside the database where each chain stands."""
    found = head(using)
    sealing(using).settle()
    with file.open("a") as out:
        out.write(json.dumps(found) + "\n")
    return found


class NoAnchor(Exception):
    """What should say where the log stood says nothing that can be read."""


def read_anchors(file: Path) -> list[Anchor]:
    """What was written down; a line that cannot be read is no reason to go on without it.

    Raises:
        NoAnchor: naming the line.
    """
    found: list[Anchor] = []
    for number, line in enumerate(file.read_bytes().splitlines(), start=1):
        if not line.strip():
            continue
        try:
            said = json.loads(line)
            found.append(
                {f"{uuid.UUID(name)}": {"seq": int(at["seq"]), "mac": str(at["mac"])} for name, at in said.items()}
            )
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise NoAnchor(f"{file}, line {number}: this is no anchor; look for a copy of the file") from None
    return found


def verify(*, using: str = "default", anchors: Sequence[Anchor] = (), every_row: bool = False) -> Report:
    """Hold every chain against its seals, its head and what was written down of it outside."""
    report = Report(waiting=Touched.objects.using(using).count(), triggers=triggers.faults(connections[using]))
    by_clinic: dict[uuid.UUID, dict[int, str]] = {}
    for one in anchors:
        for name, at in one.items():
            by_clinic.setdefault(uuid.UUID(name), {})[at["seq"]] = at["mac"]
    ends = LogLine.objects.using(using).order_by().values("clinic_id").annotate(last=Max("seq"))
    last = {one["clinic_id"]: one["last"] for one in ends}
    heads = {one.clinic_id: (one.seq, one.mac) for one in Chain.objects.using(using).all()}
    for clinic in sorted({*last, *heads, *by_clinic}):
        report.clinics += 1
        fault = _Chain(clinic, heads.get(clinic), by_clinic.get(clinic, {}), report).fault(using, last.get(clinic, 0))
        if fault:
            report.faults.append(fault)
    if every_row:
        report.faults += _rows(using, report)
    return report


# --- A chain ----------------------------------------------------------------------------------------------------


class _Chain:
    def __init__(
        self, clinic: uuid.UUID, head: tuple[int, str] | None, anchors: Mapping[int, str], report: Report
    ) -> None:
        self.clinic, self.head, self.anchors, self.report = clinic, head, anchors, report
        self.known = keys.known()
        self.order = {name: place for place, name in enumerate(self.known)}
        self.newest = 0

    def fault(self, using: str, last: int) -> Fault | None:
        """The first one, from the beginning of the chain to its end."""
        if self.head is None:
            return self._at(1, "the chain itself is gone")
        until = max(self.head[0], last)
        seq, prev = 0, ""
        named = _named(self.clinic, until, using)
        for line in _lines(self.clinic, until, using):
            seq += 1
            if why := self._wrong(line, seq, prev, named):
                return self._at(seq, why)
            prev = line["mac"]
            self.report.lines += 1
        return self._end(seq, prev, named)

    def _wrong(self, line: dict[str, Any], seq: int, prev: str, named: _Named) -> str:
        if line["seq"] > seq:
            return "this line is gone" if line["seq"] == seq + 1 else f"lines {seq} to {line['seq'] - 1} are gone"
        if line["seq"] < seq:
            return "this place in the log is taken twice"
        if line["key"] not in self.known:
            return f"it is sealed with key {line['key']}, which is not in the key file"
        if self.order[line["key"]] < self.newest:
            return "it is sealed with a key that had been replaced"
        if line["prev"] != prev or seal(self.known[line["key"]], line, seq, prev) != line["mac"]:
            return "it is not as it was sealed"
        if line["what"] == What.KEY:
            self.newest = self.order[line["key"]]
        if self.anchors.get(seq, line["mac"]) != line["mac"]:
            return "it is not the line that was anchored"
        self.report.anchors += seq in self.anchors
        if sorted(json.loads(line["patients"] or "[]")) != named.of(seq):
            return "the index of patients does not name those whom the line names"
        return ""

    def _end(self, seq: int, prev: str, named: _Named) -> Fault | None:
        head = self.head or (0, "")
        told = max([head[0], *self.anchors])
        if told > seq:
            return self._at(seq + 1, f"the log ends here, and went on to line {told}")
        if head != (seq, prev):
            return self._at(head[0], "the head of the chain is not its last line")
        if named.left():
            return self._at(seq, "the index of patients names lines that the log does not have")
        return None

    def _at(self, seq: int, why: str) -> Fault:
        return Fault(str(self.clinic), seq, why)


def _lines(clinic: uuid.UUID, until: int, using: str) -> Iterator[dict[str, Any]]:
    names = (*TOLD, *PLACED)
    found = LogLine.objects.using(using).filter(clinic_id=clinic, seq__lte=until).order_by("seq").values_list(*names)
    for one in found.iterator(chunk_size=2000):
        yield dict(zip(names, one, strict=True))


class _Named:
    """The index of patients, read along with the lines."""

    def __init__(self, pairs: Iterator[tuple[int, uuid.UUID]]) -> None:
        self._pairs = pairs
        self._next = next(pairs, None)

    def of(self, seq: int) -> list[str]:
        found = []
        while self._next is not None and self._next[0] <= seq:
            found.append(self._next[1].hex)
            self._next = next(self._pairs, None)
        return sorted(found)

    def left(self) -> bool:
        return self._next is not None


def _named(clinic: uuid.UUID, until: int, using: str) -> _Named:
    found = LogPatient.objects.using(using).filter(clinic_id=clinic, seq__lte=until).order_by("seq")
    return _Named(found.values_list("seq", "patient_id").iterator(chunk_size=2000))


# --- The rows themselves ----------------------------------------------------------------------------------------


class _Shapes:
    """Which columns each table had when a line was sealed."""

    def __init__(self, using: str) -> None:
        told = LogLine.objects.using(using).filter(clinic_id=NOBODY, what=What.SHAPE).order_by("seq")
        held = [(one.id, json.loads(one.details)) for one in told]
        self.since = [since for since, _ in held]
        self.shapes = [shape for _, shape in held]

    def at(self, line: uuid.UUID, table: str) -> list[str] | None:
        place = bisect_right(self.since, line)
        found: list[str] | None = self.shapes[place - 1].get(table) if place else None
        return found


def _rows(using: str, report: Report) -> Iterator[Fault]:
    """Rows changed, added or removed without the log: one fault a table, the first that was found.

    Those whose line still waits are told by ``waiting``, and are no fault.
    """
    shapes = _Shapes(using)
    waiting = set(Touched.objects.using(using).values_list("table", "object_id"))
    for table, model in rows.watched().items():
        found = next(
            together(_changed(table, model, shapes, using, report, waiting), _gone(table, model, using, waiting)), None
        )
        if found:
            yield found
    yield from _more_than_at_the_beginning(using, waiting)


def _last_lines(table: str, words: Sequence[str], using: str) -> dict[str, LogLine]:
    found = LogLine.objects.using(using).filter(table=table, object_id__in=words).order_by("seq")
    return {one.object_id: one for one in found}


def _changed(
    table: str, model: type[Model], shapes: _Shapes, using: str, report: Report, waiting: Waiting
) -> Iterator[Fault]:
    wanted = rows.columns(model)
    every = model._base_manager.using(using).order_by("pk").values_list("pk", *wanted).iterator(chunk_size=AT_ONCE)
    for held in _some(every):
        lines = _last_lines(table, [rows.word(pk) for pk, *_ in held], using)
        for pk, *values in held:
            word = rows.word(pk)
            report.rows += 1
            if (table, word) in waiting:
                continue
            if (line := lines.get(word)) is None:
                report.older += 1
                continue
            shape = shapes.at(line.id, table)
            if shape is None or not set(shape) <= set(wanted) or line.key not in keys.known():
                report.unshaped += 1
                continue
            by_name = dict(zip(wanted, values, strict=True))
            if rows.hashed(keys.known()[line.key], table, word, [by_name[name] for name in shape]) != line.row:
                yield Fault(str(line.clinic_id), line.seq, "it was changed past the log", table, word)


def _gone(table: str, model: type[Model], using: str, waiting: Waiting) -> Iterator[Fault]:
    """Rows that the log says are there."""
    told = LogLine.objects.using(using).filter(table=table).order_by("object_id").exclude(object_id="")
    words = told.values_list("object_id", flat=True).distinct().iterator(chunk_size=AT_ONCE)
    for some in _some(words):
        held = model._base_manager.using(using).filter(pk__in=some)
        there = {rows.word(pk) for pk in held.values_list("pk", flat=True)}
        for word, line in _last_lines(table, [one for one in some if one not in there], using).items():
            if line.what != What.REMOVED and (table, word) not in waiting:
                yield Fault(str(line.clinic_id), line.seq, "it was removed past the log", table, word)


def _more_than_at_the_beginning(using: str, waiting: Waiting) -> Iterator[Fault]:
    """Rows without a line can only be those that were there before the log."""
    begun: dict[tuple[str, str], int] = {}
    for line in LogLine.objects.using(using).filter(what=What.BEGUN):
        for table, count in json.loads(line.details).items():
            begun[str(line.clinic_id), table] = count
    without: Counter[tuple[str, str]] = Counter()
    for table, model in rows.watched().items():
        for chain in Chain.objects.using(using).exclude(pk=NOBODY):
            if (query := of_clinic(model, chain.clinic_id, using)) is None:
                continue
            for some in _some(query.order_by("pk").values_list("pk", flat=True).iterator()):
                words = [word for word in map(rows.word, some) if (table, word) not in waiting]
                without[str(chain.clinic_id), table] += len(words) - len(_last_lines(table, words, using))
    for (clinic, table), count in without.items():
        if count > begun.get((clinic, table), 0):
            may = begun.get((clinic, table), 0)
            yield Fault(
                clinic, 0, f"{count} rows are in no line of the log; {may} may be, from before it", table, "any"
            )


def _some(every: Iterable[Any]) -> Iterator[list[Any]]:
    walk = iter(every)
    return iter(lambda: list(islice(walk, AT_ONCE)), [])
