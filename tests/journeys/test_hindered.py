"""What stands in the way of a visit is read, mended or given a reason for, on a tablet and on a phone."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import Page, expect

from strigil.clinic.models import Override, Screening, Visit, VisitStatus
from tests.journeys.browser import Look
from tests.journeys.hands import choose, follow, press, sign_in, tick, title, write
from tests.journeys.record import Record, days_earlier


def test_marks_of_the_last_visit_ask_for_a_reason_and_the_reaction_comes_first(
    page: Page, record: Record, look: Look
) -> None:
    first = record.signed()
    course = first.course
    days_earlier(course, 1)
    sign_in(page)
    look(page, "today, reaction not asked")
    page.goto(f"/courses/{course.pk}")
    expect(page.get_by_role("region", name="Patient")).to_contain_text("Not yet known")
    look(page, "course, screened yesterday")
    page.goto(f"/courses/{course.pk}/screen")
    look(page, "screen, proceed of yesterday")
    press(page, "Save answers and decide")
    page.goto(f"/courses/{course.pk}")
    press(page, "Start today’s visit")
    gate = page.get_by_role("region", name="Clear to treat?")
    expect(gate).to_contain_text("less than 48 hours ago")
    look(page, "visit, two in the way")
    tick(page, "None seen")
    press(page, "Save and go to signing")

    way = page.get_by_role("region", name="What stands in the way")
    expect(way.get_by_role("listitem")).to_have_count(2)
    look(page, "sign, two in the way")
    follow(way, "Record the reaction first")
    choose(page, "When", "Next day")
    tick(page, "None")
    press(page, "Record")
    visit = course.visits.get(status=VisitStatus.DRAFT)
    page.goto(f"/visits/{visit.pk}/sign")
    expect(way.get_by_role("listitem")).to_have_count(1)
    press(page, "Sign, with the reason")
    look(page, "sign, without reason or confirmation")
    write(page, "Why the patient was treated in spite of it", "Only the far end; skin calm.")
    tick(page, "The copied values above are right for today")
    press(page, "Sign, with the reason")
    expect(title(page)).to_contain_text("Tennis elbow")
    page.goto(f"/visits/{visit.pk}")
    expect(page.get_by_role("main")).to_contain_text("Only the far end; skin calm.")
    look(page, "signed, overridden")
    assert Override.objects.get().visit == visit


def test_a_visit_of_a_day_that_nobody_screened_is_signed_as_recorded_late(
    page: Page, record: Record, look: Look
) -> None:
    visit = record.written()
    Screening.objects.update(on=record.today - timedelta(days=3))
    days_earlier(visit.course, 2)
    sign_in(page)
    look(page, "today, a draft forgotten")
    page.goto(f"/visits/{visit.pk}")
    expect(page.get_by_role("region", name="Clear to treat?")).to_contain_text("No screen of that day exists")
    look(page, "visit, late")
    page.goto(f"/visits/{visit.pk}/sign")
    expect(page.get_by_role("main")).to_contain_text("Recorded late")
    look(page, "sign, late")
    write(page, "Why the patient was treated in spite of it", "The power was out.")
    press(page, "Sign, with the reason")
    assert Visit.objects.get(pk=visit.pk).is_signed


def test_a_site_is_added_to_an_open_course(page: Page, record: Record, look: Look) -> None:
    visit = record.draft()
    sign_in(page)
    page.goto(f"/visits/{visit.pk}")
    follow(page, "Add a site to this course")
    expect(title(page)).to_have_text("Which sites is this course about?")
    press(page, "Add the site")
    expect(page.get_by_role("group", name="Not added yet")).to_be_visible()
    look(page, "sites, nothing chosen")
    choose(page, "Body region", "Upper arm, lateral")
    choose(page, "Side", "Right")
    press(page, "Add the site")
    expect(page.get_by_role("main")).to_contain_text("The site is added. Screen it before it is treated.")
    page.goto(f"/courses/{visit.course_id}/sites")
    look(page, "sites, two")


def test_several_things_in_the_way_are_chosen_one_by_one(page: Page, record: Record, look: Look) -> None:
    visit = record.draft(malnourished_fatigued="yes", open_wound="yes")
    sign_in(page)
    page.goto(f"/visits/{visit.pk}/override")
    press(page, "Override for this visit")
    look(page, "override, two to choose from")
    expect(page.get_by_role("group", name="Not saved yet")).to_be_visible()


def test_an_engine_that_could_not_decide_looks_like_it(page: Page, record: Record, look: Look) -> None:
    visit = record.written()
    Screening.objects.update(outcome="error", complete=False, reasons=[], unasked=[])
    sign_in(page)
    look(page, "today, could not decide")
    page.goto(f"/courses/{visit.course_id}/screen")
    expect(page.get_by_role("region", name="Outcome")).to_contain_text("Could not decide")
    look(page, "screen, could not decide")
    page.goto(f"/visits/{visit.pk}/sign")
    expect(page.get_by_role("button", name="Sign the visit")).to_be_disabled()
    look(page, "sign, could not decide")


def test_somebody_of_the_same_name_is_asked_about(page: Page, record: Record, look: Look) -> None:
    record.patient()
    sign_in(page)
    page.goto("/patients/new")
    write(page, "Name", "Éva Tóth")
    choose(page, "Sex recorded at birth", "Female")
    press(page, "Register")
    expect(page.get_by_role("main")).to_contain_text("Somebody of this name is already registered")
    look(page, "register, same name")
    tick(page, "This is another person of the same name")
    press(page, "Register")
    expect(page.get_by_role("status").filter(has_text="Éva Tóth is registered.")).to_be_visible()
