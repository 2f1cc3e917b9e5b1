"""Today: by time, each with what they need, at one touch."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from strigil.clinic.actions import book
from strigil.clinic.actions.evaluate import close_course
from strigil.clinic.models import Course
from tests.clinic.cast import Story
from tests.clinic.page import Page
from tests.clinic.test_queries import asked


def listed(tablet: Client) -> list[tuple[str, list[str]]]:
    """Of each appointment the line, and where it leads."""
    source = tablet.get("/today").content.decode()
    part = source.split('id="appointments"')[1].split("</section>")[0]
    found = []
    for row in re.split(r'<div class="today-line">', part)[1:]:
        text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip()
        found.append((text, re.findall(r'(?:href|action)="([^"]+)"', row)))
    return found


def only(tablet: Client) -> tuple[str, list[str]]:
    (row,) = listed(tablet)
    return row


def test_appointments_stand_by_time_with_the_visit_they_will_be(story: Story, tablet: Client) -> None:
    story.booked("15:00", story.days(-1).with_visits(3).patient)
    story.booked("08:30", story.course().patient)
    story.days(1).booked("09:00", story.patient("Tomorrow"))
    rows = listed(tablet)
    assert [text[:5] for text, _ in rows] == ["08:30", "15:00"]
    assert "visit 1" in rows[0][0]
    assert "visit 4" in rows[1][0]
    assert "Start visit 4" in rows[1][0]
    assert "Tomorrow" not in tablet.get("/today").content.decode()


def test_who_was_never_screened_is_led_to_the_screen(story: Story, tablet: Client) -> None:
    course = story.course()
    story.booked(patient=course.patient)
    text, links = only(tablet)
    assert "Not screened yet" in text
    assert f"/courses/{course.pk}/screen" in links


def test_an_old_screen_is_to_be_made_again_and_one_of_today_is_not(story: Story, tablet: Client) -> None:
    course = story.days(-4).ready()
    story.booked(patient=course.patient)
    assert "Screen again, last 16 November" in only(tablet)[0]
    story.screened(course)
    assert "creen" not in only(tablet)[0]


@pytest.mark.parametrize(("days", "when"), [(0, "today"), (-3, "of 17 November")])
def test_a_screen_that_stops_is_said_whenever_it_was_made(days: int, when: str, story: Story, tablet: Client) -> None:
    course = story.days(-4).ready()
    story.days(days).screened(course, yes=["central_sensitisation"])
    story.booked(patient=course.patient)
    text, links = only(tablet)
    assert f"Screen {when} says stop" in text
    assert f"/courses/{course.pk}/screen" in links


def test_a_screen_that_asks_for_care_or_is_open_is_said(story: Story, tablet: Client) -> None:
    course = story.ready()
    story.booked(patient=course.patient)
    story.screened(course, yes=["easy_bruising"])
    assert "Screen today says modify" in only(tablet)[0]
    other = story.course()
    story.screened(other, unasked=["anticoagulants"])
    story.booked("10:00", other.patient)
    assert "Screen today is not complete" in listed(tablet)[1][0]


def test_a_reaction_that_nobody_asked_about_leads_to_the_question(story: Story, tablet: Client) -> None:
    course = story.days(-3).with_visits(2)
    last = course.visits.get(number=2)
    story.booked(patient=course.patient)
    text, links = only(tablet)
    assert "Ask about the reaction to visit 2" in text
    assert f"/visits/{last.pk}/respond" in links
    story.asked_after(last)
    assert "reaction" not in only(tablet)[0]


def test_a_review_is_said_at_the_visits_that_the_plan_names(story: Story, tablet: Client) -> None:
    for done, due in ((2, False), (3, True), (4, False), (5, True)):
        course = story.days(-1).with_visits(done)
        found = story.booked(f"{8 + done:02}:00", course.patient)
        text = listed(tablet)[0][0]
        assert (f"Review response at visit {done + 1}" in text) is due, text
        book.mark(by=story.by, appointment=found, seen=1, status="cancelled")
    planned = story.days(-1).with_visits(1)
    story.days(-1).planned(planned, review_visits=(2,))
    story.booked("15:00", planned.patient)
    assert "Review response at visit 2" in only(tablet)[0]


def test_a_note_of_an_earlier_day_that_is_not_signed_leads_to_it(story: Story, tablet: Client) -> None:
    draft = story.days(-2).draft(story.days(-2).ready())
    story.booked(patient=draft.course.patient)
    text, links = only(tablet)
    assert "Visit 1 of 18 November is not signed" in text
    assert f"/visits/{draft.pk}" in links
    assert "Start visit" not in text


def test_a_visit_that_is_open_or_signed_today_is_one_touch_away(story: Story, tablet: Client) -> None:
    course = story.ready()
    story.booked(patient=course.patient)
    draft = story.draft(course)
    assert f"/visits/{draft.pk}" in only(tablet)[1]
    signed = story.signed(course)
    text, links = only(tablet)
    assert "Signed : visit 1" in text
    assert f"/visits/{signed.pk}" in links
    assert "visit 2" not in text
    assert "Visits without an appointment" not in tablet.get("/today").content.decode()


def test_a_second_open_course_is_not_hidden_behind_the_first(story: Story, tablet: Client) -> None:
    patient = story.course().patient
    story.course(patient=patient)
    story.booked(patient=patient)
    assert "; 1 more open course" in only(tablet)[0]


def test_who_has_no_open_course_has_no_visit_to_start(story: Story, tablet: Client) -> None:
    course = story.course()
    found = story.booked(patient=course.patient)
    close_course(by=story.by, course=course, seen=1, on=story.on, status="finished", note="")
    text, links = only(tablet)
    assert "no open course" in text
    assert f"/patients/{found.patient_id}" in links
    assert "Start visit" not in text


def test_somebody_who_came_is_marked_at_one_touch_and_it_can_be_undone(story: Story, tablet: Client) -> None:
    found = story.booked()
    done = tablet.post(f"/appointments/{found.pk}", {"arrived": 1}, follow=True)
    page = Page(done)
    assert done.redirect_chain[-1][0].startswith("/today?done=")
    assert "Here: Éva Tóth" in page.text
    was = page.controls("was")[0]["value"]
    tablet.post(f"/appointments/{found.pk}/undo", {"was": was})
    found.refresh_from_db()
    assert found.status == "booked"


def test_a_start_of_the_visit_from_today_opens_it(story: Story, tablet: Client) -> None:
    course = story.ready()
    story.booked(patient=course.patient)
    start = next(one for one in only(tablet)[1] if one.endswith("/visits/new"))
    assert tablet.post(start).status_code == 302
    assert Course.objects.get(pk=course.pk).visits.count() == 1


def test_an_empty_day_says_so_and_leads_to_the_book(tablet: Client) -> None:
    page = Page(tablet.get("/today"))
    assert "No appointment is booked for today." in page.text
    assert "No visit has been opened today." in page.text
    assert "/book" in page.links


def fill(story: Story, number: int, courses: list[Course]) -> None:
    """Appointments one after the other, of people in every state of care."""
    for place in range(number):
        at = story.slot("00:05").starts + timedelta(minutes=7 * place)
        slot = type(story.slot())(at, at + timedelta(minutes=7), story.by.pk)
        book.book(by=story.by, patient=courses[place % len(courses)].patient, slot=slot, on=story.on)


def test_as_many_questions_to_the_database_with_two_hundred_appointments_as_with_five(
    story: Story, tablet: Client, someone: Any, signed_in: Any
) -> None:
    courses = [story.days(-3).with_visits(4), story.days(-1).with_visits(1), story.course(), story.days(-9).ready()]
    story.draft(story.days(-1).with_visits(2, patient=courses[2].patient))
    desk = signed_in(someone("front_desk"))
    fill(story, 5, courses)
    few = [asked(one, "/today") for one in (tablet, desk)] + [asked(tablet, "/book"), asked(tablet, "/book/week")]
    for place in range(195):
        at = story.slot("01:00").starts + timedelta(minutes=5 * place)
        slot = type(story.slot())(at, at + timedelta(minutes=5), story.by.pk)
        book.book(by=story.by, patient=story.patient(f"Somebody {place}"), slot=slot, on=story.on)
    many = [asked(one, "/today") for one in (tablet, desk)] + [asked(tablet, "/book"), asked(tablet, "/book/week")]
    assert len(listed(tablet)) == 200
    assert many == few
    assert max(few) <= 13  # one of them writes the line of the log
