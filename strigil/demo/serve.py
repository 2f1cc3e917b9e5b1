"""Starts the demo clinic: one folder, one address, nothing left running afterwards.

Three processes at most. This one loads no Django: it looks after the folder and the others. ``build`` makes the
database when there is none to reuse. The server is granian with one worker: SQLite has one writer, and a second
worker would double the memory of a laptop for nothing. The worker is on a leash (see ``leash``), so it ends with this
process even where this process is killed.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType
from typing import Any
from zoneinfo import ZoneInfo

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from strigil.accounts import demo as accounts
from strigil.demo.leash import die_with_parent
from strigil.demo.place import InUse, Place, wanted

ADDRESS = "127.0.0.1"
ZONE = ZoneInfo("Europe/London")
THREADS = 4
STOP_WITHIN = 3
ANSWERS_WITHIN = 60.0
PORT_PATIENCE = 1.0
NOT_FOR_A_DEMO = ("STRIGIL_ADDRESS", "STRIGIL_HOSTS", "STRIGIL_ORIGINS", "STRIGIL_TLS")
"""Settings of a real clinic that may stand in the environment and would lock the demo's pages."""


class Unable(Exception):
    """The demo cannot start; one line says why and what to do."""


def run(*, data: Path, port: int, seed: int, fresh: bool, browser: bool) -> int:
    """Prepare the folder, make or reuse the clinic, and serve it until told to stop."""
    os.umask(0o077)
    _stop_on_signals()
    place = Place(data)
    try:
        _check_port(port)
        _take(place)
        _environment(place)
        _make_or_reuse(place, seed, _today(), fresh)
        return _serve(port, browser)
    except Unable as error:
        print(f"strigil: {error}", file=sys.stderr)
        return 2
    finally:
        place.unlock()


def _today() -> date:
    return datetime.now(ZONE).date()


def _stop_on_signals() -> None:
    """Until the server takes over, every polite way to stop is the same; ``nohup`` keeps its meaning."""
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if one is signal.SIGHUP and signal.getsignal(one) is signal.SIG_IGN:
            continue
        signal.signal(one, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


# --- Before anything starts ---


def _check_port(port: int) -> None:
    """Granian shares a port with whoever asks for the same; a second demo must hear that it is taken."""
    until = time.monotonic() + PORT_PATIENCE
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((ADDRESS, port))
                probe.listen()
            except OSError as error:
                if time.monotonic() > until or isinstance(error, PermissionError):
                    other = port + 1 if port < 65535 else 8000
                    raise Unable(
                        f"port {port} cannot be used ({error.strerror}): stop what is using it, or choose another: "
                        f"strigil demo --port {other}"
                    ) from None
            else:
                return
        time.sleep(0.1)


def _take(place: Place) -> None:
    try:
        place.prepare()
        place.lock()
    except InUse:
        raise Unable(
            f"a demo is already running on {place.home}: stop it, or choose another folder: strigil demo --data DIR"
        ) from None
    except OSError as error:
        raise Unable(
            f"the folder {place.home} cannot be used ({error.strerror}): choose another: strigil demo --data DIR"
        ) from None


def _environment(place: Place) -> None:
    """What the settings read, set before Django is loaded anywhere."""
    for name in NOT_FOR_A_DEMO:
        os.environ.pop(name, None)
    os.environ |= {
        "STRIGIL_DATA": str(place.home),
        "STRIGIL_DATABASE": f"sqlite:{place.database}",
        "STRIGIL_SECRET_KEY": place.secret_key(),
        "STRIGIL_DEMO": "yes",
        "STRIGIL_MAIL": f"file:{place.home / 'mail'}",
        "STRIGIL_MAIL_FROM": "front-desk@clinic.example",
        "DJANGO_SETTINGS_MODULE": "strigil.settings",
    }


# --- The database ---


def _make_or_reuse(place: Place, seed: int, on: date, fresh: bool) -> None:
    """Reuse the clinic of the same seed, day and migrations; else keep the old one aside and make another."""
    place.drop_part()
    if not fresh and place.made() == wanted(seed, on):
        return
    _build(place, seed, on)
    kept = place.move_aside()
    if kept:
        print(f"The demo clinic that was here is kept as {kept}", flush=True)
    place.accept_part()


def _build(place: Place, seed: int, on: date) -> None:
    """Make the database under another name; only a whole one is ever given its own."""
    command = [sys.executable, "-m", "strigil.demo.build", str(seed), on.isoformat(), str(os.getpid())]
    process = subprocess.Popen(  # noqa: S603 - our own module, our own words
        command, env=os.environ | {"STRIGIL_DATABASE": f"sqlite:{place.part}"}
    )
    try:
        code = process.wait()
    except BaseException:
        process.kill()
        process.wait()
        place.drop_part()
        raise
    if code != 0:
        place.drop_part()
        raise Unable("the demo clinic could not be made; what went wrong stands above")


# --- The server ---


class DemoServer(Granian):  # type: ignore[misc, valid-type]
    """Granian that says when it answers, and stops on a closed terminal instead of reloading."""

    def __init__(self, port: int, started: Callable[[DemoServer], None]) -> None:
        super().__init__(
            "strigil.wsgi:application",
            address=ADDRESS,
            port=port,
            interface=Interfaces.WSGI,
            http=HTTPModes.http1,
            websockets=False,
            workers=1,
            blocking_threads=THREADS,
            workers_kill_timeout=STOP_WITHIN,
            log_level=LogLevels.critical,
        )
        self._started = started

    def startup(self, spawn_target: Any, target_loader: Any) -> None:
        """The worker is forked in here; threads begin only afterwards."""
        ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        super().startup(spawn_target, target_loader)
        signal.signal(signal.SIGHUP, signal.SIG_IGN if ignored else self.signal_handler_interrupt)
        threading.Thread(target=self._started, args=(self,), daemon=True).start()

    @property
    def stopping(self) -> bool:
        return bool(self.main_loop_interrupt.is_set())

    def stop(self) -> None:
        """As if somebody had pressed Ctrl-C."""
        self.signal_handler_interrupt()


def _serve(port: int, browser: bool) -> int:
    mute = threading.Event()
    server = DemoServer(port, partial(_announce, port, browser, mute))
    # granian raises where its worker has ended by itself.
    with suppress(SystemExit):
        server.serve(target_loader=partial(_application, os.getpid()), wrap_loader=False)
    if server.interrupt_signal and not mute.is_set():
        return 0
    print("strigil: the server has stopped by itself; what went wrong stands above", file=sys.stderr)
    return 1


def _application(parent: int) -> Callable[..., Any]:
    """In the worker: the application, with the shelf already read."""
    die_with_parent(parent)
    # Ctrl-C then reaches the main process alone, which lets requests finish; two signals at once can hang a worker.
    os.setpgrp()
    from strigil.knowledge import load
    from strigil.wsgi import application

    load()
    return application


# --- Saying so ---


def _announce(port: int, browser: bool, mute: threading.Event, server: DemoServer) -> None:
    """Once the address answers, print it with the sign-ins; where it does not answer, stop."""
    until = time.monotonic() + ANSWERS_WITHIN
    while not (answers := _answers(port)):
        if server.stopping:
            return
        if time.monotonic() > until or answers is False:
            print(f"strigil: http://{ADDRESS}:{port}/live does not answer as it should", file=sys.stderr)
            mute.set()
            server.stop()
            return
        time.sleep(0.05)
    print(f"Strigil is ready at http://{ADDRESS}:{port}/")
    print(f"\nSign in as one of these; everybody in this clinic is made up or published.\n\n{accounts.table()}\n")
    print("Ctrl-C ends it.", flush=True)
    if browser and _has_desktop():
        _open(f"http://{ADDRESS}:{port}/")


def _answers(port: int) -> bool | None:
    """Whether the application answers: None where nobody listens yet, False where it answers with an error."""
    connection = HTTPConnection(ADDRESS, port, timeout=10)
    try:
        connection.request("GET", "/live")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


def _has_desktop() -> bool:
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _open(address: str) -> None:
    """A browser in a session of its own: it may take its time, print and stay, and none of that is seen here."""
    quiet = subprocess.DEVNULL
    command = [sys.executable, "-m", "webbrowser", "-t", address]
    subprocess.Popen(  # noqa: S603 - our own address
        command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
    ).wait()
