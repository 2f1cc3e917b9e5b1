"""The visit page in each of its states, by keyboard alone, at twice the size and on paper."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from strigil.clinic.actions.respond import record_reaction
from strigil.clinic.models import Course, Visit
from strigil.knowledge import load
from strigil.pathway.screen import questions
from tests.journeys.browser import WIDER_THAN_SEEN, Look
from tests.journeys.hands import PASSWORD, box, choose, press, sign_in, tick, title, write
from tests.journeys.record import USERNAME, Record, days_earlier
from tests.journeys.test_keyboard import tab_to

pytestmark = pytest.mark.same_on_both

FOREARM = "Forearm, lateral (extensors), right"

SMALL = """() => [...document.querySelectorAll("#visit *, .actions .button")]
  .filter(one => one.matches("button, .chip, .scale__one, summary, select, textarea"))
  .filter(one => one.checkVisibility() && one.getBoundingClientRect().height < 47.5)
  .map(one => one.outerHTML.slice(0, 120))"""
"""Targets of the visit that are lower than 48 px."""


def followed_up(record: Record, *, asked: bool = True) -> Course:
    """Treated three days ago, screened again today; asked about it since, or not."""
    course = record.signed().course
    days_earlier(course, 3)
    course.refresh_from_db()
    if asked:
        record_reaction(by=record.user, visit=course.visits.get(), when="next_visit", on=record.today, reactions=[])
    record.answer(course, {name: "no" for name, _ in questions(load(), "female")})
    return course


def opened(page: Page, course: Course) -> Visit:
    sign_in(page)
    page.goto(f"/courses/{course.pk}")
    press(page, "Start today’s visit")
    expect(title(page)).to_contain_text("Visit 2")
    return course.visits.get(number=2)


def how(page: Page) -> Locator:
    return page.get_by_role("region", name=FOREARM).locator("details.how")


def test_copied_then_emptied_then_repeated_again(page: Page, record: Record, look: Look) -> None:
    opened(page, followed_up(record))
    area = page.get_by_role("region", name=FOREARM)
    expect(how(page).locator("summary")).to_contain_text("Graston GT4 (scanner), sweep")
    assert page.evaluate(SMALL) == []
    look(page, "copied")
    area.get_by_role("checkbox", name="As last time").check()
    expect(page.locator("[data-area] .is-copied")).to_have_count(0)
    area.get_by_role("checkbox", name="As last time").uncheck()
    expect(area.locator(".is-copied")).not_to_have_count(0)
    choose(page.get_by_role("region", name="Before treatment"), "Pain 0–10", "4")
    write(page, "Note", "Typed before it was emptied")
    page.get_by_role("link", name="Empty what is copied").click()
    expect(box(area, "Time")).to_have_value("")
    expect(area.get_by_role("checkbox", name="Treated today", exact=True)).not_to_be_checked()
    expect(
        page.get_by_role("region", name="Before treatment").get_by_role("radio", name="4", exact=True)
    ).to_be_checked()
    expect(box(page, "Note")).to_have_value("Typed before it was emptied")
    look(page, "emptied")
    page.goto(page.url + "?copies=none")
    look(page, "opened empty")
    page.get_by_role("link", name="Repeat visit 1").click()
    expect(box(area, "Time")).to_have_value("60")


def test_with_errors_hindered_signed_and_amended(page: Page, record: Record, look: Look) -> None:
    visit = opened(page, followed_up(record, asked=False))
    gate = page.locator("section", has=page.locator("#h-gate"))
    expect(gate).to_contain_text("Nobody has asked how the skin")
    look(page, "the gate asks")
    area = page.get_by_role("region", name=FOREARM)
    box(area, "Time").fill("5000")
    tick(page.get_by_role("region", name="After treatment"), "None seen", "Soreness")
    press(page, "Save and go to signing")
    expect(page.get_by_text("Allowed: a whole number from 1 to 3600 s").first).to_be_visible()
    look(page, "with errors")
    box(area, "Time").fill("70")
    page.get_by_role("checkbox", name="Soreness", exact=True).uncheck()
    press(page, "Save and go to signing")
    expect(page.get_by_role("heading", name="What stands in the way")).to_be_visible()
    look(page, "hindered")
    page.goto(f"/visits/{visit.pk}")
    gate.get_by_role("button", name=re.compile("^Asked now: nothing since")).click()
    expect(gate).to_contain_text("Nothing from earlier visits stands in the way.")
    expect(box(area, "Time")).to_have_value("70")
    press(page, "Save and go to signing")
    tick(page, "The copied values above are right for today")
    press(page, "Sign the visit")
    expect(page.get_by_text("Visit 2 is signed.")).to_be_visible()
    page.goto(f"/visits/{visit.pk}")
    look(page, "signed")
    page.get_by_role("link", name="Amend").click()
    box(area, "Time").fill("80")
    write(page, "Why it is amended", "The clock said 80.")
    look(page, "amending")
    press(page, "Save the amendment")
    expect(page.get_by_role("heading", name="Amended on")).to_be_visible()
    changed = page.get_by_role("row").filter(has_text="changed")
    expect(changed).to_have_count(1)
    expect(changed).to_contain_text("1 min 10 s")
    expect(changed).to_contain_text("1 min 20 s")
    look(page, "amended")


def test_a_whole_visit_by_keyboard_alone(page: Page, record: Record) -> None:
    course = followed_up(record)
    page.goto(f"/courses/{course.pk}")
    keys = page.keyboard
    keys.type(USERNAME)
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    expect(title(page)).to_contain_text("Tennis elbow")
    tab_to(page, page.get_by_role("button", name="Start today’s visit"))
    keys.press("Enter")
    expect(title(page)).to_contain_text("Visit 2")

    before = page.get_by_role("region", name="Before treatment")
    pain = before.get_by_role("group", name="Pain 0–10").get_by_role("radio")
    tab_to(page, pain.first)
    for _ in range(5):
        keys.press("ArrowRight")
    expect(pain.nth(5)).to_be_checked()
    tab_to(page, box(before, "Wrist flexion"))
    keys.type("57")
    phase = page.get_by_role("checkbox", name="Scan with the instrument")
    tab_to(page, phase)
    keys.press("Space")
    area = page.get_by_role("region", name=FOREARM)
    as_last = area.get_by_role("checkbox", name="As last time")
    tab_to(page, as_last)
    keys.press("Space")
    expect(area.locator(".is-copied")).to_have_count(0)
    tab_to(page, box(area, "Time"))
    keys.type("75")
    tab_to(page, how(page).locator("summary"))
    keys.press("Enter")
    tab_to(page, box(area, "Position"))
    keys.type("Elbow bent")
    tab_to(page, area.get_by_role("checkbox", name="Grit", exact=True))
    keys.press("Space")
    after = page.get_by_role("region", name="After treatment")
    pain = after.get_by_role("group", name="Pain 0–10").get_by_role("radio")
    tab_to(page, pain.first)
    keys.press("ArrowRight")
    tab_to(page, after.get_by_role("checkbox", name="None seen"))
    keys.press("Space")
    tab_to(page, box(page, "Exercise, minutes"))
    keys.type("10")
    tab_to(page, page.get_by_role("button", name="Save and go to signing"))
    keys.press("Enter")
    expect(title(page)).to_have_text("Is this what was done?")
    tab_to(page, page.get_by_role("button", name="Sign the visit"))
    keys.press("Enter")
    expect(page.get_by_text("Visit 2 is signed.")).to_be_visible()
    visit = course.visits.get(number=2)
    treated = visit.treatments.get()
    assert (treated.seconds, treated.position, treated.textures) == (75, "Elbow bent", ["grit"])
    assert visit.phases_done == ["scan"]
    assert visit.minutes == {"exercise": 10}
    assert sorted((one.measure, one.value, one.moment) for one in visit.readings.all()) == [
        ("nprs", 1, "after"),
        ("nprs", 5, "before"),
        ("wrist_flexion", 57, "before"),
    ]


@pytest.mark.parametrize("size", [{"width": 410, "height": 590}, {"width": 390, "height": 422}])
def test_at_twice_the_size_everything_of_the_visit_is_there(
    new_context: Callable[..., BrowserContext], address: str, record: Record, size: dict[str, int]
) -> None:
    page = new_context(address, viewport=size, device_scale_factor=2).new_page()
    opened(page, followed_up(record))
    for one in page.locator("#visit details").all():
        one.evaluate("one => { one.open = true; }")
    page.get_by_role("checkbox", name="Foam rolling").check()
    page.get_by_role("region", name=FOREARM).get_by_role("button", name="Start timer").click()
    assert page.evaluate(WIDER_THAN_SEEN) == []
    assert page.evaluate(SMALL) == []
    for name in ("Time", "Position", "Where it was found"):
        field = box(page.get_by_role("region", name=FOREARM), name)
        field.scroll_into_view_if_needed()
        expect(field).to_be_in_viewport()


def test_a_visit_on_paper_has_patient_day_and_warning_on_each_sheet(page: Page, record: Record) -> None:
    course = followed_up(record)
    record.answer(course, {"easy_bruising": "yes"})
    visit = opened(page, course)
    tick(page.get_by_role("region", name="After treatment"), "None seen")
    press(page, "Save and go to signing")
    tick(page, "The copied values above are right for today")
    if page.get_by_role("textbox", name="Why the patient was treated").count():
        write(page, "Why the patient was treated in spite of it", "At a lower dose.")
    page.locator(".actions").get_by_role("button").click()
    expect(page.get_by_text("Visit 2 is signed.")).to_be_visible()
    for where in (f"/visits/{visit.pk}",):
        page.goto(where)
        page.emulate_media(media="print")
        patient = page.get_by_role("region", name="Patient")
        for words in (
            "Éva Tóth",
            "born 2 March 1971",
            "Visit 2",
            "Printed ",
            "bruis",
        ):
            expect(patient.get_by_text(words).first).to_be_visible()
        day = f"Visit 2 on {record.today.day} {record.today:%B %Y}"
        expect(page.locator(".bar").get_by_text(day)).to_be_visible()
        assert page.evaluate("getComputedStyle(document.querySelector('.bar')).display") == "table-header-group"
        ink = page.evaluate("getComputedStyle(document.querySelector('main dd')).color")
        assert ink == "rgb(0, 0, 0)"
        expect(page.get_by_role("button")).to_have_count(0)
        assert page.evaluate(WIDER_THAN_SEEN) == []
        assert page.pdf(format="A4").startswith(b"%PDF-")
