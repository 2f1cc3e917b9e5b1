"""A record of an earlier version is brought up to date without losing anything."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

NORTHSIDE = ("019b4c3e2a7d7c3d8e1f5a6b7c8d9e0f", "Northside", "Europe/London", 0, "2026-01-05 09:00:00")
DANA = 32 * "d"
PLACE = "INSERT INTO accounts_clinic (id, name, time_zone, is_demo, created_at) VALUES (?, ?, ?, ?, ?)"


def test_a_record_of_the_first_version_is_brought_up_to_date_and_kept(tmp_path: Path) -> None:
    record = tmp_path / "strigil.sqlite3"
    migrate(record, "accounts")
    migrate(record, "clinic", "0001")
    with closing(sqlite3.connect(record)) as connection, connection:
        connection.execute(PLACE, NORTHSIDE)
        assert connection.execute("SELECT name FROM sqlite_master WHERE name = 'clinic_tally'").fetchall() == []
    migrate(record)
    with closing(sqlite3.connect(record)) as connection:
        assert connection.execute("SELECT name FROM accounts_clinic").fetchall() == [("Northside",)]
        assert connection.execute("SELECT count(*) FROM clinic_tally").fetchone() == (0,)


def test_a_record_from_before_the_log_is_counted_and_not_sealed_as_if_it_had_been(tmp_path: Path) -> None:
    record = tmp_path / "strigil.sqlite3"
    migrate(record, "accounts", "0001")
    migrate(record, "clinic", "0008")
    with closing(sqlite3.connect(record)) as connection, connection:
        connection.execute(PLACE, NORTHSIDE)
    migrate(record)
    lines = "SELECT seq, what, details FROM accounts_logline WHERE clinic_id = ? AND seq = 1"
    with closing(sqlite3.connect(record)) as connection:
        assert connection.execute(lines, NORTHSIDE[:1]).fetchall() == [(1, "begun", '{"accounts_clinic": 1}')]
    migrate(record)
    with closing(sqlite3.connect(record)) as connection:
        assert len(connection.execute(lines, NORTHSIDE[:1]).fetchall()) == 1


def test_a_write_is_in_the_log_though_the_table_lacks_a_column_of_today(tmp_path: Path) -> None:
    """As a migration writes one: between two versions of the tables, of which the models know the last alone."""
    record = tmp_path / "strigil.sqlite3"
    migrate(record, "accounts")
    migrate(record, "clinic", "0008")
    with closing(sqlite3.connect(record)) as connection, connection:
        connection.execute(PLACE, NORTHSIDE)
        put(connection, "accounts_user", id=DANA, clinic_id=NORTHSIDE[0], date_joined=NORTHSIDE[4], role="owner")
        made = {"created_at": NORTHSIDE[4], "created_by_id": DANA, "origin": "real", "version": 1}
        names = put(connection, "clinic_patient", id=32 * "a", clinic_id=NORTHSIDE[0], sex="female", **made)
        assert "may_mail" not in names
    migrate(record)
    with closing(sqlite3.connect(record)) as connection:
        line = "SELECT what, patients, row <> '' FROM accounts_logline WHERE \"table\" = 'clinic_patient'"
        assert connection.execute(line).fetchall() == [("added", f'["{32 * "a"}"]', 1)]
    strigil(record, "strigil.cli", "audit", "verify", "--rows")


def put(connection: sqlite3.Connection, table: str, **given: Any) -> set[str]:
    """A row in a table of another day: what it needs and nobody gave is 0 or empty. Gives its columns."""
    about = connection.execute(f"PRAGMA table_info({table})").fetchall()
    row = {name: 0 if "int" in kind or "bool" in kind else "" for _, name, kind, needed, _, _ in about if needed}
    row |= {name: value for name, value in given.items() if name in {one for _, one, *_ in about}}
    insert = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})"  # noqa: S608 - our own names
    connection.execute(insert, list(row.values()))
    return {name for _, name, *_ in about}


def migrate(record: Path, *to: str) -> None:
    strigil(record, "strigil.manage", "migrate", *to)


def strigil(record: Path, *words: str) -> None:
    env = os.environ | {"STRIGIL_DATABASE": f"sqlite:{record}", "STRIGIL_DATA": str(record.parent)}
    env |= {"STRIGIL_SECRET_KEY": "a key of this test alone, long enough to be one", "STRIGIL_DEMO": "no"}
    done = subprocess.run([sys.executable, "-m", *words], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr or done.stdout
