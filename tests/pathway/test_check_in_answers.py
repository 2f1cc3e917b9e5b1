"""What a patient said the day after, sorted by the shelf: expected, adverse, not clear, left open."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strigil.knowledge import load
from strigil.knowledge.shapes import Reaction
from strigil.pathway.facts import Outcome, ReactionSeen, TreatedArea, VisitFacts
from strigil.pathway.respond import is_adverse, next_visit
from strigil.pathway.respond.check_in import NONE, OTHER, Said, gone, marks, signs, understood
from strigil.pathway.treat import gate
from tests.pathway.cases import DAY, site

SHELF = load()
NOTHING = Said(soreness=0, marks=frozenset({NONE}), worries=frozenset({NONE}))
MARKS = [key for key, _ in marks(SHELF)]
SIGNS = [key for key, _, _ in signs(SHELF)]


def come(**said):
    return understood(replace(NOTHING, **{name: frozen(value) for name, value in said.items()}), DAY, SHELF)


def frozen(value):
    return frozenset(value) if isinstance(value, (list, set)) else value


def test_nothing_said_outright_is_none():
    found = come()
    assert (found.reactions, found.open, found.look, found.is_none) == ((), (), (), True)


def test_an_empty_answer_is_not_none():
    found = understood(Said(), DAY, SHELF)
    assert found.open == ("soreness", "marks", "worries")
    assert not found.is_none
    assert found.look == ()


@pytest.mark.parametrize(
    ("said", "seen", "still_open", "look"),
    [
        ({"soreness": 3}, ["soreness"], (), ()),
        ({"soreness": 6}, ["soreness"], (), ()),
        ({"soreness": 7}, ["soreness"], (), ("Soreness 7 of 10",)),
        ({"soreness": None}, [], ("soreness",), ()),
        ({"marks": ["petechiae"]}, ["petechiae"], (), ()),
        ({"marks": ["mild_bruise", "redness_heat"]}, ["mild_bruise", "redness_heat"], (), ()),
        ({"marks": [OTHER]}, [], ("marks",), ("A mark that the list has no word for",)),
        ({"marks": [NONE, "mild_bruise"]}, ["mild_bruise"], ("marks",), ()),
        ({"marks": ["mild_bruise"], "mark_change": "larger"}, ["mild_bruise"], (), ("A mark that has grown",)),
        ({"marks": ["mild_bruise"], "mark_change": "smaller"}, ["mild_bruise"], (), ()),
        ({"worries": ["nerve"]}, ["nerve"], (), ("Signs from a nerve",)),
        ({"worries": ["nerve", NONE]}, ["nerve"], (), ("Signs from a nerve",)),
        ({"worries": []}, [], ("worries",), ()),
        ({"words": "It feels odd."}, [], (), ("The patient wrote something",)),
        ({"words": "  \n "}, [], (), ()),
        ({"function": "worse", "exercises_done": "none"}, [], (), ()),
    ],
)
def test_answers_are_sorted(said, seen, still_open, look):
    found = come(**said)
    assert [one.reaction for one in found.reactions] == seen
    assert (found.open, found.look) == (still_open, look)
    assert found.is_none is (not seen and not still_open and not look)


@pytest.mark.parametrize("sign", SIGNS)
def test_every_sign_on_the_list_is_looked_at(sign):
    assert come(worries=[sign]).look


def test_the_list_has_every_adverse_reaction_of_the_shelf_and_calls_for_help_first():
    adverse = {key for key in SHELF.shelf(Reaction) if is_adverse(key, SHELF)}
    assert adverse <= set(SIGNS)
    at_once = [one for _, _, one in signs(SHELF)]
    assert at_once == sorted(at_once, reverse=True)
    assert {key for key, _, now in signs(SHELF) if now} == {
        *("emboli", "red_flag_cauda_equina", "red_flag_cervical_artery", "red_flag_compartment", "red_flag_dvt"),
    }


SAID = st.builds(
    Said,
    soreness=st.none() | st.integers(0, 10),
    marks=st.frozensets(st.sampled_from([NONE, OTHER, *MARKS])),
    mark_change=st.sampled_from(["", "smaller", "same", "larger"]),
    worries=st.frozensets(st.sampled_from([NONE, *SIGNS])),
    words=st.text(max_size=5),
)


@given(SAID)
def test_taking_an_answer_away_never_makes_it_none(said):
    for field in fields(Said):
        less = replace(said, **{field.name: Said.__dataclass_fields__[field.name].default})
        if field.name in ("soreness", "marks", "worries"):
            assert not understood(less, DAY, SHELF).is_none


@given(SAID, st.sampled_from(SIGNS))
def test_naming_a_sign_always_asks_somebody_to_look(said, sign):
    assert understood(replace(said, worries=said.worries | {sign}), DAY, SHELF).look


def test_gone_is_what_was_expected_and_is_answered_for():
    before = [ReactionSeen(one, DAY, None, None) for one in ("redness_heat", "soreness", "hematoma", "nerve")]
    settled = gone(NOTHING, DAY, before, SHELF)
    assert {one.reaction: one.still_present for one in settled} == {"redness_heat": False, "soreness": False}
    assert gone(Said(), DAY, before, SHELF) == ()
    assert [one.reaction for one in gone(replace(Said(), soreness=0), DAY, before, SHELF)] == ["soreness"]


def test_what_nobody_has_looked_at_stands_at_the_gate():
    area = TreatedArea(site("forearm_lateral/right"), 60)
    visit = VisitFacts(1, DAY, (area,), (), reaction_reviewed=True, to_look_at=True)
    (advice,) = next_visit(DAY, [visit], SHELF)
    assert (advice.outcome, advice.proposed) == (Outcome.INCOMPLETE, True)
    assert "nobody has looked at" in advice.what
    assert next_visit(DAY, [replace(visit, to_look_at=False)], SHELF) == []


def test_an_answer_in_part_is_not_called_unasked():
    area = TreatedArea(site("forearm_lateral/right"), 60)
    visit = VisitFacts(1, DAY, (area,), said_in_part=True)
    said = [one.what for one in gate(DAY, [], [visit], SHELF)]
    assert any(one.startswith("The patient left questions open") for one in said)
    assert not any("Nobody has asked" in one for one in said)
