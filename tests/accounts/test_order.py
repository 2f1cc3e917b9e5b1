"""No page hangs on how rows lie in the database: where several are shown, the question says in which order."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import time_machine
from django.apps import apps
from django.db import connection
from django.db.models import QuerySet

from strigil.accounts.models import Role, User
from tests.accounts.twins import Told, numbered, told
from tests.accounts.worlds import ACTORS, many, undone, world
from tests.clinic.cast import Story


@contextmanager
def turned_round() -> Iterator[None]:
    """Whoever asks for rows in no order gets them the other way round."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA reverse_unordered_selects = ON")
            try:
                yield
            finally:
                cursor.execute("PRAGMA reverse_unordered_selects = OFF")
        return
    with undone(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # no line of the log, no guard
        for model in apps.get_models():
            table, column = model._meta.db_table, model._meta.concrete_fields[0].column
            cursor.execute(f'SELECT ctid FROM "{table}" ORDER BY ctid DESC')  # noqa: S608 - the models' own names
            anew = f'UPDATE "{table}" SET "{column}" = "{column}" WHERE ctid = %s'  # noqa: S608 - the models' own names
            cursor.executemany(anew, cursor.fetchall())  # each then lies behind all others
        cursor.execute("SET LOCAL session_replication_role = origin")
        for way in ("indexscan", "indexonlyscan", "bitmapscan"):
            cursor.execute(f"SET LOCAL enable_{way} = off")  # an index still leads to where a row lay at first
        yield


def differ(story: Story) -> list[Told]:
    """What somebody of a clinic is told otherwise when rows lie the other way round."""
    with time_machine.travel(f"{story.on}T12:00:00+00:00", tick=False), numbered(1):
        mine = world(story)
        for role in Role.values:
            User.objects.create(username=f"second-{role}", clinic=story.by.clinic, role=role, display_name="A namesake")
        actors = [ACTORS[role](mine) for role in Role.values]
        with numbered(10**12):
            as_made = told(actors, mine, [], [])
        with turned_round(), numbered(10**12):
            turned = told(actors, mine, [], [])
    assert set(as_made) == set(turned)
    return [one for one in as_made if as_made[one] != turned[one]]


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, "django.request")


def test_every_page_says_the_same_however_rows_lie(story: Story) -> None:
    found = differ(story)
    assert found == [], many(found)


def test_a_list_in_no_order_is_caught(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    ordered = QuerySet.order_by
    monkeypatch.setattr(
        QuerySet, "order_by", lambda self, *names: ordered(self, *(() if self.model is User else names))
    )
    assert ("owner", "GET", "/people") in differ(story)
