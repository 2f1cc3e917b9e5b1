from __future__ import annotations

import json
import uuid
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect

from strigil.accounts.gate import own, user_of
from strigil.accounts.policy import may
from strigil.clinic.actions import Refused, StaleVersion
from strigil.clinic.actions import draft as actions
from strigil.clinic.actions.draft import Typed
from strigil.clinic.models import Course, Draft, DraftPage, Visit
from strigil.clinic.views.once import somebody_else, taken_before
from strigil.clinic.views.shared import CONFLICT, UNPROCESSABLE, storable

KEPT_BESIDE = ("csrfmiddlewaretoken", "author", "once", "version", "began")


def draft(request: HttpRequest, key: uuid.UUID, page: str) -> HttpResponse:
    """Keep what is typed into a form, as it stands; ``forget`` lets go of it."""
    by = user_of(request)
    if page not in DraftPage.values:
        raise Http404
    if not may(page, "POST", by.role):
        raise PermissionDenied
    record: Visit | Course
    if page in (DraftPage.VISIT, DraftPage.AMEND):
        record = own(request, Visit, key, "course")
    else:
        record = own(request, Course, key)
    sent = _sent(request)
    if sent is None:
        return JsonResponse({"why": "This is no draft."}, status=UNPROCESSABLE)
    if str(sent.get("author", by.pk)) != str(by.pk):
        return somebody_else(request, by)
    patient = record.course.patient_id if isinstance(record, Visit) else record.patient_id
    if str(sent.get("patient", patient)) != str(patient):
        return JsonResponse({"why": "This was typed about another patient."}, status=CONFLICT)
    if (taken := taken_before(by, sent.get("once"))) is not None:
        return _answer(request, page, key, {"kept": None, "to": taken.to})
    if sent.get("forget"):
        actions.forget_draft(by=by, page=page, about=key, seen=sent.get("seen"))
        return _answer(request, page, key, {"kept": None})
    try:
        kept = actions.keep_draft(by=by, page=page, record=record, seen=sent["seen"], typed=sent["typed"])
    except StaleVersion:
        found = actions.own_draft(by, page, key)
        if found and found.values == sent["typed"].values:
            # The page was left before it heard that this had arrived.
            return _answer(request, page, key, {"kept": told(found)})
        return JsonResponse({"kept": found and told(found)}, status=CONFLICT)
    except Refused as refusal:
        return JsonResponse({"why": str(refusal)}, status=UNPROCESSABLE)
    return _answer(request, page, key, {"kept": told(kept)})


def told(kept: Draft) -> dict[str, Any]:
    """A draft as the page takes it."""
    return {
        "seen": kept.version,
        "version": kept.based_on,
        "values": kept.values,
        "began": kept.began,
        "also": kept.also,
        "at": kept.saved_at.isoformat(),
    }


def _answer(request: HttpRequest, page: str, key: uuid.UUID, said: dict[str, Any]) -> HttpResponse:
    """To a script, what is kept; to a plain form, the page it came from."""
    if request.content_type == "application/json" or "Strigil-Send" in request.headers:
        return JsonResponse(said)
    return redirect(page, key)


def _sent(request: HttpRequest) -> dict[str, Any] | None:
    """What came, as JSON or as the form itself; None where it is neither, or holds what no database keeps."""
    came = _as_json(request) if request.content_type == "application/json" else _as_form(request)
    if came is None or "typed" not in came:
        return came
    typed: Typed = came["typed"]
    return came if storable([typed.values, typed.began, typed.also]) else None


def _as_form(request: HttpRequest) -> dict[str, Any]:
    given = request.POST
    values = {name: held for name, held in given.lists() if name not in KEPT_BESIDE}
    based_on = given.get("version", "")
    return {
        "author": given.get("author") or str(user_of(request).pk),
        "forget": "forget" in given,
        "seen": None if "forget" in given else 0,
        "typed": Typed(values, based_on=int(based_on) if based_on.isdecimal() and len(based_on) < 10 else 0),
    }


def _as_json(request: HttpRequest) -> dict[str, Any] | None:
    try:
        came = json.loads(request.body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(came, dict):
        return None
    numbers = [came.get(name, 0) for name in ("seen", "version")]
    if any(type(number) is not int or not 0 <= number < 2**31 for number in numbers):
        return None
    if came.get("forget") is True:
        return {name: came[name] for name in ("forget", "author", "patient", "seen") if name in came}
    values, began, also = (came.get(name, {}) for name in ("values", "began", "also"))
    if not (_are_values(values) and _are_values(began) and isinstance(also, dict)):
        return None
    return came | {"seen": numbers[0], "typed": Typed(values, began, also, numbers[1])}


def _are_values(given: object) -> bool:
    return isinstance(given, dict) and all(
        isinstance(held, list) and all(isinstance(one, str) for one in held) for held in given.values()
    )
