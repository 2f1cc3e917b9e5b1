"""SQLite, with writes that are sealed into the log."""

from __future__ import annotations

import hmac
import os
from contextlib import suppress
from typing import Any

from django.db.backends.sqlite3 import base

from strigil.accounts.audit.sealing import TOUCHED, Sealing


def _hmac(key: bytes, message: str | None) -> str | None:
    return None if message is None else hmac.digest(key, message.encode(), "sha256").hex()


def _make_private(path: str) -> None:
    """A new file is its user's alone, whatever the umask; SQLite gives those beside it the same mode."""
    if path != ":memory:" and not path.startswith("file:"):
        with suppress(OSError):  # it is there already, or cannot be made: SQLite says so
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


class DatabaseWrapper(Sealing, base.DatabaseWrapper):
    """SQLite has one writer: what was touched before this transaction began is not of it."""

    _touched_before: int | None = None

    def get_new_connection(self, conn_params: Any) -> Any:
        _make_private(str(conn_params["database"]))
        connection = super().get_new_connection(conn_params)
        connection.create_function("strigil_hmac", 2, _hmac, deterministic=True)
        return connection

    def _start_transaction_under_autocommit(self) -> None:
        super()._start_transaction_under_autocommit()  # type: ignore[misc]
        self._touched_before = None
        if self._keeps_log() and self.connection is not None:
            held = self.connection.execute(f"SELECT max(id) FROM {TOUCHED}").fetchone()  # noqa: S608 - our own names
            self._touched_before = held[0] or 0

    def mine(self) -> str:
        return "0" if self._touched_before is None else f"id > {self._touched_before}"
