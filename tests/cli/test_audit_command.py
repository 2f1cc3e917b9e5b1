"""``strigil audit``, as somebody runs it who looks after a clinic."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

pytestmark = pytest.mark.same_on_both

CLINIC = "019b4c3e2a7d7c3d8e1f5a6b7c8d9e0f"
PLACE = "INSERT INTO accounts_clinic (id, name, time_zone, is_demo, created_at) VALUES (?, 'N', 'UTC', 0, '2026-01-05')"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that is set up, with a clinic that somebody wrote into it with a database tool."""
    folder = tmp_path_factory.mktemp("made")
    run(folder, "strigil.manage", "migrate")
    with closing(sqlite3.connect(folder / "strigil.sqlite3")) as connection, connection:
        connection.execute(PLACE, [CLINIC])
    return folder


@pytest.fixture
def place(made: Path, tmp_path: Path) -> Path:
    """A copy of it, to do with as a test likes."""
    return shutil.copytree(made, tmp_path / "data")


def run(place: Path, *command: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"STRIGIL_DATABASE": f"sqlite:{place / 'strigil.sqlite3'}", "STRIGIL_DATA": str(place)}
    env |= {"STRIGIL_SECRET_KEY": "a key of this test alone, long enough to be one", "STRIGIL_DEMO": "no"}
    env["STRIGIL_AUDIT_KEY"] = str(place / "keys" / "audit")
    words = [sys.executable, "-m", *command]
    return subprocess.run(words, env=env, capture_output=True, text=True, check=False, input=given)


def audit(place: Path, *words: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    return run(place, "strigil.cli", "audit", *words, given=given)


def test_a_log_that_holds_says_so_and_what_waits(place: Path) -> None:
    done = audit(place, "verify", "--rows")
    assert (done.returncode, done.stderr) == (0, "")
    assert "hold" in done.stdout
    assert "1 writes past the application wait" in done.stdout
    assert (place / "keys" / "audit").stat().st_mode & 0o777 == 0o600


def test_a_broken_log_is_named_at_its_first_line(place: Path) -> None:
    assert audit(place, "new-key").returncode == 0
    assert audit(place, "anchor").returncode == 0
    with closing(sqlite3.connect(place / "strigil.sqlite3")) as connection, connection:
        connection.execute("DROP TRIGGER log_never_update_accounts_logline")
        connection.execute("UPDATE accounts_logline SET at = '2020-01-01' WHERE clinic_id = ? AND seq = 1", [CLINIC])
    done = audit(place, "verify", "--json")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert found["holds"] is False
    assert [(one["seq"], one["why"]) for one in found["faults"]] == [(1, "it is not as it was sealed")]
    assert found["triggers"] == ["log_never_update_accounts_logline is missing"]


def test_without_its_key_the_log_is_not_read_and_the_place_of_the_key_is_named(place: Path) -> None:
    (place / "keys" / "audit").unlink()
    done = audit(place, "verify")
    assert done.returncode == 1
    assert str(place / "keys" / "audit") in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "words", ["garbage", '{"x": 1}', "[1]", "[" * 100_000, '{"not-a-clinic": {"seq": 1, "mac": "a"}}', "\udcff"]
)
def test_an_anchor_that_cannot_be_read_is_named_and_not_passed_over(words: str, place: Path) -> None:
    file = place / "anchors"
    assert audit(place, "anchor", "--anchors", str(file)).returncode == 0
    with file.open("ab") as out:
        out.write(words.encode(errors="surrogateescape"))
    done = audit(place, "verify", "--anchors", str(file))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"strigil: {file}, line 2: this is no anchor; look for a copy of the file\n"


def test_anchors_that_are_named_and_not_there_are_not_passed_over(place: Path) -> None:
    done = audit(place, "verify", "--anchors", str(place / "nothing"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "cannot be read" in done.stderr
    assert f"{place / 'nothing'}; given: no such file" in done.stderr


def test_anchors_that_another_program_fetches_are_read(place: Path) -> None:
    assert audit(place, "anchor", "--anchors", str(place / "anchors")).returncode == 0
    kept = (place / "anchors").read_text()
    done = audit(place, "verify", "--anchors", "/dev/stdin", given=kept)
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 of them anchored" in done.stdout
    assert audit(place, "verify", "--anchors", "/dev/stdin", given="garbage").returncode == 1


def test_a_command_whose_log_cannot_be_written_does_nothing_and_says_why(tmp_path: Path) -> None:
    place = tmp_path
    (place / "password").write_text("a long pass phrase\n")
    given = {"clinic": "N", "time-zone": "UTC", "owner": "Dana", "sign-in": "dana", "qualification": "PT"}
    words = [word for name, value in given.items() for word in (f"--{name}", value)]
    made = run(place, "strigil.cli", "init", *words, "--password-file", str(place / "password"))
    assert made.returncode == 0, made.stderr
    (place / "keys" / "audit").write_text("no key\n")
    done = run(place, "strigil.cli", "let-in", "dana")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("strigil: The log could not be written, so nothing")
    assert str(place / "keys" / "audit") in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_database_without_its_triggers_is_not_served(place: Path) -> None:
    with closing(sqlite3.connect(place / "strigil.sqlite3")) as connection, connection:
        connection.execute("DROP TRIGGER log_changed_clinic_visit")
    started = run(place, "strigil.wsgi")
    assert started.returncode == 1
    assert "log_changed_clinic_visit is missing" in started.stderr
    assert run(place, "strigil.manage", "migrate").returncode == 0
    assert run(place, "strigil.wsgi").returncode == 0
