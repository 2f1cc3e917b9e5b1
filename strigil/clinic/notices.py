"""What a patient is told of an appointment: by mail where the clinic has set one up, and as a calendar file.

Nothing clinical stands in either: a mailbox and a calendar are read by others.
"""

from __future__ import annotations

import logging
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone

from strigil.clinic import icalendar
from strigil.clinic.models import Appointment, AppointmentStatus, RequestPage
from strigil.pathway.treat import spoken

log = logging.getLogger(__name__)
_STATUS: dict[str, icalendar.Status] = {
    AppointmentStatus.REQUESTED: "TENTATIVE",
    AppointmentStatus.CANCELLED: "CANCELLED",
}
_SUBJECT: dict[str, str] = {
    AppointmentStatus.REQUESTED: "Your request for {when}",
    AppointmentStatus.CANCELLED: "Cancelled: your appointment on {when}",
}


def said(at: datetime, zone: ZoneInfo) -> str:
    """``Friday 20 November 2026, 09:00``, by the clinic's clock."""
    there = at.astimezone(zone)
    return f"{there:%A} {spoken(there.date())}, {there:%H:%M}"


def calendar_file(appointment: Appointment, sender: str = "") -> bytes:
    clinic = appointment.clinic
    event = icalendar.Event(
        uid=appointment.pk,
        sequence=appointment.version - 1,
        stamp=timezone.now(),
        starts=appointment.starts,
        ends=appointment.ends,
        status=_STATUS.get(appointment.status, "CONFIRMED"),
        summary="Appointment",
        place=clinic.name,
        about=f"With {appointment.clinician.display_name}. To move or cancel it, use the link that the clinic sent you"
        " or call the clinic.",
        organiser=sender,
    )
    return icalendar.write(event)


def address_of(appointment: Appointment) -> str:
    """Where mail about it goes: what was given with the request, else what the clinic holds."""
    return appointment.email or (appointment.patient.email if appointment.patient else "")


def can_send(appointment: Appointment) -> bool:
    return bool(settings.MAIL and address_of(appointment))


def send(appointment: Appointment, link: str) -> bool:
    """Tell the patient how the appointment stands. False, with a line in the log, where it could not be sent."""
    zone = ZoneInfo(appointment.time_zone)
    when = said(appointment.starts, zone)
    subject = _SUBJECT.get(appointment.status, "Your appointment on {when}")
    mail = EmailMessage(
        subject=subject.format(when=when), body=_body(appointment, when, link), to=[address_of(appointment)]
    )
    method = "CANCEL" if appointment.is_off else "PUBLISH"
    mail.attach("appointment.ics", calendar_file(appointment, settings.MAIL_ADDRESS), f"text/calendar; method={method}")
    try:
        mail.send()
    except OSError:
        log.exception("mail about an appointment could not be sent")
        return False
    return True


def _body(appointment: Appointment, when: str, link: str) -> str:
    page = RequestPage.objects.filter(clinic_id=appointment.clinic_id).first()
    lines = [
        appointment.clinic.name,
        "",
        f"{when} ({appointment.time_zone})",
        f"With {appointment.clinician.display_name}",
        f"{appointment.get_status_display() if appointment.is_off else 'Booked'}.",
    ]
    if not appointment.is_off:
        lines += ["", "To see, move or cancel it:", link, "Whoever has this link can do so; keep it to yourself."]
    if page and page.phone:
        lines += ["", f"Telephone: {page.phone}"]
    return "\n".join(lines) + "\n"
