"""Starts the demo clinic: one folder, one address, nothing left running afterwards.

Three processes at most. This one loads no Django: it looks after the folder and the others. ``build`` makes the
database when there is none to reuse. The server is granian with one worker: SQLite has one writer, and a second
worker would double the memory of a laptop for nothing. The worker is on a leash (see ``strigil.serve.leash``), so it
ends with this process even where this process is killed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from datetime import date, datetime
from functools import partial
from pathlib import Path
from types import FrameType
from zoneinfo import ZoneInfo

from strigil.accounts import demo as accounts
from strigil.demo.place import InUse, Place, wanted
from strigil.serve.server import PortTaken, Server, application, check_port

ADDRESS = "127.0.0.1"
ZONE = ZoneInfo("Europe/London")
THREADS = 4
STOP_WITHIN = 3
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
    try:
        check_port(ADDRESS, port)
    except PortTaken as error:
        other = port + 1 if port < 65535 else 8000
        raise Unable(
            f"port {port} cannot be used ({error}): stop what is using it, or choose another: "
            f"strigil demo --port {other}"
        ) from None


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


def _serve(port: int, browser: bool) -> int:
    started = partial(_announce, port, browser)
    server = Server(host=ADDRESS, port=port, threads=THREADS, stop_within=STOP_WITHIN, started=started)
    # granian raises where its worker has ended by itself.
    with suppress(SystemExit):
        server.serve(target_loader=partial(application, os.getpid()), wrap_loader=False)
    if server.silent:
        print(f"strigil: http://{ADDRESS}:{port}/live does not answer as it should", file=sys.stderr)
    elif server.interrupt_signal:
        return 0
    print("strigil: the server has stopped by itself; what went wrong stands above", file=sys.stderr)
    return 1


# --- Saying so ---


def _announce(port: int, browser: bool) -> None:
    print(f"Strigil is ready at http://{ADDRESS}:{port}/")
    print(f"\nSign in as one of these; everybody in this clinic is made up or published.\n\n{accounts.table()}\n")
    print("Ctrl-C ends it.", flush=True)
    if browser and _has_desktop():
        _open(f"http://{ADDRESS}:{port}/")


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
