"""Values carried over are marked until somebody touches or confirms them; what is today's is never carried over."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from strigil.clinic.actions import evaluate
from strigil.clinic.models import Visit
from strigil.pathway.facts import Moment
from tests.clinic.cast import AREA, Story, everything
from tests.clinic.page import Page
from tests.clinic.work import VISIT

COPIED = {"treated", "instrument", "strokes", "seconds", "pressure"}
SENT = VISIT | {"area-0-pressure": "light", "version": 1}


@pytest.fixture
def draft(story: Story) -> Visit:
    """Today's untouched second visit of a course."""
    area = replace(AREA, force_newton=Decimal(4), force_method="estimated", discomfort=6)
    course = story.days(-3).ready()
    story.days(-2).asked_after(story.days(-3).signed(course, treatments=(area,)))
    story.screened(course)
    return story.draft(course)


def save(visit: Visit, tablet: Client, /, **changes: Any) -> set[str]:
    """Save the page as it is but for the changes; what is still only copied."""
    sent = {name: value for name, value in {**SENT, **changes}.items() if value is not None}
    response = tablet.post(f"/visits/{visit.pk}", sent)
    assert response.status_code == 302, Page(response).summary
    visit.refresh_from_db()
    return {name.removeprefix("area-0-") for name in visit.unconfirmed}


def test_a_copied_value_says_where_it_comes_from(draft: Visit, tablet: Client) -> None:
    page = Page(tablet.get(f"/visits/{draft.pk}"))
    assert page.text.count("copied from visit 1") >= len(COPIED) - 1
    for name in COPIED:
        assert page.controls(f"area-0-{name}-confirmed"), name
    for name in ("discomfort", "force_newton", "force_method", "force_device", "edge", "position"):
        assert not page.controls(f"area-0-{name}-confirmed"), name


def test_the_first_visit_is_copied_from_the_plan_and_says_so(story: Story, tablet: Client) -> None:
    draft = story.draft(story.ready())
    page = Page(tablet.get(f"/visits/{draft.pk}"))
    assert "copied from the plan" in page.text
    assert page.holds("area-0-seconds", "60")


def test_another_technique_copies_nothing(story: Story, tablet: Client) -> None:
    course = story.with_visits(1)
    visit = story.draft(course)
    Visit.objects.filter(pk=visit.pk).update(technique="gua_sha")
    page = Page(tablet.get(f"/visits/{visit.pk}"))
    assert "copied from" not in page.text
    assert page.checked() == []


def test_saved_as_it_came_everything_stays_copied(draft: Visit, tablet: Client) -> None:
    assert save(draft, tablet) == COPIED
    page = Page(tablet.get(f"/visits/{draft.pk}"))
    assert "copied from an earlier visit" in page.text
    assert save(draft, tablet, version=2) == COPIED


def test_a_touched_value_is_no_longer_copied(draft: Visit, tablet: Client) -> None:
    assert save(draft, tablet, **{"area-0-seconds": "75"}) == COPIED - {"seconds"}


def test_a_confirmed_value_is_no_longer_copied(draft: Visit, tablet: Client) -> None:
    assert save(draft, tablet, **{"area-0-strokes-confirmed": "1"}) == COPIED - {"strokes"}


def test_an_area_that_is_not_treated_today_has_nothing_left_to_confirm(draft: Visit, tablet: Client) -> None:
    assert save(draft, tablet, **{"area-0-treated": None}) == set()
    assert not draft.treatments.exists()


def test_ticks_that_confirm_survive_a_page_that_comes_back(draft: Visit, tablet: Client) -> None:
    before = everything()
    sent = SENT | {"area-0-strokes-confirmed": "1", "area-0-angle_degrees": "500"}
    page = Page(tablet.post(f"/visits/{draft.pk}", sent))
    assert ("area-0-strokes-confirmed", "1") in page.checked()
    assert ("area-0-seconds-confirmed", "1") not in page.checked()
    assert everything() == before


def test_signing_names_what_is_only_copied_and_refuses_until_it_is_confirmed(draft: Visit, tablet: Client) -> None:
    save(draft, tablet, **{"area-0-seconds": "75"})
    address = f"/visits/{draft.pk}/sign"
    page = Page(tablet.get(address))
    assert "Copied from an earlier visit or the plan, and not touched yet" in page.text
    assert "right: treated today, instrument, strokes, pressure" in page.text
    before = everything()
    response = tablet.post(address, {"version": 2})
    assert response.status_code == 422
    assert "Copied is not confirmed" in Page(response).says("confirm_copied")
    assert everything() == before
    assert tablet.post(address, {"version": 2, "confirm_copied": "on"}).status_code == 302
    draft.refresh_from_db()
    assert draft.is_signed


def test_what_is_todays_is_never_carried_over(draft: Visit, tablet: Client) -> None:
    save(draft, tablet, reactions=None)
    treatment = draft.treatments.get()
    assert treatment.discomfort is None
    assert treatment.force_newton is None
    assert treatment.force_method == ""
    assert not draft.readings.exists()
    assert not draft.reaction_checks.exists()
    assert draft.note == "fine"


def test_a_draft_opens_again_as_it_was_left(draft: Visit, tablet: Client) -> None:
    given = {
        "area-0-discomfort": "4",
        "area-0-force_newton": "4,5",
        "area-0-force_method": "measured",
        "area-0-force_device": "load cell",
        "measured-before_nprs": "0",
        "reactions": ["none"],
        "note": "Half done",
        "draft": "1",
    }
    save(draft, tablet, **given)
    page = Page(tablet.get(f"/visits/{draft.pk}"))
    for name, value in (given | {"reactions": "none", "area-0-force_newton": "4.5"}).items():
        assert name == "draft" or page.holds(name, str(value)), name
    assert "Saved, not signed" in page.text


def test_a_series_added_meanwhile_moves_no_value_to_another_measure(draft: Visit, story: Story, tablet: Client) -> None:
    page = Page(tablet.get(f"/visits/{draft.pk}"))
    names = {held.get("name") or "" for tag, held in page.tags if tag == "input"}
    wrist = next(name for name in names if name.startswith("measured-before_wrist_flexion"))
    more = [
        evaluate.ReadingInput("elbow_flexion", Decimal(90), Moment.BASELINE, "right", "active", "universal goniometer"),
        evaluate.ReadingInput("wrist_flexion", Decimal(10), Moment.BASELINE, "left", "active", "universal goniometer"),
    ]
    evaluate.record_readings(by=story.by, course=draft.course, on=story.on, readings=more)
    save(draft, tablet, **{wrist: "61"})
    reading = draft.readings.get()
    assert (reading.measure, reading.side, reading.value) == ("wrist_flexion", "right", 61)
