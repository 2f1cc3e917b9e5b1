"""A server as a clinic runs it, and people who use it over the wire."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from threading import Barrier, Thread
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.test import Client

from strigil.accounts.models import User
from tests.keep.hands import address_of
from tests.ports import free_port

T = TypeVar("T")

COMMAND = [sys.executable, "-m", "strigil.cli", "serve"]
TOKEN = "t" * 32


def environment(database: str = "", **env: str) -> dict[str, str]:
    """What a clinic's settings say, on a database."""
    given = {"STRIGIL_DATABASE": database or address_of(), "STRIGIL_DEMO": "no", "STRIGIL_TLS": "yes"}
    return os.environ | given | env


class Server:
    """``strigil serve`` on a port of its own, in a session of its own; ready when handed over."""

    def __init__(self, workers: int = 1, port: int = 0, database: str = "", **env: str) -> None:
        self.port = port or free_port()
        command = [*COMMAND, "--port", str(self.port), "--workers", str(workers)]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, start_new_session=True, env=environment(database, **env)
        )
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        assert said == f"Strigil is ready at http://127.0.0.1:{self.port}/\n", said

    def workers(self) -> list[int]:
        shown = subprocess.run(["ps", "-eo", "pid=,ppid=,stat="], capture_output=True, text=True, check=True).stdout
        rows = [line.split() for line in shown.splitlines()]
        return [int(pid) for pid, parent, state in rows if parent == str(self.process.pid) and state[0] != "Z"]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)


@contextmanager
def served(workers: int = 1, **given: Any) -> Iterator[Server]:
    server = Server(workers, **given)
    try:
        yield server
    finally:
        server.kill()


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    to: str
    text: str


@dataclass
class Person:
    """Somebody at a browser of their own, without Django's test client: real sockets to a real server."""

    port: int
    user: User | None = None
    cookies: dict[str, str] = field(default_factory=lambda: {"__Host-csrftoken": TOKEN})
    patience: float = 60

    def __post_init__(self) -> None:
        if self.user is not None:
            client = Client()
            client.force_login(self.user)
            self.cookies["__Host-sessionid"] = client.cookies[settings.SESSION_COOKIE_NAME].value

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None)

    def post(self, path: str, values: Mapping[str, str | Sequence[str]]) -> Answer:
        return self._ask("POST", path, urlencode({**values, "csrfmiddlewaretoken": TOKEN}, doseq=True))

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=self.patience)
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "X-Forwarded-Proto": "https",
            "Origin": f"https://127.0.0.1:{self.port}",
        }
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.getheader("Location", ""), answer.read().decode())
        finally:
            connection.close()

    def status(self, path: str) -> int | None:
        """The status of an answer; None where nobody listens any more."""
        try:
            return self.get(path).status
        except (OSError, HTTPException):
            return None


def held(html: str, name: str) -> str:
    """The value that a page holds in a field."""
    tag = next(one for one in re.findall(r"<input[^>]*>", html) if f'name="{name}"' in one)
    found = re.search(r'value="([^"]*)"', tag)
    return found[1] if found else ""


def at_once(calls: Sequence[Callable[[], T]]) -> list[T]:
    """All at the same moment, each in a thread of its own; what each gave, as they came."""
    together, got = Barrier(len(calls)), list[T]()

    def run(call: Callable[[], T]) -> None:
        together.wait()
        got.append(call())

    threads = [Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


def wait_for(what: Any, within: float = 30) -> None:
    """Look until something is so."""
    until = time.monotonic() + within
    while not what():
        assert time.monotonic() < until, "it never came to be"
        time.sleep(0.02)
