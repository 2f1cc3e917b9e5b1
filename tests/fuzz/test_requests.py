"""Whatever comes down the wire is answered: never a fault, never slow, and what was stored can be shown.

Real requests through the whole stack, on the real database, each undone. A longer run: ``make assure``.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings as django
from django.core.signals import got_request_exception, request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from hypothesis import HealthCheck, Phase, given, seed, settings

from strigil import urls
from strigil.accounts.models import Role
from strigil.accounts.policy import POLICY
from strigil.clinic import links
from tests.clinic.cast import Story
from tests.fuzz.hostile import Hostile, requests
from tests.fuzz.places import Place, places

TOKEN = "a" * 32
RUNS, MANY = 500, 100_000
MOST_SECONDS = 2.0
"""Of the processor's own time, so that a busy machine makes no request slow."""


class Wire:
    """Sends requests as the server would, and counts what went wrong."""

    def __init__(self, cookies: dict[str, str]) -> None:
        self.cookies, self.application = cookies, get_wsgi_application()
        self.faults: list[str] = []
        self.answers: Counter[int] = Counter()
        self.raised: list[str] = []

    @contextmanager
    def listening(self) -> Iterator[None]:
        def heard(sender: Any, **_: Any) -> None:
            self.raised.append(traceback.format_exc()[-1500:])

        got_request_exception.connect(heard)
        logging.disable()  # a record of each refusal, with its request, would fill the memory
        ends = (request_started, request_finished)
        for signal in ends:  # a connection with an open transaction would be closed under it
            signal.disconnect(close_old_connections)
        try:
            yield
        finally:
            logging.disable(logging.NOTSET)
            got_request_exception.disconnect(heard)
            for signal in ends:
                signal.connect(close_old_connections)

    def send(self, one: Hostile, most: float = MOST_SECONDS) -> None:
        with transaction.atomic():
            status, headers = self._answered(one, most)
            onward = headers.get("Location", "")
            if status in (302, 303) and onward.startswith("/"):
                shown, _, query = onward.partition("#")[0].partition("?")
                self._answered(Hostile(one.route, "GET", shown, query, b"", "", one.role, {}), most)
            transaction.set_rollback(True)

    def _answered(self, one: Hostile, most: float) -> tuple[int, dict[str, str]]:
        seen: list[tuple[int, dict[str, str]]] = []

        def start(status: str, headers: list[tuple[str, str]], _: Any = None) -> None:
            seen.append((int(status.split()[0]), dict(headers)))

        before = len(self.raised)
        began = time.thread_time()
        response = self.application(one.environ(self.cookies[one.role], TOKEN), start)
        try:
            b"".join(response)
        finally:
            response.close()
        took = time.thread_time() - began
        status, headers = seen[0]
        self.answers[status] += 1
        if status >= 500 or len(self.raised) > before:
            self.faults.append(f"{status} {one}\n{''.join(self.raised[before:])}")
        if took > most:
            self.faults.append(f"took {took:.1f} s: {one}")
        if "Content-Security-Policy" not in headers:
            self.faults.append(f"no headers: {status} {one}")
        return status, headers


@pytest.fixture
def wire(story: Story, someone: Any) -> Wire:
    cookies = {"": ""}
    for role in Role.values:
        client = Client()
        client.force_login(story.by if role == Role.CLINICIAN else someone(role))
        cookies[role] = f"{django.SESSION_COOKIE_NAME}={client.cookies[django.SESSION_COOKIE_NAME].value}; "
    return Wire(cookies)


def run(wire: Wire, found: list[Place], count: int, number: int = 0, **limits: float) -> None:
    """So many requests, all of them sent whatever the first ones did; the same for the same number."""
    methods = {route: tuple(ways) for route, ways in POLICY.items()} | {"planted": ("GET", "POST")}
    roles = ("clinician",) * 12 + ("", "owner", "assistant", "front_desk", "auditor")

    @seed(number)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(requests(found, methods, roles))
    def one(hostile: Hostile) -> None:
        wire.send(hostile, **limits)

    with wire.listening():
        one()


def said(wire: Wire) -> str:
    """Each kind of fault once, with how often it came and the first request that brought it."""
    kinds: dict[str, list[str]] = {}
    for one in wire.faults:
        kinds.setdefault(one.splitlines()[-1], []).append(one)
    return "\n\n".join(f"{len(all_of)} times:\n{all_of[0]}" for all_of in kinds.values())


def test_no_request_breaks_anything(story: Story, wire: Wire) -> None:
    run(wire, places(story), RUNS)
    assert not wire.faults, said(wire)
    assert sum(wire.answers.values()) >= RUNS
    assert {200, 302, 400, 404, 405, 422} <= set(wire.answers), wire.answers


@pytest.mark.assure
def test_no_request_of_many_breaks_anything(story: Story, wire: Wire, assurance: Any) -> None:
    found = places(story)
    for number in range(1, MANY // RUNS + 2):
        run(wire, found, RUNS, number)
    assurance("fuzz", requests=sum(wire.answers.values()), faults=len(wire.faults))
    assert sum(wire.answers.values()) >= MANY
    assert not wire.faults, said(wire)


# --- What is planted is found ---


def raises(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(int(request.GET.get("q") or 0)))


urlpatterns = [*urls.urlpatterns, path("planted", raises, name="planted")]
handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500


@pytest.fixture
def planted(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Place:
    settings.ROOT_URLCONF = __name__
    monkeypatch.setattr("strigil.accounts.gate.POLICY", {**POLICY, "planted": {"GET": {"anyone"}, "POST": {"anyone"}}})
    monkeypatch.setattr("strigil.accounts.gate.may", lambda *_: True)
    return Place("planted", "/planted")


def test_a_view_that_breaks_on_odd_input_is_found(planted: Place, wire: Wire) -> None:
    run(wire, [planted], 300)
    assert any("invalid literal for int()" in one for one in wire.faults)


def test_a_view_that_takes_long_is_found(planted: Place, wire: Wire) -> None:
    run(wire, [planted], 5, most=0.0)
    assert any(one.startswith("took ") for one in wire.faults)


def test_the_links_of_patients_are_among_the_places(story: Story) -> None:
    found = {one.route: one.address for one in places(story)}
    assert set(found) == set(POLICY)
    assert links.appointment_of(found["own_appointment"].removeprefix("/own/"))
