"""A browser whose requests a test's own client answers, in the same transaction, on a wire that can be cut at will."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import copy_context
from typing import Any
from urllib.parse import urlsplit

from django.test import Client
from playwright.sync_api import Browser, Error, Route

from strigil.accounts.models import User
from tests.journeys.browser import TABLET

HOST = "http://testserver"
AT_NOON = "2026-11-20T12:00:00Z"
"""The fixture ``noon``, for the browser's clock."""
PATIENCE = """(() => {
  const waits = new Set();
  window.hurry = (on) => { window.hurried = on; for (const one of waits) if (on) one.abort(); waits.clear(); };
  AbortSignal.timeout = () => {
    const one = new AbortController();
    waits.add(one);
    if (window.hurried) one.abort();
    return one.signal;
  };
})()"""
"""How long a page waits for an answer is for the test to say, not for a clock."""

Answer = tuple[int, dict[str, str], bytes]


class Wire:
    """``fault`` stands between the page and every form that it sends; ``None`` lets all through."""

    def __init__(self, browser: Browser, client: Client, others: Mapping[str, Client]) -> None:
        self.client, self.others = client, others
        self.fault: Callable[[Wire, Route], None] | None = None
        self.answers: list[Answer] = []
        self.held: list[Route] = []
        self.planted: dict[str, tuple[str, str]] = {}
        self._files = dict[str, tuple[dict[str, str], bytes]]()
        self.context = browser.new_context(base_url=HOST, viewport=TABLET, reduced_motion="reduce", locale="en-GB")
        self.context.set_default_timeout(60_000)
        self.context.clock.set_fixed_time(AT_NOON)
        self.context.add_init_script(PATIENCE)  # after the clock, which has a way to wait of its own
        within = copy_context()  # Django keeps a connection for each: the browser's requests take the test's own
        self.context.route("**/*", lambda route: within.copy().run(self._pass, route))
        self.page = self.context.new_page()

    def _pass(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith("/static/"):
            self._file(route, path)
        elif self.fault and route.request.method == "POST" and path != "/session":
            self.fault(self, route)
        else:
            self.answer(route, self.ask(route))

    def ask(self, route: Route, client: Client | None = None) -> Answer:
        """The server's own answer."""
        request = route.request
        parts = urlsplit(request.url)
        headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items()}
        kind = headers.pop("HTTP_CONTENT_TYPE", "")
        dropped = ("HTTP_COOKIE", "HTTP_CONTENT_LENGTH", "HTTP_ACCEPT_ENCODING", "HTTP_HOST")
        given: dict[str, Any] = {name: value for name, value in headers.items() if name not in dropped}
        address = parts.path + (f"?{parts.query}" if parts.query else "")
        response: Any = (client or self.client).generic(
            request.method, address, request.post_data_buffer or b"", kind or "application/octet-stream", **given
        )
        answer = response.status_code, dict(response.headers), b"".join(response)
        if request.method == "POST" and "/drafts/" not in address:
            self.answers.append(answer)
        return answer

    def answer(self, route: Route, answer: Answer) -> None:
        status, headers, body = answer
        try:
            route.fulfill(status=status, headers=headers, body=body)
        except Error:
            return  # the page that asked is gone

    def _file(self, route: Route, path: str) -> None:
        if path not in self._files:
            response: Any = self.client.get(path)
            self._files[path] = dict(response.headers), b"".join(response)
        headers, body = self._files[path]
        if (script := path.rpartition("/")[2]) in self.planted:
            right, wrong = self.planted[script]
            assert right.encode() in body
            body = body.replace(right.encode(), wrong.encode())
        self.answer(route, (200, headers, body))

    def signed_out(self) -> Client:
        return self.others["signed out"]

    def colleague(self) -> Client:
        return self.others["colleague"]

    def let_go(self) -> None:
        """Whatever was held will not be answered any more."""
        for one in self.held:
            try:
                one.abort()
            except Error:
                continue
        self.held.clear()

    def close(self) -> None:
        self.let_go()
        self.context.close()


def signed_in_as(user: User) -> Client:
    client = Client(raise_request_exception=True)
    client.force_login(user)
    return client


# --- What goes wrong --------------------------------------------------------------------------------------------

PAGE = {"Content-Type": "text/html; charset=utf-8"}


def stands_for(status: int) -> Callable[[Wire, Route], None]:
    """Something between the page and Strigil answers in its place."""
    return lambda wire, route: wire.answer(route, (status, PAGE, b"<!doctype html><title>x</title><p>Welcome</p>"))


def no_network(_: Wire, route: Route) -> None:
    route.abort("internetdisconnected")


def answer_lost(wire: Wire, route: Route) -> None:
    wire.ask(route)
    route.abort("connectionreset")


def answer_cut(wire: Wire, route: Route) -> None:
    """Of a form that was taken. One that was refused the browser sends once more, to show why."""
    status, headers, body = wire.ask(route)
    if status == 200:
        wire.answer(route, (status, headers, body[: len(body) // 2]))
    else:
        route.abort("connectionreset")


def no_answer(wire: Wire, route: Route) -> None:
    wire.held.append(route)


def session_ended(wire: Wire, route: Route) -> None:
    wire.answer(route, wire.ask(route, wire.signed_out()))


def somebody_else(wire: Wire, route: Route) -> None:
    wire.answer(route, wire.ask(route, wire.colleague()))


AWAY = "network"
FAULTS: dict[str, tuple[Callable[[Wire, Route], None], str]] = {
    "no network": (no_network, AWAY),
    "answer lost": (answer_lost, AWAY),
    "answer cut": (answer_cut, AWAY),
    "no answer": (no_answer, AWAY),
    "a portal's page": (stands_for(200), AWAY),
    "503": (stands_for(503), AWAY),
    "500": (stands_for(500), "something failed on our side"),
    "413": (stands_for(413), "more text than a form takes"),
    "403": (stands_for(403), "your role may not do this"),
    "404": (stands_for(404), "no longer exists"),
    "session ended": (session_ended, "Sign in"),
    "somebody else signed in": (somebody_else, "is signed in now"),
}
"""What goes wrong, and words of what the page must say then."""
WRITE = ("answer lost", "answer cut")
"""Faults that the server never hears of: it has done what was asked."""
