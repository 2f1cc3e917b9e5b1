"""What the clinic's courses add up to: counts, never of so few that one could be recognised."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from strigil.accounts.models import User
from strigil.clinic.actions import evaluate
from strigil.pathway.facts import Moment
from strigil.pathway.learn.summary import SMALLEST
from tests.clinic.cast import TREATED, Story

SMALL = {"indication": "frozen_shoulder"}


def rows(client: Client) -> dict[str, list[str]]:
    """The table as it is drawn: condition → cells."""
    html = client.get("/learn").content.decode()
    found = {}
    for row in re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", html, re.S):
        condition, *cells = re.split(r"<t[dh][^>]*>", row)
        found[re.sub(r"<.*?>", "", condition).strip()] = [re.sub(r"<.*?>", "", one).strip() for one in cells]
    return found


def courses(story: Story, number: int, *reactions: str, **more: Any) -> None:
    for _ in range(number):
        course = story.days(-3).ready(**more)
        visit = story.days(-3).signed(course)
        story.days(-2).asked_after(visit, *reactions)
        pain = evaluate.ReadingInput("nprs", Decimal(2), Moment.BEFORE)
        evaluate.record_readings(by=story.by, course=course, on=story.on, readings=[pain])


def test_a_group_of_five_is_counted(story: Story, tablet: Client) -> None:
    courses(story, SMALLEST, "hematoma")
    assert rows(tablet) == {
        "Tennis elbow (lateral epicondylitis)": ["5", "0", "0", "5", "0", "0", "0", "5 of 5", "5 of 5", "5"]
    }


@pytest.mark.parametrize("number", range(1, SMALLEST))
def test_a_group_under_five_shows_its_size_and_nothing_else(number: int, story: Story, tablet: Client) -> None:
    courses(story, number, "hematoma")
    assert list(rows(tablet).values()) == [[str(number), "too few to break down"]]


def test_courses_without_a_signed_visit_are_not_counted(story: Story, tablet: Client) -> None:
    courses(story, SMALLEST)
    story.draft(story.ready())
    assert [cells[0] for cells in rows(tablet).values()] == [str(SMALLEST)]


def test_published_cases_are_left_out(story: Story, tablet: Client) -> None:
    courses(story, SMALLEST)
    story.with_visits(1, patient=story.patient("Case", origin="published", source="loghmani-2015"))
    assert [cells[0] for cells in rows(tablet).values()] == [str(SMALLEST)]


def test_another_clinics_courses_are_not_ours(story: Story, stranger: User, tablet: Client) -> None:
    courses(Story(stranger, story.on), SMALLEST)
    assert rows(tablet) == {}


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


def test_a_reaction_noted_on_a_draft_is_not_counted_as_asked(story: Story, tablet: Client) -> None:
    courses(story, SMALLEST)
    draft = story.written(story.draft(story.with_visits(1)), note=TREATED.note)
    story.asked_after(draft)
    cells = next(iter(rows(tablet).values()))
    asked, visits = re.findall(r"\d+", cells[8])
    assert (asked, visits) == ("5", "6")
