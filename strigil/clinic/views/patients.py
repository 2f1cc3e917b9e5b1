from __future__ import annotations

import uuid

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from strigil.accounts.gate import own, user_of
from strigil.clinic.actions import Refused
from strigil.clinic.actions.register import correct_patient, folded, register_patient
from strigil.clinic.forms.patients import PatientForm
from strigil.clinic.models import Patient
from strigil.clinic.offers import TAKES_TIME
from strigil.clinic.views.shared import answer, patient_bar, posted, refuse, today_of

PAGE = 40


def patients(request: HttpRequest) -> HttpResponse:
    """Find a patient by any part of the name, whatever its case and accents."""
    asked = request.GET.get("q", "").strip()[:200]
    after, _, last = request.GET.get("after", "").replace("\0", "")[:300].rpartition("/")
    found: QuerySet[Patient] = Patient.objects.filter(clinic_id=user_of(request).clinic_id).order_by("search", "id")
    if asked:
        found = found.filter(search__contains=folded(asked))
    if key := _uuid(last):
        found = found.filter(Q(search__gt=after) | Q(search=after, id__gt=key), search__gte=after)
    rows = list(found[: PAGE + 1])
    more = f"{rows[PAGE - 1].search}/{rows[PAGE - 1].pk}" if len(rows) > PAGE else ""
    return answer(request, "patients/list.html", {"patients": rows[:PAGE], "asked": asked, "more": more})


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def patient(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """One patient: who it is, and the episodes of care."""
    found = own(request, Patient, key, "clinic")
    coming = found.appointments.filter(ends__gte=timezone.now(), status__in=TAKES_TIME).select_related("clinician")
    context = {"patient": found, "courses": found.courses.all(), "bar": patient_bar(found, today_of(request))}
    return answer(request, "patients/one.html", context | {"coming": coming, "zone": found.clinic.zone})


def register(request: HttpRequest) -> HttpResponse:
    sent = posted(request)
    same = _same_name(request, sent.get("name", "")) if sent is not None else []
    form = PatientForm(sent, today=today_of(request), same_name=bool(same))
    if request.method == "POST" and form.is_valid():
        given = {name: value for name, value in form.cleaned_data.items() if name not in ("version", "another")}
        try:
            made = register_patient(by=user_of(request), **given)
        except Refused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, f"{made.name} is registered.")
            return redirect("patient", made.pk)
    return answer(request, "patients/form.html", {"form": form, "same": same}, valid=not form.errors)


def edit_patient(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    found = own(request, Patient, key)
    held = ("name", "born", "sex", "phone", "email", "may_mail", "note", "version")
    initial = {name: getattr(found, name) for name in held}
    form = PatientForm(posted(request), initial=initial, today=today_of(request))
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        seen = given.pop("version") or 0
        try:
            correct_patient(by=user_of(request), patient=found, seen=seen, **given)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, "Saved.")
            return redirect("patient", found.pk)
    context = {"form": form, "patient": found, "bar": patient_bar(found, today_of(request))}
    return answer(request, "patients/form.html", context, valid=not form.errors)


def _same_name(request: HttpRequest, name: str) -> list[Patient]:
    """People who may be the same person, so that nobody is registered twice unseen."""
    if not folded(name):
        return []
    return list(Patient.objects.filter(clinic_id=user_of(request).clinic_id, search=folded(name))[:5])
