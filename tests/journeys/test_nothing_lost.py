"""What was typed stays: tabs that die, networks that go, sessions that end, and two people at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from strigil.clinic.models import Draft, Visit
from tests.journeys.browser import TABLET, Look
from tests.journeys.hands import box, choose, press, save_bar_says, sign_in, tick, write
from tests.journeys.record import Record

NewContext = Callable[[], BrowserContext]


@pytest.fixture
def rough(browser: Browser, address: str) -> Iterator[NewContext]:
    """A tablet on which things may go wrong; only an error of a page's own script is a fault."""
    made: list[BrowserContext] = []
    faults: list[str] = []

    def make() -> BrowserContext:
        context = browser.new_context(base_url=address, viewport=TABLET, reduced_motion="reduce", locale="en-GB")
        context.set_default_timeout(10_000)
        context.on("weberror", lambda error: faults.append(str(error.error)))
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()
    assert not faults, "\n".join(faults)


def test_smoke(page: Page, record: Record, look: Look) -> None:
    visit = record.draft()
    sign_in(page)
    page.goto(f"/visits/{visit.pk}")
    save_bar_says(page, "Nothing saved yet")
    write(page, "Note", "Half a sen")
    save_bar_says(page, "Saved as a draft")
    assert Draft.objects.get().values["note"] == ["Half a sen"]
    assert page.evaluate("Object.keys(localStorage).filter(k => k.startsWith('strigil-draft'))") == []
    page.reload()
    expect(box(page, "Note")).to_have_value("Half a sen")
    expect(page.get_by_text("not yet saved.")).to_be_visible()
    look(page, "restored")
    press(page, "Save as draft")
    expect(page.get_by_text("Saved as a draft.", exact=True)).to_be_visible()
    assert not Draft.objects.exists()
    visit.refresh_from_db()
    assert visit.note == "Half a sen"
