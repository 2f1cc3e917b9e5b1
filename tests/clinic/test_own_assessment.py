"""The clinician judges before the advice, once a course; the judgement stays as it was said."""

from __future__ import annotations

import pytest
from django.test import Client

from strigil.clinic.actions import Refused, screen
from strigil.clinic.models import AuditEvent, Finding, Judged, OwnAssessment, Screening
from strigil.pathway.facts import Outcome
from tests.clinic.cast import Story, everything
from tests.clinic.page import Page
from tests.clinic.work import JUDGED, no_to_all


def test_the_first_screen_is_saved_only_with_a_judgement_and_keeps_what_was_answered(
    story: Story, tablet: Client
) -> None:
    course = story.course()
    before = everything()
    sent = no_to_all() | {"judged": "", "judged_note": "Skin looks calm", "open_wound": "yes", "none": "emergency"}
    response = tablet.post(f"/courses/{course.pk}/screen", sent)
    assert response.status_code == 422
    page = Page(response)
    assert "Say what you would do" in page.says("judged")
    assert "#id_judged_0" in page.links
    assert page.holds("judged_note", "Skin looks calm")
    assert ("open_wound", "yes") in page.checked()
    assert "No screen has been made" in page.text
    assert everything() == before


@pytest.mark.parametrize("word", Judged.values)
def test_every_judgement_is_an_outcome_and_is_shown_beside_the_advice(word: str, story: Story, tablet: Client) -> None:
    course = story.course()
    address = f"/courses/{course.pk}/screen"
    assert "judged" not in dict(Page(tablet.get(address)).checked())
    tablet.post(address, no_to_all() | {"judged": word, "judged_note": "Looks well", "red_flag_dvt": "unknown"})
    own = OwnAssessment.objects.get()
    assert (own.course, own.outcome, own.note, own.on, own.created_by) == (
        course, word, "Looks well", story.on, story.by,
    )  # fmt: skip
    assert Outcome(own.outcome)
    assert AuditEvent.objects.filter(action="assessment.record", object_id=own.pk).count() == 1
    said = Page(tablet.get(address)).text_of["outcome"]
    assert f"before the advice: {Judged(word).label}" in said
    assert "Looks well" in said
    assert ("graver than what the rules found" in said) == (Outcome(word).severity > Outcome.INCOMPLETE.severity)


def test_it_is_asked_once_and_never_changed(story: Story, tablet: Client) -> None:
    course = story.course()
    address = f"/courses/{course.pk}/screen"
    tablet.post(address, no_to_all())
    page = Page(tablet.get(address))
    assert not page.controls("judged")
    assert tablet.post(address, {"judged": "emergency"}).status_code == 302
    assert OwnAssessment.objects.get().outcome == "proceed"
    with pytest.raises(Refused, match="after the advice"):
        screen.record_assessment(by=story.by, course=course, on=story.on, outcome="hold")


def test_a_course_that_was_screened_without_one_says_nothing_of_it(story: Story, tablet: Client) -> None:
    course = story.course()
    story.screened(course)
    page = Page(tablet.get(f"/courses/{course.pk}/screen"))
    assert not page.controls("judged")
    assert "judged" not in page.text
    assert tablet.post(f"/courses/{course.pk}/screen", {}).status_code == 302
    assert not OwnAssessment.objects.exists()
    with pytest.raises(Refused, match="after the advice"):
        screen.record_assessment(by=story.by, course=course, on=story.on, outcome="hold")


def test_a_judgement_and_an_answer_that_is_refused_leave_nothing(story: Story, tablet: Client) -> None:
    course = story.course()
    response = tablet.post(f"/courses/{course.pk}/screen", JUDGED | {"cancer": "perhaps"})
    assert response.status_code == 422
    assert ("judged", "proceed") in Page(response).checked()
    assert not OwnAssessment.objects.exists()
    assert not Finding.objects.exists()
    assert not Screening.objects.exists()


@pytest.mark.parametrize("word", ["", "fine", "incomplete", "error"])
def test_only_the_words_offered_are_a_judgement(word: str, story: Story) -> None:
    with pytest.raises(Refused, match="what you would do"):
        screen.record_assessment(by=story.by, course=story.course(), on=story.on, outcome=word)
