"""Whose turn it is to write, among all who write to a database.

SQLite lets one write at a time, and whoever waits for it looks again only after 1, 2, 5, 10 and up to 100 ms. Whoever
is about to write waits here first, and looks every half millisecond. This is a courtesy: it is SQLite that keeps
writers apart, also from those who do not wait here.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

EVERY = 0.0005
"""Seconds between two looks."""
AT_MOST = 5.0
"""Seconds: whoever writes for longer fills or changes the database, and SQLite's way to wait for that will do."""


class Turn:
    """Of one connection: the lock of the folder that the database is in, so that no file has to lie beside it."""

    def __init__(self, database: str) -> None:
        in_memory = database in ("", ":memory:") or database.startswith("file:")
        self._folder = None if in_memory else Path(database).resolve().parent
        self._held: int | None = None

    def take(self) -> None:
        """Wait for it. Returns without it where it cannot be had."""
        if self._folder is None or self._held is not None:
            return
        try:
            self._held = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            until = time.monotonic() + AT_MOST
            while not self._locked() and time.monotonic() < until:
                time.sleep(EVERY)
        except OSError:  # a file system without such locks
            self.leave()

    def _locked(self) -> bool:
        assert self._held is not None  # noqa: S101 - for the types
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def leave(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            os.close(held)

    __del__ = leave
