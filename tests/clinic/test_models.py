"""What the database itself refuses, whoever writes and however."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, models, transaction

from strigil.accounts.models import User
from strigil.clinic.models import (
    Amendment,
    Appointment,
    BookableTime,
    CheckIn,
    Clearance,
    ClosedDays,
    Course,
    CourseSite,
    Draft,
    ExerciseReport,
    Finding,
    Goal,
    HomeProgramme,
    MedicineList,
    Merge,
    Override,
    OwnAssessment,
    Patient,
    PayerSetting,
    Photograph,
    PhotographContent,
    Plan,
    PlanArea,
    PrescribedExercise,
    QuestionnaireAnswers,
    QuestionnaireFile,
    Reaction,
    ReactionCheck,
    Reading,
    Record,
    RequestPage,
    ReviewDecision,
    Screening,
    Sent,
    Tally,
    Treatment,
    Visit,
)
from strigil.clinic.models.base import class_of
from tests.clinic.cast import Story

DAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
Make = Callable[..., Any]


class World:
    """A row of every kind that the database accepts, made past all actions; tests change one thing in a copy."""

    def __init__(self, story: Story) -> None:
        self.by, self.hour = story.by, 0
        self.patient = story.patient()
        self.course = story.course(self.patient)
        self.screening = self.make(Screening)
        self.visit = self.make(Visit)
        self.plan = self.make(Plan)
        self.programme = self.make(HomeProgramme)
        self.check = self.make(ReactionCheck, when="next_day")

    def fields(self, model: type[models.Model]) -> dict[str, Any]:
        signed = {"status": "signed", "signed_at": NOW, "signed_by": self.by}
        area = {"region": "ankle", "side": "left"}
        knowledge = {"knowledge_version": "1", "knowledge_sha256": "0"}
        self.hour += 1
        at = NOW + timedelta(hours=self.hour)
        return {
            Appointment: lambda: {
                "patient": self.patient, "clinician": self.by, "starts": at, "ends": at + timedelta(minutes=30),
                "time_zone": "UTC",
            },
            BookableTime: lambda: {
                "clinician": self.by, "weekday": 0, "begins": time(9), "until": time(12), "minutes": 30,
            },
            ClosedDays: lambda: {"first": DAY, "last": DAY},
            RequestPage: dict,
            Patient: lambda: {"name": "A", "sex": "female", "search": "a"},
            Course: lambda: {"patient": self.patient, "indication": "x", "side": "left", "opened_on": DAY},
            CourseSite: lambda: {"course": self.course, **area},
            Goal: lambda: {"course": self.course, "measure": "nprs", "value": 1, "unit": "1"},
            Finding: lambda: {"patient": self.patient, "finding": "x", "answer": "no", "asked_on": DAY},
            Screening: lambda: {
                "course": self.course, "on": DAY, "inputs": {}, "outcome": "proceed", "complete": True, "sites": [],
                "reasons": [], "unasked": [], **knowledge,
            },
            MedicineList: lambda: {
                "patient": self.patient, "course": self.course, "on": DAY, "none_taken": False, "typed": "x",
            },
            OwnAssessment: lambda: {"course": self.course, "on": DAY, "outcome": "proceed"},
            Clearance: lambda: {
                "patient": self.patient, "finding": "x", "physician": "Dr A", "agreed_on": DAY, "until": DAY,
            },
            Override: lambda: {
                "screening": self.screening, "visit": self.visit, "outcome": "hold", "reason": "because",
            },
            PayerSetting: lambda: {"rule": "eight_minute", "counted": ["hands"]},
            Plan: lambda: {
                "course": self.course, "made_on": DAY, "technique": "x", "visits_per_week": 2, "visits_in_all": 8,
                "consent_given": True,
            },
            PlanArea: lambda: {"plan": self.plan, "seconds": 60, **area},
            HomeProgramme: lambda: {
                "course": self.course,
                "on": DAY,
                "stage": "early",
                "size": 1,
                "outcome": "proceed",
            },
            PrescribedExercise: lambda: {
                "programme": self.programme,
                "place": 1,
                "exercise": "band_row",
                "side": "both",
            },
            ExerciseReport: lambda: {"course": self.course, "on": DAY, "done": "all"},
            Visit: lambda: {
                "course": self.course, "number": 1 + Visit.objects.count(), "on": DAY, "technique": "x", **signed,
            },
            Treatment: lambda: {"visit": self.visit, **area},
            Draft: lambda: {"patient": self.patient, "page": "visit", "about": self.visit.pk, "saved_at": NOW},
            Sent: lambda: {"key": self.visit.pk, "action": "visit", "sha256": "0", "to": "/today"},
            Merge: lambda: {"visit": self.visit, "over": 1, "typed": {}, "stood": {}, "taken": {}},
            Amendment: lambda: {"visit": self.visit, "reason": "because", "before": {}},
            ReactionCheck: lambda: {"visit": self.visit, "when": "end", "on": DAY, "none_seen": True},
            CheckIn: lambda: {
                "visit": self.make(Visit), "link_hash": str(at), "ended_at": at, "opens_at": at + timedelta(hours=20),
                "closes_at": at + timedelta(hours=30), "time_zone": "UTC",
            },
            Reaction: lambda: {"check_made": self.check, "reaction": "soreness"},
            Tally: lambda: {
                "course": self.course, "indication": "x", "status": "finished", "verdict": "unknown", "visits": 1,
                "reactions_asked": 0, "adverse": 0, "treatments": 0, "seconds_recorded": 0, "force_measured": 0,
                "knowledge_version": "1",
            },
            ReviewDecision: lambda: {
                "course": self.course, "on": DAY, "gate": "review_at_four", "treated_visits": 4, "worse_days": 0,
                "reason": "because",
            },
            QuestionnaireFile: lambda: {
                "measure": "ndi", "url": f"https://clinic.example/{self.hour}", "edition": "1", "title": "Birds",
                "content": "{}", "sha256": "0", "licence": "Nobody", "licensed_on": DAY,
            },
            QuestionnaireAnswers: lambda: {
                "reading": self.make(Reading), "file": self.make(QuestionnaireFile), "answers": {},
            },
            Photograph: lambda: {
                "visit": self.make(Visit), "when": "end", "on": DAY, "region": "ankle", "side": "left", "agreed": True,
                "width": 4, "height": 3, "sha256": sha256(BYTES).hexdigest(), "original_sha256": "1",
            },
            PhotographContent: lambda: {"photograph": self.make(Photograph), "content": BYTES},
            Reading: lambda: {
                "course": self.course, "measure": "nprs", "value": 1, "unit": "1", "on": DAY, "moment": "before",
            },
        }[model]()  # type: ignore[index]  # fmt: skip

    def make(self, model: type[models.Model], **changes: Any) -> Any:
        common = {"clinic_id": self.by.clinic_id, "created_by": self.by}
        return model._default_manager.create(**common | self.fields(model) | changes)


@pytest.fixture
def world(story: Story) -> World:
    return World(story)


BYTES = b"\xff\xd8\x00'\n"
RECORDS = [model for model in apps.get_app_config("clinic").get_models() if issubclass(model, Record)]


@pytest.mark.parametrize("model", RECORDS)
def test_a_sound_row_of_each_kind_is_accepted(model: type[models.Model], world: World) -> None:
    assert world.make(model).pk


WRONG: list[tuple[str, type[models.Model], dict[str, Any]]] = [
    ("patient_sex_is_known_word", Patient, {"sex": "f"}),
    ("patient_sex_is_known_word", Patient, {"sex": ""}),
    ("patient_origin_is_known_word", Patient, {"origin": "fictional"}),
    ("patient_born_1880_on", Patient, {"born": date(1879, 12, 31)}),
    ("course_status_is_known_word", Course, {"status": "paused", "closed_on": DAY}),
    ("course_side_is_known_word", Course, {"side": "both"}),
    ("course_side_is_known_word", Course, {"side": ""}),
    ("course_closed_on_iff_closed", Course, {"status": "finished"}),
    ("course_closed_on_iff_closed", Course, {"status": "stopped"}),
    ("course_closed_on_iff_closed", Course, {"status": "open", "closed_on": DAY}),
    ("course_closes_after_opening", Course, {"status": "finished", "closed_on": date(2026, 11, 19)}),
    ("course_site_side_is_known_word", CourseSite, {"side": ""}),
    ("finding_answer_is_known_word", Finding, {"answer": ""}),
    ("finding_answer_is_known_word", Finding, {"answer": "maybe"}),
    ("finding_side_is_known_word", Finding, {"region": "ankle", "side": "both"}),
    ("finding_side_needs_region", Finding, {"side": "left"}),
    ("screening_outcome_is_known_word", Screening, {"outcome": "fine"}),
    ("screening_never_proceeds_incomplete", Screening, {"outcome": "proceed", "complete": False}),
    ("medicine_list_says_none_or_which", MedicineList, {"none_taken": True}),
    ("medicine_list_says_none_or_which", MedicineList, {"typed": ""}),
    ("own_assessment_outcome_is_known_word", OwnAssessment, {"outcome": "fine"}),
    ("own_assessment_outcome_is_known_word", OwnAssessment, {"outcome": "incomplete"}),
    ("clearance_ends_after_it_begins", Clearance, {"until": date(2026, 11, 19)}),
    ("clearance_names_a_physician", Clearance, {"physician": ""}),
    ("override_never_of_emergency_or_refer", Override, {"outcome": "emergency"}),
    ("override_never_of_emergency_or_refer", Override, {"outcome": "refer"}),
    ("override_never_of_emergency_or_refer", Override, {"outcome": "error"}),
    ("override_has_a_reason", Override, {"reason": ""}),
    ("plan_visits_1_to_60", Plan, {"visits_in_all": 0}),
    ("plan_visits_1_to_60", Plan, {"visits_in_all": 61}),
    ("plan_week_up_to_7", Plan, {"visits_per_week": 0}),
    ("plan_week_up_to_7", Plan, {"visits_per_week": 8}),
    ("plan_area_side_is_known_word", PlanArea, {"side": ""}),
    ("home_programme_stage_is_known_word", HomeProgramme, {"stage": "soon"}),
    ("home_programme_holds_or_says_why_not", HomeProgramme, {"size": 0}),
    ("home_programme_holds_or_says_why_not", HomeProgramme, {"stopped": True, "size": 0}),
    ("home_programme_holds_or_says_why_not", HomeProgramme, {"stopped": True, "reason": "Moved away"}),
    ("prescribed_exercise_side_is_known_word", PrescribedExercise, {"side": ""}),
    ("exercise_report_done_is_known_word", ExerciseReport, {"done": "most"}),
    ("exercise_report_pain_to_10", ExerciseReport, {"pain": 11}),
    ("plan_area_up_to_an_hour", PlanArea, {"seconds": 0}),
    ("plan_area_up_to_an_hour", PlanArea, {"seconds": 3601}),
    ("visit_status_is_known_word", Visit, {"status": "done"}),  # no signature fits an unknown word either
    ("visit_signed_iff_signature", Visit, {"signed_by": None}),
    ("visit_signed_iff_signature", Visit, {"signed_at": None}),
    ("visit_signed_iff_signature", Visit, {"status": "draft"}),
    ("draft_page_is_known_word", Draft, {"page": "today"}),
    ("amendment_has_a_reason", Amendment, {"reason": ""}),
    ("review_decision_has_a_reason", ReviewDecision, {"reason": ""}),
    ("treatment_side_is_known_word", Treatment, {"side": ""}),
    ("treatment_pressure_is_known_word", Treatment, {"pressure": "hard"}),
    ("treatment_up_to_an_hour", Treatment, {"seconds": 0}),
    ("treatment_up_to_an_hour", Treatment, {"seconds": 3601}),
    ("treatment_discomfort_0_to_10", Treatment, {"discomfort": 11}),
    ("treatment_angle_0_to_90", Treatment, {"angle_degrees": 91}),
    ("treatment_motion_is_known_word", Treatment, {"motion": "dancing"}),
    ("treatment_force_says_how", Treatment, {"force_newton": 5}),
    ("treatment_force_says_how", Treatment, {"force_newton": 5, "force_method": "guessed"}),
    ("treatment_force_says_how", Treatment, {"force_newton": 5, "force_method": "measured"}),
    ("treatment_force_says_how", Treatment, {"force_newton": 5, "force_method": "estimated", "force_device": "scale"}),
    ("treatment_force_says_how", Treatment, {"force_newton": 0, "force_method": "estimated"}),
    ("treatment_force_says_how", Treatment, {"force_method": "estimated"}),
    ("treatment_force_says_how", Treatment, {"force_method": "measured", "force_device": "scale"}),
    ("treatment_force_says_how", Treatment, {"force_device": "scale"}),
    ("reaction_check_when_is_known_word", ReactionCheck, {"when": "later"}),
    ("reaction_check_said_by_is_known_word", ReactionCheck, {"said_by": "somebody"}),
    ("reaction_check_says_who", ReactionCheck, {"created_by": None}),
    ("reaction_check_says_who", ReactionCheck, {"complete": False}),
    ("reaction_check_says_who", ReactionCheck, {"said_by": "patient"}),
    ("reaction_check_says_who", ReactionCheck, {"said_by": "patient", "created_by": None}),
    ("patient_may_mail_is_known_word", Patient, {"may_mail": "ask"}),
    ("check_in_opens_then_closes", CheckIn, {"opens_at": NOW - timedelta(days=9)}),
    ("check_in_opens_then_closes", CheckIn, {"closes_at": NOW - timedelta(days=9)}),
    ("check_in_soreness_0_to_10", CheckIn, {"soreness": 11}),
    ("check_in_mark_size_is_known_word", CheckIn, {"mark_size": "big"}),
    ("check_in_mark_change_is_known_word", CheckIn, {"mark_change": "grown"}),
    ("check_in_function_is_known_word", CheckIn, {"function": "fine"}),
    ("check_in_exercises_is_known_word", CheckIn, {"exercises_done": "yes"}),
    ("check_in_answered_iff_check", CheckIn, {"answered_at": NOW}),
    ("check_in_answered_iff_check", CheckIn, {"look_by": NOW}),
    ("check_in_looked_at_iff_somebody_did", CheckIn, {"looked_at": NOW}),
    ("check_in_looked_at_iff_somebody_did", CheckIn, {"looked_note": "called"}),
    ("photograph_when_is_known_word", Photograph, {"when": "later"}),
    ("photograph_side_is_known_word", Photograph, {"side": ""}),
    ("photograph_was_agreed_to", Photograph, {"agreed": False}),
    ("photograph_removal_is_whole", Photograph, {"removed_on": DAY}),
    ("photograph_removal_is_whole", Photograph, {"removed_because": "because"}),
    ("reaction_side_is_known_word", Reaction, {"side": "both"}),
    ("tally_status_is_known_word", Tally, {"status": "open"}),
    ("tally_verdict_is_known_word", Tally, {"verdict": ""}),
    ("reading_side_is_known_word", Reading, {"side": "both"}),
    ("reading_moment_is_known_word", Reading, {"moment": ""}),
    ("reading_has_a_unit", Reading, {"unit": ""}),
    ("questionnaire_has_a_licence", QuestionnaireFile, {"licence": ""}),
    ("appointment_status_is_known_word", Appointment, {"status": "late"}),
    ("appointment_ends_after_it_starts", Appointment, {"starts": NOW, "ends": NOW}),
    ("appointment_is_somebodys", Appointment, {"patient": None}),
    ("appointment_is_somebodys", Appointment, {"patient": None, "status": "requested"}),
    ("appointment_is_somebodys", Appointment, {"patient": None, "name": "Eva", "status": "booked"}),
    ("bookable_time_on_a_weekday", BookableTime, {"weekday": 7}),
    ("bookable_time_ends_after_it_begins", BookableTime, {"until": time(9)}),
    ("bookable_time_5_to_240", BookableTime, {"minutes": 4}),
    ("bookable_time_5_to_240", BookableTime, {"minutes": 241}),
    ("closed_days_end_after_they_begin", ClosedDays, {"last": date(2026, 11, 19)}),
    ("request_page_1_to_180_days", RequestPage, {"days_ahead": 0}),
    ("request_page_1_to_180_days", RequestPage, {"days_ahead": 181}),
    ("request_page_notice_up_to_14_days", RequestPage, {"notice_hours": 337}),
]
ALSO = {
    "visit_status_is_known_word": "visit_status_is_known_word|visit_signed_iff_signature",
    "reaction_check_said_by_is_known_word": "reaction_check_said_by_is_known_word|reaction_check_says_who",
}
TWICE: list[tuple[str, type[models.Model], dict[str, Any]]] = [
    ("course_site_once", CourseSite, {}),
    ("plan_area_once", PlanArea, {}),
    ("prescribed_exercise_once", PrescribedExercise, {}),
    ("visit_number_once_a_course", Visit, {"number": 7}),
    ("visit_one_draft_a_course", Visit, {"status": "draft", "signed_at": None, "signed_by": None}),
    ("draft_one_an_author", Draft, {}),
    ("sent_key_once_an_author", Sent, {}),
    ("treatment_area_once_a_visit", Treatment, {}),
    ("payer_setting_one_a_clinic", PayerSetting, {}),
    ("reaction_check_one_at_the_end", ReactionCheck, {}),
    ("questionnaire_edition_once", QuestionnaireFile, {"url": "https://clinic.example/once"}),
    ("bookable_time_once", BookableTime, {}),
    ("request_page_once_a_clinic", RequestPage, {}),
]


@pytest.mark.parametrize(("name", "model", "changes"), WRONG)
def test_the_database_refuses(name: str, model: type[models.Model], changes: dict[str, Any], world: World) -> None:
    with pytest.raises(IntegrityError, match=ALSO.get(name, name)), transaction.atomic():
        world.make(model, **changes)


@pytest.mark.parametrize(("name", "model", "changes"), WRONG)
def test_the_database_refuses_a_change_to_it_as_well(
    name: str, model: type[models.Model], changes: dict[str, Any], world: World
) -> None:
    made = world.make(model)
    with pytest.raises(IntegrityError, match=ALSO.get(name, name)), transaction.atomic():
        model._default_manager.filter(pk=made.pk).update(**changes)


@pytest.mark.parametrize(("name", "model", "changes"), TWICE)
def test_the_database_refuses_a_second(
    name: str, model: type[models.Model], changes: dict[str, Any], world: World
) -> None:
    first = world.make(model, **changes)
    with pytest.raises(IntegrityError, match=f"{name}|UNIQUE constraint failed"), transaction.atomic():
        world.make(model, **changes)
    assert model._default_manager.filter(pk=first.pk).exists()


def test_every_constraint_of_the_record_is_tried() -> None:
    named = {one.name for model in RECORDS for one in model._meta.constraints}
    assert named == {name for name, _, _ in [*WRONG, *TWICE]}


def test_the_migrations_build_what_the_models_say(db: None) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_a_measured_and_an_estimated_force_are_both_accepted(world: World) -> None:
    world.make(Treatment, force_newton=Decimal("4.5"), force_method="measured", force_device="load cell")
    world.make(Treatment, region="knee", force_newton=Decimal(5), force_method="estimated")


def test_a_user_has_a_known_role(clinician: User) -> None:
    with pytest.raises(IntegrityError, match="user_role_is_known"), transaction.atomic():
        User.objects.filter(pk=clinician.pk).update(role="guest")


MODELS = [*apps.get_app_config("accounts").get_models(), *apps.get_app_config("clinic").get_models()]
WORDS_OF_THE_SHELF = {
    "indication", "measure", "unit", "finding", "region", "side", "technique", "instrument", "edge", "reaction",
    "method", "source", "outcome", "pressure", "knowledge_version", "knowledge_sha256", "action",
    "object_type", "time_zone", "status", "verdict", "error", "sha256", "rule",
    "gate", "position", "prev", "mac", "key", "role", "route", "table", "row", "details",
}  # fmt: skip
"""Text that no hand types: chosen among words of the shelf or of the program."""


@pytest.mark.parametrize("model", MODELS)
def test_every_field_is_classed_once(model: type[models.Model]) -> None:
    classes = {field.name: class_of(model, field.name) for field in model._meta.fields}
    assert [name for name, word in classes.items() if word == "not classed"] == []
    own: tuple[frozenset[str], ...] = (vars(model).get("identifying", frozenset()), vars(model)["shareable"])
    assert not own[0] & own[1]
    assert own[0] | own[1] <= classes.keys(), "a classed field that the model does not have"


@pytest.mark.parametrize("model", MODELS)
def test_what_is_typed_freely_and_who_a_person_is_are_identifying(model: type[models.Model]) -> None:
    for field in model._meta.fields:
        typed = isinstance(field, models.CharField | models.TextField) and not field.choices
        person = field.related_model in (Patient, User) or field.name in ("born", "patient_id")
        chosen = field.name in WORDS_OF_THE_SHELF or (model, field.name) == (PrescribedExercise, "exercise")
        if (typed and not chosen) or person:
            assert class_of(model, field.name) == "identifying", field.name


def test_a_field_that_nobody_classed_is_seen() -> None:
    assert class_of(Course, "a_new_field") == "not classed"
    assert {class_of(Course, "history"), class_of(Treatment, "position")} == {"identifying"}


def test_a_patient_with_a_record_cannot_be_deleted(story: Story) -> None:
    course = story.with_visits(1)
    with pytest.raises(models.ProtectedError):
        course.patient.delete()
    with pytest.raises(models.ProtectedError):
        course.visits.get().delete()
