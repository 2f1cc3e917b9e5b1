"""What the tests of keeping share: a record of every kind of row, databases to restore into, and how they compare."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.db import connection, models
from django.db.backends.base.base import BaseDatabaseWrapper

from strigil.accounts.audit.rows import OWN

PASSPHRASE = b"a passphrase for tests"
QUICK = 4
"""Steps of scrypt, as a power of two: the tests seal many times."""


def address_of(database: BaseDatabaseWrapper = connection) -> str:
    name = str(database.settings_dict["NAME"])
    if database.vendor == "sqlite":
        return f"sqlite:{name}"
    before, _, rest = os.environ["STRIGIL_DATABASE"].partition("/strigil")
    return f"{before}/{name}{rest}"


@contextmanager
def new_database(vendor: str, folder: Path) -> Iterator[str]:
    """The address of a database without a table."""
    if vendor == "sqlite":
        yield f"sqlite:{folder / uuid4().hex / 'strigil.sqlite3'}"
        return
    name = f"kept_{uuid4().hex}"
    _on_server(f'CREATE DATABASE "{name}"')
    before, _, rest = os.environ["STRIGIL_DATABASE"].partition("/strigil")
    try:
        yield f"{before}/{name}{rest}"
    finally:
        _on_server(f'DROP DATABASE "{name}"')


def _on_server(sql: str) -> None:
    own = connection.copy()
    try:
        with own.cursor() as cursor:
            cursor.execute(sql)
    finally:
        own.close()


def strigil(*words: object, database: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    """The command as somebody runs it, on a database."""
    given = os.environ | {"STRIGIL_DATABASE": database or address_of(), "STRIGIL_DEMO": "no"} | env
    command = [sys.executable, "-m", "strigil.cli", *map(str, words)]
    return subprocess.run(command, env=given, capture_output=True, text=True, check=False)


def done(*words: object, database: str = "", **env: str) -> dict[str, Any]:
    """What the command reports as JSON when it went well."""
    ran = strigil(*words, "--json", database=database, **env)
    assert ran.returncode == 0, ran.stderr
    report: dict[str, Any] = json.loads(ran.stdout)
    return report


Rows = dict[str, list[tuple[Any, ...]]]


def rows(alias: str = "default", *, log: bool = False) -> Rows:
    """Every row of every model as Python sees it, read by Django alone; the log goes on by itself."""
    found: Rows = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.db_table != "django_session" and (log or model not in OWN):
            found[model._meta.label] = list(model._base_manager.using(alias).order_by("pk").values_list())
    return found


def rows_at(address: str, *, log: bool = False) -> Rows:
    """The rows of another database, read by a process of its own."""
    found: Rows = pickle.loads(elsewhere("everything" if log else "rows", address))  # noqa: S301 - what our own process printed
    return found


def tables_at(address: str) -> list[str]:
    found: list[str] = pickle.loads(elsewhere("tables", address))  # noqa: S301 - what our own process printed
    return found


def elsewhere(what: str, address: str) -> bytes:
    command = [sys.executable, "-m", "tests.keep.elsewhere", what]
    return subprocess.run(command, env=os.environ | {"STRIGIL_DATABASE": address}, stdout=-1, check=True).stdout


def fill_every_table(make: Callable[..., Any], records: Sequence[type[models.Model]]) -> None:
    for model in records:
        make(model)
