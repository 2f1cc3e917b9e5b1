"""Screen a registry that comes as lines of JSON, one case a line: same keys, same order, each case's own id kept.

Cases are read and resolved one by one; the rules run once for a whole chunk (``many``); decisions are put together by
the code that puts one together (``decide``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

import numpy as np

from strigil.knowledge.load import Knowledge
from strigil.pathway.facts import Case, Decision
from strigil.pathway.screen.decide import Hit, assemble, cleared_findings, hit_of, screen
from strigil.pathway.screen.json import CaseError, case_from_json, decision_to_json, loads
from strigil.pathway.screen.many import Results, evaluate_packed
from strigil.pathway.screen.resolve import Held, resolve
from strigil.pathway.screen.rules import Rules, compiled

MOST_LINES, MOST_BYTES = 500, 4 * 1024 * 1024
"""Of a chunk."""
MOST_SITES = 60
"""Of a case that is decided in columns; one with more is decided alone."""
_Compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class LineError(ValueError):
    """A line that cannot be read, with its number."""

    def __init__(self, number: int, why: str) -> None:
        super().__init__(number, why)

    def __str__(self) -> str:
        return "line {}: {}".format(*self.args)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Lines that follow each other, with the number of the first."""

    first: int
    lines: tuple[bytes, ...]


def screen_chunk(chunk: Chunk, knowledge: Knowledge) -> bytes:
    """The results of some lines, one line each.

    Raises:
        LineError: for the first line that cannot be read.
    """
    rows = [_read(chunk.first + place, line, knowledge) for place, line in enumerate(chunk.lines)]
    decisions = screen_cases([case for _, case in rows], knowledge)
    write = _writer(knowledge)
    return b"".join(write(own, decision) for (own, _), decision in zip(rows, decisions, strict=True))


def screen_cases(cases: Sequence[Case], knowledge: Knowledge) -> list[Decision]:
    """Decide many cases at once; equal to deciding each alone."""
    rules = compiled(knowledge)
    decisions: dict[int, Decision] = {}
    known: list[Held] = []
    together: list[int] = []
    for place, case in enumerate(cases):
        try:
            if len(case.sites) > MOST_SITES:
                raise OverflowError
            known.append(resolve(case, rules))
            together.append(place)
        except Exception:
            decisions[place] = screen(case, knowledge)
    found = _in_columns([cases[place] for place in together], known, knowledge)
    decisions.update(zip(together, found, strict=True))
    return [decisions[place] for place in range(len(cases))]


def _in_columns(cases: Sequence[Case], held: Sequence[Held], knowledge: Knowledge) -> list[Decision]:
    """Decide cases whose answers are resolved."""
    if not cases:
        return []
    rules = compiled(knowledge)
    owner = np.repeat(np.arange(len(cases)), [max(len(case.sites), 1) for case in cases])
    starts = np.searchsorted(owner, np.arange(len(cases)))
    bit = np.arange(len(owner)) - starts[owner] + 1
    results = _packed(held, owner, bit, rules)
    cleared = [cleared_findings(case) for case in cases]
    everywhere = len(rules.everywhere)
    fired = _hits(results.fired, everywhere, owner, bit, len(cases), cleared)
    undecided = _hits(results.undecided, everywhere, owner, bit, len(cases), cleared)
    return [
        assemble(case, knowledge, rules, known, fired[place], undecided[place])
        for place, (case, known) in enumerate(zip(cases, held, strict=True))
    ]


def _packed(held: Sequence[Held], owner: Any, bit: Any, rules: Rules) -> Results:
    """One row for each case and site: atoms as packed bits, every line evaluated once."""
    person, site = [], []
    for values in ([one.true for one in held], [one.false for one in held]):
        bits = np.array(values, dtype=np.int64)[owner]
        person.append(list(np.packbits((bits & 1).astype(np.uint8).T, axis=1)))
        site.append(list(np.packbits(((bits >> bit[:, None]) & 1).astype(np.uint8).T, axis=1)))
    return evaluate_packed(rules, (person[0], person[1]), (site[0], site[1]), len(owner))


def _hits(
    lines: Sequence[tuple[Any, Any]], everywhere: int, owner: Any, bit: Any, cases: int, cleared: Sequence[set[str]]
) -> list[list[Hit]]:
    """For each case the lines that hold (or could yet), with the bits of the places where they do."""
    found: list[list[Hit]] = [[] for _ in range(cases)]
    for number, (line, packed) in enumerate(lines):
        rows = np.nonzero(np.unpackbits(packed, count=len(owner)))[0]
        if not rows.size:
            continue
        places: dict[int, int] = {}
        for case, at in zip(owner[rows].tolist(), bit[rows].tolist(), strict=True):
            places[case] = 1 if number < everywhere else places.get(case, 0) | 1 << at
        for case, bits in places.items():
            found[case].append(hit_of(line, bits, cleared[case]))
    return found


# --- Lines ------------------------------------------------------------------------------------------------------


def _read(number: int, line: bytes, knowledge: Knowledge) -> tuple[dict[str, Any], Case]:
    """A line's own id, where it has one, and its case."""
    try:
        value = loads(line, "the line")
        case = case_from_json(value, knowledge)
    except CaseError as error:
        raise LineError(number, str(error)) from None
    return {"id": value["id"]} if isinstance(value, dict) and "id" in value else {}, case


def _writer(knowledge: Knowledge) -> Any:
    """Writes a result as one line; what is the same for every patient is turned into JSON once."""
    fixed: dict[tuple[object, ...], tuple[str, str]] = {}

    def reason(one: dict[str, Any]) -> str:
        key = (one["rule"], one["outcome"], one["why"], one["cleared"])
        if key not in fixed:
            names = list(one)
            site, after = names.index("site"), names.index("findings") + 1
            head = _Compact({name: one[name] for name in names[:site]})[:-1]
            tail = _Compact({name: one[name] for name in names[after:]})[1:]
            fixed[key] = head, tail
        head, tail = fixed[key]
        return f'{head},"site":{_Compact(one["site"])},"findings":{_Compact(one["findings"])},{tail}'

    def write(own: dict[str, Any], decision: Decision) -> bytes:
        result = own | decision_to_json(decision, knowledge)
        parts = [
            f'"{name}":[{",".join(reason(one) for one in value)}]'
            if name == "reasons"
            else f'"{name}":{_Compact(value)}'
            for name, value in result.items()
        ]
        return f"{{{','.join(parts)}}}\n".encode("utf-8", "backslashreplace")

    return write


def chunks(file: IO[bytes], most: int) -> Iterator[Chunk]:
    """The lines of a file in chunks.

    Raises:
        LineError: for a line of more than ``most`` bytes, or one with nothing in it.
    """
    first, lines, size = 1, list[bytes](), 0
    while line := file.readline(most + 2):
        if len(line.rstrip(b"\n")) > most:
            raise LineError(first + len(lines), f"too large; given: more than {most} bytes; allowed: {most} bytes")
        lines.append(line)
        size += len(line)
        if len(lines) == MOST_LINES or size >= MOST_BYTES:
            yield Chunk(first, tuple(lines))
            first, lines, size = first + len(lines), [], 0
    if lines:
        yield Chunk(first, tuple(lines))
