"""PostgreSQL, with writes that are sealed into the log."""

from __future__ import annotations

from typing import Any

from django.db.backends.postgresql import base

from strigil.accounts.audit.sealing import Sealing


class DatabaseWrapper(Sealing, base.DatabaseWrapper):
    def mine(self) -> dict[str, Any]:
        with self.cursor() as cursor:
            cursor.execute("SELECT txid_current()")
            (current,) = cursor.fetchone() or (0,)
        return {"tx": current}
