"""Measures by region: few at first, the rest one touch away, and one measure on its own page."""

from __future__ import annotations

from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from strigil.clinic.models import Course
from tests.journeys.browser import Look
from tests.journeys.hands import box, choose, follow, press, sign_in, title, write
from tests.journeys.record import Record

pytestmark = pytest.mark.same_on_both


@pytest.fixture
def course(record: Record) -> Course:
    return record.course()


def test_what_comes_first_is_in_sight_and_the_rest_is_one_touch_away(page: Page, course: Course, look: Look) -> None:
    sign_in(page)
    page.goto(f"/courses/{course.pk}/evaluate")
    expect(page.get_by_role("link", name="PRTEE", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="KOOS pain")).to_be_hidden()
    look(page, "evaluate")
    page.get_by_text("by part of the body").click()
    expect(page.get_by_role("link", name="KOOS pain")).to_be_visible()
    follow(page, "PRTEE")
    expect(title(page)).to_contain_text("PRTEE")
    expect(page.get_by_text("From 0 to 100 of 100")).to_be_visible()
    expect(page.get_by_text("Less is better.")).to_be_visible()
    expect(page.get_by_text("Licence:")).to_be_visible()
    look(page, "score entry")
    write(page, "PRTEE", "101")
    press(page, "Save the reading")
    expect(page.get_by_role("link", name="PRTEE: Allowed:")).to_be_visible()
    write(page, "PRTEE", "42.5")
    press(page, "Save the reading")
    expect(title(page)).to_have_text("What has changed?")
    assert course.readings.get(measure="prtee").value == Decimal("42.5")


def test_method_and_device_come_along_marked_and_the_value_does_not(page: Page, course: Course, look: Look) -> None:
    sign_in(page)
    page.goto(f"/courses/{course.pk}/measure/wrist_flexion")
    device = page.get_by_role("group", name="Measured with")
    expect(device.get_by_role("radio", name="Goniometer")).to_be_checked()
    expect(device.get_by_text("copied from")).to_be_visible()
    expect(box(page, "Wrist flexion")).to_have_value("")
    expect(page.get_by_role("group", name="Side").get_by_role("radio", checked=True)).to_have_count(0)
    expect(page.get_by_text("last: 50°, right").first).to_be_attached()
    expect(page.locator("main")).not_to_contain_text("Reading(")
    look(page, "copied")
    write(page, "Wrist flexion", "55")
    press(page, "Save the reading")
    expect(page.get_by_role("link", name="Side: Choose one.")).to_be_visible()
    expect(box(page, "Wrist flexion")).to_have_value("55")
    choose(page, "Side", "Right")
    press(page, "Save the reading")
    expect(title(page)).to_have_text("What has changed?")
    assert [int(one.value) for one in course.readings.filter(measure="wrist_flexion")] == [50, 55]


def test_change_is_rated_by_touch_and_an_activity_is_named(page: Page, course: Course, look: Look) -> None:
    sign_in(page)
    page.goto(f"/courses/{course.pk}/measure/groc")
    choose(page, "Change −7 to +7", "+3")
    look(page, "rating of change")
    press(page, "Save the reading")
    expect(title(page)).to_have_text("What has changed?")
    page.goto(f"/courses/{course.pk}/measure/psfs")
    expect(page.get_by_text("Rated before: lift a kettle.")).to_be_visible()
    write(page, "Activity, in the patient's words", "open a jar")
    choose(page, "Own activities 0–10", "4")
    press(page, "Save the reading")
    expect(title(page)).to_have_text("What has changed?")
    kept = {(one.measure, one.detail): int(one.value) for one in course.readings.exclude(measure="nprs")}
    assert kept["groc", ""] == 3
    assert kept["psfs", "open a jar"] == 4
