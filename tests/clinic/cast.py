"""Builders of a record: each step of care done by the same actions as the pages use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.utils import timezone

from strigil.accounts.audit.rows import OWN
from strigil.accounts.models import User
from strigil.clinic.actions import (
    book,
    check_in,
    evaluate,
    exercise,
    photograph,
    plan,
    questionnaire,
    register,
    respond,
    screen,
    treat,
)
from strigil.clinic.models import (
    Appointment,
    CheckIn,
    Course,
    HomeProgramme,
    Patient,
    Photograph,
    Plan,
    QuestionnaireFile,
    ReactionCheck,
    RequestPage,
    Screening,
    Visit,
)
from strigil.clinic.slots import Slot, instant
from strigil.knowledge import load
from strigil.pathway.facts import Moment
from strigil.pathway.respond.check_in import Said, window
from tests.clinic.taken import taken
from tests.pathway.questionnaires import garden, packed

FOREARM, UPPER_ARM = "forearm_lateral", "upper_arm_lateral"

AREA = treat.TreatmentInput(
    FOREARM, "right", instrument="graston_gt4", strokes=("sweep",), seconds=60, pressure="light", discomfort=3
)
TREATED = treat.VisitInput(
    technique="graston",
    phases_done=("scan", "treat"),
    treatments=(AREA,),
    readings=(evaluate.ReadingInput("nprs", Decimal(5), Moment.BEFORE),),
    reactions_asked=True,
    reactions=(respond.ReactionInput("redness_heat"),),
    note="As planned.",
)
PLAN = plan.PlanInput(
    technique="graston",
    phases=("scan", "treat"),
    visits_per_week=Decimal(2),
    visits_in_all=8,
    review_visits=(4, 6),
    areas=(plan.AreaInput(FOREARM, "right", 60, "graston_gt4", "", ("sweep",), None, "light"),),
    consent_given=True,
)
HOME = (
    exercise.ExerciseInput("wrist_extension_isometric", "right"),
    exercise.ExerciseInput("wrist_extensor_stretch", "right", 1, 5, 20, 2, Decimal(7)),
    exercise.ExerciseInput("band_row", "both", 3, 15, None, 2, Decimal(7)),
)


@dataclass(frozen=True)
class Story:
    """Who acts, and on which day."""

    by: User
    on: date

    def days(self, number: int) -> Story:
        """The same person, so many days later."""
        return replace(self, on=self.on + timedelta(days=number))

    def patient(self, name: str = "Éva Tóth", **more: Any) -> Patient:
        return register.register_patient(by=self.by, name=name, sex="female", born=date(1971, 3, 2), **more)

    def colleague(self) -> User:
        """Somebody else of the clinic, who has not signed in yet."""
        given = {"clinic_id": self.by.clinic_id, "role": "assistant", "display_name": "Ben Cole"}
        return User.objects.create(username=f"ben-{User.objects.count()}", **given)

    def course(self, patient: Patient | None = None, regions: Iterable[str] = (FOREARM,), **more: Any) -> Course:
        return evaluate.open_course(
            by=self.by,
            patient=patient or self.patient(),
            on=self.on,
            indication=more.pop("indication", "lateral_epicondylitis"),
            side="right",
            sites=[evaluate.SiteInput(one, "right") for one in regions],
            **more,
        )

    def measured(self, course: Course, pain: int = 7, moment: Moment = Moment.BASELINE) -> None:
        given = [
            evaluate.ReadingInput("nprs", Decimal(pain), moment),
            evaluate.ReadingInput("psfs", Decimal(3), moment, detail="lift a kettle"),
            evaluate.ReadingInput(
                "wrist_flexion", Decimal(50), moment, "right", method="active", device="universal goniometer"
            ),
        ]
        evaluate.record_readings(by=self.by, course=course, on=self.on, readings=given)

    def screened(self, course: Course, yes: Iterable[str] = (), unasked: Iterable[str] = ()) -> Screening:
        """Every question answered no, except those named."""
        answers = [
            evaluate.AnswerInput(name, "yes" if name in set(yes) else "no")
            for name in load().asked
            if name not in set(unasked)
        ]
        evaluate.record_answers(by=self.by, course=course, on=self.on, answers=answers)
        return screen.store_screening(by=self.by, course=course, on=self.on, technique="graston")

    def planned(self, course: Course, **changes: Any) -> Plan:
        return plan.make_plan(by=self.by, course=course, on=self.on, plan=replace(PLAN, **changes))

    def prescribed(self, course: Course, *exercises: exercise.ExerciseInput, **more: Any) -> HomeProgramme:
        """The home programme of the early stage of a course for tennis elbow, unless told otherwise."""
        given = {"stage": "early", "exercises": exercises or HOME} | more
        return exercise.prescribe(by=self.by, course=course, on=self.on, **given)

    def draft(self, course: Course) -> Visit:
        return treat.start_visit(by=self.by, course=course, on=self.on, technique="graston")

    def written(self, visit: Visit, **changes: Any) -> Visit:
        return treat.write_visit(by=self.by, visit=visit, seen=visit.version, given=replace(TREATED, **changes))

    def signed(self, course: Course, **changes: Any) -> Visit:
        """A visit of this day, screened, written and signed."""
        self.screened(course)
        visit = self.written(self.draft(course), **changes)
        return treat.sign_visit(by=self.by, visit=visit, seen=visit.version)

    def asked_after(self, visit: Visit, *reactions: str, when: str = "next_day") -> ReactionCheck:
        given = [respond.ReactionInput(one, still_present=False) for one in reactions]
        return respond.record_reaction(by=self.by, visit=visit, when=when, on=self.on, reactions=given)

    def ready(self, **more: Any) -> Course:
        """A course that is measured, screened and planned."""
        course = self.course(**more)
        self.measured(course)
        self.screened(course)
        self.planned(course)
        return course

    def with_visits(self, number: int, **more: Any) -> Course:
        """A course whose newest signed visit is of this day; the earlier ones lie three days apart."""
        first = self.days(-3 * (number - 1))
        course = first.ready(**more)
        for place in range(number):
            then = first.days(3 * place)
            visit = then.signed(course)
            if place < number - 1:
                then.days(1).asked_after(visit, "redness_heat")
        course.refresh_from_db()
        return course

    def unchanged(self, number: int = 4) -> Course:
        """A course after so many visits, the newest of this day, on which pain never moved by more than one point."""
        course = self.days(-3 * number).ready()
        for place in range(number):
            self.again(course, 6, 3 * (place + 1 - number))
        course.refresh_from_db()
        return course

    def again(self, course: Course, pain: int, days: int = 0, after: int | None = None) -> Visit:
        """A signed visit so many days from this one, with pain before it and, where said, after it."""
        then = self.days(days)
        given = [evaluate.ReadingInput("nprs", Decimal(pain), Moment.BEFORE)]
        given += [evaluate.ReadingInput("nprs", Decimal(after), Moment.AFTER)] if after is not None else []
        visit = then.signed(course, readings=tuple(given))
        then.days(1).asked_after(visit, "redness_heat")
        return visit

    def questionnaire(self, measure: str = "ndi", resource: dict[str, Any] | None = None) -> QuestionnaireFile:
        """A questionnaire about a garden, loaded as the one of a measure."""
        return questionnaire.load_questionnaire(
            by=self.by,
            measure=measure,
            content=packed(resource or garden()),
            licence="Nobody, 2026",
            holds_licence=True,
            on=self.on,
        )

    def photographed(self, visit: Visit, given: bytes | None = None, **more: Any) -> Photograph:
        """A photograph of the right forearm, taken at the end of a visit."""
        said = {"when": "end", "region": FOREARM, "side": "right", "agreed": True} | more
        return photograph.add_photograph(by=self.by, visit=visit, on=self.on, given=given or taken(), **said)

    # --- The day after ---

    def check_in(self, visit: Visit, hours_ago: float = 24) -> CheckIn:
        """The check-in of a visit as if the visit had ended so many hours ago."""
        found = CheckIn.objects.get(visit=visit)
        found.ended_at = timezone.now() - timedelta(hours=hours_ago)
        found.opens_at, found.closes_at = window(found.ended_at, load())
        found.save()
        return found

    def answered(self, visit: Visit, **said: Any) -> CheckIn:
        given = Said(**{name: frozenset(one) if isinstance(one, list) else one for name, one in said.items()})
        return check_in.answer_check_in(check_in=self.check_in(visit), said=given, now=timezone.now())

    # --- The book ---

    def slot(self, at: str = "09:00", minutes: int = 30, by: User | None = None) -> Slot:
        """A time of this day, with the person of the story unless another is named."""
        starts = instant(self.on, time.fromisoformat(at), self.by.clinic.zone)
        return Slot(starts, starts + timedelta(minutes=minutes), (by or self.by).pk)

    def booked(self, at: str = "09:00", patient: Patient | None = None, minutes: int = 30) -> Appointment:
        slot = self.slot(at, minutes)
        return book.book(by=self.by, patient=patient or self.patient(), slot=slot, on=self.on)

    def page(self, address: str = "northside", **changes: Any) -> RequestPage:
        """Hours from 09:00 to 12:00 on every day of the week, and a page on which patients ask for them."""
        hours = {"begins": time(9), "until": time(12), "minutes": 30}
        book.add_bookable_times(by=self.by, clinician=self.by, weekdays=range(7), **hours)
        given = {"is_open": True, "phone": "020 7946 0000", "notice_hours": 24, "days_ahead": 28} | changes
        return book.set_request_page(by=self.by, seen=0, address=address, **given)

    def asked_for(self, page: RequestPage, at: str = "09:00", **changes: Any) -> Appointment:
        given = {"name": "Éva Tóth", "phone": "07700 900123", "email": "", "source": "here"} | changes
        return book.ask(page=page, slot=self.slot(at), now=timezone.now(), **given)


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row of the record and of its people, to be compared before and after; what was seen is in the log."""
    models = [*apps.get_app_config("clinic").get_models(), *apps.get_app_config("accounts").get_models()]
    kept = {
        model.__name__: list(model._default_manager.order_by("pk").values()) for model in models if model not in OWN
    }
    for user in kept["User"]:
        user.pop("last_login")
    return kept
