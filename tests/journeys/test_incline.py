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
