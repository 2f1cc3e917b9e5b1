"""A home programme in few touches, and what patients read, in the browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from strigil.clinic.actions.exercise import ExerciseInput, prescribe
from strigil.clinic.models import PrescribedExercise
from tests.journeys.browser import WIDER_THAN_SEEN, Looker
from tests.journeys.counting import count_from_here, counted
from tests.journeys.hands import box, choose, follow, press, sign_in, tick, title
from tests.journeys.record import Record

MOST_TOUCHES = 4
RIGHT_TO_LEFT = "document.documentElement.dir = 'rtl'"


def test_the_proposed_set_is_prescribed_from_the_plan_in_four_touches(
    page: Page, record: Record, look: Looker, capsys: pytest.CaptureFixture[str]
) -> None:
    course = record.planned()
    sign_in(page)
    page.goto(f"/courses/{course.pk}/plan")
    count_from_here(page)
    follow(page, "Prescribe exercises for home")
    expect(title(page)).to_have_text("Home programme")
    press(page, "Prescribe")
    expect(page.get_by_text("The home programme is prescribed.")).to_be_visible()
    hands = counted(page)
    with capsys.disabled():
        print(f"\ntouches: {len(hands.touched)}")
    assert 0 < len(hands.touched) <= MOST_TOUCHES
    assert not hands.typed
    assert PrescribedExercise.objects.filter(programme__course=course).count() == 3
    look(page, "prescribed")


def test_a_dose_is_changed_by_its_stepper_and_an_exercise_left_out(page: Page, record: Record) -> None:
    course = record.planned()
    sign_in(page)
    page.goto(f"/courses/{course.pk}/home")
    row = page.get_by_role("article", name="Band row (scapular)")
    row.get_by_text("Dose: ").click()
    row.get_by_role("button", name="Less: Sets").click()
    expect(box(row, "Sets")).to_have_value("2")
    other = page.get_by_role("article", name="Wrist extensor stretch")
    other.get_by_role("checkbox", name="Prescribe").uncheck()
    press(page, "Prescribe")
    expect(page.get_by_text("changed from its source")).to_be_visible()
    rows = PrescribedExercise.objects.filter(programme__course=course)
    assert {row.exercise: row.sets for row in rows} == {"wrist_extension_isometric": None, "band_row": 2}


def test_what_the_screen_forbids_is_not_ticked_and_says_why(page: Page, record: Record, look: Looker) -> None:
    course = record.planned(surgical_incision="yes")
    sign_in(page)
    page.goto(f"/courses/{course.pk}/home")
    expect(page.get_by_role("note").get_by_text("surgeon")).to_be_visible()
    expect(page.get_by_role("checkbox", name="Prescribe", checked=True)).to_have_count(0)
    tick(page.get_by_role("article", name="Band row (scapular)"), "Prescribe")
    press(page, "Prescribe")
    expect(page.get_by_text("written clearance is seen").first).to_be_visible()
    look(page, "refused")


def test_what_the_patient_said_is_kept_and_advice_follows(page: Page, record: Record) -> None:
    course = record.planned()
    prescribe(
        by=record.user,
        course=course,
        on=record.today,
        stage="early",
        exercises=[ExerciseInput("wrist_extensor_stretch", "right", 1, 5, 20)],
    )
    sign_in(page)
    page.goto(f"/courses/{course.pk}/home")
    choose(page, "Exercises done since last time", "All")
    choose(page, "Pain during the exercises", "7")
    press(page, "Keep the answers")
    expect(page.get_by_text("Make it easier.")).to_be_visible()


def test_the_patients_sheet_on_paper(page: Page, record: Record, look: Looker) -> None:
    course = record.planned()
    given = [ExerciseInput("wrist_extensor_stretch", "right", 1, 5, 20), ExerciseInput("band_row", "both", 3, 15)]
    prescribe(by=record.user, course=course, on=record.today, stage="early", exercises=given)
    sign_in(page)
    page.goto(f"/courses/{course.pk}/home/print")
    look(page, "sheet")
    expect(page.get_by_role("img", name="Band row (scapular)")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name="Stop and get help")).to_be_visible()
    expect(page.get_by_role("navigation")).to_have_count(0)
    assert page.evaluate(WIDER_THAN_SEEN) == []
    assert page.pdf(format="A4").startswith(b"%PDF-")


def test_what_patients_read_without_an_account(page: Page, look: Looker) -> None:
    page.goto("/about-iastm")
    look(page, "about-iastm")
    headings = page.get_by_role("heading").all_inner_texts()
    assert headings[0] == "About this treatment"
    assert headings[1:] == page.get_by_role("navigation", name="On this page").get_by_role("link").all_inner_texts()
    page.get_by_role("link", name="Soreness").first.click()
    expect(title(page)).to_have_text("Soreness")


@pytest.mark.parametrize("size", [{"width": 390, "height": 844}, {"width": 195, "height": 422}])
def test_what_patients_read_holds_from_right_to_left_and_at_twice_the_size(
    new_context: Callable[..., BrowserContext], address: str, size: dict[str, int]
) -> None:
    page = new_context(address, viewport=size, device_scale_factor=2).new_page()
    for direction in ("", RIGHT_TO_LEFT):
        page.goto("/about-iastm")
        page.evaluate(direction or "0")
        assert page.evaluate(WIDER_THAN_SEEN) == []
