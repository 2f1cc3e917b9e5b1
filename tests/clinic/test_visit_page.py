"""The visit page: each technique with its own phases, what was felt, minutes by kind, the gate, and an amendment."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from strigil.clinic.actions.payer import set_payer_rule
from strigil.clinic.models import Course, PayerSetting, Visit
from strigil.knowledge import load
from strigil.knowledge.shapes import DetectionAssessment, Technique
from tests.clinic.cast import AREA, FOREARM, UPPER_ARM, Story, everything
from tests.clinic.page import Page
from tests.clinic.work import PLAN, VISIT

TECHNIQUES = load().shelf(Technique)


def page_of(visit: Visit, tablet: Client) -> Page:
    return Page(tablet.get(f"/visits/{visit.pk}"))


def saved(visit: Visit, tablet: Client, **changes: Any) -> Visit:
    response = tablet.post(f"/visits/{visit.pk}", VISIT | {"version": visit.version} | changes)
    assert response.status_code == 302, Page(response).summary
    visit.refresh_from_db()
    return visit


# --- Techniques and their phases ---


def test_there_are_the_twelve_techniques_of_the_facts() -> None:
    assert len(TECHNIQUES) == 12


@pytest.mark.parametrize("technique", TECHNIQUES)
def test_each_technique_is_planned_and_recorded_with_its_own_phases(
    technique: str, story: Story, tablet: Client
) -> None:
    """Through the pages: plan, visit with every phase ticked, signature, and the visit as it reads."""
    known = TECHNIQUES[technique]
    phases = [one.id for one in known.phases]
    dose = {"area-0-instrument": known.instruments[0] if known.instruments else "", "area-0-strokes": known.strokes}
    course = story.course()
    story.measured(course)
    story.screened(course)
    plan = PLAN | dose | {"technique": technique, "phases": phases}
    assert tablet.post(f"/courses/{course.pk}/plan", plan).status_code == 302
    address = tablet.post(f"/courses/{course.pk}/visits/new").url
    visit = course.visits.get()
    assert visit.technique == technique
    page = Page(tablet.get(address))
    offered = [one["value"] for one in page.controls("phases_done")]
    assert offered == phases
    assert ("No phases were found for this technique." in page.text) == (not phases)
    sent = VISIT | dose | {"version": 1, "phases_done": phases[::-1], "area-0-confirmed": "1"}
    assert tablet.post(address, sent).url == f"{address}/sign"
    assert tablet.post(f"{address}/sign", {"version": 2}).status_code == 302
    visit.refresh_from_db()
    assert visit.is_signed
    assert visit.phases_done == phases, "in the technique's order, whatever order they were ticked in"
    words = re.sub(r"\s+", " ", Page(tablet.get(address)).text)
    assert known.title in words
    for phase in known.phases:
        assert re.sub(r"\s+", " ", phase.name) in words, phase.id
    assert set(visit.treatments.get().strokes) == set(known.strokes)


def test_a_phase_of_another_technique_is_not_offered_and_not_taken(story: Story, tablet: Client) -> None:
    visit = story.draft(story.ready())
    assert "provocation" not in [one["value"] for one in page_of(visit, tablet).controls("phases_done")]
    before = everything()
    assert tablet.post(f"/visits/{visit.pk}", VISIT | {"version": 1, "phases_done": ["provocation"]}).status_code == 422
    assert everything() == before


def test_each_phase_says_what_it_asks_for_and_leads_there(story: Story, tablet: Client) -> None:
    visit = story.draft(story.ready())
    Visit.objects.filter(pk=visit.pk).update(technique="faktr")
    page = page_of(visit, tablet)
    for words in ("the dose of each area, in the provoking position", "while moving", "under load"):
        assert words in page.text, words
    anchors = {one[1:] for one in page.links if one.startswith("#")}
    assert {"h-area-1", "id_exercise", "h-gate"} <= anchors <= set(page.ids)


def test_no_phase_is_ticked_because_it_was_done_last_time(story: Story, tablet: Client) -> None:
    course = story.days(-3).with_visits(1)
    assert course.visits.get().phases_done == ["scan", "treat"]
    page = page_of(story.draft(course), tablet)
    assert not any(name == "phases_done" for name, _ in page.checked())
    assert page.text.count("planned ·") == 2


# --- What the instrument found ---


def test_what_was_felt_is_recorded_in_words_with_where(story: Story, tablet: Client) -> None:
    visit = saved(
        story.draft(story.ready()),
        tablet,
        **{"area-0-textures": ["grit", "catching"], "area-0-found_where": "two fingers below the elbow"},
    )
    row = visit.treatments.get()
    assert (row.textures, row.found_where) == (["grit", "catching"], "two fingers below the elbow")
    text = Page(tablet.get(f"/visits/{visit.pk}/sign")).text
    assert "Found: catching, grit; two fingers below the elbow" in text


def test_nothing_felt_is_said_and_is_not_the_same_as_not_asked(story: Story, tablet: Client) -> None:
    visit = saved(story.draft(story.ready()), tablet, **{"area-0-textures": ["nothing"]})
    assert "Found: nothing felt" in Page(tablet.get(f"/visits/{visit.pk}/sign")).text
    visit = saved(visit, tablet)
    assert visit.treatments.get().textures == []
    assert "Found:" not in Page(tablet.get(f"/visits/{visit.pk}/sign")).text


def test_nothing_and_something_felt_are_not_both_true(story: Story, tablet: Client) -> None:
    visit = story.draft(story.ready())
    before = everything()
    sent = VISIT | {"version": 1, "area-0-textures": ["nothing", "grit"]}
    page = Page(tablet.post(f"/visits/{visit.pk}", sent))
    assert "Either nothing was felt" in page.says("area-0-textures")
    assert everything() == before


def test_the_words_to_feel_by_are_those_of_the_shelf(story: Story, tablet: Client) -> None:
    page = page_of(story.draft(story.ready()), tablet)
    words = [one.id for one in load().shelf(DetectionAssessment)["feel"].words]
    assert [one["value"] for one in page.controls("area-0-textures")] == ["nothing", *words]
    assert {"/knowledge/detection_assessment/feel", "/knowledge/detection_assessment/validity"} <= set(page.links)


# --- Readings ---


def test_the_last_value_stands_beside_a_motion_before_and_after(story: Story, tablet: Client) -> None:
    first = story.days(-3)
    course = first.ready()
    address = f"/visits/{first.draft(course).pk}"
    names = [held.get("name") or "" for tag, held in Page(tablet.get(address)).tags if tag == "input"]
    before, after = (next(one for one in names if f"{when}_wrist" in one) for when in ("before", "after"))
    first.written(course.visits.get())
    tablet.post(address, VISIT | {"version": 2, before: "54", after: "61"})
    tablet.post(f"{address}/sign", {"version": 3})
    page = page_of(story.draft(course), tablet)
    assert "last 54°" in page.text
    assert "last 61°" in page.text
    assert page.holds(before, "")
    assert page.holds(after, "")
    own = Page(tablet.get(f"{address}/amend"))
    assert own.holds(before, "54")
    assert "last 54°" not in own.text, "what a visit measured is not the value before it"


@pytest.mark.parametrize(("reviews", "due"), [((1, 4), True), ((4, 6), False)])
def test_function_stands_open_where_the_plan_reviews_it(
    reviews: tuple[int, ...], due: bool, story: Story, tablet: Client
) -> None:
    course = story.ready()
    story.planned(course, review_visits=reviews)
    page = page_of(story.draft(course), tablet)
    function = next(one for one in page.ids if one.startswith("id_measured-before_psfs"))
    assert (function not in page.folded) == due
    assert ("Function: due today" in page.text) == due
    assert ("Function: next due at visit 4" in page.text) == (not due)


# --- Minutes ---


def test_minutes_of_each_kind_are_recorded_beside_the_time_by_instrument(story: Story, tablet: Client) -> None:
    minutes = {"minutes_evaluation": "5", "minutes_exercise": "10", "minutes_mld": "8"}
    visit = saved(story.draft(story.ready()), tablet, other_care=["mld"], **minutes)
    assert visit.minutes == {"evaluation": 5, "exercise": 10, "mld": 8}
    text = Page(tablet.get(f"/visits/{visit.pk}/sign")).text
    assert "by instrument 1 min, evaluation 5 min, exercise 10 min, manual lymphatic drainage 8 min" in text


def test_all_the_care_that_the_issue_names_can_be_given_with_minutes(story: Story, tablet: Client) -> None:
    page = page_of(story.draft(story.ready()), tablet)
    for kind in ("stretch", "strength", "foam", "mld", "art", "adjust"):
        assert page.controls(f"minutes_{kind}"), kind


def test_minutes_of_care_that_was_not_given_are_asked_about_and_kept_on_the_page(story: Story, tablet: Client) -> None:
    visit = story.draft(story.ready())
    before = everything()
    page = Page(tablet.post(f"/visits/{visit.pk}", VISIT | {"version": 1, "minutes_foam": "5"}))
    assert "Tick what was given, or empty its minutes." in page.says("minutes_foam")
    assert page.holds("minutes_foam", "5")
    assert everything() == before


def test_no_units_are_suggested_unless_the_clinic_asks_for_them(story: Story, tablet: Client) -> None:
    visit = saved(story.draft(story.ready()), tablet, minutes_exercise="22", **{"area-0-seconds": "60"})
    assert "timed minute" not in Page(tablet.get(f"/visits/{visit.pk}/sign")).text


def test_units_are_suggested_by_the_rule_of_the_clinic_with_its_source_and_no_code(
    story: Story, tablet: Client
) -> None:
    assert tablet.post("/payer-rule", {"rule": "eight_minute", "counted": ["hands", "exercise"]}).status_code == 302
    given = {"minutes_exercise": "22", "minutes_evaluation": "15", "area-0-seconds": "60"}
    visit = saved(story.draft(story.ready()), tablet, **given)
    for address in (f"/visits/{visit.pk}", f"/visits/{visit.pk}/sign"):
        page = Page(tablet.get(address))
        assert "2 units for 23 timed minutes (by instrument, exercise)." in re.sub(r"\s+", " ", page.text), address
        assert "No code is chosen." in page.text
        assert "/knowledge/payer_rules/eight_minute" in page.links
        assert not re.search(r"\b9[78]\d{3}\b", page.text)


def test_units_are_not_known_while_an_area_has_no_time(story: Story, tablet: Client) -> None:
    set_payer_rule(by=story.by, rule="eight_minute", counted=["hands", "exercise"])
    visit = saved(story.draft(story.ready()), tablet, minutes_exercise="22", **{"area-0-seconds": ""})
    assert "not known until all that is counted has its minutes" in Page(tablet.get(f"/visits/{visit.pk}/sign")).text


def test_a_clinic_takes_its_rule_back(story: Story, tablet: Client) -> None:
    tablet.post("/payer-rule", {"rule": "eight_minute", "counted": ["hands"]})
    assert tablet.post("/payer-rule", {"rule": "none", "counted": ["hands"]}).status_code == 302
    assert PayerSetting.objects.get().rule == ""
    refused = tablet.post("/payer-rule", {"rule": "eight_minute"})
    assert refused.status_code == 422
    assert "Say which minutes" in Page(refused).says("counted")
    assert PayerSetting.objects.get().rule == ""


# --- The gate ---


def test_the_last_reaction_is_answered_at_the_gate_in_one_touch(story: Story, tablet: Client) -> None:
    course = story.days(-3).with_visits(1)
    last = course.visits.get()
    story.screened(course)
    visit = story.draft(course)
    page = page_of(visit, tablet)
    assert "Nobody has asked how the skin and the symptoms were" in page.text
    assert "Asked now: nothing since" in page.text
    assert f"/visits/{last.pk}/respond" in page.links
    sent = {"at_the_gate": "1", "when": "next_visit", "reactions": "none"}
    response = tablet.post(f"/visits/{last.pk}/respond", sent)
    assert response.url == f"/visits/{visit.pk}#h-gate"
    assert last.reaction_checks.filter(when="next_visit", none_seen=True, on=story.on).count() == 1
    page = page_of(visit, tablet)
    assert "Nothing from earlier visits stands in the way." in page.text
    assert "At the next visit: none" in page.text


def test_the_answer_is_given_by_somebody_and_never_by_the_page(story: Story, tablet: Client) -> None:
    course = story.days(-3).with_visits(1)
    visit = story.draft(course)
    before = everything()
    page_of(visit, tablet)
    assert everything() == before


@pytest.mark.parametrize(
    ("days", "reaction", "gate"),
    [(-1, None, "two_days"), (-3, "mild_bruise", "marks_visible"), (-4, "soreness", "lasting_soreness")],
)
def test_each_gate_stands_on_top_with_its_source_one_touch_away(
    days: int, reaction: str | None, gate: str, story: Story, tablet: Client
) -> None:
    then = story.days(days)
    course = then.ready()
    last = then.signed(course, reactions=())
    sent: dict[str, Any] = {"when": "next_visit", "reactions": [reaction or "none"]}
    tablet.post(f"/visits/{last.pk}/respond", sent | ({"still_there": "yes"} if reaction else {}))
    page = page_of(story.draft(course), tablet)
    assert f"/knowledge/gates/{gate}" in page.links
    assert page.text.index("Clear to treat?") < page.text.index("Before treatment")


def test_plan_and_last_visit_stand_on_top(story: Story, tablet: Client) -> None:
    course = story.days(-3).with_visits(2)
    text = re.sub(r"\s+", " ", page_of(story.draft(course), tablet).text)
    for words in (
        "Graston Technique, 8 visits in all, 2 a week",
        "Visit 3 of 8",
        "review at visit 4",
        "Visit 2 , 17 Nov",
    ):
        assert words in text, words
    assert "1 min, light pressure, discomfort 3 of 10, " in text


# --- Amending ---


def two_sites(story: Story, *, avoid: bool = True) -> Course:
    course = story.ready(regions=(FOREARM, UPPER_ARM))
    if avoid:
        story.screened(course, yes=["open_wound"])
    return course


def test_an_amendment_meets_what_signing_would_have_met(story: Story, tablet: Client) -> None:
    """Signed with nothing treated; amended into a treatment at a site that the screen of that day says to avoid."""
    course = two_sites(story)
    visit = story.draft(course)
    tablet.post(f"/visits/{visit.pk}", {"version": 1, "note": "Nothing treated: the skin is open."})
    assert tablet.post(f"/visits/{visit.pk}/sign", {"version": 2}).status_code == 302
    visit.refresh_from_db()
    sent = VISIT | {"version": visit.version, "reason": "It was treated after all."}
    before = everything()
    refused = tablet.post(f"/visits/{visit.pk}/amend", sent)
    page = Page(refused)
    assert refused.status_code == 422
    assert "What stands in the way" in page.text
    assert "The screen of 20 November 2026 says avoid" in page.text
    assert page.holds("reason", "It was treated after all.")
    assert everything() == before
    keys = page.controls("overriding")[0]["value"]
    assert keys
    assert tablet.post(f"/visits/{visit.pk}/amend", sent | {"overriding": keys}).status_code == 302
    override = visit.overrides.get()
    assert override.reason == "It was treated after all."
    assert "It was treated after all." in Page(tablet.get(f"/visits/{visit.pk}")).text


def test_a_key_that_was_not_on_the_page_does_not_pass(story: Story, tablet: Client) -> None:
    course = two_sites(story)
    visit = story.draft(course)
    tablet.post(f"/visits/{visit.pk}", {"version": 1, "note": "Nothing treated."})
    tablet.post(f"/visits/{visit.pk}/sign", {"version": 2})
    visit.refresh_from_db()
    before = everything()
    sent = VISIT | {"version": visit.version, "reason": "It was.", "overriding": "deadbeef"}
    assert tablet.post(f"/visits/{visit.pk}/amend", sent).status_code == 422
    assert everything() == before


@pytest.mark.parametrize(("yes", "word"), [("red_flag_dvt", "emergency"), ("severe_illness", "refer")])
def test_no_reason_amends_a_treatment_past_what_is_never_overridden(
    yes: str, word: str, story: Story, tablet: Client
) -> None:
    course = story.ready()
    story.screened(course, yes=[yes])
    visit = story.draft(course)
    tablet.post(f"/visits/{visit.pk}", {"version": 1, "note": "Sent away."})
    tablet.post(f"/visits/{visit.pk}/sign", {"version": 2})
    visit.refresh_from_db()
    before = everything()
    refused = tablet.post(f"/visits/{visit.pk}/amend", VISIT | {"version": visit.version, "reason": "It was."})
    page = Page(refused)
    assert refused.status_code == 422
    assert f"says {word}" in page.text
    assert page.controls("overriding")[0]["value"] == ""
    assert everything() == before


def test_a_correction_that_treats_nothing_new_is_not_hindered_again(story: Story, tablet: Client) -> None:
    course = story.ready()
    story.screened(course, yes=["malnourished_fatigued"])
    visit = story.written(story.draft(course))
    tablet.post(f"/visits/{visit.pk}/override", {"reason": "Ate since; well again."})
    tablet.post(f"/visits/{visit.pk}/sign", {"version": 2})
    visit.refresh_from_db()
    sent = VISIT | {"version": visit.version, "reason": "The clock said 90.", "area-0-seconds": "90"}
    assert tablet.post(f"/visits/{visit.pk}/amend", sent).status_code == 302
    assert visit.treatments.get().seconds == 90
    assert visit.overrides.count() == 1


def test_each_of_two_amendments_is_shown_with_what_it_changed(story: Story, tablet: Client) -> None:
    visit = story.signed(story.ready(), treatments=(AREA,))
    for version, (seconds, why) in enumerate((("70", "first"), ("80", "second")), start=visit.version):
        sent = VISIT | {"version": version, "reason": why, "area-0-seconds": seconds}
        assert tablet.post(f"/visits/{visit.pk}/amend", sent).status_code == 302
    text = page_of(visit, tablet).text
    newest, older = text.split("Why: second")[1].split("Why: first")
    assert ("1 min 10 s" in newest, "1 min 20 s" in newest) == (True, True)
    assert ("1 min," in older, "1 min 10 s" in older, "1 min 20 s" in older) == (True, True, False)
