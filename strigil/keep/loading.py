"""Many rows into empty tables: one transaction, with indexes made and references looked up when all rows are in."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import Error, IntegrityError, connection, transaction

from strigil.keep.faults import Unable

INDEXES = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name",
    "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()"
    " AND indexname NOT IN (SELECT conname FROM pg_constraint) ORDER BY indexname",
}
CONSTRAINTS = (
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE contype IN ('p', 'u', 'f') AND connamespace = current_schema()::regnamespace"
    " ORDER BY contype = 'f', conname"
)
"""Keys before what points to them."""


@contextmanager
def loading() -> Iterator[None]:
    """What is written inside comes in as a whole; SQLite's file has to be one that is thrown away where it does not.

    Raises:
        Unable: when the rows do not hold together.
    """
    if connection.vendor == "sqlite":
        for pragma in ("foreign_keys=OFF", "journal_mode=OFF", "synchronous=OFF", "cache_size=-200000", "threads=2"):
            run(f"PRAGMA {pragma}")
    gc.disable()  # millions of short-lived lists: looking through them takes a fifth of the time
    try:
        with transaction.atomic(), _indexes_afterwards(), _constraints_afterwards():
            yield
    except IntegrityError as error:
        raise Unable(f"what was given does not hold together, so nothing was written: {said(error)}") from None
    finally:
        gc.enable()
    if connection.vendor == "sqlite":
        connection.close()


@contextmanager
def _indexes_afterwards() -> Iterator[None]:
    quote = connection.ops.quote_name
    found = asked(INDEXES[connection.vendor])
    for name, _ in found:
        run(f"DROP INDEX {quote(name)}")
    yield
    for _, make in found:
        run(make)


@contextmanager
def _constraints_afterwards() -> Iterator[None]:
    """References, and on PostgreSQL keys too; SQLite's keys are part of their table."""
    if connection.vendor == "sqlite":
        yield
        connection.check_constraints()
        return
    quote = connection.ops.quote_name
    found = asked(CONSTRAINTS)
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("SET LOCAL maintenance_work_mem = '256MB'")
    for table, name, _ in reversed(found):
        run(f"ALTER TABLE {table} DROP CONSTRAINT {quote(name)}")
    yield
    for table, name, make in found:
        run(f"ALTER TABLE {table} ADD CONSTRAINT {quote(name)} {make}")


def said(error: Error) -> str:
    """What a database says is wrong; the lines after the first may hold what a row holds."""
    return str(error).splitlines()[0]


def asked(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
