"""A patient who may not be treated is stopped, with the reason; one who may with a physician's word is treated less."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from strigil.clinic.models import Override, VisitStatus
from tests.journeys.browser import Look
from tests.journeys.hands import choose, follow, press, sign_in, tick, title, write
from tests.journeys.record import Record

CLOT = "Has an arm or calf newly become swollen"
THINNER = "Do you take a blood thinner"


def test_a_suspected_clot_stops_the_visit_and_says_why(page: Page, record: Record, look: Look) -> None:
    course = record.planned()
    sign_in(page)
    page.goto(f"/courses/{course.pk}/screen")
    page.get_by_text("answered, and the answer still counts: Could be an emergency").click()
    choose(page, CLOT, "Yes")
    press(page, "Save answers and decide")

    outcome = page.get_by_role("region", name="Outcome")
    expect(outcome.get_by_role("paragraph").filter(has_text="Emergency").first).to_be_visible()
    reason = outcome.get_by_role("listitem").filter(has_text="clot").first
    expect(reason).to_be_visible()
    sources = reason.get_by_text("sources, and how far they agree")
    expect(reason.get_by_role("link").first).to_be_hidden()
    sources.click()
    expect(reason.get_by_role("link").first).to_be_visible()
    expect(reason).to_contain_text("Proposed by this project")
    expect(outcome.get_by_role("link", name="A physician agreed")).to_have_count(0)
    look(page, "screen, emergency")

    follow(page, "Éva Tóth")
    follow(page, "Tennis elbow")
    expect(page.get_by_role("region", name="Patient")).to_contain_text("Emergency")
    look(page, "course, emergency")
    press(page, "Start today’s visit")
    expect(page.get_by_role("region", name="Clear to treat?")).to_contain_text("Emergency")
    expect(page.get_by_role("link", name="override with a reason")).to_have_count(0)
    look(page, "visit, emergency")
    choose(page.get_by_role("region", name="Forearm, lateral (extensors), right"), "Discomfort while treated", "2")
    tick(page.get_by_role("region", name="After treatment"), "None seen")
    press(page, "Save and go to signing")

    expect(title(page)).to_have_text("Is this what was done?")
    sign = page.get_by_role("button", name="Sign the visit")
    expect(sign).to_be_disabled()
    expect(sign).to_have_accessible_description(re.compile("emergency"))
    look(page, "sign, emergency")
    visit = course.visits.get()
    assert visit.status == VisitStatus.DRAFT

    # Nor by the address of the override itself.
    page.goto(f"/visits/{visit.pk}/override")
    expect(title(page)).to_have_text("This cannot be overridden")
    expect(page.get_by_role("main")).to_contain_text("says emergency. That is never overridden.")
    expect(page.get_by_label("Reason")).to_have_count(0)
    look(page, "override refused")
    assert not Override.objects.exists()


def test_a_blood_thinner_waits_for_a_physician_and_then_for_a_lower_dose(
    page: Page, record: Record, look: Look
) -> None:
    course = record.screened()
    sign_in(page)
    page.goto(f"/courses/{course.pk}/screen")
    page.get_by_text("answered, and the answer still counts: Health and medicines").click()
    choose(page, THINNER, "Yes")
    press(page, "Save answers and decide")
    outcome = page.get_by_role("region", name="Outcome")
    expect(outcome.get_by_role("paragraph").filter(has_text="Clearance").first).to_be_visible()
    look(page, "screen, clearance")

    follow(outcome, "A physician agreed")
    expect(title(page)).to_have_text("Who agreed, and until when?")
    look(page, "clearance")
    write(page, "Physician", "Dr Amina Osei")
    write(page, "Agreed on", record.today.isoformat())
    write(page, "Until", record.today.replace(year=record.today.year + 1, day=1).isoformat())
    press(page, "Record the agreement")
    expect(outcome.get_by_role("paragraph").filter(has_text="Modify").first).to_be_visible()
    expect(outcome).to_contain_text("Dr Amina Osei")
    look(page, "screen, modify after clearance")

    follow(page.get_by_role("navigation", name="Steps of care"), "Plan")
    follow(page, "Graston Technique")
    for limit in ("Treat each area for 30 seconds or less.", "Keep discomfort at 3 of 10 or less."):
        expect(page.get_by_role("main")).to_contain_text(limit)
    look(page, "plan with limits")
    write(page, "Visits a week", "2")
    write(page, "Visits in all", "8")
    write(page, "Time", "60")
    tick(page, "The patient was told what may follow and agreed")
    press(page, "Save the plan")
    expect(page.get_by_role("alert").filter(has_text="60 s for an area is above the 30 s")).to_be_visible()
    look(page, "course, dose above the limit")
