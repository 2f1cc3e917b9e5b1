from __future__ import annotations

import secrets
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from strigil.accounts.models import Clinic, User
from strigil.clinic.models.base import Record, one_of
from strigil.clinic.models.course import Course
from strigil.clinic.models.patient import Patient

DOUBLE_BOOKING = "appointment_one_at_a_time"
"""Name of what refuses two appointments of one clinician at one time; see the migration that makes it and ADR 0014."""


class AppointmentStatus(models.TextChoices):
    REQUESTED = "requested", "Asked for"
    BOOKED = "booked", "Booked"
    ARRIVED = "arrived", "Here"
    CANCELLED = "cancelled", "Cancelled"
    MISSED = "missed", "Did not come"


class Appointment(Record):
    """A time with a clinician, which nobody else can have unless it is cancelled or the patient did not come.

    ``patient`` is empty while nobody has matched a request to a person; then ``name`` and how to reach them say who
    asked. ``created_by`` is empty where the patient asked for it on the clinic's request page.
    """

    identifying: ClassVar[frozenset[str]] = frozenset(
        {"created_by", "patient", "clinician", "name", "phone", "email", "course"}
    )
    shareable: ClassVar[frozenset[str]] = frozenset({"starts", "ends", "time_zone", "status"})

    created_by = models.ForeignKey(  # type: ignore[assignment]
        User, on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="appointments", null=True, blank=True)
    clinician = models.ForeignKey(User, on_delete=models.PROTECT, related_name="appointments", db_index=False)
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    time_zone = models.CharField(max_length=64)
    status = models.CharField(max_length=10, choices=AppointmentStatus.choices, default=AppointmentStatus.BOOKED)
    course = models.ForeignKey(
        Course, on_delete=models.PROTECT, related_name="appointments", null=True, blank=True, db_index=False
    )
    name = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)

    class Meta:
        ordering = ["starts", "id"]
        indexes = [
            models.Index(fields=["clinic", "starts"]),
            models.Index(fields=["clinic", "status"], condition=Q(status="requested"), name="appointment_asked_for"),
            models.Index(fields=["clinician", "starts"]),
        ]
        constraints = [
            one_of("status", AppointmentStatus.values, "appointment_status_is_known_word"),
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="appointment_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(patient__isnull=False) | (~Q(name="") & Q(status__in=["requested", "cancelled"])),
                name="appointment_is_somebodys",
            ),
        ]

    @property
    def who(self) -> str:
        return self.patient.name if self.patient else self.name

    @property
    def is_off(self) -> bool:
        return self.status == AppointmentStatus.CANCELLED


class BookableTime(Record):
    """A stretch of a weekday in which a clinician can be booked, cut into slots. Monday is 0; the clinic's clock."""

    identifying: ClassVar[frozenset[str]] = frozenset({"clinician"})
    shareable: ClassVar[frozenset[str]] = frozenset({"weekday", "begins", "until", "minutes"})

    clinician = models.ForeignKey(User, on_delete=models.PROTECT, related_name="bookable_times", db_index=False)
    weekday = models.PositiveSmallIntegerField()
    begins = models.TimeField()
    until = models.TimeField()
    minutes = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["weekday", "begins", "id"]
        indexes = [models.Index(fields=["clinic", "weekday"])]
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="bookable_time_on_a_weekday"),
            models.CheckConstraint(condition=Q(until__gt=F("begins")), name="bookable_time_ends_after_it_begins"),
            models.CheckConstraint(condition=Q(minutes__gte=5, minutes__lte=240), name="bookable_time_5_to_240"),
            models.UniqueConstraint(fields=["clinician", "weekday", "begins"], name="bookable_time_once"),
        ]


class ClosedDays(Record):
    """Days on which nobody is booked: the whole clinic, or one clinician."""

    identifying: ClassVar[frozenset[str]] = frozenset({"clinician"})
    shareable: ClassVar[frozenset[str]] = frozenset({"first", "last"})

    clinician = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_index=False
    )
    first = models.DateField()
    last = models.DateField()

    class Meta:
        ordering = ["first", "id"]
        indexes = [models.Index(fields=["clinic", "last"])]
        constraints = [
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="closed_days_end_after_they_begin"),
        ]


def unguessable() -> str:
    return secrets.token_urlsafe(9).lower().replace("_", "x").replace("-", "y")


class RequestPage(Record):
    """The page on which patients ask for an appointment: its address, and how soon and how far ahead they may ask.

    A clinic without this row, or with ``is_open`` off, has no such page.
    """

    identifying: ClassVar[frozenset[str]] = frozenset({"address", "phone"})
    shareable: ClassVar[frozenset[str]] = frozenset({"is_open", "notice_hours", "days_ahead"})

    is_open = models.BooleanField(default=False)
    address = models.SlugField(max_length=60, unique=True, default=unguessable)
    phone = models.CharField(max_length=40, blank=True)
    notice_hours = models.PositiveSmallIntegerField(default=24)
    days_ahead = models.PositiveSmallIntegerField(default=28)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic"], name="request_page_once_a_clinic"),
            models.CheckConstraint(
                condition=Q(days_ahead__gte=1, days_ahead__lte=180), name="request_page_1_to_180_days"
            ),
            models.CheckConstraint(condition=Q(notice_hours__lte=336), name="request_page_notice_up_to_14_days"),
        ]


class RequestCount(models.Model):
    """That somebody asked for an appointment, so that nobody can fill the book. Kept for a day.

    ``source`` is a keyed hash of the network address: it counts, and tells nobody where it was.
    """

    identifying: ClassVar[frozenset[str]] = frozenset({"source"})
    shareable: ClassVar[frozenset[str]] = frozenset({"id", "clinic", "at"})

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    source = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=["clinic", "source", "at"])]
