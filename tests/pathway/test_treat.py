"""What keeps today's visit from simply repeating the last one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from strigil.knowledge import load
from strigil.pathway.facts import Outcome, ReactionSeen, Site, TreatedArea, VisitFacts
from strigil.pathway.treat import gate, gate_outcome, same_site, spoken
from tests.pathway.cases import DAY, site

SHELF = load()
LEFT, RIGHT = site("knee/left"), site("knee/right")


def visit(number, days_ago, *places, reviewed=True, reactions=()):
    areas = tuple(TreatedArea(place, 60) for place in places)
    return VisitFacts(number, DAY - timedelta(days_ago), areas, reactions, reaction_reviewed=reviewed)


def gates(*visits, sites=(LEFT,)):
    return [(one.knowledge[0].removeprefix("gates/"), one.outcome) for one in gate(DAY, sites, visits, SHELF)]


def test_first_visit_meets_no_gate():
    assert gates() == []


@pytest.mark.parametrize(("days_ago", "expected"), [(0, True), (1, True), (2, False), (7, False)])
def test_two_days_lie_between_sessions_at_a_site(days_ago, expected):
    assert gates(visit(1, days_ago, LEFT)) == ([("two_days", "avoid")] if expected else [])


def test_other_side_was_not_treated():
    assert gates(visit(1, 1, RIGHT)) == []
    advice = gate(DAY, (LEFT, RIGHT), [visit(1, 1, RIGHT)], SHELF)
    assert [one.site for one in advice] == [RIGHT]
    assert (gate_outcome(advice, LEFT), gate_outcome(advice, RIGHT)) == ("proceed", "avoid")


def test_newest_session_at_the_site_counts():
    assert gates(visit(1, 1, LEFT), visit(2, 0, RIGHT)) == [("two_days", "avoid")]
    assert gates(visit(1, 9, LEFT), visit(2, 5, LEFT)) == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("knee/left", "knee/left", True),
        ("knee/left", "knee/right", False),
        ("knee/left", "ankle/left", False),
        ("trunk_posterior/midline", "trunk_posterior/left", True),
        ("knee", "knee/right", True),
        ("knee", "knee", True),
    ],
)
def test_site_is_the_same_unless_the_sides_are_known_to_differ(one, other, same):
    assert same_site(site(one), site(other)) is same
    assert same_site(site(other), site(one)) is same


def test_reaction_that_nobody_asked_about_is_not_none():
    assert gates(visit(1, 7, LEFT, reviewed=False)) == [("marks_visible", "incomplete")]


def test_visit_without_treatment_has_no_reaction_to_ask_about():
    assert gates(visit(1, 7, reviewed=False)) == []


def test_most_severe_comes_first():
    nerve = ReactionSeen("nerve", DAY, LEFT)
    outcomes = [outcome for _, outcome in gates(visit(1, 1, LEFT, reviewed=False, reactions=(nerve,)))]
    assert outcomes == ["refer", "incomplete", "avoid"]


def test_gate_of_a_site_takes_what_holds_there_and_everywhere():
    nerve = ReactionSeen("nerve", DAY, LEFT)
    everywhere = ReactionSeen("faint", DAY)
    advice = gate(DAY, (LEFT, RIGHT), [visit(1, 7, LEFT, reactions=(nerve,))], SHELF)
    assert (gate_outcome(advice, LEFT), gate_outcome(advice, RIGHT)) == ("refer", "proceed")
    advice = gate(DAY, (LEFT, RIGHT), [visit(1, 7, LEFT, reactions=(everywhere,))], SHELF)
    assert (gate_outcome(advice, LEFT), gate_outcome(advice, RIGHT)) == ("refer", "refer")
    assert gate_outcome([], LEFT) is Outcome.PROCEED


def test_gate_says_the_day_in_words():
    (advice,) = gate(DAY, (LEFT,), [visit(1, 1, LEFT)], SHELF)
    assert advice.what == "This site was treated on 19 November 2026, less than 48 hours ago."
    assert spoken(date(2026, 3, 1)) == "1 March 2026"


def test_site_without_a_side_is_held_to_be_the_same():
    assert gates(visit(1, 1, Site("knee", None))) == [("two_days", "avoid")]
