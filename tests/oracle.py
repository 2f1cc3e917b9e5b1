"""Watches every request of every test from outside: who reads a patient's tables must leave a line in the log."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.signals import request_finished, request_started
from django.db import connection

READ = re.compile(r'(?:FROM|JOIN) "?(\w+)"?')
LINE = "INSERT INTO accounts_logline"


def of_a_patient() -> frozenset[str]:
    """Tables with a patient's data. The book's free times are worked out of appointments for people signed out."""
    from strigil.accounts.audit import rows

    return frozenset(name for name, model in rows.watched().items() if rows.path(model) is not None) - {
        "clinic_appointment"
    }


class Oracle:
    def __init__(self) -> None:
        self.unaccounted: list[str] = []
        self._reads: list[tuple[frozenset[str], str, Any]] = []
        self._line = False
        self._watched = of_a_patient()

    def started(self, **_: Any) -> None:
        self._reads, self._line = [], False

    def saw(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        words = sql if isinstance(sql, str) else ""  # what psycopg composed names roles and tables, and reads nothing
        if words.startswith("SELECT"):
            if tables := self._watched.intersection(READ.findall(words)):
                self._reads.append((tables, words, params))
        elif words.startswith(LINE):
            self._line = True
        return execute(sql, params, many, context)

    def finished(self, **_: Any) -> None:
        reads, self._reads = self._reads, []
        if not self._line:
            self.unaccounted += [", ".join(sorted(tables)) for tables, sql, params in reads if _found(sql, params)]


def _found(sql: str, params: Any) -> bool:
    """Whether anything came out: a link that nobody has reads nothing of anybody."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM ({sql}) AS found LIMIT 1", params)  # noqa: S608 - what was just executed
        return cursor.fetchone() is not None


@contextmanager
def watching() -> Iterator[Oracle]:
    oracle = Oracle()
    request_started.connect(oracle.started)
    request_finished.connect(oracle.finished)
    try:
        with connection.execute_wrapper(oracle.saw):
            yield oracle
    finally:
        request_started.disconnect(oracle.started)
        request_finished.disconnect(oracle.finished)
