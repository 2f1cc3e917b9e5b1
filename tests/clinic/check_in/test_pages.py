"""The pages of a check-in tell nothing about the patient, and are open when they should be."""

from __future__ import annotations

import gzip
import logging
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from strigil.accounts.logs import NoLinks
from strigil.accounts.models import Clinic
from strigil.clinic import hindrances
from strigil.clinic.actions import treat
from strigil.clinic.models import AuditEvent, CheckIn, Visit
from tests.clinic.cast import Story
from tests.clinic.check_in.hands import NOTHING, address, sent
from tests.clinic.page import Page
from tests.clinic.test_few_bytes import MOST, asked_for, fetched


def test_no_page_tells_anything_about_the_patient(story: Story, phone: Client) -> None:
    course = story.ready(complaint="It hurts when I lift a kettle.")
    visit = story.signed(course)
    found = story.check_in(visit)
    pages = [phone.get(address(found)), sent(phone, found), sent(phone, found, **NOTHING), phone.get(address(found))]
    assert [one.status_code for one in pages] == [200, 422, 200, 404]
    held = [story.by.display_name, str(visit.pk), str(course.pk), str(course.patient_id), str(found.pk), "kettle"]
    held += ["Tóth", "Éva", "1971", "elbow", "epicondyl", "forearm", "Graston", "tendon", "right ", "November", "2026"]
    for page in pages:
        text = page.content.decode()
        assert [one for one in held if one.lower() in text.lower()] == []
        assert "Set-Cookie" not in page.headers
        assert not page.cookies


def test_the_page_that_opens_nothing_does_not_even_say_which_clinic(visit: Visit, closed_page: Any) -> None:
    assert b"Northside" not in closed_page[2]
    assert b"Call your clinic" in closed_page[2]
    assert b"call your emergency number now" in closed_page[2]


def test_no_page_is_kept_indexed_or_passed_on(story: Story, visit: Visit, phone: Client) -> None:
    found = story.check_in(visit)
    for response in (
        phone.get(address(found)),
        sent(phone, found),
        sent(phone, found, **NOTHING),
        phone.get("/check-in/x"),
    ):
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Robots-Tag"] == "noindex"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "Content-Security-Policy" in response.headers
        assert "<script" not in response.content.decode()


def test_no_log_holds_a_link(story: Story, visit: Visit, phone: Client) -> None:
    link = address(story.check_in(visit))
    line = logging.LogRecord("django.request", logging.WARNING, "", 1, "Not Found: %s", (link,), None)
    assert NoLinks().filter(line)
    assert line.getMessage() == "Not Found: /check-in/…"


def test_a_member_of_staff_who_opens_it_is_nobody_here(story: Story, visit: Visit, tablet: Client) -> None:
    found = story.check_in(visit)
    assert sent(tablet, found, **NOTHING).status_code == 200
    assert AuditEvent.objects.get(action="check_in.answer").user is None


def test_the_page_recommends_nothing_and_says_what_needs_help_with_its_sources(
    story: Story, visit: Visit, phone: Client
) -> None:
    page = Page(phone.get(address(story.check_in(visit))))
    assert "Nobody is watching this page" in page.text
    assert "call your emergency number now" in page.text
    assert "Chest pain, or trouble breathing" in page.text
    linked = {one for one in page.links if one.startswith("/knowledge/")}
    assert {
        "/knowledge/patient_education/when_call",
        "/knowledge/reactions/emboli",
        "/knowledge/red_flags/dvt",
    } <= linked
    for word in ("ice", "drink", "stretch", "keep moving", "massage"):
        assert not re.search(rf"\b{word}\b", page.text), word


def test_the_page_with_everything_it_needs_is_under_a_hundred_kilobytes(
    story: Story, visit: Visit, phone: Client
) -> None:
    page = fetched(phone, address(story.check_in(visit)))
    parts = [page, *(fetched(phone, one) for one in asked_for(page))]
    assert {part.status for part in parts} == {200}
    assert sum(len(part.body) for part in parts) < MOST
    assert not re.findall(r'src="[^"]*\.js"', gzip.decompress(page.body).decode())


# --- When it is open --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "status"),
    [(19.999, 404), (20, 200), (25, 200), (29.999, 200), (30, 404), (400, 404)],
)
def test_it_is_open_from_twenty_hours_until_thirty(
    hours: float, status: int, story: Story, visit: Visit, phone: Client
) -> None:
    ended = CheckIn.objects.get(visit=visit).ended_at
    with time_machine.travel(ended + timedelta(hours=hours), tick=False):
        assert phone.get(address(CheckIn.objects.get(visit=visit))).status_code == status


@pytest.mark.parametrize(
    ("zone", "signed"),
    [
        ("Europe/London", datetime(2026, 3, 28, 15, tzinfo=UTC)),
        ("Europe/London", datetime(2026, 10, 24, 15, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 3, 7, 20, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2026, 4, 4, 5, tzinfo=UTC)),
    ],
)
def test_hours_are_hours_where_the_clocks_change_in_between(
    zone: str, signed: datetime, clinic: Clinic, clinician: Any, phone: Client
) -> None:
    Clinic.objects.filter(pk=clinic.pk).update(time_zone=zone)
    clinician.clinic.time_zone = zone
    there = ZoneInfo(zone)
    offsets = {(signed + timedelta(hours=hours)).astimezone(there).utcoffset() for hours in (0, 24)}
    assert len(offsets) == 2, "the clocks change in between"
    with time_machine.travel(signed, tick=False) as clock:
        story = Story(clinician, signed.astimezone(there).date())
        found = CheckIn.objects.get(visit=story.signed(story.ready()))
        for hours, status in ((19.99, 404), (20, 200), (29.99, 200), (30, 404)):
            clock.move_to(signed + timedelta(hours=hours))
            assert phone.get(address(found)).status_code == status, hours


def test_a_visit_ends_with_its_appointment_where_the_note_is_signed_later(story: Story) -> None:
    course = story.ready()
    story.booked("09:00", course.patient)
    found = CheckIn.objects.get(visit=story.signed(course))
    assert found.ended_at == datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    assert found.opens_at == datetime(2026, 11, 21, 5, 30, tzinfo=UTC)


def test_a_visit_signed_before_its_appointment_is_over_ended_then(story: Story) -> None:
    course = story.ready()
    story.booked("11:45", course.patient)
    visit = story.signed(course)
    assert CheckIn.objects.get(visit=visit).ended_at == visit.signed_at


def test_there_is_no_check_in_where_nobody_knows_when_the_visit_ended_or_nothing_was_treated(story: Story) -> None:
    course = story.ready()
    story.screened(course)
    draft = story.written(story.draft(course))
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        treat.sign_visit(by=story.by, visit=draft, seen=draft.version, **late(draft))
    assert not CheckIn.objects.exists()
    other = story.ready()
    story.signed(other, treatments=(), reactions_asked=False, reactions=())
    assert not CheckIn.objects.exists()


def late(draft: Visit) -> dict[str, Any]:
    return {"overriding": [one.key for one in hindrances.still_open(draft)], "reason": "Written up the next day."}
