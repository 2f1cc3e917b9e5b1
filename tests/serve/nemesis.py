"""People who write while something is killed, and what must be true of the record afterwards."""

from __future__ import annotations

import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any
from uuid import uuid4

from django.db import connection
from django.db.utils import DatabaseError

from strigil.accounts.models import User
from strigil.clinic.models import AuditEvent, Patient
from strigil.keep.check import check_database
from tests.serve.hands import Answer, Person, Server, wait_for

WRITERS = 8
PATIENT = {"born": "1980-04-02", "sex": "female"}


@dataclass
class History:
    """What was asked and how it was answered: a name for each patient, and the note each was given."""

    whose: str = field(default_factory=lambda: f"Round {uuid4().hex}")
    """How the names of its patients begin: another round in the same record has others."""
    registered: dict[str, str] = field(default_factory=dict)
    noted: dict[str, str] = field(default_factory=dict)

    @property
    def acknowledged(self) -> int:
        return sum(said == "ok" for one in (self.registered, self.noted) for said in one.values())

    def count(self, said: str) -> int:
        return sum(one == said for answers in (self.registered, self.noted) for one in answers.values())


def outcome(ask: Callable[[], Answer]) -> tuple[str, Answer | None]:
    """``ok`` was acknowledged; ``fail`` was refused; of ``unknown`` nobody can say."""
    try:
        answer = ask()
    except (OSError, HTTPException):
        return "unknown", None
    if answer.status >= 500:
        return "unknown", answer  # such as a database that died while it said that it had written
    return ("ok" if answer.status == 302 else "fail"), answer


class Writers:
    """Eight people who register patients and then write a note about each, until told to stop."""

    def __init__(self, port: int, users: list[User]) -> None:
        self.history, self.stop, self.dark = History(), threading.Event(), threading.Event()
        self._people = [Person(port, user) for user in users]
        self._threads = [
            threading.Thread(target=self._write, args=(person, number)) for number, person in enumerate(self._people)
        ]

    def use(self, port: int) -> None:
        """They write to another server, with the sessions that they have."""
        for one in self._people:
            one.port = port

    def __enter__(self) -> Writers:
        for one in self._threads:
            one.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        for one in self._threads:
            one.join()

    def _outcome(self, ask: Callable[[], Answer]) -> tuple[str, Answer | None]:
        """A machine without power answers nobody: what is still heard from this one does not count."""
        said, answer = outcome(ask)
        return ("unknown", answer) if self.dark.is_set() else (said, answer)

    def _write(self, person: Person, number: int) -> None:
        place = 0
        while not self.stop.is_set():
            place += 1
            name = f"{self.history.whose} writer {number} patient {place}"
            said, answer = self._outcome(lambda name=name: person.post("/patients/new", PATIENT | {"name": name}))
            self.history.registered[name] = said
            if said != "ok" or answer is None:
                # Nobody is there for a moment; do not spin.
                self.stop.wait(0.05)
                continue
            sent = PATIENT | {"name": name, "note": f"about {name}", "version": "1"}
            page = f"{answer.to}/edit"
            self.history.noted[name], _ = self._outcome(lambda page=page, sent=sent: person.post(page, sent))


@contextmanager
def kept_alive(server: list[Server], **given: Any) -> Iterator[None]:
    try:
        yield
    finally:
        server[0].kill()


def kill_something(server: list[Server], dice: random.Random, **given: Any) -> str:
    """A worker, the whole server, or the process of the database that serves somebody; then it runs again."""
    kinds = ["worker", "server"] + (["backend"] if connection.vendor == "postgresql" else [])
    kind = dice.choice(kinds)
    with suppress(ProcessLookupError):
        if kind == "worker":
            os.kill(dice.choice(server[0].workers()), signal.SIGKILL)
        elif kind == "backend":
            _kill_backend(dice)
    if kind == "server":
        server[0].process.kill()
    wait_for(lambda: _is_back(server, **given), within=120)
    return kind


def looked_after(server: list[Server], **given: Any) -> Server:
    """A server that has ended is started again, as a watchman would: one whose worker was killed twice in 5 s ends."""
    if server[0].process.poll() is not None:
        server[0].kill()
        server[0] = Server(2, port=server[0].port, **given)
    return server[0]


def _is_back(server: list[Server], **given: Any) -> bool:
    return Person(looked_after(server, **given).port).status("/ready") == 200


def _kill_backend(dice: random.Random) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        found = [pid for (pid,) in cursor.fetchall()]
    connection.close()
    if found:
        os.kill(dice.choice(found), signal.SIGKILL)


def answers() -> bool:
    """The database takes questions again."""
    connection.close()
    try:
        connection.ensure_connection()
    except DatabaseError:
        return False
    return True


def judge(history: History) -> dict[str, int]:
    """Nothing acknowledged is lost, nothing is there by half; gives what was counted.

    A write that nobody heard of may be there or not, but then whole: the patient, the event and the version.
    """
    wait_for(answers)
    there = Patient.objects.filter(name__startswith=history.whose)
    found = {one.name: one for one in there}
    assert len(found) == there.count(), "somebody is there twice"
    events = Counter(AuditEvent.objects.filter(object_type="Patient").values_list("action", "object_id"))
    known = set(Patient.objects.values_list("pk", flat=True))
    lost = [name for name, said in history.registered.items() if said == "ok" and name not in found]
    lost += [
        name for name, said in history.noted.items()
        if said == "ok" and (name not in found or found[name].note != f"about {name}")
    ]  # fmt: skip
    ghosts = [name for name, said in history.registered.items() if said == "fail" and name in found]
    partial = [
        one.name for one in found.values()
        if events["patient.register", one.pk] != 1
        or events["patient.correct", one.pk] != one.version - 1
        or (one.note != "") != (one.version == 2)
    ]  # fmt: skip
    partial += [str(key) for _, key in events if key not in known]
    assert not lost, f"acknowledged and lost: {lost}"
    assert not partial, f"there by half: {partial}"
    assert not ghosts, f"said to be refused, and there: {ghosts}"
    assert [one for one in check_database() if one.wrong] == []
    return {
        "acknowledged": history.acknowledged,
        "unknown": history.count("unknown"),
        "refused": history.count("fail"),
        "lost": len(lost),
        "partial": len(partial),
    }
