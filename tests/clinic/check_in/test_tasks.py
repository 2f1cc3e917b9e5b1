"""What was said in a check-in comes to a clinician, and by when."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.test import Client
from django.utils import timezone

from strigil.accounts.models import Clinic
from strigil.clinic import check_ins, gather
from strigil.clinic.actions import book, treat
from strigil.clinic.actions import check_in as actions
from strigil.clinic.actions.evaluate import close_course
from strigil.clinic.actions.respond import ReactionInput
from strigil.clinic.models import CheckIn, Tally, Visit
from strigil.knowledge import load
from strigil.pathway.respond.check_in import Said, look_by
from tests.clinic.cast import TREATED, Story
from tests.clinic.check_in.hands import NOTHING, sent
from tests.clinic.page import Page


def test_an_adverse_answer_is_a_task_with_a_time_and_is_done_with_one_touch_and_undone(
    story: Story, visit: Visit, phone: Client, tablet: Client
) -> None:
    sent(phone, story.check_in(visit), soreness="2", marks="none", worries=["nerve"])
    found = CheckIn.objects.get()
    today = Page(tablet.get("/today"))
    assert "To look at" in today.text
    assert "Signs from a nerve" in today.text
    assert "look by Friday 20 November, 13:00" in today.text
    where = f"/check-ins/{found.pk}/looked"
    done = tablet.post(where, {"version": found.version, "note": "Called: better already."}, follow=True)
    assert "Looked at: Éva Tóth , Called: better already." in Page(done).text
    assert "look by" not in Page(done).text
    assert "looked at by Clinician" in Page(tablet.get(f"/visits/{visit.pk}")).text
    undone = tablet.post(where, {"version": found.version + 1, "again": "yes"}, follow=True)
    assert "It is still to be looked at." in Page(undone).text
    assert "look by Friday 20 November, 13:00" in Page(undone).text


def test_an_expected_answer_is_no_task(story: Story, visit: Visit, phone: Client, tablet: Client) -> None:
    sent(phone, story.check_in(visit), **(NOTHING | {"soreness": "3", "marks": "petechiae"}))
    assert CheckIn.objects.get().look_by is None
    assert "To look at" not in Page(tablet.get("/today")).text


@pytest.mark.parametrize(
    "given",
    [
        {"worries": "hematoma"},
        {"worries": "red_flag_dvt"},
        {"words": "My arm looks odd."},
        {"marks": "other"},
        {"marks": "mild_bruise", "mark_change": "larger"},
        {"soreness": "7"},
        {"worries": "nerve", "nothing": "yes"},
    ],
)
def test_whatever_is_not_expected_is_a_task_and_stands_at_the_next_visits_gate(
    given: dict[str, str], story: Story, visit: Visit, phone: Client, tablet: Client
) -> None:
    answer = sent(phone, story.check_in(visit), **given)
    assert "You told us of something that somebody has to look at" in Page(answer).text
    found = CheckIn.objects.get()
    assert found.look_by is not None
    later = story.days(3).draft(visit.course)
    assert "The patient said something after visit 1 that nobody has looked at." in gate(later, tablet)
    actions.look_at(by=story.by, check_in=found, seen=found.version, note="", now=timezone.now())
    assert "nobody has looked at" not in gate(later, tablet)


def gate(draft: Visit, tablet: Client) -> str:
    return Page(tablet.get(f"/visits/{draft.pk}")).text


def test_no_answer_is_shown_as_not_answered_and_never_as_none(story: Story, visit: Visit, tablet: Client) -> None:
    story.check_in(visit, hours_ago=31)
    for address in (f"/visits/{visit.pk}", f"/courses/{visit.course_id}"):
        text = Page(tablet.get(address)).text
        assert "not answered; it closed on" in text.lower() or "Not answered; it closed on" in text
        assert "Next day" not in text
    later = story.days(3).draft(visit.course)
    assert "Nobody has asked how the skin and the symptoms were" in gate(later, tablet)


def test_the_course_shows_what_was_said_beside_the_dose(story: Story, visit: Visit, tablet: Client) -> None:
    story.answered(visit, soreness=3, marks=["mild_bruise"], worries=["none"])
    row = Page(tablet.get(f"/courses/{visit.course_id}")).text
    assert "Next day: Soreness (still there); Mild bruise (still there) (said by the patient, not looked at)" in row


def test_a_red_flag_alone_stands_on_the_record_in_words(story: Story, visit: Visit, tablet: Client) -> None:
    story.answered(visit, worries=["red_flag_dvt"])
    for address in (f"/visits/{visit.pk}", f"/courses/{visit.course_id}", f"/visits/{visit.pk}/respond"):
        text = Page(tablet.get(address)).text
        assert "Deep vein thrombosis or pulmonary embolism suspected (said by the patient, not looked at" in text


def test_an_amended_visit_still_says_that_the_patient_said_it(story: Story, visit: Visit, tablet: Client) -> None:
    story.answered(visit, soreness=2, marks=["none"], worries=["none"])
    visit.refresh_from_db()
    treat.amend_visit(by=story.by, visit=visit, seen=visit.version, given=TREATED, reason="Time was wrong.")
    text = Page(tablet.get(f"/visits/{visit.pk}")).text
    assert text.count("said by the patient") >= 3, "as it reads, before the amendment and after it"


def test_the_patients_word_never_settles_what_is_adverse(story: Story) -> None:
    visit = story.signed(story.ready(), reactions=(ReactionInput("hematoma"), ReactionInput("redness_heat")))
    story.answered(visit, soreness=0, marks=["none"], worries=["none"])
    facts = gather.visit_facts(gather.with_doses(Visit.objects.filter(pk=visit.pk)).get())
    assert {one.reaction: one.still_present for one in facts.reactions} == {"hematoma": None, "redness_heat": False}


def test_a_closed_course_is_counted_again(story: Story, visit: Visit) -> None:
    found = story.check_in(visit)
    close_course(by=story.by, course=visit.course, seen=1, on=story.on, status="finished", note="")
    assert Tally.objects.get().adverse == 0
    actions.answer_check_in(
        check_in=found,
        said=Said(soreness=1, marks=frozenset({"none"}), worries=frozenset({"nerve"})),
        now=timezone.now(),
    )
    assert (Tally.objects.get().adverse, Tally.objects.get().reactions_asked) == (1, 1)


# --- By when ----------------------------------------------------------------------------------------------------


FRIDAY_NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "by"),
    [
        (FRIDAY_NOON, datetime(2026, 11, 20, 13, tzinfo=UTC)),
        (datetime(2026, 11, 20, 7, tzinfo=UTC), datetime(2026, 11, 20, 10, tzinfo=UTC)),
        (datetime(2026, 11, 20, 17, tzinfo=UTC), datetime(2026, 11, 23, 10, tzinfo=UTC)),
        (datetime(2026, 11, 21, 12, tzinfo=UTC), datetime(2026, 11, 23, 10, tzinfo=UTC)),
        (datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 26, 10, tzinfo=UTC)),
    ],
)
def test_somebody_looks_within_an_hour_of_being_at_work(said: datetime, by: datetime, clinic: Clinic) -> None:
    assert look_by(check_ins.at_work(clinic, said), load()) == by


def test_the_clinics_own_hours_and_closed_days_count(story: Story) -> None:
    story.page()
    assert check_ins.at_work(story.by.clinic, FRIDAY_NOON) == datetime(2026, 11, 21, 9, tzinfo=UTC)
    book.add_closed_days(by=story.by, first=date(2026, 11, 21), last=date(2026, 11, 24))
    assert check_ins.at_work(story.by.clinic, FRIDAY_NOON) == datetime(2026, 11, 25, 9, tzinfo=UTC)
