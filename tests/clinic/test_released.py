"""What any released version has kept is brought up to date: every row, every value, every meaning."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from strigil.keep.archive import MANIFEST, Manifest, lines_of, parts, verified
from strigil.keep.tables import Table, lines
from tests.clinic.release import HERE, PASSPHRASE, changed, codes
from tests.keep.hands import done, new_database
from tests.serve.disk import looking_at
from tests.serve.hands import environment

pytestmark = pytest.mark.django_db(transaction=True)

VERSIONS = sorted(path.stem for path in HERE.glob("*.age"))
Held = dict[str, tuple[Table, list[list[Any]]]]


@pytest.fixture
def key(tmp_path: Path) -> Path:
    file = tmp_path / "key"
    file.write_bytes(PASSPHRASE)
    return file


def kept(file: Path) -> Held:
    """Every row as that version wrote it."""
    with file.open("rb") as reading:
        manifest: Manifest = verified(reading, PASSPHRASE)
        reading.seek(0)
        held: Held = {one.table.name: (one.table, []) for one in manifest.tables}
        of_part = {name: one.table.name for one in manifest.tables for name in one.parts}
        for name, content in parts(reading, PASSPHRASE):
            if name != MANIFEST:
                held[of_part[name]][1].extend(map(json.loads, lines_of(name, content).splitlines()))
    return held


def lost(held: Held) -> Iterator[str]:
    """Rows and values of then that are not there now. A column that is gone has to be named in a test of its own."""
    there = connection.introspection.table_names()
    for name, (table, rows) in held.items():
        if name not in there:
            yield f"{name} is gone"
            continue
        now = {row[0]: meant(keyed(table), row) for row in map(json.loads, lines(connection, keyed(table)))}
        for row in rows:
            values = dict(zip((one.name for one in table.columns), row, strict=True))
            if now.get(values[table.key]) != meant(keyed(table), [values[one.name] for one in keyed(table).columns]):
                yield f"{name} {values[table.key]}"


def meant(table: Table, row: list[Any]) -> list[Any]:
    """PostgreSQL keeps what JSON says, in an order of its own."""
    return [
        json.loads(held) if one.kind == "json" and held is not None else held
        for one, held in zip(table.columns, row, strict=True)
    ]


def keyed(table: Table) -> Table:
    """The key first, then the columns as they were."""
    ordered = sorted(table.columns, key=lambda one: one.name != table.key)
    return table.model_copy(update={"columns": tuple(ordered)})


@pytest.mark.parametrize("version", VERSIONS)
def test_the_record_of_a_released_version_comes_up_to_date_whole(version: str, tmp_path: Path, key: Path) -> None:
    file = HERE / f"{version}.age"
    with new_database(connection.vendor, tmp_path) as there:
        done("restore", file, "--key-file", key, database=there, STRIGIL_DEMO="yes")
        assert done("check", database=there)["sound"] is True
        held = kept(file)
        assert sum(len(rows) for _, rows in held.values()) > 1000
        with looking_at(there):
            assert list(lost(held)) == []
            with connection.cursor() as cursor:
                cursor.execute("UPDATE clinic_finding SET answer = 'no' WHERE answer = 'unknown'")
            assert list(lost(held)), "a value that changed its meaning has to be seen"
        shown = subprocess.run(
            [sys.executable, "-m", "tests.clinic.shown"], capture_output=True, text=True, check=False,
            env=environment(there, STRIGIL_DEMO="yes", STRIGIL_TLS="no"),
        )  # fmt: skip
        assert (shown.returncode, shown.stdout.strip()) == (0, ""), shown


@pytest.mark.parametrize("version", VERSIONS)
def test_every_code_of_a_released_version_means_what_it_meant(version: str) -> None:
    assert changed(json.loads((HERE / f"{version}.json").read_text()), codes()) == []


def test_a_code_that_means_something_else_is_seen() -> None:
    then = codes()
    column = "clinic.Finding.answer"
    now = then | {column: then[column] | {"unknown": then[column]["no"]}}
    assert changed(then, now) == [f"{column}: 'unknown' was 'Not known' and is 'No'"]
    assert changed(then, {column: {}})
