"""The demo clinic's appointment book: hours, today, the coming days, a request page and two who ask."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from random import Random

from strigil.accounts.models import User
from strigil.clinic.actions.book import (
    add_bookable_times,
    add_closed_days,
    ask,
    book,
    mark,
    set_request_page,
)
from strigil.clinic.models import Appointment, AppointmentStatus, Course, CourseStatus, Origin, RequestPage, Visit
from strigil.clinic.offers import to_patients
from strigil.clinic.slots import Slot, instant
from strigil.demo.walk import SATURDAY, Staff

MINUTES = 30
MORNING = (time(8, 30), time(12, 30))
AFTERNOON = (time(13, 30), time(17, 30))
TODAY_AT = (time(8, 30), time(9), time(9, 30), time(10), time(11), time(11, 30), time(14), time(15), time(16, 30))
LATER_AT = (time(9), time(10, 30), time(14, 30), time(16))
DAYS_AHEAD = 9
PHONE = "020 7946 0100"
"""Of the numbers that the British regulator keeps free for fiction."""
NEW = ("Wilhelmina Ostrander-Quaye", "07700 900461", "w.ostrander@mail.example")


def fill(staff: Staff, owner: User, *, seed: int, on: date) -> None:
    page = _rules(staff, owner, on)
    courses = _courses(owner, seed, on)
    seen_today = {one.course_id for one in Visit.objects.filter(clinic=owner.clinic, on=on)}
    for place, at in enumerate(TODAY_AT):
        if place >= len(courses):
            break
        made = _book(staff, place, courses[place], on, at)
        if courses[place].pk in seen_today:
            mark(by=staff.front_desk, appointment=made, seen=made.version, status=AppointmentStatus.ARRIVED)
    waiting = courses[len(TODAY_AT) :] + courses[: len(TODAY_AT)]
    later = [(on + timedelta(days=number), at) for number in range(1, DAYS_AHEAD) for at in LATER_AT]
    working = [(day, at) for day, at in later if day.weekday() < SATURDAY]
    for place, ((day, at), course) in enumerate(zip(working, waiting, strict=False)):
        made = _book(staff, place, course, day, at)
        if place == 3:
            mark(by=staff.front_desk, appointment=made, seen=made.version, status=AppointmentStatus.CANCELLED)
    _requests(page, courses, on)


def _rules(staff: Staff, owner: User, on: date) -> RequestPage:
    for clinician in staff.clinicians:
        for begins, until in (MORNING, AFTERNOON):
            working = range(SATURDAY)
            add_bookable_times(
                by=owner, clinician=clinician, weekdays=working, begins=begins, until=until, minutes=MINUTES
            )
    away = on + timedelta(days=20)
    add_closed_days(by=owner, first=away, last=away + timedelta(days=4), clinician=staff.clinicians[1])
    return set_request_page(
        by=owner, seen=0, is_open=True, address="demo-clinic", phone=PHONE, notice_hours=24, days_ahead=28
    )


def _courses(owner: User, seed: int, on: date) -> list[Course]:
    """Open courses of made-up people, each person once: who was seen today first, the others in an order of chance."""
    rows = Course.objects.filter(
        clinic=owner.clinic, status=CourseStatus.OPEN, patient__origin=Origin.SYNTHETIC
    ).select_related("patient")
    found = {one.patient.name: one for one in rows.order_by("patient__name", "opened_on")}
    courses = [found[name] for name in sorted(found)]
    Random(f"{seed} book").shuffle(courses)  # noqa: S311 - made-up people, no secrets
    seen_today = {one.course_id: one.status for one in Visit.objects.filter(clinic=owner.clinic, on=on)}
    return sorted(courses, key=lambda one: {"signed": 0, "draft": 1}.get(seen_today.get(one.pk, ""), 2))


def _book(staff: Staff, place: int, course: Course, day: date, at: time) -> Appointment:
    clinician = staff.clinicians[place % len(staff.clinicians)]
    starts = instant(day, at, clinician.clinic.zone)
    slot = Slot(starts, starts + timedelta(minutes=MINUTES), clinician.pk)
    return book(by=staff.front_desk, patient=course.patient, slot=slot, on=day)


def _requests(page: RequestPage, courses: list[Course], on: date) -> None:
    """One from somebody known, who gives another number than the clinic has, and one from somebody new."""
    now = datetime.combine(on, time(7), UTC)
    known = [(one.patient.name, "07700 900318", "") for one in courses[-1:]]
    for number, (name, phone, email) in enumerate([*known, NEW]):
        days = [on + timedelta(days=ahead) for ahead in range(2 + number, 9)]
        slot = to_patients(page, days, now)[5 + 3 * number]
        ask(page=page, slot=slot, name=name, phone=phone, email=email, source=f"demo {number}", now=now)
