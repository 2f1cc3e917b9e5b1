"""What the clinic's courses add up to: counts, never of so few that one could be recognised."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from strigil.accounts.models import User
from strigil.clinic.actions import evaluate, treat
from strigil.clinic.models import Course, Tally
from strigil.clinic.tallies import count_all
from strigil.pathway.facts import Moment
from strigil.pathway.learn.disclosure import SMALLEST
from tests.clinic.cast import AREA, TREATED, UPPER_ARM, Story

ELBOW = "Tennis elbow (lateral epicondylitis)"
SMALL = {"indication": "frozen_shoulder"}


def rows(client: Client) -> dict[str, list[str]]:
    """The table as it is drawn: condition → cells."""
    html = client.get("/learn").content.decode()
    found = {}
    for row in re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", html, re.S):
        condition, *cells = re.split(r"<t[dh][^>]*>", row)
        found[re.sub(r"<.*?>", "", condition).strip()] = [re.sub(r"<.*?>", "", one).strip() for one in cells]
    return found


def opened(story: Story, **more: Any) -> Course:
    """A course with one signed visit and pain that fell."""
    course = story.days(-3).ready(**more)
    story.days(-3).signed(course)
    pain = evaluate.ReadingInput("nprs", Decimal(2), Moment.BEFORE)
    evaluate.record_readings(by=story.by, course=course, on=story.on, readings=[pain])
    return course


def close(story: Story, course: Course, status: str = "finished") -> None:
    course.refresh_from_db()
    evaluate.close_course(
        by=story.by, course=course, seen=course.version, on=story.on, status=status, note="Did not come back."
    )


def courses(story: Story, number: int, *reactions: str, **more: Any) -> None:
    for _ in range(number):
        course = opened(story, **more)
        story.days(-2).asked_after(course.visits.get(), *reactions)
        close(story, course)


def test_a_group_of_five_is_counted(story: Story, tablet: Client) -> None:
    courses(story, SMALLEST, "hematoma")
    ended, verdicts = ["5", "0"], ["5", "0", "0", "0"]
    assert rows(tablet) == {ELBOW: ["5", *ended, *verdicts, "5", "0 of 5", "0 of 5", "0 of 5"]}


@pytest.mark.parametrize("number", range(1, SMALLEST))
def test_a_group_under_five_shows_neither_its_size_nor_anything_else(number: int, story: Story, tablet: Client) -> None:
    courses(story, number, "hematoma")
    assert list(rows(tablet).values()) == [["under 5", "too few to break down"]]


def test_one_that_ended_otherwise_cannot_be_told_from_the_rest(story: Story, tablet: Client) -> None:
    courses(story, SMALLEST)
    close(story, opened(story), status="stopped")
    assert rows(tablet)[ELBOW][:3] == ["6", "not shown", "not shown"]


def test_an_open_course_is_not_counted_and_the_page_says_so(story: Story, tablet: Client) -> None:
    courses(story, SMALLEST)
    opened(story)
    assert [cells[0] for cells in rows(tablet).values()] == [str(SMALLEST)]
    assert "1 course is still open" in tablet.get("/learn").content.decode()


def test_courses_without_a_signed_visit_are_not_counted(story: Story, tablet: Client) -> None:
    courses(story, SMALLEST)
    close(story, story.ready())
    assert [cells[0] for cells in rows(tablet).values()] == [str(SMALLEST)]


def test_published_cases_are_left_out(story: Story, tablet: Client) -> None:
    courses(story, SMALLEST)
    close(story, opened(story, patient=story.patient("Case", origin="published", source="loghmani-2015")))
    assert [cells[0] for cells in rows(tablet).values()] == [str(SMALLEST)]


def test_another_clinics_courses_are_not_ours(story: Story, stranger: User, tablet: Client) -> None:
    courses(Story(stranger, story.on), SMALLEST)
    assert rows(tablet) == {}


def test_what_is_learnt_after_the_end_counts_too(story: Story, tablet: Client) -> None:
    for _ in range(SMALLEST):
        course = opened(story)
        close(story, course)
        visit = course.visits.get()
        story.asked_after(visit, "hematoma")
        story.days(1).asked_after(visit, "hematoma", when="next_visit")
        twice = replace(AREA, region=UPPER_ARM)
        given = replace(TREATED, treatments=(AREA, twice))
        amend = partial(
            treat.amend_visit, by=story.by, visit=visit, seen=visit.version, given=given, reason="An area was missing."
        )
        with pytest.raises(treat.Hindered) as late:
            amend()
        amend(overriding=[one.key for one in late.value.hindering])
    assert rows(tablet)[ELBOW][-4:] == ["5", "0 of 5", "0 of 10", "0 of 10"]


def test_a_record_older_than_its_tallies_is_counted_anew_and_alike(story: Story, tablet: Client) -> None:
    courses(story, SMALLEST, "hematoma")
    before = rows(tablet)
    Tally.objects.all().delete()
    count_all()
    assert rows(tablet) == before != {}


def test_nothing_on_the_page_claims_an_effect(story: Story, tablet: Client) -> None:
    courses(story, SMALLEST)
    text = tablet.get("/learn").content.decode()
    assert "these are not our effect" in text
    assert not re.search(r"\b(effective|works|healed|cured|success)\b", text.split("<h2")[0])


def test_the_number_of_queries_does_not_grow_with_the_courses(story: Story, tablet: Client) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert tablet.get("/learn").status_code == 200
        return len(queries)

    courses(story, 1)
    few = asked()
    courses(story, 4, **SMALL)
    courses(story, 3, "soreness")
    assert asked() == few <= 12
