"""PostgreSQL, with writes that are sealed into the log."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from django.db import DatabaseError
from django.db.backends.postgresql import base
from psycopg import Error

from strigil.accounts.audit.sealing import Sealing

FLUSH = "SELECT pg_logical_emit_message(true, 'strigil', '')"
"""A transaction of its own that waits for the disk, and so for all that was written before it."""


class DatabaseWrapper(Sealing, base.DatabaseWrapper):
    def mine(self) -> str:
        return "tx = txid_current()"

    def place(self, statements: Sequence[tuple[str, list[Any]]], *, last: bool) -> None:
        """The last lines go with the COMMIT in one message, and the disk is waited for afterwards.

        So a chain is held while the database writes lines, and neither while it waits for us nor for the disk; those
        who wait for the disk wait together. What follows in a chain cannot outlive what went before: the disk gets
        both in the order in which they counted.
        """
        if not last:
            super().place(statements, last=last)
            return
        begin = "BEGIN; " if self.get_autocommit() else ""
        checks = "SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL synchronous_commit TO off"
        lines = "; ".join(statement for statement, _ in statements)
        with self.cursor() as cursor:
            try:
                cursor.execute(
                    f"{begin}{checks}; {lines}; COMMIT; {FLUSH}", [one for _, some in statements for one in some]
                )
            except DatabaseError:
                if begin:
                    with suppress(Error):  # nothing is left to roll back where the connection is gone
                        self._rollback()
                raise

    def settle(self) -> None:
        with self.cursor() as cursor:
            cursor.execute(FLUSH)
