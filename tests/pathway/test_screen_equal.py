"""Among many, in columns and alone: the same decisions.

A million cases: ``python -m benchmarks.screen --equal 1000000``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from benchmarks.equal import differing_cases, differing_rows
from strigil.knowledge import Knowledge
from strigil.pathway.facts import Case, Decision
from strigil.pathway.screen.lines import screen_cases
from strigil.pathway.screen.many import Columns, Results, screen_columns

CASES = 5_000


def test_cases_are_decided_among_many_as_alone() -> None:
    assert differing_cases(CASES, seed=1) == []


def test_rows_are_decided_in_columns_as_cases_alone() -> None:
    assert differing_rows(CASES, seed=1) == []


# --- Planted faults ---------------------------------------------------------------------------------------------


def test_neighbours_that_change_places_are_noticed() -> None:
    def swapped(cases: Sequence[Case], knowledge: Knowledge) -> Sequence[Decision]:
        found = screen_cases(cases, knowledge)
        found[0], found[1] = found[1], found[0]
        return found

    assert len(differing_cases(50, seed=1, many=swapped)) == 2


def test_column_that_is_left_out_is_noticed() -> None:
    def without_regions(columns: Columns, knowledge: Knowledge) -> Results:
        return screen_columns(replace(columns, regions=None), knowledge)

    def without_elsewhere(columns: Columns, knowledge: Knowledge) -> Results:
        return screen_columns(replace(columns, anywhere={}), knowledge)

    def without_when(columns: Columns, knowledge: Knowledge) -> Results:
        return screen_columns(replace(columns, recent={}), knowledge)

    for fault in (without_regions, without_elsewhere, without_when):
        assert differing_rows(2_000, seed=1, columns=fault), fault.__name__
