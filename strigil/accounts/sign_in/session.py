"""A sign-in between its two steps, and how long a session lives."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from strigil.accounts.audit import said
from strigil.accounts.audit.events import of_sign_in
from strigil.accounts.audit.models import What
from strigil.accounts.models import User, new_salt
from strigil.accounts.sign_in import throttle
from strigil.accounts.sign_in.place import source_of

IDLE: Final = timedelta(minutes=15)
WHOLE: Final = timedelta(hours=12)
BETWEEN: Final = timedelta(minutes=10)
"""From the password to the second factor."""
NOTED_EVERY: Final = 30
"""Seconds: not every request writes that it was made."""
HALF, BEGAN, SEEN, ONWARD = "half", "began", "seen", "onward"
BACKEND = settings.AUTHENTICATION_BACKENDS[0]


def begin(request: HttpRequest, user: User, onward: str = "") -> bool:
    """The password was right. Whether that is enough, as it is in a demo alone; else the second factor is next."""
    request.session.flush()
    request.session[ONWARD] = onward
    if not settings.SECOND_FACTOR:
        complete(request, user)
        return True
    request.session[HALF] = {"user": str(user.pk), "hash": user.get_session_auth_hash(), "at": time.time()}
    request.session.cycle_key()
    return False


def half(request: HttpRequest) -> User | None:
    """Who gave a password and not yet the second factor. Nobody where somebody is signed in, or it took too long."""
    held = request.session.get(HALF)
    if not held or request.user.is_authenticated or time.time() - held["at"] >= BETWEEN.total_seconds():
        return None
    user = User.objects.select_related("clinic").filter(pk=held["user"], is_active=True).first()
    return user if user and constant_time_compare(user.get_session_auth_hash(), held["hash"]) else None


def complete(request: HttpRequest, user: User) -> None:
    """Signed in: a new key, and a clock that starts now."""
    request.session.pop(HALF, None)
    if speaker := said.now():
        speaker.user_id, speaker.role, speaker.clinic_id = user.pk, user.role, user.clinic_id
    with transaction.atomic():
        login(request, user, backend=BACKEND)
    throttle.remember(user, source_of(request))
    Session.objects.filter(expire_date__lt=timezone.now()).delete()


def end_all(user: User) -> None:
    """Every session of somebody ends, also the one in which it is asked."""
    with transaction.atomic():
        user.session_salt = new_salt()
        user.save(update_fields=["session_salt"])
        of_sign_in(What.SESSIONS_ENDED, user)


def onward_of(request: HttpRequest) -> str:
    """Where somebody was going when they were asked to sign in; asked once."""
    return str(request.session.pop(ONWARD, ""))


def stamp(sender: Any, request: HttpRequest, **_: Any) -> None:
    """Somebody signed in, whichever way."""
    request.session[BEGAN] = request.session[SEEN] = time.time()


def seconds_left(request: HttpRequest, now: float | None = None) -> float:
    """Until the session ends by itself; 0 where it has, or does not say when it began."""
    at = time.time() if now is None else now
    session = request.session
    try:
        began, seen = float(session[BEGAN]), float(session[SEEN])
    except (KeyError, TypeError, ValueError):
        return 0
    return max(0.0, min(began + WHOLE.total_seconds(), seen + IDLE.total_seconds()) - at)


def whole_seconds_left(request: HttpRequest) -> int:
    """The same for a page, which leaves at 0: only when the session has ended."""
    return math.ceil(seconds_left(request))


class SessionLimits:
    """Ends a session that was idle for too long or is too old. Asking how long is left is no use of it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.ended = False  # type: ignore[attr-defined]
        if request.user.is_authenticated:
            if seconds_left(request) <= 0:
                request.ended = True  # type: ignore[attr-defined]
                logout(request)
            elif not _only_asks(request) and time.time() - request.session[SEEN] > NOTED_EVERY:
                request.session[SEEN] = time.time()
        return self.get_response(request)


def _only_asks(request: HttpRequest) -> bool:
    return request.method == "GET" and request.path == reverse("session")
