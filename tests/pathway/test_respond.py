"""What was seen after a visit, and what it means for the next one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from strigil.knowledge import load
from strigil.knowledge.shapes import Reaction
from strigil.pathway.facts import Outcome, ReactionSeen, TreatedArea, VisitFacts
from strigil.pathway.respond import is_adverse, next_visit, what_to_do
from tests.pathway.cases import DAY, site

SHELF = load()
ELBOW = site("forearm_lateral/right")


def seen(reaction, **other):
    return ReactionSeen(reaction, DAY - timedelta(1), ELBOW, **other)


def visit(number, days_ago, *reactions):
    return VisitFacts(number, DAY - timedelta(days_ago), (TreatedArea(ELBOW, 60),), reactions, reaction_reviewed=True)


def gates(*visits):
    """The gates that speak, with their outcomes."""
    return [(one.knowledge[0].removeprefix("gates/"), one.outcome) for one in next_visit(DAY, visits, SHELF)]


@pytest.mark.parametrize("reaction", SHELF.shelf(Reaction))
def test_reaction_is_adverse_where_the_sources_call_it_so(reaction):
    assert is_adverse(reaction, SHELF) is (SHELF.shelf(Reaction)[reaction].group == "adverse")


def test_expected_reactions_need_nothing_done():
    expected = [key for key, one in SHELF.shelf(Reaction).items() if one.group == "expected"]
    assert {"redness_heat", "soreness", "petechiae", "mild_bruise"} <= set(expected)
    assert what_to_do([seen(one) for one in expected], SHELF) == []


@pytest.mark.parametrize("reaction", [key for key, one in SHELF.shelf(Reaction).items() if one.group == "adverse"])
def test_adverse_reaction_says_what_to_do_and_refers(reaction):
    (advice,) = what_to_do([seen(reaction)], SHELF)
    assert advice.outcome == Outcome.REFER
    assert advice.site == ELBOW
    assert SHELF.shelf(Reaction)[reaction].do in advice.what
    assert advice.knowledge == (f"reactions/{reaction}",)


def test_nothing_seen_asks_for_nothing():
    assert gates() == []
    assert gates(visit(1, 7)) == []


@pytest.mark.parametrize(
    ("reaction", "days_ago", "expected"),
    [
        (seen("mild_bruise", still_present=True), 7, [("marks_visible", "avoid")]),
        (seen("petechiae", still_present=True), 7, [("marks_visible", "avoid")]),
        (seen("redness_heat", still_present=True), 3, [("marks_visible", "avoid")]),
        (seen("mild_bruise", still_present=False), 7, []),
        (seen("redness_heat", still_present=False), 3, []),
        # a bruise: still there after 14 days is one thing, after 15 another
        (seen("mild_bruise", still_present=True), 14, [("marks_visible", "avoid")]),
        (seen("mild_bruise", still_present=True), 15, [("worsening_mark", "refer")]),
        (seen("mild_bruise", larger=True), 2, [("worsening_mark", "refer")]),
        (seen("mild_bruise", larger=False, still_present=True), 2, [("marks_visible", "avoid")]),
        # soreness: 48 hours are two days
        (seen("soreness", still_present=True), 2, []),
        (seen("soreness", still_present=True), 3, [("lasting_soreness", "modify")]),
        (seen("soreness", still_present=False), 3, []),
        # adverse: until it is recorded as settled
        (seen("nerve", still_present=True), 7, [("worsening_mark", "refer")]),
        (seen("nerve"), 7, [("worsening_mark", "refer")]),
        (seen("nerve", still_present=False), 7, []),
        (seen("hematoma"), 2, [("worsening_mark", "refer")]),
        (seen("skin_break"), 2, [("worsening_mark", "refer")]),
    ],
)
def test_reaction_decides_about_the_next_visit(reaction, days_ago, expected):
    assert gates(visit(1, days_ago, reaction)) == expected


def test_advice_is_about_the_site_it_was_seen_at():
    (advice,) = next_visit(DAY, [visit(1, 7, seen("mild_bruise", still_present=True))], SHELF)
    assert advice.site == ELBOW
    assert "visit 1" in advice.what


def bruise():
    return seen("mild_bruise", still_present=False)


@pytest.mark.parametrize(
    ("visits", "expected"),
    [
        ([visit(1, 7, bruise())], []),
        ([visit(1, 14, bruise()), visit(2, 7)], []),
        ([visit(1, 14), visit(2, 7, bruise())], []),
        ([visit(1, 14, bruise()), visit(2, 7, bruise())], [("bruised_twice", "clearance")]),
        ([visit(1, 21, bruise()), visit(2, 14), visit(3, 7, bruise())], []),
        ([visit(1, 21), visit(2, 14, bruise()), visit(3, 7, bruise())], [("bruised_twice", "clearance")]),
        ([visit(1, 21, bruise()), visit(2, 14, bruise()), visit(3, 7)], []),
    ],
)
def test_bruise_after_each_of_two_sessions_asks_for_a_second_look(visits, expected):
    assert gates(*visits) == expected


@pytest.mark.parametrize(
    ("technique", "reaction", "counts"),
    [
        ("gua_sha", "petechiae", False),
        ("gua_sha", "mild_bruise", True),
        ("graston", "petechiae", True),
        (None, "petechiae", True),
    ],
)
def test_petechiae_that_the_technique_intends_are_no_bruise(technique, reaction, counts):
    marked = seen(reaction, still_present=False)
    visits = [replace(visit(number, 21 - 7 * number, marked), technique=technique) for number in (1, 2)]
    assert gates(*visits) == ([("bruised_twice", "clearance")] if counts else [])


def test_marks_still_visible_rest_the_site_under_gua_sha_too():
    marked = replace(visit(1, 7, seen("petechiae", still_present=True)), technique="gua_sha")
    assert gates(marked) == [("marks_visible", "avoid")]


def test_every_gate_that_speaks_is_on_the_shelf_and_says_that_it_is_proposed():
    visits = [visit(1, 14, bruise(), seen("nerve")), visit(2, 3, bruise(), seen("soreness", still_present=True))]
    for advice in next_visit(DAY, visits, SHELF):
        folder, key = advice.knowledge[0].split("/")
        assert SHELF.shelves[folder][key].statement == advice.why
        assert advice.proposed is (SHELF.shelves[folder][key].basis == "proposed")
