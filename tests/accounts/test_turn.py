"""On SQLite a writer waits for its turn, and is not told to look again after 1, 2, 5, 10 and up to 100 ms."""

from __future__ import annotations

import errno
import fcntl
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from strigil.accounts.sqlite import turn
from strigil.accounts.sqlite.turn import Turn

pytestmark = [
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL wakes whoever waits"),
    pytest.mark.django_db(transaction=True),
]


class Waited:
    """Somebody looked whether it is their turn and has to look again."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.once = Event()
        monkeypatch.setattr(turn, "time", SimpleNamespace(monotonic=time.monotonic, sleep=self._looked))

    def _looked(self, seconds: float) -> None:
        self.once.set()


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> Waited:
    return Waited(monkeypatch)


def in_a_transaction() -> None:
    with transaction.atomic():
        by_itself()


def by_itself() -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_session VALUES ('another', '', %s)", [timezone.now()])


def changed() -> None:
    Session.objects.filter(pk="one").update(session_data="changed")


def removed() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_session WHERE session_key = 'one'")


WRITES = [in_a_transaction, by_itself, changed, removed]


class Other(Thread):
    """Writes over a connection of its own, in which SQLite itself never waits."""

    def __init__(self, write: Callable[[], None]) -> None:
        super().__init__()
        self._write = write
        self.refused = ""

    def run(self) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA busy_timeout = 0")
            self._write()
        except OperationalError as error:
            self.refused = str(error)
        finally:
            connection.close()


def commit() -> None:
    connection.commit()


def roll_back() -> None:
    connection.rollback()


def close() -> None:
    connection.close()


@pytest.mark.parametrize("ends", [commit, roll_back, close])
@pytest.mark.parametrize("write", WRITES)
def test_a_writer_waits_until_the_one_before_has_ended(
    write: Callable[[], None], ends: Callable[[], None], waited: Waited
) -> None:
    Session.objects.create(pk="one", expire_date=timezone.now())
    connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    other = Other(write)
    other.start()
    assert waited.once.wait(30)
    assert other.is_alive()
    ends()
    if connection.connection is not None:
        connection.set_autocommit(True)
    other.join(30)
    assert other.refused == ""
    assert free(folder())


def test_it_is_kept_until_all_of_a_transaction_is_written() -> None:
    with transaction.atomic():
        by_itself()
        assert not free(folder())
    assert free(folder())


@pytest.mark.parametrize("write", WRITES)
def test_whoever_does_not_get_it_is_left_to_sqlite(write: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn, "AT_MOST", 0.0)
    Session.objects.create(pk="one", expire_date=timezone.now())
    with transaction.atomic():
        other = Other(write)
        other.start()
        other.join(30)
    assert other.refused == "database is locked"
    write()


@pytest.mark.parametrize("write", WRITES)
def test_a_write_that_fails_gives_it_to_the_next(write: Callable[[], None], waited: Waited) -> None:
    Session.objects.create(pk="another", expire_date=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = yes")
        with pytest.raises(OperationalError):
            write()
        cursor.execute("PRAGMA query_only = no")
    other = Other(changed)
    other.start()
    other.join(30)
    assert (other.refused, waited.once.is_set()) == ("", False)


def test_a_transaction_that_cannot_begin_gives_it_to_the_next(waited: Waited) -> None:
    own = connection.copy()
    try:
        with own.cursor() as cursor:
            cursor.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError, match="within a transaction"):
            own.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
        with own.cursor() as cursor:
            cursor.execute("ROLLBACK")
        changed()
        assert not waited.once.is_set()
    finally:
        own.close()


def test_a_thread_that_ends_without_a_word_gives_it_to_the_next(tmp_path: Path) -> None:
    def ends() -> None:
        Turn(str(tmp_path / "record.sqlite3")).take()

    thread = Thread(target=ends)
    thread.start()
    thread.join(30)
    assert free(tmp_path)


def test_a_process_that_is_killed_gives_it_to_the_next(tmp_path: Path) -> None:
    holds = (
        "import sys, time; from strigil.accounts.sqlite.turn import Turn; mine = Turn(sys.argv[1]); mine.take();"
        "print('held', flush=True); time.sleep(600)"
    )
    command = [sys.executable, "-c", holds, str(tmp_path / "record.sqlite3")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        assert not free(tmp_path)
        process.kill()
    assert free(tmp_path)


def folder() -> Path:
    return Path(connection.settings_dict["NAME"]).parent


def free(folder: Path) -> bool:
    """Whether nobody has it now."""
    mine = Turn(str(folder / "record.sqlite3"))
    before, turn.AT_MOST = turn.AT_MOST, 0.0
    try:
        mine.take()
        assert mine._held is not None
        fcntl.flock(mine._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        turn.AT_MOST = before
        mine.leave()
    return True


def test_where_a_folder_has_no_locks_it_is_written_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: Any) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    Session.objects.create(pk="one", expire_date=timezone.now())
    monkeypatch.setattr("strigil.accounts.sqlite.turn.fcntl.flock", none)
    for write in WRITES[1:]:
        write()
    assert list(Session.objects.values_list("pk", flat=True)) == ["another"]


def test_a_database_in_memory_has_nobody_to_wait_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("", ":memory:", "file:memorydb?mode=memory"):
        mine = Turn(name)
        mine.take()
        assert free(tmp_path)
        mine.leave()


def test_it_is_of_the_folder_however_the_database_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    mine = Turn("record.sqlite3")
    mine.take()
    mine.take()
    assert not free(tmp_path)
    mine.leave()
    assert free(tmp_path)
    assert list(tmp_path.iterdir()) == []
