"""What goes wrong in a treatment room, done on purpose: a tab dies, an answer is lost, a server is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from playwright.sync_api import BrowserContext, Error, Page, Route

from strigil.clinic.models import Visit
from tests.ports import free_port

Make = Callable[..., BrowserContext]
STANDS = """() => {
  const found = {};
  for (const one of document.querySelector("form[data-draft]").elements) {
    if (!one.name || one.type === "hidden") continue;
    if (["radio", "checkbox"].includes(one.type)) { if (one.checked) (found[one.name] ??= []).push(one.value); }
    else if (one.value !== "") (found[one.name] ??= []).push(one.value);
  }
  return found;
}"""
OUTBOX = "() => Object.keys(localStorage).filter(key => key.startsWith('strigil-draft/'))"
EMPTIED = """() => new Promise((done, failed) => {
  const until = Date.now() + 10_000;
  const look = () => {
    if (!Object.keys(localStorage).some(key => key.startsWith("strigil-draft/"))) done();
    else if (Date.now() > until) failed(new Error(JSON.stringify(localStorage)));
    else setTimeout(look, 50);
  };
  look();
})"""
BACK = "() => dispatchEvent(new Event('online'))"


def stands(page: Page) -> dict[str, list[str]]:
    """Every value of the form as the page shows it."""
    found: dict[str, list[str]] = page.evaluate(STANDS)
    return found


def outbox(page: Page) -> list[str]:
    found: list[str] = page.evaluate(OUTBOX)
    return found


def all_sent(page: Page) -> None:
    """The outbox is empty, or will be soon. Playwright's own waiting asks by ``eval``, which our pages forbid."""
    page.evaluate(EMPTIED)


def crash(page: Page) -> Page:
    """The tab's process dies, with no goodbye; a new tab on the same device."""
    context = page.context
    with suppress(Error):
        page.goto("chrome://crash")
    with suppress(Error):
        page.close()
    return context.new_page()


class Bad:
    """A network that fails each request once: before it arrives, or its answer once it is done. ``away``: all fail."""

    def __init__(self, context: BrowserContext, mode: str) -> None:
        self.mode, self.failed, self.away = mode, list[str](), False
        context.route(lambda address: "/static/" not in address, self._fail_once)

    def _fail_once(self, route: Route) -> None:
        request = route.request
        what = f"{request.method} {request.url.split('/', 3)[3]} {'note' if 'drafts' in request.url else ''}"
        first = what not in self.failed
        if not first and not self.away:
            return route.continue_()
        self.failed.append(what)
        if first and self.mode == "answer lost" and request.method == "POST":
            with suppress(Error):
                route.fetch(max_redirects=0)
        with suppress(Error):
            route.abort("connectionreset")
        return None


def reach(page: Page, address: str) -> None:
    """Open a page as a person does on a bad network: again, until it comes."""
    for _ in range(10):
        with suppress(Error):
            page.goto(address)
            return
        with suppress(Error):
            page.wait_for_load_state()
    raise AssertionError(f"{address} never came")


def first(page: Page, held: Sequence[Route]) -> Route:
    """The request that was held back, once it has come."""
    for _ in range(1000):
        if held:
            return held[0]
        page.wait_for_timeout(10)
    raise AssertionError("no request came")


@contextmanager
def led_nowhere(page: Page) -> Iterator[None]:
    """The page is left, and the next one does not come."""
    with page.expect_event("requestfailed", lambda request: request.is_navigation_request()):
        yield


def spoilt(context: BrowserContext, script: str, right: str, wrong: str) -> None:
    """One of the page's scripts with a fault in it."""
    source = (Path(__file__).parents[2] / "strigil/static/strigil/js" / script).read_text()
    assert right in source
    context.route(
        f"**/{script}",
        lambda route: route.fulfill(body=source.replace(right, wrong), content_type="text/javascript"),
    )


class Server:
    """Strigil in processes of its own, on what the record holds now; killed without mercy, and started again."""

    def __init__(self) -> None:
        self.port, self.process = free_port(), None
        name = str(connection.settings_dict["NAME"])
        self.file = name
        postgresql = os.environ["STRIGIL_DATABASE"].replace("/strigil?", f"/{name}?")
        self.database = f"sqlite:{name}" if connection.vendor == "sqlite" else postgresql

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
        command += ["--port", str(self.port), "--workers", "1", "--blocking-threads", "2", "--log-level", "critical"]
        env = os.environ | {"STRIGIL_DATABASE": self.database, "DJANGO_SETTINGS_MODULE": "strigil.settings"}
        self.process: Any = subprocess.Popen([*command, "strigil.wsgi:application"], env=env, start_new_session=True)
        until = time.monotonic() + 60
        while not self.answers():
            assert self.process.poll() is None, "the server did not start"
            assert time.monotonic() < until, "the server does not answer"
            time.sleep(0.05)

    def kill(self) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    @contextmanager
    def held_up(self) -> Iterator[None]:
        """Nobody can write: a save that arrives stays in its middle."""
        if connection.vendor == "sqlite":
            import sqlite3

            holder = sqlite3.connect(self.file, isolation_level=None)
            holder.execute("BEGIN IMMEDIATE")
            try:
                yield
            finally:
                holder.execute("ROLLBACK")
                holder.close()
        else:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("LOCK TABLE clinic_visit IN SHARE ROW EXCLUSIVE MODE")
                yield

    def answers(self) -> bool:
        asked = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            asked.request("GET", "/live")
            return asked.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            asked.close()


def as_new(*visits: Visit) -> None:
    """Visits as they were opened, with nothing in them and nothing typed about them."""
    from strigil.clinic.models import AuditEvent, Draft, Sent

    for model in (Draft, Sent, AuditEvent):
        model._default_manager.all().delete()
    for visit in visits:
        Visit.objects.filter(pk=visit.pk).update(version=2, note="", found="", exercise="")
