"""What somebody typed makes no line of the server's output and no header of an answer."""

from __future__ import annotations

import io
import logging
from typing import Any
from urllib.parse import quote

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client

from strigil.accounts.models import Role
from strigil.accounts.output import Plain
from strigil.accounts.policy import may
from strigil.clinic.models import Patient
from tests.accounts.test_audit_output import MARK, mark_everything
from tests.accounts.test_audit_output import output as output
from tests.clinic.cast import Story
from tests.clinic.work import addresses

LINE = "\r\n2026-11-20 12:00:00,000 CRITICAL forged"


def fail(*_: Any, **__: Any) -> None:
    raise ValueError(f"invalid literal: {LINE}")


def forged(story: Story, client: Client, output: io.StringIO, patch: pytest.MonkeyPatch) -> list[str]:
    """Lines that somebody wrote into the output by an address, a form, a header or what a failure quotes."""
    patient = story.patient()
    client.raise_request_exception = False
    client.get(f"/nowhere/{quote(LINE)}?q={quote(LINE)}")
    client.get("/patients", {"q": LINE})
    client.post("/sign-in", {"username": LINE, "password": LINE})
    client.get("/patients", headers={"user-agent": LINE, "referer": LINE})
    with patch.context() as planted:
        planted.setattr("strigil.clinic.views.patients.patient_bar", fail)
        assert client.get(f"/patients/{patient.pk}").status_code == 500
    return [line for line in output.getvalue().splitlines() if line.startswith(LINE.strip())]


def test_nobody_writes_a_line_of_the_output(
    story: Story, tablet: Client, output: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert forged(story, tablet, output, monkeypatch) == []
    assert "500 GET patient" in output.getvalue()


def test_output_that_quotes_what_failed_is_caught(
    story: Story, tablet: Client, output: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Plain, "format", logging.Formatter.format)
    monkeypatch.setattr(Plain, "formatException", logging.Formatter.formatException)
    assert forged(story, tablet, output, monkeypatch)


def quoted(places: dict[str, str], client: Client) -> list[str]:
    """Routes whose answer has a header with what somebody typed, or none as the header could not be."""
    found = []
    for route, address in places.items():
        if may(route, "GET", Role.OWNER):
            answer = client.get(address)
            if MARK.lower() in str(answer.headers).lower() or answer.status_code >= 500:
                found.append(route)
    return found


@pytest.fixture
def owner(story: Story, someone: Any, signed_in: Any) -> Client:
    made: Client = signed_in(someone(Role.OWNER))
    made.raise_request_exception = False
    return made


def test_no_header_holds_what_somebody_typed(story: Story, owner: Client) -> None:
    places = addresses(story)
    mark_everything()
    assert quoted(places, owner) == []


@pytest.mark.parametrize("name", [MARK, MARK + LINE])
def test_a_file_named_after_the_patient_is_caught(
    name: str, story: Story, owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def named(request: HttpRequest, *_: object) -> HttpResponse:
        headers = {"Content-Disposition": f'inline; filename="{Patient.objects.latest("id").name}.pdf"'}
        return HttpResponse(b"", headers=headers)

    places = addresses(story)
    mark_everything()
    Patient.objects.update(name=name)
    monkeypatch.setattr("strigil.clinic.views.papers._sent", named)
    assert "course_report" in quoted({"course_report": places["course_report"]}, owner)
