"""An angle by phone in the record: what is kept with it, and that nothing else is compared with it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from strigil.clinic.actions import evaluate
from strigil.clinic.models import Course
from strigil.pathway.facts import Moment
from tests.clinic.cast import Story
from tests.clinic.page import Page

SENT = {"side": "right", "value": "43", "method": "active", "device": "iPhone, Safari"}


@pytest.fixture
def course(story: Story) -> Course:
    return story.course()


def sent(tablet: Client, course: Course, measure: str = "wrist_flexion", **changes: Any) -> Any:
    return tablet.post(f"/courses/{course.pk}/incline/{measure}", SENT | changes)


def test_method_device_side_and_rater_are_kept(tablet: Client, course: Course) -> None:
    response = sent(tablet, course)
    assert response.status_code == 302, Page(response).summary
    kept = course.readings.get()
    assert (kept.value, kept.unit, kept.side, kept.moment) == (Decimal(43), "deg", "right", "baseline")
    assert (kept.method, kept.device, kept.rater) == ("phone inclinometer, active", "iPhone, Safari", "Clinician")


def test_short_of_zero_is_kept_with_a_minus(tablet: Client, course: Course) -> None:
    assert sent(tablet, course, "elbow_extension", value="12", short="on").status_code == 302
    assert course.readings.get().value == Decimal(-12)


@pytest.mark.parametrize("value", ["181", "-1", "a lot", ""])
def test_what_no_phone_shows_is_refused_and_kept_on_the_page(value: str, tablet: Client, course: Course) -> None:
    response = sent(tablet, course, value=value)
    page = Page(response)
    assert response.status_code == 422
    assert "Allowed: a whole number from 0 to" in page.says("value")
    assert page.holds("device", "iPhone, Safari")
    assert not course.readings.exists()


def test_an_angle_beyond_the_range_of_the_motion_is_refused(tablet: Client, course: Course) -> None:
    page = Page(sent(tablet, course, "elbow_extension", value="41"))
    assert "Allowed: " in page.says("value")
    assert not course.readings.exists()


@pytest.mark.parametrize("missing", ["side", "method", "device"])
def test_side_method_and_device_are_asked_for(missing: str, tablet: Client, course: Course) -> None:
    page = Page(sent(tablet, course, **{missing: ""}))
    assert page.says(missing)
    assert page.holds("value", "43")
    assert not course.readings.exists()


@pytest.mark.parametrize("measure", ["hip_flexion", "straight_leg_raise", "cervical_rotation", "nprs"])
def test_where_the_phone_is_not_offered_nothing_is_kept(measure: str, tablet: Client, course: Course) -> None:
    page = Page(tablet.get(f"/courses/{course.pk}/incline/{measure}"))
    assert "Not by phone" in page.text
    assert f"/courses/{course.pk}/measure/{measure}" in page.links
    assert sent(tablet, course, measure).status_code == 422
    assert not course.readings.exists()
    assert (
        f"/courses/{course.pk}/incline/{measure}"
        not in Page(tablet.get(f"/courses/{course.pk}/measure/{measure}")).links
    )


def test_a_measure_off_the_shelf_is_not_found(tablet: Client, course: Course) -> None:
    for way in ("measure", "incline"):
        assert tablet.get(f"/courses/{course.pk}/{way}/happiness").status_code == 404


def test_what_was_found_of_the_phone_stands_beside_with_its_sources(tablet: Client, course: Course) -> None:
    page = Page(tablet.get(f"/courses/{course.pk}/incline/knee_flexion"))
    assert "Good enough, by what was found." in page.text
    assert "12° with a phone app" in page.text
    assert "/knowledge/phone_validity/phone_knee_fixed_angles" in page.links
    assert "No study of this motion by phone" not in page.text


def test_a_goniometer_before_and_a_phone_after_are_no_change(story: Story, tablet: Client, course: Course) -> None:
    given = evaluate.ReadingInput(
        "wrist_flexion", Decimal(20), Moment.BASELINE, "right", method="active", device="universal goniometer"
    )
    evaluate.record_readings(by=story.by, course=course, on=story.days(-7).on, readings=[given])
    assert sent(tablet, course).status_code == 302
    page = Page(tablet.get(f"/courses/{course.pk}/measure"))
    assert "Wrist flexion, right, phone inclinometer, active, iPhone, Safari" in page.text
    assert "Wrist flexion, right, active, universal goniometer" in page.text
    assert "One reading so far: nothing to compare with yet." in page.text
    assert "Changed by" not in page.text


def test_two_phones_are_no_change_and_one_phone_is(story: Story, tablet: Client, course: Course) -> None:
    by_phone = {"side": "right", "method": "phone inclinometer, active"}
    for device, value in (("iPhone, Safari", 20), ("Android, Chrome", 25)):
        given = evaluate.ReadingInput("wrist_flexion", Decimal(value), Moment.BASELINE, device=device, **by_phone)
        evaluate.record_readings(by=story.by, course=course, on=story.days(-7).on, readings=[given])
    assert sent(tablet, course).status_code == 302
    page = Page(tablet.get(f"/courses/{course.pk}/measure"))
    assert page.text.count("Changed by") == 1
    assert "Changed by +23°" in page.text


def test_the_phone_and_active_or_passive_come_along_marked_but_neither_side_nor_angle(
    tablet: Client, course: Course
) -> None:
    sent(tablet, course)
    page = Page(tablet.get(f"/courses/{course.pk}/incline/wrist_flexion"))
    assert page.checked() == [("method", "active")]
    assert page.holds("device", "iPhone, Safari")
    assert page.text.count("copied from 20 November 2026") == 2
    assert "last: right" in page.text
    assert not page.controls("value")[0].get("value")
