from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse

from strigil.accounts.gate import own, user_of
from strigil.clinic import again
from strigil.clinic.models import Screening
from strigil.clinic.views.shared import answer, course_context, course_or_404
from strigil.knowledge import load

SHOWN = 50
TOLD_FIRST = ("yes", "unknown", "no")


def screenings(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Every decision of a course, newest first."""
    course = course_or_404(request, key)
    rows = course.screenings.select_related("created_by").defer("inputs").order_by("-id")
    context = course_context(request, course, "screen", rows=rows[:SHOWN], more=max(rows.count() - SHOWN, 0))
    return answer(request, "again/screenings.html", context)


def screening(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """One decision as it was made, with what it rests on, and made again."""
    found = own(request, Screening, key, "created_by")
    course = course_or_404(request, found.course_id)
    answers = sorted(found.inputs["findings"], key=lambda one: TOLD_FIRST.index(one["answer"]))
    context = course_context(request, course, "screen", found=found, answers=answers, again=again.decided_again(found))
    return answer(request, "again/screening.html", context)


def changed(request: HttpRequest) -> HttpResponse:
    """Open courses that today's knowledge would decide otherwise."""
    given = request.GET.get("after")
    try:
        after = uuid.UUID(given) if given else None
    except ValueError:
        raise Http404 from None
    rows, last = again.changed(user_of(request).clinic_id, after)
    context = {"rows": rows, "last": last, "at_once": again.AT_ONCE, "version": load().version}
    return answer(request, "again/changed.html", context)
