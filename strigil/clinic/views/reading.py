"""One reading of one measure: typed, or read with the phone."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from strigil.accounts.gate import user_of
from strigil.clinic import gather
from strigil.clinic.actions import Refused
from strigil.clinic.actions.evaluate import record_readings
from strigil.clinic.forms.reading import InclineForm, OneReadingForm, TypedForm
from strigil.clinic.measuring import fillable
from strigil.clinic.models import Course, Reading
from strigil.clinic.views.shared import answer, course_context, course_or_404, posted, today_of
from strigil.knowledge import load
from strigil.knowledge.shapes import Measure
from strigil.pathway import facts
from strigil.pathway.facts import Moment
from strigil.pathway.incline import METHOD as PHONE
from strigil.pathway.incline import phone
from strigil.pathway.measure import with_unit
from strigil.pathway.questionnaire import METHOD as FILLED
from strigil.pathway.treat import spoken


def reading(request: HttpRequest, key: uuid.UUID, measure: str) -> HttpResponse:
    """One measure: what it asks, in which range, and its value."""
    course, found = course_or_404(request, key), measure_or_404(measure)
    taken = Reading.objects.filter(course=course, measure=found.id).exclude(moment=Moment.AFTER)
    typed = taken.exclude(method__startswith=PHONE).exclude(method=FILLED)
    activities = list(dict.fromkeys(taken.exclude(detail="").order_by("id").values_list("detail", flat=True)))
    form = TypedForm(posted(request), measure=found, last=newest(typed), activities=activities)
    if (saved := save(request, course, form)) is not None:
        return saved
    return answer(
        request,
        "measure/reading.html",
        reading_context(request, course, form, phone=phone(found, load()), files=fillable(course, found.id)),
        valid=not form.errors,
    )


def incline(request: HttpRequest, key: uuid.UUID, measure: str) -> HttpResponse:
    """The phone as inclinometer: the angle between a start and an end."""
    course, found = course_or_404(request, key), measure_or_404(measure)
    offer = phone(found, load())
    if not offer.offered:
        context = course_context(request, course, "measure", measure=found, phone=offer)
        return answer(request, "measure/not_by_phone.html", context, valid=request.method != "POST")
    taken = Reading.objects.filter(course=course, measure=found.id, method__startswith=PHONE)
    form = InclineForm(posted(request), measure=found, last=newest(taken.exclude(moment=Moment.AFTER)))
    if (saved := save(request, course, form)) is not None:
        return saved
    context = reading_context(request, course, form, phone=offer)
    return answer(request, "measure/incline.html", context, valid=not form.errors)


def measure_or_404(key: str) -> Measure:
    found = load().shelf(Measure).get(key)
    if found is None:
        raise Http404
    return found


def newest(taken: Any) -> facts.Reading | None:
    row = taken.order_by("on", "id").last()
    return gather.reading(row) if row else None


def moment_of(course: Course) -> Moment:
    """Before the first visit that was signed, a reading is one of the start."""
    return Moment.BEFORE if course.is_treated else Moment.BASELINE  # type: ignore[attr-defined]


def save(request: HttpRequest, course: Course, form: OneReadingForm) -> HttpResponse | None:
    """Where to go once the reading is kept; None while there is nothing to keep, or something to mend."""
    if request.method != "POST" or not form.is_valid():
        return None
    given = form.reading(moment_of(course))
    try:
        record_readings(by=user_of(request), course=course, on=today_of(request), readings=[given])
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return None
    messages.success(request, f"Saved: {form.measure.short}.")
    return redirect("measure", course.pk)


def reading_context(request: HttpRequest, course: Course, form: OneReadingForm, **more: Any) -> dict[str, Any]:
    since = spoken(form.last.on) if form.last else ""
    copied = form.copied()
    fields = [
        {
            "field": form[name],
            "scale": name == "value" and form[name].use_fieldset and len(form.fields["value"].choices) == 11,  # type: ignore[attr-defined]
            "number": name == "value" and not form[name].use_fieldset,
            "copied_from": since if name in copied else "",
            "last": last_words(form, name),
        }
        for name in form.fields
    ]
    ticked = {name for name in form.fields if f"{name}-confirmed" in request.POST}
    extra = {"form": form, "fields": fields, "measure": form.measure, "before": form.last, "page": {"ticked": ticked}}
    return course_context(request, course, "measure", **extra, **more)


def last_words(form: OneReadingForm, name: str) -> str:
    """What stood in a field the last time, where that is shown beside it: the side, and the value with its side."""
    if form.last is None or name not in ("side", "value"):
        return ""
    value = with_unit(form.last.value, form.measure.unit_name) if name == "value" else ""
    said = ", ".join(part for part in (value, form.last.side or "") if part)
    return f"last: {said}" if said else ""
