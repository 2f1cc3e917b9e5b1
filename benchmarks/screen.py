"""The screening engine timed, alone and beside other rule engines: ``python -m benchmarks.screen``, or ``make bench``.

Everything in one run and in turns, round after round, so that other work on the machine falls on all alike: medians
and the quickest round, in time of the processor, which does not count while others have it (the command for a registry:
time by the clock, since it has processes of its own). ``--write`` puts the figures into docs/reference/performance.md;
``--equal N`` compares the ways of running the rules on N random cases instead of timing them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import equal
from benchmarks.peers import Atoms, Peer, atoms_of, in_node, in_python, lines_of
from strigil.knowledge import load
from strigil.knowledge.shapes import BodyRegion, Technique
from strigil.pathway.facts import Answer, AnswerValue, Case, Side, Site
from strigil.pathway.screen import screen
from strigil.pathway.screen.json import decision_to_json
from strigil.pathway.screen.lines import Chunk, screen_chunk
from strigil.pathway.screen.many import Columns, screen_columns
from strigil.pathway.screen.resolve import Held, resolve
from strigil.pathway.screen.rules import compiled
from tests.pathway.test_second_evaluator import random_cases

SHELF = load()
RULES = compiled(SHELF)
DAY = date(2026, 11, 20)
HERE = Site("forearm_lateral", Side.RIGHT)
COMPARED = 100
"""Cases on which every engine must agree, and over which each is timed."""
PAGE = Path(__file__).parent.parent / "docs/reference/performance.md"
BEGIN, END = "<!-- screening figures: python -m benchmarks.screen --write -->", "<!-- end of screening figures -->"
BARE = "Strigil: true, false and unknown of every line"


@dataclass(slots=True)
class Row:
    """Something that is timed, round after round, ``per`` at once: seconds of one, and the goal."""

    name: str
    seconds: Callable[[], float]
    goal: float | None = None
    per: int = 1
    took: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.took)


# --- What is timed ----------------------------------------------------------------------------------------------


def case(*yes: Answer, others: bool = True) -> Case:
    """A case of today with these answers; the others are no, or were never asked."""
    given = {one.finding for one in yes}
    no = [Answer(name, AnswerValue.NO, DAY) for name in SHELF.rules if others and name not in given]
    return Case(DAY, date(1971, 3, 2), "female", (HERE,), (*yes, *no), "graston", "lateral_epicondylitis")


def yes(name: str, at: Site | None = None) -> Answer:
    return Answer(name, AnswerValue.YES, DAY, at, DAY if at else None)


CASES = {
    "everything answered, all no": case(),
    "one yes, the rest never asked (the case of the first issue)": case(yes("anticoagulants"), others=False),
    "nothing asked": case(others=False),
    "every third contraindication yes, the rest no": case(*(yes(name) for name in list(SHELF.rules)[13::3])),
}
WORST = case(*(yes(name, HERE) for name in SHELF.rules))


def once(what: Callable[[], object], times: int) -> Callable[[], float]:
    def seconds() -> float:
        started = time.process_time()
        for _ in range(times):
            what()
        return (time.process_time() - started) / times

    return seconds


def own_rows() -> Iterator[Row]:
    for name, one in CASES.items():
        yield Row(f"Answers to atoms: {name}", once(lambda one=one: resolve(one, RULES), 300))
    for name, one in CASES.items():
        yield Row(f"Whole decision: {name}", once(lambda one=one: screen(one, SHELF), 200), 100e-6)
    for name, one in CASES.items():
        whole = once(lambda one=one: decision_to_json(screen(one, SHELF), SHELF), 200)
        yield Row(f"Whole decision with its sources: {name}", whole, 100e-6)
    for name, one in CASES.items():
        text = once(lambda one=one: json.dumps(decision_to_json(screen(one, SHELF), SHELF)), 100)
        yield Row(f"The same as text of JSON: {name}", text)
    yield Row(
        "The worst there is, as an object: yes to all 56 findings, each at its site",
        once(lambda: decision_to_json(screen(WORST, SHELF), SHELF), 50),
    )


def compared() -> tuple[list[Held], list[Atoms]]:
    """Random cases in which nothing is unknown that a line looks at."""
    rng = random.Random(20261120)
    held: list[Held] = []
    atoms: list[Atoms] = []
    while len(held) < COMPARED:
        somewhere = (HERE, Site("knee", Side.LEFT))
        found = resolve(
            case(*(yes(name, rng.choice(somewhere)) for name in SHELF.rules if rng.random() < rng.choice((0.03, 0.3)))),
            RULES,
        )
        if (known := atoms_of(found, RULES)) is not None:
            held.append(found)
            atoms.append(known)
    return held, atoms


def bare(held: Sequence[Held]) -> float:
    everywhere, at_site = RULES.evaluate_everywhere, RULES.evaluate_at_site
    started = time.process_time()
    for _ in range(300):
        for true, false, _ in held:
            everywhere(true, false)
            at_site(true, false)
    return (time.process_time() - started) / 300 / len(held)


def check(peer: Peer, held: Sequence[Held]) -> None:
    """A peer is timed only where it says what Strigil says."""
    for number, (true, false, _) in enumerate(held):
        everywhere, _ = RULES.evaluate_everywhere(true, false)
        at_site, _ = RULES.evaluate_at_site(true, false)
        ours = [bool(one & 1) for one in everywhere] + [bool(one & 2) for one in at_site]
        if (theirs := peer.truths(number)) != ours:
            raise SystemExit(f"benchmarks: {peer.name} disagrees on case {number}: {theirs} instead of {ours}")


def registry(rows: int, anywhere: bool) -> Columns:
    """A registry in columns: nearly all answers no, some yes, some not known; every column that there can be."""
    rng = np.random.default_rng(20261120)

    def answers() -> Any:
        return rng.choice(np.array([0, 0, 0, 0, 0, 0, 0, 0, 1, 2], np.uint8), rows)

    narrowed = [atom for _, atom in RULES.narrowed]
    local = [name for name, rule in SHELF.rules.items() if rule.scope != "systemic"]
    regions, techniques = tuple(SHELF.shelf(BodyRegion)), tuple(SHELF.shelf(Technique))
    return Columns(
        rows=rows,
        answers={name: answers() for name in SHELF.rules},
        anywhere={name: answers() for name in local} if anywhere else {},
        recent={(one.finding or "", one.since_under_days): answers() for one in narrowed if one.since_under_days},
        within={(one.finding or "", one.within): answers() for one in narrowed if one.within},
        regions=rng.integers(0, len(regions), rows, np.int16),
        region_names=regions,
        techniques=rng.integers(-1, len(techniques), rows, np.int16),
        technique_names=techniques,
        ages=rng.integers(-1, 95, rows, np.int16),
        male=rng.random(rows) < 0.5,
    )


def bulk_rows(rows: int, lines: int, scratch: Path) -> Iterator[Row]:
    plain, wide = registry(rows, False), registry(rows, True)
    yield Row(f"{rows:,} rows from columns", once(lambda: screen_columns(plain, SHELF), 1), 50e-3)
    yield Row(
        f"{rows:,} rows, and for each local finding a column of what is known elsewhere",
        once(lambda: screen_columns(wide, SHELF), 1),
    )
    many = tuple(json.dumps(one).encode() + b"\n" for one in random_cases(lines))
    chunk = Chunk(1, many[:500])
    yield Row("One line of a registry, one processor", once(lambda: screen_chunk(chunk, SHELF), 1), per=500)
    (scratch / "cases.ndjson").write_bytes(b"".join(many))
    command = [str(Path(sys.executable).with_name("strigil")), "screen", "cases.ndjson", "--many", "--out"]

    def by_the_clock() -> float:
        started = time.perf_counter()
        subprocess.run([*command, "r.ndjson"], cwd=scratch, check=True)
        return (time.perf_counter() - started) / lines

    yield Row(f"One of {lines:,} lines, `strigil screen --many`, by the clock with start and files", by_the_clock)


# --- How it is shown --------------------------------------------------------------------------------------------


def spoken(seconds: float) -> str:
    for unit, size in (("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}" if seconds / size < 1000 else f"{seconds / size:,.0f} {unit}"
    return f"{seconds * 1e6:.2f} µs"


def table_of_peers(rows: Sequence[Row]) -> str:
    ours = rows[0]
    lines = ["| Engine | Median | Quickest | Times Strigil's |", "| --- | ---: | ---: | ---: |"]
    for row in rows:
        ratio = statistics.median(theirs / own for theirs, own in zip(row.took, ours.took, strict=True))
        lines.append(f"| {row.name} | {spoken(row.median)} | {spoken(min(row.took))} | {ratio:,.3g} |")
    return "\n".join(lines)


def table(rows: Sequence[Row]) -> str:
    lines = ["| What | Median | Quickest | Goal |", "| --- | ---: | ---: | --- |"]
    for row in rows:
        goal = "" if row.goal is None else spoken(row.goal) + (": met" if row.median <= row.goal else ": **missed**")
        name = row.name
        if "line" in name.lower().split(":")[0]:
            name += f" ({1 / row.median:,.0f} lines/s)"
        lines.append(f"| {name} | {spoken(row.median)} | {spoken(min(row.took))} | {goal} |")
    return "\n".join(lines)


def about(rounds: int, load_before: float) -> str:
    named = ("numpy", "rule-engine", "zen-engine", "panzi-json-logic")
    node = shutil.which("node")
    said = (
        subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip() if node else ""
    )
    versions = ", ".join(f"{name} {version(name)}" for name in named)
    return (
        f"Measured on {date.today().isoformat()}: {rounds} rounds in turns, {os.cpu_count()} processors, load average "
        f"{load_before:.1f} before and {os.getloadavg()[0]:.1f} after; Python {platform.python_version()}, {versions}"
        + (f", Node {said}." if said else ". Without the peers of Node: it is not here.")
    )


def write(text: str) -> None:
    """Put the figures between their marks."""
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


# --- The command ------------------------------------------------------------------------------------------------


def measure(rounds: int, rows: int, lines: int) -> str:
    before = os.getloadavg()[0]
    held, atoms = compared()
    with tempfile.TemporaryDirectory() as name, in_node(RULES, atoms, Path(name)) as of_node:
        peers = [*in_python(RULES, atoms), *of_node]
        for peer in peers:
            check(peer, held)
        beside = [Row(BARE, lambda: bare(held), 10e-6)]
        beside += [Row(peer.name, lambda peer=peer: peer.seconds(10)) for peer in peers]
        bulk = list(bulk_rows(rows, lines, Path(name)))
        own = list(own_rows())
        for number in range(rounds + 1):
            for row in (*beside, *own, *bulk):
                took = row.seconds()
                if number:  # the first round warms up
                    row.took.append(took / row.per)
            print(f"round {number} of {rounds}", file=sys.stderr, flush=True)
    return "\n\n".join(
        [
            about(rounds, before),
            f"The {len(lines_of(RULES))} conditions of the shelf on {COMPARED} random cases in which nothing is "
            "unknown, time of the processor for a case; every engine gives the same answers.",
            table_of_peers(beside),
            "The engine alone; goals are of the median.",
            table([*own, *bulk]),
        ]
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the columns")
    parser.add_argument("--lines", type=int, default=10_000, help="of the file for --many")
    parser.add_argument("--write", action="store_true", help=f"put the figures into {PAGE.name}")
    parser.add_argument("--equal", type=int, metavar="N", help="compare N random cases and rows instead")
    parser.add_argument("--seed", type=int, default=20261120, help="of --equal")
    given = parser.parse_args()
    if given.equal:
        return equal.report(given.equal, given.seed)
    text = measure(given.rounds, given.rows, given.lines)
    print(text)
    if given.write:
        write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
