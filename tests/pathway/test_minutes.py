"""Minutes added up, and the units that the 8-minute rule suggests for them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strigil.knowledge import load
from strigil.knowledge.shapes import PayerRule
from strigil.pathway.treat import by_hand, suggested_units, timed_units
from strigil.pathway.treat.minutes import HANDS

RULE = load().shelf(PayerRule)["eight_minute"]

MEDICARE = {1: (8, 22), 2: (23, 37), 3: (38, 52), 4: (53, 67), 5: (68, 82), 6: (83, 97), 7: (98, 112), 8: (113, 127)}
"""Medicare Claims Processing Manual, chapter 5, section 20.2, as kmcuniversity.com (rows 1 to 4) and chirocode.com
(the pattern of the others) print it."""


@pytest.mark.parametrize(("units", "span"), MEDICARE.items())
def test_units_are_those_of_the_published_table(units: int, span: tuple[int, int]) -> None:
    low, high = span
    assert {timed_units(minutes, RULE) for minutes in range(low, high + 1)} == {units}
    assert timed_units(low - 1, RULE) == units - 1


def test_the_table_on_the_shelf_is_the_published_one() -> None:
    assert {row.units: (row.low, row.high) for row in RULE.table} == MEDICARE


def test_less_than_eight_minutes_are_no_unit() -> None:
    assert [timed_units(minutes, RULE) for minutes in (0, 1, 7, 8)] == [0, 0, 0, 1]


def test_a_published_example_of_two_services_counts_them_together() -> None:
    """33 and 7 minutes: physicaltherapy.com makes 3 units of the 40."""
    found = suggested_units(7 * 60, {"exercise": 33}, ["exercise"], {HANDS, "exercise"}, RULE)
    assert found is not None
    assert (found.minutes, found.units, set(found.counted)) == (40, 3, {HANDS, "exercise"})


KINDS = st.dictionaries(st.sampled_from(["exercise", "stretch", "evaluation"]), st.integers(1, 240))
COUNTED = st.sets(st.sampled_from([HANDS, "exercise", "stretch"]))


@given(st.integers(0, 5000))
def test_another_minute_never_takes_a_unit_away_and_never_adds_two(minutes: int) -> None:
    assert timed_units(minutes + 1, RULE) - timed_units(minutes, RULE) in (0, 1)


@given(st.integers(0, 5000))
def test_fifteen_more_minutes_are_exactly_one_unit_more(minutes: int) -> None:
    if minutes >= RULE.first_minutes:
        assert timed_units(minutes + 15, RULE) == timed_units(minutes, RULE) + 1


@given(st.integers(0, 7200), KINDS, COUNTED)
def test_units_never_claim_more_than_half_a_unit_that_was_not_given(
    hands: int, minutes: dict[str, int], counted: set[str]
) -> None:
    found = suggested_units(hands, minutes, minutes, counted, RULE)
    assert found is not None
    assert found.units * 15 <= found.minutes + 7
    assert set(found.counted) <= counted


@given(st.integers(0, 7200), KINDS, COUNTED)
def test_what_is_not_counted_changes_nothing(hands: int, minutes: dict[str, int], counted: set[str]) -> None:
    without = {kind: given for kind, given in minutes.items() if kind in counted}
    plain = suggested_units(hands, without, without, counted, RULE)
    assert suggested_units(hands, minutes, minutes, counted, RULE) == plain


def test_a_time_that_is_not_known_makes_the_units_unknown_not_none() -> None:
    assert by_hand([60, None]) is None
    assert suggested_units(None, {"exercise": 30}, ["exercise"], {HANDS, "exercise"}, RULE) is None
    found = suggested_units(None, {"exercise": 30}, ["exercise"], {"exercise"}, RULE)
    assert found is not None
    assert found.units == 2


def test_what_was_given_without_its_minutes_makes_the_units_unknown_where_it_counts() -> None:
    assert suggested_units(480, {}, ["exercise"], {HANDS, "exercise"}, RULE) is None
    assert suggested_units(480, {}, ["exercise"], {HANDS}, RULE) is not None


def test_seconds_of_all_areas_are_added_before_they_are_made_minutes() -> None:
    assert by_hand([90, 90, 300]) == 480
    found = suggested_units(by_hand([90, 90, 300]), {}, [], {HANDS}, RULE)
    assert found is not None
    assert (found.minutes, found.units) == (8, 1)
    assert by_hand([]) == 0
