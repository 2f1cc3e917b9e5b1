"""Every form, sent empty and with nonsense: it says what is wrong beside the field, and nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page, expect

from strigil.clinic.models import Patient
from tests.journeys.browser import Look
from tests.journeys.hands import box, choose, press, sign_in, tick, write
from tests.journeys.record import Record

pytestmark = pytest.mark.same_on_both

NOT_SAVED = "Not saved yet. What you typed is kept."

HELD = """() => Object.fromEntries([...document.querySelectorAll("main :is(input, select, textarea)")]
  .filter(one => one.name && !["hidden", "password", "search"].includes(one.type))
  .map(one => ["radio", "checkbox"].includes(one.type)
    ? [`${one.name}=${one.value}`, one.checked] : [one.name, one.value]))"""
"""What stands on the page's forms: each box, each choice."""

COMPLAINTS = """() => [...document.querySelectorAll("[data-errors] a")].map(link => {
  const target = document.getElementById(link.hash.slice(1));
  const place = target?.closest(".field, .question");
  const described = target?.closest("[aria-describedby]")?.getAttribute("aria-describedby")?.split(" ") ?? [];
  const inside = target?.querySelector("[aria-describedby]")?.getAttribute("aria-describedby")?.split(" ") ?? [];
  const told = [...described, ...inside].map(id => document.getElementById(id)?.innerText ?? "").join(" ");
  const shown = place ? [...place.querySelectorAll(".field__error")].filter(one => one.checkVisibility()) : [];
  return {says: link.innerText, beside: shown.map(one => one.innerText).join(" "), told};
})"""
"""What the summary says, and for each what stands beside its field and what a reader is told there."""


@dataclass
class Form:
    """A form: how to come to it, what is typed, what it then says. ``{}`` in an address is the record's key."""

    open: Callable[[Record], str]
    send: str
    nonsense: Callable[[Page], None]
    wrong: list[str]
    empty: list[str] = field(default_factory=list)
    summary: str = NOT_SAVED


AREA = "Forearm, lateral (extensors), right"


def nonsense_patient(page: Page) -> None:
    write(page, "Name", "   ")
    write(page, "Date of birth", "2090-01-01")
    write(page, "Phone", "ring twice, then wait")
    write(page, "E-mail", "eva at home")
    write(page, "Note", "Comes with her sister. <b>Left</b> door.")


def nonsense_course(page: Page) -> None:
    write(page, "Began on", "2090-01-01")
    choose(page, "Side", "Left")
    tick(page, "Ankle")
    write(page, "In the patient's words", "It “pulls” & burns.")


def nonsense_evaluation(page: Page) -> None:
    write(page, "In the patient's words", "Worse since Monday.")
    write(page, "History and findings", "Tender.")
    choose(page, "Ability in activity 1", "3")
    write(page, "Activity 2", "open a jar")
    page.get_by_text("more motions of these regions").click()
    write(page, "Wrist flexion, in °", "400")
    box(page, "Goal on").select_option("Pain 0–10 (of 10)")
    write(page, "Wanted value", "44")


def nonsense_answers(page: Page) -> None:
    question = page.get_by_role("group", name="Have you had an operation in this area?")
    page.get_by_text("Where, when and why: Recent operation, or an incision where treatment is planned").click()
    question.get_by_role("radio", name="Yes").check()
    write(page, "If yes: since: Recent operation", "2090-01-01")


def nonsense_clearance(page: Page) -> None:
    write(page, "Physician", "Dr Osei")
    write(page, "Agreed on", "2090-02-02")
    write(page, "Until", "2090-01-01")


def nonsense_plan(page: Page) -> None:
    write(page, "Visits a week", "30")
    write(page, "Visits in all", "900")
    write(page, "Review at visits", "soon")
    write(page, "Home programme", "Stretch.")
    area = page.get_by_role("region", name=AREA)
    write(area, "Angle", "120")
    choose(area, "Pressure", "Firm")
    tick(area, "Fan")


def nonsense_visit(page: Page) -> None:
    area = page.get_by_role("region", name=AREA)
    write(area, "Time", "99999")
    area.get_by_text("How it was given").click()
    write(area, "Angle", "120")
    area.get_by_text("Force, Forearm").click()
    choose(area, "How the force is known", "Measured by a device")
    tick(page.get_by_role("region", name="After treatment"), "None seen", "Soreness")
    choose(page.get_by_role("region", name="Before treatment"), "Pain 0–10", "6")
    write(page.get_by_role("region", name="In words"), "Note", "Half a sentence that must not")


def nonsense_reaction(page: Page) -> None:
    tick(page, "None", "Soreness")
    write(page, "Note", "She rang at eight.")


def nonsense_measures(page: Page) -> None:
    choose(page, "Pain 0–10", "4")
    write(page, "Wrist flexion", "-90")


def nonsense_end(page: Page) -> None:
    choose(page, "How it ended", "Stopped early")
    write(page, "Why", "   ")


def nothing(page: Page) -> None:
    """What was copied is sent as it came."""


def unconfirmed(record: Record) -> str:
    from strigil.clinic.models import Visit

    visit = record.written()
    Visit.objects.filter(pk=visit.pk).update(unconfirmed=["area-0-seconds"])
    return f"/visits/{visit.pk}/sign"


FORMS = {
    "register": Form(
        lambda record: "/patients/new",
        "Register",
        nonsense_patient,
        ["Name", "Date of birth", "Sex recorded at birth", "E-mail"],
        ["Name", "Sex recorded at birth"],
    ),
    "correct a patient": Form(
        lambda record: f"/patients/{record.patient().pk}/edit",
        "Save",
        nonsense_patient,
        ["Name", "Date of birth", "E-mail"],
    ),
    "open a course": Form(
        lambda record: f"/patients/{record.patient().pk}/courses/new",
        "Open the course",
        nonsense_course,
        ["Indication", "Began on"],
        ["Indication", "Side", "Body regions"],
    ),
    "evaluate": Form(
        lambda record: f"/courses/{record.course().pk}/evaluate",
        "Save and go on",
        nonsense_evaluation,
        ["Activity 1", "Ability in activity 2", "Wrist flexion", "Wanted value"],
    ),
    "screen": Form(
        lambda record: f"/courses/{record.course().pk}/screen",
        "Save answers and decide",
        nonsense_answers,
        ["What would you do today?", "Recent operation, or an incision where treatment is planned"],
        ["What would you do today?"],
        summary="Not saved yet. What you answered is kept.",
    ),
    "clearance": Form(
        lambda record: f"/courses/{record.screened(anticoagulants='yes').pk}/clearance?finding=anticoagulants",
        "Record the agreement",
        nonsense_clearance,
        ["Agreed on", "Until"],
        ["Physician", "Agreed on", "Until"],
    ),
    "plan": Form(
        lambda record: f"/courses/{record.screened().pk}/plan?technique=graston",
        "Save the plan",
        nonsense_plan,
        ["Visits a week", "Visits in all", "Review at visits", "The patient was told", "Time", "Angle"],
        ["Visits a week", "Visits in all", "The patient was told"],
    ),
    "visit": Form(
        lambda record: f"/visits/{record.draft().pk}",
        "Save and go to signing",
        nonsense_visit,
        ["Skin and symptoms at the end", "Time", "Angle", "Force"],
    ),
    "sign": Form(unconfirmed, "Sign the visit", nothing, ["The copied values above"], summary="Not signed yet."),
    "amend": Form(
        lambda record: f"/visits/{record.signed().pk}/amend",
        "Save the amendment",
        nonsense_visit,
        ["Skin and symptoms at the end", "Time", "Angle", "Force", "Why it is amended"],
        ["Why it is amended"],
    ),
    "override": Form(
        lambda record: f"/visits/{record.draft(anticoagulants='yes').pk}/override",
        "Override for this visit",
        lambda page: write(page, "Reason", "   "),
        ["Reason"],
        ["Reason"],
    ),
    "respond": Form(
        lambda record: f"/visits/{record.signed().pk}/respond",
        "Record",
        nonsense_reaction,
        ["When", "What was seen or felt"],
        ["When", "What was seen or felt"],
    ),
    "measure": Form(
        lambda record: f"/courses/{record.signed().course_id}/measure",
        "Save the readings",
        nonsense_measures,
        ["Wrist flexion"],
    ),
    "close": Form(
        lambda record: f"/courses/{record.screened().pk}/close",
        "Close the course",
        nonsense_end,
        ["Why"],
        ["How it ended"],
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_form_says_what_is_wrong_beside_the_field_and_keeps_all(
    page: Page, record: Record, look: Look, name: str
) -> None:
    form = FORMS[name]
    address = form.open(record)
    sign_in(page)
    page.goto(address)
    if form.empty:
        press(page, form.send)
        says(page, form, form.empty)
    form.nonsense(page)
    typed = page.evaluate(HELD)
    press(page, form.send)
    says(page, form, form.wrong)
    assert page.evaluate(HELD) == typed
    look(page, f"{name}, nonsense")


def test_a_wrong_password_keeps_the_user_name(page: Page, record: Record, look: Look) -> None:
    page.goto("/sign-in")
    press(page, "Sign in")
    expect(page.get_by_role("group", name="You are not signed in.")).to_be_focused()
    expect(page.get_by_role("link", name="Username: ")).to_be_visible()
    write(page, "Username", "dana")
    write(page, "Password", "guess")
    press(page, "Sign in")
    expect(page.get_by_role("group", name="You are not signed in.")).to_be_focused()
    expect(box(page, "Username")).to_have_value("dana")
    expect(box(page, "Password")).to_have_value("")
    look(page, "sign in, refused")


def test_an_empty_measurement_says_that_nothing_was_saved(page: Page, record: Record) -> None:
    course = record.course()
    sign_in(page)
    page.goto(f"/courses/{course.pk}/measure")
    press(page, "Save the readings")
    expect(page.get_by_role("status").filter(has_text="Nothing was filled in, so nothing was saved.")).to_be_visible()


def test_an_empty_visit_says_why_it_cannot_be_signed(page: Page, record: Record) -> None:
    visit = record.draft()
    sign_in(page)
    page.goto(f"/visits/{visit.pk}")
    page.get_by_role("checkbox", name="Treated today", exact=True).uncheck()
    press(page, "Save and go to signing")
    sign = page.get_by_role("button", name="Sign the visit")
    expect(sign).to_be_disabled()
    expect(sign).to_have_accessible_description("Nothing was treated: say why in the note.")


def test_a_number_that_the_browser_cannot_read_is_never_sent_as_nothing(page: Page, record: Record, look: Look) -> None:
    visit = record.draft()
    sign_in(page)
    page.goto(f"/visits/{visit.pk}")
    flexion = box(page.get_by_role("region", name="Before treatment"), "Wrist flexion")
    flexion.press_sequentially("6-")
    press(page, "Save as draft")
    expect(page.get_by_role("alert").filter(has_text="This is not a number. Correct it")).to_be_visible()
    expect(flexion).to_be_focused()
    expect(flexion).to_have_accessible_description("This is not a number. Correct it, or empty the field.")
    look(page, "visit, a number that cannot be read")
    flexion.fill("62")
    press(page, "Save as draft")
    expect(page.get_by_role("alert").filter(has_text="This is not a number")).to_have_count(0)
    expect(flexion).to_have_value("62")
    assert visit.readings.get().value == 62


def test_a_date_that_is_half_there_is_never_sent_as_nothing(page: Page, record: Record) -> None:
    sign_in(page)
    page.goto("/patients/new")
    write(page, "Name", "Éva Tóth")
    choose(page, "Sex recorded at birth", "Female")
    box(page, "Date of birth").press_sequentially("02")
    press(page, "Register")
    expect(page.get_by_role("alert").filter(has_text="This is not a whole date.")).to_be_visible()
    assert not Patient.objects.exists()
    expect(box(page, "Name")).to_have_value("Éva Tóth")
    write(page, "Date of birth", "1971-03-02")
    press(page, "Register")
    expect(page.get_by_text("Éva Tóth is registered.")).to_be_visible()


def says(page: Page, form: Form, fields: list[str]) -> None:
    """The summary has the focus and names exactly these fields; each has the message beside it, and read out there."""
    summary = page.get_by_role("group", name=form.summary)
    expect(summary.first).to_be_focused()
    found = page.evaluate(COMPLAINTS)
    unnamed = [one["says"] for one in found if not any(one["says"].startswith(name) for name in fields)]
    missing = [name for name in fields if not any(one["says"].startswith(name) for one in found)]
    assert (unnamed, missing) == ([], [])
    for one in found:
        message = one["says"].partition(": ")[2]
        assert message in one["beside"], one
        assert message in one["told"], one
    last = page.locator("[data-errors] a").last
    last.click()
    assert page.evaluate("document.activeElement.closest('.has-error') !== null"), "the link leads to the field"
