"""Documents to print or to save. Their names hold nothing of a patient."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from strigil.accounts.gate import own, user_of
from strigil.clinic.actions import Refused, papers
from strigil.clinic.models import Visit
from strigil.clinic.views.shared import course_or_404
from strigil.clinic.views.visit_page import copied_titles


def course_report(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The whole course with its charts and doses."""
    course = course_or_404(request, key)
    return _sent(
        request, "course-report", lambda: papers.print_report(by=user_of(request), course=course), "course", key
    )


def referral(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The letter to whoever referred the patient."""
    course = course_or_404(request, key)
    return _sent(
        request,
        "letter-to-referrer",
        lambda: papers.print_referral(by=user_of(request), course=course),
        "course",
        key,
    )


def home_programme(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The exercises of the patient, to take home."""
    course = course_or_404(request, key)
    return _sent(
        request,
        "home-programme",
        lambda: papers.print_home_programme(by=user_of(request), course=course),
        "home_programme",
        key,
    )


def visit_note(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The note of one visit."""
    visit = _visit(request, key)
    copied = copied_titles(visit)
    return _sent(
        request,
        "visit-note",
        lambda: papers.print_note(by=user_of(request), visit=visit, copied=copied),
        "visit",
        key,
    )


def after_session(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """What to expect after the session and when to call."""
    visit = _visit(request, key)
    return _sent(
        request,
        "after-your-session",
        lambda: papers.print_after_session(by=user_of(request), visit=visit),
        "visit",
        key,
    )


def _visit(request: HttpRequest, key: uuid.UUID) -> Visit:
    return own(request, Visit, key, "course__patient", "clinic", "signed_by")


def _sent(request: HttpRequest, name: str, write: Callable[[], bytes], back: str, key: uuid.UUID) -> HttpResponse:
    """The document, kept nowhere on its way; or back to its page with the reason why there is none."""
    try:
        made = write()
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(back, key)
    named = {"Content-Disposition": f'inline; filename="{name}.pdf"', "Cache-Control": "no-store"}
    return HttpResponse(made, content_type="application/pdf", headers=named)
