"""What the server prints carries nothing of a patient's, whatever happens."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client

from strigil.accounts.models import Role
from strigil.accounts.output import Plain
from strigil.accounts.policy import may
from strigil.clinic.models import Appointment, Patient
from tests.clinic.cast import Story
from tests.clinic.work import WORK, addresses

MARK = "Zzyzx"
"""Stands in everything that could tell who somebody is."""


@pytest.fixture
def output() -> Iterator[io.StringIO]:
    """What the handler of the settings would print, from the least warning on."""
    (handler,) = [one for one in logging.getLogger().handlers if isinstance(one.formatter, Plain)]
    assert isinstance(handler, logging.StreamHandler)
    printed, before = io.StringIO(), handler.stream  # which an earlier test may have closed
    handler.stream = printed
    yield printed
    handler.stream = before


def mark_everything() -> None:
    Patient.objects.update(name=f"{MARK} Ó", phone=MARK, email=f"{MARK}@example.org", note=MARK, search=MARK.lower())
    Appointment.objects.update(name=MARK, phone=MARK, email=f"{MARK}@example.org")


def fail(*_: Any, **__: Any) -> None:
    raise ValueError(f"invalid literal: {MARK}")


def fail_in_the_database(*_: Any, **__: Any) -> None:
    """A message of the database that quotes a row."""
    patient = Patient.objects.latest("id")
    with transaction.atomic():
        try:
            Patient.objects.filter(pk=patient.pk).update(name=MARK, sex="x")
        except IntegrityError as error:
            raise RuntimeError(f"{MARK} could not be saved") from error


def go_wrong(client: Client, story: Story, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Every kind of failure that a request can end in, with marked words wherever words can stand."""
    patient = Patient.objects.latest("id")
    asked = [
        client.get(f"/patients/{MARK}"),
        client.get(f"/nowhere/{MARK}?q={MARK}"),
        client.get(f"/own/{MARK}"),
        client.get("/patients", {"q": MARK, "after": f"{MARK}/1"}),
        client.post("/patients/new", {"name": MARK, "phone": MARK * 100}),
        client.post("/sign-in", {"username": MARK, "password": MARK}),
        client.get(f"/patients/{patient.pk}", headers={"host": f"{MARK}.example"}),
        client.post(f"/drafts/{patient.pk}/visit", f'{{"{MARK}"', content_type="application/json"),
        Client(enforce_csrf_checks=True).post("/patients/new", {"name": MARK}),
    ]
    for way in (fail, fail_in_the_database):
        with monkeypatch.context() as planted:
            planted.setattr("strigil.clinic.views.patients.patient_bar", way)
            asked.append(client.get(f"/patients/{patient.pk}?q={MARK}"))
    return [one.status_code for one in asked if MARK.encode() not in one.content or one.status_code < 500]


def test_failures_print_their_kind_and_place_and_nothing_of_a_patient(
    story: Story, tablet: Client, output: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    story.course()
    mark_everything()
    tablet.raise_request_exception = False
    statuses = go_wrong(tablet, story, monkeypatch)
    assert statuses.count(500) == 2
    assert {400, 403, 404} <= set(statuses)
    printed = output.getvalue()
    assert "500 GET patient" in printed
    assert "builtins.ValueError" in printed
    assert "test_audit_output.py" in printed
    assert MARK.lower() not in printed.lower()
    assert mail.outbox == []


def test_a_request_under_another_name_is_one_line_that_says_which_setting_names_ours(
    client: Client, output: io.StringIO
) -> None:
    client.raise_request_exception = False
    assert client.get("/live", headers={"host": f"{MARK}.example"}).status_code == 400
    (line,) = output.getvalue().splitlines()
    assert line.endswith("DisallowedHost: 400 GET no route, asked for under a name that STRIGIL_HOSTS does not list")


def test_a_page_of_an_error_shows_nothing_of_a_patient(
    story: Story, tablet: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = story.patient()
    mark_everything()
    tablet.raise_request_exception = False
    monkeypatch.setattr("strigil.clinic.views.patients.patient_bar", fail)
    response = tablet.get(f"/patients/{patient.pk}")
    assert response.status_code == 500
    assert MARK.encode() not in response.content


def test_opening_every_page_prints_nothing_of_a_patient(
    story: Story, someone: Any, signed_in: Any, output: io.StringIO
) -> None:
    places = addresses(story)
    mark_everything()
    for role in (*Role.values, None):
        client = signed_in(someone(role) if role else None)
        for route, address in places.items():
            if may(route, "GET", role):
                client.get(address)
    assert MARK.lower() not in output.getvalue().lower()


@pytest.mark.parametrize("route", WORK)
def test_the_work_of_every_form_prints_nothing_of_a_patient(
    route: str, story: Story, someone: Any, signed_in: Any, output: io.StringIO
) -> None:
    address, sent = WORK[route](story)
    mark_everything()
    for role in (*Role.values, None):
        signed_in(someone(role) if role else None).post(address, sent | {"note": MARK})
    assert MARK.lower() not in output.getvalue().lower()


def test_output_as_django_writes_it_is_caught(
    story: Story, tablet: Client, output: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: the usual formatter, which prints addresses and the words of exceptions."""
    story.patient()
    mark_everything()
    tablet.raise_request_exception = False
    monkeypatch.setattr(Plain, "format", logging.Formatter.format)
    monkeypatch.setattr(Plain, "formatException", logging.Formatter.formatException)
    go_wrong(tablet, story, monkeypatch)
    assert MARK in output.getvalue()


def test_nothing_sends_errors_away() -> None:
    assert [one for one in logging.getLogger("django").handlers if not isinstance(one, logging.StreamHandler)] == []
