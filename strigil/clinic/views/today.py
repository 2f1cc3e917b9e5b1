from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from strigil.accounts.gate import user_of
from strigil.accounts.models import Clinic
from strigil.accounts.policy import may
from strigil.clinic import needs, offers
from strigil.clinic.clock import all_in_doubt
from strigil.clinic.models import (
    Appointment,
    AppointmentStatus,
    CheckIn,
    ReactionCheck,
    Screening,
    Visit,
    VisitStatus,
    When,
)
from strigil.clinic.standing import stands
from strigil.clinic.views.book import UNDO_WITHIN, done
from strigil.clinic.views.shared import answer, today_of
from strigil.knowledge import load
from strigil.pathway.facts import Outcome
from strigil.pathway.plan import reviews

SHOWN = 40
ASKED_WITHIN = timedelta(days=7)
REVIEWED_WITHIN = timedelta(days=14)


def today(request: HttpRequest) -> HttpResponse:
    """What is on today, and what waits for somebody."""
    on, clinic, role = today_of(request), user_of(request).clinic, user_of(request).role
    visits = Visit.objects.filter(clinic_id=clinic.pk).select_related("course__patient")
    rows = _appointments(request, on)
    reads = may("course", "GET", role)
    listed = {row.course for row in rows}
    todays = _screened(visits.filter(on=on).order_by("created_at", "id"))
    context = {
        "on": on,
        "zone": clinic.zone,
        "rows": rows,
        "requests": _requests(request) if may("confirm_request", "GET", role) else [],
        "done": done(request),
        "now": timezone.now(),
        "to_look_at": _to_look_at(request) if reads else [],
        "looked": _looked(request) if reads else None,
        "todays": _with_standing([one for one in todays if one.course_id not in listed], on, clinic),
        "drafts": visits.filter(status=VisitStatus.DRAFT, on__lt=on).order_by("on", "id")[:SHOWN],
        "unasked": _unasked(visits, on)[:SHOWN],
        "due": _review_due(visits, on)[:SHOWN],
        "due_from": f"review is due from visit {min(reviews(load()))} on",
    }
    return answer(request, "today.html", context)


def _appointments(request: HttpRequest, on: date) -> list[needs.Row]:
    """The day's appointments by time; what the patients need is for those who read the record of care."""
    clinic = user_of(request).clinic
    shown = (AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED, AppointmentStatus.MISSED)
    found = offers.of_days(clinic, on, on).filter(status__in=shown, patient__isnull=False)
    return needs.of_day(found, on, clinic, with_care=may("course", "GET", user_of(request).role))


def _check_ins(request: HttpRequest) -> QuerySet[CheckIn]:
    found = CheckIn.objects.filter(clinic_id=user_of(request).clinic_id)
    return found.select_related("clinic", "looked_by", "visit__course__patient")


def _to_look_at(request: HttpRequest) -> list[CheckIn]:
    """What patients said that is not expected and nobody has looked at; the most urgent first."""
    waiting = _check_ins(request).filter(look_by__isnull=False, looked_at__isnull=True)
    return list(waiting.order_by("look_by", "id")[:SHOWN])


def _looked(request: HttpRequest) -> CheckIn | None:
    """The one that was looked at a moment ago, to be taken back."""
    try:
        key = UUID(request.GET.get("looked", ""))
    except ValueError:
        return None
    return _check_ins(request).filter(pk=key, looked_at__gt=timezone.now() - UNDO_WITHIN).first()


def _requests(request: HttpRequest) -> list[Appointment]:
    asked = Appointment.objects.filter(clinic_id=user_of(request).clinic_id, status=AppointmentStatus.REQUESTED)
    return list(asked.select_related("clinician").order_by("starts", "id")[:SHOWN])


def _screened(visits: QuerySet[Visit]) -> QuerySet[Visit]:
    newest = Screening.objects.filter(course=OuterRef("course")).order_by("-id")
    return visits.annotate(
        screening=Subquery(newest.values("id")[:1]),
        screened_as=Subquery(newest.values("outcome")[:1]),
        screened_on=Subquery(newest.values("on")[:1]),
    )[:SHOWN]


def _with_standing(visits: list[Any], on: date, clinic: Clinic) -> list[Any]:
    """Visits with what the screens of their courses mean on the day."""
    doubted = all_in_doubt({one.screening: on for one in visits if one.screened_on == on}, clinic)
    for one in visits:
        day = None if one.screening in doubted else one.screened_on
        one.standing = stands(one.screened_as or Outcome.INCOMPLETE, day, on)
    return visits


def _newest(visits: QuerySet[Visit], since: date) -> QuerySet[Visit]:
    """Signed visits since a day that are the newest of an open course."""
    later = Visit.objects.filter(course=OuterRef("course"), number__gt=OuterRef("number"))
    signed = visits.filter(status=VisitStatus.SIGNED, on__gte=since, course__status="open")
    return signed.filter(~Exists(later)).order_by("on", "id")


def _unasked(visits: QuerySet[Visit], on: date) -> QuerySet[Visit]:
    """Treated since, and nobody has asked how the skin was."""
    asked = ReactionCheck.objects.filter(visit=OuterRef("pk"), complete=True).exclude(when=When.END)
    return _newest(visits, on - ASKED_WITHIN).filter(~Exists(asked), on__lt=on, treatments__isnull=False).distinct()


def _review_due(visits: QuerySet[Visit], on: date) -> QuerySet[Visit]:
    """At or past a visit at which response is reviewed."""
    first = min(reviews(load()))
    return _newest(visits, on - REVIEWED_WITHIN).filter(number__gte=first)
