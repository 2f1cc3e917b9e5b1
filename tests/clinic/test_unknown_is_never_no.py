"""Nothing that bears on safety, side or today is answered before somebody answers it."""

from __future__ import annotations

import pytest
from django.test import Client

from strigil.clinic.actions import evaluate
from strigil.clinic.forms.screen import GROUPS
from strigil.clinic.models import Finding
from strigil.knowledge import load
from tests.clinic.cast import FOREARM, UPPER_ARM, Story
from tests.clinic.page import Page
from tests.clinic.work import JUDGED, WORK, no_to_all

MAY_BE_FILLED = {
    "edit_patient": {"sex"},
    "plan": {"phases", "area-0-strokes", "area-0-pressure"},
    "payer_rule": {"rule"},
    "book_rules": {"page-is_open"},
    "move_appointment": {"clinician"},
    "home_programme": {
        f"{one}-{field}"
        for one in ("band_row", "wrist_extension_isometric", "wrist_extensor_stretch")
        for field in ("chosen", "side")
    },
    "visit": {"area-0-treated", "area-0-strokes", "area-0-pressure"},
    "amend_visit": {
        "phases_done", "reactions", "area-0-treated", "area-0-strokes", "area-0-pressure", "area-0-discomfort",
        "measured-before_nprs",
    },
}  # fmt: skip
"""What a page may open with: the record's own words, a technique's phases, a dose that is marked as copied, exercises
that are proposed."""


def group_of(name: str) -> str:
    first = load().asked[name].consequences[0].outcome
    return next(group for group, _, outcomes in GROUPS if first in outcomes)


@pytest.mark.parametrize("route", sorted(set(WORK) - {"start_visit"}))
def test_no_page_opens_with_an_answer(route: str, story: Story, tablet: Client) -> None:
    address, _ = WORK[route](story)
    page = Page(tablet.get(address + ("?technique=graston" if route == "plan" else "")))
    assert {name for name, _ in page.checked()} <= MAY_BE_FILLED.get(route, set())
    assert page.chosen() == [""] * len(page.chosen()) or route in ("plan", "visit", "amend_visit")


def test_consent_is_asked_again_for_each_plan(story: Story, tablet: Client) -> None:
    course = story.ready()
    page = Page(tablet.get(f"/courses/{course.pk}/plan"))
    assert page.holds("visits_in_all", "8")
    assert "consent_given" not in {name for name, _ in page.checked()}


def test_a_second_visit_opens_without_todays_answers(story: Story, tablet: Client) -> None:
    course = story.days(-3).with_visits(1)
    draft = story.draft(course)
    page = Page(tablet.get(f"/visits/{draft.pk}"))
    assert {name for name, _ in page.checked()} == {"area-0-treated", "area-0-strokes", "area-0-pressure"}
    for name in ("measured-before_nprs", "measured-after_nprs", "area-0-discomfort", "area-0-force_method"):
        assert page.controls(name), name
    for name in ("note", "found", "exercise"):
        assert page.holds(name, ""), name
    assert page.holds("area-0-force_newton", "")


@pytest.mark.parametrize("days", [0, 8])
def test_answers_given_before_are_shown_beside_and_never_ticked(days: int, story: Story, tablet: Client) -> None:
    course = story.days(-days).course()
    story.days(-days).screened(course, yes=["osteoporosis"])
    page = Page(tablet.get(f"/courses/{course.pk}/screen"))
    assert page.checked() == []
    when = "20 November 2026" if days == 0 else "12 November 2026"
    assert f"Yes, asked on {when}" in page.text_of["osteoporosis"]
    stale = f"No when asked on {when}, too long ago to count"
    assert (stale in page.text_of["red_flag_dvt"]) == (days == 8)
    assert "too long ago" not in page.text_of["osteoporosis"]


def test_a_screen_with_old_answers_is_not_complete(story: Story, tablet: Client) -> None:
    course = story.days(-8).course()
    assert story.days(-8).screened(course).outcome == "proceed"
    response = tablet.post(f"/courses/{course.pk}/screen", {})
    assert response.status_code == 302
    page = Page(tablet.get(f"/courses/{course.pk}/screen"))
    assert "Nothing is treated until the open questions are answered" in page.text
    assert course.screenings.order_by("id").last().outcome == "incomplete"
    assert not Finding.objects.filter(asked_on=story.on).exists()


@pytest.mark.parametrize("group", [group for group, _, _ in GROUPS])
def test_none_of_a_group_gives_each_of_its_open_questions_its_own_no(group: str, story: Story, tablet: Client) -> None:
    course = story.course()
    here = {name for name in load().asked if group_of(name) == group}
    kept = sorted(here)[0]
    story.screened(course, unasked=set(load().asked) - {kept}, yes=[kept])
    tablet.post(f"/courses/{course.pk}/screen", {"none": group})
    rows = Finding.objects.exclude(finding=kept)
    assert sorted(rows.values_list("finding", flat=True)) == sorted(here - {kept})
    assert {(one.answer, one.asked_on, one.region, one.created_by) for one in rows} == {("no", story.on, "", story.by)}
    assert [one.answer for one in Finding.objects.filter(finding=kept)] == ["yes"]
    tablet.post(f"/courses/{course.pk}/screen", {"none": group})
    assert rows.count() == len(here) - 1


def test_none_of_a_group_does_not_overrule_what_is_ticked_beside_it(story: Story, tablet: Client) -> None:
    course = story.course()
    tablet.post(
        f"/courses/{course.pk}/screen", JUDGED | {"none": "emergency", "red_flag_dvt": "yes", "cancer": "unknown"}
    )
    answers = dict(Finding.objects.values_list("finding", "answer"))
    assert answers.pop("red_flag_dvt") == "yes"
    assert answers.pop("cancer") == "unknown"
    assert set(answers.values()) == {"no"}
    assert set(answers) == {name for name in load().asked if group_of(name) == "emergency"} - {"red_flag_dvt"}


def test_a_group_that_does_not_exist_answers_nothing(story: Story, tablet: Client) -> None:
    course = story.course()
    for group in ("nonsense", "\0", "EMERGENCY", ""):
        tablet.post(f"/courses/{course.pk}/screen", JUDGED | {"none": group})
    assert not Finding.objects.exists()


def test_saving_the_questions_unanswered_stores_no_answer(story: Story, tablet: Client) -> None:
    course = story.course()
    tablet.post(f"/courses/{course.pk}/screen", dict.fromkeys(load().asked, "") | JUDGED)
    assert not Finding.objects.exists()
    assert course.screenings.get().outcome == "incomplete"


def test_a_yes_names_its_places_and_leaves_the_others(story: Story, tablet: Client) -> None:
    course = story.course(regions=(FOREARM, UPPER_ARM))
    sent = no_to_all() | {"open_wound": "yes", "open_wound-site": f"{FOREARM}/right"}
    tablet.post(f"/courses/{course.pk}/screen", sent)
    sites = {one["region"]: one["outcome"] for one in course.screenings.get().sites}
    assert sites == {FOREARM: "avoid", UPPER_ARM: "proceed"}


def open_ones(page: Page) -> set[str]:
    """Questions that stand in sight; what still counts is folded away."""
    return {one for one in load().rules if one in page.ids and one not in page.folded}


def test_a_question_answered_not_known_stands_among_the_open_ones(story: Story, tablet: Client) -> None:
    course = story.course()
    tablet.post(f"/courses/{course.pk}/screen", no_to_all() | {"crps": "unknown"})
    page = Page(tablet.get(f"/courses/{course.pk}/screen"))
    assert open_ones(page) == {"crps"}
    assert "Not known when asked on 20 November 2026: ask again" in page.text_of["crps"]
    assert "1 to ask of" in page.text
    tablet.post(f"/courses/{course.pk}/screen", {"crps": "no"})
    assert open_ones(Page(tablet.get(f"/courses/{course.pk}/screen"))) == set()


def test_a_yes_here_and_a_no_there_do_not_disagree(story: Story, tablet: Client) -> None:
    course = story.course(regions=(FOREARM, UPPER_ARM))
    story.screened(course, unasked=["open_wound"])
    given = [("yes", FOREARM), ("no", UPPER_ARM)]
    answers = [evaluate.AnswerInput("open_wound", word, region, "right") for word, region in given]
    evaluate.record_answers(by=story.by, course=course, on=story.on, answers=answers)
    page = Page(tablet.get(f"/courses/{course.pk}/screen"))
    assert "disagree" not in page.text_of["open_wound"]
    assert open_ones(page) == set()


def test_every_question_about_a_place_takes_a_day_since(story: Story, tablet: Client) -> None:
    course = story.course()
    page = Page(tablet.get(f"/courses/{course.pk}/screen"))
    for name in ("acute_injury_effusion", "surgical_incision"):
        assert page.controls(f"{name}-since"), name
    assert not page.controls("anticoagulants-since")
    sent = no_to_all() | {"acute_injury_effusion": "yes", "acute_injury_effusion-since": "2026-11-18"}
    tablet.post(f"/courses/{course.pk}/screen", sent)
    assert str(Finding.objects.get(finding="acute_injury_effusion").since) == "2026-11-18"


def test_answers_that_disagree_are_shown_as_open(story: Story, tablet: Client) -> None:
    patient = story.patient()
    one, other = story.course(patient), story.course(patient)
    tablet.post(f"/courses/{one.pk}/screen", JUDGED | {"crps": "yes"})
    tablet.post(f"/courses/{other.pk}/screen", JUDGED | {"crps": "no"})
    page = Page(tablet.get(f"/courses/{one.pk}/screen"))
    assert "Two answers of 20 November 2026 disagree: No and Yes: ask again" in page.text_of["crps"]
    assert open_ones(page) >= {"crps"}


def test_a_question_not_put_to_the_sex_is_not_on_the_page(story: Story, tablet: Client) -> None:
    course = story.course()
    assert "pregnancy" in Page(tablet.get(f"/courses/{course.pk}/screen")).ids
    course.patient.sex = "male"
    course.patient.save()
    assert "pregnancy" not in Page(tablet.get(f"/courses/{course.pk}/screen")).ids


def test_nobody_asked_is_told_from_none_seen(story: Story, tablet: Client) -> None:
    course = story.days(-1).with_visits(1)
    visit = course.visits.get()
    assert (
        "Nobody has asked" in Page(tablet.get(f"/visits/{visit.pk}/respond")).text
        or "Asked so far" in Page(tablet.get(f"/visits/{visit.pk}/respond")).text
    )
    assert "ask how skin and symptoms were" in Page(tablet.get("/today")).text
    tablet.post(f"/visits/{visit.pk}/respond", {"when": "next_day", "reactions": ["none"]})
    assert "ask how skin and symptoms were" not in Page(tablet.get("/today")).text
    assert "Next day: none" in Page(tablet.get(f"/courses/{course.pk}")).text
