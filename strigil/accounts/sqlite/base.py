"""SQLite, with writes that are sealed into the log."""

from __future__ import annotations

import hmac
import os
from contextlib import suppress
from typing import Any

from django.db.backends.sqlite3 import base

from strigil.accounts.audit.sealing import TOUCHED, Sealing
from strigil.accounts.sqlite.turn import Turn

WRITES = ("INSERT", "UPDATE", "DELETE")


def _hmac(key: bytes, message: str | None) -> str | None:
    return None if message is None else hmac.digest(key, message.encode(), "sha256").hex()


def _make_private(path: str) -> None:
    """A new file is its user's alone, whatever the umask; SQLite gives those beside it the same mode."""
    if path != ":memory:" and not path.startswith("file:"):
        with suppress(OSError):  # it is there already, or cannot be made: SQLite says so
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


class Cursor(base.SQLiteCursorWrapper):
    """A write that is a transaction by itself waits for its turn too."""

    turn: Turn

    def execute(self, query: str, params: Any = None) -> Any:
        if query[:6] not in WRITES or self.connection.in_transaction:
            return super().execute(query, params)
        try:
            self.turn.take()
            return super().execute(query, params)
        finally:
            self.turn.leave()


class DatabaseWrapper(Sealing, base.DatabaseWrapper):
    """SQLite has one writer: what was touched before this transaction began is not of it."""

    _touched_before: int | None = None
    _turn = Turn("")

    def get_new_connection(self, conn_params: Any) -> Any:
        _make_private(str(conn_params["database"]))
        self._turn = Turn(str(conn_params["database"]))
        connection = super().get_new_connection(conn_params)
        connection.create_function("strigil_hmac", 2, _hmac, deterministic=True)
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        assert self.connection is not None  # noqa: S101 - for the types
        cursor = self.connection.cursor(factory=Cursor)
        cursor.turn = self._turn
        return cursor

    def _start_transaction_under_autocommit(self) -> None:
        try:
            self._turn.take()
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._turn.leave()
            raise
        self._touched_before = None
        if self._keeps_log() and self.connection is not None:
            held = self.connection.execute(f"SELECT max(id) FROM {TOUCHED}").fetchone()  # noqa: S608 - our own names
            self._touched_before = held[0] or 0

    def _commit(self) -> None:
        super()._commit()
        self._turn.leave()

    def _rollback(self) -> None:
        super()._rollback()
        self._turn.leave()

    def _close(self) -> None:
        super()._close()  # type: ignore[misc]
        self._turn.leave()

    def mine(self) -> str:
        return "0" if self._touched_before is None else f"id > {self._touched_before}"
