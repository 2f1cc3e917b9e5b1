"""A file of trials, read strictly: columns by measure, one study a line, and a refusal that names the line."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from strigil.pathway.learn.pool import effects
from strigil.pathway.learn.pool.columns import Array
from strigil.pathway.learn.pool.effects import Effect
from strigil.pathway.learn.pool.model import PoolError, checked

_MEANS = ("n1", "m1", "sd1", "n2", "m2", "sd2")
_COUNTS = ("a", "n1", "c", "n2")
COLUMNS: dict[str, tuple[str, ...]] = {
    "MD": _MEANS,
    "SMD": _MEANS,
    "ROM": _MEANS,
    "OR": _COUNTS,
    "RR": _COUNTS,
    "RD": _COUNTS,
    "COR": ("r", "n"),
    "ZCOR": ("r", "n"),
    "GEN": ("yi", "vi"),
}
"""The columns that a measure needs besides ``study``. Others may stand beside them."""
NAMES = {
    "MD": "Mean difference",
    "SMD": "Standardised mean difference (Hedges' g)",
    "ROM": "Ratio of means",
    "OR": "Odds ratio",
    "RR": "Risk ratio",
    "RD": "Risk difference",
    "COR": "Correlation",
    "ZCOR": "Correlation, by Fisher's z",
    "GEN": "Effect, as given",
}
LONGEST = 200

Scale = Literal["plain", "log", "fisher_z"]


@dataclass(frozen=True, slots=True)
class Trials:
    """Studies in the order of the file, with the line where each stands and, if asked for, its group."""

    measure: str
    studies: tuple[str, ...]
    lines: tuple[int, ...]
    groups: tuple[str, ...]
    yi: Array
    vi: Array
    notes: tuple[str, ...]


class Reader(Protocol):
    """Rows of a CSV file, and the line that the last one ended on."""

    @property
    def line_num(self) -> int: ...

    def __next__(self) -> list[str]: ...


def scale_of(measure: str) -> Scale:
    """``log`` for ratios, ``fisher_z``, or ``plain``."""
    return "log" if measure in effects.RATIOS else "fisher_z" if measure == "ZCOR" else "plain"


def back(measure: str) -> Callable[[float], float] | None:
    """From the scale of the analysis to that of the reader, where the two are not the same."""
    return {"log": _exp, "fisher_z": math.tanh}.get(scale_of(measure))


def _exp(value: float) -> float:
    return math.exp(value) if value < 700 else math.inf


def effects_of(measure: str, columns: Sequence[Array]) -> Effect:
    """The effects of a measure, from its columns in the order of ``COLUMNS``."""
    if measure in ("MD", "SMD", "ROM"):
        n1, m1, sd1, n2, m2, sd2 = columns
        how = {"MD": effects.mean_difference, "ROM": effects.ratio_of_means}.get(measure)
        return (how or effects.standardised_difference)(m1, sd1, n1, m2, sd2, n2)
    if measure in ("OR", "RR", "RD"):
        table = {"OR": effects.odds_ratio, "RR": effects.risk_ratio, "RD": effects.risk_difference}
        return table[measure](*columns)
    if measure in ("COR", "ZCOR"):
        return (effects.correlation if measure == "COR" else effects.fisher_z)(*columns)
    return Effect(columns[0], columns[1])


def read(lines: Iterable[str], measure: str, by: str = "") -> Trials:
    """Trials from the lines of a CSV file whose first line names the columns.

    >>> trials = read(["study,a,n1,c,n2", "Aronson,4,123,11,139"], "RR")
    >>> trials.studies, trials.lines, trials.yi.round(4).tolist()
    (('Aronson',), (2,), [-0.8893])
    """
    if measure not in COLUMNS:
        raise PoolError(f"unknown measure; given: {measure!r}; allowed: {', '.join(COLUMNS)}")
    reader = csv.reader(lines, strict=True)
    wanted = ("study", *COLUMNS[measure], *((by,) if by else ()))
    places = _places(next(_rows(reader), (0, []))[1], wanted, measure)
    found: list[list[str]] = []
    at: list[int] = []
    numbers: list[list[float]] = []
    for line, row in _rows(reader):
        cells = _cells(row, line, places)
        for name, cell in (("study", cells[0]), *(((by, cells[-1]),) if by else ())):
            _check_name(name, cell, line)
        found.append(cells)
        at.append(line)
        numbers.append([_number(cells[1 + i], line, name) for i, name in enumerate(COLUMNS[measure])])
    if not found:
        raise PoolError("no study; given: a header alone; allowed: one line for each study under it")
    columns = list(np.array(numbers).T)
    effect = _effects(measure, columns, at)
    names = tuple(cells[0] for cells in found)
    groups = tuple(cells[-1] for cells in found) if by else ()
    return Trials(measure, names, tuple(at), groups, *effect, notes=tuple(_notes(measure, columns, names)))


def _rows(reader: Reader) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold something, with the line that each ends on."""
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise PoolError(f"line {reader.line_num}: is not CSV; given: {error}") from None
        if any(cell.strip() for cell in row):
            yield reader.line_num, row


def _places(header: list[str], wanted: Sequence[str], measure: str) -> list[int]:
    names = [name.strip().lower() for name in header]
    for name in wanted:
        if names.count(name.strip().lower()) != 1:
            fault = "is missing" if name.strip().lower() not in names else "is there twice"
            raise PoolError(
                f"line 1: the column {name} {fault}; given: {_short(', '.join(header)) or 'nothing'}; "
                f"allowed for {measure}: study, {', '.join(COLUMNS[measure])}, and others beside them"
            )
    return [names.index(name.strip().lower()) for name in wanted]


def _cells(row: list[str], line: int, places: list[int]) -> list[str]:
    if len(row) <= max(places):
        raise PoolError(f"line {line}: too few columns; given: {len(row)}; allowed: {max(places) + 1} or more")
    return [row[place].strip() for place in places]


def _check_name(column: str, cell: str, line: int) -> None:
    if not cell or len(cell) > LONGEST or not cell.isprintable():
        raise PoolError(f"line {line}: {column}; given: {_short(cell)!r}; allowed: a name of 1 to {LONGEST} letters")


def _number(text: str, line: int, name: str) -> float:
    try:
        value = float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise PoolError(f"line {line}: {name}; given: {_short(text)!r}; allowed: a number with a decimal point")
    return value


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"


def _effects(measure: str, columns: list[Array], at: list[int]) -> Effect:
    """All effects at once; where that fails, one by one, to name the first line that cannot be used."""
    try:
        return _tried(measure, columns)
    except PoolError:
        for place, line in enumerate(at):
            try:
                _tried(measure, [column[place : place + 1] for column in columns])
            except PoolError as error:
                raise PoolError(f"line {line}: {str(error).removeprefix('study 1: ')}") from None
        raise


def _tried(measure: str, columns: Sequence[Array]) -> Effect:
    """The effects, if they can be pooled; what overflows is infinite and is refused as such."""
    with np.errstate(all="ignore"):
        effect = effects_of(measure, columns)
    checked(effect.yi, effect.vi)
    return effect


def _notes(measure: str, columns: list[Array], names: tuple[str, ...]) -> Iterable[str]:
    if measure in ("OR", "RR", "RD"):
        a, n1, c, n2 = columns
        zero = (a == 0) | (c == 0) | (a == n1) | (c == n2)
        none = (a + c == 0) | (a + c == n1 + n2)
        if zero.any():
            yield f"1/2 was added to all four cells of {_studies(zero)} with an empty cell, as metafor does."
        if none.any():
            yield f"{_studies(none)} without any event, or with events alone, kept, as metafor does."
    if len(set(names)) < len(names):
        yield "A study stands on more than one line: its lines were pooled as if they were independent."


def _studies(chosen: NDArray[np.bool_]) -> str:
    number = int(chosen.sum())
    return f"{number} stud{'y' if number == 1 else 'ies'}"
