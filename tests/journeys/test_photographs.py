"""A photograph of the skin, from the tablet to the record and out of it again."""

from __future__ import annotations

import re

from playwright.sync_api import FilePayload, Page, expect

from tests.clinic.taken import taken
from tests.journeys.browser import Look
from tests.journeys.hands import choose, follow, press, sign_in, tick, title, write
from tests.journeys.record import Record

MARK: FilePayload = {"name": "mark.jpg", "mimeType": "image/jpeg", "buffer": taken((1200, 900))}


def test_a_photograph_is_kept_shown_and_removed(page: Page, record: Record, look: Look) -> None:
    visit = record.signed()
    sign_in(page)
    page.goto(f"/visits/{visit.pk}")
    follow(page, "Photographs")
    expect(page.get_by_text("No photograph of this visit.")).to_be_visible()
    press(page, "Keep the photograph")
    expect(page.get_by_text("Ask the patient first").first).to_be_visible()
    look(page, "asked")
    page.get_by_label(re.compile("^Photograph")).set_input_files(MARK)
    choose(page, "When it was taken", "At the end of the visit")
    choose(page, "Where it was taken", "Forearm, lateral (extensors)")
    choose(page, "Side it shows", "Right")
    tick(page, "The patient agreed to this photograph being kept")
    press(page, "Keep the photograph")
    picture = page.get_by_role("img", name="Photograph: Forearm, lateral (extensors), right")
    expect(picture).to_be_visible()
    assert picture.evaluate("one => one.decode().then(() => one.naturalWidth)") == 1200
    look(page, "kept")
    follow(page, "Remove")
    expect(title(page)).to_have_text("Remove this photograph?")
    write(page, "Why", "Shows her face.")
    look(page, "remove")
    press(page, "Remove it")
    expect(page.get_by_text("Shows her face.")).to_be_visible()
    expect(picture).to_have_count(0)
