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

COPIED = {
    *("treated", "instrument", "strokes", "directions", "seconds", "pressure", "motion", "position"),
    *("exercise", "minutes_exercise"),
}
OF_THE_VISIT = {"exercise", "minutes_exercise"}
TODAYS = ("discomfort", "force_newton", "force_method", "force_device", "textures", "found_where", "edge")
SENT = VISIT | {
    "area-0-pressure": "light",
    "area-0-directions": ["along"],
    "area-0-motion": "moving",
    "area-0-position": "Elbow bent",
    "exercise": "Eccentric lowering",
    "minutes_exercise": "10",
    "version": 1,
}


@pytest.fixture
def draft(story: Story) -> Visit:
    """Today's untouched second visit of a course."""
    area = replace(AREA, force_newton=Decimal(4), force_method="estimated", discomfort=6)
    area = replace(area, directions=("along",), motion="moving", position="Elbow bent")
    area = replace(area, textures=("grit",), found_where="two fingers below the elbow")
    course = story.days(-3).ready()
    given = {"treatments": (area,), "exercise": "Eccentric lowering", "found": "a ridge", "other_care": ("foam",)}
    minutes = {"exercise": 10, "evaluation": 5, "foam": 5}
    story.days(-2).asked_after(story.days(-3).signed(course, **given, minutes=minutes))
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
        assert page.controls(f"{name}-confirmed" if name in OF_THE_VISIT else f"area-0-{name}-confirmed"), name
    for name in TODAYS:
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


def test_one_touch_confirms_a_whole_area_and_nothing_beside_it(draft: Visit, tablet: Client) -> None:
    assert Page(tablet.get(f"/visits/{draft.pk}")).controls("area-0-confirmed")
    assert save(draft, tablet, **{"area-0-confirmed": "1"}) == OF_THE_VISIT


def test_a_touched_exercise_is_no_longer_copied(draft: Visit, tablet: Client) -> None:
    changed = {"exercise": "Wrist rolls", "minutes_exercise-confirmed": "1"}
    assert save(draft, tablet, **changed) == COPIED - OF_THE_VISIT
    assert draft.exercise == "Wrist rolls"


def test_the_page_opens_empty_where_that_is_asked_for(draft: Visit, tablet: Client) -> None:
    assert "?copies=none" in Page(tablet.get(f"/visits/{draft.pk}")).links
    address = f"/visits/{draft.pk}?copies=none"
    page = Page(tablet.get(address))
    assert page.checked() == []
    assert set(page.chosen()) == {""}
    assert page.holds("exercise", "")
    assert "copied from" not in page.text
    assert "?copies=again" in page.links
    assert tablet.post(address, SENT).status_code == 302
    draft.refresh_from_db()
    assert draft.unconfirmed == []
    assert draft.treatments.get().seconds == 60


def test_the_other_side_of_the_patient_is_not_filled_from_this_one(story: Story, tablet: Client) -> None:
    course = story.days(-3).ready()
    story.days(-3).signed(course)
    course.sites.update(side="left")
    page = Page(tablet.get(f"/visits/{story.draft(course).pk}"))
    assert "Forearm, lateral (extensors), left" in page.text
    assert not page.controls("area-0-seconds-confirmed")
    assert not any(name.startswith("area-") for name, _ in page.checked())


def test_a_site_that_was_removed_meanwhile_moves_no_dose_to_another(draft: Visit, tablet: Client) -> None:
    page = Page(tablet.get(f"/visits/{draft.pk}"))
    sites = page.controls("sites")[0]["value"]
    assert sites == "forearm_lateral/right"
    draft.course.sites.update(region="upper_arm_lateral")
    before = everything()
    response = tablet.post(f"/visits/{draft.pk}", SENT | {"sites": sites})
    assert response.status_code == 422
    assert "A site was added to this course or removed" in Page(response).text
    assert everything() == before


def test_an_area_that_is_not_treated_today_has_nothing_left_to_confirm(draft: Visit, tablet: Client) -> None:
    assert save(draft, tablet, **{"area-0-treated": None}) == OF_THE_VISIT
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
    assert "right: treated today, instrument, strokes, direction, pressure, motion, position" in page.text
    assert "The visit: exercise, minutes of exercise" in page.text
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
    assert treatment.textures == []
    assert treatment.found_where == ""
    assert draft.minutes == {"exercise": 10}
    assert draft.other_care == draft.phases_done == []
    assert draft.found == ""
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
