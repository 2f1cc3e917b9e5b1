"""Pages that are not about a patient, and those shown when something is wrong."""

from __future__ import annotations

from contextlib import suppress

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import redirect, render
from django.template.loader import render_to_string

from strigil.accounts.gate import user_of
from strigil.clinic.views.once import drawn_for_another, somebody_else
from strigil.knowledge import load

FORBIDDEN = 403


def home(request: HttpRequest) -> HttpResponse:
    return redirect("today" if request.user.is_authenticated else "sign_in")


def about(request: HttpRequest) -> HttpResponse:
    return render(request, "about.html", {"counts": load().counts()})


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/400.html", status=400)


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Somebody may not do this; or has signed in since on the page of somebody who may."""
    with suppress(SuspiciousOperation, MultiPartParserError, OSError):  # a body that cannot be read says nothing
        if drawn_for_another(request):
            return somebody_else(request, user_of(request), FORBIDDEN)
    return render(request, "errors/403.html", status=FORBIDDEN)


def not_proven(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form came without the token of its page: too old, or sent by another site."""
    return render(request, "errors/csrf.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/404.html", status=404)


def failed(request: HttpRequest) -> HttpResponse:
    """Asks nothing of the database, which may be what failed."""
    return HttpResponse(render_to_string("errors/500.html"), status=500)
