"""The log as people read it."""

from __future__ import annotations

import html
import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from strigil.accounts.audit.chain import record
from strigil.accounts.audit.models import What
from strigil.accounts.audit.said import Said, saying
from strigil.accounts.models import LogLine, User
from strigil.clinic import log
from strigil.clinic.actions.register import correct_patient, register_patient
from strigil.clinic.models import Patient
from tests.clinic.cast import Story
from tests.oracle import ORACLE, Oracle

AT_ONCE = pytest.mark.django_db(transaction=True)


def text_of(response: Any) -> str:
    assert response.status_code == 200
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def page(client: Client, patient: Patient, **asked: Any) -> str:
    return text_of(client.get(reverse("patient_log", args=[patient.pk]), asked))


def test_who_opened_a_record_is_on_its_page(story: Story, tablet: Client, someone: Any, signed_in: Any) -> None:
    patient, other = story.patient(), story.patient("Ben Other")
    desk: User = someone("front_desk")
    desk.display_name = "Dora Desk"
    desk.save()
    signed_in(desk).get(f"/patients/{patient.pk}")
    signed_in(desk).get(f"/patients/{other.pk}")
    shown = page(tablet, patient)
    assert shown.count("Dora Desk") == 2  # in the list of people, and once in the log
    assert "Opened: patient" in shown
    assert "Dora Desk front desk" in shown


def test_a_list_of_patients_is_on_the_page_of_each(story: Story, tablet: Client) -> None:
    patients = [story.patient("Ann One"), story.patient("Ann Two")]
    tablet.get("/patients?q=ann")
    assert all("Opened: patients" in page(tablet, one) for one in patients)


@AT_ONCE
def test_a_change_says_in_words_what_was_done_and_to_what(story: Story, signed_in: Any) -> None:
    patient = story.patient()
    given = {"name": "Eva Toth", "sex": "female", "born": None, "phone": "", "email": "", "may_mail": "", "note": ""}
    correct_patient(by=story.by, patient=patient, seen=1, **given)
    shown = page(signed_in(story.by), patient)
    assert "Correct: patient" in shown
    assert "Changed: patient" in shown
    assert "Register: patient" in shown
    assert shown.index("Correct: patient") < shown.index("Register: patient")


@AT_ONCE
def test_what_was_written_past_the_application_says_so(story: Story, signed_in: Any) -> None:
    patient = story.patient()
    Patient.objects.filter(pk=patient.pk).update(note="x")
    story.patient("Next")
    assert "Not said: written past the application" in page(signed_in(story.by), patient)


def test_the_page_can_be_narrowed_to_a_person_and_to_a_day(
    story: Story, tablet: Client, someone: Any, signed_in: Any
) -> None:
    patient, desk = story.patient(), someone("front_desk")
    signed_in(desk).get(f"/patients/{patient.pk}/edit")
    tablet.get(f"/patients/{patient.pk}")
    assert "Opened: edit patient" in page(tablet, patient, who=desk.pk)
    assert "Opened: edit patient" not in page(tablet, patient, who=story.by.pk)
    assert "Opened: edit patient" in page(tablet, patient, on=story.on.isoformat())
    assert "Nothing in the log for this" in page(tablet, patient, on="2019-01-01")


@pytest.mark.parametrize(
    "asked", [{"who": "x"}, {"on": "31 May"}, {"before": "9" * 30}, {"before": "-1"}, {"who": "\0"}]
)
def test_what_cannot_be_read_narrows_nothing(asked: dict[str, str], story: Story, tablet: Client) -> None:
    patient = story.patient()
    tablet.get(f"/patients/{patient.pk}")
    assert "Opened: patient" in page(tablet, patient, **asked)


def test_older_lines_are_on_the_next_page_and_none_is_lost(story: Story, tablet: Client) -> None:
    patient, said = story.patient(), Said(story.by.pk, "clinician", story.by.clinic_id)
    for number in range(log.PAGE + 30):
        said.route, said.request = f"page_{number}_x", uuid.uuid4()
        record(What.OPENED, clinic=story.by.clinic_id, said=said, patients=[patient.pk], outcome="shown")
    address, seen = reverse("patient_log", args=[patient.pk]), ""
    for _ in range(2):
        response = tablet.get(address)
        seen += text_of(response)
        address = reverse("patient_log", args=[patient.pk]) + f"?before={response.context['more']}"
    assert all(seen.count(f"page {number} x") == 1 for number in range(log.PAGE + 30))


def test_another_clinics_log_is_not_found_and_its_lines_are_nowhere(
    story: Story, stranger: User, signed_in: Any
) -> None:
    patient = story.patient()
    there = signed_in(stranger)
    assert there.get(reverse("patient_log", args=[patient.pk])).status_code == 404
    with saying(Said(stranger.pk, "clinician", stranger.clinic_id)):
        register_patient(by=stranger, name="Ada", sex="female", born=None, phone="", email="", note="")
    assert page(there, Patient.objects.get(name="Ada")).count("Opened") == 0


def test_the_auditor_finds_refusals_in_the_clinics_log(story: Story, someone: Any, signed_in: Any) -> None:
    course, desk = story.course(), someone("front_desk")
    signed_in(desk).get(f"/courses/{course.pk}")
    auditor = signed_in(someone("auditor"))
    auditor.get("/patients")
    shown = text_of(auditor.get(reverse("clinic_log"), {"refused": "on"}))
    assert "Refused: not allowed" in shown
    assert "Opened: course" in shown
    assert "Opened: patients" not in shown
    every = text_of(auditor.get(reverse("clinic_log")))
    assert "Opened: patients" in every
    assert "Signed in" in every


def test_the_clinics_log_names_no_patient(story: Story, someone: Any, signed_in: Any) -> None:
    """It is read for what people did; whoever needs the patient opens that patient's log, and that is a line."""
    patient = story.patient("Marked Person")
    auditor = signed_in(someone("auditor"))
    auditor.get(f"/patients/{patient.pk}")
    response = auditor.get(reverse("clinic_log"))
    assert b"Marked Person" not in response.content
    assert reverse("patient_log", args=[patient.pk]) in response.content.decode()
    line = LogLine.objects.filter(route="clinic_log").last()
    assert line is not None
    assert line.patients == ""


def test_the_log_costs_a_page_one_statement_and_its_own_page_as_much_for_many_lines(
    story: Story, tablet: Client, monkeypatch: pytest.MonkeyPatch, oracle: Oracle
) -> None:
    patient = story.patient()

    def asked(address: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert tablet.get(address).status_code == 200
        return sum(not one["sql"].endswith(ORACLE) for one in queries)

    own, its_log = f"/patients/{patient.pk}", reverse("patient_log", args=[patient.pk])
    asked(own)
    with_log, few = asked(own), asked(its_log)
    for _ in range(20):
        tablet.get(own)
    assert asked(its_log) == few <= 10
    with monkeypatch.context() as without:
        without.setattr("strigil.accounts.gate.log_request", lambda *_: None)
        bare = asked(own)
    oracle.unaccounted.clear()
    assert with_log - bare == 1
