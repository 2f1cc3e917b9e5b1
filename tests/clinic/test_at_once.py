"""Two people at the same moment, on a database that lets them in at the same moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from strigil.accounts.models import Clinic, User
from strigil.clinic.actions import StaleVersion, treat
from strigil.clinic.models import AuditEvent, Visit
from tests.clinic.cast import TREATED, Story

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time"),
]


def at_once(act: Callable[[], Any]) -> list[object]:
    """What each of two threads got that began together: a result or the exception."""
    together, got = Barrier(2), []

    def run() -> None:
        try:
            together.wait()
            got.append(act())
        except Exception as error:
            got.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


@pytest.fixture
def pair() -> Story:
    clinic = Clinic.objects.create(name="Northside")
    user = User.objects.create(username="dana", clinic=clinic, role="clinician", display_name="Dana")
    return Story(user, date(2026, 11, 20))


def test_two_who_start_the_visit_together_get_the_same_draft(pair: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    course = pair.course()
    create = Visit.objects.create

    def slowly(**given: Any) -> Visit:
        time.sleep(0.2)  # long enough for the other to look for a draft and find none
        return create(**given)

    monkeypatch.setattr(Visit.objects, "create", slowly)
    got = at_once(lambda: pair.draft(course))
    assert all(isinstance(one, Visit) for one in got), got
    assert Visit.objects.count() == 1
    assert AuditEvent.objects.filter(action="visit.start").count() == 1


@pytest.mark.parametrize("_", range(3))
def test_of_two_who_save_together_exactly_one_wins(_: int, pair: Story) -> None:
    draft = pair.draft(pair.course())

    def save() -> Visit:
        return treat.write_visit(by=pair.by, visit=Visit.objects.get(pk=draft.pk), seen=1, given=TREATED)

    got = at_once(save)
    assert sorted(type(one).__name__ for one in got) == [StaleVersion.__name__, "Visit"], got
    draft.refresh_from_db()
    assert draft.version == 2
    assert draft.treatments.count() == 1
