"""The body to choose on: every region can be touched, and figure, list and what is kept say the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, ViewportSize, expect

from strigil.clinic.models import Course, Reaction
from strigil.drawing.body import atlas
from strigil.drawing.body.table import Part
from tests.journeys.browser import PHONE, TABLET, Look
from tests.journeys.hands import choose, group, press, save_bar_says, sign_in, tick, title
from tests.journeys.record import Record
from tests.journeys.test_keyboard import tab_to

pytestmark = pytest.mark.same_on_both

WHOLE, ZOOMED = 24, 44
"""How many pixels wide a touch may be anywhere around the middle of a region."""

TOUCHED = """([view, place, x, y, across]) => {
  const svg = document.querySelector(`[data-atlas-figure="${view}"] svg`);
  const part = svg.querySelector(".body-touch").children[place];
  const at = (dx, dy) => {
    const point = new DOMPoint(x, y).matrixTransform(svg.getScreenCTM());
    return document.elementFromPoint(point.x + dx, point.y + dy);
  };
  const middle = () => new DOMPoint(x, y).matrixTransform(svg.getScreenCTM()).y;
  scrollBy(0, middle() - innerHeight / 2);
  const round = [[0, 0], ...[0, 1, 2, 3, 4, 5, 6, 7].map(n => [Math.cos(n * Math.PI / 4), Math.sin(n * Math.PI / 4)])];
  const told = each => each?.dataset?.region ?? each?.outerHTML.slice(0, 60);
  return round.map(([a, b]) => at(a * across / 2, b * across / 2)).filter(each => each !== part).map(told);
}"""
"""What a finger of some width meets beside the part that it means, when it aims at the part's middle."""


@pytest.fixture
def opening(page: Page, record: Record) -> Page:
    """The page that opens a course."""
    patient = record.patient()
    sign_in(page)
    page.goto(f"/patients/{patient.pk}/courses/new")
    return page


def show(page: Page, view: str) -> None:
    press(page.get_by_role("group", name="View of the body"), atlas()[view].title)


def part(view: str, region: str, side: str) -> Part:
    return next(one for one in atlas()[view].parts if (one.region, one.side) == (region, side))


def figure(page: Page, view: str) -> Locator:
    return page.locator(f'[data-atlas-figure="{view}"] svg')


def touch(page: Page, view: str, x: float, y: float) -> None:
    """A finger at a place of a figure, in the figure's own units, whatever lies there."""
    svg = figure(page, view)
    svg.scroll_into_view_if_needed()
    found = svg.evaluate(
        """(svg, [x, y]) => {
          const at = () => new DOMPoint(x, y).matrixTransform(svg.getScreenCTM());
          scrollBy(0, at().y - innerHeight / 2);
          return [at().x, at().y];
        }""",
        [x, y],
    )
    page.mouse.click(*found)


def choose_on(page: Page, view: str, region: str, side: str) -> None:
    """On the figure, through the larger panel where there is one."""
    show(page, view)
    found = part(view, region, side)
    touch(page, view, *found.label)
    if found.panel:
        touch(page, view, *found.label)
        press(page, "Whole body")


def shown(page: Page, view: str) -> set[str]:
    """The regions that a figure shows as chosen, by the paths they are drawn with, turned or not."""
    marks = figure(page, view).locator(".body-marks .body-mark")
    return set(
        marks.evaluate_all(
            """marks => marks.map(one => one.firstElementChild.getAttribute("href").slice("#part-".length)
              + (one.getAttribute("transform") ? " turned" : "")
              + (one.classList.contains("body-unsided") ? " unsided" : ""))"""
        )
    )


# --- Room for a finger ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [PHONE, TABLET], ids=["phone", "tablet"])
def test_every_region_has_room_for_a_finger_and_lies_under_no_other(opening: Page, size: ViewportSize) -> None:
    opening.set_viewport_size(size)
    found: dict[str, Any] = {}
    for view in atlas().values():
        show(opening, view.id)
        for place, one in enumerate(view.parts):
            found[f"{view.id} {one.drawn} {one.side}"] = missed(opening, view.id, place, one, WHOLE)
        for place, one in enumerate(view.parts):
            if one.panel:
                touch(opening, view.id, *one.label)
            found[f"larger {view.id} {one.drawn} {one.side}"] = missed(opening, view.id, place, one, ZOOMED)
            if one.panel:
                press(opening, "Whole body")
    assert len(found) > 150
    wrong = [f"{name}: {missing}" for name, missing in found.items() if missing]
    assert not wrong, "\n".join(wrong)


def missed(page: Page, view: str, place: int, one: Part, across: int) -> Any:
    return page.evaluate(TOUCHED, [view, place, *one.label, across - 0.5])


def test_a_part_that_lies_under_another_is_noticed(opening: Page) -> None:
    """The measure itself can fail."""
    first = atlas()["front"].parts[0]
    assert missed(opening, "front", 0, first, WHOLE) == []
    opening.evaluate(
        """() => { const touch = document.querySelector('[data-atlas-figure="front"] .body-touch');
          touch.append(touch.firstElementChild.cloneNode()); }"""
    )
    assert missed(opening, "front", 0, first, WHOLE)


# --- Figure and list say the same -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("view", "at", "region", "side"),
    [
        ("front", "left", "forearm_anterior", "right"),
        ("front", "right", "forearm_anterior", "left"),
        ("back", "left", "forearm_lateral", "left"),
        ("back", "right", "forearm_lateral", "right"),
        ("palms", "left", "hand_fingers", "right"),
        ("soles", "right", "foot_plantar", "left"),
    ],
)
def test_what_is_touched_at_one_hand_of_the_viewer_is_kept_as_the_patients_side(
    opening: Page, view: str, at: str, region: str, side: str
) -> None:
    """By where the finger is on the glass, not by what the page calls it."""
    show(opening, view)
    width = atlas()[view].width
    x, y = part(view, region, "left").label
    x = min(x, width - x) if at == "left" else max(x, width - x)
    touch(opening, view, x, y)
    if part(view, region, side).panel:
        touch(opening, view, x, y)
    choose_indication(opening)
    press(opening, "Open the course")
    expect(title(opening)).to_have_text("Where does the patient stand?")
    course = Course.objects.get()
    assert course.side == side
    assert [(one.region, one.side) for one in course.sites.all()] == [(region, side)]


def choose_indication(page: Page) -> None:
    page.get_by_label("Indication").select_option("lateral_epicondylitis")


def test_what_is_chosen_on_the_figure_stands_in_the_list_and_the_other_way_round(opening: Page) -> None:
    regions, sides = group(opening, "Body regions"), group(opening, "Side")
    choose_on(opening, "back", "thigh_posterior", "right")
    expect(regions.get_by_role("checkbox", name="Thigh, posterior")).to_be_checked()
    expect(sides.get_by_role("radio", name="Right")).to_be_checked()
    save_bar_says(opening, "Thigh, posterior, right: chosen.")
    assert shown(opening, "back") == {"back-thigh_posterior turned"}
    assert shown(opening, "right_side") == {"right_side-thigh_posterior"}
    assert shown(opening, "left_side") == shown(opening, "front") == set()

    tick(regions, "Knee")
    assert shown(opening, "front") == {"front-knee"}
    choose(opening, "Side", "Left")
    assert shown(opening, "front") == {"front-knee turned"}
    assert shown(opening, "left_side") == {"right_side-knee turned", "right_side-thigh_posterior turned"}
    regions.get_by_role("checkbox", name="Knee", exact=True).uncheck()
    assert shown(opening, "front") == set()
    choose_on(opening, "back", "thigh_posterior", "left")
    expect(regions.get_by_role("checkbox", name="Thigh, posterior")).not_to_be_checked()
    save_bar_says(opening, "Thigh, posterior, left: taken away.")


def test_a_side_that_nobody_said_yet_looks_unfinished(opening: Page) -> None:
    tick(group(opening, "Body regions"), "Knee")
    assert shown(opening, "front") == {"front-knee unsided", "front-knee turned unsided"}
    choose_on(opening, "back", "trunk_posterior", "midline")
    save_bar_says(opening, "Say below which side")
    expect(group(opening, "Side").get_by_role("radio", checked=True)).to_have_count(0)
    choose(opening, "Side", "Right")
    assert shown(opening, "front") == {"front-knee"}


def test_a_touch_on_the_other_side_changes_nothing_and_says_so(opening: Page) -> None:
    choose_on(opening, "back", "thigh_posterior", "right")
    choose_on(opening, "back", "knee", "left")
    save_bar_says(opening, "Not chosen: this is the patient’s left, and right is chosen below.")
    expect(group(opening, "Body regions").get_by_role("checkbox", checked=True)).to_have_count(1)
    expect(group(opening, "Side").get_by_role("radio", name="Right")).to_be_checked()


def test_a_page_that_comes_back_to_be_mended_still_shows_what_was_chosen(opening: Page) -> None:
    choose_on(opening, "front", "knee", "left")
    press(opening, "Open the course")
    expect(opening.get_by_role("group", name="Not saved yet")).to_be_visible()
    assert shown(opening, "front") == {"front-knee turned"}


# --- By keyboard, by anything, without a script -----------------------------------------------------------------


def test_a_region_is_found_by_a_tendon_and_chosen_by_keyboard_alone(opening: Page) -> None:
    choose_indication(opening)
    keys = opening.keyboard
    find = opening.get_by_label("Find a region")
    tab_to(opening, find)
    keys.type("ACHILLES")
    expect(opening.get_by_role("status").filter(has_text="1 of 24 regions")).to_be_visible()
    expect(group(opening, "Body regions").get_by_role("checkbox")).to_have_count(1)
    keys.press("Enter")
    calf = opening.get_by_role("checkbox", name="Lower leg, posterior (calf)")
    expect(calf).to_be_focused()
    keys.press("Space")
    tab_to(opening, group(opening, "Side").get_by_role("radio").first)
    keys.press("Space")
    assert shown(opening, "back") == {"back-lower_leg_posterior"}
    keys.press("Enter")
    expect(title(opening)).to_have_text("Where does the patient stand?")
    assert [(one.region, one.side) for one in Course.objects.get().sites.all()] == [("lower_leg_posterior", "left")]


def test_without_javascript_the_list_is_there_alone(
    new_context: Callable[..., BrowserContext], address: str, record: Record
) -> None:
    patient = record.patient()
    page = new_context(address, java_script_enabled=False).new_page()
    sign_in(page)
    page.goto(f"/patients/{patient.pk}/courses/new")
    expect(page.get_by_role("group", name="View of the body")).to_have_count(0)
    expect(page.get_by_role("searchbox")).to_have_count(0)
    choose_indication(page)
    tick(group(page, "Body regions"), "Forearm, lateral (extensors)")
    choose(page, "Side", "Right")
    press(page, "Open the course")
    expect(title(page)).to_have_text("Where does the patient stand?")


def test_a_site_and_the_place_of_a_reaction_are_chosen_on_the_body(page: Page, record: Record, look: Look) -> None:
    visit = record.signed()
    sign_in(page)
    page.goto(f"/courses/{visit.course_id}/sites")
    choose_on(page, "right_side", "upper_arm_lateral", "right")
    choose_on(page, "right_side", "neck_lateral", "right")
    assert shown(page, "right_side") == {"right_side-neck_lateral"}
    look(page, "sites, one chosen")
    press(page, "Add the site")
    expect(page.get_by_role("main")).to_contain_text("The site is added.")
    assert visit.course.sites.filter(region="neck_lateral", side="right").exists()

    page.goto(f"/visits/{visit.pk}/respond")
    choose(page, "When", "Next day")
    tick(page, "Soreness")
    choose(page, "Is it still there?", "Still there")
    page.get_by_text("Where it was").first.click()
    choose_on(page, "back", "upper_arm_lateral", "left")
    look(page, "respond, a place chosen")
    press(page, "Record")
    expect(page.get_by_role("main")).to_contain_text("Soreness (Upper arm, lateral, left, still there)")
    assert Reaction.objects.filter(region="upper_arm_lateral", side="left").count() == 1

    page.goto(f"/courses/{visit.course_id}")
    expect(page.get_by_role("img", name="Visit 1").first).to_be_visible()
    look(page, "course, a row of bodies")
    page.goto(f"/courses/{visit.course_id}/evaluate")
    look(page, "evaluate, sites on the body")


def test_the_body_is_accessible_in_every_state(opening: Page, look: Look) -> None:
    look(opening, "opening, nothing chosen")
    show(opening, "back")
    touch(opening, "back", *part("back", "knee", "left").label)
    expect(opening.get_by_text("Hip and thigh, left").or_(opening.get_by_text("Knee, lower leg"))).to_be_visible()
    touch(opening, "back", *part("back", "knee", "left").label)
    look(opening, "opening, a limb larger")
    opening.get_by_label("Find a region").fill("no such place")
    expect(opening.get_by_role("status").filter(has_text="0 of 24 regions")).to_be_visible()
    look(opening, "opening, nothing found")
