"""On PostgreSQL the database itself parts the clinics, whatever a page forgets."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client

from strigil.accounts import walls
from strigil.accounts.audit.chain import record
from strigil.accounts.audit.verify import verify
from strigil.accounts.models import Clinic, LogLine, LogPatient, Role, User, uuid7
from strigil.clinic.models import Patient
from tests.accounts.factors import PASSWORD, signs_in, with_phone
from tests.accounts.sweep import sweep
from tests.accounts.test_sweep import unscoped
from tests.accounts.worlds import ACTORS, World, many, world
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
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what was made before is checked before tables change
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    assert len(walls.raise_walls("strigil_serving")) >= 40
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
    """The owner's and the patients' ways in; the other roles are the same to the database."""
    mine, _ = two
    with walls.within(mine.story.by.clinic_id):
        actors = [ACTORS[name](mine) for name in (Role.OWNER, "check-in link")]
    related = {route: {("own", ""): place} for route, place in mine.places.items()}
    done = [sweep(actor, related) for actor in actors]
    assert [fault for one in done for fault in one.faults] == []


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


# --- Requests in turn on one connection that is kept ------------------------------------------------------------

Kept = list[tuple[str, str, Client]]
IN_TURN = 120
"""10,000 with ``-m assure``."""


@pytest.fixture
def kept(transactional_db: None, story: Story, stranger: User, settings: Any) -> Iterator[Kept]:
    """The people of two clinics on one connection, behind walls that were committed."""
    made = []
    for one, name in ((story, "Ada Eigen"), (Story(stranger, story.on), "Zdenka Cizí")):
        patient = one.patient(name)
        client = Client(raise_request_exception=False)
        client.force_login(one.by)
        made.append((name, f"/patients/{patient.pk}", client))
    settings.WALLS = True
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE strigil_serving")
    walls.raise_walls("strigil_serving")
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE strigil_serving")
    yield made
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        for table in walls.walled():
            cursor.execute(f'DROP POLICY {walls.OPEN} ON "{table}"')
            cursor.execute(f'DROP POLICY {walls.WHOLE_POLICY} ON "{table}"')
            cursor.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY')
        cursor.execute("DROP OWNED BY strigil_serving")
        cursor.execute("DROP ROLE strigil_serving")
        cursor.execute("DROP FUNCTION strigil_clinic_by_link")


def leaks(kept: Kept, number: int, patch: pytest.MonkeyPatch) -> list[str]:
    """What anybody was shown of another clinic, or of any after the answer, where only the wall keeps them apart."""
    patch.setattr("strigil.clinic.views.patients.own", unscoped)
    chance, found = random.Random(9), []
    for turn in range(number):
        asking = chance.randrange(2)
        name, own_page, client = kept[asking]
        other, other_page, _ = kept[1 - asking]
        for place, status in ((own_page, 200), (other_page, 404), ("/live", 200), ("/no/such/page", 404)):
            response = client.get(place)
            if response.status_code != status or other in response.content.decode():
                found.append(f"{turn}: {place} as the people of {name}: {response.status_code}")
        if Patient.objects.exists():
            found.append(f"{turn}: after an answer to the people of {name}")
    return found


@pytest.mark.django_db(transaction=True)
def test_nothing_leaks_from_one_request_to_the_next(kept: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert leaks(kept, IN_TURN // 4, monkeypatch) == []


@pytest.mark.assure
@pytest.mark.django_db(transaction=True)
def test_nothing_leaks_in_ten_thousand_requests(kept: Any, monkeypatch: pytest.MonkeyPatch, assurance: Any) -> None:
    found = leaks(kept, 2500, monkeypatch)
    assert found == [], many(found)
    assurance("walls", requests=10_000, leaks=0)


@pytest.mark.django_db(transaction=True)
def test_a_clinic_that_outlives_its_request_is_caught(kept: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def lasting(clinic: object) -> None:
        if clinic is not None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('strigil.clinic', %s, false)", [str(clinic)])

    monkeypatch.setattr(walls, "enter", lasting)
    assert [one for one in leaks(kept, 4, monkeypatch) if "after an answer" in one]


# --- The log behind the walls ---


@pytest.mark.django_db(transaction=True)
def test_what_is_written_behind_the_wall_is_sealed_with_its_row(kept: Any, story: Story) -> None:
    (_, page, client), (_, _, stranger) = kept
    assert client.get(page).status_code == 200
    place, sent = WORK["register"](story)
    assert client.post(place, sent).status_code == 302
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("UPDATE clinic_patient SET note = 'in a shell'")  # waits, and is told by requests of its clinic
        cursor.execute("SET ROLE strigil_serving")
    for one in (stranger, client):
        assert one.get("/patients").status_code == 200
        assert one.post("/sign-out").status_code == 302
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    report = verify(every_row=True)
    assert (report.faults, report.waiting) == ([], 0)
    told = LogLine.objects.filter(table="clinic_patient", what="added", clinic_id=story.by.clinic_id).last()
    assert told
    assert (told.user_id, told.route) == (story.by.pk, "register")


def fails_after_a_write(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    Patient.objects.filter(pk=context["patient"].pk).update(note="undone")
    raise RuntimeError("planted")


def breaks_at_the_end(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Allowed until all is to count: a patient registered by nobody there is."""
    Patient.objects.filter(pk=context["patient"].pk).update(note="undone", created_by_id=uuid7())
    return HttpResponse("shown")


def lines_of_a_failure(kept: Kept, patch: pytest.MonkeyPatch, view: Any) -> list[LogLine]:
    """What the log says of a request that could not be answered, of whose writes nothing is left."""
    (_, page, client), _ = kept
    before = set(LogLine.objects.values_list("pk", flat=True))
    patch.setattr("strigil.clinic.views.patients.answer", view)
    assert client.get(page).status_code == 500
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        assert not Patient.objects.filter(note="undone").exists()
        found = list(LogLine.objects.exclude(pk__in=before))
        assert verify(every_row=True).faults == []
        cursor.execute("SET ROLE strigil_serving")
    return found


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("view", [fails_after_a_write, breaks_at_the_end])
def test_a_request_that_failed_is_told_though_all_it_did_is_undone(
    view: Any, kept: Any, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    (line,) = lines_of_a_failure(kept, monkeypatch, view)
    assert (line.route, line.outcome, line.user_id) == ("patient", "failed", story.by.pk)
    assert kept[0][1] == f"/patients/{uuid.UUID(json.loads(line.patients)[0])}"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("view", [fails_after_a_write, breaks_at_the_end])
def test_a_failure_whose_line_is_undone_with_it_is_caught(
    view: Any, kept: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("strigil.clinic.within._tell", lambda *_: None)
    assert lines_of_a_failure(kept, monkeypatch, view) == []


def test_a_line_of_the_log_is_seen_in_its_clinic_alone(two: Any) -> None:
    for one in two:
        with walls.within(one.story.by.clinic_id):
            record("opened", clinic=one.story.by.clinic_id, patients=[uuid7()])
    for one in two:
        with walls.within(one.story.by.clinic_id):
            for model in (LogLine, LogPatient):
                assert set(model.objects.values_list("clinic_id", flat=True)) == {one.story.by.clinic_id}
    assert LogPatient.objects.count() == 0


# --- Who is not a server ----------------------------------------------------------------------------------------


def test_the_owner_sees_all_only_where_it_says_so(two: Any) -> None:
    become("NONE")
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE strigil_owning")
        cursor.execute("GRANT SELECT ON clinic_patient TO strigil_owning")
        cursor.execute("DROP POLICY strigil_whole ON clinic_patient")
        cursor.execute(f"CREATE POLICY strigil_whole ON clinic_patient TO strigil_owning USING ({walls.WHOLE})")
        become("strigil_owning")
        cursor.execute("SET LOCAL strigil.whole = ''")
        assert Patient.objects.count() == 0
        cursor.execute("SET LOCAL strigil.whole = 'yes'")
        assert Patient.objects.count() > 0
        become("NONE")
        become("strigil_serving")
        assert Patient.objects.count() == 0
