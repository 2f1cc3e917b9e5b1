"""A form that is sent twice is done once, by the person whose page it was."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseRedirectBase
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone

from strigil.accounts.gate import user_of, works_here
from strigil.accounts.models import User
from strigil.clinic.actions.draft import forget_draft, forget_drafts_of
from strigil.clinic.models import Sent
from strigil.clinic.views.shared import CONFLICT, UNPROCESSABLE

KEPT = timedelta(days=30)
NOT_THE_FORM = ("csrfmiddlewaretoken",)
LONGEST = Sent._meta.get_field("to").max_length or 0
View = Callable[[HttpRequest, uuid.UUID], HttpResponse]


class Done(HttpResponseRedirect):
    """The form was taken, and this is where it leads. Any other answer undoes what the view did."""


def done(to: str, *args: object) -> Done:
    return Done(resolve_url(to, *args))


class _NotTaken(Exception):
    """Undoes the transaction of a form that was not taken; carries the page that says why."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.response = response


def once(page: str) -> Callable[[View], View]:
    """For a view that writes. ``page`` names it; what was typed into it is let go in the transaction that saves it.

    A key that this person sent before, with the same values, is answered as it was then. With other values it is a
    new wish: where the form has a version, that makes it a conflict; where it has none, it is refused.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def run(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
            if request.method != "POST":
                return view(request, key)
            by = user_of(request)
            if drawn_for_another(request):
                return somebody_else(request, by)
            sent = _key(request)
            if (earlier := _earlier(request, by, sent)) is not None:
                return redirect(earlier.to)
            try:
                return _take(request, key, view, page, sent)
            except _NotTaken as refused:
                return refused.response
            except IntegrityError:
                # The same form came twice at the same moment, and the other was faster.
                if (earlier := _earlier(request, by, sent)) is None:
                    raise
                return redirect(earlier.to)

        run.keeps_once = True  # type: ignore[attr-defined]
        return run

    return wrap


class SentOnce:
    """Any other form that comes with a key is done once too, and its key kept in the transaction that does it.

    What the view answers with a redirect is taken; any other answer leaves the key for the form to be mended.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if request.method != "POST" or not _at_work(request) or hasattr(view, "keeps_once"):
            return None
        by = user_of(request)
        if drawn_for_another(request):
            return somebody_else(request, by)
        if (sent := _key(request)) is None:
            return None
        if (earlier := _earlier(request, by, sent)) is not None:
            return redirect(earlier.to)
        try:
            with transaction.atomic():
                if (taken := Sent.objects.filter(created_by=by, key=sent).first()) and "version" not in request.POST:
                    return _taken_otherwise(request, taken)
                response = view(request, *args, **kwargs)
                if taken is None and isinstance(response, HttpResponseRedirectBase):
                    _keep(request, by, sent, response.url)
                return response
        except IntegrityError:
            if (earlier := _earlier(request, by, sent)) is None:
                raise
            return redirect(earlier.to)


def _at_work(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and works_here(request.user)


def _keep(request: HttpRequest, by: User, sent: uuid.UUID, to: str) -> None:
    match = request.resolver_match
    action = (match.url_name if match else None) or ""
    fits = to if len(to) <= LONGEST else to.partition("?")[0]
    Sent.objects.filter(created_by=by, created_at__lt=timezone.now() - KEPT).delete()
    Sent.objects.create(
        clinic_id=by.clinic_id, created_by=by, key=sent, action=action, sha256=_sha256(request), to=fits
    )


def drawn_for_another(request: HttpRequest) -> bool:
    """Whether the page of a form says that it was drawn for one person, and another has signed in since."""
    return _at_work(request) and request.POST.get("author", str(request.user.pk)) != str(request.user.pk)


def somebody_else(request: HttpRequest, by: User, status: int = CONFLICT) -> HttpResponse:
    """Says who is signed in now, and that nothing was saved."""
    why = f"{by.display_name} is signed in now, and this page was opened by somebody else. Sign in as who typed it."
    if "Strigil-Send" in request.headers:
        return JsonResponse({"why": why}, status=status)
    return render(request, "errors/somebody_else.html", {"why": why}, status=status)


@transaction.atomic
def _take(request: HttpRequest, key: uuid.UUID, view: View, page: str, sent: uuid.UUID | None) -> HttpResponse:
    by = user_of(request)
    claim = _claim(request, by, page, sent)
    response = view(request, key)
    if not isinstance(response, Done):
        raise _NotTaken(response)
    if claim is not None:
        Sent.objects.filter(pk=claim.pk).update(to=response.url)
    if page == "discard_visit":
        forget_drafts_of(by=by, about=key)
    else:
        forget_draft(by=by, page=page, about=key)
    return response


def _claim(request: HttpRequest, by: User, page: str, sent: uuid.UUID | None) -> Sent | None:
    if sent is None:
        return None
    if (taken := Sent.objects.filter(created_by=by, key=sent).first()) is not None:
        if taken.sha256 == _sha256(request):
            # Taken since this was last looked for.
            raise _NotTaken(redirect(taken.to))
        if "version" not in request.POST:
            raise _NotTaken(_taken_otherwise(request, taken))
        return None
    Sent.objects.filter(created_by=by, created_at__lt=timezone.now() - KEPT).delete()
    return Sent.objects.create(
        clinic_id=by.clinic_id, created_by=by, key=sent, action=page, sha256=_sha256(request), to=request.path
    )


def _taken_otherwise(request: HttpRequest, taken: Sent) -> HttpResponse:
    """The page was sent before and taken, and comes again with other values."""
    typed = [
        (re.sub(r"[_-]+", " ", name).capitalize(), ["yes" if one == "on" else one for one in held])
        for name, held in request.POST.lists()
        if name not in (*NOT_THE_FORM, "once", "author") and any(held)
    ]
    context = {"to": taken.to, "at": taken.created_at, "again": request.path, "typed": typed}
    return render(request, "errors/taken.html", context, status=UNPROCESSABLE)


def _earlier(request: HttpRequest, by: User, sent: uuid.UUID | None) -> Sent | None:
    return Sent.objects.filter(created_by=by, key=sent, sha256=_sha256(request)).first() if sent else None


def taken_before(by: User, once: object) -> Sent | None:
    """What came of the form with this key, if it was taken: for a page that has heard no answer."""
    sent = _uuid(once)
    return Sent.objects.filter(created_by=by, key=sent).first() if sent else None


def _key(request: HttpRequest) -> uuid.UUID | None:
    return _uuid(request.POST.get("once"))


def _uuid(given: object) -> uuid.UUID | None:
    try:
        return uuid.UUID(given) if isinstance(given, str) else None
    except ValueError:
        return None


def _sha256(request: HttpRequest) -> str:
    """The form and where it was sent, without the token that changes at every sign-in."""
    values = [(name, given) for name, given in sorted(request.POST.lists()) if name not in NOT_THE_FORM]
    values += [(name, [_sum(one) for one in given]) for name, given in sorted(request.FILES.lists())]
    return hashlib.sha256(json.dumps([request.path, values]).encode()).hexdigest()


def _sum(file: UploadedFile[bytes]) -> str:
    found = hashlib.sha256()
    for part in file.chunks():
        found.update(part)
    file.seek(0)
    return found.hexdigest()
