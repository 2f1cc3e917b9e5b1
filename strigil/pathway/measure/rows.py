"""A file of readings, one a line: what can be read of it, and which lines cannot and why.

Nothing is made to fit. A line that cannot be read is refused with its number and the reason; the others stand.
"""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from strigil.knowledge.load import Knowledge
from strigil.knowledge.shapes import Measure
from strigil.pathway.facts import Moment, Reading, Side
from strigil.pathway.measure.judge import GroupKey, alike

NEEDED = ("measure", "side", "method", "date", "value")
OPTIONAL = ("unit", "device", "version", "position", "detail", "rater", "moment")
LONGEST = 200


class FileError(Exception):
    """The file as a whole cannot be read; one line says why."""


class _RowError(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that was left out. ``measure`` is what the line names, where that is on the shelf."""

    line: int
    reason: str
    measure: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    readings: tuple[Reading, ...]
    refused: tuple[Refused, ...]


def read_rows(raw: bytes, knowledge: Knowledge) -> Rows:
    """The readings of a CSV file with a header.

    Of two values for the same series, day and moment the later line is refused: nobody can say which is right.

    Raises:
        FileError: if it is not UTF-8, not CSV, or its header is wrong.
    """
    lines = _lines(raw)
    number, cells = next(lines, (1, []))
    header = _header(cells, number)
    shelf = knowledge.shelf(Measure)
    readings: list[Reading] = []
    refused: list[Refused] = []
    taken: dict[tuple[GroupKey, date, Moment], int] = {}
    for number, cells in lines:
        try:
            if len(cells) != len(header):
                raise _RowError(f"{len(cells)} cells; allowed: {len(header)}, as in the header")
            row = dict(zip(header, (" ".join(cell.split()) for cell in cells), strict=True))
            reading = _reading(row, shelf)
            first = taken.setdefault((alike(reading), reading.on, reading.moment), number)
            if first != number:
                raise _RowError(
                    f"line {first} has a value for the same series and day; allowed: one, or a moment for each "
                    "(before, after)"
                )
        except _RowError as error:
            name = " ".join(cells[header.index("measure")].split()) if len(cells) == len(header) else ""
            refused.append(Refused(number, str(error), name if name in shelf else ""))
        else:
            readings.append(reading)
    return Rows(tuple(readings), tuple(refused))


def _lines(raw: bytes) -> Iterator[tuple[int, list[str]]]:
    """Each line that is not blank, with the number of the line it begins on."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise FileError(f"not UTF-8; where: line {line}; allowed: a CSV file in UTF-8") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    before = 0
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield before + 1, cells
            before = reader.line_num
    except csv.Error as error:
        raise FileError(f"not CSV: {error}; where: line {reader.line_num}; allowed: cells parted by commas") from None


def _header(cells: list[str], line: int) -> list[str]:
    names = [cell.strip().lower() for cell in cells]
    allowed = f"{', '.join(NEEDED)}; if wanted {', '.join(OPTIONAL)}"
    for problem, found in (
        ("no column", [name for name in NEEDED if name not in names]),
        ("unknown column", [name for name in names if name not in NEEDED + OPTIONAL]),
        ("column twice", [name for name in names if names.count(name) > 1]),
    ):
        if found:
            given = repr(found[0][:LONGEST])
            raise FileError(f"{problem} {given}; where: line {line}, the header; allowed: {allowed}")
    return names


def _reading(row: Mapping[str, str], shelf: Mapping[str, Measure]) -> Reading:
    long = next((name for name, cell in row.items() if len(cell) > LONGEST), None)
    if long:
        raise _RowError(f"{long} has {len(row[long])} characters; allowed: {LONGEST}")
    measure = shelf.get(row["measure"])
    if measure is None:
        raise _RowError(f"measure {row['measure']!r} is not on the shelf; near it: {_near(row['measure'], shelf)}")
    return Reading(
        measure=measure.id,
        value=_value(row["value"], measure),
        unit=_unit(row.get("unit", ""), measure),
        on=_day(row["date"]),
        moment=_moment(row.get("moment", "")),
        side=_side(row["side"].lower(), measure),
        method=row["method"].lower(),
        device=row.get("device", "").lower(),
        detail=row.get("detail", ""),
        rater=row.get("rater", ""),
        version=row.get("version", "").lower(),
        position=row.get("position", "").lower(),
    )


def _near(name: str, shelf: Mapping[str, Measure]) -> str:
    parts = [key for key, one in shelf.items() if one.part_of == name]
    close = difflib.get_close_matches(name.lower().replace(" ", "_"), sorted(shelf), n=3, cutoff=0.3)
    return ", ".join(dict.fromkeys([*parts, *close])) or "none"


def _side(side: str, measure: Measure) -> Side | None:
    if side and side not in list(Side):
        raise _RowError(f"side {side!r}; allowed: {', '.join(Side)}")
    if not side and measure.sided == "yes":
        raise _RowError(f"{measure.id} needs a side; allowed: {', '.join(Side)}")
    if side in (Side.LEFT, Side.RIGHT) and measure.sided == "no":
        raise _RowError(f"{measure.id} is of the whole patient; given side {side!r}; allowed: no side, or midline")
    return Side(side) if side else None


def _day(text: str) -> date:
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise _RowError(f"date {text!r} is no day; allowed: YYYY-MM-DD") from None


def _value(text: str, measure: Measure) -> Decimal:
    if not re.fullmatch(r"[+-]?([0-9]{1,9}(\.[0-9]{0,9})?|\.[0-9]{1,9})", text):
        raise _RowError(f"value {text!r} is no number; allowed: {measure.low} to {measure.high}, with a decimal point")
    value = Decimal(text)
    if not measure.low <= value <= measure.high:
        raise _RowError(f"value {text} of {measure.id}; allowed: {measure.low} to {measure.high}")
    return value


def _unit(text: str, measure: Measure) -> str:
    if text and text not in (measure.unit, measure.unit_name):
        raise _RowError(f"unit {text!r} of {measure.id}; allowed: {measure.unit}")
    return measure.unit


def _moment(text: str) -> Moment:
    if text and text.lower() not in list(Moment):
        raise _RowError(f"moment {text!r}; allowed: {', '.join(Moment)}, or nothing")
    return Moment(text.lower()) if text else Moment.BEFORE
