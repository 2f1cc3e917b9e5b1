"""Sign in and out."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

REFUSED = 422


def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in; then to where one was going."""
    form = AuthenticationForm(request, data=request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        login(request, form.get_user())
        return HttpResponseRedirect(_onward(request))
    context = {"form": form, "next": request.POST.get("next") or request.GET.get("next") or "", "demo": _demo()}
    return render(request, "accounts/sign_in.html", context, status=REFUSED if form.errors else 200)


def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out, and have the browser forget what it kept."""
    logout(request)
    response = redirect("sign_in")
    # Somebody else's text may wait in the outbox of this device; only its author may send it or let go of it.
    kept = request.POST.get("keep") == "device"
    response.headers["Clear-Site-Data"] = '"cache"' if kept else '"cache", "storage"'
    return response


def _onward(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if wanted.startswith("/") and safe else reverse(settings.LOGIN_REDIRECT_URL)


def _demo() -> list[dict[str, str]]:
    """The demo clinic's sign-ins, shown on its own sign-in page; no other clinic has any."""
    if not settings.DEMO:
        return []
    from strigil.accounts.demo import sign_ins

    return sign_ins()
