"""A database that is not there for a moment, as while it recovers or is started again: whoever starts waits for it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

LOOK_EVERY = 0.25
WORKER_WAITS = 300.0
"""Seconds; then a worker ends, and another takes its place."""
START_WAITS = 30.0


def wait_for_database(within: float = START_WAITS) -> None:
    """Wait while PostgreSQL does not answer or turns everybody away; whoever connects next says what is wrong.

    One that answers is not waited for, whatever it thinks of the address: a wrong password does not mend itself.
    """
    from django.db import connection

    if connection.vendor != "postgresql":
        return
    from psycopg.conninfo import make_conninfo
    from psycopg.pq import PGconn, Ping

    given = connection.settings_dict
    named = {key: given[key.upper()] for key in ("host", "port", "user") if given[key.upper()]}
    conninfo = make_conninfo("", **named, dbname=given["NAME"]).encode()
    until, said = time.monotonic() + within, False
    while PGconn.ping(conninfo) in {Ping.REJECT, Ping.NO_RESPONSE} and time.monotonic() < until:
        if not said:
            print(f"strigil: the database does not answer; waiting for it, {within:.0f} seconds", file=sys.stderr)
            said = True
        time.sleep(LOOK_EVERY)


def when_it_is_there(load: Callable[[], T], within: float = WORKER_WAITS) -> T:
    """What ``load`` gives, once the database lets it.

    Raises:
        django.db.Error: as ``load`` does when it is still so after ``within`` seconds, or is no matter of waiting.
    """
    from django.db import Error, connections

    until, said = time.monotonic() + within, False
    while True:
        try:
            return load()
        except Error as error:
            connections.close_all()
            if time.monotonic() > until or not _is_absent(error):
                raise
            if not said:
                why = next(iter(str(error.__cause__ or error).splitlines()), "it does not say why")
                print(f"strigil: a worker that is starting waits for the database ({why})", file=sys.stderr)
                said = True
            time.sleep(LOOK_EVERY)


def _is_absent(error: BaseException | None) -> bool:
    """Whether the database could not be asked; also behind a log that could therefore not be written."""
    from django.db import InterfaceError, OperationalError

    return error is not None and (isinstance(error, (OperationalError, InterfaceError)) or _is_absent(error.__cause__))
