"""The quicker way to bring a database up to date makes the same tables, indexes, checks and triggers as Django's."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg
from django.db import connection

from tests.keep.hands import new_database

OWN = """
import django
django.setup()
from django.core.management import call_command
from django.db.migrations.state import ProjectState
from strigil.accounts import steps
steps.Light = {light}
call_command("migrate", verbosity=0)
"""
MADE = """
SELECT 'column', table_name, column_name,
  concat_ws(' ', data_type, character_maximum_length, is_nullable, column_default)
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
UNION ALL SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid)
FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'function', '', proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""
Made = set[tuple[str, ...]]


def made(light: str, folder: Path) -> Made:
    with new_database(connection.vendor, folder) as address:
        if connection.vendor == "sqlite":
            Path(address.removeprefix("sqlite:")).parent.mkdir()
        command = [sys.executable, "-c", OWN.format(light=light)]
        subprocess.run(command, env=os.environ | {"STRIGIL_DATABASE": address}, check=True)
        if connection.vendor == "sqlite":
            with closing(sqlite3.connect(address.removeprefix("sqlite:"))) as found:
                return set(found.execute("SELECT type, tbl_name, name, coalesce(sql, '') FROM sqlite_master"))
        with psycopg.connect(address) as server:
            return set(server.execute(MADE))


def test_the_same_is_made(db: None, tmp_path: Path) -> None:
    djangos = made("ProjectState", tmp_path)
    assert len(djangos) > 300
    assert made("steps.Light", tmp_path) ^ djangos == set()
