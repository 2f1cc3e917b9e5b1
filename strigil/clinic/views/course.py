from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from strigil.accounts.gate import user_of
from strigil.clinic.actions import Refused
from strigil.clinic.actions.evaluate import close_course as close
from strigil.clinic.actions.papers import NO_REFERRAL, NO_REPORT
from strigil.clinic.bodies import course_bodies
from strigil.clinic.charts import response_figures
from strigil.clinic.forms.treat import CloseForm
from strigil.clinic.models import VisitStatus
from strigil.clinic.views.shared import answer, course_context, course_or_404, posted, refuse, today_of


def course(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The whole course on one page."""
    found = course_or_404(request, key)
    context = course_context(request, found, "")
    context |= response_figures(found, context["on"], whole=request.GET.get("visits") == "all")
    context |= course_bodies(context["visits"], context["visits_in_all"])
    context |= {
        "plan": found.plans.prefetch_related("areas").order_by("id").last(),
        "sites": found.sites.all(),
        "goals": found.goals.all(),
        "unprintable": _unprintable(context),
        "draft": next((one for one in context["visits"] if one.status == VisitStatus.DRAFT), None),
    }
    return answer(request, "course/course.html", context)


def _unprintable(context: dict[str, Any]) -> dict[str, str]:
    """Why a document of the course cannot be printed yet, by its route."""
    why = {}
    if not context["figures"] and not context["visits"]:
        why["course_report"] = NO_REPORT
    if not context["facts"]:
        why["referral"] = NO_REFERRAL
    return why


def close_course(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """End the episode of care."""
    found = course_or_404(request, key)
    form = CloseForm(posted(request), initial={"version": found.version})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            close(
                by=user_of(request),
                course=found,
                seen=given["version"],
                on=today_of(request),
                status=given["status"],
                note=given["note"].strip(),
            )
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, "The course is closed.")
            return redirect("course", found.pk)
    return answer(request, "course/close.html", course_context(request, found, "", form=form), valid=not form.errors)
