"""The same rules run in two ways give the same: ``python -m benchmarks.screen --equal 1000000``.

Random cases of every kind, all regions and sides, all three answers: ``screen_cases`` beside ``screen`` alone, whole
decisions; and rows of ``screen_columns`` beside ``screen`` of the case that each row stands for: outcome, completeness
and every line that holds. Seeded, so that a difference is found again.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from strigil.knowledge import Knowledge, load
from strigil.knowledge.shapes import BodyRegion, Technique
from strigil.pathway.facts import Answer, AnswerValue, Case, Decision, Side, Site
from strigil.pathway.screen import screen
from strigil.pathway.screen.json import case_from_json
from strigil.pathway.screen.lines import screen_cases
from strigil.pathway.screen.many import CODES, Columns, Results, screen_columns
from strigil.pathway.screen.rules import Rules, compiled
from tests.pathway.test_second_evaluator import random_cases

DAY = date(2026, 11, 20)
STEP = 5_000
"""Cases that one process compares before it reports."""
YES, NO, UNKNOWN = 1, 0, 2
WORDS = {YES: AnswerValue.YES, NO: AnswerValue.NO, UNKNOWN: AnswerValue.UNKNOWN}
ScreenMany = Callable[[Sequence[Case], Knowledge], Sequence[Decision]]
ScreenColumns = Callable[[Columns, Knowledge], Results]


def differing_cases(count: int, seed: int, many: ScreenMany = screen_cases) -> list[Case]:
    """Cases that are decided otherwise among many than alone."""
    shelf = load()
    given = random_cases(count, seed, regions=tuple(shelf.shelf(BodyRegion)))
    cases = [case_from_json(one, shelf) for one in given]
    return [case for case, found in zip(cases, many(cases, shelf), strict=True) if found != screen(case, shelf)]


def differing_rows(count: int, seed: int, columns: ScreenColumns = screen_columns) -> list[Case]:
    """Cases that are decided otherwise as a row of columns than alone."""
    shelf = load()
    rows = _Rows(count, seed, shelf)
    found = columns(rows.columns(), shelf)
    lines = [line for line, _ in found.fired]
    holds = np.array([np.unpackbits(bits, count=count) for _, bits in found.fired])
    differ = []
    for number, case in enumerate(rows.cases):
        decision = screen(case, shelf)
        whole = (CODES[decision.outcome], decision.complete, {(one.rule, one.why) for one in decision.reasons})
        held = {(lines[place].rule, lines[place].why) for place in np.nonzero(holds[:, number])[0]}
        if whole != (found.outcome[number], found.complete[number], held):
            differ.append(case)
    return differ


class _Said(NamedTuple):
    """What a row says of one finding: at its site, anywhere, and of a yes when it began and whether it lies within."""

    here: int
    anywhere: int
    recent: int = UNKNOWN
    region: str | None = None


class _Rows:
    """Random cases of one site each, and the columns in which they are rows."""

    def __init__(self, count: int, seed: int, shelf: Knowledge) -> None:
        self.rng = random.Random(seed)
        self.rules = compiled(shelf)
        self.local = {name for name, rule in shelf.rules.items() if rule.scope != "systemic"}
        self.regions = list(shelf.shelf(BodyRegion))
        self.techniques = list(shelf.shelf(Technique))
        self.said: list[dict[str, _Said]] = []
        self.cases = [self._case() for _ in range(count)]

    def _case(self) -> Case:
        rng = self.rng
        place = Site(rng.choice(self.regions), Side.LEFT)
        said: dict[str, _Said] = {}
        answers: list[Answer] = []
        sure = rng.random() < 0.7
        for name, _, _ in self.rules.plain:
            word = NO if rng.random() < (0.97 if sure else 0.4) else rng.choice((YES, NO, UNKNOWN, None))
            if word is not None:
                answer, said[name] = self._answer(name, word, place)
                answers.append(answer)
        self.said.append(said)
        born = rng.choice((None, DAY - timedelta(400), date(1971, 3, 2)))
        sex = rng.choice(("female", "male", "other", "unknown"))
        technique = rng.choice((None, *self.techniques))
        return Case(DAY, born, sex, (place,), tuple(answers), technique)

    def _answer(self, name: str, word: int, here: Site) -> tuple[Answer, _Said]:
        if word != YES:
            return Answer(name, WORDS[word], DAY), _Said(word, word)
        days = self.rng.choice((None, 10, 4000))
        recent = UNKNOWN if days is None else int(days == 10)
        at = self.rng.choice((None, here, Site(self.rng.choice(self.regions), Side.RIGHT)))
        elsewhere = name in self.local and at not in (None, here)
        since = None if days is None else DAY - timedelta(days)
        said = _Said(NO if elsewhere else YES, YES, recent, at.region if at else None)
        return Answer(name, AnswerValue.YES, DAY, at, since), said

    def columns(self) -> Columns:
        narrowed = [atom for _, atom in self.rules.narrowed]
        return Columns(
            rows=len(self.cases),
            answers={name: self._bytes(name, lambda one: one.here) for name in self.rules.order},
            anywhere={name: self._bytes(name, lambda one: one.anywhere) for name in self.local},
            recent={
                (atom.finding or "", atom.since_under_days): self._bytes(atom.finding or "", lambda one: one.recent)
                for atom in narrowed
                if atom.since_under_days
            },
            within={
                (atom.finding or "", atom.within): self._bytes(atom.finding or "", _within(atom.within, self.rules))
                for atom in narrowed
                if atom.within
            },
            regions=np.array([self.regions.index(one.sites[0].region) for one in self.cases], np.int16),
            region_names=self.regions,
            techniques=np.array(
                [self.techniques.index(one.technique) if one.technique else -1 for one in self.cases], np.int16
            ),
            technique_names=self.techniques,
            ages=np.array([-1 if one.born is None else DAY.year - one.born.year for one in self.cases], np.int16),
            male=np.array([one.sex == "male" for one in self.cases]),
        )

    def _bytes(self, name: str, part: Callable[[_Said], int]) -> np.ndarray:
        """A column; what was not answered is unknown, or no where it is not asked."""
        spared = self.rules.plain[self.rules.order[name]][1].not_asked_of_sex
        nothing = [NO if case.sex in spared else UNKNOWN for case in self.cases]
        values = [
            part(said[name]) if name in said else missing for said, missing in zip(self.said, nothing, strict=True)
        ]
        return np.array(values, np.uint8)


def _within(regions: frozenset[str], rules: Rules) -> Callable[[_Said], int]:
    return lambda one: UNKNOWN if one.region is None else int(bool(rules.above[one.region] & regions))


# --- Many of them -----------------------------------------------------------------------------------------------


def compare(count: int, seed: int) -> Iterator[tuple[int, int, int]]:
    """Cases compared so far, and the differences among many and in columns, in processes."""
    steps = [(min(STEP, count - done), seed + number) for number, done in enumerate(range(0, count, STEP))]
    many = columns = done = 0
    with ProcessPoolExecutor(initializer=os.nice, initargs=(10,)) as pool:
        for one in as_completed([pool.submit(_step, *step) for step in steps]):
            size, more_many, more_columns = one.result()
            done, many, columns = done + size, many + more_many, columns + more_columns
            yield done, many, columns


def _step(count: int, seed: int) -> tuple[int, int, int]:
    return count, len(differing_cases(count, seed)), len(differing_rows(count, seed))


def report(count: int, seed: int) -> int:
    """Compare and tell; 1 where anything differs."""
    many = columns = 0
    for done, many, columns in compare(count, seed):
        print(f"\r{done:,} of {count:,}: {many} and {columns} differ", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    print(f"{count:,} random cases (seed {seed}): {many} decided otherwise among many than alone.")
    print(f"{count:,} random rows (seed {seed}): {columns} decided otherwise in columns than alone.")
    return int(bool(many or columns))
