"""What the figures of a course say: as the pathway judges it, and never more than is known."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.test import Client

from strigil.clinic.actions import evaluate
from strigil.clinic.models import Course
from strigil.pathway.facts import Moment
from tests.clinic.cast import Story


def read(story: Story, course: Course, measure: str, value: int, moment: Moment = Moment.BEFORE) -> None:
    given = [evaluate.ReadingInput(measure, Decimal(value), moment)]
    evaluate.record_readings(by=story.by, course=course, on=story.on, readings=given)


def said(tablet: Client, course: Course, label: str) -> str:
    """The words of one figure, without its picture."""
    html = tablet.get(f"/courses/{course.pk}/measure").content.decode()
    figure = next(one for one in re.findall(r"<section.*?</section>", html, re.S) if label in one)
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"<svg.*?</svg>", " ", figure, flags=re.S)).split())


@pytest.fixture
def course(story: Story) -> Course:
    return story.course()


def test_two_readings_of_one_day_are_no_change(story: Story, course: Course, tablet: Client) -> None:
    read(story, course, "nprs", 7, Moment.BASELINE)
    read(story, course, "nprs", 3)
    text = said(tablet, course, "Pain 0–10")
    assert "2 readings, all of one day: nothing to compare with yet." in text
    assert "Changed by" not in text


def test_the_next_day_it_is_a_change(story: Story, course: Course, tablet: Client) -> None:
    read(story, course, "nprs", 7, Moment.BASELINE)
    read(story.days(1), course, "nprs", 3)
    assert "Changed by −4 of 10: better, by more than error" in said(tablet, course, "Pain 0–10")


def test_a_rating_of_change_is_rated_and_not_subtracted(story: Story, course: Course, tablet: Client) -> None:
    read(story, course, "groc", 6)
    read(story.days(7), course, "groc", 4)
    text = said(tablet, course, "Change −7 to +7")
    assert "is rated 4 points: better, by what counts as important." in text
    assert "Rated +4 points" in text
    assert "Less than 3 points either way" in tablet.get(f"/courses/{course.pk}/measure").content.decode()


def test_conflict_and_doubt_stand_under_the_chart(story: Story, course: Course, tablet: Client) -> None:
    read(story, course, "nprs", 7, Moment.BASELINE)
    assert "Published amounts differ, from 1 to 3.5 of 10." in said(tablet, course, "Pain 0–10")
