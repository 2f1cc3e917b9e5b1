"""Watches every request of every test from outside: who reads a patient's tables must leave a line in the log, and a
row that is written must be told by its table's trigger. A request is watched in its own thread, the live server's too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import local
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


@dataclass
class Request:
    reads: list[tuple[frozenset[str], str, Any]] = field(default_factory=list)
    has_line: bool = False


class Oracle:
    def __init__(self) -> None:
        self.unaccounted: list[str] = []
        self._of_this_thread = local()
        self._written = of_a_patient()
        self._read = self._written - {"clinic_appointment"}
        """The book's free times are worked out of appointments for people signed out."""

    @property
    def _request(self) -> Request | None:
        return getattr(self._of_this_thread, "request", None)

    def started(self, **_: Any) -> None:
        if self._request is None:
            connection.execute_wrappers.append(self.saw)
        self._of_this_thread.request = Request()

    def finished(self, **_: Any) -> None:
        if (request := self._request) is None:
            return
        self._of_this_thread.request = None
        connection.execute_wrappers.remove(self.saw)
        if not request.has_line:
            found = {one for tables, sql, params in request.reads if _found(sql, params) for one in tables}
            self.unaccounted += [", ".join(sorted(found))] if found else []
            if request.reads and not connection.in_atomic_block:
                connection.close()  # Django closed it a moment ago, and nobody will again

    def saw(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        request = self._request
        words = sql if isinstance(sql, str) else ""  # what psycopg composed names roles and tables, and reads nothing
        if request is None:
            return execute(sql, params, many, context)
        written = WRITTEN.match(words)
        if written and written[1] in self._written:
            return self._saw_write(execute, sql, params, many, context, written[1])
        if words.startswith("SELECT") and not connection._sealing:  # what a line of the log is made from is not shown
            if tables := self._read.intersection(READ.findall(words)):
                request.reads.append((tables, words, params))
        elif LINE in words and not SHOWN.isdisjoint(params or ()):
            request.has_line = True
        return execute(sql, params, many, context)

    def _saw_write(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any, table: str
    ) -> Any:
        before = _newest(table)
        done = execute(sql, params, many, context)
        if context["cursor"].rowcount > 0 and _newest(table) == before:
            self.unaccounted.append(f"a write of {table}")
        return done


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
        yield oracle
    finally:
        request_started.disconnect(oracle.started)
        request_finished.disconnect(oracle.finished)
