"""Watches every request of every test from outside: who reads a patient's tables must leave a line in the log, and a
row that is written must be told by its table's trigger."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.signals import request_finished, request_started
from django.db import connection

READ = re.compile(r'(?:FROM|JOIN) "?(\w+)"?')
WRITTEN = re.compile(r'(?:INSERT (?:OR \w+ )?INTO|UPDATE|DELETE FROM) "?(\w+)"?')
LINE = "INSERT INTO accounts_logline"
SHOWN = frozenset({"opened", "printed", "exported", "sent"})
"""What the line of a request says; the lines of what was written are others."""
ORACLE = ") AS found LIMIT 1"
"""Ends what the oracle itself asks."""


def of_a_patient() -> frozenset[str]:
    """Tables with a patient's data."""
    from strigil.accounts.audit import rows

    return frozenset(name for name, model in rows.watched().items() if rows.path(model) is not None)


class Oracle:
    def __init__(self) -> None:
        self.unaccounted: list[str] = []
        self._asked = False
        self._reads: list[tuple[frozenset[str], str, Any]] = []
        self._line = False
        self._written = of_a_patient()
        self._read = self._written - {"clinic_appointment"}
        """The book's free times are worked out of appointments for people signed out."""

    def started(self, **_: Any) -> None:
        self._asked, self._reads, self._line = True, [], False

    def saw(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        words = sql if isinstance(sql, str) else ""  # what psycopg composed names roles and tables, and reads nothing
        written = WRITTEN.match(words) if self._asked else None
        if written and written[1] in self._written:
            return self._saw_write(execute, sql, params, many, context, written[1])
        if words.startswith("SELECT"):
            if tables := self._read.intersection(READ.findall(words)):
                self._reads.append((tables, words, params))
        elif LINE in words and not SHOWN.isdisjoint(params or ()):
            self._line = True
        return execute(sql, params, many, context)

    def _saw_write(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any, table: str
    ) -> Any:
        before = _newest(table)
        done = execute(sql, params, many, context)
        if context["cursor"].rowcount > 0 and _newest(table) == before:
            self.unaccounted.append(f"a write of {table}")
        return done

    def finished(self, **_: Any) -> None:
        reads, self._reads, self._asked = self._reads, [], False
        if not self._line:
            found = {one for tables, sql, params in reads if _found(sql, params) for one in tables}
            self.unaccounted += [", ".join(sorted(found))] if found else []


def _newest(table: str) -> Any:
    """Of the notes that triggers left; where there is no transaction, they wait there too."""
    return _first('SELECT max(id) FROM accounts_touched WHERE "table" = %s', [table])


def _found(sql: str, params: Any) -> bool:
    """Whether anything came out: a link that nobody has reads nothing of anybody."""
    return _first(f"SELECT 1 FROM ({sql}{ORACLE}", params) is not None  # noqa: S608 - what was just executed


def _first(sql: str, params: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return (cursor.fetchone() or (None,))[0]


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
