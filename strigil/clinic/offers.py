"""Which times of a clinic are free: its rules and its book as ``slots`` takes them, in three queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import QuerySet

from strigil.accounts.models import Clinic, Role, User
from strigil.clinic import slots
from strigil.clinic.models import Appointment, AppointmentStatus, BookableTime, ClosedDays, RequestPage
from strigil.clinic.slots import Slot

TAKES_TIME = (AppointmentStatus.REQUESTED, AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED)
TREATS = (Role.OWNER, Role.CLINICIAN, Role.ASSISTANT)


def clinicians(clinic: Clinic) -> QuerySet[User]:
    """Who can be booked."""
    return User.objects.filter(clinic=clinic, is_active=True, role__in=TREATS).order_by("display_name", "id")


def of_days(clinic: Clinic, first: date, last: date) -> QuerySet[Appointment]:
    """The appointments that touch some days of the clinic."""
    begins = datetime.combine(first, time.min, clinic.zone).astimezone(UTC)
    ends = datetime.combine(last + timedelta(days=1), time.min, clinic.zone).astimezone(UTC)
    return Appointment.objects.filter(clinic=clinic, starts__lt=ends, ends__gt=begins)


def free(clinic: Clinic, days: Sequence[date], taken: Iterable[Appointment] | None = None) -> list[Slot]:
    """Free slots of consecutive days. ``taken`` are their appointments, where the caller has them already."""
    if not days:
        return []
    # When, and with whom: whose time it is, nobody reads here, and the log would have to tell of it.
    held = (
        of_days(clinic, days[0], days[-1]).filter(status__in=TAKES_TIME).only("starts", "ends", "clinician", "status")
    )
    rows = held if taken is None else taken
    stretches = BookableTime.objects.filter(
        clinic=clinic,
        clinician__is_active=True,
        clinician__role__in=TREATS,
        weekday__in={one.weekday() for one in days},
    )
    closed = ClosedDays.objects.filter(clinic=clinic, first__lte=days[-1], last__gte=days[0])
    return slots.free(
        days,
        (slots.Stretch(one.clinician_id, one.weekday, one.begins, one.until, one.minutes) for one in stretches),
        (slots.Closed(one.first, one.last, one.clinician_id) for one in closed),
        (Slot(one.starts, one.ends, one.clinician_id) for one in rows if one.status in TAKES_TIME),
        clinic.zone,
    )


def to_patients(page: RequestPage, days: Sequence[date], now: datetime) -> list[Slot]:
    """What a patient may choose of some days: free, not too soon, not too far ahead."""
    last = now.astimezone(page.clinic.zone).date() + timedelta(days=page.days_ahead)
    soonest = now + timedelta(hours=page.notice_hours)
    return [one for one in free(page.clinic, [day for day in days if day <= last]) if one.starts >= soonest]


def is_offered(page: RequestPage, slot: Slot, now: datetime) -> bool:
    day = slot.starts.astimezone(page.clinic.zone).date()
    return slot in to_patients(page, [day], now)


def open_page(clinic: Clinic) -> RequestPage | None:
    return RequestPage.objects.filter(clinic=clinic, is_open=True).select_related("clinic").first()
