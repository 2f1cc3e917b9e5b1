"""Screen a whole registry: the same compiled rules over columns, one bit a row.

Answers are bytes: 0 no, 1 yes, 2 not known. They are packed to bits (eight rows a byte), every rule line is evaluated
once with ``&`` and ``|`` over the packed columns, and outcomes are read off. A row is one patient at one site.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from strigil.knowledge.load import Knowledge
from strigil.pathway.facts import Outcome
from strigil.pathway.screen.rules import Atom, Line, Rules, compiled

NO, YES, UNKNOWN = 0, 1, 2
Bytes = NDArray[np.uint8]
LEVELS = sorted(Outcome, key=lambda outcome: outcome.severity)
CODES = {outcome: np.uint8(outcome.severity) for outcome in LEVELS}
"""What stands in the ``outcome`` column: the severity, 0 for ``proceed``."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Current answers of many rows. A finding without a column is not known for any row.

    ``anywhere`` holds what is known of the person where that differs from the site; ``recent`` and ``within`` narrow a
    yes (``(finding, days)`` and ``(finding, regions)``): absent, a yes counts as recent and its place as not known.
    ``regions`` are positions in ``region_names``; -1 is no region. Every column has ``rows`` entries.
    """

    rows: int
    answers: Mapping[str, Bytes]
    anywhere: Mapping[str, Bytes] = field(default_factory=dict)
    recent: Mapping[tuple[str, int], Bytes] = field(default_factory=dict)
    within: Mapping[tuple[str, frozenset[str]], Bytes] = field(default_factory=dict)
    regions: NDArray[np.int16] | None = None
    region_names: Sequence[str] = ()
    techniques: NDArray[np.int16] | None = None
    technique_names: Sequence[str] = ()
    ages: NDArray[np.int16] | None = None
    male: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True)
class Results:
    """One outcome a row (``CODES``), whether it is complete, and which lines hold or could yet, as packed bits."""

    outcome: Bytes
    complete: NDArray[np.bool_]
    fired: tuple[tuple[Line, Bytes], ...]
    undecided: tuple[tuple[Line, Bytes], ...]

    def outcomes(self) -> list[Outcome]:
        return [LEVELS[code] for code in self.outcome]


def screen_columns(columns: Columns, knowledge: Knowledge) -> Results:
    """Decide every row.

    Raises:
        ValueError: when a column has another length than ``rows`` or names something that is not on the shelf.
    """
    rules = compiled(knowledge)
    _check(columns, rules)
    site = _atoms(columns, rules, columns.answers)
    person = _atoms(columns, rules, {**columns.answers, **columns.anywhere}) if columns.anywhere else site
    return evaluate_packed(rules, person, site, columns.rows)


Packed = tuple[list[Bytes], list[Bytes]]
"""T and F of every atom, packed."""


def evaluate_packed(rules: Rules, person: Packed, site: Packed, rows: int) -> Results:
    """Evaluate every line on packed atoms, and read the outcomes off."""
    fired: list[tuple[Line, Bytes]] = []
    undecided: list[tuple[Line, Bytes]] = []
    for lines, evaluate, (true, false) in (
        (rules.everywhere, rules.evaluate_everywhere, person),
        (rules.at_site, rules.evaluate_at_site, site),
    ):
        for line, t, f in zip(lines, *evaluate(true, false), strict=True):
            fired.append((line, t))
            undecided.append((line, ~(t | f)))
    outcome, complete = _outcomes(fired, undecided, rows)
    return Results(outcome, complete, tuple(fired), tuple(undecided))


def _outcomes(
    fired: Sequence[tuple[Line, Bytes]], undecided: Sequence[tuple[Line, Bytes]], rows: int
) -> tuple[Bytes, NDArray[np.bool_]]:
    size = (rows + 7) // 8
    holds = {level: np.zeros(size, np.uint8) for level in LEVELS}
    could = {level: np.zeros(size, np.uint8) for level in LEVELS}
    for line, bits in fired:
        holds[line.outcome] |= bits
    for line, bits in undecided:
        could[line.outcome] |= bits
    reached = np.zeros(size, np.uint8)  # some line at least this severe holds
    open_ = np.zeros(size, np.uint8)  # some line more severe than all that hold could yet
    code = np.zeros(rows, np.uint8)
    forbidden = np.zeros(size, np.uint8)
    for level in reversed(LEVELS):
        fresh = holds[level] & ~reached
        reached |= holds[level]
        open_ |= could[level] & ~reached
        if fresh.any():
            code += np.unpackbits(fresh, count=rows) * CODES[level]
        if not level.permits_treatment:
            forbidden |= holds[level]
    undone = np.unpackbits(open_ & ~forbidden, count=rows).view(np.bool_)
    np.copyto(code, CODES[Outcome.INCOMPLETE], where=undone)
    return code, ~np.unpackbits(open_, count=rows).view(np.bool_)


# --- Columns as atoms -------------------------------------------------------------------------------------------


def _atoms(columns: Columns, rules: Rules, answers: Mapping[str, Bytes]) -> Packed:
    size = (columns.rows + 7) // 8
    nothing = np.zeros(size, np.uint8)
    true: list[Bytes] = [nothing] * len(rules.atoms)
    false: list[Bytes] = [nothing] * len(rules.atoms)
    for name, rule, number in rules.plain:
        if (column := answers.get(name)) is not None:
            yes, unknown = np.packbits(column & YES), np.packbits(column & UNKNOWN)
            true[number], false[number] = yes, ~(yes | unknown)
        elif rule.not_asked_of_sex and columns.male is not None:
            false[number] = np.packbits(columns.male)
    for number, atom in rules.narrowed:
        true[number], false[number] = _narrowed(columns, rules, atom, true, false)
    for number, atom in rules.other:
        true[number], false[number] = _other(columns, rules, atom, nothing)
    return true, false


def _narrowed(
    columns: Columns, rules: Rules, atom: Atom, true: Sequence[Bytes], false: Sequence[Bytes]
) -> tuple[Bytes, Bytes]:
    name = atom.finding or ""
    number = rules.plain[rules.order[name]][2]
    yes, no = true[number], false[number]
    if atom.since_under_days is not None:
        column = columns.recent.get((name, atom.since_under_days))
        if column is None:
            return yes, no
        recent = np.packbits(column & YES) | np.packbits(column & UNKNOWN)
        return yes & recent, no | (yes & ~recent)
    column = columns.within.get((name, atom.within))
    if column is None:
        return np.zeros_like(yes), no
    inside, unknown = np.packbits(column & YES), np.packbits(column & UNKNOWN)
    return yes & inside, no | (yes & ~inside & ~unknown)


def _other(columns: Columns, rules: Rules, atom: Atom, nothing: Bytes) -> tuple[Bytes, Bytes]:
    if atom.site_within:
        inside = [bool(rules.above[name] & atom.site_within) for name in columns.region_names]
        return _looked_up(columns.regions, inside, nothing)
    if atom.technique:
        return _looked_up(columns.techniques, [name in atom.technique for name in columns.technique_names], nothing)
    if columns.ages is None or atom.age_under is None:
        return nothing, nothing
    known = columns.ages >= 0
    return np.packbits(known & (columns.ages < atom.age_under)), np.packbits(known & (columns.ages >= atom.age_under))


def _looked_up(column: NDArray[np.int16] | None, holds: Sequence[bool], nothing: Bytes) -> tuple[Bytes, Bytes]:
    if column is None:
        return nothing, nothing
    table = np.array([*holds, False])  # the last entry answers -1, which is not known
    known = np.packbits(column >= 0)
    true = np.packbits(table[column])
    return true & known, ~true & known


def _check(columns: Columns, rules: Rules) -> None:
    for name in (*columns.answers, *columns.anywhere):
        if name not in rules.order:
            raise ValueError(f"{name!r} is not a finding on the shelf")
    for group in (columns.answers, columns.anywhere, columns.recent, columns.within):
        for key, column in group.items():
            if column.shape != (columns.rows,) or column.dtype != np.uint8:
                raise ValueError(f"column {key}: given {column.dtype} {column.shape}; allowed uint8 ({columns.rows},)")
            if column.size and column.max() > UNKNOWN:
                raise ValueError(f"column {key}: given {int(column.max())}; allowed 0 no, 1 yes, 2 not known")
    for names, known in ((columns.region_names, rules.above),):
        for name in names:
            if name not in known:
                raise ValueError(f"{name!r} is not a region on the shelf")
