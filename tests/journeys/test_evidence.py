"""Evidence as it is read: on a tablet and a phone, in light and dark, on paper, with the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from strigil.knowledge import load
from tests.journeys.browser import PHONE, WIDER_THAN_SEEN, Look
from tests.journeys.hands import follow, sign_in, title
from tests.journeys.record import Record

pytestmark = pytest.mark.same_on_both

PAGES = {
    "index": "/evidence",
    "condition": "/evidence/low_back_pain",
    "near": "/evidence/limited_rom_ted",
    "none": "/evidence/tmd",
    "study": "/evidence/studies/sevier_2015",
    "animals": "/evidence/studies/davidson_1997",
    "claim": "/evidence/claims/motion_against_foam_rolling",
    "review": "/evidence/reviews/nazari_2022",
    "bench": "/evidence/force_studies/duffy_2022",
    "safety": "/evidence/safety_sources/guasha_epiglottis_case",
}


@pytest.mark.parametrize("name", PAGES)
def test_evidence_is_read_by_everybody(page: Page, look: Look, name: str) -> None:
    page.goto(PAGES[name])
    expect(title(page)).to_be_visible()
    look(page, name)


def test_from_the_plan_and_the_screen_one_touch_leads_to_the_evidence(page: Page, record: Record, look: Look) -> None:
    course = record.screened()
    sign_in(page)
    for step in ("plan", "screen"):
        page.goto(f"/courses/{course.pk}/{step}")
        said = page.get_by_text("What trials say:").locator("xpath=..").inner_text().removeprefix("What trials say: ")
        look(page, step)
        follow(page, "See the evidence")
        expect(title(page)).to_have_text("Tennis elbow (lateral epicondylitis): what have trials shown?")
        expect(page.locator("#line")).to_have_text(said)


def test_evidence_on_paper_is_black_on_white_and_says_its_version_on_each_sheet(page: Page) -> None:
    page.emulate_media(media="print", color_scheme="dark")
    page.goto("/evidence/low_back_pain")
    expect(page.get_by_text(f"knowledge version {load().version}").first).to_be_visible()
    expect(page.get_by_role("navigation")).to_have_count(0)
    expect(page.get_by_role("button")).to_have_count(0)
    expect(page.get_by_role("link", name="Nazari 2022: 46 trials, no support")).to_be_visible()
    assert page.evaluate("() => getComputedStyle(document.querySelector('main')).color") == "rgb(0, 0, 0)"
    assert page.evaluate("() => getComputedStyle(document.querySelector('.chart-ground')).fill") == "rgb(255, 255, 255)"
    assert page.evaluate("() => getComputedStyle(document.querySelector('.bar')).display") == "table-header-group"
    assert page.evaluate(WIDER_THAN_SEEN) == []
    assert page.pdf(format="A4").startswith(b"%PDF-")


def test_a_drawing_fits_a_phone_and_is_a_table_with_the_keyboard_alone(
    new_context: Callable[..., BrowserContext], address: str
) -> None:
    page = new_context(address, viewport=PHONE).new_page()
    page.goto("/evidence/low_back_pain")
    expect(page.locator("svg.chart-narrow").first).to_be_visible()
    expect(page.locator("svg.chart-wide").first).to_be_hidden()
    summary = page.locator("summary", has_text="The same as a table").first
    table = page.get_by_role("table", name="Patients, against another treatment: Pain, up to 6 weeks")
    expect(table).to_be_hidden()
    summary.focus()
    page.keyboard.press("Enter")
    expect(table.get_by_role("row", name="Lee 2016: pain, VAS")).to_contain_text("19.10 [11.60, 26.60]")


def test_a_condition_is_found_and_read_without_javascript(
    new_context: Callable[..., BrowserContext], address: str
) -> None:
    page = new_context(address, java_script_enabled=False).new_page()
    page.goto("/knowledge")
    follow(page, "What trials have shown, condition by condition")
    follow(page, "Neck pain or cervical strain")
    expect(title(page)).to_have_text("Neck pain or cervical strain: what have trials shown?")
    expect(page.locator("svg.chart-wide").first).to_be_visible()
