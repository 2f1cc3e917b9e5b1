"""The server that the demo and a live clinic share: granian, said to be ready once it answers."""

from __future__ import annotations

import gc
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from typing import Any, cast

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from strigil.serve.absent import when_it_is_there
from strigil.serve.leash import die_with_parent

ANSWERS_WITHIN = 60.0
PORT_PATIENCE = 1.0


class PortTaken(Exception):
    """Something else listens there; ``args[0]`` is what the system says."""


def check_port(host: str, port: int) -> None:
    """Granian shares a port with whoever asks for the same; a second server must hear that it is taken.

    Raises:
        PortTaken: after a moment of patience with a server that is just ending.
    """
    until = time.monotonic() + PORT_PATIENCE
    while True:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
                probe.listen()
            except OSError as error:
                if time.monotonic() > until or isinstance(error, PermissionError):
                    raise PortTaken(error.strerror) from None
            else:
                return
        time.sleep(0.1)


class Server(Granian):  # type: ignore[misc, valid-type]
    """Granian that says when it answers, and stops on a closed terminal instead of reloading."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        stop_within: int,
        started: Callable[[], None],
        workers: int = 1,
        threads: int,
        **given: Any,
    ) -> None:
        super().__init__(
            "strigil.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            http=HTTPModes.http1,
            websockets=False,
            workers=workers,
            blocking_threads=threads,
            workers_kill_timeout=stop_within,
            log_level=LogLevels.critical,
            **given,
        )
        self._started = started
        self.silent = False

    def startup(self, spawn_target: Any, target_loader: Any) -> None:
        """The workers are forked in here; threads begin only afterwards."""
        ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        super().startup(spawn_target, target_loader)
        signal.signal(signal.SIGHUP, signal.SIG_IGN if ignored else self.signal_handler_interrupt)
        threading.Thread(target=self._announce, daemon=True).start()

    def _announce(self) -> None:
        """Once the address answers, say so; where it does not answer, stop."""
        until = time.monotonic() + ANSWERS_WITHIN
        while not (answers := _answers(self.bind_addr, self.bind_port)):
            if self.main_loop_interrupt.is_set():
                return
            if time.monotonic() > until or answers is False:
                self.silent = True
                self.signal_handler_interrupt()
                return
            time.sleep(0.05)
        self._started()


def application(parent: int) -> Callable[..., Any]:
    """In a worker: the application, with the shelf already read."""
    die_with_parent(parent)
    # Ctrl-C then reaches the main process alone, which lets requests finish; two signals at once can hang a worker.
    os.setpgrp()
    # What it inherits is for the main process; until granian gives it its own, a worker has nothing to finish.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    made = when_it_is_there(_loaded)
    # They live as long as the worker: to look through them for rubbish would stop a page for 50 ms and more.
    gc.collect()
    gc.freeze()
    return made


def _loaded() -> Callable[..., Any]:
    from strigil.knowledge import load
    from strigil.wsgi import application

    load()
    return cast(Callable[..., Any], application)


def _answers(host: str, port: int) -> bool | None:
    """Whether the application answers: None where nobody listens yet, False where it answers with an error."""
    at = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - where it may listen
    named = os.environ.get("STRIGIL_HOSTS", at).split(",")[0].lstrip(".")
    connection = HTTPConnection(at, port, timeout=10)
    try:
        connection.request("GET", "/live", headers={"Host": named})
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()
