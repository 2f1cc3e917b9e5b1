"""On paper, and at twice the size."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.browser import WIDER_THAN_SEEN
from tests.journeys.hands import press, sign_in, tick, title, write
from tests.journeys.record import Record

pytestmark = pytest.mark.same_on_both

COVERED = """() => {
  const bar = document.querySelector(".bar").getBoundingClientRect();
  const actions = document.querySelector(".actions")?.getBoundingClientRect();
  const end = actions ? actions.top : innerHeight;
  return 1 - (end - Math.max(0, bar.bottom)) / innerHeight;
}"""
"""How much of the screen the bars take that stay in sight, scrolled to the middle of a page."""


def test_the_course_on_paper(page: Page, record: Record) -> None:
    visit = record.signed()
    sign_in(page)
    page.goto(f"/courses/{visit.course_id}")
    page.emulate_media(media="print")
    patient = page.get_by_role("region", name="Patient")
    expect(patient.get_by_text("Éva Tóth")).to_be_visible()
    expect(patient.get_by_text("born 2 March 1971")).to_be_visible()
    expect(patient.get_by_text("No restriction found today.")).to_be_visible()
    expect(patient.get_by_text("Printed ")).to_be_visible()
    expect(page.get_by_role("navigation")).to_have_count(0)
    expect(page.get_by_role("button")).to_have_count(0)
    expect(page.get_by_role("table", name="Visits, dose and reaction")).to_be_visible()
    assert page.evaluate(WIDER_THAN_SEEN) == []
    assert page.pdf(format="A4").startswith(b"%PDF-")


def test_a_caution_is_on_paper(page: Page, record: Record) -> None:
    course = record.planned(dvt_thrombophlebitis="yes")
    sign_in(page)
    page.goto(f"/courses/{course.pk}")
    page.emulate_media(media="print")
    patient = page.get_by_role("region", name="Patient")
    expect(patient.get_by_text("Emergency")).to_be_visible()
    expect(patient.get_by_text("clot")).to_be_visible()


@pytest.mark.parametrize("size", [{"width": 410, "height": 590}, {"width": 320, "height": 640}])
def test_twice_the_size_still_fits_and_saves(
    new_context: Callable[..., BrowserContext], address: str, record: Record, size: dict[str, int]
) -> None:
    visit = record.draft(easy_bruising="yes")
    page = new_context(address, viewport=size, device_scale_factor=2).new_page()
    sign_in(page)
    course = visit.course_id
    for where in (
        "/today",
        "/patients",
        "/patients/new",
        f"/courses/{course}",
        f"/courses/{course}/evaluate",
        f"/courses/{course}/screen",
        f"/courses/{course}/plan",
        f"/courses/{course}/measure",
        "/knowledge/techniques/graston",
        "/learn",
        f"/visits/{visit.pk}",
    ):
        page.goto(where)
        assert page.evaluate(WIDER_THAN_SEEN) == [], where
        page.evaluate("scrollTo(0, document.documentElement.scrollHeight / 2)")
        assert page.evaluate(COVERED) < 0.5, f"{where}: less than half of the screen is left to read"
    save = page.get_by_role("button", name="Save and go to signing")
    expect(save).to_be_in_viewport(ratio=1)
    tick(page.get_by_role("region", name="After treatment"), "None seen")
    write(page.get_by_role("region", name="In words"), "Note", "Recorded at twice the size.")
    expect(save).to_be_in_viewport(ratio=1)
    press(page, "Save and go to signing")
    expect(title(page)).to_have_text("Is this what was done?")
