"""PostgreSQL, with writes that are sealed into the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.db.backends.postgresql import base

from strigil.accounts.audit.sealing import Sealing

if TYPE_CHECKING:
    from strigil.accounts.audit.models import Touched


class DatabaseWrapper(Sealing, base.DatabaseWrapper):
    def mine(self) -> Callable[[Touched], bool]:
        with self.cursor() as cursor:
            cursor.execute("SELECT txid_current()")
            (current,) = cursor.fetchone() or (0,)
        return lambda one: one.tx == current
