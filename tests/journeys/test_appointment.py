"""Somebody asks for a time on a phone; the front desk answers; the patient moves it. And the book by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import time

from playwright.sync_api import BrowserContext, Page, expect

from strigil.clinic.actions import book
from strigil.clinic.models import Appointment
from tests.clinic.rfc5545 import read
from tests.journeys.browser import PHONE, Look
from tests.journeys.hands import follow, press, sign_in, title, write
from tests.journeys.record import Record
from tests.journeys.test_keyboard import tab_to


def hours(record: Record) -> None:
    """Every day of the week, so that the day on which this runs does not matter."""
    given = {"begins": time(9), "until": time(12), "minutes": 30}
    book.add_bookable_times(by=record.user, clinician=record.user, weekdays=range(7), **given)
    book.set_request_page(
        by=record.user,
        seen=0,
        is_open=True,
        address="northside",
        phone="020 7946 0000",
        notice_hours=24,
        days_ahead=28,
    )


def test_asked_for_on_a_phone_without_a_script_confirmed_and_moved_by_link(
    page: Page, new_context: Callable[..., BrowserContext], address: str, record: Record, look: Look
) -> None:
    hours(record)
    record.patient()
    phone = new_context(address, viewport=PHONE, java_script_enabled=False).new_page()
    seen = new_context(address, viewport=PHONE).new_page()

    phone.goto("/ask/northside")
    expect(title(phone)).to_have_text("Which time suits you?")
    seen.goto("/ask/northside")
    look(seen, "choose a time")
    chosen = phone.get_by_role("link", name="10:00", exact=True).first
    chosen.click()
    expect(title(phone)).to_have_text("Who are you?")
    press(phone, "Ask for this time")
    expect(phone.get_by_role("heading", name="Not sent yet. What you typed is kept.")).to_be_visible()
    seen.goto(phone.url)
    look(seen, "who are you")
    write(phone, "Your name", "Eva Toth")
    write(phone, "Telephone", "07700 900123")
    press(phone, "Ask for this time")
    expect(title(phone)).to_have_text("You have asked for a time")
    link = phone.url

    sign_in(page)
    look(page, "today with a request")
    follow(page, "Eva Toth")
    expect(title(page)).to_have_text("Who is asking?")
    look(page, "who is asking")
    page.get_by_role("button", name="Confirm for Éva Tóth").click()
    expect(title(page)).to_have_text("Éva Tóth")
    expect(page.get_by_text("Confirmed for Éva Tóth.")).to_be_visible()
    look(page, "confirmed")

    phone.goto(link)
    expect(phone.get_by_text("It is confirmed.")).to_be_visible()
    seen.goto(link)
    look(seen, "own appointment")
    with seen.expect_download() as saved:
        seen.get_by_role("link", name="Put it into my calendar").click()
    found = Appointment.objects.get()
    assert read(saved.value.path().read_bytes())["UID"] == str(found.pk)
    follow(phone, "Move it")
    seen.goto(phone.url)
    look(seen, "move by link")
    phone.get_by_role("button", name="11:00", exact=True).first.click()
    expect(phone.get_by_text("11:00–11:30")).to_be_visible()
    press(phone, "Cancel it")
    expect(title(phone)).to_have_text("This appointment is cancelled")
    seen.goto(link)
    look(seen, "cancelled")


def test_booked_moved_cancelled_and_undone_in_few_touches(page: Page, record: Record, look: Look) -> None:
    hours(record)
    record.patient()
    sign_in(page)
    follow(page, "Book", exact=True)
    look(page, "book of today")
    follow(page, "Next day")
    look(page, "book of tomorrow")
    follow(page, "Free: 09:30")
    look(page, "who is it for")
    write(page, "Patient's name", "eva")
    press(page, "Find")
    look(page, "found")
    page.get_by_role("button", name="Book Éva Tóth").click()
    expect(page.get_by_role("status").filter(has_text="Booked: Éva Tóth")).to_be_visible()
    look(page, "booked")
    follow(page.get_by_role("status"), "Éva Tóth")
    follow(page, "Move", exact=True)
    look(page, "moving")
    page.get_by_role("button", name="Free: 11:00").click()
    expect(page.get_by_role("status").filter(has_text="Moved: Éva Tóth")).to_contain_text("11:00")
    press(page, "Undo")
    expect(page.get_by_text("Undone.")).to_be_visible()
    expect(page.get_by_role("link", name="09:30–10:00 Éva Tóth")).to_be_visible()
    page.get_by_role("link", name="09:30–10:00 Éva Tóth").click()
    press(page, "Cancel the appointment")
    expect(page.get_by_role("link", name="Free: 09:30")).to_be_visible()
    page.get_by_text("Cancelled on this day: 1").click()
    look(page, "cancelled")
    follow(page, "Week")
    look(page, "week")
    follow(page, "Next week")
    page.goto("/book/rules")
    look(page, "rules")
    page.locator("summary", has_text="Add hours").click()
    press(page, "Add these hours")
    look(page, "rules refused")


def test_a_time_is_booked_with_the_keyboard_alone(page: Page, record: Record) -> None:
    hours(record)
    patient = record.patient()
    sign_in(page)
    page.goto(f"/patients/{patient.pk}")
    tab_to(page, page.get_by_role("link", name="Book an appointment"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/book\?patient="))
    tab_to(page, page.get_by_role("link", name="Next day"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/book\?on="))
    tab_to(page, page.get_by_role("button", name="Free: 10:30"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Booked: Éva Tóth")).to_be_visible()
    tab_to(page, page.get_by_role("button", name="Undo"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Undone.")).to_be_visible()


def test_the_day_on_paper_has_its_names_and_times_and_no_buttons(page: Page, record: Record) -> None:
    hours(record)
    patient = record.patient()
    sign_in(page)
    page.goto(f"/book?patient={patient.pk}")
    page.get_by_role("link", name="Next day").click()
    page.get_by_role("button", name="Free: 10:30").click()
    page.emulate_media(media="print")
    expect(page.get_by_text("Éva Tóth", exact=True).last).to_be_visible()
    expect(title(page)).to_be_visible()
    for hidden in ("Undo", "Previous day", "Everybody", "Free: 09:00"):
        expect(page.get_by_text(hidden)).not_to_be_visible()
