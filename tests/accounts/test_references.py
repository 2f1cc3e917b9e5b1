"""No id that a page sends along opens, changes or tells what is another clinic's."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from strigil.accounts.models import Role, User
from strigil.clinic.models import Patient
from tests.accounts.references import Swapped, collected, counterparts, of_names, of_work, swap
from tests.accounts.test_other_clinics import OF_THE_CLINIC
from tests.accounts.twins import what_is_asked
from tests.accounts.worlds import ACTORS, bare, many, undone, world
from tests.clinic.cast import Story, everything
from tests.clinic.work import WORK, addresses

HOME = Path(__file__).parents[2]
SECRET = "Zdenka Cizí".encode()


class Foreign(Story):
    def patient(self, name: str = SECRET.decode(), **more: Any) -> Patient:
        return super().patient(name, **more)


@pytest.fixture
def theirs(story: Story, stranger: User, caplog: pytest.LogCaptureFixture) -> Iterator[Story]:
    caplog.set_level(logging.ERROR, "django.request")
    with time_machine.travel(f"{story.on}T12:00:00+00:00", tick=False):
        other = Foreign(stranger, story.on)
        addresses(other)
        yield other


def on_pages(story: Story, theirs: Story, role: str) -> Swapped:
    mine = world(story)
    known, actor = counterparts(story, theirs), ACTORS[role](mine)
    found = collected(actor, mine, known)
    done = swap(actor, found, known, theirs, SECRET)
    assert done.tried == len(found)
    return done


def in_work(story: Story, theirs: Story, role: str) -> Swapped:
    mine = bare(story)
    actor, by = ACTORS[role](mine), Story(mine.people[Role.CLINICIAN], story.on)
    done = Swapped()
    for one, known in of_work(by, theirs, role):
        done += swap(actor, [one], known, theirs, SECRET)
    return done


ROLES = [Role.OWNER, Role.ASSISTANT, Role.FRONT_DESK, Role.AUDITOR]


def test_no_id_of_another_clinic_is_taken(story: Story, theirs: Story, assurance: Any) -> None:
    """On every page of every role, and in every form that is filled in well with nothing wrong but the one id."""
    done = Swapped()
    for role in ROLES:
        with undone():
            done += in_work(story, theirs, role)
        with undone():
            done += on_pages(story, theirs, role)
    assert done.faults == [], many(done.faults)
    with_a_key = {route for route in WORK if route not in OF_THE_CLINIC}
    assert {f"POST {route}, key in the path" for route in with_a_key} <= done.names
    assert "POST undo_appointment, was in the body" in done.names
    assurance("references", places=len(done.names), tried=done.tried, taken=0)


def test_a_name_that_no_page_writes_opens_nothing_either(story: Story, theirs: Story) -> None:
    mine = world(story)
    owner, known = ACTORS[Role.OWNER](mine), counterparts(story, theirs)
    asked = what_is_asked(mine.places, [owner])
    done = swap(owner, of_names(mine.places, asked, known, Role.OWNER), known, theirs, SECRET)
    assert done.faults == [], many(done.faults)
    assert {"GET today, looked in the query", "GET patients, after in the query"} <= done.names


@pytest.mark.parametrize("name", ["author", "patient"])
def test_an_id_in_what_a_script_sends_is_refused(name: str, story: Story, theirs: Story) -> None:
    mine = bare(story)
    visit = story.draft(story.ready())
    client = ACTORS[Role.OWNER](mine).client
    other = {"author": theirs.by.pk, "patient": theirs.patient().pk}
    sent = {"values": {"note": ["half"]}, "began": {}, "also": {}, "seen": 0, "version": 1}
    before = everything()
    for forget in ({}, {"forget": True}):
        body = json.dumps(sent | forget | {name: str(other[name])})
        response = client.post(f"/drafts/{visit.pk}/visit", body, content_type="application/json")
        assert response.status_code == 409
        assert SECRET not in response.content
    assert everything() == before
    own = {"author": mine.people[Role.OWNER].pk, "patient": visit.course.patient_id}
    body = json.dumps(sent | {name: str(own[name])})
    assert client.post(f"/drafts/{visit.pk}/visit", body, content_type="application/json").status_code == 200


def test_nothing_that_is_asked_for_hides_in_a_header_a_cookie_or_the_session() -> None:
    """No page looks for whom it is about anywhere but in its address and its form: there is no current patient."""
    found = {
        (file.name, word)
        for file in (HOME / "strigil" / "clinic").rglob("*.py")
        for word in re.findall(r"request\.(headers|META|COOKIES|session)\b", file.read_text())
    }
    sent_by_script = {("once.py", "headers"), ("draft.py", "headers")}
    assert found == sent_by_script


# --- The harness catches what it is for -------------------------------------------------------------------------


def anybodys(request: HttpRequest, model: Any, key: object, *related: str) -> Any:
    return get_object_or_404(model.objects.select_related(*related), pk=key)


def test_a_body_that_may_name_another_clinics_record_is_caught(
    story: Story, theirs: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "strigil.clinic.views.book._known", lambda request: Patient.objects.get(pk=request.POST["patient"])
    )
    monkeypatch.setattr("strigil.clinic.actions.base.same_clinic", lambda *_: None)
    done = in_work(story, theirs, Role.FRONT_DESK)
    assert [one.split(":")[1] for one in done.faults] == [" POST confirm_request, patient in the body"]


def test_a_query_that_may_name_another_clinics_record_is_caught(
    story: Story, theirs: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("strigil.clinic.views.book.own", anybodys)
    done = on_pages(story, theirs, Role.FRONT_DESK)
    assert any("GET book, patient in the query: 200, tells" in one for one in done.faults), many(done.faults)
    assert any("GET confirm_request, key in the path: 200, answers otherwise" in one for one in done.faults)
