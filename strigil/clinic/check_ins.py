"""The link of a check-in, and when: of one visit, for one answer, for some hours. It opens nothing else.

The link is a keyed hash of a random number kept with the check-in: the database alone gives nobody a link, and the page
that shows it can show it again. It is looked up by its own hash, so that every link, good or bad, is the same work.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from strigil.accounts.models import Clinic
from strigil.clinic.models import (
    Appointment,
    AppointmentStatus,
    BookableTime,
    CheckIn,
    ClosedDays,
    LinkMiss,
    Origin,
    Visit,
)
from strigil.knowledge import load
from strigil.pathway.respond.check_in import Said, Understood, understood, window

SALT, FORM_SALT = "strigil.check_in", "strigil.check_in.form"
MISSES_AN_HOUR = 60
"""From one network address: more than a household or a waiting room comes to, and nothing to somebody who guesses."""
AN_HOUR = timedelta(hours=1)
USUAL_HOURS = (time(9), time(17))
"""Where the clinic has set no hours: Monday to Friday."""
SATURDAY = 5
DAYS_LOOKED_AHEAD = 60


# --- The link ---------------------------------------------------------------------------------------------------


def token(check_in: CheckIn) -> str:
    """What the link ends in; empty where the server's key has changed since, as nobody can know it any more."""
    made = token_of(check_in.nonce)
    return made if hash_of(made) == check_in.link_hash else ""


def token_of(nonce: str) -> str:
    made = salted_hmac(SALT, nonce, algorithm="sha256").digest()
    return urlsafe_b64encode(made).decode().rstrip("=")


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


def link(check_in: CheckIn, here: str = "") -> str:
    """The whole link. ``here`` is the address of the page that shows it, where the clinic has set none."""
    made = token(check_in)
    return f"{settings.ADDRESS or here.rstrip('/')}{reverse('check_in', args=[made])}" if made else ""


def opened(token: str, now: datetime) -> CheckIn | None:
    """The check-in that a link opens now; None for one that is early, late, used, altered or guessed."""
    rows = CheckIn.objects.filter(link_hash=hash_of(token), **still_open(now))
    return rows.select_related("clinic").first()


def still_open(now: datetime) -> dict[str, object]:
    return {"opens_at__lte": now, "closes_at__gt": now, "answered_at__isnull": True}


def form_token(token: str) -> str:
    """What the form sends back: only a page of ours has it. No cookie is needed, as none gives anybody a right."""
    return salted_hmac(FORM_SALT, token, algorithm="sha256").hexdigest()


def is_from_form(token: str, given: str) -> bool:
    return constant_time_compare(form_token(token), given)


# --- Not too many -----------------------------------------------------------------------------------------------


def too_many(source: str, now: datetime) -> bool:
    return LinkMiss.objects.filter(source=source, at__gt=now - AN_HOUR).count() >= MISSES_AN_HOUR


def missed(source: str, now: datetime) -> None:
    LinkMiss.objects.filter(at__lte=now - AN_HOUR).delete()
    LinkMiss.objects.create(source=source, at=now)


# --- When -------------------------------------------------------------------------------------------------------


def planned_for(visit: Visit) -> tuple[datetime, datetime, datetime] | None:
    """When a signed visit ended, and from when until when its check-in can be answered; None where it has none.

    It has none where nothing was treated, where nobody knows when it ended, and where the person is in a published
    case.
    """
    ended = ended_at(visit)
    if ended is None or visit.course.patient.origin == Origin.PUBLISHED or not visit.treatments.exists():
        return None
    return ended, *window(ended, load())


def ended_at(visit: Visit) -> datetime | None:
    """The end of the patient's appointment that day, or the signature where it came sooner or there was none.

    A visit signed on a later day without an appointment ended nobody knows when.
    """
    signed, zone = visit.signed_at, visit.clinic.zone
    if signed is None:
        return None
    begins = datetime.combine(visit.on, time.min, zone).astimezone(UTC)
    there = Appointment.objects.filter(
        Q(course=visit.course_id) | Q(course__isnull=True),
        patient=visit.course.patient_id,
        status__in=(AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED),
        starts__gte=begins,
        starts__lt=min(begins + timedelta(days=1), signed),
    )
    if last := there.order_by("-ends").first():
        return min(last.ends, signed)
    return signed if signed.astimezone(zone).date() == visit.on else None


def at_work(clinic: Clinic, since: datetime) -> datetime:
    """The first moment from then on at which somebody can be booked; the usual hours where the clinic has set none."""
    zone = clinic.zone
    rows = list(BookableTime.objects.filter(clinic=clinic, clinician__is_active=True))
    today = since.astimezone(zone).date()
    closed = list(ClosedDays.objects.filter(clinic=clinic, last__gte=today))
    for number in range(DAYS_LOOKED_AHEAD):
        day = today + timedelta(days=number)
        for begins, until in sorted(_stretches(day, rows, closed)):
            first, last = (datetime.combine(day, at, zone).astimezone(UTC) for at in (begins, until))
            if since < last:
                return max(since, first)
    return since


def _stretches(day: date, rows: Iterable[BookableTime], closed: Iterable[ClosedDays]) -> list[tuple[time, time]]:
    away = {one.clinician_id for one in closed if one.first <= day <= one.last}
    if None in away:
        return []
    if not rows:
        return [USUAL_HOURS] if day.weekday() < SATURDAY else []
    return [(one.begins, one.until) for one in rows if one.weekday == day.weekday() and one.clinician_id not in away]


# --- What was said ----------------------------------------------------------------------------------------------


def said(check_in: CheckIn) -> Said:
    return Said(
        soreness=check_in.soreness,
        marks=frozenset(check_in.marks),
        mark_size=check_in.mark_size,
        mark_change=check_in.mark_change,
        function=check_in.function,
        exercises_done=check_in.exercises_done,
        worries=frozenset(check_in.worries),
        words=check_in.words,
    )


def understood_now(check_in: CheckIn) -> Understood:
    """What an answer comes to on the shelf of today."""
    on = (check_in.answered_at or check_in.opens_at).astimezone(check_in.clinic.zone).date()
    return understood(said(check_in), on, load())
