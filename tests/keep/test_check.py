"""``strigil check`` says what is sound, and finds each thing that is not."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from strigil.clinic.models import Patient
from strigil.keep import check
from strigil.keep.check import check_database, photographs_looked_at
from tests.clinic.cast import Story
from tests.keep.hands import done, strigil

pytestmark = pytest.mark.django_db(transaction=True)
on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="of SQLite")
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="of PostgreSQL")


def wrong() -> dict[str, str]:
    return {one.at: one.wrong for one in check_database() if one.wrong}


def test_a_sound_database_is_sound(kept: Story) -> None:
    assert wrong() == {}
    assert done("check")["sound"] is True
    ran = strigil("check")
    assert (ran.returncode, "contents: sound" in ran.stdout) == (0, True)


@on_sqlite
@pytest.mark.parametrize(
    ("name", "unsafe"),
    [
        ("synchronous", "NORMAL"),
        ("synchronous", "OFF"),
        ("foreign_keys", "OFF"),
        ("recursive_triggers", "OFF"),
        ("trusted_schema", "ON"),
        ("mmap_size", "268435456"),
        ("journal_mode", "DELETE"),
    ],
)
def test_an_unsafe_setting_is_found(name: str, unsafe: str, kept: Story) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {name}={unsafe}")
    try:
        assert list(wrong()) == [name]
    finally:
        connection.close()


@on_sqlite
def test_an_old_sqlite_is_found(monkeypatch: pytest.MonkeyPatch, kept: Story) -> None:
    monkeypatch.setattr(check, "SAFE", (99, 0, 0))
    assert list(wrong()) == ["SQLite"]


@on_sqlite
def test_a_row_that_points_to_nothing_is_found(kept: Story) -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA foreign_keys=OFF")
        Patient.objects.all()._raw_delete("default")
        cursor.execute("PRAGMA foreign_keys=ON")
    assert list(wrong()) == ["references"]
    assert strigil("check").returncode == 1


@on_sqlite
def test_a_file_with_rotten_pages_is_found(kept: Story, tmp_path: Path) -> None:
    file = tmp_path / "rotten.sqlite3"
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(file)])
    whole = bytearray(file.read_bytes())
    middle = len(whole) // 2
    whole[middle : middle + 8192] = bytes(range(256)) * 32
    file.write_bytes(whole)
    ran = strigil("check", database=f"sqlite:{file}")
    assert ran.returncode == 1
    assert "restore the last backup" in ran.stdout.lower()
    assert "Traceback" not in ran.stderr


@pytest.fixture
def unasked_migration(kept: Story) -> Iterator[Callable[[str], None]]:
    """Changes what the database says it has had, and puts it back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name, applied FROM django_migrations")
        before = cursor.fetchall()

    def say(sql: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql)

    yield say
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations")
        cursor.executemany("INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s)", before)


def test_a_schema_of_another_version_is_found(unasked_migration: Callable[[str], None]) -> None:
    unasked_migration("DELETE FROM django_migrations WHERE app = 'clinic' AND name LIKE '0007%'")
    assert "lacks clinic.0007" in wrong()["schema"]
    unasked_migration("INSERT INTO django_migrations (app, name, applied) VALUES ('clinic', '9999_new', '2030-01-01')")
    assert "newer Strigil" in wrong()["schema"]


@on_postgresql
def test_a_setting_that_loses_what_was_saved_is_found(kept: Story) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    try:
        assert list(wrong()) == ["synchronous_commit"]
    finally:
        connection.close()


@on_postgresql
def test_a_constraint_that_was_never_proven_is_found(kept: Story) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE clinic_patient ADD CONSTRAINT loose CHECK (name <> 'x') NOT VALID")
    try:
        assert list(wrong()) == ["constraints"]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE clinic_patient DROP CONSTRAINT loose")


@pytest.mark.parametrize(
    "words", [["check"], ["backup", "out.age"], ["export", "out"], ["import-patients", "no.csv", "--by", "nobody"]]
)
def test_looking_makes_no_database(words: list[str], tmp_path: Path) -> None:
    ran = strigil(*words, database=f"sqlite:{tmp_path / 'none.sqlite3'}")
    assert ran.returncode == 1
    assert "there is no database" in ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_database_without_a_record_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty.sqlite3").touch()
    ran = strigil("export", tmp_path / "out", database=f"sqlite:{tmp_path / 'empty.sqlite3'}")
    assert (ran.returncode, "holds no record yet" in ran.stderr, "Traceback" in ran.stderr) == (1, True, False)


# --- Photographs --------------------------------------------------------------------------------------------------

FLIPS = 40
"""1,000 with ``-m assure``."""


def unseen(story: Story, client: Client, number: int) -> list[str]:
    """Pictures with one bit turned that were served all the same, or that the check found sound."""
    found, chance = [], random.Random(6)
    held = story.photographed(story.signed(story.ready()))
    kept = held.kept
    sound = bytes(kept.content)
    place = f"/photographs/{held.pk}.jpg"
    assert client.get(place).content == sound
    for _ in range(number):
        bit = chance.randrange(len(sound) * 8)
        spoilt = bytearray(sound)
        spoilt[bit // 8] ^= 1 << bit % 8
        type(kept).objects.filter(pk=kept.pk).update(content=bytes(spoilt))
        told = client.get(place)
        seen = str(held.pk) in photographs_looked_at().wrong
        if told.status_code == 200 or not seen:
            found.append(f"bit {bit}: {told.status_code}")
    type(kept).objects.filter(pk=kept.pk).update(content=sound)
    assert client.get(place).content == sound
    return found


def test_a_photograph_with_one_bit_turned_is_found_and_not_served(story: Story, tablet: Client) -> None:
    assert unseen(story, tablet, FLIPS) == []


@pytest.mark.assure
def test_a_thousand_turned_bits_are_found_and_not_served(story: Story, tablet: Client, assurance: Any) -> None:
    assert unseen(story, tablet, 1000) == []
    assurance("bit_rot", turned=1000, unseen=0)


@pytest.mark.parametrize("place", ["strigil.keep.check", "strigil.clinic.views.photograph"])
def test_whoever_skips_the_hash_is_caught(
    place: str, story: Story, tablet: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{place}.is_as_kept", lambda *_: True)
    assert len(unseen(story, tablet, 2)) == 2
