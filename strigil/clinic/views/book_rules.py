"""The clinic's rules of bookable times, edited on one page."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse

from strigil.accounts.gate import own, user_of
from strigil.clinic import offers
from strigil.clinic.actions import Refused
from strigil.clinic.actions import book as actions
from strigil.clinic.forms.book import WEEKDAYS, ClosedForm, HoursForm, RequestPageForm
from strigil.clinic.models import BookableTime, ClosedDays, RequestPage
from strigil.clinic.models.appointment import unguessable
from strigil.clinic.views.shared import answer, posted, refuse, today_of

SAVED = {"hours": "The hours are added.", "closed": "The days are added.", "page": "Saved.", "remove": "Removed."}


def book_rules(request: HttpRequest) -> HttpResponse:
    """Who can be booked when, when the clinic is closed, and whether patients may ask for a time themselves."""
    sent = posted(request)
    what = sent.get("what", "") if sent is not None else ""
    by, people = user_of(request), list(offers.clinicians(user_of(request).clinic))
    page = RequestPage.objects.filter(clinic_id=by.clinic_id).first()
    forms: dict[str, Any] = {
        "hours": HoursForm(sent if what == "hours" else None, clinicians=people, prefix="hours"),
        "closed": ClosedForm(sent if what == "closed" else None, clinicians=people, prefix="closed"),
        "page": RequestPageForm(sent if what == "page" else None, initial=_initial(page), prefix="page"),
    }
    form = forms.get(what)
    if sent is not None and (what == "remove" or (form is not None and form.is_valid())):
        try:
            _save(request, what, form, sent)
        except Refused as refusal:
            if form is None:
                raise
            refuse(form, refusal)
        else:
            messages.success(request, SAVED[what])
            return redirect("book_rules")
    hours = BookableTime.objects.filter(clinic_id=by.clinic_id).select_related("clinician")
    context = {
        "form": form,
        "forms": forms,
        "page": page,
        "address": request.build_absolute_uri(reverse("ask", args=[page.address])) if page else "",
        "hours": [
            (person, [(dict(WEEKDAYS)[str(one.weekday)], one) for one in hours if one.clinician_id == person.pk])
            for person in people
        ],
        "closed": ClosedDays.objects.filter(clinic_id=by.clinic_id, last__gte=today_of(request)).select_related(
            "clinician"
        ),
    }
    return answer(request, "book/rules.html", context, valid=sent is None or (form is not None and not form.errors))


def _initial(page: RequestPage | None) -> dict[str, Any]:
    if page is None:
        return {"is_open": "no", "address": unguessable(), "notice_hours": 24, "days_ahead": 28, "version": 0}
    kept = {name: getattr(page, name) for name in ("address", "phone", "notice_hours", "days_ahead", "version")}
    return kept | {"is_open": "yes" if page.is_open else "no"}


def _save(request: HttpRequest, what: str, form: Any, sent: QueryDict) -> None:
    by = user_of(request)
    people = {str(one.pk): one for one in offers.clinicians(by.clinic)}
    if what == "remove":
        actions.remove_rule(by=by, rule=_rule(request, sent))
        return
    given = dict(form.cleaned_data)
    if what == "page":
        seen = given.pop("version")
        given["is_open"] = given["is_open"] == "yes"
        actions.set_request_page(by=by, seen=seen, **given)
    elif what == "hours":
        given |= {"clinician": people[given["clinician"]], "weekdays": [int(one) for one in given["weekdays"]]}
        actions.add_bookable_times(by=by, **given)
    else:
        given |= {"clinician": people.get(given["clinician"]), "last": given["last"] or given["first"]}
        actions.add_closed_days(by=by, **given)


def _rule(request: HttpRequest, sent: QueryDict) -> BookableTime | ClosedDays:
    model: Any = {"hours": BookableTime, "closed": ClosedDays}.get(sent.get("kind", ""))
    try:
        key = uuid.UUID(sent.get("key", ""))
    except ValueError:
        raise Http404 from None
    if model is None:
        raise Http404
    found: BookableTime | ClosedDays = own(request, model, key)
    return found
