"""The appointments of a day with what each patient needs before and at the visit; 200 ask no more queries than one.

What a line says is read from the record; nothing here decides whether anybody may be treated. Rows are plain values
and not models: a day of two hundred would otherwise cost more to build than to read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from strigil.accounts.models import Clinic
from strigil.clinic.clock import all_in_doubt
from strigil.clinic.models import (
    Appointment,
    AppointmentStatus,
    Course,
    CourseStatus,
    Origin,
    Plan,
    ReactionCheck,
    Screening,
    Treatment,
    Visit,
    VisitStatus,
    When,
)
from strigil.clinic.tags import title_of
from strigil.knowledge import load
from strigil.pathway.facts import Outcome
from strigil.pathway.plan import reviews
from strigil.pathway.treat import spoken

NOWHERE = UUID(int=0)
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Need:
    """One thing to do, and the page where it is done. ``kind`` colours its edge: doubt, grave or own."""

    say: str
    href: str
    kind: str = "doubt"


@dataclass(frozen=True, slots=True)
class Row:
    """One appointment. ``open`` leads to today's draft, ``signed`` to today's signed visit, ``start`` begins one."""

    href: str
    version: int
    time: str
    who: str
    who_href: str
    origin: str
    with_whom: str
    status: str
    status_say: str
    course: UUID | None = None
    about: str = ""
    number: int | None = None
    open: str = ""
    signed: str = ""
    start: str = ""
    needs: list[Need] = field(default_factory=list)


def of_day(appointments: QuerySet[Appointment], on: date, clinic: Clinic, *, with_care: bool) -> list[Row]:
    """By time. ``with_care`` adds what the record of care says, for those who may read it."""
    rows: list[Values] = list(
        appointments.order_by("starts", "clinician__display_name", "id").values(
            *("id", "starts", "status", "version", "patient_id", "course_id"),
            who=F("patient__name"),
            origin=F("patient__origin"),
            with_whom=F("clinician__display_name"),
        )
    )
    if not with_care:
        return [Row(**_plain(one, clinic.zone)) for one in rows]
    courses = _courses({one["patient_id"] for one in rows})
    every = [one for of_one in courses.values() for one in of_one]
    visits = _visits([one["id"] for one in every])
    doubted = all_in_doubt({one["screening"]: on for one in every if one["screened_on"] == on}, clinic)
    for one in every:
        one["is_doubted"] = one["screening"] in doubted
    return [_row(one, courses.get(one["patient_id"], []), visits, on, clinic.zone) for one in rows]


def _courses(patients: Collection[UUID]) -> dict[UUID, list[Values]]:
    """The open courses of each patient, oldest first."""
    newest = Screening.objects.filter(course=OuterRef("pk")).order_by("-id")
    plans = Plan.objects.filter(course=OuterRef("pk")).order_by("-id")
    found = Course.objects.filter(patient_id__in=patients, status=CourseStatus.OPEN).order_by("opened_on", "id")
    kept: dict[UUID, list[Values]] = {}
    for one in found.values(
        *("id", "patient_id", "indication", "side"),
        screening=Subquery(newest.values("id")[:1]),
        screened_as=Subquery(newest.values("outcome")[:1]),
        screened_on=Subquery(newest.values("on")[:1]),
        reviewed_at=Subquery(plans.values("review_visits")[:1]),
    ):
        kept.setdefault(one["patient_id"], []).append(one)
    return kept


def _visits(courses: Collection[UUID]) -> dict[UUID, list[Values]]:
    """Of each course the draft and the newest signed visit."""
    later = Visit.objects.filter(course=OuterRef("course"), status=VisitStatus.SIGNED, number__gt=OuterRef("number"))
    asked = ReactionCheck.objects.filter(visit=OuterRef("pk"), complete=True).exclude(when=When.END)
    treated = Treatment.objects.filter(visit=OuterRef("pk"))
    found = Visit.objects.filter(course_id__in=courses).filter(Q(status=VisitStatus.DRAFT) | ~Exists(later))
    kept: dict[UUID, list[Values]] = {}
    for one in found.order_by("number").values(
        *("id", "course_id", "number", "on", "status"), is_asked=Exists(asked), is_treated=Exists(treated)
    ):
        kept.setdefault(one["course_id"], []).append(one)
    return kept


def _plain(one: Values, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "href": _to("appointment", one["id"]),
        "version": one["version"],
        "time": f"{one['starts'].astimezone(zone):%H:%M}",
        "who": one["who"],
        "who_href": _to("patient", one["patient_id"]),
        "origin": "" if one["origin"] == Origin.REAL else Origin(one["origin"]).label,
        "with_whom": one["with_whom"],
        "status": one["status"],
        "status_say": "" if one["status"] == AppointmentStatus.BOOKED else AppointmentStatus(one["status"]).label,
    }


def _row(one: Values, courses: list[Values], visits: dict[UUID, list[Values]], on: date, zone: ZoneInfo) -> Row:
    plain = _plain(one, zone)
    course = next((each for each in courses if each["id"] == one["course_id"]), courses[-1] if courses else None)
    if course is None:
        return Row(**plain, about="no open course")
    seen = visits.get(course["id"], [])
    draft = next((each for each in seen if each["status"] == VisitStatus.DRAFT), None)
    last = next((each for each in seen if each["status"] == VisitStatus.SIGNED), None)
    number: int = draft["number"] if draft else 1 + max((each["number"] for each in seen), default=0)
    signed = last if last and last["on"] == on and draft is None else None
    return Row(
        **plain | {"who_href": _to("course", course["id"])},
        course=course["id"],
        about=f"{title_of(course['indication'], 'indication')}, {course['side']}{_others(courses)}",
        number=signed["number"] if signed else number,
        open=_to("visit", draft["id"]) if draft and draft["on"] == on else "",
        signed=_to("visit", signed["id"]) if signed else "",
        start="" if draft or signed else _to("start_visit", course["id"]),
        needs=[]
        if signed
        else [*_unsigned(draft, on), *_screen(course, on), *_reaction(last, on), *_review(course, number)],
    )


def _others(courses: list[Values]) -> str:
    """A patient with several open courses: what is said is of one of them."""
    return f"; {len(courses) - 1} more open course{'s' if len(courses) > 2 else ''}" if len(courses) > 1 else ""


def _unsigned(draft: Values | None, on: date) -> Iterable[Need]:
    if draft and draft["on"] < on:
        yield Need(f"Visit {draft['number']} of {_short(draft['on'])} is not signed", _to("visit", draft["id"]))


def _screen(course: Values, on: date) -> Iterable[Need]:
    here = _to("screen", course["id"])
    screened: date | None = course["screened_on"]
    if screened is None:
        yield Need("Not screened yet", here)
        return
    outcome = Outcome(course["screened_as"])
    when = "today" if screened == on else f"of {_short(screened)}"
    if outcome is Outcome.INCOMPLETE:
        yield Need(f"Screen {when} is not complete", here)
    elif not outcome.permits_treatment:
        yield Need(f"Screen {when} says {outcome.value}", here, "grave")
    elif course["is_doubted"]:
        yield Need("Screen again: the clock was set back", here)
    elif screened != on:
        yield Need(f"Screen again, last {_short(screened)}", here)
    elif outcome is not Outcome.PROCEED:
        yield Need(f"Screen today says {outcome.value}", here)


def _reaction(last: Values | None, on: date) -> Iterable[Need]:
    if last and last["on"] < on and last["is_treated"] and not last["is_asked"]:
        yield Need(f"Ask about the reaction to visit {last['number']}", _to("respond", last["id"]))


def _review(course: Values, number: int) -> Iterable[Need]:
    planned: list[int] = course["reviewed_at"] or list(reviews(load()))
    if number in planned or number > max(planned):
        yield Need(f"Review response at visit {number}", _to("measure", course["id"]), "own")


def _short(day: date) -> str:
    return spoken(day).rsplit(" ", 1)[0]


def _to(route: str, key: UUID) -> str:
    return _shape(route).replace(str(NOWHERE), str(key))


@cache
def _shape(route: str) -> str:
    """An address once for all keys: to ask for each of a thousand costs more than the rest of the page."""
    return reverse(route, args=[NOWHERE])
