"""A page asks the database the same number of questions however long the record is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from strigil.clinic.actions import treat
from strigil.clinic.models import Course
from tests.clinic.cast import TREATED, Story
from tests.clinic.work import WORK

MANY = 30


def asked(client: Client, address: str) -> int:
    """Of a second look in the same moment: the first may note that the session lives, as one does every half minute."""
    with time_machine.travel(timezone.now(), tick=False):
        assert client.get(address).status_code == 200, address
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200, address
    return len(queries)


OF_THE_NEWEST = {"course", "measure"}
"""Pages that show a long course's newest visits alone, and ask then when each series began."""


def pages_of(course: Course) -> Iterator[tuple[str, str]]:
    draft = course.visits.get(status="draft")
    signed = course.visits.filter(status="signed").order_by("number").last()
    here = f"/courses/{course.pk}"
    yield "course", here
    for step in ("evaluate", "screen", "plan", "measure"):
        yield step, f"{here}/{step}"
    for page in ("home", "home/print"):
        yield page, f"{here}/{page}"
    yield "visit", f"/visits/{draft.pk}"
    for step in ("sign", "override", "discard"):
        yield step, f"/visits/{draft.pk}/{step}"
    yield "signed visit", f"/visits/{signed.pk}"
    for step in ("respond", "amend"):
        yield step, f"/visits/{signed.pk}/{step}"
    yield "patient", f"/patients/{course.patient_id}"


@pytest.fixture
def short_and_long(story: Story) -> tuple[Course, Course]:
    courses = []
    for number in (1, MANY):
        course = story.days(-3).with_visits(number)
        signed = course.visits.order_by("number").last()
        for _ in range(1 if number == 1 else 5):
            treat.amend_visit(by=story.by, visit=signed, seen=signed.version, given=TREATED, reason="typing mistake")
        for _ in range(number):
            story.prescribed(course)
        story.draft(course)
        courses.append(course)
    return courses[0], courses[1]


def test_a_page_of_the_pathway_asks_as_much_after_thirty_visits_as_after_one(
    short_and_long: tuple[Course, Course], tablet: Client
) -> None:
    short, long = (dict(pages_of(course)) for course in short_and_long)
    tablet.get("/today")
    counts = {page: (asked(tablet, short[page]), asked(tablet, long[page])) for page in short}
    assert {page: (few, many) for page, (few, many) in counts.items() if many != few + (page in OF_THE_NEWEST)} == {}
    assert max(few for few, _ in counts.values()) <= 25 + 1  # and the line of the log


def test_todays_list_and_the_patients_ask_as_much_of_many_as_of_few(story: Story, tablet: Client) -> None:
    def fill(number: int) -> None:
        for _ in range(number):
            yesterday = story.days(-1).with_visits(4)
            story.days(-1).draft(story.days(-1).course())
            story.draft(yesterday)
            story.days(-1).with_visits(1)

    fill(1)
    few = {address: asked(tablet, address) for address in ("/today", "/patients", "/patients?q=eva")}
    fill(3)
    assert {address: asked(tablet, address) for address in few} == few
    assert max(few.values()) <= 12


@pytest.mark.django_db(transaction=True)
def test_a_patients_page_and_registering_one_ask_few_questions(story: Story, tablet: Client) -> None:
    """The log's among them: of a page its line, of a write also its notes, its rows and their lines."""
    page, (form, sent) = f"/patients/{story.patient().pk}", WORK["register"](story)
    assert asked(tablet, page) == 6
    with time_machine.travel(timezone.now(), tick=False), CaptureQueriesContext(connection) as queries:
        assert tablet.post(form, sent).status_code == 302
    assert sum("max(id)" not in one["sql"] for one in queries) <= 15, "but for what the oracle asks"
