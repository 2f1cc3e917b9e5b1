"""What was said in a check-in is kept once, and what was left open stays open."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from strigil.clinic import gather
from strigil.clinic.actions import Refused
from strigil.clinic.actions import check_in as actions
from strigil.clinic.models import CheckIn, ReactionCheck, Visit
from strigil.pathway.respond.check_in import Said
from tests.clinic.cast import Story, everything
from tests.clinic.check_in.hands import NOTHING, sent
from tests.clinic.page import Page


def test_what_was_said_is_kept_and_what_was_left_open_stays_open(story: Story, visit: Visit, phone: Client) -> None:
    found = story.check_in(visit)
    response = sent(phone, found, soreness="4", marks=["mild_bruise"], exercises_done="some")
    assert "Thank you" in Page(response).text
    found.refresh_from_db()
    assert (found.soreness, found.marks, found.exercises_done) == (4, ["mild_bruise"], "some")
    assert (found.function, found.worries, found.mark_size, found.words) == ("", [], "", "")
    assert found.look_by is None
    check = ReactionCheck.objects.get(said_by="patient")
    assert (check.when, check.none_seen, check.complete, check.created_by) == ("next_day", False, False, None)
    assert {one.reaction: one.still_present for one in check.reactions.all()} == {"soreness": True, "mild_bruise": True}


def test_nothing_at_all_is_none_only_where_the_patient_said_so(story: Story, visit: Visit, phone: Client) -> None:
    sent(phone, story.check_in(visit), **NOTHING)
    check = ReactionCheck.objects.get(said_by="patient")
    assert (check.none_seen, check.complete) == (True, True)
    facts = gather.visit_facts(gather.with_doses(Visit.objects.filter(pk=visit.pk)).get())
    assert [(one.reaction, one.still_present) for one in facts.reactions] == [("redness_heat", False)]
    assert facts.reaction_reviewed


@pytest.mark.parametrize("left", ["soreness", "marks", "nothing"])
def test_one_question_left_open_is_not_none_and_nobody_has_asked_yet(
    left: str, story: Story, visit: Visit, phone: Client, tablet: Client
) -> None:
    sent(phone, story.check_in(visit), **{name: value for name, value in NOTHING.items() if name != left})
    check = ReactionCheck.objects.get(said_by="patient")
    assert (check.none_seen, check.complete) == (False, False)
    facts = gather.visit_facts(gather.with_doses(Visit.objects.filter(pk=visit.pk)).get())
    assert not facts.reaction_reviewed
    text = Page(tablet.get(f"/visits/{visit.pk}")).text
    assert "said by the patient, not looked at; not answered or not clear:" in text
    later = story.days(1).draft(visit.course)
    assert "The patient left questions open about skin and symptoms" in Page(tablet.get(f"/visits/{later.pk}")).text


def test_an_answer_with_nothing_in_it_is_given_back_and_the_link_stays(
    story: Story, visit: Visit, phone: Client
) -> None:
    found = story.check_in(visit)
    before = everything()
    back = sent(phone, found)
    assert back.status_code == 422
    assert "Touch at least one answer." in Page(back).summary
    assert everything() == before
    assert sent(phone, found, soreness="0").status_code == 200


@pytest.mark.parametrize(
    "given",
    [
        {"soreness": "11"},
        {"soreness": "-1"},
        {"marks": "dvt"},
        {"function": "x"},
        {"worries": "none"},
        {"words": "x" * 501},
    ],
)
def test_bad_input_is_given_back_with_what_was_answered(
    given: dict[str, str], story: Story, visit: Visit, phone: Client
) -> None:
    found = story.check_in(visit)
    before = everything()
    back = sent(phone, found, **({"exercises_done": "some"} | given))
    assert back.status_code == 422
    assert Page(back).holds("exercises_done", "some")
    assert everything() == before


def test_nothing_but_the_answers_can_be_written(story: Story, visit: Visit, phone: Client) -> None:
    found = story.check_in(visit)
    sneaked = {"looked_at": "2026-11-20", "looked_by": story.by.pk, "look_by": "", "closes_at": "2030-01-01"}
    sent(phone, found, **NOTHING, **sneaked, visit="x", said_by="staff", complete="on", none_seen="on")
    kept = CheckIn.objects.get()
    assert (kept.looked_at, kept.closes_at, kept.visit_id) == (None, found.closes_at, visit.pk)


@pytest.mark.django_db(transaction=True)
def test_answered_twice_at_once_is_kept_once(story: Story) -> None:
    found = story.check_in(story.signed(story.ready()))
    start, outcomes = Barrier(4), []

    def answer(soreness: int) -> None:
        try:
            start.wait()
            given = Said(soreness=soreness)
            actions.answer_check_in(check_in=CheckIn.objects.get(pk=found.pk), said=given, now=timezone.now())
            outcomes.append("kept")
        except Refused as refusal:
            outcomes.append(type(refusal).__name__)
        finally:
            connection.close()

    threads = [Thread(target=answer, args=(number,)) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(outcomes) == ["Closed", "Closed", "Closed", "kept"]
    assert ReactionCheck.objects.filter(said_by="patient").count() == 1


def test_the_record_says_who_said_it_and_cannot_say_otherwise(story: Story, visit: Visit) -> None:
    story.answered(visit, soreness=3)
    check = ReactionCheck.objects.get(said_by="patient")
    for wrong in ({"said_by": "staff"}, {"created_by": story.by}, {"when": "next_visit"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ReactionCheck.objects.filter(pk=check.pk).update(**wrong)
