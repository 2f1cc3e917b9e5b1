"""A new patient, from registration to a signed second visit and a measured change."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from strigil.clinic.models import Course
from tests.journeys.browser import Look
from tests.journeys.hands import MADE_OF_GROUPS, box, choose, follow, judge, none_of, press, sign_in, tick, title, write
from tests.journeys.record import Record, days_earlier

ELBOW = "Forearm, lateral (extensors), right"


def test_a_new_patient_from_registration_to_a_signed_second_visit(page: Page, record: Record, look: Look) -> None:
    page.goto("/sign-in")
    look(page, "sign in")
    sign_in(page)
    look(page, "today, nobody yet")

    register(page, look)
    evaluate(page, look)
    screen(page, look)
    plan(page, look)
    first_visit(page, look)
    reaction_the_next_day(page, look)

    # The server has its own thread and clock: three days pass in the record, not on the clock.
    days_earlier(Course.objects.get(), 3)

    second_visit(page, look)
    what_changed(page, look)


def register(page: Page, look: Look) -> None:
    follow(page, "New patient")
    look(page, "new patient")
    write(page, "Name", "Éva Tóth")
    write(page, "Date of birth", "1971-03-02")
    choose(page, "Sex recorded at birth", "Female")
    press(page, "Register")
    expect(page.get_by_text("Éva Tóth is registered.")).to_be_visible()
    look(page, "patient")
    follow(page, "New course")
    look(page, "new course")
    box(page, "Indication").select_option("Tennis elbow (lateral epicondylitis)")
    choose(page, "Side", "Right")
    tick(page, "Forearm, lateral (extensors)")
    write(page, "In the patient's words", "It hurts when I lift a kettle.")
    press(page, "Open the course")


def evaluate(page: Page, look: Look) -> None:
    expect(title(page)).to_have_text("Where does the patient stand?")
    look(page, "evaluate")
    write(page, "History and findings", "Six weeks. Tender at the lateral epicondyle.")
    choose(page, "Pain now", "7")
    write(page, "Activity 1", "Lift a kettle")
    choose(page, "Ability in activity 1", "3")
    choose(page, "Motion was", "Active")
    choose(page, "Measured with", "Goniometer")
    page.get_by_text("more motions of these regions").click()
    write(page, "Wrist flexion, in °", "50")
    box(page, "Goal on").select_option("Pain 0–10 (of 10)")
    write(page, "Wanted value", "2")
    press(page, "Save and go on")


def screen(page: Page, look: Look) -> None:
    expect(title(page)).to_have_text("May this patient be treated today?")
    expect(page.get_by_text("No screen has been made.")).to_be_visible()
    look(page, "screen, nothing asked")
    judge(page)
    for name in MADE_OF_GROUPS[:-1]:
        none_of(page, name)
        expect(page.get_by_role("button", name=f"none of {name}")).to_have_count(0)
    look(page, "screen, one group open")
    # One answered by itself, and one opened again and changed; the rest of its group at once.
    choose(page, "Is the skin broken anywhere we would treat", "No")
    none_of(page, MADE_OF_GROUPS[-1])
    outcome = page.get_by_role("region", name="Outcome")
    expect(outcome.get_by_text("Proceed", exact=True)).to_be_visible()
    page.get_by_text("answered, and the answer still counts: Health and medicines").click()
    choose(page, "Do bruises come easily to you?", "Yes")
    press(page, "Save answers and decide")
    expect(outcome.get_by_text("Modify", exact=True).first).to_be_visible()
    look(page, "screen, modify")


def plan(page: Page, look: Look) -> None:
    follow(page, "Plan")
    look(page, "plan, which technique")
    follow(page, "Graston Technique")
    expect(page.get_by_text("Treat each area for 30 seconds or less.")).to_be_visible()
    write(page, "Visits a week", "2")
    write(page, "Visits in all", "8")
    area = page.get_by_role("region", name=ELBOW)
    write(area, "Time", "30")
    box(area, "Instrument").select_option(index=1)
    tick(area, "Sweep")
    choose(area, "Pressure", "Light")
    write(page, "Home programme", "Stretch twice a day.")
    tick(page, "The patient was told what may follow and agreed")
    look(page, "plan, filled in")
    press(page, "Save the plan")
    expect(page.get_by_text("The plan is saved.")).to_be_visible()
    look(page, "course, planned")


def first_visit(page: Page, look: Look) -> None:
    press(page, "Start today’s visit")
    expect(title(page)).to_contain_text("Visit 1")
    expect(page.get_by_text("Nothing from earlier visits stands in the way.")).to_be_visible()
    area = page.get_by_role("region", name=ELBOW)
    expect(area.get_by_text("copied from the plan").first).to_be_visible()
    look(page, "visit 1")
    choose(page.get_by_role("region", name="Before treatment"), "Pain 0–10", "7")
    choose(area, "Discomfort while treated", "2")
    after = page.get_by_role("region", name="After treatment")
    choose(after, "Pain 0–10", "5")
    tick(after, "Redness and warmth")
    write(page, "Note", "Tolerated well.")
    press(page, "Save and go to signing")
    expect(title(page)).to_have_text("Is this what was done?")
    expect(page.get_by_text("Copied from an earlier visit or the plan, and not touched yet:")).to_be_visible()
    look(page, "sign visit 1")
    press(page, "Sign the visit")
    expect(page.get_by_role("group", name="Not signed yet.")).to_be_focused()
    tick(page, "The copied values above are right for today")
    press(page, "Sign the visit")
    expect(page.get_by_text("Visit 1 is signed.")).to_be_visible()
    look(page, "course, one visit")


def reaction_the_next_day(page: Page, look: Look) -> None:
    page.get_by_role("link", name="Record the reaction after visit 1").click()
    expect(page.get_by_role("region", name="Asked so far")).to_contain_text("Redness and warmth")
    look(page, "respond")
    choose(page, "When", "Next day")
    tick(page, "Mild bruise")
    choose(page, "Is it still there?", "Still there")
    choose(page, "Is any mark larger", "Not larger")
    press(page, "Record")
    expect(page.get_by_role("region", name="Asked so far")).to_contain_text("Mild bruise (still there)")


def second_visit(page: Page, look: Look) -> None:
    follow(page, "Today")
    expect(page.get_by_role("region", name="Visits today")).to_contain_text("No visit has been opened today.")
    follow(page, "Patients")
    look(page, "patients")
    write(page, "Name, or part of it", "toth")
    press(page, "Find")
    follow(page, "Éva Tóth")
    follow(page, "Tennis elbow")
    press(page, "Start today’s visit")
    expect(title(page)).to_contain_text("Visit 2")
    gate = page.get_by_role("region", name="Clear to treat?")
    expect(gate).to_contain_text("Mild bruise after visit 1 was still there on the same day; nobody has looked since.")
    look(page, "visit 2, gate")
    # Ask after the bruise, and screen again: the answers that count for a day have run out.
    follow(gate, "Ask what has changed")
    for name in MADE_OF_GROUPS:
        if page.get_by_role("button", name=f"none of {name}").count():
            none_of(page, name)
    expect(page.get_by_role("region", name="Outcome").get_by_text("Not from today")).to_have_count(0)
    page.go_back()
    follow(page, "Éva Tóth")
    follow(page, "Tennis elbow")
    page.get_by_role("link", name="Record the reaction after visit 1").click()
    choose(page, "When", "At the next visit")
    tick(page, "None")
    press(page, "Record")
    follow(page, "Treat")
    follow(page, "Go on with visit 2")
    expect(gate).to_contain_text("Nothing from earlier visits stands in the way.")

    choose(page.get_by_role("region", name="Before treatment"), "Pain 0–10", "3")
    page.get_by_text("Function: next due at visit 4").click()
    choose(page.get_by_role("region", name="Before treatment"), "Lift a kettle", "6")
    write(page.get_by_role("region", name="Before treatment"), "Wrist flexion", "62")
    area = page.get_by_role("region", name=ELBOW)
    expect(area.get_by_text("copied from visit 1").first).to_be_visible()
    # Each copied value is confirmed by touching it, or by its own box.
    area.get_by_role("button", name="More: Time").click()
    expect(box(area, "Time")).to_have_value("40")
    area.get_by_text("How it was given").click()
    for still_so in area.get_by_role("checkbox", name="Still so").all():
        still_so.check()
    expect(area.get_by_role("checkbox", name="Still so", checked=False)).to_have_count(0)
    choose(area, "Discomfort while treated", "1")
    after = page.get_by_role("region", name="After treatment")
    choose(after, "Pain 0–10", "2")
    tick(after, "None seen")
    look(page, "visit 2, filled in")
    press(page, "Save and go to signing")
    expect(page.get_by_text("not touched yet")).to_have_count(0)
    press(page, "Sign the visit")
    expect(page.get_by_text("Visit 2 is signed.")).to_be_visible()


def what_changed(page: Page, look: Look) -> None:
    said = "Pain 0–10 fell from 7 to 3 of 10, more than error"
    response = page.get_by_role("region", name="Response")
    expect(response.get_by_role("paragraph").filter(has_text=said)).to_be_visible()
    look(page, "course, two visits")
    visits = page.get_by_role("table", name="Visits, dose and reaction")
    expect(visits.get_by_role("row")).to_have_count(3)
    follow(visits, "2,")
    expect(page.get_by_text("Signed by Dana Reed, PT")).to_be_visible()
    look(page, "visit 2, signed")
    follow(page, "Measure")
    expect(page.get_by_role("paragraph").filter(has_text=said)).to_be_visible()
    expect(page.get_by_role("img", name="Pain 0–10").first).to_be_visible()
    page.get_by_text("The same as a table: Pain 0–10").click()
    table = page.get_by_role("table", name="Pain 0–10")
    expect(table.get_by_role("row").filter(has_text=" 3")).not_to_have_count(0)
    look(page, "measure")
