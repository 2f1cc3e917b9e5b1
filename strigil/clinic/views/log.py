"""Who saw and changed what: of one patient, and of the clinic."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from strigil.accounts.gate import own, user_of
from strigil.accounts.models import LogLine, User
from strigil.clinic import log
from strigil.clinic.models import Patient
from strigil.clinic.views.shared import answer, patient_bar, today_of


def patient_log(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    patient = own(request, Patient, key, "clinic")
    asked = _asked(request)
    context = _page(request, log.of_patient(patient.clinic, patient.pk, asked), asked)
    return answer(
        request, "log/patient.html", context | {"patient": patient, "bar": patient_bar(patient, today_of(request))}
    )


def clinic_log(request: HttpRequest) -> HttpResponse:
    asked = _asked(request)
    return answer(request, "log/clinic.html", _page(request, log.of_clinic(user_of(request).clinic, asked), asked))


def _page(request: HttpRequest, lines: QuerySet[LogLine], asked: log.Asked) -> dict[str, Any]:
    clinic = user_of(request).clinic
    found = list(lines[: log.PAGE + 1])
    shown = log.entries(found[: log.PAGE], clinic)
    more = len(found) > log.PAGE
    if more and len(shown) > 1:
        shown.pop()  # its older lines are on the next page
    return {
        "entries": shown,
        "asked": asked,
        "people": User.objects.filter(clinic=clinic).order_by("display_name", "id"),
        "zone": clinic.zone,
        "more": shown[-1].seq if more and shown else None,
    }


def _asked(request: HttpRequest) -> log.Asked:
    """What cannot be read is as if it were not asked."""
    given = request.GET
    before = given.get("before", "")
    return log.Asked(
        who=_read(uuid.UUID, given.get("who", "")),
        on=_read(date.fromisoformat, given.get("on", "")),
        refused="refused" in given,
        before=int(before) if before.isdecimal() and len(before) < 16 else None,
    )


def _read(reader: Any, text: str) -> Any:
    try:
        return reader(text) if text else None
    except ValueError:
        return None
