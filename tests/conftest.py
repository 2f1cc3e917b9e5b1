"""The cast that tests share."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as examples

from strigil import assurance as written
from strigil.docs import HOME

if TYPE_CHECKING:
    from django.test import Client

    from strigil.accounts.models import Clinic, User
    from tests.clinic.cast import Story
    from tests.oracle import Oracle


examples.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
examples.load_profile("untimed")  # a busy machine makes no example wrong
GUARDED = ("update", "delete")
TODAY = f"{date.today()}"
"""As the machine has it: a test may stop the clock."""


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """SQLite in a file, as it runs in a clinic: in memory, two requests at once would share one connection."""
    from django.db import connection

    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "tests.sqlite3")
    let_the_log_be_emptied(connection)
    write_no_permissions()


def write_no_permissions() -> None:
    """Nothing asks for Django's own; writing them anew takes longer than emptying every table between two tests."""
    from django.contrib.contenttypes.management import create_contenttypes
    from django.db.models.signals import post_migrate

    post_migrate.disconnect(create_contenttypes)
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")


def let_the_log_be_emptied(connection: Any) -> None:
    """Between tests with transactions every table is emptied, which the database refuses for the log."""
    operations = type(connection.ops)  # of every connection: a browser's test has one of its own
    plain = operations.sql_flush
    guards = ["log_next", *(f"log_never_{how}_accounts_log{one}" for how in GUARDED for one in ("line", "patient"))]
    before, after = [f"DROP TRIGGER IF EXISTS {one}" for one in guards], ["DELETE FROM accounts_touched"]
    if connection.vendor == "postgresql":
        before, after = ["SET session_replication_role = replica"], ["SET session_replication_role = origin"]
    operations.sql_flush = lambda *given, **more: [*before, *plain(*given, **more), *after]


@pytest.fixture(autouse=True)
def oracle() -> Iterator[Oracle]:
    """In every test: no request reads a patient's tables without a line in the log."""
    from tests.oracle import watching

    with watching() as watched:
        yield watched
    assert watched.unaccounted == []


@pytest.fixture
def assurance(request: pytest.FixtureRequest) -> Callable[..., None]:
    """``assurance("power_cut", cuts=6, lost=0)`` hands over what a run counted; kept with ``--record``.

    Only the test that the claim names may leave figures: the same code with smaller numbers runs in the ordinary suite.
    """
    claims = written.claims(HOME)

    def told(claim: str, **figures: int | float) -> None:
        if claim not in claims:
            pytest.fail(f"{claim!r} is not in {written.CLAIMS}")
        here = request.node.nodeid.partition("[")[0]
        if claims[claim].test == here and request.config.getoption("--record"):
            commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=HOME, capture_output=True, text=True)
            run = written.Run(
                figures=figures,
                on=TODAY,
                commit=commit.stdout.strip() or "no commit",
                cores=os.cpu_count() or 1,
            )
            written.record(HOME, claim, request.config.getoption("--database"), run)

    return told


@pytest.fixture
def clinic(db: None) -> Clinic:
    from strigil.accounts.models import Clinic

    return Clinic.objects.create(name="Northside", time_zone="Europe/London")


@pytest.fixture
def other_clinic(db: None) -> Clinic:
    from strigil.accounts.models import Clinic

    return Clinic.objects.create(name="Southside", time_zone="Europe/London")


@pytest.fixture
def someone(clinic: Clinic) -> Any:
    """``someone("clinician")`` works in the clinic; ``someone("clinician", at=other_clinic)`` elsewhere."""
    from strigil.accounts.models import User

    def make(role: str, at: Clinic | None = None) -> User:
        where = at or clinic
        return User.objects.create(
            username=f"{role}-{where.name}-{User.objects.count()}", clinic=where, role=role, display_name=role.title()
        )

    return make


@pytest.fixture
def clinician(someone: Any) -> User:
    made: User = someone("clinician")
    return made


@pytest.fixture
def stranger(someone: Any, other_clinic: Clinic) -> User:
    """A clinician of another clinic."""
    made: User = someone("clinician", at=other_clinic)
    return made


@pytest.fixture
def on() -> date:
    return date(2026, 11, 20)


@pytest.fixture
def noon(on: date) -> Iterator[None]:
    """It is noon of ``on`` everywhere the clinic looks."""
    import time_machine

    with time_machine.travel(datetime(on.year, on.month, on.day, 12, tzinfo=UTC), tick=True):
        yield


@pytest.fixture
def story(clinician: User, on: date, noon: None) -> Story:
    """Builds a record by the actions that the pages use, as the clinician, today being ``on``."""
    from tests.clinic.cast import Story

    return Story(clinician, on)


@pytest.fixture
def signed_in(noon: None) -> Callable[[User | None], Client]:
    """A browser of somebody; ``None`` is signed out. An exception in a view is an exception in the test."""
    from django.test import Client

    def browser(user: User | None) -> Client:
        client = Client(raise_request_exception=True)
        if user is not None:
            client.force_login(user)
        return client

    return browser


@pytest.fixture
def half_way(noon: None) -> Callable[[User], Client]:
    """A browser of somebody who gave the password and not yet the second factor."""
    from django.test import Client

    from tests.accounts.worlds import gave_a_password

    return lambda user: gave_a_password(Client(raise_request_exception=True), user)


@pytest.fixture
def tablet(signed_in: Any, clinician: User) -> Client:
    """The clinician's own browser."""
    made: Client = signed_in(clinician)
    return made
