"""Every write of the record is told by the database itself, whichever way it came."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import pytest
from django.db import connection, models, transaction

from strigil.accounts.audit import chain, keys, rows, triggers
from strigil.accounts.audit.chain import NotLogged
from strigil.accounts.audit.said import Said, saying
from strigil.accounts.models import Chain, LogLine, LogPatient, Touched, User
from strigil.clinic.actions.register import register_patient
from strigil.clinic.models import AuditEvent, Patient
from tests.clinic.cast import Story

AT_ONCE = pytest.mark.django_db(transaction=True)


def ada(by: User, name: str = "Ada") -> Patient:
    return register_patient(by=by, name=name, sex="female", born=None, phone="", email="", note="")


def another(by: User, name: str = "Eve") -> Patient:
    return Patient(clinic_id=by.clinic_id, created_by=by, name=name, search=name.lower(), sex="female")


def raw(statement: str, *given: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)


def stored(key: Any) -> Any:
    return key if connection.vendor == "postgresql" else key.hex


WAYS: dict[str, Callable[[Patient, User], Any]] = {
    "save": lambda patient, _: patient.save(),
    "update": lambda patient, _: Patient.objects.filter(pk=patient.pk).update(note="x"),
    "bulk_create": lambda _, by: Patient.objects.bulk_create([another(by)]),
    "bulk_update": lambda patient, _: Patient.objects.bulk_update([patient], ["note"]),
    "delete": lambda patient, _: Patient.objects.filter(pk=patient.pk).delete(),
    "raw delete": lambda patient, _: Patient.objects.filter(pk=patient.pk)._raw_delete("default"),
    "raw SQL": lambda patient, _: raw("UPDATE clinic_patient SET note = 'x' WHERE id = %s", stored(patient.pk)),
    "raw SQL delete": lambda patient, _: raw("DELETE FROM clinic_patient WHERE id = %s", stored(patient.pk)),
}
TOLD_AS = {"bulk_create": "added", "delete": "removed", "raw delete": "removed", "raw SQL delete": "removed"}


@AT_ONCE
@pytest.mark.parametrize("way", WAYS)
def test_a_write_is_in_the_log_with_who_did_it_whichever_way_it_came(way: str, clinician: User) -> None:
    patient = another(clinician)
    patient.save()
    with saying(Said(clinician.pk, clinician.role, clinician.clinic_id, route="a_route")), transaction.atomic():
        WAYS[way](patient, clinician)
    line = LogLine.objects.filter(table="clinic_patient").last()
    assert line is not None
    assert (line.what, line.user_id, line.role, line.route) == (
        TOLD_AS.get(way, "changed"),
        clinician.pk,
        "clinician",
        "a_route",
    )
    about = LogPatient.objects.get(clinic_id=line.clinic_id, seq=line.seq)
    assert about.patient_id.hex == line.object_id
    assert Touched.objects.count() == 0


@AT_ONCE
@pytest.mark.parametrize("way", WAYS)
def test_who_wrote_past_the_application_is_not_said_and_never_guessed(way: str, clinician: User) -> None:
    patient = another(clinician)
    patient.save()
    WAYS[way](patient, clinician)  # as a shell does: nobody is at work
    with saying(Said(clinician.pk, clinician.role, clinician.clinic_id)):
        ada(clinician)
    line = LogLine.objects.filter(table="clinic_patient", what=TOLD_AS.get(way, "changed"))
    told = line.exclude(action="patient.register").last()
    assert told is not None
    assert (told.user_id, told.role, told.route, told.request) == (None, "", "", None)


@AT_ONCE
def test_an_action_says_who_and_what_where_no_request_does(clinician: User) -> None:
    patient = ada(clinician)
    lines = LogLine.objects.filter(action="patient.register")
    assert {(one.table, one.user_id) for one in lines} == {
        ("clinic_patient", clinician.pk),
        ("clinic_auditevent", clinician.pk),
    }
    assert set(LogPatient.objects.values_list("patient_id", flat=True)) == {patient.pk}


@AT_ONCE
def test_of_several_actions_in_one_transaction_each_says_its_own(clinician: User, someone: Any) -> None:
    desk = someone("front_desk")
    with transaction.atomic():
        ada(clinician)
        ada(desk, "Ben")
    lines = LogLine.objects.filter(table="clinic_patient").order_by("seq")
    assert [(one.user_id, one.action) for one in lines] == [
        (clinician.pk, "patient.register"),
        (desk.pk, "patient.register"),
    ]


@AT_ONCE
def test_what_is_taken_back_leaves_no_line(clinician: User) -> None:
    before = LogLine.objects.count(), Touched.objects.count()
    with transaction.atomic():
        ada(clinician)
        transaction.set_rollback(True)
    assert (LogLine.objects.count(), Touched.objects.count()) == before


@AT_ONCE
def test_a_write_that_cannot_be_logged_is_not_done(clinician: User, settings: Any, tmp_path: Any) -> None:
    settings.AUDIT_KEY = str(tmp_path / "nowhere")
    with pytest.raises(NotLogged):
        ada(clinician)
    assert not Patient.objects.exists()
    assert not AuditEvent.objects.exists()


@AT_ONCE
def test_a_write_for_whose_line_there_is_no_chain_is_not_done(clinician: User) -> None:
    ada(clinician)
    Chain.objects.filter(pk=clinician.clinic_id).delete()
    with pytest.raises(NotLogged, match="no chain"):
        ada(clinician, "Ben")
    assert [one.name for one in Patient.objects.all()] == ["Ada"]


@AT_ONCE
def test_a_row_moved_to_another_patient_names_both(story: Story) -> None:
    course = story.course()
    other = ada(story.by)
    type(course).objects.filter(pk=course.pk).update(patient=other)
    ada(story.by, "Next")
    line = LogLine.objects.filter(table="clinic_course", what="changed").last()
    assert line is not None
    named = LogPatient.objects.filter(clinic_id=line.clinic_id, seq=line.seq).values_list("patient_id", flat=True)
    assert set(named) == {course.patient_id, other.pk}


@AT_ONCE
def test_rows_that_go_with_their_parents_name_the_patient(story: Story) -> None:
    visit = story.written(story.draft(story.ready()))
    patient = visit.course.patient_id
    with saying(Said(story.by.pk)), transaction.atomic():
        visit.treatments.all().delete()
        visit.readings.all().delete()
        type(visit).objects.filter(pk=visit.pk).delete()
    gone = LogLine.objects.filter(what="removed", table__in=("clinic_visit", "clinic_treatment"))
    assert {one.table for one in gone} == {"clinic_visit", "clinic_treatment"}
    assert {one.patients for one in gone} == {f'["{patient.hex}"]'}


# --- No table without its triggers ------------------------------------------------------------------------------


def test_every_table_of_strigil_is_watched(db: None) -> None:
    from django.apps import apps

    every = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model.__module__.startswith("strigil.") or model._meta.app_label in ("accounts", "clinic", "registry")
    }
    assert (
        rows.watched().keys()
        == every - {one._meta.db_table for one in (LogLine, LogPatient, Chain, Touched)} - rows.UNTOLD
    )
    assert {one.table for one in triggers.wanted(connection).values()} >= rows.watched().keys()
    assert triggers.faults(connection) == []


NOT_OF_A_PATIENT = {
    *("accounts_clinic", "accounts_user", "accounts_user_groups", "accounts_user_user_permissions"),
    "accounts_onetimelink",
    *("clinic_bookabletime", "clinic_closeddays", "clinic_requestpage", "clinic_requestcount", "clinic_payersetting"),
    *("clinic_keptshelf", "clinic_sent", "clinic_linkmiss", "clinic_questionnairefile"),
}


def test_the_way_from_a_row_to_its_patient_is_found_for_every_table_of_care() -> None:
    """A new table without a way to the patient is named here, or has one."""
    assert {table for table, model in rows.watched().items() if rows.path(model) is None} == NOT_OF_A_PATIENT


@pytest.fixture
def new_table(transactional_db: None) -> Iterator[type[models.Model]]:
    """A model that somebody adds, with a patient's data."""

    class Leaflet(models.Model):
        patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")

        class Meta:
            app_label = "clinic"

    from django.apps import apps

    rows.watched.cache_clear()
    with connection.schema_editor() as editor:
        editor.create_model(Leaflet)
    yield Leaflet
    with connection.schema_editor() as editor:
        editor.delete_model(Leaflet)
    del apps.all_models["clinic"]["leaflet"]
    apps.clear_cache()
    rows.watched.cache_clear()


def test_a_new_table_is_told_of_until_it_has_its_triggers(new_table: type[models.Model], clinician: User) -> None:
    assert any("clinic_leaflet is missing" in one for one in triggers.faults(connection))
    triggers.install(connection)
    assert triggers.faults(connection) == []
    patient = ada(clinician)
    new_table.objects.create(patient=patient)
    ada(clinician, "Next")
    line = LogLine.objects.get(table="clinic_leaflet")
    assert line.patients == f'["{patient.pk.hex}"]'


@pytest.mark.parametrize("how", ["missing", "changed"])
def test_a_database_whose_trigger_is_missing_or_changed_is_refused_at_the_start(
    how: str, transactional_db: None
) -> None:
    from strigil.accounts.audit.start import Unsafe, refuse_an_unsafe_database

    refuse_an_unsafe_database()
    on_postgresql = connection.vendor == "postgresql"
    name = "log_row_clinic_visit" if on_postgresql else "log_changed_clinic_visit"
    if on_postgresql and how == "changed":
        raw(f"ALTER TABLE clinic_visit DISABLE TRIGGER {name}")
    else:
        raw(f"DROP TRIGGER {name}" + (" ON clinic_visit" if on_postgresql else ""))
    if how == "changed" and not on_postgresql:
        raw(f"CREATE TRIGGER {name} AFTER UPDATE ON clinic_visit BEGIN SELECT 1; END")
    with pytest.raises(Unsafe, match=f"{name} is {how}"):
        refuse_an_unsafe_database()
    triggers.install(connection)
    refuse_an_unsafe_database()


# --- The log is only added to -----------------------------------------------------------------------------------

FORBIDDEN = {
    "edit": "UPDATE accounts_logline SET what = 'opened'",
    "delete": "DELETE FROM accounts_logline",
    "delete from the index": "DELETE FROM accounts_logpatient",
    "edit the index": "UPDATE accounts_logpatient SET seq = 1",
    "copy": "INSERT INTO accounts_logline SELECT * FROM accounts_logline",
} | (
    {"empty": "TRUNCATE accounts_logline", "empty the index": "TRUNCATE accounts_logpatient"}
    if connection.vendor == "postgresql"
    else {"replace": "INSERT OR REPLACE INTO accounts_logline SELECT * FROM accounts_logline"}
)


@AT_ONCE
@pytest.mark.parametrize("how", FORBIDDEN)
def test_the_database_refuses_to_change_the_log(how: str, clinician: User) -> None:
    ada(clinician)
    before = list(LogLine.objects.values()), list(LogPatient.objects.values())
    with pytest.raises(Exception, match="strigil: "), transaction.atomic():
        raw(FORBIDDEN[how])
    assert (list(LogLine.objects.values()), list(LogPatient.objects.values())) == before


def test_the_log_holds_ids_and_no_content(story: Story) -> None:
    """Whatever stands in the fields of a person stands in no line."""
    story.signed(story.ready())
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_touched")
        told = repr(cursor.fetchall())
    for patient in Patient.objects.all():
        assert patient.name not in told
        assert patient.pk.hex in told


def test_the_key_is_for_its_owner_alone_and_not_in_the_database(db: None) -> None:
    assert keys.place().stat().st_mode & 0o777 == 0o600
    secret = keys.current()[1].hex()
    for model in (LogLine, Chain, Touched):
        assert secret not in repr(list(model.objects.values()))
    assert chain.head() is not None


# --- The disk ---------------------------------------------------------------------------------------------------

ONLY_POSTGRESQL = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite waits in the COMMIT itself")
A_LINE = 400
"""Bytes: any line takes more of PostgreSQL's journal."""


def behind() -> int:
    """Bytes that PostgreSQL has in its journal and not yet on the disk."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn() - pg_current_wal_flush_lsn()")
        return int(cursor.fetchone()[0])


def not_on_the_disk(act: Callable[[int], Any]) -> list[int]:
    found = []
    for number in range(20):
        act(number)
        found.append(behind())
    return [one for one in found if one >= A_LINE]


def acts(by: User) -> dict[str, Callable[[int], Any]]:
    return {
        "a write": lambda number: ada(by, f"Person {number}"),
        "a read": lambda _: chain.record("opened", clinic=by.clinic_id),
    }


@AT_ONCE
@ONLY_POSTGRESQL
@pytest.mark.parametrize("which", ["a write", "a read"])
def test_what_was_answered_is_on_the_disk(which: str, clinician: User) -> None:
    assert not_on_the_disk(acts(clinician)[which]) == []


@AT_ONCE
@ONLY_POSTGRESQL
@pytest.mark.parametrize("which", ["a write", "a read"])
def test_an_answer_that_does_not_wait_for_the_disk_is_caught(
    which: str, clinician: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: the chain is let go of before the disk has it, and nobody waits afterwards."""
    monkeypatch.setattr("strigil.accounts.postgresql.base.FLUSH", "SELECT 1")
    assert not_on_the_disk(acts(clinician)[which]) != []


@AT_ONCE
@ONLY_POSTGRESQL
def test_whoever_waits_for_the_disk_holds_no_chain(clinician: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another takes the next place in the chain while the first still waits."""
    other = connection.copy()
    waits = "SELECT pg_advisory_lock_shared(7)"
    monkeypatch.setattr("strigil.accounts.postgresql.base.FLUSH", waits)
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(7)")
        before = LogLine.objects.count()
        writer = Thread(target=_and_close, args=(lambda: ada(clinician),))
        writer.start()
        while LogLine.objects.count() == before:
            assert writer.is_alive()
        assert writer.is_alive(), "it waits"
        cursor.execute("SET lock_timeout = '2s'")
        cursor.execute("SELECT seq FROM accounts_chain WHERE clinic_id = %s FOR UPDATE", [clinician.clinic_id])
        cursor.execute("SELECT pg_advisory_unlock(7)")
    writer.join()
    other.close()


def _and_close(act: Callable[[], Any]) -> None:
    act()
    connection.close()
