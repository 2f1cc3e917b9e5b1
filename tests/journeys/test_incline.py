"""The phone as inclinometer, in a browser whose sensor is turned by the test: the angle, what is kept, what is said."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import BrowserContext, CDPSession, Locator, Page, expect

from strigil.clinic.models import Course
from tests.journeys.browser import PHONE, Look
from tests.journeys.hands import box, choose, follow, press, sign_in, title, write
from tests.journeys.record import Record

pytestmark = pytest.mark.same_on_both

TURNED = [
    # lying on its back, stood up on its lower edge
    ((0, 0), (90, 0), 90),
    ((0, 0), (45, 0), 45),
    # lying on its back, turned on its left and on its right edge
    ((0, 0), (0, 90), 90),
    ((0, 0), (0, -30), 30),
    # turned over on its face
    ((0, 0), (180, 0), 180),
    # through upside down: the browser jumps from 170 to -170, the phone turned by 20
    ((170, 0), (-170, 0), 20),
    # on its long edge the browser jumps by 180 in one angle and 178 in the other, the phone turned by 2
    ((0, 89), (180, -89), 2),
    # standing upright, gamma is a turn about the upright line: no tilt at all
    ((90, 0), (90, 60), 0),
    # both at once: up is (-cos 30 sin 40, sin 30, cos 30 cos 40) and its mirror, cosine 1/4 + 3/4 cos 80
    ((30, 40), (30, -40), math.degrees(math.acos(0.25 + 0.75 * math.cos(math.radians(80))))),
    ((20, 0), (20, 0), 0),
]


@pytest.mark.parametrize(("start", "end", "angle"), TURNED)
def test_the_angle_is_that_between_two_directions_of_up(
    page: Page, start: tuple[int, int], end: tuple[int, int], angle: float
) -> None:
    page.goto("/about")
    found = page.evaluate(
        """async ([start, end]) => {
            const { between, up } = await import("/static/strigil/js/angle.js");
            return between(up(...start), up(...end));
        }""",
        [start, end],
    )
    assert found == pytest.approx(angle, abs=1e-9)


class Sensor:
    """The position that the browser is told its phone has."""

    def __init__(self, page: Page) -> None:
        self.session: CDPSession = page.context.new_cdp_session(page)

    def turn(self, beta: float, gamma: float, alpha: float = 0) -> None:
        given = {"alpha": alpha, "beta": beta, "gamma": gamma}
        self.session.send("DeviceOrientation.setDeviceOrientationOverride", given)


@pytest.fixture
def handset(new_context: Callable[..., BrowserContext], address: str) -> Page:
    return new_context(address, viewport=PHONE).new_page()


@pytest.fixture
def course(record: Record) -> Course:
    return record.course()


def said(page: Page) -> Locator:
    return page.get_by_role("region", name="The sensor").get_by_role("status")


def test_a_motion_is_measured_with_two_touches(handset: Page, course: Course, look: Look) -> None:
    sign_in(handset)
    sensor = Sensor(handset)
    sensor.turn(0, 0)
    handset.goto(f"/courses/{course.pk}/measure/wrist_flexion")
    follow(handset, "Measure with the phone")
    expect(title(handset)).to_have_text("Wrist flexion, by phone")
    expect(said(handset)).to_contain_text("in the start position")
    look(handset, "start")
    sensor.turn(10, 0)
    press(handset, "Start position")
    sensor.turn(52.6, 5, alpha=200)
    expect(handset.locator("[data-shown]")).to_have_text("43")
    look(handset, "end")
    press(handset, "End position")
    expect(box(handset, "Angle")).to_have_value("43")
    expect(said(handset)).to_contain_text("43 degrees.")
    choose(handset, "Side", "Right")
    choose(handset, "Motion was", "Active")
    expect(box(handset, "Phone")).to_have_value("Linux, Chrome")
    write(handset, "Phone", "Clinic phone, Chrome")
    look(handset, "measured")
    press(handset, "Save the angle")
    expect(title(handset)).to_have_text("What has changed?")
    kept = course.readings.get(device="Clinic phone, Chrome")
    assert (kept.measure, kept.value, kept.unit) == ("wrist_flexion", Decimal(43), "deg")
    assert (kept.method, kept.side, kept.rater) == ("phone inclinometer, active", "right", "Dana Reed")
    expect(
        handset.get_by_text("Wrist flexion, right, phone inclinometer, active, Clinic phone, Chrome").first
    ).to_be_visible()


def test_where_no_angle_comes_the_page_says_so_and_it_is_typed(handset: Page, course: Course, look: Look) -> None:
    sign_in(handset)
    handset.goto(f"/courses/{course.pk}/incline/knee_flexion")
    press(handset, "Allow the sensor")
    expect(said(handset)).to_have_text(
        "No angle comes from this device: it has no sensor, or the browser keeps it back. Type the angle instead."
    )
    expect(handset.get_by_role("button", name="Start position")).to_be_hidden()
    look(handset, "no sensor")
    write(handset, "Angle", "118")
    choose(handset, "Side", "Left")
    choose(handset, "Motion was", "Passive")
    press(handset, "Save the angle")
    expect(title(handset)).to_have_text("What has changed?")
    kept = course.readings.get(measure="knee_flexion")
    assert (kept.value, kept.method, kept.device) == (Decimal(118), "phone inclinometer, passive", "Linux, Chrome")


def test_a_sensor_that_is_not_allowed_is_said(handset: Page, course: Course) -> None:
    sign_in(handset)
    session = handset.context.new_cdp_session(handset)
    mine = session.send("Target.getTargetInfo")["targetInfo"]["browserContextId"]
    for name in ("accelerometer", "gyroscope"):
        given = {"permission": {"name": name}, "setting": "denied", "browserContextId": mine}
        session.send("Browser.setPermission", given)
    handset.goto(f"/courses/{course.pk}/incline/knee_flexion")
    press(handset, "Allow the sensor")
    expect(said(handset)).to_contain_text("The sensor was not allowed.")
    expect(box(handset, "Angle")).to_be_visible()


def test_the_keyboard_alone_measures(handset: Page, course: Course) -> None:
    sign_in(handset)
    sensor = Sensor(handset)
    sensor.turn(0, 0)
    handset.goto(f"/courses/{course.pk}/incline/knee_flexion")
    start = handset.get_by_role("button", name="Start position")
    start.focus()
    handset.keyboard.press("Enter")
    sensor.turn(0, -72)
    expect(handset.locator("[data-shown]")).to_have_text("72")
    expect(handset.get_by_role("button", name="End position")).to_be_focused()
    handset.keyboard.press("Space")
    expect(box(handset, "Angle")).to_have_value("72")
    press(handset, "Measure again")
    expect(handset.get_by_role("button", name="Start position")).to_be_visible()
    expect(box(handset, "Angle")).to_have_value("72")


def test_without_javascript_the_angle_is_typed(
    new_context: Callable[..., BrowserContext], address: str, course: Course
) -> None:
    page = new_context(address, viewport=PHONE, java_script_enabled=False).new_page()
    sign_in(page)
    page.goto(f"/courses/{course.pk}/incline/knee_flexion")
    expect(page.get_by_text("Without JavaScript the phone’s sensor cannot be read.")).to_be_visible()
    expect(page.get_by_role("button", name="Start position")).to_have_count(0)
    write(page, "Angle", "90")
    choose(page, "Side", "Left")
    choose(page, "Motion was", "Active")
    write(page, "Phone", "Old phone")
    page.get_by_role("button", name="Save the angle").click()
    expect(page.get_by_text("Saved: ")).to_be_visible()
    assert course.readings.get(measure="knee_flexion").device == "Old phone"


def test_the_hip_is_not_offered_and_the_page_says_why(handset: Page, course: Course, look: Look) -> None:
    sign_in(handset)
    handset.goto(f"/courses/{course.pk}/measure/hip_flexion")
    expect(handset.get_by_role("link", name="Measure with the phone")).to_have_count(0)
    handset.goto(f"/courses/{course.pk}/incline/hip_flexion")
    expect(handset.get_by_text("For the hip no app can be advised without limits.").first).to_be_visible()
    look(handset, "not by phone")
