"""A follow-up visit costs a tired clinician few touches: counted in the browser, not promised."""

from __future__ import annotations

from decimal import Decimal

from playwright.sync_api import Locator, Page, expect

from strigil.clinic.actions.evaluate import ReadingInput, record_readings
from strigil.clinic.actions.respond import record_reaction
from strigil.clinic.models import Course
from strigil.knowledge import load
from strigil.pathway.facts import Moment
from strigil.pathway.screen import questions
from tests.journeys.hands import box, choose, press, sign_in, tick, title
from tests.journeys.record import Record, days_earlier

MOST_TOUCHES, MOST_TYPED = 10, 2

COUNTING = """
const count = () => JSON.parse(sessionStorage.hands || '{"touched": 0, "typed": []}');
const keep = found => { sessionStorage.hands = JSON.stringify(found); };
addEventListener("pointerdown", () => { const found = count(); found.touched += 1; keep(found); }, true);
addEventListener("keydown", event => {
  const found = count();
  if (!found.typed.includes(event.target.name)) found.typed.push(event.target.name);
  keep(found);
}, true);
"""
"""Every touch of the screen, the one that only puts the cursor into a field too, and every field that is typed into."""


def test_a_follow_up_visit_takes_ten_touches_and_two_typed_numbers(page: Page, record: Record) -> None:
    """From the course to the signature: pain before and after, two motions, dose and time, discomfort, the reaction."""
    course = seen_three_days_ago(record)
    sign_in(page)
    page.goto(f"/courses/{course.pk}")
    page.add_init_script(COUNTING)
    page.reload()

    press(page, "Start today’s visit")
    before = page.get_by_role("region", name="Before treatment")
    choose(before, "Pain 0–10", "5")
    type_into(box(before, "Wrist extension"), "64")
    type_into(box(before, "Wrist flexion"), "58")
    area = page.get_by_role("region", name="Forearm, lateral (extensors), right")
    expect(box(area, "Time")).to_have_value("60")
    expect(area.get_by_text("copied from visit 1").first).to_be_visible()
    choose(area, "Discomfort while treated", "2")
    after = page.get_by_role("region", name="After treatment")
    choose(after, "Pain 0–10", "4")
    tick(after, "None seen")
    press(page, "Save and go to signing")
    expect(title(page)).to_have_text("Is this what was done?")
    tick(page, "The copied values above are right for today")
    press(page, "Sign the visit")
    expect(page.get_by_text("Visit 2 is signed.")).to_be_visible()

    hands = page.evaluate("JSON.parse(sessionStorage.hands)")
    print(f"a follow-up visit: {hands['touched']} touches, {len(hands['typed'])} typed fields")
    assert 0 < hands["touched"] <= MOST_TOUCHES
    assert 0 < len(hands["typed"]) <= MOST_TYPED
    visit = course.visits.get(number=2)
    assert sorted((one.measure, one.value, one.moment) for one in visit.readings.all()) == [
        ("nprs", 4, "after"),
        ("nprs", 5, "before"),
        ("wrist_extension", 64, "before"),
        ("wrist_flexion", 58, "before"),
    ]
    treated = visit.treatments.get()
    assert (treated.seconds, treated.pressure, treated.discomfort) == (60, "light", 2)
    assert visit.reaction_checks.get().none_seen


def type_into(field: Locator, number: str) -> None:
    field.click()
    field.press_sequentially(number)


def seen_three_days_ago(record: Record) -> Course:
    """Treated once, asked about it since, and screened again today."""
    course = record.signed().course
    extension = ReadingInput("wrist_extension", Decimal(60), Moment.BASELINE, "right", "active", "universal goniometer")
    record_readings(by=record.user, course=course, on=record.today, readings=[extension])
    days_earlier(course, 3)
    course.refresh_from_db()
    record_reaction(by=record.user, visit=course.visits.get(), when="next_visit", on=record.today, reactions=[])
    record.answer(course, {name: "no" for name, _ in questions(load(), "female")})
    return course
