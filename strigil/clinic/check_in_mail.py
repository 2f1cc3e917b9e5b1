"""Sends the links of open check-ins to those who agreed to mail: as often as it is run, each once.

Nothing clinical stands in the mail: a mailbox is read by others. What happens when a run is killed: ADR 0015.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from smtplib import SMTPRecipientsRefused

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import Q

from strigil.clinic import check_ins
from strigil.clinic.actions import check_in as actions
from strigil.clinic.models import CheckIn, MayMail, RequestPage
from strigil.clinic.notices import said

log = logging.getLogger(__name__)
MORNING = 8
"""No mail before eight by the clinic's clock, unless the check-in closes sooner; proposed by this project."""


@dataclass(slots=True)
class Sent:
    sent: int = 0
    failed: int = 0
    later: int = 0


def send_all(now: datetime) -> Sent:
    """Every mail that is due now. One connection for all of them."""
    counts = Sent()
    connection = get_connection()
    for found in due(now):
        if _is_too_early(found, now):
            counts.later += 1
        elif actions.begin_mail(check_in=found, now=now):
            _send(found, now, connection, counts)
    return counts


def due(now: datetime) -> list[CheckIn]:
    again = Q(mail_tried_at__isnull=True) | Q(mail_tried_at__lte=now - actions.MAIL_AGAIN_AFTER)
    rows = CheckIn.objects.filter(
        again,
        mailed_at__isnull=True,
        mail_tries__lt=actions.MAIL_TRIES,
        visit__course__patient__may_mail=MayMail.YES,
        **check_ins.still_open(now),
    ).exclude(visit__course__patient__email="")
    return list(rows.select_related("clinic", "visit__course__patient").order_by("opens_at", "id"))


def _is_too_early(found: CheckIn, now: datetime) -> bool:
    there = now.astimezone(found.clinic.zone)
    eight = there.replace(hour=MORNING, minute=0, second=0, microsecond=0)
    return there < eight and eight < found.closes_at.astimezone(found.clinic.zone)


def _send(found: CheckIn, now: datetime, connection: BaseEmailBackend, counts: Sent) -> None:
    mail = EmailMessage(
        subject=f"A short question from {found.clinic.name}",
        body=_body(found),
        to=[found.visit.course.patient.email],
        connection=connection,
    )
    try:
        mail.send()
    except OSError as error:
        log.exception("mail with a check-in link could not be sent")
        actions.mail_failed(check_in=found, for_good=isinstance(error, SMTPRecipientsRefused))
        counts.failed += 1
    else:
        actions.mail_sent(check_in=found, now=now)
        counts.sent += 1


def _body(found: CheckIn) -> str:
    page = RequestPage.objects.filter(clinic_id=found.clinic_id).first()
    lines = [
        found.clinic.name,
        "",
        "How is it after your visit? Five touches tell us:",
        check_ins.link(found),
        "",
        f"The link works once, until {said(found.closes_at, found.clinic.zone)} ({found.time_zone}).",
        "Whoever has it can answer for you; keep it to yourself.",
        "",
        "Nobody reads the answer at once. In an emergency call your emergency number.",
    ]
    if page and page.phone:
        lines += ["", f"Telephone: {page.phone}"]
    return "\n".join(lines) + "\n"
