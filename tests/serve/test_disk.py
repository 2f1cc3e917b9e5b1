"""The disk is full, or fails: what is not saved is said to be not saved, and it goes on when there is room again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from strigil.accounts.models import User
from strigil.clinic.models import Patient
from tests.serve.disk import looking_at
from tests.serve.hands import Person, served, wait_for

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="a SQLite of its own on a small disk"),
]
ROOM = 48 * 2**20


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk with little room. Skipped, with the reason, where it cannot be had."""
    if os.geteuid() != 0:
        pytest.skip("a disk of one's own needs root")
    at = tmp_path / "small"
    at.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", at], capture_output=True, text=True, check=False
    )
    if made.returncode:
        pytest.skip(f"cannot mount: {made.stderr.strip()}")
    yield at
    wait_for(lambda: subprocess.run(["umount", at], capture_output=True, check=False).returncode == 0)


def copied(to: Path) -> str:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(to / "strigil.sqlite3")])
    return f"sqlite:{to / 'strigil.sqlite3'}"


def somebody(name: str, note: str = "") -> dict[str, str]:
    return {"name": name, "born": "1980-04-02", "sex": "female", "note": note}


def names(database: str) -> list[str]:
    with looking_at(database):
        return sorted(Patient.objects.values_list("name", flat=True))


def test_a_full_disk_is_told_and_nothing_is_lost_when_there_is_room_again(small: Path, clinician: User) -> None:
    person, ballast = Person(0, clinician), small / "ballast"
    database = copied(small)
    with served(database=database) as server:
        person.port = server.port
        assert person.post("/patients/new", somebody("Before")).status == 302
        with ballast.open("wb") as file:
            file.truncate(0)
            left = shutil.disk_usage(small).free
            file.write(b"x" * left)
        told = person.post("/patients/new", somebody("Never", note="x" * 1900))
        assert told.status == 500
        assert "<strong>not saved</strong>" in told.text
        assert person.status("/ready") == 503
        assert person.status("/live") == 200
        ballast.unlink()
        wait_for(lambda: person.status("/ready") == 200)
        assert person.post("/patients/new", somebody("After")).status == 302
    assert names(database) == ["After", "Before"]


def test_a_disk_that_fails_is_told_and_what_it_refused_is_not_there(tmp_path: Path, clinician: User) -> None:
    """Every flush of the server fails while it is traced."""
    if shutil.which("strace") is None:
        pytest.skip("needs strace (Debian: apt install strace)")
    person, database = Person(0, clinician), copied(tmp_path)
    with served(database=database) as server:
        person.port = server.port
        (worker,) = server.workers()
        fault = "inject=fsync,fdatasync:error=EIO"
        with subprocess.Popen(
            ["strace", "-f", "-q", "-p", str(worker), "-e", "trace=fsync,fdatasync", "-e", fault],
            stderr=subprocess.DEVNULL,
        ) as tracing:
            try:
                wait_for(lambda: traced(worker) or tracing.poll() is not None)
                if tracing.poll() is not None:
                    pytest.skip("nobody may be traced here")
                told = person.post("/patients/new", somebody("Never"))
            finally:
                tracing.send_signal(signal.SIGINT)
        assert told.status == 500
        assert "<strong>not saved</strong>" in told.text
        assert person.post("/patients/new", somebody("After")).status == 302
    assert names(database) == ["After"]


def traced(process: int) -> bool:
    """Every thread of it."""
    threads = Path(f"/proc/{process}/task").iterdir()
    return all("TracerPid:\t0\n" not in (one / "status").read_text() for one in threads)
