from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from strigil.accounts.gate import user_of
from strigil.accounts.policy import may
from strigil.clinic.actions import Refused
from strigil.clinic.actions import measure as actions
from strigil.clinic.actions.evaluate import record_readings
from strigil.clinic.charts import response_figures
from strigil.clinic.forms.evaluate import SeriesForm
from strigil.clinic.forms.measure import GoOnForm
from strigil.clinic.measuring import filled_again, offers
from strigil.clinic.models import Course
from strigil.clinic.views.shared import answer, course_context, course_or_404, posted, today_of
from strigil.clinic.views.visit_page import latest_readings
from strigil.pathway.facts import Moment


def measure(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """How far each measure has moved, against what error and people's judgement would make of it."""
    course = course_or_404(request, key)
    sent = posted(request)
    form = SeriesForm(sent, series=latest_readings(course)[0], moments=(Moment.BEFORE,), prefix="measured")
    if sent is not None and form.is_valid():
        readings = form.readings()
        try:
            record_readings(by=user_of(request), course=course, on=today_of(request), readings=readings)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            said = f"{len(readings)} {'reading' if len(readings) == 1 else 'readings'} saved."
            messages.success(request, said if readings else "Nothing was filled in, so nothing was saved.")
            return redirect("measure", course.pk)
    return _page(request, course, form)


def go_on(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Go on though a review advises a change or a stop, with a reason."""
    course = course_or_404(request, key)
    form = GoOnForm(posted(request))
    if form.is_valid():
        gate, reason = form.cleaned_data["gate"], form.said()
        try:
            actions.go_on(by=user_of(request), course=course, on=today_of(request), gate=gate, reason=reason)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Kept: the course goes on. It is asked again at the next review.")
            return redirect("course", course.pk)
    series = SeriesForm(None, series=latest_readings(course)[0], moments=(Moment.BEFORE,), prefix="measured")
    return _page(request, course, series, go_on=form)


def _page(request: HttpRequest, course: Course, form: SeriesForm, go_on: GoOnForm | None = None) -> HttpResponse:
    again = filled_again(course, form.given)
    context = course_context(request, course, "measure", form=form, again=again)
    if course.is_open and may("reading", "GET", user_of(request).role):
        context["offers"] = offers(course, {one.measure for one in form.given})
    context |= response_figures(course, context["on"], whole=request.GET.get("visits") == "all")
    context |= {"go_on": go_on} if go_on else {}
    return answer(request, "measure/measure.html", context, valid=not form.errors and not (go_on and go_on.errors))
