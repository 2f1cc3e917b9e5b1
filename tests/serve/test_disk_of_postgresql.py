"""The disk of PostgreSQL is full, or fails: what is not saved is said to be not saved, and it goes on afterwards."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import count

import pytest
from django.db import connection

from strigil.accounts.models import User
from tests.serve.disk import Disk, OnPostgresql
from tests.serve.disk import disk as disk
from tests.serve.hands import Person, served, wait_for
from tests.serve.test_disk import names, somebody

pytestmark = [
    pytest.mark.assure,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="a PostgreSQL of its own on a small disk"),
]
PLANTED = {"DJANGO_SETTINGS_MODULE": "tests.serve.planted", "STRIGIL_PLANT": "answer_before_commit"}
Trouble = Callable[..., tuple[list[str], list[str]]]


def registers(person: Person, name: str) -> bool:
    """Whether somebody was told that a patient is registered; else that it is not saved."""
    told = person.post("/patients/new", somebody(name, note=os.urandom(900).hex()))
    assert told.status == 302 or "<strong>not saved</strong>" in told.text, told.status
    return told.status == 302


def when_it_fails(disk: Disk, clinician: User, **given: str) -> tuple[list[str], list[str]]:
    """Who somebody was told is registered, around a disk that fails and is there again, and who is there."""
    person = Person(0, clinician)
    held = OnPostgresql(disk)
    with served(database=held.address, **given) as server:
        person.port = server.port
        assert registers(person, "Before")
        disk.cut()
        told = ["Before", *(["Never"] if registers(person, "Never") else [])]
        held.kill()
        disk.unmount()
        disk.mount()
        held.start()
        wait_for(lambda: registers(person, "After"), within=60)
    return sorted([*told, "After"]), names(held.address)


def when_it_is_full(disk: Disk, clinician: User, **given: str) -> tuple[list[str], list[str]]:
    """Who somebody was told is registered, until the disk is full and when there is room again, and who is there."""
    person = Person(0, clinician)
    held = OnPostgresql(disk)
    with served(database=held.address, **given) as server:
        person.port = server.port
        assert registers(person, "Before")
        disk.fill()
        told = ["Before"]
        for number in count():
            assert number < 500, "the disk is full, and there is still room"
            if not registers(person, f"Full {number}"):
                break
            told.append(f"Full {number}")
        assert 500 in [person.status("/patients") for _ in range(60)], "shown, and its line is not in the log"
        assert person.status("/live") == 200
        disk.empty()
        wait_for(lambda: registers(person, "After"), within=60)
    return sorted([*told, "After"]), names(held.address)


TROUBLES = pytest.mark.parametrize("trouble", [when_it_fails, when_it_is_full])


@TROUBLES
def test_what_the_disk_did_not_take_is_told_and_nothing_else_is_lost(
    trouble: Trouble, disk: Disk, clinician: User
) -> None:
    told, there = trouble(disk, clinician)
    assert told == there
    assert "Never" not in there


@TROUBLES
def test_an_answer_before_the_disk_has_it_is_caught(trouble: Trouble, disk: Disk, clinician: User) -> None:
    told, there = trouble(disk, clinician, **PLANTED)
    assert set(told) - set(there), "somebody was told of a patient who is not there"
