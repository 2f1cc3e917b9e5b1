"""Who works in the clinic."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from strigil.accounts.gate import own, user_of
from strigil.accounts.models import Role, User
from strigil.accounts.sign_in import second
from strigil.clinic.actions import Refused
from strigil.clinic.actions import people as actions
from strigil.clinic.forms.people import InviteForm, PersonForm
from strigil.clinic.link_mail import mail_link
from strigil.clinic.views.shared import answer, posted

ORDER = {role: place for place, role in enumerate(Role.values)}


def people(request: HttpRequest) -> HttpResponse:
    """Everybody who signs in here, and a form to invite one more."""
    by = user_of(request)
    form = InviteForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            user, token = actions.invite(by=by, username=form.cleaned_data["username"], person=form.given())
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return _link(request, user, token)
    by_name = User.objects.filter(clinic_id=by.clinic_id).order_by("display_name", "id")
    rows = sorted(by_name, key=lambda one: (not one.is_active, ORDER[one.role]))
    return answer(request, "accounts/people.html", {"form": form, "rows": rows}, valid=not form.errors)


def person(request: HttpRequest, key: UUID) -> HttpResponse:
    """One of them: what they may do, and letting them in again."""
    by, user = user_of(request), own(request, User, key)
    names = ("display_name", "qualification", "email", "role", "is_active")
    what = request.POST.get("what", "")
    form = PersonForm(request.POST if what == "change" else None, initial={name: getattr(user, name) for name in names})
    why = ""
    if request.method == "POST":
        try:
            if what == "change" and form.is_valid():
                actions.change_person(by=by, user=user, person=form.given())
                messages.success(request, "Kept.")
                return redirect("people")
            if what == "link":
                return _link(request, user, actions.give_link(by=by, user=user))
            if what == "forget":
                actions.forget_second_factor(by=by, user=user)
                messages.success(request, "The second factor is forgotten. A new one is set up at the next sign-in.")
                return redirect("people")
        except Refused as refusal:
            if what == "change":
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            why = str(refusal)
    context = {"form": form, "person": user, "why": why, "has_second": second.is_set_up(user), "itself": user == by}
    return answer(request, "accounts/person.html", context, valid=request.method != "POST")


def _link(request: HttpRequest, user: User, token: str) -> HttpResponse:
    """The link, this once; nobody can show it again."""
    path = reverse("one_time_link", args=[token])
    address = f"{settings.ADDRESS}{path}" if settings.ADDRESS else request.build_absolute_uri(path)
    mailed = mail_link(user, address) if settings.ADDRESS else False
    context = {"person": user, "address": address, "mailed": mailed, "link": user.one_time_links.get(used_at=None)}
    response = answer(request, "accounts/link.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response
