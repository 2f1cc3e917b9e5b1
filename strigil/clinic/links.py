"""The signed link by which a patient sees, moves or cancels one appointment. It opens nothing else."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from uuid import UUID

from django.core.signing import BadSignature, TimestampSigner
from django.utils import timezone

from strigil.clinic.models import Appointment, AppointmentStatus

GOOD_FOR = timedelta(days=200)
"""Longer than anybody can book ahead; the link ends a day after the appointment in any case."""
GOOD_AFTER = timedelta(days=1)


def _signer() -> TimestampSigner:
    return TimestampSigner(sep=".", salt="strigil.appointment.by_link")


def token(appointment: Appointment) -> str:
    return _signer().sign(urlsafe_b64encode(appointment.pk.bytes).decode().rstrip("="))


def key_of(given: str) -> UUID | None:
    """Which appointment a link was made for; None for one that is altered, guessed or expired."""
    try:
        return UUID(bytes=urlsafe_b64decode(_signer().unsign(given, max_age=GOOD_FOR) + "=="))
    except (BadSignature, ValueError):
        return None


def appointment_of(given: str) -> Appointment | None:
    """The appointment that a link opens; None for one that opens nothing, or is of a time that is over."""
    key = key_of(given)
    if key is None:
        return None
    rows = Appointment.objects.filter(pk=key, ends__gt=timezone.now() - GOOD_AFTER)
    return rows.exclude(status=AppointmentStatus.MISSED).select_related("clinic", "clinician").first()
