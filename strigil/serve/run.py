"""Serves a live clinic behind a proxy that speaks https, until told to stop; then nothing in flight is dropped."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from ctypes import c_byte
from functools import partial
from typing import Any

from strigil.serve.server import PortTaken, Server, application, check_port

NOTICE = 2.0
"""Seconds in which ``/ready`` says that the server is leaving, while requests are still taken."""
THREADS = 2
"""Of a worker: more draw pages by turns, and all are late; one alone waits with whoever waits to write."""
STOP_WITHIN = 30
"""Seconds in which requests that are here are finished."""


def run(*, host: str, port: int, workers: int) -> int:
    """Look whether this may be served, and serve it."""
    os.umask(0o077)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "strigil.settings")
    try:
        check_port(host, port)
    except PortTaken as error:
        print(f"strigil: {host} port {port} cannot be used ({error}): choose another with --port", file=sys.stderr)
        return 2
    if code := subprocess.run([sys.executable, "-m", "strigil.serve.start"], check=False).returncode:
        return code
    leaving = multiprocessing.RawValue(c_byte, 0)
    server = LiveServer(leaving, host=host, port=port, workers=workers)
    # granian raises where its workers keep ending by themselves.
    with suppress(SystemExit):
        server.serve(target_loader=partial(_application, os.getpid(), leaving), wrap_loader=False)
    if server.interrupt_signal and not server.silent:
        return 0
    print("strigil: the server has stopped by itself; what went wrong stands above", file=sys.stderr)
    return 1


class LiveServer(Server):
    """Starts a worker anew that has ended by itself, and says that it is leaving before it turns anybody away."""

    def __init__(self, leaving: c_byte, *, host: str, port: int, workers: int) -> None:
        started = partial(print, f"Strigil is ready at http://{host}:{port}/", flush=True)
        super().__init__(
            host=host,
            port=port,
            workers=workers,
            threads=THREADS,
            stop_within=STOP_WITHIN,
            started=started,
            respawn_failed_workers=True,
            respawn_interval=0,
        )
        self._leaving = leaving

    def shutdown(self, exit_code: int = 0) -> None:
        self._leaving.value = 1
        if self.interrupt_signal:
            time.sleep(NOTICE)
        super().shutdown(exit_code)


def _application(parent: int, leaving: c_byte) -> Callable[..., Any]:
    made = application(parent)
    from strigil.keep.health import follow

    follow(leaving)
    return made
