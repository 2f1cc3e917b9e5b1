"""The home programme: proposed by stage, prescribed, moved on, stopped, and never edited."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from strigil.clinic.actions import Refused, exercise
from strigil.clinic.actions.exercise import ExerciseInput
from strigil.clinic.models import AuditEvent, Course, HomeProgramme, PrescribedExercise
from strigil.clinic.programmes import changed, current, dose_words, lines
from strigil.knowledge import load, shapes
from tests.clinic.cast import Story
from tests.clinic.page import Page

ROW = {"band_row-chosen": "on", "band_row-side": "both", "band_row-sets": "3"}
SEND = {"act": "prescribe", "stage": "early"}


def page(client: Client, course: Course, query: str = "") -> Page:
    return Page(client.get(f"/courses/{course.pk}/home{query}"))


def sent(client: Client, course: Course, given: dict[str, Any]) -> Any:
    return client.post(f"/courses/{course.pk}/home", given)


def as_proposed(found: Page) -> dict[str, str]:
    """What pressing Prescribe sends when nothing on the page was touched."""
    form = {name: value for name, value in found.checked() if "-" in name}
    for tag, held in found.tags:
        name = held.get("name") or ""
        if tag == "input" and "-" in name and held.get("type") not in ("radio", "checkbox") and held.get("value"):
            form[name] = held["value"] or ""
    return SEND | form


def test_the_proposed_set_is_prescribed_with_its_published_dose_and_the_side_of_the_course(
    story: Story, tablet: Client
) -> None:
    course = story.ready()
    assert sent(tablet, course, as_proposed(page(tablet, course))).status_code == 302
    rows = list(PrescribedExercise.objects.filter(programme__course=course))
    assert [(row.exercise, row.side) for row in rows] == [
        ("wrist_extension_isometric", "right"),
        ("wrist_extensor_stretch", "right"),
        ("band_row", "both"),
    ]
    assert (rows[2].sets, rows[2].repetitions, rows[2].times_per_day) == (3, 15, 2)
    assert rows[0].sets is None  # its pages gave no dose
    assert [changed(row) for row in rows] == [[], [], []]


def test_an_exercise_can_be_left_out_and_a_changed_dose_is_marked(story: Story, tablet: Client) -> None:
    course = story.ready()
    assert sent(tablet, course, SEND | ROW | {"band_row-sets": "1"}).status_code == 302
    (row,) = PrescribedExercise.objects.filter(programme__course=course)
    assert "sets: 3" in changed(row)
    assert "changed from its source" in page(tablet, course).text


def test_nothing_is_ticked_and_the_reason_stands_there_without_a_screen(story: Story, tablet: Client) -> None:
    course = story.course()
    found = page(tablet, course)
    assert not [name for name, _ in found.checked() if name.endswith("-chosen")]
    assert "No complete screen of today" in found.text


@pytest.mark.parametrize("finding", ["red_flag_dvt", "severe_illness"])
def test_a_red_flag_is_not_exercised_through(finding: str, story: Story, tablet: Client) -> None:
    course = story.ready()
    story.screened(course, yes=[finding])
    found = page(tablet, course)
    assert not [name for name, _ in found.checked() if name.endswith("-chosen")]
    assert "elsewhere first" in found.text
    response = sent(tablet, course, SEND | ROW)
    assert response.status_code == 422
    assert "Say why exercise is prescribed now" in Page(response).text
    assert not HomeProgramme.objects.exists()


def test_after_an_operation_the_surgeons_word_is_asked_for_and_kept(story: Story, tablet: Client) -> None:
    course = story.ready()
    story.screened(course, yes=["surgical_incision"])
    found = page(tablet, course)
    assert not [name for name, _ in found.checked() if name.endswith("-chosen")]
    refused = sent(tablet, course, SEND | ROW)
    assert refused.status_code == 422
    assert Page(refused).holds("band_row-sets", "3")
    assert "written clearance" in Page(refused).says("clearance")
    assert sent(tablet, course, SEND | ROW | {"clearance": "Mr Adler, 2 November"}).status_code == 302
    assert current(course).clearance == "Mr Adler, 2 November"  # type: ignore[union-attr]


def test_a_programme_for_after_an_operation_always_asks_for_clearance(story: Story) -> None:
    course = story.ready(indication="rotator_cuff_repair")
    with pytest.raises(Refused, match="surgeon"):
        story.prescribed(course, ExerciseInput("pendulum", "right"))


def test_an_exercise_of_one_side_needs_its_side(story: Story, tablet: Client) -> None:
    course = story.ready()
    stretch = {"wrist_extensor_stretch-chosen": "on"}
    response = sent(tablet, course, SEND | stretch)
    assert response.status_code == 422
    assert "Say which side" in Page(response).text
    with pytest.raises(Refused, match="which side"):
        story.prescribed(course, ExerciseInput("wrist_extensor_stretch", ""))
    with pytest.raises(Refused, match="both sides"):
        story.prescribed(course, ExerciseInput("band_row", "left"))


@pytest.mark.parametrize("side", ["right", "left"])
def test_the_drawing_and_the_words_are_of_the_prescribed_side(side: str, story: Story, tablet: Client) -> None:
    course = story.ready()
    story.prescribed(course, ExerciseInput("wrist_extensor_stretch", side))
    other = {"right": "left", "left": "right"}[side]
    printed = Page(tablet.get(f"/courses/{course.pk}/home/print")).source
    assert f"The {side} elbow straight" in printed
    assert f"Drawn for the {side} side." in printed
    assert f"{side.capitalize()} side." in printed
    assert f"the {other} side" not in printed


def test_what_was_prescribed_before_is_kept_and_the_newest_holds(story: Story, tablet: Client) -> None:
    course = story.ready()
    first = story.prescribed(course)
    before = list(PrescribedExercise.objects.filter(programme=first).values())
    second = story.days(3).prescribed(course, ExerciseInput("band_row", "both", 3, 12), stage="middle")
    assert list(PrescribedExercise.objects.filter(programme=first).values()) == before
    assert current(course) == second
    assert "early or irritable: Wrist extension isometric" in page(tablet, course).text


def test_harder_is_one_exercise_at_a_time_and_says_what_changed(story: Story, tablet: Client) -> None:
    course = story.ready()
    story.prescribed(course)
    assert sent(tablet, course, {"act": "progress", "to": "band_row harder"}).status_code == 302
    rows = {row.exercise: row for row in current(course).exercises.all()}  # type: ignore[union-attr]
    assert rows["band_row"].note == "Harder: stronger band"
    assert rows["wrist_extensor_stretch"].note == ""
    assert rows["wrist_extensor_stretch"].repetitions == 5


def test_a_change_during_a_visit_names_the_visit(story: Story) -> None:
    course = story.ready()
    draft = story.draft(course)
    assert story.prescribed(course, visit=draft).visit == draft
    with pytest.raises(Refused, match="another course"):
        story.prescribed(story.ready(), visit=draft)


def test_a_stopped_programme_holds_no_more_and_says_why(story: Story, tablet: Client) -> None:
    course = story.ready()
    story.prescribed(course)
    assert sent(tablet, course, {"act": "stop", "why": ""}).status_code == 422
    assert sent(tablet, course, {"act": "stop", "why": "Pain at night"}).status_code == 302
    assert current(course) is None
    assert "stopped, Pain at night" in page(tablet, course).text
    with pytest.raises(Refused, match="nothing to stop"):
        exercise.stop(by=story.by, course=course, on=story.on, reason="again")


def test_what_was_not_answered_stays_so_and_only_asks(story: Story, tablet: Client) -> None:
    course = story.ready()
    story.prescribed(course)
    assert "Nobody has asked yet" in page(tablet, course).text
    assert sent(tablet, course, {"act": "report", "done": "all"}).status_code == 302
    found = page(tablet, course)
    assert "done all , pain not answered" in found.text.replace("all,", "all ,")
    assert "Not known: ask first." in found.text
    assert sent(tablet, course, {"act": "report"}).status_code == 422


@pytest.mark.parametrize(
    ("pain", "says"),
    [("2", "The rules would let it go on"), ("5", "Leave it as it is"), ("7", "Make it easier")],
)
def test_advice_follows_the_pain_that_was_told(pain: str, says: str, story: Story, tablet: Client) -> None:
    course = story.ready()
    story.prescribed(course)
    sent(tablet, course, {"act": "report", "done": "all", "pain": pain, "settled": "yes", "worried": "no"})
    found = page(tablet, course)
    assert says in found.text
    assert "/knowledge/exercise_rules/pain_zones" in found.links


def test_the_visit_page_says_in_a_line_what_is_done_at_home(story: Story, tablet: Client) -> None:
    course = story.ready()
    draft = story.draft(course)
    address = f"/visits/{draft.pk}"
    assert "No home programme holds." in Page(tablet.get(address)).text
    story.prescribed(course)
    assert "Home programme: 3 exercises, last done: not answered" in Page(tablet.get(address)).text
    exercise.report(by=story.by, course=course, on=story.on, done="some")
    assert "last done: some" in Page(tablet.get(address)).text


def test_every_exercise_of_the_page_leads_to_its_sources(story: Story, tablet: Client) -> None:
    for key, programme in load().shelf(shapes.Programme).items():
        course = story.ready(indication=key)
        for stage in programme.stages:
            found = page(tablet, course, f"?stage={stage.id}")
            assert f"/knowledge/programmes/{key}" in found.links
            missing = [
                one.exercise for one in stage.exercises if f"/knowledge/exercises/{one.exercise}" not in found.links
            ]
            assert missing == []
            assert "proposed by this project" in found.text


def test_a_schedule_without_a_number_is_told_in_words(story: Story, tablet: Client) -> None:
    course = story.ready(indication="edema_swelling")
    found = page(tablet, course)
    assert found.holds("fist_pump_elevated-note", "every 1-2 hours; hand")
    assert not found.holds("fist_pump_elevated-times_per_day", "1")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"sets": 3, "repetitions": 15, "times_per_day": 2}, "3 sets of 15, twice a day"),
        ({"sets": 1, "hold_s": 30}, "1 set, hold 30 s"),
        ({"repetitions": 10, "times_per_week": Decimal("3.5")}, "10 times, 3.5 days a week"),
        ({}, ""),
    ],
)
def test_a_dose_in_words_leaves_out_what_nobody_gave(given: dict[str, Any], words: str) -> None:
    assert dose_words(PrescribedExercise(exercise="band_row", side="both", **given)) == words


def test_lines_for_paper_hold_dose_steps_stops_drawing_and_sources(story: Story) -> None:
    course = story.ready()
    (*_, row) = lines(story.prescribed(course).exercises.all())
    shelf = load().shelf(shapes.Exercise)["band_row"]
    assert (row.title, row.side, row.dose) == (shelf.title, "Both sides", "3 sets of 15, twice a day, every day")
    assert (row.steps, row.stop_if) == (shelf.how, shelf.stop_if)
    assert row.drawing_svg.startswith("<svg")
    assert row.sources == tuple(load().sources[one.source].title for one in shelf.sources)


def test_the_sheet_says_when_to_stop_before_the_first_exercise(story: Story, tablet: Client) -> None:
    course = story.ready()
    story.prescribed(course)
    text = Page(tablet.get(f"/courses/{course.pk}/home/print")).text
    assert text.index("Stop and get help") < text.index("Wrist extension isometric")
    assert "Stop if: pain above 5 of 10" in text
    assert re.search(r"6 to 10 of 10: Stop this exercise", text)


def test_each_change_leaves_its_trace(story: Story) -> None:
    course = story.ready()
    story.prescribed(course)
    exercise.report(by=story.by, course=course, on=story.on, pain=3)
    exercise.stop(by=story.by, course=course, on=story.on, reason="Moved away")
    words = AuditEvent.objects.filter(patient_id=course.patient_id, action__startswith="home_programme")
    assert [one.action.split(".")[1] for one in words.order_by("at")] == ["prescribe", "report", "stop"]


def test_a_closed_course_prescribes_nothing(story: Story) -> None:
    course = story.ready()
    course.status, course.closed_on = "finished", story.on
    course.save()
    with pytest.raises(Refused):
        story.prescribed(course)


@pytest.mark.parametrize(
    ("said", "shown"),
    [({"exercises_done": "some"}, "done some"), ({"exercises_done": "all", "worries": ["nerve"]}, "done all")],
)
def test_what_a_patient_says_at_the_check_in_stands_on_the_home_programme(
    said: dict[str, Any], shown: str, story: Story, tablet: Client
) -> None:
    course = story.ready()
    story.prescribed(course)
    story.answered(story.signed(course), **said)
    text = page(tablet, course).text
    assert f"by the patient at the check-in: {shown}, pain not answered" in text


@pytest.mark.parametrize("said", [{}, {"exercises_done": "not_given"}])
def test_exercises_of_which_the_check_in_says_nothing_stay_not_asked(
    said: dict[str, Any], story: Story, tablet: Client
) -> None:
    course = story.ready()
    story.prescribed(course)
    story.answered(story.signed(course), **said)
    assert "Nobody has asked yet." in page(tablet, course).text


@pytest.mark.parametrize(
    ("said", "worried"),
    [
        ({}, None),
        ({"worries": ["none"]}, False),
        ({"worries": ["none"], "words": "My arm feels numb."}, None),
        ({"worries": ["nerve"]}, True),
    ],
)
def test_a_worry_that_was_not_denied_is_never_none(said: dict[str, Any], worried: bool | None, story: Story) -> None:
    course = story.ready()
    story.answered(story.signed(course), exercises_done="all", **said)
    assert course.exercise_reports.get().worried is worried
