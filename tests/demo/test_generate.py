"""The demo clinic holds every state of care, the same each time, and nobody in it exists."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from django.db import transaction

from strigil.accounts.demo import SIGN_INS
from strigil.accounts.models import Clinic, Role, User
from strigil.clinic import gather
from strigil.clinic import models as record
from strigil.clinic.actions.evaluate import ReadingInput
from strigil.clinic.models import Course, Origin, Patient, Reaction, Reading, Screening, Treatment, Visit, When
from strigil.demo.cast import CAST
from strigil.demo.generate import generate
from strigil.demo.problems import KITS, PROBLEMS
from strigil.demo.story import Shape, Story
from strigil.demo.values import Path
from strigil.demo.walk import visit_days
from strigil.knowledge import load
from strigil.knowledge.shapes import Adjunct, Instrument, Measure, Stroke, Technique
from strigil.pathway import facts
from strigil.pathway.facts import Moment, Outcome, Side, Verdict
from strigil.pathway.measure import changes, overall
from strigil.pathway.screen import age_on, questions, screen
from strigil.pathway.screen.json import case_from_json
from tests.demo.digest import digest, made_and_undone

pytestmark = [pytest.mark.django_db, pytest.mark.same_on_both]
ON = date(2026, 11, 20)
STORIES = {story.key: story for story in CAST}


@pytest.fixture(scope="module")
def digests(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[str, str]]:
    """Two clinics made one after the other; the second stays while this module runs."""
    with django_db_blocker.unblock():
        first = made_and_undone(seed=1, on=ON)
        with transaction.atomic():
            generate(seed=1, on=ON)
            yield first, digest(ON)
            transaction.set_rollback(True)


@pytest.fixture
def demo(digests: tuple[str, str]) -> Clinic:
    return Clinic.objects.get(is_demo=True)


def course_of(key: str) -> Course:
    return Course.objects.get(patient__name=STORIES[key].name)


def last_screen(course: Course) -> Screening:
    found = course.screenings.order_by("on", "id").last()
    assert found is not None
    return found


def signed(course: Course) -> list[Visit]:
    return gather.signed(course.visits.all())


# --- The same, and nobody real ---


def test_the_same_seed_and_day_make_the_same_clinic(digests: tuple[str, str]) -> None:
    first, again = digests
    assert first == again


def test_medicines_of_some_are_listed_by_name_and_answer_what_they_can(demo: Clinic) -> None:
    course = course_of("clearance_waiting")
    listed = record.MedicineList.objects.get(course=course)
    assert [one["status"] for one in listed.lines] == ["recognised", "not_relevant"]
    screened = last_screen(course)
    assert screened.outcome == Outcome.CLEARANCE
    assert "anticoagulants" in {one["rule"] for one in screened.reasons}


def test_everybody_is_made_up_or_published(demo: Clinic) -> None:
    found = Counter(Patient.objects.filter(clinic=demo).values_list("origin", flat=True))
    assert found == {Origin.SYNTHETIC: len(CAST), Origin.PUBLISHED: 1}


def test_about_forty_people_come(demo: Clinic) -> None:
    assert 38 <= Patient.objects.count() <= 50


def test_the_clinic_says_that_it_is_a_demo(demo: Clinic) -> None:
    assert (demo.name, demo.time_zone, demo.is_demo) == ("Demo clinic", "Europe/London", True)


def test_each_sign_in_is_a_user_with_that_role_and_password(demo: Clinic) -> None:
    for one in SIGN_INS:
        user = User.objects.get(username=one.username)
        assert user.role == Role(one.role)
    assert User.objects.get(username="clinician").check_password("strigil-demo-clinician")


def test_nobody_can_sign_in_as_the_enterer_of_published_cases(demo: Clinic) -> None:
    user = User.objects.get(username="published")
    assert not user.is_active
    assert not user.has_usable_password()


def test_names_come_in_many_scripts_and_lengths() -> None:
    names = [story.name for story in CAST]
    assert len(set(names)) == len(names)
    assert any(sum(letter.isalpha() for letter in name) == 60 for name in names)
    assert any(len(name.split()[-1]) == 1 for name in names)
    for script in ("Éñ", "Ł", "α", "е", "ا", "こ", "다"):
        assert any(letter in name for name in names for letter in script), script


def test_numbers_to_ring_are_those_kept_for_fiction(demo: Clinic) -> None:
    numbers = set(Patient.objects.exclude(phone="").values_list("phone", flat=True))
    assert numbers
    assert all(number.startswith("07700 900") and len(number) == 12 for number in numbers)


# --- Days ---


def test_nothing_lies_in_the_future_or_more_than_eleven_weeks_back(demo: Clinic) -> None:
    days = set(Course.objects.filter(patient__origin=Origin.SYNTHETIC).values_list("opened_on", flat=True))
    for model, field in ((Visit, "on"), (Screening, "on"), (record.ReactionCheck, "on"), (record.Finding, "asked_on")):
        days |= set(model._default_manager.exclude(**{f"{field}__lt": date(2016, 1, 1)}).values_list(field, flat=True))
    assert ON - timedelta(weeks=11) <= min(days)
    assert max(days) == ON


@pytest.mark.parametrize("day", [ON + timedelta(days=step) for step in range(8)] + [date(2028, 3, 1)])
def test_on_any_weekday_a_site_rests_two_days_between_visits(day: date) -> None:
    for story in CAST:
        days = visit_days(story, day)
        assert len(days) == story.visits
        assert all((later - earlier).days >= 2 for earlier, later in itertools.pairwise(days)), story.key


def test_past_visits_were_signed_and_overridden_on_their_day(demo: Clinic) -> None:
    for visit in Visit.objects.filter(status="signed", on__lt=ON, course__patient__origin=Origin.SYNTHETIC):
        assert visit.signed_at is not None
        assert visit.signed_at.date() == visit.on
        assert {one.created_at for one in visit.overrides.all()} <= {visit.signed_at}


def test_the_day_itself_is_lively(demo: Clinic) -> None:
    today = Visit.objects.filter(on=ON)
    assert today.count() >= 6
    assert today.filter(status="draft").count() >= 2
    assert today.filter(status="signed").count() >= 3


# --- Every state ---


@pytest.mark.parametrize(
    ("key", "outcome"),
    [
        ("incomplete_not_asked", Outcome.INCOMPLETE),
        ("incomplete_not_known", Outcome.INCOMPLETE),
        ("emergency", Outcome.EMERGENCY),
        ("emergency_sent_on", Outcome.EMERGENCY),
        ("refer", Outcome.REFER),
        ("stop", Outcome.STOP),
        ("hold_today", Outcome.HOLD),
        ("clearance_waiting", Outcome.CLEARANCE),
        ("pregnant_waiting", Outcome.CLEARANCE),
        ("clearance_recorded", Outcome.MODIFY),
        ("pregnant_cleared", Outcome.MODIFY),
        ("diabetes", Outcome.MODIFY),
        ("avoid_one_site", Outcome.AVOID),
        ("override", Outcome.AVOID),
        ("old_surgery", Outcome.PROCEED),
        ("planned", Outcome.PROCEED),
        ("visits_10", Outcome.PROCEED),
    ],
)
def test_each_story_screens_as_told(demo: Clinic, key: str, outcome: Outcome) -> None:
    assert last_screen(course_of(key)).outcome == outcome


def test_some_are_only_registered_or_only_evaluated(demo: Clinic) -> None:
    assert Patient.objects.filter(courses__isnull=True).count() >= 2
    only_evaluated = Course.objects.filter(screenings__isnull=True, readings__isnull=False).distinct()
    assert only_evaluated.filter(patient__origin=Origin.SYNTHETIC).count() >= 2


def test_one_is_planned_on_a_screen_that_has_gone_stale(demo: Clinic) -> None:
    course = course_of("planned_stale_screen")
    assert course.plans.exists()
    again = screen(gather.case(course, ON, "generic_iastm"), load())
    assert last_screen(course).complete
    assert not again.complete


def test_courses_have_from_one_to_ten_signed_visits(demo: Clinic) -> None:
    counts = {len(signed(course)) for course in Course.objects.filter(patient__origin=Origin.SYNTHETIC)}
    assert set(range(11)) <= counts


def test_there_are_drafts_of_today_and_one_that_was_forgotten(demo: Clinic) -> None:
    days = Counter(Visit.objects.filter(status="draft").values_list("on", flat=True))
    assert days[ON] == 2
    assert days[ON - timedelta(days=2)] == 1


def test_where_a_site_is_avoided_another_is_treated(demo: Clinic) -> None:
    visit = signed(course_of("avoid_one_site"))[-1]
    assert visit.on == ON
    assert [one.region for one in visit.treatments.all()] == ["foot_plantar"]


def test_a_modified_course_is_treated_at_the_lower_dose(demo: Clinic) -> None:
    for key in ("clearance_recorded", "pregnant_cleared", "diabetes"):
        treatments = Treatment.objects.filter(visit__course=course_of(key))
        assert treatments
        for one in treatments:
            assert one.seconds is not None
            assert one.seconds <= 30
            assert (one.angle_degrees or 0) <= 30
            assert (one.discomfort or 0) <= 3


def test_every_usual_reaction_and_one_adverse_was_seen(demo: Clinic) -> None:
    seen = set(Reaction.objects.values_list("reaction", flat=True))
    assert {"redness_heat", "petechiae", "mild_bruise", "soreness", "hematoma"} <= seen


def test_a_haematoma_was_followed_until_it_was_gone_and_another_is_open(demo: Clinic) -> None:
    for key, last in (("adverse_settled", False), ("adverse_open", True)):
        rows = Reaction.objects.filter(reaction="hematoma", check_made__visit__course=course_of(key))
        assert rows.order_by("check_made__on").last().still_present is last  # type: ignore[union-attr]


def test_one_reaction_has_not_been_asked_about(demo: Clinic) -> None:
    visit = signed(course_of("reaction_unreviewed"))[-1]
    assert not visit.reaction_checks.exclude(when=When.END).exists()
    assert visit.reaction_checks.get(when=When.END).reactions.filter(reaction="mild_bruise").exists()


def test_check_ins_were_answered_with_something_adverse_with_something_expected_and_not_at_all(demo: Clinic) -> None:
    adverse, expected, open_ = (
        signed(course_of(f"check_in_{word}"))[-1].check_in for word in ("adverse", "expected", "not_answered")
    )
    assert (adverse.waits, expected.waits) == (True, False)
    assert record.CheckIn.objects.filter(look_by__isnull=False).count() == 1
    assert adverse.check_made.reactions.filter(reaction="nerve").exists()
    assert expected.check_made.said_by == "patient"
    assert (open_.answered_at, open_.check_made) == (None, None)
    assert not open_.visit.reaction_checks.exclude(when=When.END).exists()


def test_visits_were_overridden_and_one_amended_each_with_a_reason(demo: Clinic) -> None:
    kinds = {each["kind"] for row in record.Override.objects.all() for each in row.overridden}
    assert kinds == {"screen", "gate"}
    assert all(row.reason for row in record.Override.objects.all())
    amendment = record.Amendment.objects.get()
    assert amendment.reason
    was = {one["seconds"] for one in amendment.before["treatments"]}
    now = {one.seconds for one in amendment.visit.treatments.all()}
    assert {(second or 0) - 30 for second in now} == was


def test_courses_end_finished_stopped_and_in_silence(demo: Clinic) -> None:
    synthetic = Course.objects.filter(patient__origin=Origin.SYNTHETIC)
    assert synthetic.filter(status="finished").count() >= 2
    stopped = synthetic.filter(status="stopped")
    assert stopped.count() >= 2
    assert all(course.closing_note for course in stopped)
    silent = synthetic.filter(status="open", visits__isnull=False).exclude(visits__on__gt=ON - timedelta(weeks=4))
    assert silent.distinct().count() >= 2


def test_one_is_a_minor(demo: Clinic) -> None:
    course = course_of("minor")
    assert age_on(course.patient.born, ON) == 15
    assert course.patient.clearances.get().finding == "minor"
    assert last_screen(course).outcome == "modify"


def test_ages_are_those_told(demo: Clinic) -> None:
    for story in CAST:
        assert age_on(Patient.objects.get(name=story.name).born, ON) == story.age


def test_techniques_and_instruments_are_many(demo: Clinic) -> None:
    assert {"gua_sha", "faktr", "graston", "astym"} <= set(Visit.objects.values_list("technique", flat=True))
    assert len(set(Treatment.objects.values_list("instrument", flat=True))) >= 7
    assert {"", "estimated", "measured"} == set(Treatment.objects.values_list("force_method", flat=True))


# --- Screens ---


def test_every_screen_holds_a_current_answer_to_every_question_that_was_put(demo: Clinic) -> None:
    by_name = {story.name: story for story in CAST}
    for row in Screening.objects.select_related("course__patient"):
        story = by_name[row.course.patient.name]
        asked = {one["id"] for one in row.inputs["findings"]}
        left_out = set(story.not_asked)
        assert {name for name, _ in questions(load(), story.sex)} - left_out == asked
        open_questions = left_out | set(story.not_known)
        assert row.complete == (not open_questions)
        assert {one["id"] if "id" in one else one["finding"] for one in row.unasked} == open_questions


def test_every_stored_screen_is_decided_the_same_again(demo: Clinic) -> None:
    for row in Screening.objects.all():
        again = screen(case_from_json(row.inputs, load()), load())
        assert (again.outcome, again.complete) == (row.outcome, row.complete)


def test_nobody_is_treated_without_a_screen_of_that_day(demo: Clinic) -> None:
    for visit in Visit.objects.filter(treatments__isnull=False, status="signed").distinct():
        assert visit.course.screenings.filter(on=visit.on).exists()


# --- Values ---


def test_readings_lie_on_the_steps_of_their_measure(demo: Clinic) -> None:
    shelf = load().shelf(Measure)
    for row in Reading.objects.all():
        measure = shelf[row.measure]
        assert measure.low <= row.value <= measure.high
        assert row.value % measure.step == 0
        assert (row.measure == "psfs") <= bool(row.detail)
        if measure.kind == "motion":
            assert (row.method, bool(row.device)) == ("active", True)


def test_what_the_cast_is_given_stands_on_the_shelf() -> None:
    shelf = load()
    care = shelf.shelf(Adjunct)
    assert all(one in care for one in ("heat", "stretch", "strength", "foam", "balance"))
    for technique, kit in KITS.items():
        found = shelf.shelf(Technique)[technique]
        assert set(kit.strokes) <= set(shelf.shelf(Stroke))
        for instrument, edge in kit.instruments:
            assert not edge or edge in shelf.shelf(Instrument)[instrument].edges
        for published, given in ((found.seconds_per_area, kit.seconds[:2]), (found.angle_degrees, kit.angles)):
            if published and given:
                assert max(given) <= published.high


@pytest.mark.parametrize("shape", list(Shape))
def test_values_move_as_the_story_says(shape: Shape) -> None:
    stays = {Verdict.WITHIN_ERROR, Verdict.UNKNOWN}
    expected = {Shape.BETTER: {Verdict.IMPROVED}, Shape.WORSE: {Verdict.WORSE}}.get(shape, stays)
    for name, problem in PROBLEMS.items():
        for seed in range(10):
            path = Path(problem, "left", shape, 6, Random(seed))
            rows = [(number, one) for number in range(7) for one in (path.visit(number) if number else path.baseline())]
            readings = [reading(one, ON + timedelta(days=number)) for number, one in rows]
            assert overall(changes(readings, load())) in expected, (name, seed)


def reading(one: ReadingInput, on: date) -> facts.Reading:
    return facts.Reading(
        measure=one.measure,
        value=one.value,
        unit=load().shelf(Measure)[one.measure].unit,
        on=on,
        moment=Moment(one.moment),
        side=Side(one.side) if one.side else None,
        method=one.method,
        device=one.device,
        detail=one.detail,
    )


def test_those_who_do_not_respond_are_due_and_overdue_for_review(demo: Clinic) -> None:
    flat: list[Story] = [story for story in CAST if story.shape is Shape.SAME and story.ending is None]
    assert {story.visits for story in flat} >= {4, 6}
    for story in flat:
        found = overall(changes(gather.readings(course_of(story.key)), load()))
        assert found in (Verdict.WITHIN_ERROR, Verdict.UNKNOWN)
