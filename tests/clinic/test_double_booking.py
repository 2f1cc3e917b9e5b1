"""One clinician, one time, one appointment: whoever writes, however many at once, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from strigil.accounts.models import Clinic, User
from strigil.clinic.actions import Refused, book
from strigil.clinic.models import DOUBLE_BOOKING, Appointment, Patient
from strigil.clinic.slots import Slot
from tests.clinic.cast import Story

MIGRATION = import_module("strigil.clinic.migrations.0007_appointment")
AT_ONCE = 4
WITHIN = [("09:00", 30), ("09:10", 10), ("08:45", 30), ("09:15", 60), ("08:00", 120)]
"""Each of these runs into an appointment from 09:00 to 09:30."""
BESIDE = [("08:30", 30), ("09:30", 30)]


# --- What the database says by itself ---------------------------------------------------------------------------


def written(story: Story, patient: Patient, slot: Slot, **changes: Any) -> Appointment:
    """Past every action."""
    given = {"clinic": story.by.clinic, "created_by": story.by, "patient": patient, "clinician_id": slot.clinician}
    times = {"starts": slot.starts, "ends": slot.ends, "time_zone": "Europe/London"}
    return Appointment.objects.create(**given | times | changes)


@pytest.mark.parametrize(("at", "minutes"), WITHIN)
@pytest.mark.parametrize("status", ["booked", "arrived", "requested"])
def test_the_database_refuses_a_second_at_a_time_that_is_taken(
    status: str, at: str, minutes: int, story: Story
) -> None:
    patient = story.patient()
    written(story, patient, story.slot(), status=status, name="Eva")
    with pytest.raises(IntegrityError, match=DOUBLE_BOOKING), transaction.atomic():
        written(story, patient, story.slot(at, minutes))
    assert Appointment.objects.count() == 1


@pytest.mark.parametrize(("at", "minutes"), BESIDE)
def test_one_after_the_other_is_no_double_booking(at: str, minutes: int, story: Story) -> None:
    patient = story.patient()
    written(story, patient, story.slot())
    assert written(story, patient, story.slot(at, minutes)).pk


@pytest.mark.parametrize("status", ["cancelled", "missed"])
def test_what_is_cancelled_or_missed_frees_its_time_and_cannot_come_back_over_another(
    status: str, story: Story
) -> None:
    patient = story.patient()
    first = written(story, patient, story.slot(), status=status)
    written(story, patient, story.slot())
    with pytest.raises(IntegrityError, match=DOUBLE_BOOKING), transaction.atomic():
        Appointment.objects.filter(pk=first.pk).update(status="booked")


def test_two_clinicians_have_the_same_time_and_neither_is_given_to_the_other(story: Story, someone: Any) -> None:
    other, patient = someone("clinician"), story.patient()
    first = written(story, patient, story.slot())
    written(story, patient, story.slot(by=other))
    with pytest.raises(IntegrityError, match=DOUBLE_BOOKING), transaction.atomic():
        Appointment.objects.filter(pk=first.pk).update(clinician=other)


def test_a_change_of_something_else_is_not_refused_by_the_appointment_itself(story: Story) -> None:
    found = story.booked()
    moved = Appointment.objects.filter(pk=found.pk)
    assert moved.update(starts=found.starts + timedelta(minutes=10), ends=found.ends + timedelta(minutes=10)) == 1
    assert moved.update(status="arrived", version=2) == 1


# --- Many at once, over connections of their own ----------------------------------------------------------------

ON_A_DATABASE = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(transactional_db: None, tmp_path: Path) -> Iterator[Callable[[], None]]:
    """Two who share a clinic; gives what a thread calls to have a connection of its own to that record.

    The SQLite of the tests lives in memory, where connections do not wait for each other as they do on a file: it is
    copied to a file, which then is the record for everybody.
    """
    clinic = Clinic.objects.create(name="Northside", time_zone="Europe/London")
    User.objects.create(username="dana", clinic=clinic, role="clinician", display_name="Dana")
    if connection.vendor == "postgresql":
        yield lambda: None
        return
    connection.ensure_connection()
    record = tmp_path / "record.sqlite3"
    settings = {**connection.settings_dict, "NAME": str(record)}
    memory = connections["default"]
    kind = type(memory)

    def on_file() -> None:
        made: BaseDatabaseWrapper = kind(settings, "default")
        connections["default"] = made

    with closing(kind(settings, "default")) as file:
        file.ensure_connection()
        memory.connection.backup(file.connection)
    on_file()
    yield on_file
    connections["default"].close()
    connections["default"] = memory


def at_once(own_connection: Callable[[], None], acts: list[Callable[[], Any]]) -> list[object]:
    """What each of some threads got that began together: a result or the exception."""
    together, got = Barrier(len(acts)), []

    def run(act: Callable[[], Any]) -> None:
        own_connection()
        try:
            connection.ensure_connection()
            together.wait()
            got.append(act())
        except Exception as error:
            got.append(error)
        finally:
            connections["default"].close()

    threads = [Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


def story_of_the_desk() -> Story:
    return Story(User.objects.get(username="dana"), date.today() + timedelta(days=7))


def race(own_connection: Callable[[], None], write: Callable[[Story, Patient, Slot], Any]) -> tuple[int, list[object]]:
    """Several write the same time at once: how many have it afterwards, and what each was told."""
    story = story_of_the_desk()
    patient, slot = story.patient(), story.slot()
    got = at_once(own_connection, [lambda: write(story, patient, slot) for _ in range(AT_ONCE)])
    return Appointment.objects.count(), got


def by_action(story: Story, patient: Patient, slot: Slot) -> Appointment:
    return book.book(by=story.by, patient=patient, slot=slot, on=story.on)


@ON_A_DATABASE
@pytest.mark.parametrize("_", range(3))
def test_of_several_who_book_one_time_at_once_exactly_one_has_it(_: int, desk: Callable[[], None]) -> None:
    had, got = race(desk, by_action)
    assert had == 1, got
    assert sorted(type(one).__name__ for one in got) == ["Appointment", *["Refused"] * (AT_ONCE - 1)], got
    assert {str(one) for one in got if isinstance(one, Refused)} == {book.TAKEN}


@ON_A_DATABASE
def test_past_every_action_the_database_still_gives_it_to_one(desk: Callable[[], None]) -> None:
    had, got = race(desk, written)
    assert had == 1, got
    refused = [one for one in got if not isinstance(one, Appointment)]
    # Of writers that wait for each other PostgreSQL ends one as a deadlock; the action never lets it come to that.
    assert all(isinstance(one, IntegrityError | OperationalError) for one in refused), got
    assert len(refused) == AT_ONCE - 1


@ON_A_DATABASE
def test_of_several_moved_to_one_time_at_once_exactly_one_has_it(desk: Callable[[], None]) -> None:
    story = story_of_the_desk()
    patient, free = story.patient(), story.slot("16:00")
    rows = [story.booked(at, patient) for at in ("09:00", "10:00", "11:00", "12:00")]

    def moving(one: Appointment) -> Callable[[], Any]:
        found = Appointment.objects.get(pk=one.pk)
        return lambda: book.move(by=story.by, appointment=found, seen=1, slot=free, now=free.starts - timedelta(days=1))

    got = at_once(desk, [moving(one) for one in rows])
    assert Appointment.objects.filter(starts=free.starts).count() == 1, got
    assert Appointment.objects.count() == len(rows)
    assert Appointment.objects.filter(version=1).count() == len(rows) - 1, "who was refused was not half moved"


@ON_A_DATABASE
def test_without_what_refuses_it_the_race_shows_it(desk: Callable[[], None]) -> None:
    """The fault planted: had the tests above no teeth, this one would fail."""
    with connection.schema_editor() as editor:
        MIGRATION.allow_double_booking(None, editor)
    try:
        had, got = race(desk, by_action)
        assert had == AT_ONCE, got
    finally:
        Appointment.objects.all().delete()
        with connection.schema_editor() as editor:
            MIGRATION.refuse_double_booking(None, editor)
