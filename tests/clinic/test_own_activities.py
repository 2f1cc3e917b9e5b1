"""The patient's own activities: each kept by its name, and their mean where three to five are rated."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client

from strigil.clinic.models import Course
from tests.clinic.cast import Story
from tests.clinic.page import Page

NAMES = ("lift a kettle", "open a jar", "type", "saw wood", "carry a bag")
MEAN = "mean of own activities"


@pytest.fixture
def course(story: Story) -> Course:
    return story.days(-7).course()


def evaluated(tablet: Client, course: Course, *ratings: int) -> None:
    sent: dict[str, object] = {"version": course.version}
    for place, rating in enumerate(ratings):
        sent |= {f"base-activity_{place}": NAMES[place], f"base-ability_{place}": rating}
    assert tablet.post(f"/courses/{course.pk}/evaluate", sent).status_code == 302


@pytest.mark.parametrize(
    ("ratings", "mean"),
    [((4,), None), ((4, 5), None), ((3, 4, 6), "4.333"), ((1, 2, 3, 4), "2.5"), ((0, 10, 0, 10, 0), "4")],
)
def test_three_to_five_have_a_mean_and_fewer_have_none(
    ratings: tuple[int, ...], mean: str | None, tablet: Client, course: Course
) -> None:
    evaluated(tablet, course, *ratings)
    each = course.readings.filter(method="")
    assert {one.detail: int(one.value) for one in each} == dict(zip(NAMES, ratings, strict=False))
    means = [one.value for one in course.readings.filter(method=MEAN)]
    assert means == ([Decimal(mean)] if mean else [])


def test_only_a_mean_of_the_same_activities_is_compared(story: Story, tablet: Client, course: Course) -> None:
    evaluated(tablet, course, 3, 4, 5)
    course.readings.update(on=story.days(-7).on)
    page = Page(tablet.get(f"/courses/{course.pk}/measure"))
    fields = {name for _, held in page.tags if (name := held.get("name") or "").startswith("measured-before_psfs")}
    assert len(fields) == 3, "the mean is worked out, never typed"
    assert tablet.post(f"/courses/{course.pk}/measure", dict.fromkeys(fields, "8")).status_code == 302
    text = Page(tablet.get(f"/courses/{course.pk}/measure")).text
    assert "Own activities 0–10, lift a kettle; open a jar; type, mean of own activities" in text
    assert "from 4 to 8 of 10" in text
    assert tablet.post(f"/courses/{course.pk}/measure", dict.fromkeys(sorted(fields)[:2], "1")).status_code == 302
    assert course.readings.filter(method=MEAN).count() == 2
