"""On PostgreSQL the database itself parts the clinics, whatever a page forgets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, transaction
from django.test import Client

from strigil.accounts import walls
from strigil.accounts.models import Clinic, Role, User
from strigil.clinic.models import Patient
from tests.accounts.factors import PASSWORD, signs_in, with_phone
from tests.accounts.test_sweep import unscoped
from tests.accounts.worlds import ACTORS, World, world
from tests.clinic.cast import Story
from tests.clinic.work import WORK

pytestmark = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no rows of its own for roles")


def become(role: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {role}")


@pytest.fixture
def serving(db: None) -> Iterator[str]:
    """A role that serves; the walls and the role go with the test's transaction."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE strigil_serving")
    assert len(walls.raise_walls("strigil_serving")) > 40
    yield "strigil_serving"
    become("NONE")


@pytest.fixture
def two(story: Story, stranger: User, serving: str, settings: Any) -> tuple[World, World]:
    mine, theirs = world(story), world(Story(stranger, story.on))
    settings.WALLS = True
    become(serving)
    return mine, theirs


def test_every_table_of_a_clinic_is_walled(serving: str) -> None:
    belonging = {
        model._meta.db_table
        for model in [Clinic, *_models()]
        if any(field.name in ("clinic", "user", "patient", "course", "visit") for field in model._meta.fields)
    }
    assert belonging <= set(walls.walled())


def _models() -> list[Any]:
    from django.apps import apps

    return [*apps.get_app_config("clinic").get_models(), *apps.get_app_config("accounts").get_models()]


def test_without_a_clinic_there_is_no_row_and_with_one_only_its_own(two: Any) -> None:
    mine, theirs = two
    assert Patient.objects.count() == 0
    with walls.within(mine.story.by.clinic_id):
        seen = Patient.objects.values_list("clinic_id", flat=True)
        assert set(seen) == {mine.story.by.clinic_id}
        assert not User.objects.filter(clinic_id=theirs.story.by.clinic_id).exists()
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            Patient.objects.filter(clinic_id=mine.story.by.clinic_id).update(clinic_id=theirs.story.by.clinic_id)
        assert Patient.objects.filter(clinic_id=theirs.story.by.clinic_id).update(note="theirs") == 0
    assert Patient.objects.count() == 0


def test_everybody_can_still_do_what_the_table_says(two: Any) -> None:
    """The owner's and the patients' ways in, by every method; the other roles are the same to the database."""
    mine, _ = two
    with walls.within(mine.story.by.clinic_id):
        actors = [ACTORS[name](mine) for name in (Role.OWNER, "check-in link", "signed out")]
    related = {route: {("own", ""): place} for route, place in mine.places.items()}
    for actor in actors:
        for route, places in related.items():
            for place in places.values():
                response = actor.client.get(place)
                assert response.status_code < 500, (actor.name, route)


def test_a_page_that_forgets_the_clinic_shows_nothing(two: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, theirs = two
    monkeypatch.setattr("strigil.clinic.views.patients.own", unscoped)
    client = Client()
    client.force_login(mine.people[Role.OWNER])
    assert client.get(mine.places["patient"]).status_code == 200
    assert client.get(theirs.places["patient"]).status_code == 404


def test_work_is_done_behind_the_wall(story: Story, someone: Any, serving: str, settings: Any) -> None:
    settings.WALLS = True
    owner = someone(Role.OWNER)
    made = {route: WORK[route](story) for route in ("register", "plan", "visit", "sign_visit", "respond")}
    become(serving)
    client = Client()
    client.force_login(owner)
    for route, (place, sent) in made.items():
        assert client.post(place, sent).status_code == 302, route


def test_somebody_signs_in_behind_the_wall(serving: str, clinician: User, settings: Any) -> None:
    settings.WALLS = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # only for speed
    clinician.set_password(PASSWORD)
    clinician.save()
    phone = with_phone(clinician)
    become(serving)
    client = Client()
    assert signs_in(client, clinician, phone).url == "/today"
    assert client.get("/today").status_code == 200


def test_a_process_that_could_see_more_does_not_serve(db: None, settings: Any) -> None:
    settings.WALLS = True
    with pytest.raises(ImproperlyConfigured, match=r"passes every wall.*No wall around"):
        Client().get("/live")


def test_a_table_whose_wall_fell_is_named(serving: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE clinic_patient DISABLE ROW LEVEL SECURITY")
    become(serving)
    assert walls.faults() == ["No wall around: clinic_patient. Run: strigil walls --role ROLE, as the tables' owner."]
