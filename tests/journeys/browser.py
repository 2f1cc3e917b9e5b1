"""The browser of the journeys: which one, what it must never do, and how a page is looked at."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, ViewportSize

CHROMIUM = shutil.which("chromium") or shutil.which("/usr/bin/chromium")
ARGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 30_000
"""Milliseconds that a page may take on a busy machine; one that is quick is never waited for."""
TABLET: ViewportSize = {"width": 820, "height": 1180}
PHONE: ViewportSize = {"width": 390, "height": 844}
REFUSED_FORM = "the server responded with a status of 422"
"""A form that comes back to be mended says so in its status, and Chromium notes that in the console."""

DRAFTS_MET = "the server responded with a status of 409"
"""A draft that meets a newer one of the same person is brought together with it and sent again."""

SESSION_OVER = "the server responded with a status of 401"
"""Asked how long the session lasts, the server says so of one that is over."""

Look = Callable[[Page, str], None]
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
OPTIONS = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"], "preload": False}

WIDER_THAN_SEEN = """() => {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  const beyond = one => one.getBoundingClientRect().left + one.scrollWidth > clientWidth + 1;
  const wide = [...document.querySelectorAll("main *, body > *")].filter(beyond).slice(-3);
  return [`${scrollWidth} px of ${clientWidth} px`, ...wide.map(one => one.outerHTML.slice(0, 120))];
}"""
UNSTICK = """() => {
  for (const one of document.querySelectorAll(".bar, .actions")) one.style.position = "static";
}"""
STICK = """() => {
  for (const one of document.querySelectorAll(".bar, .actions")) one.style.position = "";
}"""
"""A bar that stays in sight lies over whatever is under it just now; axe would take that for a target too small."""
UNFOLD = """() => {
  for (const one of document.querySelectorAll("details:not([open])")) { one.dataset.folded = ""; one.open = true; }
}"""
FOLD = """() => {
  for (const one of document.querySelectorAll("details[data-folded]")) { delete one.dataset.folded; one.open = false; }
}"""


def put_away(contexts: Iterable[BrowserContext]) -> None:
    """Close them; what they sent last is answered before the record is emptied for the next journey."""
    for context in contexts:
        # A page that is closed sends what was typed last; by then nobody is there to take it.
        context.set_offline(True)
        context.close()
    for one in threading.enumerate():
        if "process_request_thread" in one.name:
            one.join(10)


class Watch:
    """What went wrong in a context, whatever the journey itself was looking at."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.host = urlsplit(address).netloc
        self.faults: list[str] = []
        context.on("console", self._console)
        context.on("weberror", lambda error: self.faults.append(f"page error: {error.error}"))
        context.on("request", self._request)
        context.on("requestfailed", self._failed)

    def _console(self, said: ConsoleMessage) -> None:
        path = urlsplit(said.location.get("url", "")).path
        met = DRAFTS_MET in said.text and path.startswith("/drafts/")
        over = SESSION_OVER in said.text and path == "/session"
        if said.type == "error" and REFUSED_FORM not in said.text and not met and not over:
            self.faults.append(f"console: {said.text} ({said.location.get('url')})")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.netloc != self.host:
            self.faults.append(f"asked another host: {request.url}")

    def _failed(self, request: Request) -> None:
        # A page that is left while a font is still on its way aborts it; nothing is lost.
        if request.failure != "net::ERR_ABORTED":
            self.faults.append(f"failed: {request.method} {request.url}: {request.failure}")


class Looker:
    """Looks at a page on a tablet in light and on a phone in dark: accessible, and nothing beside the edge."""

    def __init__(self, shots: Path | None, journey: str) -> None:
        self.shots, self.journey = shots, journey
        self.axe = Axe()

    def __call__(self, page: Page, name: str) -> None:
        before = page.viewport_size
        page.evaluate(UNSTICK)
        self._shoot(page, name)
        page.evaluate(self.axe.axe_script)
        # Everything that folds is open, so that what waits behind a touch is looked at as well.
        page.evaluate(UNFOLD)
        found = self._at(page, f"{name}, tablet", TABLET, "light")
        found += self._at(page, f"{name}, phone", PHONE, "dark")
        page.evaluate(FOLD)
        page.evaluate(STICK)
        page.emulate_media(color_scheme="light")
        if before:
            page.set_viewport_size(before)
        assert not found, f"{page.url}\n" + "\n".join(found)

    def _at(self, page: Page, where: str, size: ViewportSize, scheme: Scheme) -> list[str]:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        response = page.evaluate("options => axe.run(document, options)", OPTIONS)
        found = [
            f"{where}, {scheme}: {one['id']}: {one['help']}\n    "
            + "\n    ".join(f"{node['html'][:160]}\n      {node['failureSummary']}" for node in one["nodes"][:4])
            for one in response["violations"]
        ]
        return found + [f"{where}: wider than the screen: {one}" for one in page.evaluate(WIDER_THAN_SEEN)]

    def _shoot(self, page: Page, name: str) -> None:
        """Pictures of the page as it is seen."""
        if not self.shots:
            return
        self.shots.mkdir(parents=True, exist_ok=True)
        stem = re.sub(r"[^\w-]+", "_", f"{self.journey}-{name}")
        for device, size in (("tablet", TABLET), ("phone", PHONE)):
            page.set_viewport_size(size)
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                page.screenshot(path=self.shots / f"{stem}-{device}-{scheme}.png", full_page=True)
