"""The timer of an area: one touch starts it, one stops it; it survives a reload, runs once, and asks when left on."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from strigil.clinic.actions.evaluate import SiteInput, add_site
from strigil.clinic.actions.treat import start_visit
from strigil.clinic.models import Visit
from tests.journeys.browser import Look
from tests.journeys.hands import box, press, sign_in
from tests.journeys.record import Record

pytestmark = pytest.mark.same_on_both

FOREARM, UPPER_ARM = "Forearm, lateral (extensors), right", "Upper arm, lateral, right"
AT = datetime(2026, 11, 20, 10, 0)


@pytest.fixture
def visit(page: Page, record: Record) -> Visit:
    """A visit with two areas, open on a tablet whose clock is the test's own."""
    course = record.planned()
    add_site(by=record.user, course=course, site=SiteInput("upper_arm_lateral", "right"))
    visit = start_visit(by=record.user, course=course, on=record.today, technique="graston")
    sign_in(page)
    page.clock.install(time=AT)
    page.goto(f"/visits/{visit.pk}")
    return visit


def area(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name)


def timer(page: Page, name: str, word: str) -> Locator:
    return area(page, name).get_by_role("button", name=word)


def kept(page: Page) -> dict[str, Any] | None:
    found: dict[str, Any] | None = json.loads(page.evaluate("localStorage['strigil-timer'] || 'null'"))
    return found


def about(page: Page, name: str, seconds: int) -> None:
    """The clock is moved on by hand, and runs on by itself beside."""
    taken = "|".join(str(seconds + more) for more in range(5))
    expect(box(area(page, name), "Time")).to_have_value(re.compile(f"^({taken})$"))


def line(page: Page) -> Locator:
    return page.locator("[data-timer-line]")


def test_a_touch_starts_it_a_touch_stops_it_and_the_time_is_filled(page: Page, visit: Visit) -> None:
    expect(area(page, FOREARM).get_by_text("copied from the plan").first).to_be_visible()
    timer(page, FOREARM, "Start timer").click()
    page.clock.run_for(75_000)
    expect(line(page)).to_contain_text(re.compile(rf"Timer runs: {re.escape(FOREARM)}, 1:1[5-9]"))
    expect(timer(page, FOREARM, "Stop timer")).to_have_attribute("aria-pressed", "true")
    timer(page, FOREARM, "Stop timer").click()
    about(page, FOREARM, 75)
    expect(line(page)).to_be_hidden()
    assert kept(page) is None
    confirmed = area(page, FOREARM).locator("[name='area-0-seconds-confirmed']")
    expect(confirmed).to_be_checked()
    page.get_by_role("button", name="Save as draft").click()
    expect(page.get_by_text("Saved as a draft.")).to_be_visible()
    assert (visit.treatments.get().seconds or 0) in range(75, 80)


def test_it_goes_on_through_a_reload_and_says_so(page: Page, visit: Visit) -> None:
    timer(page, FOREARM, "Start timer").click()
    page.clock.run_for(30_000)
    page.reload()
    page.clock.run_for(15_000)
    expect(line(page)).to_contain_text(re.compile("0:4[5-9]"))
    line(page).get_by_role("button", name="Stop timer").click()
    about(page, FOREARM, 45)


def test_a_running_timer_is_a_page_like_any_other(page: Page, visit: Visit, look: Look) -> None:
    timer(page, FOREARM, "Start timer").click()
    expect(line(page)).to_be_visible()
    look(page, "the timer runs")


def test_stopped_and_started_again_it_goes_on_from_what_it_filled(page: Page, visit: Visit) -> None:
    for _ in range(2):
        timer(page, FOREARM, "Start timer").click()
        page.clock.run_for(20_000)
        timer(page, FOREARM, "Stop timer").click()
    about(page, FOREARM, 40)


def test_a_time_typed_by_hand_is_begun_anew_not_added_to(page: Page, visit: Visit) -> None:
    box(area(page, FOREARM), "Time").fill("50")
    timer(page, FOREARM, "Start timer").click()
    page.clock.run_for(20_000)
    timer(page, FOREARM, "Stop timer").click()
    about(page, FOREARM, 20)


def test_only_one_runs_and_starting_another_fills_the_first(page: Page, visit: Visit) -> None:
    timer(page, FOREARM, "Start timer").click()
    page.clock.run_for(30_000)
    timer(page, UPPER_ARM, "Start timer").click()
    about(page, FOREARM, 30)
    expect(timer(page, FOREARM, "Start timer")).to_be_visible()
    expect(line(page)).to_contain_text(UPPER_ARM)
    page.clock.run_for(10_000)
    timer(page, UPPER_ARM, "Stop timer").click()
    about(page, UPPER_ARM, 10)
    about(page, FOREARM, 30)


@pytest.mark.parametrize("reloaded", [False, True])
def test_left_on_overnight_it_asks_and_writes_nothing(page: Page, visit: Visit, look: Look, reloaded: bool) -> None:
    timer(page, FOREARM, "Start timer").click()
    page.clock.fast_forward("16:00:00")
    if reloaded:
        page.reload()
    else:
        timer(page, FOREARM, "Stop timer").click()
    asks = area(page, FOREARM).get_by_role("alert")
    expect(asks).to_contain_text("running since 20 November at 10:00, so it was probably left on")
    expect(box(area(page, FOREARM), "Time")).to_have_value("60")
    expect(area(page, FOREARM).get_by_text("copied from the plan").first).to_be_visible()
    look(page, "left on overnight")
    press(asks, "Throw it away")
    assert kept(page) is None
    expect(box(area(page, FOREARM), "Time")).to_be_focused()
    expect(box(area(page, FOREARM), "Time")).to_have_value("60")
    expect(line(page)).to_be_hidden()


def test_a_clock_set_back_gives_no_time(page: Page, visit: Visit) -> None:
    page.evaluate(
        "visit => localStorage.setItem('strigil-timer', JSON.stringify("
        "{visit, area: 'area-0', since: Date.now() + 60000, from: 0}))",
        str(visit.pk),
    )
    page.reload()
    expect(area(page, FOREARM).get_by_role("alert")).to_contain_text("Nothing was filled in.")
    expect(box(area(page, FOREARM), "Time")).to_have_value("60")


def test_a_timer_of_another_visit_is_not_stopped_by_this_one(page: Page, visit: Visit, record: Record) -> None:
    timer(page, FOREARM, "Start timer").click()
    page.clock.run_for(5_000)
    other = record.draft()
    page.goto(f"/visits/{other.pk}")
    expect(line(page)).to_be_hidden()
    timer(page, FOREARM, "Start timer").click()
    asks = area(page, FOREARM).get_by_role("alert")
    expect(asks).to_contain_text("A timer runs in another visit")
    assert (kept(page) or {})["visit"] == str(visit.pk)
    asks.get_by_role("link", name="Open that visit").click()
    expect(line(page)).to_contain_text(f"Timer runs: {FOREARM}")


def test_what_is_kept_on_the_device_names_nobody(page: Page, visit: Visit) -> None:
    timer(page, FOREARM, "Start timer").click()
    assert set(kept(page) or {}) == {"visit", "area", "since", "from"}
    assert (kept(page) or {})["area"] == "area-0"


def test_the_keyboard_alone_runs_it_and_a_reader_hears_it_start_and_stop_only(page: Page, visit: Visit) -> None:
    status = page.locator("[data-timer-status]")
    timer(page, FOREARM, "Start timer").focus()
    page.keyboard.press("Enter")
    expect(status).to_have_text(f"Timer runs: {FOREARM}.")
    page.clock.run_for(40_000)
    expect(line(page)).to_contain_text(re.compile("0:4[0-4]"))
    expect(status).to_have_text(f"Timer runs: {FOREARM}.")
    assert line(page).evaluate("one => one.closest('[aria-live], [role=status], [role=timer]')") is None
    page.keyboard.press("Space")
    expect(status).to_have_text(re.compile(rf"^Timer stopped: {re.escape(FOREARM)}, 4[0-4] seconds\.$"))
    expect(timer(page, FOREARM, "Start timer")).to_be_focused()
