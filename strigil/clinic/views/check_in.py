"""The check-in: the page a patient's link opens, and the clinician's touch that says an answer was looked at."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from strigil.accounts.gate import own, user_of
from strigil.accounts.sign_in.place import source_of
from strigil.clinic import check_ins
from strigil.clinic.actions import Refused, StaleVersion
from strigil.clinic.actions import check_in as actions
from strigil.clinic.forms.check_in import CheckInForm
from strigil.clinic.models import CheckIn, RequestPage
from strigil.clinic.views.by_patients import private
from strigil.clinic.views.shared import answer, posted
from strigil.knowledge import load
from strigil.knowledge.shapes import PatientEducation, Reaction
from strigil.pathway.respond.check_in import signs

NOT_OPEN, TOO_MANY = 404, 429


# --- The patient's page -----------------------------------------------------------------------------------------


@csrf_exempt
def check_in(request: HttpRequest, token: str) -> HttpResponse:
    """Ask once. A link that is early, late, used, altered or guessed gets one and the same page.

    Nobody is signed in here and no cookie is read, so no other site can borrow anybody's right; the form carries a
    token of its own. See ADR 0015.
    """
    now, source, sent = timezone.now(), source_of(request), posted(request)
    if check_ins.too_many(source, now):
        return _page(request, "check_in/busy.html", {}, status=TOO_MANY)
    found = check_ins.opened(token, now)
    if found is None or (sent is not None and not check_ins.is_from_form(token, sent.get("form", ""))):
        check_ins.missed(source, now)
        return _not_open(request)
    form = CheckInForm(sent)
    if sent is not None and form.is_valid():
        try:
            made = actions.answer_check_in(check_in=found, said=form.said(), now=now)
        except actions.Closed:
            check_ins.missed(source, now)
            return _not_open(request)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return _page(
                request, "check_in/thanks.html", _clinic(made) | {"look": made.look_by is not None} | _advice()
            )
    context = _clinic(found) | {"form": form, "form_token": check_ins.form_token(token)} | _advice()
    return _page(request, "check_in/ask.html", context, status=422 if form.errors else 200)


def _not_open(request: HttpRequest) -> HttpResponse:
    return _page(request, "check_in/not_open.html", _advice(), status=NOT_OPEN)


def _page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    response = private(answer(request, template, context))
    response.status_code = status
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _clinic(found: CheckIn) -> dict[str, Any]:
    """Who asks: the clinic and its telephone, and nothing of the patient."""
    page = RequestPage.objects.filter(clinic_id=found.clinic_id).first()
    return {"clinic": found.clinic, "phone": page.phone if page else ""}


def _advice() -> dict[str, Any]:
    """What is said to everybody, with where it comes from; the same whatever was answered."""
    asked = signs(load())
    return {
        "at_once": [words for _, words, at_once in asked if at_once],
        "when_call": load().shelf(PatientEducation)["when_call"],
        "sources": [_place(key) for key, _, _ in asked],
    }


def _place(key: str) -> tuple[str, str]:
    """The page of the shelf behind a sign."""
    rule = load().rules.get(key)
    folder, name = (rule.folder, rule.id) if rule else ("reactions", key)
    title = rule.title if rule else load().shelf(Reaction)[key].title
    return title, reverse("knowledge_item", args=[folder, name])


# --- The clinician's list ---------------------------------------------------------------------------------------


def look_at_check_in(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Done with one touch and, if there is something to say, a note; ``again`` takes it back."""
    found = own(request, CheckIn, key, "visit__course")
    seen = request.POST.get("version", "")
    given: dict[str, Any] = {"by": user_of(request), "check_in": found}
    given["seen"] = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0
    try:
        if "again" in request.POST:
            actions.look_again(**given)
            messages.success(request, "It is still to be looked at.")
        else:
            note = request.POST.get("note", "").replace("\0", "")[:500]
            actions.look_at(**given, note=note, now=timezone.now())
            return redirect(reverse("today") + f"?looked={found.pk}#to-look-at")
    except StaleVersion as stale:
        return answer(request, "errors/stale.html", {"why": stale, "typed": request.POST.get("note", "")})
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(reverse("today") + "#to-look-at")
