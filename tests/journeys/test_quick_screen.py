"""A first screen in under a minute, a later one in a few touches, and medicines from a name to a letter."""

from __future__ import annotations

from time import monotonic

import pytest
from playwright.sync_api import Page, expect

from strigil.clinic.models import Finding
from tests.journeys.browser import Look
from tests.journeys.hands import MADE_OF_GROUPS, choose, follow, judge, none_of, press, sign_in, title, write
from tests.journeys.record import Record, days_earlier

pytestmark = pytest.mark.same_on_both

COUNT = """addEventListener("pointerdown", () => {
  sessionStorage.touches = Number(sessionStorage.touches || 0) + 1;
}, { capture: true });"""
MOST_LATER, MOST_FIRST = 8, 10


def touches(page: Page) -> int:
    """How often the page was touched since the last time somebody looked."""
    found = page.evaluate("Number(sessionStorage.touches || 0)")
    page.evaluate("sessionStorage.touches = 0")
    return int(found)


def none_of_all(page: Page) -> None:
    for name in MADE_OF_GROUPS:
        if page.get_by_role("button", name=f"none of {name}").count():
            none_of(page, name)


def test_a_first_screen_takes_under_a_minute_and_a_later_one_a_few_touches(
    page: Page, record: Record, look: Look
) -> None:
    page.add_init_script(COUNT)
    course = record.course()
    sign_in(page)
    outcome = page.get_by_role("region", name="Outcome")

    page.goto(f"/courses/{course.pk}/screen")
    touches(page)
    began = monotonic()
    judge(page)
    choose(page, "Which medicines are taken?", "Takes no medicine")
    none_of_all(page)
    expect(outcome.get_by_text("Proceed", exact=True).first).to_be_visible()
    expect(outcome).to_contain_text("before the advice: Treat as usual. Strigil that day: proceed.")
    took, first = monotonic() - began, touches(page)
    look(page, "first screen, proceed")
    print(f"\nfirst screen: {first} touches, {took:.1f} s at the speed of a machine")
    assert first <= MOST_FIRST
    assert took < 60

    for days in (3, 40, 100):
        days_earlier(course, days)
        before = Finding.objects.count()
        page.goto(f"/courses/{course.pk}/screen")
        expect(title(page)).to_contain_text("What has changed since")
        look(page, f"later screen, after {days} days")
        touches(page)
        if page.get_by_role("group", name="Which medicines are taken?").is_visible():
            page.get_by_role("radio", name="The same as on").check()
        none_of_all(page)
        expect(title(page)).to_have_text("May this patient be treated today?")
        expect(outcome.get_by_text("Proceed", exact=True).first).to_be_visible()
        later = touches(page)
        print(f"later screen, {days} days on: {later} touches")
        assert later <= MOST_LATER
        new = list(Finding.objects.order_by("id")[before:])
        assert new
        assert {(one.answer, one.asked_on, one.created_by) for one in new} == {("no", record.today, record.user)}


def test_a_name_becomes_a_yes_and_the_yes_a_letter(page: Page, record: Record, look: Look) -> None:
    course = record.course()
    sign_in(page)
    page.goto(f"/courses/{course.pk}/screen")
    press(page, "Save answers and decide")
    expect(page.get_by_role("group", name="Not saved yet.")).to_be_focused()
    look(page, "screen, not judged yet")
    judge(page, "Ask a physician first")
    choose(page, "Which medicines are taken?", "These")
    write(page, "These, one a line", "Xarelto 20 mg\nparacetamol\nasprin")
    press(page, "Save answers and decide")
    medicines = page.get_by_role("region", name="Medicines")
    expect(medicines).to_contain_text("read as Xarelto")
    look(page, "screen, medicines")
    medicines.get_by_role("radio", name="aspirin:").check()
    press(page, "Save answers and decide")
    medicines.get_by_role("radio", name="Aspirin, low dose").check()
    press(page, "Save answers and decide")
    expect(medicines.get_by_text("still open")).to_have_count(0)
    none_of_all(page)
    expect(page.get_by_text("Open because of the")).not_to_have_count(0)
    look(page, "screen, held open by a medicine")
    outcome = page.get_by_role("region", name="Outcome")
    letter = outcome.get_by_role("link", name="Letter to the physician (PDF)").first
    answered = page.request.get(str(letter.get_attribute("href")))
    assert answered.headers["content-type"] == "application/pdf"
    assert answered.body().startswith(b"%PDF-")
    follow(outcome, "A physician agreed")
    look(page, "clearance")


def test_medicines_are_asked_and_chosen_without_javascript(new_context: object, address: str, record: Record) -> None:
    course = record.course()
    page: Page = new_context(address, java_script_enabled=False).new_page()  # type: ignore[operator]
    sign_in(page)
    page.goto(f"/courses/{course.pk}/screen")
    judge(page)
    write(page, "These, one a line", "clonidine")
    choose(page, "Which medicines are taken?", "Takes no medicine")
    press(page, "Save answers and decide")
    expect(page.get_by_text("Some medicines are written below: which is right?").first).to_be_visible()
    choose(page, "Which medicines are taken?", "These")
    press(page, "Save answers and decide")
    medicines = page.get_by_role("region", name="Medicines")
    expect(medicines).to_contain_text("is easily taken for another: still open")
    choose(page, "Which is it", "clonidine")
    press(page, "Save answers and decide")
    expect(medicines).to_contain_text("chosen: clonidine")
