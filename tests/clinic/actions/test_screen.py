"""What was decided can be decided again; an agreement and an override permit what they name and no more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from strigil.clinic.actions import Refused, evaluate, screen, treat
from strigil.clinic.models import Course, Override, Screening
from strigil.knowledge import load
from strigil.pathway import screen as pathway
from strigil.pathway.screen.json import case_from_json, decision_to_json
from tests.clinic.actions.made import held, in_the_way, overridden
from tests.clinic.cast import FOREARM, UPPER_ARM, Story, everything


@pytest.mark.parametrize("yes", [[], ["anticoagulants"], ["red_flag_dvt", "open_wound"], ["pregnancy", "diabetes"]])
def test_a_stored_screen_can_be_decided_again_from_its_own_inputs(yes: list[str], story: Story) -> None:
    course = story.course()
    stored = story.screened(course, yes=yes, unasked=["crps"])
    case = case_from_json(stored.inputs, load())
    again = decision_to_json(pathway.screen(case, load()), load())
    for name in ("outcome", "complete", "sites", "reasons", "unasked"):
        assert again[name] == getattr(stored, name), name
    assert again["knowledge"] == {"version": stored.knowledge_version, "sha256": stored.knowledge_sha256}


def test_a_screen_with_places_days_and_clearances_can_be_decided_again(story: Story) -> None:
    course = story.course(regions=(FOREARM, UPPER_ARM))
    story.screened(course, unasked=["surgical_incision", "anticoagulants"])
    given = [
        evaluate.AnswerInput("surgical_incision", "yes", FOREARM, "right", since=date(2026, 10, 1)),
        evaluate.AnswerInput("anticoagulants", "yes"),
    ]
    evaluate.record_answers(by=story.by, course=course, on=story.on, answers=given)
    cleared(story, course)
    stored = screen.store_screening(by=story.by, course=course, on=story.on, technique="graston")
    stored.refresh_from_db()
    again = decision_to_json(pathway.screen(case_from_json(stored.inputs, load()), load()), load())
    assert {name: again[name] for name in ("outcome", "sites", "reasons")} == {
        "outcome": stored.outcome,
        "sites": stored.sites,
        "reasons": stored.reasons,
    }
    assert [one["outcome"] for one in stored.sites] == ["clearance", "modify"]


def cleared(story: Story, course: Course, **changes: Any) -> None:
    given = {"agreed_on": story.on, "until": story.on + timedelta(days=10)} | changes
    screen.record_clearance(
        by=story.by, patient=course.patient, finding="anticoagulants", physician="Dr Adler", on=story.on, **given
    )


def test_a_physicians_agreement_turns_clearance_into_modify_until_it_ends(story: Story) -> None:
    course = story.course()
    assert story.screened(course, yes=["anticoagulants"]).outcome == "clearance"
    cleared(story, course)
    now = screen.store_screening(by=story.by, course=course, on=story.on)
    assert now.outcome == "modify"
    assert [one["cleared"] for one in now.reasons if one["rule"] == "anticoagulants"] == [True]
    assert story.days(11).screened(course, yes=["anticoagulants"]).outcome == "clearance"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"finding": "red_flag_dvt"}, "does not change"),
        ({"finding": "open_wound"}, "does not change"),
        ({"finding": "nonsense"}, "does not change"),
        ({"physician": "  "}, "Name the physician"),
        ({"agreed_on": date(2026, 11, 21), "until": date(2026, 11, 30)}, "in the future"),
        ({"until": date(2026, 11, 1)}, "end after it begins"),
    ],
)
def test_an_agreement_that_is_none_is_refused(changes: dict[str, Any], why: str, story: Story) -> None:
    given = {"finding": "anticoagulants", "physician": "Dr A", "agreed_on": story.on, "until": story.on} | changes
    patient = story.patient()
    with pytest.raises(Refused, match=why):
        screen.record_clearance(by=story.by, patient=patient, on=story.on, **given)


@pytest.mark.parametrize(
    ("yes", "why"),
    [
        ("red_flag_dvt", "says emergency. That is never overridden"),
        ("osteomyelitis", "says refer. That is never overridden"),
        ("", "nothing needs overriding"),
        ("diabetes", "nothing needs overriding"),
    ],
)
def test_what_may_not_or_need_not_be_overridden_is_not(yes: str, why: str, story: Story) -> None:
    course = story.course()
    story.screened(course, yes=[yes])
    visit = story.draft(course)
    before = everything()
    with pytest.raises(Refused, match=why):
        overridden(story, visit)
    assert everything() == before


def test_an_engine_that_could_not_decide_is_never_overridden(story: Story) -> None:
    visit = held(story)
    Screening.objects.update(outcome="error")
    with pytest.raises(Refused, match="could not decide, and that is never overridden"):
        overridden(story, visit)


def test_an_override_needs_a_reason_something_in_the_way_a_clinician_and_a_draft(story: Story, someone: Any) -> None:
    visit = held(story)
    before = everything()
    with pytest.raises(Refused, match="Give the reason"):
        overridden(story, visit, " ")
    for keys in ([], ["nonsense"], [*(one.key for one in in_the_way(visit)), "nonsense"]):
        with pytest.raises(Refused, match="has changed since"):
            overridden(story, visit, overriding=keys)
    assistant = replace(story, by=someone("assistant"))
    with pytest.raises(Refused, match="Only an owner or a clinician"):
        overridden(assistant, visit)
    assert Override.objects.count() == len(before["Override"]) == 0
    signed = story.signed(story.course())
    with pytest.raises(Refused, match="signed"):
        overridden(story, signed, "after the fact")


def test_an_override_permits_its_own_visit_and_no_other(story: Story) -> None:
    course = story.course()
    first = held(story, course)
    with pytest.raises(Refused, match="says hold"):
        treat.sign_visit(by=story.by, visit=first, seen=2)
    overridden(story, first)
    treat.sign_visit(by=story.by, visit=first, seen=2)
    story.asked_after(first)
    later = story.days(3)
    second = held(later, course)
    with pytest.raises(Refused, match="says hold"):
        treat.sign_visit(by=story.by, visit=second, seen=2)
    assert [one.visit for one in Override.objects.all()] == [first]


def test_an_override_of_an_older_screen_does_not_permit_after_a_worse_one(story: Story) -> None:
    course = story.course()
    visit = held(story, course)
    overridden(story, visit)
    story.screened(course, yes=["red_flag_dvt"])
    with pytest.raises(Refused, match="says emergency"):
        treat.sign_visit(by=story.by, visit=visit, seen=2)


def test_a_mistaken_yes_can_be_corrected_the_same_day(story: Story) -> None:
    course = story.course()
    story.screened(course)
    for given, outcome in (
        (evaluate.AnswerInput("open_wound", "yes", FOREARM, "right"), "avoid"),
        (evaluate.AnswerInput("open_wound", "no"), "proceed"),
        (evaluate.AnswerInput("open_wound", "yes", FOREARM, "right"), "avoid"),
        (evaluate.AnswerInput("open_wound", "unknown"), "incomplete"),
    ):
        evaluate.record_answers(by=story.by, course=course, on=story.on, answers=[given])
        assert screen.store_screening(by=story.by, course=course, on=story.on).outcome == outcome, given


def test_answers_of_two_courses_that_disagree_leave_the_question_open(story: Story) -> None:
    patient = story.patient()
    one, other = story.course(patient), story.course(patient)
    story.screened(one, unasked=["cancer"])
    for course, word in ((one, "yes"), (other, "no")):
        evaluate.record_answers(
            by=story.by, course=course, on=story.on, answers=[evaluate.AnswerInput("crps", word, FOREARM, "right")]
        )
    stored = screen.store_screening(by=story.by, course=one, on=story.on)
    assert "crps" in [each["finding"] for each in stored.unasked]
