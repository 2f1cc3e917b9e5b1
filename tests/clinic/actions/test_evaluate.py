"""A course is opened, described, measured and closed: what is nonsense is refused."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from strigil.clinic.actions import Refused, evaluate, treat
from strigil.pathway.facts import Moment
from tests.clinic.actions.made import TEXT
from tests.clinic.cast import FOREARM, UPPER_ARM, Story, everything


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"indication": "tennis"}, "'tennis' is not an indication"),
        ({"sites": []}, "at least one site"),
        ({"sites": [evaluate.SiteInput("elbow_pit", "left")]}, "'elbow_pit' is not a region"),
        ({"onset": date(2026, 11, 21)}, "cannot begin after"),
    ],
)
def test_a_course_that_says_nonsense_is_not_opened(changes: dict[str, Any], why: str, story: Story) -> None:
    patient = story.patient()
    given = {
        "indication": "lateral_epicondylitis",
        "side": "right",
        "sites": [evaluate.SiteInput(FOREARM, "right")],
    }
    before = everything()
    with pytest.raises(Refused, match=why):
        evaluate.open_course(by=story.by, patient=patient, on=story.on, **given | changes)
    assert everything() == before


@pytest.mark.parametrize(
    ("region", "side", "why"),
    [
        ("elbow_pit", "left", "'elbow_pit' is not a region"),
        (UPPER_ARM, "", "which side"),
        (FOREARM, "right", "already"),
    ],
)
def test_a_site_that_is_none_or_is_there_is_not_added(region: str, side: str, why: str, story: Story) -> None:
    course = story.course()
    with pytest.raises(Refused, match=why):
        evaluate.add_site(by=story.by, course=course, site=evaluate.SiteInput(region, side))
    assert course.sites.count() == 1


def test_a_site_stays_that_was_treated_or_is_the_last_or_while_a_draft_is_open(story: Story) -> None:
    course = story.course(regions=(FOREARM, UPPER_ARM))
    forearm, upper = course.sites.order_by("id")
    draft = story.written(story.draft(course))
    for site, why in ((forearm, "was treated, so it stays"), (upper, "still a draft")):
        with pytest.raises(Refused, match=why):
            evaluate.remove_site(by=story.by, site=site)
    treat.discard_visit(by=story.by, visit=draft, seen=draft.version)
    evaluate.remove_site(by=story.by, site=upper)
    with pytest.raises(Refused, match="the only site"):
        evaluate.remove_site(by=story.by, site=forearm)
    assert [one.region for one in course.sites.all()] == [FOREARM]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (evaluate.AnswerInput("toothache", "no"), "not a question"),
        (evaluate.AnswerInput("cancer", "perhaps"), "not an answer"),
        (evaluate.AnswerInput("cancer", "yes", since=date(2026, 11, 21)), "cannot have begun after today"),
    ],
)
def test_one_bad_answer_keeps_none_of_them(given: evaluate.AnswerInput, why: str, story: Story) -> None:
    course = story.course()
    before = everything()
    with pytest.raises(Refused, match=why):
        evaluate.record_answers(
            by=story.by, course=course, on=story.on, answers=[evaluate.AnswerInput("crps", "no"), given]
        )
    assert everything() == before


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (evaluate.ReadingInput("happiness", Decimal(1), Moment.BEFORE), "not a measure"),
        (evaluate.ReadingInput("nprs", Decimal(11), Moment.BEFORE), "allowed 0 to 10"),
        (evaluate.ReadingInput("wrist_flexion", Decimal(20), Moment.BEFORE), "say which side"),
    ],
)
def test_a_reading_off_the_shelf_is_refused(given: evaluate.ReadingInput, why: str, story: Story) -> None:
    course = story.course()
    before = everything()
    with pytest.raises(Refused, match=why):
        evaluate.record_readings(by=story.by, course=course, on=story.on, readings=[given])
    assert everything() == before


def test_a_reading_goes_to_a_visit_of_its_own_course_only(story: Story) -> None:
    visit = story.draft(story.course())
    with pytest.raises(Refused, match="another course"):
        evaluate.record_readings(by=story.by, course=story.course(), on=story.on, readings=[], visit=visit)


def test_nothing_is_added_to_a_closed_course(story: Story) -> None:
    course = story.ready()
    evaluate.close_course(by=story.by, course=course, seen=course.version, on=story.on, status="finished", note="")
    before = everything()
    for add in (
        lambda: story.measured(course),
        lambda: story.screened(course),
        lambda: story.planned(course),
        lambda: story.draft(course),
        lambda: evaluate.set_goal(by=story.by, course=course, measure="nprs", value=Decimal(1), by_day=None),
        lambda: evaluate.add_site(by=story.by, course=course, site=evaluate.SiteInput(UPPER_ARM, "right")),
        lambda: evaluate.describe_course(by=story.by, course=course, seen=course.version, **TEXT),
    ):
        with pytest.raises(Refused, match="closed"):
            add()
    assert everything() == before


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"status": "open"}, "finished or was stopped"),
        ({"status": "stopped", "note": " "}, "why the course was stopped"),
        ({"on": date(2026, 11, 19)}, "cannot end before"),
    ],
)
def test_a_course_is_closed_only_with_what_closing_needs(changes: dict[str, Any], why: str, story: Story) -> None:
    course = story.course()
    given = {"on": story.on, "status": "finished", "note": ""} | changes
    with pytest.raises(Refused, match=why):
        evaluate.close_course(by=story.by, course=course, seen=1, **given)


def test_a_course_with_a_draft_is_not_closed(story: Story) -> None:
    course = story.ready()
    story.draft(course)
    with pytest.raises(Refused, match="sign or discard it first"):
        evaluate.close_course(by=story.by, course=course, seen=course.version, on=story.on, status="finished", note="")
