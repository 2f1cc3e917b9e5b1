"""What each patient of a day needs before and at the visit: for however many, in two queries.

What a sentence says of the record is read from it; nothing here decides whether anybody may be treated.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, Subquery
from django.urls import reverse

from strigil.clinic.models import (
    Appointment,
    Course,
    CourseStatus,
    Plan,
    ReactionCheck,
    Screening,
    Treatment,
    Visit,
    VisitStatus,
    When,
)
from strigil.knowledge import load
from strigil.pathway.facts import Outcome
from strigil.pathway.plan import reviews
from strigil.pathway.treat import spoken


@dataclass(frozen=True, slots=True)
class Need:
    """One thing to do, and the page where it is done. ``kind`` is a tag's: grave, doubt, action or own."""

    say: str
    href: str
    kind: str = "doubt"


@dataclass(frozen=True, slots=True)
class Row:
    """An appointment with what its patient needs. ``open`` is today's draft, ``signed`` today's visit once signed."""

    appointment: Appointment
    course: Course | None = None
    number: int | None = None
    open: Visit | None = None
    signed: Visit | None = None
    needs: list[Need] = field(default_factory=list)
    can_start: bool = False


def of_day(appointments: Iterable[Appointment], on: date) -> list[Row]:
    rows = list(appointments)
    courses = _courses({one.patient_id for one in rows if one.patient_id})
    visits = _visits(courses)
    return [_row(one, courses, visits, on) for one in rows]


def _courses(patients: Collection[UUID]) -> dict[UUID, Course]:
    newest = Screening.objects.filter(course=OuterRef("pk")).order_by("-on", "-id")
    plans = Plan.objects.filter(course=OuterRef("pk")).order_by("-made_on", "-id")
    found = Course.objects.filter(patient_id__in=patients, status=CourseStatus.OPEN).annotate(
        screened_as=Subquery(newest.values("outcome")[:1]),
        screened_on=Subquery(newest.values("on")[:1]),
        reviewed_at=Subquery(plans.values("review_visits")[:1]),
    )
    return {one.pk: one for one in found.order_by("opened_on", "id")}


def _visits(courses: Collection[UUID]) -> dict[UUID, list[Visit]]:
    """Of each course the draft and the newest signed visit."""
    later = Visit.objects.filter(course=OuterRef("course"), status=VisitStatus.SIGNED, number__gt=OuterRef("number"))
    asked = ReactionCheck.objects.filter(visit=OuterRef("pk")).exclude(when=When.END)
    found = Visit.objects.filter(course_id__in=courses).filter(Q(status=VisitStatus.DRAFT) | ~Exists(later))
    kept: dict[UUID, list[Visit]] = {}
    treated = Treatment.objects.filter(visit=OuterRef("pk"))
    for one in found.annotate(is_asked=Exists(asked), is_treated=Exists(treated)).order_by("number"):
        kept.setdefault(one.course_id, []).append(one)
    return kept


def _row(one: Appointment, courses: dict[UUID, Course], visits: dict[UUID, list[Visit]], on: date) -> Row:
    course = courses.get(one.course_id) if one.course_id else None
    if course is None:
        own = [each for each in courses.values() if each.patient_id == one.patient_id]
        course = own[-1] if own else None
    if course is None:
        return Row(one)
    seen = visits.get(course.pk, [])
    draft = next((each for each in seen if not each.is_signed), None)
    last = next((each for each in seen if each.is_signed), None)
    number = draft.number if draft else 1 + max((each.number for each in seen), default=0)
    today = draft if draft and draft.on == on else None
    done = last if last and last.on == on and draft is None else None
    needs = (
        [] if done else [*_unsigned(draft, on), *_screen(course, on), *_reaction(last, on), *_review(course, number)]
    )
    return Row(one, course, number, today, done, needs, can_start=draft is None)


def _unsigned(draft: Visit | None, on: date) -> Iterable[Need]:
    if draft and draft.on < on:
        yield Need(f"Visit {draft.number} of {_short(draft.on)} is not signed", reverse("visit", args=[draft.pk]))


def _screen(course: Course, on: date) -> Iterable[Need]:
    here = reverse("screen", args=[course.pk])
    screened: date | None = course.screened_on  # type: ignore[attr-defined]
    if screened is None:
        yield Need("Not screened yet", here)
        return
    outcome = Outcome(course.screened_as)  # type: ignore[attr-defined]
    when = "today" if screened == on else f"of {_short(screened)}"
    if outcome is Outcome.INCOMPLETE:
        yield Need(f"Screen {when} is not complete", here)
    elif not outcome.permits_treatment:
        yield Need(f"Screen {when} says {outcome.value}", here, "grave")
    elif screened != on:
        yield Need(f"Screen again, last {_short(screened)}", here)
    elif outcome is not Outcome.PROCEED:
        yield Need(f"Screen today says {outcome.value}", here)


def _reaction(last: Visit | None, on: date) -> Iterable[Need]:
    if last and last.on < on and last.is_treated and not last.is_asked:  # type: ignore[attr-defined]
        yield Need(f"Ask about the reaction to visit {last.number}", reverse("respond", args=[last.pk]))


def _review(course: Course, number: int) -> Iterable[Need]:
    planned: list[int] = course.reviewed_at or list(reviews(load()))  # type: ignore[attr-defined]
    if number in planned or number > max(planned):
        yield Need(f"Review response at visit {number}", reverse("measure", args=[course.pk]), "own")


def _short(day: date) -> str:
    return spoken(day).rsplit(" ", 1)[0]
