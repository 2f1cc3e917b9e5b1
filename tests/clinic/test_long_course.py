"""A long course is shown from its newest end, and nothing that still counts is lost by that."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from strigil.clinic import charts, gather
from strigil.clinic.models import Course, Finding
from strigil.knowledge import load
from strigil.pathway import screen
from strigil.pathway.facts import Answer, AnswerValue
from tests.clinic.cast import Story

LONG = 6


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Long is what is longer than a page, so the page is made short."""
    monkeypatch.setattr(charts, "SHOWN", 4)


@pytest.fixture
def course(story: Story) -> Course:
    return story.with_visits(LONG)


def listed(html: str) -> list[int]:
    return [int(number) for number in re.findall(r'<th scope="row"><a href="/visits/[^"]+">(\d+),', html)]


def test_a_long_course_lists_the_newest_visits_and_says_how_many_there_are(course: Course, tablet: Client) -> None:
    html = tablet.get(f"/courses/{course.pk}").content.decode()
    assert listed(html) == [3, 4, 5, 6]
    assert f"the newest 4 of {LONG} visits" in html


def test_the_whole_of_a_long_course_is_one_link_away(course: Course, tablet: Client) -> None:
    html = tablet.get(f"/courses/{course.pk}?visits=all").content.decode()
    assert listed(html) == list(range(1, LONG + 1))
    assert "Shown: the newest" not in html


def test_a_course_that_fits_is_shown_whole_without_a_word(story: Story, tablet: Client) -> None:
    html = tablet.get(f"/courses/{story.with_visits(2).pk}").content.decode()
    assert listed(html) == [1, 2]
    assert "Shown: the newest" not in html


@pytest.mark.parametrize("page", ["", "/measure"])
def test_change_counts_from_the_first_reading_even_where_that_is_not_drawn(
    page: str, course: Course, tablet: Client
) -> None:
    for address in (f"/courses/{course.pk}{page}", f"/courses/{course.pk}{page}?visits=all"):
        assert "fell from 7 to 5 of 10" in tablet.get(address).content.decode()


def test_the_advice_is_the_same_from_a_part_as_from_the_whole(course: Course, story: Story) -> None:
    part, whole = (charts.response_figures(course, story.on, whole=whole) for whole in (False, True))
    assert part["review"] == whole["review"]
    assert part["changes"] == whole["changes"]
    assert [figure.sentence for figure in part["figures"]] == [figure.sentence for figure in whole["figures"]]


def every_answer(course: Course) -> tuple[Answer, ...]:
    rows = Finding.objects.filter(patient=course.patient).order_by("asked_on", "id")
    return tuple(Answer(row.finding, AnswerValue(row.answer), row.asked_on) for row in rows)


@pytest.mark.parametrize("later", [0, 1, 2, 7, 8, 30, 31, 90, 91, 400])
def test_what_is_left_out_of_a_screen_would_not_have_changed_it(course: Course, story: Story, later: int) -> None:
    on = story.on + timedelta(days=later)
    taken, given = gather.case(course, on, "graston"), every_answer(course)
    whole = type(taken)(**{name: getattr(taken, name) for name in taken.__slots__} | {"answers": given})
    assert screen.screen(taken, load()) == screen.screen(whole, load())


def test_an_answer_that_was_asked_again_is_left_out_once_it_is_too_old(course: Course, story: Story) -> None:
    taken = gather.answers(course.patient_id, story.on + timedelta(days=400))
    assert len(taken) == len(load().asked) < len(every_answer(course))
