"""A backup holds what the database held at one moment, and comes back the same into either database."""

from __future__ import annotations

import io
import json
import os
import pickle
import sqlite3
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from strigil.accounts.audit.models import What
from strigil.accounts.audit.rows import OWN
from strigil.accounts.models import Clinic, LogLine
from strigil.clinic.actions.register import register_patient
from strigil.clinic.models import AuditEvent, Patient
from strigil.keep import backup
from strigil.keep.archive import Manifest, parts, verified
from strigil.keep.backup import back_up
from strigil.keep.faults import Damaged
from strigil.keep.seal import Opener, Sealer
from strigil.keep.tables import tables
from tests.clinic.cast import Story
from tests.keep.hands import (
    PASSPHRASE,
    QUICK,
    Rows,
    address_of,
    done,
    elsewhere,
    new_database,
    rows,
    rows_at,
    strigil,
    tables_at,
)

pytestmark = pytest.mark.django_db(transaction=True)


def backed_up(to: Path) -> tuple[Path, Manifest]:
    return back_up(to, PASSPHRASE, work=QUICK)


# --- There and back ---------------------------------------------------------------------------------------------


def test_every_row_comes_back_as_it_was(kept: Story, tmp_path: Path, key: Path) -> None:
    file, manifest = backed_up(tmp_path / "one.age")
    before = rows()
    assert manifest.rows == sum(map(len, rows(log=True).values())) - LogLine.objects.filter(what=What.BACKED_UP).count()
    with new_database(connection.vendor, tmp_path) as there:
        report = done("restore", file, "--key-file", key, database=there)
        assert rows_at(there) == before
        assert report["rows"]["clinic_patient"] == len(before["clinic.Patient"])
        assert done("check", database=there)["sound"] is True


@pytest.mark.skipif(connection.vendor == "sqlite", reason="moving between two databases needs PostgreSQL")
def test_from_postgresql_to_sqlite_and_back_and_back_again_every_row_is_the_same(
    kept: Story, tmp_path: Path, key: Path
) -> None:
    before = rows()
    file, _ = backed_up(tmp_path / "0.age")
    with (
        new_database("sqlite", tmp_path) as first,
        new_database("postgresql", tmp_path) as second,
        new_database("sqlite", tmp_path) as third,
    ):
        for place, there in enumerate((first, second, third)):
            done("restore", file, "--key-file", key, database=there)
            assert rows_at(there) == before, there
            file = tmp_path / f"{place + 1}.age"
            done("backup", file, "--key-file", key, database=there)
        assert stored(first) == stored(third)


def stored(address: str) -> dict[str, list[tuple[Any, ...]]]:
    """The values of a SQLite file as they lie there, past Django; of JSON what it means. All but the log."""
    held = {}
    of_the_log = {one._meta.db_table for one in OWN}
    with sqlite3.connect(address.removeprefix("sqlite:")) as file:
        for table in (one for one in tables(apps) if one.name not in of_the_log):
            found = file.execute(f'SELECT * FROM "{table.name}" ORDER BY "{table.key}"')  # noqa: S608 - our own names
            names = [one[0] for one in found.description]
            is_json = {one.name for one in table.columns if one.kind == "json"}
            held[table.name] = [
                tuple(
                    json.loads(value) if name in is_json and value is not None else value
                    for name, value in zip(names, row, strict=True)
                )
                for row in found
            ]
    return held


ONLY_HERE = {
    *("django_session", "django_migrations"),
    *("accounts_tries", "accounts_knownplace", "accounts_onetimelink"),
}
"""Sessions, guesses, places and links of one installation: they let nobody in after a restore."""


def uncovered() -> set[str]:
    """Tables of the database that a backup would leave out unseen."""
    kept = {one.name for one in tables(apps)}
    return set(connection.introspection.table_names()) - kept - ONLY_HERE


def test_every_table_of_the_database_is_kept() -> None:
    assert uncovered() == set()


def test_a_table_that_no_model_covers_is_seen() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE side_door (id integer PRIMARY KEY)")
        try:
            assert uncovered() == {"side_door"}
        finally:
            cursor.execute("DROP TABLE side_door")


def test_nobody_is_signed_in_after_a_restore_and_new_rows_get_new_keys(
    kept: Story, tmp_path: Path, key: Path, tablet: Any
) -> None:
    file, manifest = backed_up(tmp_path / "one.age")
    assert "django_session" not in {one.table.name for one in manifest.tables}
    with new_database(connection.vendor, tmp_path) as there:
        done("restore", file, "--key-file", key, database=there)
        assert pickle.loads(elsewhere("another", there)) == 1  # noqa: S301 - what our own process printed


# --- While others write -----------------------------------------------------------------------------------------


def torn(held: Rows) -> set[Any]:
    """Patients without the event that says who registered them, and events of patients who are not there."""
    names = [field.attname for field in AuditEvent._meta.concrete_fields]
    events = [dict(zip(names, row, strict=True)) for row in held["clinic.AuditEvent"]]
    registered = {one["object_id"] for one in events if one["action"] == "patient.register"}
    key = [field.attname for field in Patient._meta.concrete_fields].index("id")
    return registered ^ {row[key] for row in held["clinic.Patient"]}


class Writers:
    """Eight people who register patients until they are told to stop."""

    def __init__(self, story: Story) -> None:
        self.story, self.stop, self.failed = story, threading.Event(), list[BaseException]()
        self.threads = [threading.Thread(target=self._write, args=(number,)) for number in range(8)]

    def __enter__(self) -> Writers:
        for one in self.threads:
            one.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        for one in self.threads:
            one.join()

    def _write(self, number: int) -> None:
        try:
            while not self.stop.is_set():
                register_patient(by=self.story.by, name=f"Writer {number}", born=None, sex="unknown")
        except BaseException as error:
            self.failed.append(error)
        finally:
            connection.close()


def backups_while_eight_write(times: int, story: Story, folder: Path, key: Path) -> None:
    counts = set()
    for number in range(times):
        with Writers(story) as writers:
            before = Patient.objects.count()
            file, manifest = backed_up(folder / f"{number}.age")
        assert writers.failed == []
        with new_database(connection.vendor, folder) as there:
            report = done("restore", file, "--key-file", key, database=there)
            held = rows_at(there)
        assert torn(held) == set()
        assert len(held["clinic.Patient"]) >= before, "what was saved before the backup began is in it"
        assert report["parts"] == {one.name: one.sha256 for one in manifest.parts}
        counts.add(len(held["clinic.Patient"]))
    assert len(counts) == times, "the writers wrote"


def test_a_backup_while_eight_write_is_one_moment(kept: Story, tmp_path: Path, key: Path) -> None:
    _events_for_all()
    backups_while_eight_write(2, kept, tmp_path, key)


@pytest.mark.assure
def test_twenty_backups_while_eight_write_are_each_one_moment(
    kept: Story, tmp_path: Path, key: Path, assurance: Callable[..., None]
) -> None:
    _events_for_all()
    backups_while_eight_write(20, kept, tmp_path, key)
    assurance("backup_while_writing", backups=20, restored=20, hashes_that_differ=0)


def _events_for_all() -> None:
    """Rows made past the actions get the event that the actions would have left."""
    known = set(AuditEvent.objects.filter(action="patient.register").values_list("object_id", flat=True))
    for one in Patient.objects.exclude(pk__in=known):
        AuditEvent.objects.create(
            clinic_id=one.clinic_id, user_id=one.created_by_id, action="patient.register",
            object_type="Patient", object_id=one.pk, patient_id=one.pk,
        )  # fmt: skip


@pytest.fixture
def writes_between_tables(kept: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody registers a patient before each table is read."""
    _events_for_all()
    read = backup.lines

    def after_a_write(*given: Any) -> Iterator[str]:
        writer = threading.Thread(target=_register_one, args=(kept,))
        writer.start()
        writer.join()
        return read(*given)

    monkeypatch.setattr(backup, "lines", after_a_write)


def _register_one(story: Story) -> None:
    register_patient(by=story.by, name="Between", born=None, sex="unknown")
    connection.close()


def restored_torn(file: Path, folder: Path, key: Path) -> set[Any]:
    """What does not fit together: found by the restore itself, or in what it brought back."""
    with new_database(connection.vendor, folder) as there:
        ran = strigil("restore", file, "--key-file", key, database=there)
        return torn(rows_at(there)) if ran.returncode == 0 else {ran.stderr}


def test_what_is_written_between_two_tables_is_in_none(writes_between_tables: None, tmp_path: Path, key: Path) -> None:
    file, _ = backed_up(tmp_path / "one.age")
    assert restored_torn(file, tmp_path, key) == set()


def test_a_backup_that_reads_table_by_table_is_caught(
    writes_between_tables: None, tmp_path: Path, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def no_snapshot() -> Iterator[Any]:
        yield connection

    monkeypatch.setattr(backup, "snapshot", no_snapshot)
    file, _ = backed_up(tmp_path / "one.age")
    assert len(restored_torn(file, tmp_path, key)) > 0


# --- What is refused --------------------------------------------------------------------------------------------


def test_nothing_in_a_database_is_overwritten(kept: Story, tmp_path: Path, key: Path) -> None:
    file, _ = backed_up(tmp_path / "one.age")
    before = rows()
    ran = strigil("restore", file, "--key-file", key)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "not empty" in ran.stderr
    assert "STRIGIL_DATABASE" in ran.stderr
    assert rows() == before


def test_a_wrong_key_and_a_changed_file_write_nothing_and_say_where(kept: Story, tmp_path: Path, key: Path) -> None:
    file, _ = backed_up(tmp_path / "one.age")
    wrong = tmp_path / "wrong"
    wrong.write_text("another passphrase")
    changed, cut = tmp_path / "changed.age", tmp_path / "cut.age"
    whole = bytearray(file.read_bytes())
    cut.write_bytes(whole[:-1])
    whole[-30] ^= 4
    changed.write_bytes(whole)
    with new_database(connection.vendor, tmp_path) as there:
        for given, by, said in (
            (file, wrong, "this key does not open it"),
            (changed, key, "changed or cut off"),
            (cut, key, "changed or cut off"),
        ):
            for command in ("restore", "check"):
                ran = strigil(command, given, "--key-file", by, database=there)
                assert (ran.returncode, ran.stdout) == (1, ""), ran
                assert said in ran.stderr
                assert "Traceback" not in ran.stderr
        if connection.vendor == "sqlite":
            assert not Path(there.removeprefix("sqlite:")).exists()
        else:
            assert tables_at(there) == []


def resealed(held: dict[str, bytes]) -> io.BytesIO:
    """Parts sealed with the right key: what is wrong with them, only the hashes can tell."""
    made = io.BytesIO()
    sealer = Sealer(made, PASSPHRASE, QUICK)
    with tarfile.open(fileobj=sealer, mode="w|") as tar:  # type: ignore[call-overload]
        for name, content in held.items():
            about = tarfile.TarInfo(name)
            about.size = len(content)
            tar.addfile(about, io.BytesIO(content))
    sealer.close()
    made.seek(0)
    return made


@pytest.mark.parametrize("what", ["changed", "left out", "added", "no manifest", "newer"])
def test_a_part_that_is_not_what_the_manifest_says_is_named(kept: Story, tmp_path: Path, what: str) -> None:
    file, manifest = backed_up(tmp_path / "one.age")
    part = next(one.name for one in manifest.parts if "clinic_patient" in one.name)
    other = next(one.name for one in manifest.parts if "clinic_visit" in one.name)
    with file.open("rb") as reading:
        held = dict(parts(reading, PASSPHRASE))
    listed = held["manifest.json"]
    change, named = {
        "changed": ({part: held[other]}, part),
        "left out": ({part: b""}, part),
        "added": ({"manifest.json": b"", "tables/more": held[part]}, "tables/more"),
        "no manifest": ({"manifest.json": b""}, "manifest.json"),
        "newer": ({"manifest.json": listed.replace(b'"format": 2', b'"format": 3')}, "manifest.json"),
    }[what]
    given = {name: content for name, content in (held | change).items() if content}
    if what == "added":
        given["manifest.json"] = listed
    with pytest.raises(Damaged) as refused:
        verified(resealed(given), PASSPHRASE)
    assert refused.value.part == named


@pytest.mark.parametrize("size", range(0, 10240, 512))
def test_a_backup_of_any_length_is_read_to_its_end(size: int) -> None:
    held = dict(parts(resealed({"a": bytes(size), "b": b"end"}), PASSPHRASE))
    assert held == {"a": bytes(size), "b": b"end"}


def test_a_thousand_flipped_bits_are_a_thousand_refusals(kept: Story, tmp_path: Path) -> None:
    file, _ = backed_up(tmp_path / "one.age")
    whole = file.read_bytes()
    step = max(1, len(whole) // 1000)
    for place in range(0, len(whole), step):
        changed = bytearray(whole)
        changed[place] ^= 1 << place % 8
        with pytest.raises(Damaged) as refused:
            verified(io.BytesIO(bytes(changed)), PASSPHRASE)
        assert refused.value.part


def test_a_backup_tells_nothing_without_its_key(kept: Story, tmp_path: Path) -> None:
    file, _ = backed_up(tmp_path / "one.age")
    sealed = file.read_bytes()
    with file.open("rb") as reading:
        inside = Opener(reading, PASSPHRASE).read()
    for word in (b"manifest", b"tables/", b"clinic_patient"):
        assert word in inside
        assert word not in sealed


# --- A demo and a clinic are never the other --------------------------------------------------------------------


def test_a_demo_does_not_become_a_clinic_nor_a_clinic_a_demo(kept: Story, tmp_path: Path, key: Path) -> None:
    live, _ = backed_up(tmp_path / "live.age")
    Clinic.objects.update(is_demo=True)
    demo, manifest = backed_up(tmp_path / "demo.age")
    assert manifest.demo is True
    with new_database(connection.vendor, tmp_path) as there:
        ran = strigil("restore", demo, "--key-file", key, database=there)
        assert (ran.returncode, "nobody is real" in ran.stderr) == (1, True)
        ran = strigil("restore", live, "--key-file", key, database=there, STRIGIL_DEMO="yes")
        assert (ran.returncode, "live clinic" in ran.stderr) == (1, True)
        done("restore", demo, "--key-file", key, database=there, STRIGIL_DEMO="yes")
        assert done("backup", tmp_path / "again.age", "--key-file", key, database=there)["demo"] is True


# --- Never half a file ------------------------------------------------------------------------------------------


def test_a_backup_that_is_killed_leaves_the_old_one_and_no_half_file(kept: Story, tmp_path: Path) -> None:
    to = tmp_path / "kept"
    to.mkdir()
    file, _ = backed_up(to / "one.age")
    before = file.read_bytes()
    for stage in ("tables", "manifest", "seal", "settled"):
        killed = subprocess.run(
            [sys.executable, "-m", "tests.keep.killed", stage, str(file)],
            env=_env(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert killed.returncode == -9, killed.stderr
        assert file.read_bytes() == before, stage
        assert [one.name for one in to.iterdir() if not one.name.startswith(".")] == ["one.age"], stage
    backed_up(file)
    assert [one.name for one in to.iterdir()] == ["one.age"], "the next run takes over what the killed one left"
    assert file.read_bytes() != before


def _env() -> dict[str, str]:
    return os.environ | {"STRIGIL_DATABASE": address_of()}
