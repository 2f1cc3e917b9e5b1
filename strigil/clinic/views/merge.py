"""Somebody else saved the visit meanwhile: both are shown, and a person decides."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.contrib import messages
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect

from strigil.accounts.gate import own, user_of
from strigil.clinic.actions import Refused, StaleVersion
from strigil.clinic.actions.draft import own_draft
from strigil.clinic.actions.merge import last_change
from strigil.clinic.actions.merge import merge_visit as write_merged
from strigil.clinic.differences import STANDS, TYPED, Difference, differences, drawn, merged
from strigil.clinic.models import Course, DraftPage, Visit
from strigil.clinic.views.once import done, once
from strigil.clinic.views.shared import CONFLICT, UNPROCESSABLE, answer, course_context, course_or_404, storable
from strigil.clinic.views.visit_page import VisitPage

CHOICE = "take-"
NOT_TYPED = ("csrfmiddlewaretoken", "author", "once", "version", "began", "typed", "draft")


@once(DraftPage.VISIT)
def merge_visit(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Save what was decided, over the version that both were shown against."""
    visit = own(request, Visit, key, "course", "clinic", "signed_by")
    course = course_or_404(request, visit.course_id)
    if visit.is_signed:
        messages.error(request, "Not saved: this visit is signed by now. Amend it, with a reason.")
        return redirect("visit", visit.pk)
    typed = _typed(request.POST)
    began = _values(request.POST.get("began", ""))
    seen = request.POST.get("version", "")
    if typed is None:
        messages.error(request, "Nothing was saved: what was typed did not come along. It is kept as a draft below.")
        return redirect("visit", visit.pk)
    if seen != str(visit.version):
        return offer(request, visit, course, typed, began)
    stands = drawn(field for _, field in _fields(VisitPage(visit, course, None)))
    parted = differences(_fields(VisitPage(visit, course, None)), _lists(typed), stands, began)
    taken = {one.name: one.taken or request.POST.get(CHOICE + one.name, "") for one in parted}
    if not set(taken.values()) <= {TYPED, STANDS}:
        return offer(request, visit, course, typed, began, chosen=taken)
    given = merged(typed, stands, [name for name, side in taken.items() if side == STANDS])
    given["version"] = seen
    page = VisitPage(visit, course, given)
    if not page.is_valid():
        # The values go back to the visit's own form, with what is wrong beside each.
        return answer(request, "treat/visit.html", _visit_context(request, course, visit, page), valid=False)
    try:
        write_merged(
            by=user_of(request),
            visit=visit,
            seen=page.seen,
            given=page.visit_input(),
            typed=_lists(typed),
            stood=stands,
            taken=taken,
        )
    except StaleVersion:
        return offer(request, visit, course, typed, began)
    except Refused as refusal:
        page.refuse(refusal)
        return answer(request, "treat/visit.html", _visit_context(request, course, visit, page), valid=False)
    messages.success(request, "Saved, as you decided. Both versions are kept.")
    return done("visit", visit.pk)


def offer(
    request: HttpRequest,
    visit: Visit,
    course: Course,
    typed: QueryDict,
    began: dict[str, list[str]] | None = None,
    chosen: dict[str, str] | None = None,
) -> HttpResponse:
    """Both, side by side; what only one of them changed is taken over and said, the rest is for a person to choose."""
    visit.refresh_from_db()
    fields = _fields(VisitPage(visit, course, None))
    stands = drawn(field for _, field in fields)
    parted = differences(fields, _lists(typed), stands, began)
    context = course_context(
        request,
        course,
        "treat",
        visit=visit,
        to_choose=[(one, (chosen or {}).get(one.name, "")) for one in parted if not one.taken],
        taken_over=[one for one in parted if one.taken],
        missing=chosen is not None,
        nothing_parts=not parted,
        last=last_change(visit),
        kept=own_draft(user_of(request), DraftPage.VISIT, visit.pk),
        typed=json.dumps(_lists(typed)),
        began=json.dumps(began) if began is not None else "",
    )
    context["bar"]["visit"] = f"Visit {visit.number}"
    response = answer(request, "draft/merge.html", context)
    response.status_code = UNPROCESSABLE if chosen is not None else CONFLICT
    return response


def began_of(posted: QueryDict) -> dict[str, list[str]] | None:
    """What the form held before it was typed into, as its script sends along."""
    return _values(posted.get("began", ""))


def _visit_context(request: HttpRequest, course: Course, visit: Visit, page: VisitPage) -> dict[str, Any]:
    context = course_context(request, course, "treat", visit=visit, page=page)
    context["bar"]["visit"] = f"Visit {visit.number}"
    return context


def _fields(page: VisitPage) -> list[tuple[str, BoundField]]:
    """Every field of the page, with the area it belongs to."""
    whole = [("", field) for field in page.form if field.name not in ("version", "sites")]
    whole += [(f"{moment.value.capitalize()} treatment", page.series[name]) for _, _, moment, name in page.series.rows]
    return whole + [(area.title, field) for area in page.areas for field in area]


def _typed(posted: QueryDict) -> QueryDict | None:
    values = _values(posted.get("typed", ""))
    if values is None:
        return None
    typed = QueryDict(mutable=True)
    for name, given in values.items():
        typed.setlist(name, given)
    return typed


def _lists(typed: QueryDict) -> dict[str, list[str]]:
    return {name: given for name, given in typed.lists() if name not in NOT_TYPED}


def _values(text: str) -> dict[str, list[str]] | None:
    try:
        came = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(came, dict):
        return None
    plain = all(isinstance(held, list) and all(isinstance(one, str) for one in held) for held in came.values())
    return came if plain and storable(came) else None


__all__ = ["Difference", "began_of", "merge_visit", "offer"]
