"""What was seen after a visit, and what it means for the next one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from strigil.knowledge import load
from strigil.knowledge.shapes import Reaction
from strigil.pathway.facts import Outcome, ReactionSeen, TreatedArea, VisitFacts
from strigil.pathway.respond import is_adverse, next_visit, what_to_do
from tests.pathway.cases import DAY, site

SHELF = load()
ELBOW = site("forearm_lateral/right")


def seen(reaction, days_ago=0, **other):
    return ReactionSeen(reaction, DAY - timedelta(days_ago), ELBOW, **other)


def visit(number, days_ago, *reactions, **other):
    about = {"reaction_reviewed": True} | other
    return VisitFacts(number, DAY - timedelta(days_ago), (TreatedArea(ELBOW, 60),), reactions, **about)


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


@pytest.mark.parametrize(
    ("reaction", "days_ago", "expected"),
    [
        # nobody said whether it has gone: unknown is never no
        (seen("mild_bruise", 7), 7, [("marks_visible", "incomplete")]),
        (seen("petechiae", 7), 7, [("marks_visible", "incomplete")]),
        (seen("mild_bruise", 14), 14, [("marks_visible", "incomplete")]),
        (seen("mild_bruise", 15), 15, [("worsening_mark", "incomplete")]),
        # a visit 20 days ago: noted on the 3rd day, it is not known to have lasted two weeks
        (seen("mild_bruise", 17, still_present=True), 20, [("worsening_mark", "incomplete")]),
        (seen("mild_bruise", 6, still_present=True), 20, [("worsening_mark", "incomplete")]),
        (seen("mild_bruise", 5, still_present=True), 20, [("worsening_mark", "refer")]),
        (seen("mild_bruise", 17, still_present=False), 20, []),
        # a visit 7 days ago: still there on the 3rd day is the newest that is known
        (seen("mild_bruise", 4, still_present=True), 7, [("marks_visible", "avoid")]),
        # soreness on the first day, nobody asked since: it may have lasted
        (seen("soreness", 6, still_present=True), 7, [("lasting_soreness", "modify")]),
        (seen("soreness", 1, still_present=True), 2, []),
    ],
)
def test_what_was_noted_counts_to_the_day_it_was_noted(reaction, days_ago, expected):
    assert gates(visit(1, days_ago, reaction)) == expected


@pytest.mark.parametrize(
    ("reaction", "days_ago", "words"),
    [
        (seen("mild_bruise", 7), 7, "nobody has said whether it has gone"),
        (seen("mild_bruise", 4, still_present=True), 7, "was still there after 3 days; nobody has looked since"),
        (seen("mild_bruise", 17, still_present=True), 20, "was still there after 3 days; nobody has looked since"),
        (seen("mild_bruise", still_present=True), 7, "can still be seen"),
        (seen("soreness", 6, still_present=True), 7, "was still there after 1 day; nobody has asked since"),
        (seen("soreness", still_present=True), 3, "was still there after 3 days."),
    ],
)
def test_advice_says_how_far_it_is_known(reaction, days_ago, words):
    (advice,) = next_visit(DAY, [visit(1, days_ago, reaction)], SHELF)
    assert words in advice.what


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        ([visit(2, 7)], []),
        ([visit(2, 7, seen("redness_heat", still_present=False))], []),
        ([visit(2, 7, reaction_reviewed=False)], [("marks_visible", "incomplete")]),
        ([visit(2, 7, seen("soreness"))], [("marks_visible", "incomplete")]),
        ([visit(2, 7, seen("soreness"), seen("redness_heat", still_present=False))], [("marks_visible", "incomplete")]),
    ],
)
def test_a_later_look_that_found_nothing_left_settles_an_older_mark(later, expected):
    assert gates(visit(1, 14, seen("mild_bruise", 14)), *later) == expected


def test_later_look_does_not_settle_what_is_adverse_or_known_to_be_there():
    earlier = visit(1, 10, seen("nerve", 10)), visit(2, 9, seen("mild_bruise", 8, still_present=True))
    assert gates(*earlier, visit(3, 2)) == [("worsening_mark", "refer"), ("marks_visible", "avoid")]


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


def test_petechiae_are_the_aim_of_gua_sha_and_a_bruise_is_not():
    dots = seen("petechiae", still_present=False)
    for technique, reaction, expected in (
        ("gua_sha", dots, []),
        ("gua_sha", bruise(), [("bruised_twice", "clearance")]),
        ("graston", dots, [("bruised_twice", "clearance")]),
        ("", dots, [("bruised_twice", "clearance")]),
    ):
        assert gates(*(visit(n, 21 - 7 * n, reaction, technique=technique) for n in (1, 2))) == expected


def test_petechiae_of_gua_sha_that_are_left_still_keep_off_the_site():
    assert gates(visit(1, 5, seen("petechiae", still_present=True), technique="gua_sha")) == [
        ("marks_visible", "avoid")
    ]


def test_a_visit_without_treatment_is_no_session_between_two_bruises():
    talk = VisitFacts(3, DAY - timedelta(3), (), (), reaction_reviewed=True)
    assert gates(visit(1, 14, bruise()), visit(2, 7, bruise()), talk) == [("bruised_twice", "clearance")]


def test_every_gate_that_speaks_is_on_the_shelf_and_says_that_it_is_proposed():
    sore = seen("soreness", still_present=True)
    visits = [visit(1, 14, bruise(), seen("nerve"), seen("petechiae")), visit(2, 3, bruise(), sore)]
    for advice in next_visit(DAY, visits, SHELF):
        folder, key = advice.knowledge[0].split("/")
        assert SHELF.shelves[folder][key].statement == advice.why
        assert advice.proposed is (SHELF.shelves[folder][key].basis == "proposed")
