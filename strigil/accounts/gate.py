"""The one gate that every request passes before a view sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import reverse

from strigil.accounts.audit import said as audit
from strigil.accounts.audit.events import log_request
from strigil.accounts.models import User, uuid7
from strigil.accounts.policy import POLICY, may, needs_sign_in

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
            response = self.get_response(request)
            log_request(request, response, said)
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
        role = request.user.role if isinstance(request.user, User) and request.user.is_active else None
        if may(route, method, role):
            return None
        if role is None and needs_sign_in(route):
            return redirect_to_login(request.get_full_path() if "GET" in POLICY[route] else reverse("today"))
        raise PermissionDenied


def _say(request: HttpRequest, route: str) -> None:
    """Who asks, before the view may sign them out."""
    said, user = audit.now() or audit.Said(), request.user
    said.route = route
    if isinstance(user, User) and user.is_active:
        said.user_id, said.role, said.clinic_id = user.pk, user.role, user.clinic_id
    else:
        said.role = audit.NOBODY_SIGNED_IN


def user_of(request: HttpRequest) -> User:
    """The signed-in user; the gate has already seen to it that there is one."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def own(request: HttpRequest, model: type[M], key: object, *related: str) -> M:
    """An object of the user's own clinic; one of another clinic does not exist."""
    found = model._default_manager.filter(clinic_id=user_of(request).clinic_id, pk=key).select_related(*related).first()
    if found is None:
        raise Http404
    return found
