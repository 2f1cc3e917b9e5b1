"""The appointment book: book, ask for, confirm, move, cancel; and the rules of what can be booked.

Two people never get the same time: the database refuses it, and the refusal reads like every other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from strigil.accounts.models import Clinic, User
from strigil.clinic import offers
from strigil.clinic.actions.base import Refused, action, audit, raise_version
from strigil.clinic.models import (
    DOUBLE_BOOKING,
    Appointment,
    AppointmentStatus,
    BookableTime,
    ClosedDays,
    Course,
    CourseStatus,
    Patient,
    RequestCount,
    RequestPage,
)
from strigil.clinic.slots import Slot

LONGEST = timedelta(hours=8)
A_DAY = timedelta(days=1)
REQUESTS_A_DAY = 3
"""From one network address to one clinic."""
REQUESTS_UNANSWERED = 40
"""Of one clinic; beyond them the front desk is heard by telephone first."""
CHANGES_BY_LINK = 20

TAKEN = "Somebody else has that time. Choose another."
A = AppointmentStatus
NEXT: dict[str, tuple[str, ...]] = {
    A.REQUESTED: (A.CANCELLED,),
    A.BOOKED: (A.ARRIVED, A.MISSED, A.CANCELLED),
    A.ARRIVED: (A.BOOKED, A.CANCELLED),
    A.MISSED: (A.ARRIVED, A.BOOKED),
    A.CANCELLED: (A.BOOKED,),
}


@dataclass(frozen=True, slots=True)
class Before:
    """An appointment as it was, to be put back."""

    clinician: UUID
    starts: datetime
    ends: datetime
    status: str

    @classmethod
    def of(cls, appointment: Appointment) -> Before:
        return cls(appointment.clinician_id, appointment.starts, appointment.ends, appointment.status)


# --- Times ------------------------------------------------------------------------------------------------------


@action
def book(*, by: User, patient: Patient, slot: Slot, on: date) -> Appointment:
    """A time for a patient, today being ``on``."""
    _check_day(by.clinic, slot, on)
    clinician = _clinician(by.clinic, slot)
    appointment = Appointment(
        clinic_id=by.clinic_id,
        created_by=by,
        patient=patient,
        clinician=clinician,
        starts=slot.starts,
        ends=slot.ends,
        time_zone=by.clinic.time_zone,
        course=_course(patient),
    )
    _keep(appointment, appointment.save)
    audit(by, "appointment.book", appointment, patient.pk)
    return appointment


@action
def ask(*, page: RequestPage, slot: Slot, name: str, phone: str, email: str, source: str, now: datetime) -> Appointment:
    """Somebody asks for a time on the clinic's request page. ``source`` is a hash of where from."""
    if not (name := " ".join(name.split())):
        raise Refused("Give your name.", "name")
    if not (phone or email):
        raise Refused("Give a telephone number or an e-mail address, so that the clinic can answer.", "phone")
    _count(page, source, now)
    if not offers.is_offered(page, slot, now):
        raise Refused(TAKEN)
    appointment = Appointment(
        clinic=page.clinic,
        clinician=_clinician(page.clinic, slot),
        starts=slot.starts,
        ends=slot.ends,
        time_zone=page.clinic.time_zone,
        status=A.REQUESTED,
        name=name,
        phone=phone,
        email=email,
    )
    _keep(appointment, appointment.save)
    audit(None, "appointment.ask", appointment, None)
    return appointment


@action
def confirm(*, by: User, appointment: Appointment, seen: int, patient: Patient) -> Appointment:
    """Answer a request: it is from this patient, and the time is theirs."""
    raise_version(appointment, seen)
    if appointment.status != A.REQUESTED:
        raise Refused(f"This request is answered already: {appointment.get_status_display().lower()}.")
    appointment.patient, appointment.course, appointment.status = patient, _course(patient), A.BOOKED
    appointment.save(update_fields=["patient", "course", "status"])
    audit(by, "appointment.confirm", appointment, patient.pk)
    return appointment


@action
def move(*, by: User | None, appointment: Appointment, seen: int, slot: Slot, now: datetime) -> Appointment:
    """Another time, or another clinician. Without ``by`` it is the patient, by link, among what the page offers."""
    if by is not None:
        _check_day(appointment.clinic, slot, now.astimezone(appointment.clinic.zone).date())
    else:
        _check_by_link(appointment, slot, now)
    if appointment.status not in (A.REQUESTED, A.BOOKED):
        raise Refused(f"Only what is still to come can be moved; this is marked: {appointment.get_status_display()}.")
    clinician = _clinician(appointment.clinic, slot)
    raise_version(appointment, seen)
    appointment.clinician, appointment.starts, appointment.ends = clinician, slot.starts, slot.ends
    appointment.time_zone = appointment.clinic.time_zone
    _keep(appointment, lambda: appointment.save(update_fields=["clinician", "starts", "ends", "time_zone"]))
    audit(by, "appointment.move", appointment, appointment.patient_id)
    return appointment


@action
def mark(*, by: User | None, appointment: Appointment, seen: int, status: str) -> Appointment:
    """Here, did not come, cancelled, or booked after all. Without ``by`` it is the patient, by link, who cancels."""
    raise_version(appointment, seen)
    if by is None and (status != A.CANCELLED or appointment.starts <= timezone.now()):
        raise Refused("This can no longer be changed here. Please call the clinic.")
    if status not in NEXT[appointment.status] or (status == A.BOOKED and appointment.patient is None):
        raise Refused(f"This appointment is marked: {appointment.get_status_display()}. Nothing was changed.")
    appointment.status = status
    _keep(appointment, lambda: appointment.save(update_fields=["status"]))
    audit(by, f"appointment.{status}", appointment, appointment.patient_id)
    return appointment


@action
def put_back(*, by: User, appointment: Appointment, seen: int, before: Before) -> Appointment:
    """Undo the last change, if nobody has changed it since and the time is still free."""
    raise_version(appointment, seen)
    clinician = _clinician(appointment.clinic, Slot(before.starts, before.ends, before.clinician))
    appointment.clinician, appointment.starts, appointment.ends = clinician, before.starts, before.ends
    appointment.status = before.status
    _keep(appointment, lambda: appointment.save(update_fields=["clinician", "starts", "ends", "status"]))
    audit(by, "appointment.put_back", appointment, appointment.patient_id)
    return appointment


def _keep(appointment: Appointment, save: Callable[[], None]) -> None:
    """Save, and say in words what the database refuses. On PostgreSQL one clinician's book has one writer at a time."""
    User.objects.select_for_update(no_key=True).get(pk=appointment.clinician_id)
    try:
        with transaction.atomic():
            save()
    except IntegrityError as error:
        if DOUBLE_BOOKING not in str(error):
            raise
        raise Refused(TAKEN) from None


def _check_day(clinic: Clinic, slot: Slot, on: date) -> None:
    if slot.starts.astimezone(clinic.zone).date() < on:
        raise Refused("That day has passed.", "on")


def _clinician(clinic: Clinic, slot: Slot) -> User:
    found = offers.clinicians(clinic).filter(pk=slot.clinician).first()
    if found is None:
        raise Refused("Choose who is to be booked.", "clinician")
    if not timedelta() < slot.ends - slot.starts <= LONGEST:
        raise Refused("An appointment is at most eight hours long.", "minutes")
    return found


def _course(patient: Patient) -> Course | None:
    """The one open course, where there is only one."""
    found = list(patient.courses.filter(status=CourseStatus.OPEN)[:2])
    return found[0] if len(found) == 1 else None


def _check_by_link(appointment: Appointment, slot: Slot, now: datetime) -> None:
    page = offers.open_page(appointment.clinic)
    if page is None or appointment.starts <= now or appointment.version > CHANGES_BY_LINK:
        raise Refused("This can no longer be changed here. Please call the clinic.")
    if not offers.is_offered(page, slot, now):
        raise Refused(TAKEN)


def _count(page: RequestPage, source: str, now: datetime) -> None:
    """Few requests from one place, and few that wait: somebody who fills the book keeps others from care."""
    call = f"Please call {page.phone} instead." if page.phone else "Please call the clinic instead."
    Clinic.objects.select_for_update(no_key=True).get(pk=page.clinic_id)
    RequestCount.objects.filter(clinic_id=page.clinic_id, at__lt=now - A_DAY).delete()
    if RequestCount.objects.filter(clinic_id=page.clinic_id, source=source).count() >= REQUESTS_A_DAY:
        raise Refused(f"{REQUESTS_A_DAY} requests have come from your connection within a day. {call}")
    waiting = Appointment.objects.filter(clinic_id=page.clinic_id, status=A.REQUESTED, starts__gt=now)
    if waiting.count() >= REQUESTS_UNANSWERED:
        raise Refused(f"The clinic has many requests to answer first. {call}")
    RequestCount.objects.create(clinic_id=page.clinic_id, at=now, source=source)


# --- Rules ------------------------------------------------------------------------------------------------------


@action
def set_request_page(
    *, by: User, seen: int, is_open: bool, address: str, phone: str, notice_hours: int, days_ahead: int
) -> RequestPage:
    """Whether patients can ask for a time, and where. ``seen`` is 0 where there was no page yet."""
    page = RequestPage.objects.filter(clinic_id=by.clinic_id).first()
    if page is None:
        page = RequestPage(clinic_id=by.clinic_id, created_by=by)
    else:
        raise_version(page, seen)
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{2,59}", address):
        raise Refused("At least three small letters, digits and hyphens, such as northside-physio.", "address")
    if RequestPage.objects.filter(address=address).exclude(pk=page.pk).exists():
        raise Refused("This address cannot be had. Choose another.", "address")
    page.is_open, page.address, page.phone = is_open, address, phone
    page.notice_hours, page.days_ahead = notice_hours, days_ahead
    page.save()
    audit(by, "book.page", page, None)
    return page


@action
def add_bookable_times(
    *, by: User, clinician: User, weekdays: Sequence[int], begins: time, until: time, minutes: int
) -> list[BookableTime]:
    """The same stretch of some weekdays in which a clinician can be booked."""
    if not offers.clinicians(by.clinic).filter(pk=clinician.pk).exists():
        raise Refused("Choose who is to be booked.", "clinician")
    if until <= begins:
        raise Refused("It has to end after it begins.", "until")
    if _minutes(until) - _minutes(begins) < minutes:
        raise Refused("Not one appointment fits in.", "minutes")
    User.objects.select_for_update(no_key=True).get(pk=clinician.pk)
    others = BookableTime.objects.filter(clinician=clinician, weekday__in=weekdays)
    if others.filter(begins__lt=until, until__gt=begins).exists():
        raise Refused("These hours run into hours that are set already. Remove those first.", "begins")
    hours = {"clinician": clinician, "begins": begins, "until": until, "minutes": minutes}
    rows = [
        BookableTime.objects.create(clinic_id=by.clinic_id, created_by=by, weekday=weekday, **hours)
        for weekday in sorted(set(weekdays))
    ]
    for row in rows:
        audit(by, "book.hours", row, None)
    return rows


@action
def add_closed_days(*, by: User, first: date, last: date, clinician: User | None = None) -> ClosedDays:
    """Days on which nothing new is offered; what is booked stays, to be moved by hand."""
    if last < first:
        raise Refused("The last day lies before the first.", "last")
    if clinician and not offers.clinicians(by.clinic).filter(pk=clinician.pk).exists():
        raise Refused("Choose who is away.", "clinician")
    row = ClosedDays.objects.create(clinic_id=by.clinic_id, created_by=by, first=first, last=last, clinician=clinician)
    audit(by, "book.closed", row, None)
    return row


@action
def remove_rule(*, by: User, rule: BookableTime | ClosedDays) -> None:
    """Take back hours or closed days; what is booked stays."""
    audit(by, "book.remove", rule, None)
    rule.delete()


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
