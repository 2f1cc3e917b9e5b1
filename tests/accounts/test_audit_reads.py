"""Whoever opens something of a patient's is in the log before they see it, whatever the page."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from strigil.accounts.audit import chain, keys, said, triggers
from strigil.accounts.audit.chain import NotLogged
from strigil.accounts.audit.models import NOBODY
from strigil.accounts.models import LogLine, Role, User
from strigil.accounts.policy import POLICY, may, needs_sign_in
from strigil.clinic.models import Appointment, Patient
from tests.accounts.factors import PASSWORD, first_step, signs_in, with_phone
from tests.clinic.cast import Story
from tests.clinic.work import WORK, addresses
from tests.oracle import Oracle

MARK = re.compile(rb"Marked ([0-9a-f]{32})")


def newest(before: set[uuid.UUID]) -> list[LogLine]:
    return list(LogLine.objects.exclude(pk__in=before).order_by("clinic_id", "seq"))


def ids() -> set[uuid.UUID]:
    return set(LogLine.objects.values_list("pk", flat=True))


def mark_everybody() -> None:
    for patient in Patient.objects.all():
        Patient.objects.filter(pk=patient.pk).update(name=f"Marked {patient.pk.hex}")


def unaccounted(client: Client, role: str | None, places: dict[str, str]) -> list[str]:
    """Routes whose page shows a patient whom its line does not name, or that leave no line."""
    missed = []
    for route, address in places.items():
        if not may(route, "GET", role):
            continue
        before = ids()
        response = client.get(address)
        assert response.status_code in (200, 302), (route, response.status_code)
        lines = newest(before)
        shown = {mark.decode() for mark in MARK.findall(response.content)}
        told = {one for line in lines for one in json.loads(line.patients or "[]")}
        if shown - told or (needs_sign_in(route) and [one.route for one in lines] != [route]):
            missed.append(route)
    return missed


@pytest.mark.parametrize("role", [*Role.values, None])
def test_every_page_names_in_the_log_whom_it_shows(
    role: str | None, story: Story, someone: Any, signed_in: Any
) -> None:
    places = addresses(story)
    assert set(places) == set(POLICY)
    mark_everybody()
    user: User | None = someone(role) if role else None
    assert unaccounted(signed_in(user), role, places) == []
    lines = LogLine.objects.exclude(what__in=("signed_in", "shape"))
    assert {one.user_id for one in lines} == {user.pk if user else None}
    assert {one.role for one in lines} == {role or "signed_out"}


def test_a_page_that_notes_nobody_is_caught(
    story: Story, tablet: Client, monkeypatch: pytest.MonkeyPatch, oracle: Oracle
) -> None:
    """The planted fault: rows come out of the database and are not noted."""
    places = addresses(story)
    mark_everybody()
    monkeypatch.setattr(said, "has_read", lambda *_: None)
    assert {"patient", "patients", "course", "visit", "today"} <= set(unaccounted(tablet, "clinician", places))
    assert oracle.unaccounted == ["clinic_checkin"]
    oracle.unaccounted.clear()


def test_a_gate_that_writes_no_line_is_caught_by_the_oracle(
    story: Story, tablet: Client, monkeypatch: pytest.MonkeyPatch, oracle: Oracle
) -> None:
    course = story.course()
    tablet.get(f"/courses/{course.pk}")
    assert oracle.unaccounted == []
    monkeypatch.setattr("strigil.accounts.gate.log_request", lambda *_: None)
    tablet.get(f"/courses/{course.pk}")
    (found,) = oracle.unaccounted
    assert "clinic_course" in found
    oracle.unaccounted.clear()


@pytest.mark.parametrize("how", ["an action", "in bulk", "raw SQL"])
def test_a_write_that_no_trigger_tells_is_caught_by_the_oracle(
    how: str, story: Story, tablet: Client, monkeypatch: pytest.MonkeyPatch, oracle: Oracle
) -> None:
    def note(note: str) -> None:
        if how == "raw SQL":
            with connection.cursor() as cursor:
                cursor.execute("UPDATE clinic_patient SET note = %s", [note])
        elif how == "in bulk":
            Patient.objects.update(note=note)
        else:
            patient.note = note
            patient.save()

    patient = story.patient()
    page = f"/patients/{patient.pk}"
    monkeypatch.setattr("strigil.accounts.gate.log_request", lambda *_: note("written by the view"))
    tablet.get(page)
    assert "a write of clinic_patient" not in oracle.unaccounted
    triggers.remove(connection)
    tablet.get(page)
    triggers.install(connection)
    assert "a write of clinic_patient" in oracle.unaccounted
    oracle.unaccounted.clear()


def test_the_public_pages_name_nobody_but_whose_link_it_is(story: Story, signed_in: Any) -> None:
    places = addresses(story)
    booked = Appointment.objects.filter(patient__isnull=False).latest("id")
    for route, whose in (("ask", []), ("own_appointment", [booked.patient_id]), ("own_calendar", [booked.patient_id])):
        before = ids()
        assert signed_in(None).get(places[route]).status_code == 200
        told = [json.loads(one.patients or "[]") for one in newest(before)]
        assert told == ([[one.hex for one in whose]] if whose else []), route


WHATS = {"letter": "printed", "own_calendar": "exported", "course": "opened"}


@pytest.mark.parametrize("route", WHATS)
def test_prints_and_exports_are_told_apart_from_looking(route: str, story: Story, tablet: Client) -> None:
    address = addresses(story)[route]
    before = ids()
    assert tablet.get(address).status_code == 200
    (line,) = newest(before)
    assert (line.what, line.outcome) == (WHATS[route], "shown")
    assert line.patients


# --- Refusals ---------------------------------------------------------------------------------------------------


def test_a_refusal_is_in_the_log_with_what_was_asked_for(story: Story, someone: Any, signed_in: Any) -> None:
    course = story.course()
    desk = someone("front_desk")
    client = signed_in(desk)
    before = ids()
    assert client.get(f"/courses/{course.pk}").status_code == 403
    (line,) = newest(before)
    assert (line.what, line.outcome, line.user_id, line.route) == ("opened", "denied", desk.pk, "course")
    assert line.object_id == course.pk.hex
    assert line.patients == ""


def test_another_clinics_patient_is_not_found_and_whoever_asked_is_in_their_own_clinics_log(
    story: Story, stranger: User, signed_in: Any
) -> None:
    patient = story.patient()
    client = signed_in(stranger)
    before = ids()
    assert client.get(f"/patients/{patient.pk}").status_code == 404
    (line,) = newest(before)
    assert (line.outcome, line.clinic_id, line.object_id) == ("not_found", stranger.clinic_id, patient.pk.hex)
    assert line.patients == ""


EVERYBODYS = {"account"}


def test_only_ones_own_account_is_for_every_role() -> None:
    assert {route for route in WORK if all(may(route, "POST", role) for role in Role.values)} == EVERYBODYS


@pytest.mark.parametrize("route", sorted(set(WORK) - EVERYBODYS))
def test_a_form_that_a_role_may_not_send_is_in_the_log_as_denied(
    route: str, story: Story, someone: Any, signed_in: Any
) -> None:
    address, sent = WORK[route](story)
    refused = next(role for role in Role.values if not may(route, "POST", role))
    client = signed_in(someone(refused))
    before = ids()
    assert client.post(address, sent).status_code == 403
    assert [(one.what, one.outcome, one.role, one.route) for one in newest(before)] == [
        ("sent", "denied", refused, route)
    ]


def test_somebody_signed_out_at_a_patients_address_is_in_the_log_of_no_clinic(story: Story, signed_in: Any) -> None:
    patient = story.patient()
    before = ids()
    assert signed_in(None).get(f"/patients/{patient.pk}").status_code == 302
    (line,) = newest(before)
    assert (line.clinic_id, line.outcome, line.role) == (NOBODY, "denied", "signed_out")


# --- No line, no page -------------------------------------------------------------------------------------------


def test_where_the_log_cannot_be_written_nothing_is_shown(
    story: Story, tablet: Client, monkeypatch: pytest.MonkeyPatch, oracle: Oracle
) -> None:
    patient = story.patient("Marked Person")
    tablet.raise_request_exception = False
    assert b"Marked Person" in tablet.get(f"/patients/{patient.pk}").content
    monkeypatch.setattr(keys, "place", lambda: keys.Path("/nowhere/key"))
    response = tablet.get(f"/patients/{patient.pk}")
    oracle.unaccounted.clear()
    assert response.status_code == 500
    assert b"Marked Person" not in response.content


@pytest.mark.django_db(transaction=True)
def test_where_the_database_has_no_room_for_the_line_nothing_is_shown(story: Story, tablet: Client) -> None:
    patient = story.patient("Marked Person")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_logline RENAME TO away")
    try:
        tablet.raise_request_exception = False
        response = tablet.get(f"/patients/{patient.pk}")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE away RENAME TO accounts_logline")
    assert response.status_code == 500
    assert b"Marked Person" not in response.content


def test_a_line_without_a_chain_is_refused(story: Story) -> None:
    with pytest.raises(NotLogged, match="no chain"):
        chain.record("opened", clinic=uuid.uuid4())


# --- Signing in and out -----------------------------------------------------------------------------------------


@pytest.fixture
def dana(clinician: User) -> User:
    clinician.set_password(PASSWORD)
    clinician.save()
    return clinician


def test_signing_in_failing_to_and_signing_out_are_in_the_log(dana: User, signed_in: Any) -> None:
    client: Client = signed_in(None)
    phone = with_phone(dana)
    before = ids()
    assert first_step(client, dana, "wrong").status_code == 422
    assert signs_in(client, dana, phone).url == "/today"
    client.post(reverse("sign_out"))
    mine = [(one.what, one.outcome, one.user_id) for one in newest(before) if not one.route]
    assert mine == [
        ("sign_in_failed", "denied", dana.pk),
        ("signed_in", "done", dana.pk),
        ("signed_out", "done", dana.pk),
    ]


def test_a_name_that_nobody_has_is_not_kept(dana: User, signed_in: Any) -> None:
    """It may be a password typed into the wrong field."""
    before = ids()
    signed_in(None).post(reverse("sign_in"), {"username": "my secret password", "password": "x"})
    (line,) = newest(before)
    assert (line.what, line.clinic_id, line.user_id) == ("sign_in_failed", NOBODY, None)
    assert "secret" not in repr(LogLine.objects.values())


def test_what_signing_in_writes_is_told_of_whoever_signed_in(
    transactional_db: None, dana: User, signed_in: Any, settings: Any
) -> None:
    settings.SECOND_FACTOR = False
    client: Client = signed_in(None)
    with transaction.atomic():
        dana.save()  # what the fixtures wrote has its line before the sign-in
    before = ids()
    client.post(reverse("sign_in"), {"username": dana.username, "password": PASSWORD})
    assert {(one.table, one.user_id) for one in newest(before) if one.table == "accounts_user"} == {
        ("accounts_user", dana.pk)
    }
