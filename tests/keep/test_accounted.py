"""What is kept, moved and brought in is told by the log; the log comes along and is held against its anchor."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection, transaction

from strigil.accounts.audit import keys, triggers
from strigil.accounts.audit.models import NOBODY, What
from strigil.accounts.models import LogLine
from strigil.keep.archive import MANIFEST, Manifest, parts
from strigil.keep.backup import back_up
from tests.clinic.cast import Story
from tests.keep.hands import PASSPHRASE, QUICK, done, new_database, rows, rows_at, strigil
from tests.keep.test_backup import resealed

pytestmark = pytest.mark.django_db(transaction=True)


def said(what: What) -> list[tuple[str, str]]:
    found = LogLine.objects.filter(what=what).exclude(clinic_id=NOBODY)
    return list(found.values_list("role", "outcome"))


def backed_up(folder: Path) -> tuple[Path, Manifest]:
    return back_up(folder / "one.age", PASSPHRASE, work=QUICK)


@contextmanager
def past_the_triggers() -> Iterator[None]:
    """As whoever owns the database can."""
    with transaction.atomic():
        pass  # what waited has its line
    triggers.remove(connection)
    yield
    triggers.install(connection)


def test_a_backup_is_told_and_anchors_every_chain(kept: Story, tmp_path: Path) -> None:
    _, manifest = backed_up(tmp_path)
    assert said(What.BACKED_UP) == [("command", "done")]
    told = LogLine.objects.get(what=What.BACKED_UP)
    assert manifest.log[str(told.clinic_id)].mac == told.prev
    assert set(manifest.log) == {str(kept.by.clinic_id), str(NOBODY)}


def test_an_export_is_told_and_leaves_the_log_out(kept: Story, tmp_path: Path) -> None:
    done("export", tmp_path / "out")
    assert said(What.EXPORTED) == [("command", "done")]
    assert [one.name for one in (tmp_path / "out").iterdir() if "log" in one.name or "chain" in one.name] == []


def test_what_cannot_be_told_leaves_nothing(kept: Story, tmp_path: Path, key: Path) -> None:
    nowhere = {"STRIGIL_AUDIT_KEY": str(tmp_path / "none")}
    for words in (("backup", tmp_path / "one.age", "--key-file", key), ("export", tmp_path / "out")):
        ran = strigil(*words, **nowhere)
        assert (ran.returncode, "put the key back" in ran.stderr, ran.stdout) == (1, True, ""), ran.stderr
    assert list(tmp_path.iterdir()) == [key]


def test_the_log_comes_back_whole_and_goes_on(kept: Story, tmp_path: Path, key: Path) -> None:
    file, _ = backed_up(tmp_path)
    kept_lines = LogLine.objects.exclude(what=What.BACKED_UP).values_list("pk", flat=True)
    with new_database(connection.vendor, tmp_path) as there:
        done("restore", file, "--key-file", key, database=there)
        report = done("audit", "verify", "--rows", database=there)
        held = [row[0] for row in rows_at(there, log=True)["accounts.LogLine"]]
    assert (report["holds"], report["lines"] > len(kept_lines)) == (True, True)
    assert set(held) > set(kept_lines)


def test_the_key_is_in_no_backup(kept: Story, tmp_path: Path) -> None:
    file, _ = backed_up(tmp_path)
    with file.open("rb") as reading:
        held = b"".join(content for _, content in parts(reading, PASSPHRASE))
        reading.seek(0)
        lines = b"".join(_plain(content) for _, content in parts(reading, PASSPHRASE))
    for one in keys.known().values():
        assert all(secret not in held + lines for secret in (one, one.hex().encode()))
    assert b"accounts_logline" in held


def _plain(content: bytes) -> bytes:
    return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content


@pytest.mark.parametrize("how", ["changed", "cut off"])
def test_a_log_that_was_tampered_with_is_named_and_the_record_comes_back(
    kept: Story, tmp_path: Path, key: Path, how: str
) -> None:
    mine = LogLine.objects.filter(clinic_id=kept.by.clinic_id).order_by("seq")
    with past_the_triggers():
        if how == "changed":
            mine.filter(seq=3).update(role="owner")
        else:
            mine.filter(seq__gt=3).delete()
    file, _ = backed_up(tmp_path)
    with new_database(connection.vendor, tmp_path) as there:
        ran = strigil("restore", file, "--key-file", key, database=there)
        assert rows_at(there) == rows()
    assert ran.returncode == 1
    assert f"line {3 if how == 'changed' else 4}:" in ran.stderr


def test_a_log_older_than_its_anchor_is_found(kept: Story, tmp_path: Path, key: Path) -> None:
    """As where somebody seals another backup around an older database; the manifest is the newer one's."""
    older, _ = backed_up(tmp_path)
    with older.open("rb") as reading:
        held = dict(parts(reading, PASSPHRASE))
    manifest = json.loads(held[MANIFEST])
    manifest["log"][str(kept.by.clinic_id)]["seq"] += 50
    one = tmp_path / "other.age"
    one.write_bytes(resealed(held | {MANIFEST: json.dumps(manifest).encode()}).getvalue())
    with new_database(connection.vendor, tmp_path) as there:
        ran = strigil("restore", one, "--key-file", key, database=there)
    assert (ran.returncode, "the log ends here" in ran.stderr) == (1, True), ran.stderr


def test_without_the_key_nothing_is_written_and_a_lost_key_is_said(kept: Story, tmp_path: Path, key: Path) -> None:
    file, _ = backed_up(tmp_path)
    other = {"STRIGIL_AUDIT_KEY": str(tmp_path / "audit" / "key")}
    with new_database(connection.vendor, tmp_path) as there:
        ran = strigil("restore", file, "--key-file", key, database=there, **other)
        assert (ran.returncode, "strigil audit new-key" in ran.stderr) == (1, True), ran.stderr
        assert strigil("audit", "new-key", database=there, **other).returncode == 0
        ran = strigil("restore", file, "--key-file", key, database=there, **other)
        assert (ran.returncode, "line 1: it is sealed with key" in ran.stderr) == (1, True), ran.stderr
        assert rows_at(there) == rows()


def test_a_backup_of_format_1_comes_back_and_its_log_begins(kept: Story, tmp_path: Path, key: Path) -> None:
    file, _ = backed_up(tmp_path)
    with file.open("rb") as reading:
        held = dict(parts(reading, PASSPHRASE))
    manifest = json.loads(held[MANIFEST])
    logs = [one for one in manifest["tables"] if one["table"]["name"] in LOG_TABLES]
    gone = {name for one in logs for name in one["parts"]}
    manifest |= {
        "format": 1,
        "tables": [one for one in manifest["tables"] if one not in logs],
        "parts": [one for one in manifest["parts"] if one["name"] not in gone],
        "migrations": [one for one in manifest["migrations"] if one != ["accounts", "0002_audit"]],
    }
    del manifest["log"]
    given = {name: content for name, content in held.items() if name not in gone}
    one = tmp_path / "first.age"
    one.write_bytes(resealed(given | {MANIFEST: json.dumps(manifest).encode()}).getvalue())
    with new_database(connection.vendor, tmp_path) as there:
        done("restore", one, "--key-file", key, database=there)
        assert rows_at(there) == rows()
        report = done("audit", "verify", "--rows", database=there)
    assert (report["holds"], report["older"] > 100) == (True, True)


LOG_TABLES = ("accounts_logline", "accounts_logpatient", "accounts_chain", "accounts_touched")


def test_an_import_is_told_and_what_came_counts_as_older(kept: Story, tmp_path: Path) -> None:
    done("export", tmp_path / "out")
    with new_database(connection.vendor, tmp_path) as there:
        done("import", tmp_path / "out", database=there)
        report = done("audit", "verify", "--rows", database=there)
        lines = rows_at(there, log=True)["accounts.LogLine"]
    assert (report["holds"], report["older"] > 100) == (True, True)
    assert "imported" in {value for row in lines for value in row}
