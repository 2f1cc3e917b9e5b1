"""A CSV as another system wrote it: its encoding, its separator, its columns. What is not certain is not guessed."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from strigil.keep.faults import Unable

SEPARATORS = (",", ";", "\t")
Columns = Mapping[str, Sequence[str]]
"""What is looked for, each with the headings it goes by, in small letters and digits alone."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What keeps a row from being taken, and what to do. The row is the one a spreadsheet shows: headings are row 1."""

    row: int
    column: str
    given: str
    why: str


@dataclass(slots=True)
class Sheet:
    """The rows of a file by what their columns mean."""

    headings: dict[str, str]
    not_read: list[str]
    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass(slots=True)
class Report:
    """What an import did, or would do."""

    columns: dict[str, str]
    not_read: list[str]
    rows: int
    taken: int = 0
    written: bool = False
    problems: list[Problem] = field(default_factory=list)
    left_out: list[Problem] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def read(file: Path, columns: Columns, named: Mapping[str, str], encoding: str) -> Sheet:
    """The rows of a CSV. ``named`` says which heading to take for what.

    Raises:
        Unable: when the file as a whole cannot be read for certain.
    """
    text = _text(file, encoding)
    separator = _separator(text, columns, named)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        found = list(reader)
    except csv.Error as error:
        raise Unable(f"{file}: line {reader.line_num} is no CSV ({error}): export it again") from None
    titles = [title.strip() for title in found[0]]
    headings = _headings(titles, columns, named)
    sheet = Sheet(headings, [title for title in titles if title and title not in headings.values()])
    places = {name: titles.index(title) for name, title in headings.items()}
    for number, cells in enumerate(found[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(titles):
            why = f"the row has {len(cells)} cells and the headings are {len(titles)}: mend the row"
            sheet.problems.append(Problem(number, "", separator.join(cells)[:80], why))
            continue
        sheet.rows.append((number, {name: cells[place].strip() for name, place in places.items()}))
    return sheet


def _text(file: Path, encoding: str) -> str:
    data = file.read_bytes()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unable(f"{file}: is UTF-16; save it as CSV UTF-8")
    try:
        text = data.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        what = (
            "If it comes from an older Windows program, add --encoding cp1252"
            if encoding == "utf-8"
            else "Save it as CSV UTF-8"
        )
        raise Unable(f"{file}: line {line} is not {encoding}. {what}; then look whether names are right") from None
    if not text.strip():
        raise Unable(f"{file}: is empty")
    return text


def _plain(title: str) -> str:
    return "".join(mark for mark in title.casefold() if mark.isalnum())


def _separator(text: str, columns: Columns, named: Mapping[str, str]) -> str:
    """The one that makes the most of the headings known."""
    words = {word for known in columns.values() for word in known} | {_plain(title) for title in named.values()}

    def known(separator: str) -> int:
        first = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
        return len(words & {_plain(title) for title in first})

    return max(SEPARATORS, key=known)


def _headings(titles: list[str], columns: Columns, named: Mapping[str, str]) -> dict[str, str]:
    if twice := sorted({title for title in titles if title and titles.count(title) > 1}):
        raise Unable(f"two columns are headed {twice[0]!r}: name one of them otherwise in the file")
    found = {}
    for name, words in columns.items():
        if title := named.get(name):
            if title not in titles:
                raise Unable(f"--column {name}={title}: no column is headed so; there are: {', '.join(titles)}")
            found[name] = title
            continue
        fitting = [title for title in titles if _plain(title) in words and title not in named.values()]
        if len(fitting) > 1:
            shown = " and ".join(map(repr, fitting))
            raise Unable(f"{shown} could each be the {name}: say which with --column {name}={fitting[0]!r}")
        if fitting:
            found[name] = fitting[0]
    if unknown := sorted(named.keys() - columns.keys()):
        raise Unable(f"--column {unknown[0]}: allowed are {', '.join(columns)}")
    return found
