"""The one gate that every request passes before a view sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse

from strigil.accounts.audit import said as audit
from strigil.accounts.audit.events import log_request
from strigil.accounts.audit.sealing import spoken
from strigil.accounts.models import User, uuid7
from strigil.accounts.policy import HALF, POLICY, may, needs_sign_in
from strigil.accounts.sign_in.session import half

M = TypeVar("M", bound=models.Model)


class PolicyGate:
    """Default deny: a route that the policy does not list is not found, a role it does not name is refused.

    Whatever it lets through or refuses is in the log before the answer leaves; where the log cannot be written, the
    answer is an error and shows nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with audit.saying(audit.Said(method=request.method or "", request=uuid7())) as said:
            request.said = said  # type: ignore[attr-defined]
            response = self.get_response(request)
            log_request(request, response, said)
            if settings.WALLS:
                spoken(said)  # the transaction in which its writes are sealed goes on beyond this
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        match = request.resolver_match
        route = (match.url_name if match else None) or ""
        method = request.method or ""
        _say(request, route)
        if route not in POLICY:
            raise Http404
        if method not in POLICY[route]:
            return HttpResponseNotAllowed(sorted(POLICY[route]))
        role = role_of(request)
        if may(route, method, role):
            return None
        if role == HALF and needs_sign_in(route):
            return redirect("second_factor")
        if role is None and needs_sign_in(route):
            return _to_sign_in(request, request.get_full_path() if "GET" in POLICY[route] else reverse("today"))
        raise PermissionDenied


def _say(request: HttpRequest, route: str) -> None:
    """Who asks, before the view may sign them out."""
    said, user = audit.now() or audit.Said(), request.user
    said.route = route
    if isinstance(user, User) and works_here(user):
        said.user_id, said.role, said.clinic_id = user.pk, user.role, user.clinic_id
    else:
        said.role = audit.NOBODY_SIGNED_IN


def _to_sign_in(request: HttpRequest, onward: str) -> HttpResponse:
    ended = {"ended": "yes"} if getattr(request, "ended", False) else {}
    return redirect(f"{reverse('sign_in')}?{urlencode({'next': onward} | ended, safe='/')}")


def role_of(request: HttpRequest) -> str | None:
    """In which role somebody asks; None is signed out."""
    if isinstance(request.user, User) and works_here(request.user):
        return request.user.role
    return HALF if half(request) else None


def works_here(user: User) -> bool:
    """Whether somebody has a place in a clinic now. Without a clinic nobody's record is theirs, not everybody's."""
    return user.is_active and user.clinic_id is not None


def user_of(request: HttpRequest) -> User:
    """The signed-in user; the gate has already seen to it that there is one."""
    if not isinstance(request.user, User) or not works_here(request.user):
        raise PermissionDenied
    return request.user


def own(request: HttpRequest, model: type[M], key: object, *related: str) -> M:
    """An object of the user's own clinic; one of another clinic does not exist."""
    found = model._default_manager.filter(clinic_id=user_of(request).clinic_id, pk=key).select_related(*related).first()
    if found is None:
        raise Http404
    return found
