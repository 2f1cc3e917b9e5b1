"""Signing in and out, in two steps."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe

from strigil.accounts.forms import CODE_NOT_RIGHT, CodeForm, NewPasswordForm, SignInForm
from strigil.accounts.models import User
from strigil.accounts.sign_in import links, second, session, throttle
from strigil.drawing.qr import qr

REFUSED = 422
NEW_APP = "new_app_secret"
PASSKEY_NOT_TAKEN = "This passkey was not taken. Try again, or use a code."
PASSKEY_NOT_MADE = "No passkey was made. Try again, or use an app that shows codes."


def sign_in(request: HttpRequest) -> HttpResponse:
    """The first step: name and password."""
    form = SignInForm(request, data=request.POST if request.method == "POST" else None)
    onward = request.POST.get("next") or request.GET.get("next") or ""
    if request.method == "POST" and form.is_valid():
        user = form.get_user()
        if isinstance(user, User) and session.begin(request, user, onward):
            return _onward(request)
        return redirect("second_factor")
    context = {"form": form, "next": onward, "demo": _demo(), "ended": "ended" in request.GET}
    return render(request, "accounts/sign_in.html", context, status=REFUSED if form.errors else 200)


def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out, and have the browser forget what it kept."""
    logout(request)
    response = redirect("sign_in")
    # Somebody else's text may wait in the outbox of this device; only its author may send it or let go of it.
    kept = request.POST.get("keep") == "device"
    response.headers["Clear-Site-Data"] = '"cache"' if kept else '"cache", "storage"'
    return response


def second_factor(request: HttpRequest) -> HttpResponse:
    """The second step: a code, or a passkey."""
    user = _half(request)
    if not second.is_set_up(user):
        return redirect("set_up_second_factor")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and _proven(request, user, form):
        throttle.give_back_codes(user)
        session.complete(request, user)
        return _onward(request)
    context = {"form": form, "asks": second.ask_for_passkey(user) if second.passkeys(user) else ""}
    context |= {"has_codes": second.has_app(user) or second.codes_left(user) > 0, "who": user}
    return _fresh(render(request, "accounts/second_factor.html", context, status=REFUSED if form.errors else 200))


def _proven(request: HttpRequest, user: User, form: CodeForm) -> bool:
    by_passkey = "credential" in request.POST
    if by_passkey:
        form.full_clean()
        form.errors.clear()
    elif not form.is_valid():
        return False
    why = PASSKEY_NOT_TAKEN if by_passkey else CODE_NOT_RIGHT
    if throttle.claim_code(user) and (
        second.uses_passkey(user, request.POST["credential"])
        if by_passkey
        else second.uses_code(user, form.cleaned_data["code"])
    ):
        return True
    form.add_error(None if by_passkey else "code", why)
    return False


def set_up_second_factor(request: HttpRequest) -> HttpResponse:
    """Somebody who has no second factor yet makes one, and is then signed in."""
    user = _half(request)
    if second.is_set_up(user):
        return redirect("second_factor")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and made(request, user, form):
        session.complete(request, user)
        return recovery_codes(request, user, _onward(request).url)
    context = making(request, user, form) | {"who": user}
    return _fresh(render(request, "accounts/set_up.html", context, status=REFUSED if form.errors else 200))


def making(request: HttpRequest, user: User, form: CodeForm) -> dict[str, object]:
    """What a page needs on which a second factor is made."""
    secret = request.session.setdefault(NEW_APP, second.new_secret())
    address = second.app_address(user, secret)
    code = qr(address, id="app-code", title="QR code for the app that shows codes")
    return {
        "form": form,
        "qr": mark_safe(code),  # noqa: S308 - our writer
        "secret": " ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
        "asks": second.ask_for_new_passkey(user),
    }


def made(request: HttpRequest, user: User, form: CodeForm) -> bool:
    """Whether the sent form has made a second factor; else the form says why not."""
    if "credential" in request.POST:
        form.full_clean()
        form.errors.clear()
        if second.add_passkey(user, request.POST.get("name", "").strip()[:100], request.POST["credential"]):
            return True
        form.add_error(None, PASSKEY_NOT_MADE)
        return False
    if not form.is_valid():
        return False
    if second.add_app(user, request.session.get(NEW_APP, ""), form.cleaned_data["code"]):
        del request.session[NEW_APP]
        return True
    form.add_error("code", "This is not the code that the app shows now. Look whether the clock of the phone is right.")
    return False


def recovery_codes(request: HttpRequest, user: User, onward: str) -> HttpResponse:
    """Ten new ones, shown once."""
    context = {"codes": second.new_recovery_codes(user), "onward": onward}
    return _fresh(render(request, "accounts/recovery_codes.html", context))


def one_time_link(request: HttpRequest, token: str) -> HttpResponse:
    """Somebody who was invited, or forgot their password, chooses one. It signs nobody in."""
    link = links.opened_by(token)
    if link is None:
        return _fresh(render(request, "accounts/link_ended.html", status=404))
    form = NewPasswordForm(request.POST if request.method == "POST" else None, user=link.user)
    if request.method == "POST" and form.is_valid():
        if not links.use(link, form.cleaned_data["new"]):
            return _fresh(render(request, "accounts/link_ended.html", status=404))
        messages.success(request, "Your password is set. Sign in with it.")
        return redirect("sign_in")
    context = {"form": form, "who": link.user, "kind": link.kind}
    return _fresh(render(request, "accounts/choose_password.html", context, status=REFUSED if form.errors else 200))


def how_long(request: HttpRequest) -> HttpResponse:
    """How many seconds the session has left. Asking leaves it as it is; sending goes on with it."""
    return JsonResponse({"left": session.whole_seconds_left(request)})


def _half(request: HttpRequest) -> User:
    user = session.half(request)
    if user is None:
        raise Http404
    return user


def _fresh(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "no-store"
    return response


def _onward(request: HttpRequest) -> HttpResponseRedirect:
    wanted = session.onward_of(request)
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(wanted if wanted.startswith("/") and safe else reverse(settings.LOGIN_REDIRECT_URL))


def _demo() -> list[dict[str, str]]:
    """The demo clinic's sign-ins, shown on its own sign-in page; no other clinic has any."""
    if not settings.DEMO:
        return []
    from strigil.accounts.demo import sign_ins

    return sign_ins()
