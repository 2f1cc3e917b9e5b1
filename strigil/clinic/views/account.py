"""One's own name, password, second factor and sessions."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from strigil.accounts.forms import CodeForm, password_is_right
from strigil.accounts.gate import user_of
from strigil.accounts.sign_in import second
from strigil.accounts.views import made, making, recovery_codes
from strigil.clinic.actions import Refused
from strigil.clinic.actions import people as actions
from strigil.clinic.forms.people import OldPasswordForm, OwnNameForm, OwnPasswordForm
from strigil.clinic.views.shared import answer

NOT_YOURS = "This is not your password now, or there were too many tries; then wait a quarter of an hour."


def account(request: HttpRequest) -> HttpResponse:
    """What somebody may change about themselves. All but the name asks for the password once more."""
    user, what = user_of(request), request.POST.get("what", "")
    sent = request.POST if request.method == "POST" else None
    names = {"display_name": user.display_name, "qualification": user.qualification}
    forms: dict[str, Form] = {
        "name": OwnNameForm(sent if what == "name" else None, initial=names),
        "password": OwnPasswordForm(sent if what == "password" else None, user=user, prefix="own"),
        "again": OldPasswordForm(sent if what in CHANGES else None, prefix="again"),
        "code": CodeForm(sent if what in ("app", "passkey") else None),
    }
    if sent is not None and (done := _change(request, what, forms)) is not None:
        return done
    context = {
        "forms": forms,
        "settled": settings.SECOND_FACTOR,
        "has_app": second.has_app(user),
        "passkeys": second.passkeys(user),
        "codes_left": second.codes_left(user),
    }
    if settings.SECOND_FACTOR:
        context |= making(request, user, CodeForm())
    return answer(request, "accounts/account.html", context | {"code": forms["code"]}, valid=sent is None)


def _change(request: HttpRequest, what: str, forms: dict[str, Form]) -> HttpResponse | None:
    """What a sent form changes; None where a form has to be mended first."""
    user = user_of(request)
    if what == "name" and forms["name"].is_valid():
        actions.change_own_name(by=user, **forms["name"].cleaned_data)
        messages.success(request, "Kept.")
        return redirect("account")
    form = forms["password"] if what == "password" else forms["again"]
    if what not in (*CHANGES, "password") or not form.is_valid():
        return None
    if not password_is_right(request, user, form.cleaned_data["password"]):
        form.add_error("password", NOT_YOURS)
        return None
    try:
        return (_password if what == "password" else CHANGES[what])(request, forms)
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return None


def _password(request: HttpRequest, forms: dict[str, Form]) -> HttpResponse:
    actions.change_own_password(by=user_of(request), new=forms["password"].cleaned_data["new"])
    return _stay(request, "Your password is changed. Every other session of yours has ended.")


def _end(request: HttpRequest, forms: dict[str, Form]) -> HttpResponse:
    actions.end_own_sessions(by=user_of(request))
    return _stay(request, "Every other session of yours has ended.")


def _codes(request: HttpRequest, forms: dict[str, Form]) -> HttpResponse:
    actions.end_own_sessions(by=user_of(request))
    update_session_auth_hash(request, user_of(request))
    return recovery_codes(request, user_of(request), reverse("account"))


def _make(request: HttpRequest, forms: dict[str, Form]) -> HttpResponse | None:
    code = forms["code"]
    if not isinstance(code, CodeForm) or not made(request, user_of(request), code):
        return None
    actions.end_own_sessions(by=user_of(request))
    return _stay(request, "Kept. From now on it is asked when you sign in.")


def _remove(request: HttpRequest, forms: dict[str, Form]) -> HttpResponse:
    given = request.POST.get("key", "")
    actions.remove_passkey(by=user_of(request), key=int(given) if given.isascii() and given.isdigit() else 0)
    return _stay(request, "The passkey is removed.")


def _stay(request: HttpRequest, said: str) -> HttpResponse:
    """Other sessions have ended; this one goes on under a new key."""
    update_session_auth_hash(request, user_of(request))
    messages.success(request, said)
    return redirect("account")


CHANGES: dict[str, Callable[[HttpRequest, dict[str, Form]], HttpResponse | None]] = {
    "end": _end,
    "codes": _codes,
    "app": _make,
    "passkey": _make,
    "remove": _remove,
}
