"""A restore ends whole or not at all, and brings an older record up to date."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from strigil.keep.archive import parts
from strigil.keep.backup import back_up
from strigil.keep.faults import Unable
from strigil.keep.tables import check_known
from tests.clinic.cast import Story
from tests.keep.hands import PASSPHRASE, QUICK, address_of, done, new_database, rows, rows_at, strigil, tables_at
from tests.keep.test_backup import resealed

pytestmark = pytest.mark.django_db(transaction=True)


def manage(database: str, *words: str) -> None:
    env = os.environ | {"STRIGIL_DATABASE": database}
    subprocess.run([sys.executable, "-m", "strigil.manage", *words], env=env, capture_output=True, check=True)


def migrations_of_the_clinic() -> list[str]:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return sorted(name for app, name in loader.disk_migrations if app == "clinic")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a server keeps its own files")
@pytest.mark.parametrize("way", ["restore", "import", "migrate"])
def test_a_new_database_is_read_by_nobody_else(kept: Story, way: str, tmp_path: Path, key: Path) -> None:
    """In a folder that everybody may look into, by somebody whose files everybody may read."""
    new = f"sqlite:{tmp_path / 'new.sqlite3'}"
    tmp_path.chmod(0o755)
    usual = os.umask(0o022)
    try:
        if way == "restore":
            done("backup", tmp_path / "b.age", "--key-file", key)
            done("restore", tmp_path / "b.age", "--key-file", key, database=new)
        elif way == "import":
            done("export", tmp_path / "folder")
            done("import", tmp_path / "folder", database=new)
        else:
            manage(new, "migrate")
    finally:
        os.umask(usual)
    assert [one.name for one in tmp_path.glob("*.sqlite3*") if one.stat().st_mode & 0o077] == []
    assert (tmp_path / "new.sqlite3").stat().st_size


@pytest.mark.parametrize("name", [migrations_of_the_clinic()[place] for place in (0, 4, -2)])
def test_a_backup_of_an_older_record_is_brought_up_to_date(name: str, tmp_path: Path, key: Path) -> None:
    with new_database(connection.vendor, tmp_path) as old, new_database(connection.vendor, tmp_path) as new:
        if connection.vendor == "sqlite":
            Path(old.removeprefix("sqlite:")).parent.mkdir()
        manage(old, "migrate", "accounts")
        manage(old, "migrate", "clinic", name)
        subprocess.run(
            [sys.executable, "-m", "tests.keep.elsewhere", "northside"],
            env=os.environ | {"STRIGIL_DATABASE": old}, stdout=subprocess.DEVNULL, check=True,
        )  # fmt: skip
        done("backup", tmp_path / "old.age", "--key-file", key, database=old)
        done("restore", tmp_path / "old.age", "--key-file", key, database=new)
        assert done("check", database=new)["sound"] is True
        held = rows_at(new)
    assert [row[1] for row in held["accounts.Clinic"]] == ["Northside"]
    assert [row[4].microsecond for row in held["accounts.Clinic"]] == [1]


def test_a_backup_of_a_newer_strigil_is_refused_before_anything_is_written(kept: Story, tmp_path: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('clinic', '9999_newer', '2030-01-01')"
        )
    try:
        with pytest.raises(Unable, match=r"newer Strigil \(it has clinic.9999_newer\)"):
            back_up(tmp_path / "one.age", PASSPHRASE, work=QUICK)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE name = '9999_newer'")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(Unable, match="The backup is of a newer Strigil"):
        check_known([("clinic", "9999_newer")], "The backup")


def test_a_restore_that_is_killed_leaves_nothing_that_looks_like_a_record(
    kept: Story, tmp_path: Path, key: Path
) -> None:
    file, _ = back_up(tmp_path / "one.age", PASSPHRASE, work=QUICK)
    with new_database(connection.vendor, tmp_path) as there:
        for stage in ("load", "check"):
            command = [sys.executable, "-m", "tests.keep.killed", stage, str(file)]
            killed = subprocess.run(
                command, env=os.environ | {"STRIGIL_DATABASE": there}, capture_output=True, text=True, check=False
            )
            assert killed.returncode == -9, killed.stderr
            if connection.vendor == "sqlite":
                assert not Path(there.removeprefix("sqlite:")).exists()
            else:
                assert tables_at(there) == []
        done("restore", file, "--key-file", key, database=there)
        assert rows_at(there) == rows()


@pytest.mark.parametrize("what", ["rows were kept", "cannot be unpacked"])
def test_what_shows_only_when_rows_are_loaded_leaves_nothing(kept: Story, tmp_path: Path, key: Path, what: str) -> None:
    """Every hash is right: a manifest that counts one row more, and a part that holds no rows."""
    file, _ = back_up(tmp_path / "one.age", PASSPHRASE, work=QUICK)
    with file.open("rb") as reading:
        held = dict(parts(reading, PASSPHRASE))
    manifest = json.loads(held["manifest.json"])
    table = next(one for one in manifest["tables"] if one["table"]["name"] == "clinic_patient")
    if what == "rows were kept":
        table["rows"] += 1
    else:
        part = next(one for one in manifest["parts"] if one["name"] == table["parts"][0])
        held[part["name"]] = content = b"no rows"
        part |= {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    file.write_bytes(resealed(held | {"manifest.json": json.dumps(manifest).encode()}).getvalue())
    with new_database(connection.vendor, tmp_path) as there:
        ran = strigil("restore", file, "--key-file", key, database=there)
        assert (ran.returncode, what in ran.stderr) == (1, True), ran.stderr
        if connection.vendor == "sqlite":
            assert not Path(there.removeprefix("sqlite:")).exists()
        else:
            assert tables_at(there) == []


def test_a_row_that_points_to_nothing_is_refused(kept: Story, tmp_path: Path, key: Path) -> None:
    """As a hand may have left it in a database whose references were off."""
    from strigil.clinic.models import Appointment, Patient

    patient = Appointment.objects.exclude(patient=None).values_list("patient_id", flat=True)[0]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA foreign_keys=OFF")
        else:
            cursor.execute("SET session_replication_role = replica")
        Patient.objects.filter(pk=patient)._raw_delete("default")
        cursor.execute("PRAGMA foreign_keys=ON" if connection.vendor == "sqlite" else "RESET session_replication_role")
    file, _ = back_up(tmp_path / "one.age", PASSPHRASE, work=QUICK)
    with new_database(connection.vendor, tmp_path) as there:
        ran = strigil("restore", file, "--key-file", key, database=there)
        assert (ran.returncode, "does not hold together" in ran.stderr) == (1, True), ran.stderr
        assert "Traceback" not in ran.stderr
        if connection.vendor == "sqlite":
            assert not Path(there.removeprefix("sqlite:")).parent.joinpath("strigil.sqlite3").exists()
        else:
            assert tables_at(there) == []


def test_a_full_disk_is_told_and_the_old_backup_stays(kept: Story, tmp_path: Path, key: Path) -> None:
    to = tmp_path / "kept"
    to.mkdir()
    file = to / "one.age"
    done("backup", file, "--key-file", key)
    before = file.read_bytes()
    command = shlex.join([sys.executable, "-m", "strigil.cli", "backup", str(file), "--key-file", str(key)])
    ran = subprocess.run(
        ["sh", "-c", f"ulimit -f 4; exec {command}"],
        env=os.environ | {"STRIGIL_DATABASE": address_of()}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "cannot be written" in ran.stderr
    assert "an older one stays" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
    assert file.read_bytes() == before
    assert [one.name for one in to.iterdir()] == ["one.age"]


def test_two_runs_do_not_write_one_file(kept: Story, tmp_path: Path, key: Path) -> None:
    from strigil.keep.files import whole_file

    with whole_file(tmp_path / "one.age"):
        ran = strigil("backup", tmp_path / "one.age", "--key-file", key)
    assert (ran.returncode, "another run is writing it" in ran.stderr) == (1, True)


def test_a_passphrase_is_needed_and_has_a_length(kept: Story, tmp_path: Path) -> None:
    short = tmp_path / "short"
    short.write_text("eleven char\n")
    for words, said in (
        (("--key-file", short), "12 or more"),
        (("--key-file", tmp_path / "none"), "No such file"),
        (("--key-file", tmp_path), "Is a directory"),
        ((), "no passphrase"),
    ):
        ran = strigil("backup", tmp_path / "one.age", *words)
        assert (ran.returncode, said in ran.stderr) == (2, True), ran
    assert not (tmp_path / "one.age").exists()


def test_a_passphrase_may_come_from_another_program(kept: Story, tmp_path: Path, key: Path) -> None:
    done("backup", tmp_path / "one.age", "--key-file", key)
    words = [sys.executable, "-m", "strigil.cli", "check", tmp_path / "one.age", "--key-file", "-"]
    given = subprocess.run(words, input=key.read_bytes(), capture_output=True, check=False)
    assert given.returncode == 0, given.stderr


def test_a_folder_gets_a_backup_named_after_its_moment(kept: Story, tmp_path: Path, key: Path) -> None:
    to = tmp_path / "kept"
    to.mkdir()
    report = done("backup", to, STRIGIL_BACKUP_KEY=str(key))
    (file,) = to.iterdir()
    assert report["file"] == str(file)
    assert file.name == f"strigil-{report['made_at'].replace(':', '')}.age"
    assert file.stat().st_mode & 0o077 == 0, "nobody else reads it"
    assert done("check", file, "--key-file", key)["rows"] == report["rows"]
