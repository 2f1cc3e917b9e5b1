"""What a programme proposes, how a dose departs from its source, and what the rules say of moving on."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strigil.knowledge import load
from strigil.knowledge.shapes import ExerciseRule, Programme
from strigil.pathway.exercise import Proposal, advice, departs, opening, propose, start_of
from strigil.pathway.facts import Outcome

PROGRAMMES = sorted(load().shelf(Programme))
OPERATED = load().shelf(ExerciseRule)["after_any_surgery"].findings


def proposed(indication: str = "lateral_epicondylitis", stage: str = "early", **more: object) -> Proposal:
    given: dict[str, object] = {"outcome": Outcome.PROCEED} | more
    found = propose(indication, stage, load(), **given)  # type: ignore[arg-type]
    assert found is not None
    return found


def ticked(proposal: Proposal) -> list[str]:
    return [one.exercise.id for one in proposal.offered if one.chosen]


def test_the_stage_of_the_indication_is_proposed_with_every_exercise_of_it() -> None:
    assert ticked(proposed()) == ["wrist_extension_isometric", "wrist_extensor_stretch", "band_row"]
    assert ticked(proposed(stage="middle")) == ["wrist_extensor_eccentric", "tyler_twist", "wrist_extensor_stretch"]


def test_an_indication_without_a_programme_proposes_nothing() -> None:
    assert propose("nothing_known", "early", load(), outcome=Outcome.PROCEED) is None


@pytest.mark.parametrize("outcome", [one for one in Outcome if one not in ("proceed", "modify", "avoid")])
def test_what_the_screen_does_not_let_through_is_never_ticked_and_says_why(outcome: Outcome) -> None:
    for indication in PROGRAMMES:
        found = proposed(indication, outcome=outcome)
        assert ticked(found) == []
        assert found.withheld


@pytest.mark.parametrize("outcome", [Outcome.EMERGENCY, Outcome.REFER, Outcome.ERROR])
def test_a_red_flag_ends_exercise_too(outcome: Outcome) -> None:
    assert proposed(outcome=outcome).ends
    assert not proposed(outcome=Outcome.HOLD).ends


@pytest.mark.parametrize("finding", OPERATED)
def test_after_an_operation_nothing_is_ticked_until_it_is_cleared(finding: str) -> None:
    before = proposed(found={finding})
    assert before.needs_clearance
    assert "surgeon" in before.withheld
    assert ticked(before) == []
    assert ticked(proposed(found={finding}, cleared=True))


@pytest.mark.parametrize("indication", ["rotator_cuff_repair", "post_op_joint_replacement"])
@pytest.mark.parametrize("stage", ["early", "middle", "late"])
def test_a_programme_for_after_an_operation_always_needs_the_surgeon(indication: str, stage: str) -> None:
    found = proposed(indication, stage)
    assert found.needs_clearance
    assert ticked(found) == []


def test_whether_there_was_an_operation_is_said_to_be_unknown_not_no() -> None:
    found = proposed(outcome=Outcome.INCOMPLETE, unasked=set(OPERATED))
    assert "not known whether there was an operation" in found.withheld


def test_an_exercise_to_be_left_out_is_not_ticked_and_says_when() -> None:
    found = proposed("achilles_tendinopathy")
    assert "calf_stretch" not in ticked(found)
    (row,) = [one for one in found.offered if one.exercise.id == "calf_stretch"]
    assert "insertion" in row.unless


@pytest.mark.parametrize("indication", PROGRAMMES)
def test_no_programme_ticks_what_it_says_to_avoid(indication: str) -> None:
    avoided = {one.exercise for one in load().shelf(Programme)[indication].avoid}
    for stage in ("early", "middle", "late"):
        assert not avoided & set(ticked(proposed(indication, stage, cleared=True)))


def test_cautions_for_an_indication_hold_those_of_any_operation_and_its_own() -> None:
    ids = {one.id for one in proposed("rotator_cuff_repair").cautions}
    assert {"after_any_surgery", "after_not_searched", "after_rotator_cuff_repair"} == ids


# --- Dose ---


@pytest.mark.parametrize(
    ("text", "start"),
    [("3", "3"), ("2-4", "2"), ("3.5", "3.5"), ("12 falling to 6 (repetition maximum)", "12"), ("10 each way", "10")],
)
def test_a_published_amount_starts_at_its_first_number(text: str, start: str) -> None:
    assert start_of(text) == Decimal(start)


@pytest.mark.parametrize("text", ["A to Z", "every 1-2 hours", None])
def test_a_schedule_in_words_has_no_number(text: str | None) -> None:
    assert start_of(text) is None


@pytest.mark.parametrize(
    ("value", "text", "changed"),
    [
        (3, "3", False),
        (4, "3", True),
        (2, "2-4", False),
        (4, "2-4", False),
        (5, "2-4", True),
        (None, "3", True),
        (None, None, False),
        (3, None, True),
        (8, "12 falling to 6 (repetition maximum)", False),
        (None, "A to Z", False),
    ],
)
def test_a_dose_departs_when_its_source_does_not_give_it(value: int | None, text: str | None, changed: bool) -> None:
    assert departs(value, text) is changed


def test_no_proposed_dose_departs_from_its_source() -> None:
    for indication in PROGRAMMES:
        for stage in ("early", "middle", "late"):
            for one in proposed(indication, stage).offered:
                numbers, _ = opening(one.exercise, one.staged)
                for name in ("sets", "repetitions", "hold_s", "times_per_day", "times_per_week"):
                    assert not departs(numbers.get(name), getattr(one.exercise.dose, name)), (one.exercise.id, name)


def test_what_no_number_says_stands_in_the_note() -> None:
    (row,) = [one for one in proposed("ligament_sprain").offered if one.exercise.id == "ankle_alphabet"]
    numbers, note = opening(row.exercise, row.staged)
    assert "repetitions" not in numbers
    assert "A to Z" in note


# --- Moving on ---

FINE = {"settled": True, "worried": False, "knowledge": load()}


@pytest.mark.parametrize(
    ("done", "pain", "more", "move"),
    [
        ("all", 0, {}, "harder"),
        ("all", 3, {}, "harder"),
        ("all", 4, {}, "same"),
        ("all", 5, {}, "same"),
        ("all", 6, {}, "easier"),
        ("all", 10, {}, "easier"),
        ("some", 2, {}, "same"),
        ("none", 0, {}, "same"),
        ("all", 2, {"settled": False}, "easier"),
        ("all", 2, {"settled": None}, "ask"),
        ("all", 2, {"worried": None}, "ask"),
        ("all", 2, {"worried": True}, "stop"),
        (None, None, {"worried": True}, "stop"),
        ("all", None, {}, "ask"),
        (None, 2, {}, "ask"),
    ],
)
def test_pain_monitoring(done: str | None, pain: int | None, more: dict[str, bool | None], move: str) -> None:
    assert advice(done, pain, **(FINE | more)).move == move  # type: ignore[arg-type]


ANSWER = st.sampled_from([True, False, None])


@given(
    done=st.sampled_from(["all", "some", "none", None]),
    pain=st.none() | st.integers(0, 10),
    settled=ANSWER,
    worried=ANSWER,
)
def test_an_answer_that_is_missing_never_makes_it_harder(
    done: str | None, pain: int | None, settled: bool | None, worried: bool | None
) -> None:
    found = advice(done, pain, settled=settled, worried=worried, knowledge=load())  # type: ignore[arg-type]
    assert found.advice
    if None in (done, pain, settled, worried):
        assert found.move != "harder"


def test_nerve_glides_bring_their_tighter_rule_with_its_source() -> None:
    found = advice("all", 3, **FINE, exercises=["median_nerve_glide"])  # type: ignore[arg-type]
    assert ("exercise_rules/pain_nerve_glide",) in [one.knowledge for one in found.advice]


def test_each_piece_of_advice_has_a_source_or_says_that_it_is_proposed() -> None:
    for pain in (None, 2, 5, 8):
        for one in advice("all", pain, **FINE, indication="frozen_shoulder").advice:  # type: ignore[arg-type]
            assert one.knowledge or one.proposed
