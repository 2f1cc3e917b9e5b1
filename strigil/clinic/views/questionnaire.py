"""Instruments that the clinic loads, and one filled in."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from strigil.accounts.gate import own, user_of
from strigil.clinic.actions import Refused
from strigil.clinic.actions.questionnaire import fill_questionnaire, load_questionnaire, put_away_questionnaire
from strigil.clinic.forms.questionnaire import FillForm, LoadForm
from strigil.clinic.models import QuestionnaireFile
from strigil.clinic.tags import in_unit_of
from strigil.clinic.views.reading import moment_of
from strigil.clinic.views.shared import answer, course_context, course_or_404, posted, today_of
from strigil.knowledge import load
from strigil.knowledge.shapes import Measure
from strigil.pathway.questionnaire import MOST_BYTES, Faulty, read

SHOWN = 20
"""Faults that a page lists; more would not help."""


def questionnaires(request: HttpRequest) -> HttpResponse:
    """What the clinic has loaded, and a place to load another or put one away."""
    sent = posted(request)
    if sent is not None and "put_away" in sent:
        return _put_away(request, sent.get("put_away", ""))
    form = LoadForm(sent, request.FILES or None)
    faults: tuple[str, ...] = ()
    if sent is not None and form.is_valid():
        try:
            kept = load_questionnaire(
                by=user_of(request),
                measure=form.cleaned_data["measure"],
                content=form.cleaned_data["file"].read(MOST_BYTES + 1),
                licence=form.cleaned_data["licence"],
                holds_licence=form.cleaned_data["holds_licence"],
                on=today_of(request),
            )
        except Faulty as wrong:
            faults = wrong.faults
            form.add_error("file", "This file cannot be used; what is wrong with it stands above.")
        except Refused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, f"Loaded: {kept.title}, version {kept.edition}.")
            return redirect("questionnaires")
    rows = QuestionnaireFile.objects.filter(clinic_id=user_of(request).clinic_id).select_related("created_by")
    context = {"form": form, "rows": rows, "faults": faults[:SHOWN], "more": max(0, len(faults) - SHOWN)}
    return answer(request, "measure/questionnaires.html", context, valid=not form.errors)


def _put_away(request: HttpRequest, key: str) -> HttpResponse:
    try:
        file = own(request, QuestionnaireFile, uuid.UUID(key))
    except ValueError:
        raise Http404 from None
    put_away_questionnaire(by=user_of(request), file=file, on=today_of(request))
    messages.success(request, f"Put away: {file.title}, version {file.edition}.")
    return redirect("questionnaires")


def fill(request: HttpRequest, key: uuid.UUID, file: uuid.UUID) -> HttpResponse:
    """One questionnaire on one page, for the hand of the patient; it scores itself."""
    course, kept = course_or_404(request, key), own(request, QuestionnaireFile, file, "created_by")
    measure, found = load().shelf(Measure)[kept.measure], read(kept.content.encode())
    form = FillForm(posted(request), questionnaire=found, measure=measure)
    if request.method == "POST" and form.is_valid():
        try:
            reading, why = fill_questionnaire(
                by=user_of(request),
                course=course,
                file=kept,
                on=today_of(request),
                answers=form.answers(),
                moment=moment_of(course),
                side=form.cleaned_data.get("side", ""),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Saved: {measure.short} {in_unit_of(reading.value, measure.id)}. {why}")
            return redirect("measure", course.pk)
    context = course_context(request, course, "measure", form=form, file=kept, measure=measure, found=found)
    return answer(request, "measure/fill.html", context, valid=not form.errors)
