"""The folder of a demo: what is reused, what is moved aside, and that a half-made clinic is never taken for a whole."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from pysqlite3 import dbapi2

from strigil.demo.place import InUse, Made, Place, wanted

pytestmark = pytest.mark.same_on_both

ON = date(2026, 11, 20)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path / "demo")
    made.prepare()
    return made


def make(place: Place, made: Made) -> None:
    """A database as ``build`` leaves it."""
    connection = dbapi2.connect(str(place.part))
    with connection:
        connection.execute("CREATE TABLE strigil_demo (name text PRIMARY KEY, value text NOT NULL)")
        connection.executemany("INSERT INTO strigil_demo VALUES (?, ?)", made.rows())
    connection.close()
    place.accept_part()


def test_the_folder_and_the_key_are_private(place: Place) -> None:
    key = place.secret_key()
    assert len(key) >= 50
    assert place.secret_key() == key
    assert place.home.stat().st_mode & 0o777 == 0o700
    assert (place.home / "secret-key").stat().st_mode & 0o777 == 0o600


def test_a_folder_full_of_other_things_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "letters").touch()
    Place(tmp_path).prepare()
    assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_the_same_seed_day_and_migrations_are_reused(place: Place) -> None:
    make(place, wanted(1, ON))
    assert place.made() == wanted(1, ON)


@pytest.mark.parametrize("other", [Made(2, ON, ""), Made(1, date(2026, 11, 21), ""), Made(1, ON, "other")])
def test_another_seed_day_or_set_of_migrations_is_not_reused(place: Place, other: Made) -> None:
    same = wanted(1, ON)
    make(place, Made(other.seed, other.on, other.migrations or same.migrations))
    assert place.made() != same


def test_a_half_made_clinic_is_not_a_clinic(place: Place) -> None:
    place.part.write_bytes(b"half")
    assert place.made() is None
    place.drop_part()
    assert not place.part.exists()


def test_a_file_that_is_no_database_is_not_a_clinic(place: Place) -> None:
    place.database.write_bytes(b"no database" * 500)
    assert place.made() is None


def test_the_old_clinic_is_kept_under_the_day_it_was_for(place: Place) -> None:
    make(place, wanted(1, ON))
    assert place.move_aside() == place.home / "demo-2026-11-20.sqlite3"
    assert not place.database.exists()
    assert place.move_aside() is None


def test_the_newest_three_old_clinics_are_kept(place: Place) -> None:
    for number in range(5):
        make(place, wanted(number, ON))
        kept = place.move_aside()
        assert kept is not None
        os.utime(kept, (number, number))
    assert len(list(place.home.glob("demo-*.sqlite3"))) == 3


def test_one_demo_at_a_time_holds_a_folder(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("strigil.demo.place.LOCK_PATIENCE", 0.0)
    place.lock()
    other = Place(place.home)
    with pytest.raises(InUse):
        other.lock()
    place.unlock()
    other.unlock()
    again = Place(place.home)
    again.lock()
    again.unlock()
