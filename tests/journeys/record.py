"""A clinic and its record for the journeys that do not begin at the beginning, written through the clinic's actions."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from strigil.accounts.models import Clinic, User
from strigil.clinic.actions.evaluate import (
    AnswerInput,
    ReadingInput,
    SiteInput,
    open_course,
    record_answers,
    record_readings,
)
from strigil.clinic.actions.plan import AreaInput, PlanInput, make_plan
from strigil.clinic.actions.register import register_patient
from strigil.clinic.actions.screen import store_screening
from strigil.clinic.actions.treat import TreatmentInput, VisitInput, sign_visit, start_visit, write_visit
from strigil.clinic.models import Course, OwnAssessment, Patient, ReactionCheck, Visit
from strigil.knowledge import load
from strigil.pathway.facts import Moment
from strigil.pathway.screen import questions

USERNAME, PASSWORD = "dana", "a long pass phrase"


class Record:
    """A course that can be brought as far as a journey needs it."""

    def __init__(self) -> None:
        self.clinic = Clinic.objects.create(name="Northside", time_zone="Europe/London")
        self.user = User(
            username=USERNAME, clinic=self.clinic, role="clinician", display_name="Dana Reed", qualification="PT"
        )
        self.user.set_password(PASSWORD)
        self.user.save()

    @property
    def today(self) -> date:
        return timezone.now().astimezone(self.clinic.zone).date()

    def patient(self) -> Patient:
        return register_patient(by=self.user, name="Éva Tóth", born=date(1971, 3, 2), sex="female")

    def course(self) -> Course:
        """Evaluated: pain, an activity and a motion."""
        course = open_course(
            by=self.user,
            patient=self.patient(),
            on=self.today,
            indication="lateral_epicondylitis",
            side="right",
            sites=[SiteInput("forearm_lateral", "right")],
            onset=None,
            complaint="The elbow hurts when I lift a kettle.",
        )
        record_readings(
            by=self.user,
            course=course,
            on=self.today,
            readings=[
                ReadingInput("nprs", Decimal(7), Moment.BASELINE),
                ReadingInput("psfs", Decimal(3), Moment.BASELINE, detail="lift a kettle"),
                ReadingInput("wrist_flexion", Decimal(50), Moment.BASELINE, "right", "active", "universal goniometer"),
            ],
        )
        return course

    def colleague(self) -> User:
        """Anna, who treats in the same clinic."""
        anna = User(username="anna", clinic=self.clinic, role="clinician", display_name="Anna Kowalska")
        anna.set_password(PASSWORD)
        anna.save()
        return anna

    def screened(self, **answers: str) -> Course:
        """Everything asked; ``no`` where a finding is not named."""
        course = self.course()
        self.answer(course, {name: "no" for name, _ in questions(load(), "female")} | answers)
        return course

    def answer(self, course: Course, answers: dict[str, str]) -> None:
        given = [AnswerInput(name, answer) for name, answer in answers.items()]
        record_answers(by=self.user, course=course, on=self.today, answers=given)
        store_screening(by=self.user, course=course, on=self.today)

    def planned(self, **answers: str) -> Course:
        course = self.screened(**answers)
        area = AreaInput("forearm_lateral", "right", 60, "graston_gt4", "", ("sweep",), 45, "light")
        make_plan(
            by=self.user,
            course=course,
            on=self.today,
            plan=PlanInput(
                technique="graston",
                phases=("scan",),
                visits_per_week=Decimal(2),
                visits_in_all=8,
                review_visits=(4, 6),
                areas=(area,),
                consent_given=True,
            ),
        )
        return course

    def draft(self, **answers: str) -> Visit:
        """A visit that has been opened, with nothing written in it."""
        return start_visit(by=self.user, course=self.planned(**answers), on=self.today, technique="graston")

    def written(self) -> Visit:
        """A whole visit, not signed yet."""
        visit = self.draft()
        treated = TreatmentInput("forearm_lateral", "right", "graston_gt4", "", ("sweep",), 60, "light", 2)
        readings = (
            ReadingInput("nprs", Decimal(7), Moment.BEFORE),
            ReadingInput("nprs", Decimal(4), Moment.AFTER),
        )
        given = VisitInput("graston", ("scan",), (treated,), readings, reactions_asked=True, note="Tolerated well.")
        return write_visit(by=self.user, visit=visit, seen=visit.version, given=given)

    def signed(self) -> Visit:
        visit = self.written()
        return sign_visit(by=self.user, visit=visit, seen=visit.version)


def days_earlier(course: Course, days: int) -> None:
    """Move a course and all that was recorded in it back in time.

    The server runs in a thread of its own with a clock of its own, so time passes in the record instead.
    """
    by = timedelta(days=days)
    moved: list[tuple[QuerySet[Any], str]] = [
        (Course.objects.filter(pk=course.pk), "opened_on"),
        (course.readings.all(), "on"),
        (course.patient.findings.all(), "asked_on"),
        (course.screenings.all(), "on"),
        (OwnAssessment.objects.filter(course=course), "on"),
        (course.patient.medicine_lists.all(), "on"),
        (course.plans.all(), "made_on"),
        (course.visits.all(), "on"),
        (ReactionCheck.objects.filter(visit__course=course), "on"),
    ]
    with transaction.atomic():
        for rows, field in moved:
            for key, day in rows.values_list("pk", field):
                rows.model.objects.filter(pk=key).update(**{field: day - by})
