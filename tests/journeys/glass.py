"""Pages looked at in Chromium as a test's own client gets them: same transaction, same clock, no server between."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.contrib.staticfiles.finders import find
from django.test import Client
from playwright.sync_api import Browser, Error, Route

from strigil.accounts.policy import HALF_WAY, POLICY
from tests.clinic.page import without_tokens

BETWEEN = {route for route, rule in POLICY.items() if rule.get("GET") == HALF_WAY}
"""Pages between password and second factor, closed to whoever is signed in; test_second_factor.py goes there."""
HOST = "http://testserver"
INJECTED = """() => [...document.querySelectorAll("*")].filter(one => {
  const foreign = "base, object, embed, iframe, frame, style, meta[http-equiv], script:not([src^='/static/'])";
  const leads = /^(href|src|action|formaction|xlink:href|data|ping)$/;
  const astray = /^\\s*(javascript:|vbscript:|data:|[\\/]{2}evil|https?:\\/\\/evil)/i;
  const wrong = ({ name, value }) => /^(on|hx-|data-hx-)/.test(name) || (leads.test(name) && astray.test(value));
  return one.matches(foreign) || [...one.attributes].some(wrong);
}).map(one => one.outerHTML.slice(0, 200))"""
"""What no page of ours contains, whoever typed it."""


class Glass:
    """Counts what a page runs or asks for that is not ours. The content policy is off: it would hide a fault.

    ``strict``: it is on, and whatever it blocks is a fault.
    """

    def __init__(self, browser: Browser, client: Client, *, strict: bool = False) -> None:
        self.strict = strict
        self.client, self.faults, self.looks = client, list[str](), 0
        self._here, self._seen = "", set[int]()
        self._shown: tuple[int, dict[str, str], bytes] = (404, {}, b"")
        self.context = browser.new_context(bypass_csp=not strict, base_url=HOST, reduced_motion="reduce")
        self.context.expose_function("xss", lambda *_: self._fault("ran"))
        self.context.on("dialog", lambda dialog: (self._fault("a dialog"), dialog.dismiss()))
        self.context.route("**/*", self._answer)
        self.context.on("console", lambda said: strict and self._blocked(said.text))
        self.page = self.context.new_page()

    def _fault(self, what: str) -> None:
        self.faults.append(f"{what} on {self._here}")

    def _blocked(self, said: str) -> None:
        if "Content Security Policy" in said or "Permissions-Policy" in said:
            self._fault(said)

    def _answer(self, route: Route) -> None:
        parts = urlsplit(route.request.url)
        if f"{parts.scheme}://{parts.netloc}" != HOST:
            self._fault(f"asked for {route.request.url}")
            return route.abort()
        if parts.path.startswith("/static/"):
            if not self.strict and parts.path.endswith((".css", ".woff2", ".svg")):
                return route.fulfill(body="")  # runs nothing, whatever was typed
            # Not by the client: a request from here would be of a database connection that nobody closes.
            found = find(parts.path.removeprefix("/static/"))
            return route.fulfill(path=found) if found else route.fulfill(status=404)
        if not route.request.is_navigation_request():
            return route.fulfill(status=503)
        status, headers, body = self._shown
        return route.fulfill(status=status, headers=headers, body=body)

    def look(self, response: Any, where: str) -> None:
        """One answer of the client, in the browser; once, if it comes as it was."""
        if not response.get("Content-Type", "").startswith("text/html") or not response.content:
            return
        was = hash(without_tokens(response.content))
        if was in self._seen:
            return
        self._seen.add(was)
        self._here, self.looks = where, self.looks + 1
        kept = dict(response.headers) if self.strict else {"Content-Type": response["Content-Type"]}
        self._shown = response.status_code, kept, response.content
        try:
            self.page.goto("/look", wait_until="load")
            injected = self.page.evaluate(INJECTED)
        except Error as error:
            injected = [f"led away: {error}"]
        self.faults += [f"holds {one!r} on {where}" for one in injected]
        if urlsplit(self.page.url).path != "/look":
            self._fault(f"led to {self.page.url}")

    def close(self) -> None:
        self.context.close()
