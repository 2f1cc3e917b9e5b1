"""Without JavaScript a visit can be recorded and signed all the same."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from strigil.clinic.models import VisitStatus
from tests.journeys.hands import choose, follow, press, sign_in, tick, title, write
from tests.journeys.record import Record


def test_a_visit_is_recorded_and_signed_without_javascript(
    new_context: Callable[..., BrowserContext], address: str, record: Record
) -> None:
    course = record.planned()
    page = new_context(address, java_script_enabled=False).new_page()
    sign_in(page)
    page.goto(f"/courses/{course.pk}")
    press(page, "Start today’s visit")
    area = page.get_by_role("region", name="Forearm, lateral (extensors), right")
    expect(area.get_by_role("button", name="More: Time")).to_have_count(0)
    choose(page.get_by_role("region", name="Before treatment"), "Pain 0–10", "7")
    write(area, "Time", "50")
    area.get_by_text("How it was given").click()
    area.get_by_role("checkbox", name="Still so : Instrument").check()
    choose(page.get_by_role("region", name="After treatment"), "Pain 0–10", "5")
    # Half done: sent away, mended, sent again.
    tick(page.get_by_role("region", name="After treatment"), "None seen", "Soreness")
    press(page, "Save and go to signing")
    expect(page.get_by_role("group", name="Not saved yet. What you typed is kept.")).to_be_focused()
    page.get_by_role("checkbox", name="None seen").uncheck()
    press(page, "Save as draft")
    expect(page.get_by_text("Saved as a draft.")).to_be_visible()
    press(page, "Save and go to signing")
    expect(title(page)).to_have_text("Is this what was done?")
    copied = page.get_by_role("listitem").filter(has_text="Forearm, lateral (extensors), right:")
    expect(copied.filter(has_text="strokes")).to_be_visible()
    expect(copied.filter(has_text="time")).to_have_count(0)
    expect(copied.filter(has_text="instrument")).to_have_count(0)
    tick(page, "The copied values above are right for today")
    press(page, "Sign the visit")
    expect(page.get_by_text("Visit 1 is signed.")).to_be_visible()
    follow(page, "1,")
    expect(page.get_by_role("main")).to_contain_text("Soreness")
    visit = course.visits.get()
    assert visit.status == VisitStatus.SIGNED
    assert visit.treatments.get().seconds == 50
