"""``strigil serve`` serves only what is safe to serve, says when it can, and drops nothing when it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.db import OperationalError, ProgrammingError, connection

import strigil
from strigil.accounts.models import Clinic, User
from strigil.clinic.models import Patient
from strigil.serve.absent import when_it_is_there
from strigil.serve.run import NOTICE, STOP_WITHIN
from tests.keep.hands import address_of, new_database
from tests.ports import free_port
from tests.serve.door import behind_a_door
from tests.serve.hands import COMMAND, Answer, Person, environment, served, wait_for
from tests.serve.plants import MARK

pytestmark = pytest.mark.django_db(transaction=True)

SOMEBODY = {"name": "Noor Haddad", "born": "1980-04-02", "sex": "female"}


def refused(*, database: str = "", **env: str) -> str:
    """Why it does not start."""
    ran = subprocess.run(
        [*COMMAND, "--port", str(free_port())], capture_output=True, text=True, check=False, timeout=120,
        env=environment(database, **env),
    )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (2, ""), ran
    assert "Traceback" not in ran.stderr
    return ran.stderr


# --- What it does not start with --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        ("STRIGIL_DEMO", "yes", "run strigil demo"),
        ("STRIGIL_SECRET_KEY", "", "STRIGIL_SECRET_KEY is not set: make one"),
        ("STRIGIL_SECRET_KEY", "s3cret", "too easily guessed: make one"),
        ("STRIGIL_SECRET_KEY", "abcd" * 20, "too easily guessed: make one"),
        ("STRIGIL_TLS", "no", "put a proxy that speaks https"),
        ("STRIGIL_HOSTS", "*", "list the names"),
        ("DJANGO_SETTINGS_MODULE", "tests.serve.debugging", "DEBUG is on"),
    ],
)
def test_settings_that_are_not_for_a_clinic_are_refused(name: str, given: str, told: str, clinic: Clinic) -> None:
    said = refused(**{name: given})
    assert told in said
    assert len(said.splitlines()) == 1


def test_a_demo_is_never_served_as_a_clinic(clinic: Clinic) -> None:
    Clinic.objects.update(is_demo=True)
    assert "the database holds a demo clinic" in refused()


def test_a_database_that_is_not_there_or_holds_nothing_is_refused(tmp_path: Path) -> None:
    with new_database(connection.vendor, tmp_path) as there:
        assert "STRIGIL_DATABASE" in refused(database=there)


@contextmanager
def migrated(sql: str, back: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(back)


PLANTED = {"DJANGO_SETTINGS_MODULE": "tests.serve.planted"}
on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="of SQLite")
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="of PostgreSQL")


@pytest.fixture
def copied(clinic: Clinic, tmp_path: Path) -> str:
    """A file of its own, which nobody else has open."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(tmp_path / "copy.sqlite3")])
    return f"sqlite:{tmp_path / 'copy.sqlite3'}"


@on_sqlite
@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("journal_mode=DELETE", "journal_mode is delete: has to be wal"),
        ("synchronous=NORMAL", "synchronous is 1: has to be 2"),
        ("synchronous=OFF", "synchronous is 0: has to be 2"),
        ("foreign_keys=OFF", "foreign_keys is 0: has to be 1"),
        ("recursive_triggers=OFF", "recursive_triggers is 0: has to be 1"),
        ("trusted_schema=ON", "trusted_schema is 1: has to be 0"),
        ("mmap_size=268435456", "mmap_size is 268435456: has to be 0"),
    ],
)
def test_an_unsafe_setting_of_sqlite_is_refused(change: str, told: str, copied: str) -> None:
    assert told in refused(database=copied, **PLANTED, STRIGIL_PLANT="setting", **{MARK: f"PRAGMA {change}"})


@on_sqlite
def test_an_old_sqlite_is_refused(copied: str) -> None:
    assert "needs 99.0.0 or newer" in refused(database=copied, **PLANTED, STRIGIL_PLANT="old_sqlite")


@on_sqlite
@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs"])
def test_a_file_system_over_a_network_is_refused(kind: str, copied: str, tmp_path: Path) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"
        f"40 22 0:35 / {tmp_path} rw,relatime shared:2 - {kind} far:/away rw\n"
    )
    said = refused(database=copied, **PLANTED, STRIGIL_PLANT="mounted", **{MARK: str(mounts)})
    assert f"lies on {kind}, over a network: move the database" in said


@on_postgresql
@pytest.mark.parametrize("given", ["off", "local"])
def test_a_session_of_postgresql_that_does_not_wait_for_the_disk_is_refused(given: str, clinic: Clinic) -> None:
    said = refused(**PLANTED, STRIGIL_PLANT="setting", **{MARK: f"SET synchronous_commit = {given}"})
    assert f"synchronous_commit is {given}: has to be on, or a power cut loses" in said


@on_postgresql
@pytest.mark.parametrize("name", ["fsync", "full_page_writes"])
def test_a_postgresql_that_does_not_wait_for_the_disk_is_refused(name: str, clinic: Clinic) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER SYSTEM SET {name} = off")
        cursor.execute("SELECT pg_reload_conf()")
    try:
        assert f"{name} is off: has to be on, or a power cut loses" in refused()
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER SYSTEM RESET {name}")
            cursor.execute("SELECT pg_reload_conf()")


def put(name: str) -> str:
    return f"INSERT INTO django_migrations (app, name, applied) VALUES ('clinic', '{name}', '2030-01-01')"  # noqa: S608


def take(name: str) -> str:
    return f"DELETE FROM django_migrations WHERE name = '{name}'"  # noqa: S608 - our own names


def test_a_schema_of_another_version_is_refused_and_is_not_ready(clinic: Clinic, signed_in: Any) -> None:
    browser = signed_in(None)
    with migrated(put("9999_newer"), take("9999_newer")):
        assert "is of a newer Strigil (clinic.9999_newer): install that version" in refused()
        assert browser.get("/ready").status_code == 503
    with migrated(take("0012_reading_position"), put("0012_reading_position")):
        assert "lacks clinic.0012_reading_position: make a backup, then run" in refused()
        assert browser.get("/ready").status_code == 503
    assert browser.get("/ready").status_code == 200


def test_one_script_alone_reads_the_cookie_whose_name_is_another_behind_https() -> None:
    scripts = Path(strigil.__file__).parent.glob("static/**/*.js")
    reading = {one.name: one.read_text() for one in scripts if "document.cookie" in one.read_text()}
    assert reading.keys() == {"send.js"}
    assert "(?:__Host-)?csrftoken=" in reading["send.js"]


# --- How it ends ------------------------------------------------------------------------------------------------


@contextmanager
def writers_wait() -> Iterator[None]:
    """Nobody else writes meanwhile: whoever does waits, and so is in flight."""
    with closing(connection.copy()) as own, own.cursor() as cursor:
        cursor.execute("BEGIN IMMEDIATE" if own.vendor == "sqlite" else "BEGIN")
        if own.vendor == "postgresql":
            cursor.execute("LOCK TABLE clinic_patient IN EXCLUSIVE MODE")
        yield
        cursor.execute("ROLLBACK")


def test_a_request_in_flight_is_finished_and_nobody_new_is_taken(clinician: User) -> None:
    got: list[Answer] = []
    with served(workers=2) as server:
        person, stranger = Person(server.port, clinician), Person(server.port)
        with writers_wait():
            saving = Thread(target=lambda: got.append(person.post("/patients/new", SOMEBODY)))
            saving.start()
            wait_for(waiting)
            told = time.monotonic()
            server.terminate()
            wait_for(lambda: stranger.status("/ready") == 503)
            still = stranger.status("/live")
            in_time = time.monotonic() - told < NOTICE  # on a busy machine the notice may be over
            assert still == 200 or not in_time, "it leaves only after it has said so"
            wait_for(lambda: stranger.status("/live") is None)
            assert server.process.poll() is None
            assert got == []
        saving.join()
        assert server.process.wait(30) == 0
    assert [one.status for one in got] == [302]
    assert Patient.objects.get().name == SOMEBODY["name"]


def waiting() -> bool:
    """Somebody waits to write."""
    if connection.vendor == "sqlite":
        return True
    with closing(connection.copy()) as own, own.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_every_polite_way_to_stop_ends_it_and_its_workers(number: signal.Signals, clinic: Clinic) -> None:
    with served(workers=2) as server:
        assert len(server.workers()) == 2
        server.process.send_signal(number)
        assert server.process.wait(30) == 0
        assert Person(server.port).status("/live") is None


def test_a_worker_that_was_killed_is_replaced(clinic: Clinic) -> None:
    with served(workers=2) as server:
        (first, second) = server.workers()
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: len(now := server.workers()) == 2 and first not in now and second in now)
        wait_for(lambda: Person(server.port).status("/ready") == 200)


# --- A database that is gone for a moment -----------------------------------------------------------------------


@on_postgresql
def test_a_worker_that_starts_while_the_database_is_away_waits_for_it(clinic: Clinic) -> None:
    with behind_a_door() as (way, there), served(workers=2, database=there) as server:
        old = server.workers()
        way.shut = True
        for worker in old:
            os.kill(worker, signal.SIGKILL)
        wait_for(lambda: way.turned_away >= 6)
        assert server.process.poll() is None
        assert len(server.workers()) == 2
        way.shut = False
        wait_for(lambda: Person(server.port).status("/ready") == 200)
        assert not {*server.workers()} & {*old}


def test_a_worker_waits_for_an_absent_database_and_for_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    faults: list[Exception] = [OperationalError(), OperationalError("going down\nDETAIL: none")]

    def load() -> str:
        if faults:
            raise faults.pop(0)
        return "loaded"

    assert when_it_is_there(load) == "loaded"
    assert (
        capsys.readouterr().err == "strigil: a worker that is starting waits for the database (it does not say why)\n"
    )
    faults += [OperationalError("gone")]
    with pytest.raises(OperationalError):
        when_it_is_there(load, within=-1)
    faults += [ProgrammingError("no such table")]
    with pytest.raises(ProgrammingError):
        when_it_is_there(load)


@on_postgresql
def test_a_worker_that_waits_for_the_database_ends_when_told(clinic: Clinic) -> None:
    with behind_a_door() as (way, there), served(workers=1, database=there) as server:
        way.shut = True
        os.kill(server.workers()[0], signal.SIGKILL)
        wait_for(lambda: way.turned_away >= 2)
        server.terminate()
        assert server.process.wait(STOP_WITHIN / 2) == 0


@on_postgresql
def test_a_server_that_starts_before_its_database_waits_for_it(clinic: Clinic) -> None:
    with behind_a_door() as (way, there):
        way.shut = True
        opening = Thread(target=lambda: (wait_for(lambda: way.turned_away >= 3), setattr(way, "shut", False)))
        opening.start()
        with served(database=there) as server:
            assert Person(server.port).status("/ready") == 200
        opening.join()


@on_postgresql
def test_an_address_that_will_never_do_is_not_waited_for(clinic: Clinic) -> None:
    said = refused(database=address_of().replace("/test_", "/no_"))
    assert 'database "no_' in said
    assert len(said.splitlines()) == 1, "it says so at once"


def test_a_worker_does_not_look_for_rubbish_in_what_it_keeps() -> None:
    """The shelf alone takes 50 ms to look through, again and again, in the middle of a page."""
    script = (
        "import gc, os; from strigil.serve.server import application; application(os.getppid());"
        "from strigil.knowledge import load; load(); print(gc.get_freeze_count(), len(gc.get_objects()))"
    )
    done = subprocess.run([sys.executable, "-c", script], env=environment(), capture_output=True, text=True)
    frozen, looked_through = map(int, done.stdout.split())
    assert frozen > 20 * looked_through
