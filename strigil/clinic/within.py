"""Each request in one transaction, in which the database knows one clinic. Only on PostgreSQL with walls raised."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.core.exceptions import ImproperlyConfigured, MiddlewareNotUsed
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from strigil.accounts import walls
from strigil.accounts.audit.events import log_request
from strigil.accounts.audit.said import Said
from strigil.accounts.gate import works_here
from strigil.accounts.models import User
from strigil.accounts.sign_in.session import half
from strigil.clinic import check_ins, links

FAILED = 500


class WithinClinic:
    """What an answer is made of is read in the clinic of whoever asks, or of the link that was opened; else in none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.WALLS:
            raise MiddlewareNotUsed
        if found := walls.faults():
            raise ImproperlyConfigured(f"STRIGIL_WALLS: {' '.join(found)}")
        self.get_response = get_response
        user_logged_in.connect(_came_in, dispatch_uid="strigil.walls")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        clinic = _clinic_of(request)
        try:
            with walls.within(None), transaction.atomic():  # still in the clinic where writes are sealed into the log
                walls.enter(clinic)
                response = self.get_response(request)
                if response.status_code >= FAILED:
                    transaction.set_rollback(True)
        except DatabaseError:  # what is checked last, when all is to count
            _tell(request, HttpResponse(status=FAILED), clinic)
            raise
        if response.status_code >= FAILED:
            _tell(request, response, clinic)
        return response


def _tell(request: HttpRequest, response: HttpResponse, clinic: UUID | None) -> None:
    """The line of the log was undone with the rest: it is written alone, as that the request failed stays true."""
    said: Said | None = getattr(request, "said", None)
    if said is not None:
        with walls.within(None), transaction.atomic():
            walls.enter(clinic or said.clinic_id)
            log_request(request, response, said)


def _came_in(user: User, **_: Any) -> None:
    walls.enter(user.clinic_id)


def _clinic_of(request: HttpRequest) -> UUID | None:
    user = request.user if isinstance(request.user, User) and works_here(request.user) else half(request)
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return user.clinic_id if user else None
    by_link = _by_link(match.url_name or "", match.kwargs)
    return walls.clinic_by_link(*by_link) if by_link else user.clinic_id if user else None


def _by_link(route: str, given: dict[str, Any]) -> tuple[str, str] | None:
    """What a page that patients open without signing in is about: by which kind of key, and the key."""
    if route == "check_in":
        return "check_in", check_ins.hash_of(given["token"])
    if route == "ask":
        return "page", given["address"]
    if route in ("own_appointment", "own_calendar") and (key := links.key_of(given["token"])):
        return "appointment", str(key)
    return None
