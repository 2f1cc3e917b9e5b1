"""A form takes the fields that it shows. Whatever else is sent along changes nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

import pytest
import time_machine
from django import forms
from django.apps import apps
from django.urls import resolve

from strigil.accounts.models import Role, User
from strigil.accounts.policy import may
from strigil.clinic.forms.patients import PatientForm
from tests.accounts.forms import Forms
from tests.accounts.twins import numbered
from tests.accounts.worlds import ACTORS, Actor, World, bare, undone
from tests.clinic.cast import Story, everything
from tests.clinic.page import Page
from tests.clinic.work import WORK

WRONG = {"version": "99", "status": "signed", "number": "7", "role": "owner", "is_active": "on", "origin": "synthetic"}

WHEN_NEEDED = {"home_programme": {"reason", "clearance"}}
"""Fields that a page shows only where they have to be filled in."""


def columns() -> list[str]:
    """Every name of a column of the record, as a form might be sent it."""
    models = [*apps.get_app_config("clinic").get_models(), *apps.get_app_config("accounts").get_models()]
    fields = [field for model in models for field in model._meta.concrete_fields]
    return sorted({name for field in fields for name in (field.name, field.attname)} | {"pk", "by", "seen", "record"})


def extra(theirs: User) -> dict[str, str]:
    """Another clinic for every clinic, somebody else for everybody, and a wrong word for the rest."""
    return {
        name: str(theirs.clinic_id) if "clinic" in name.split("_") else WRONG.get(name, str(theirs.pk))
        for name in columns()
    }


def shown(actor: Actor, place: str, given: dict[str, Any]) -> set[str]:
    """The names that the page itself sends, as it is opened and as it comes back, and those that a script sends."""
    choice = {name: given[name] for name in ("technique", "what") if name in given}
    with undone(actor.client):
        pages = [actor.client.get(place), actor.client.post(place, choice)]
    found = [form for page in pages for form in Forms(page, place).found]
    on_them = {name for form in found for name, _ in [*form.sent, *form.offered]}
    return on_them | set(given) | WHEN_NEEDED.get(resolve(place.partition("?")[0]).url_name or "", set())


def differences(route: str, actor: Actor, by: Story, theirs: User) -> list[str]:
    """Columns that hold something else after the same form with every other column sent along."""
    held = []
    for more in ({}, extra(theirs)):
        with undone(actor.client), numbered(10**9):
            place, given = WORK[route](by)
            names = shown(actor, place, given)
            response = actor.client.post(place, {name: one for name, one in more.items() if name not in names} | given)
            assert response.status_code == 302, (route, Page(response).summary)
            held.append(everything())
    plain, with_more = held
    for row in [*plain["CheckIn"], *with_more["CheckIn"]]:
        del row["nonce"], row["link_hash"]  # drawn by chance
    for row in [*plain["User"], *with_more["User"]]:
        del row["session_salt"]  # drawn anew where somebody's role changes
    for row in [*plain["RequestCount"], *with_more["RequestCount"]]:
        del row["id"]  # PostgreSQL numbers on, also where what was numbered is taken back
    if route == "draft":
        # A draft is whatever was typed, as it was; it is read by the form, and so by the form's own names only.
        for rows in (plain["Draft"], with_more["Draft"]):
            for row in rows:
                row.pop("values")
    return [
        f"{table}.{name}: {was!r}, {after[name]!r}"
        for table in plain
        for before, after in zip_longest(plain[table], with_more[table], fillvalue={})
        for name, was in before.items()
        if after.get(name) != was
    ]


@pytest.fixture
def mine(story: Story, caplog: pytest.LogCaptureFixture) -> Iterator[World]:
    caplog.set_level(logging.ERROR, "django.request")
    with time_machine.travel(f"{story.on}T12:00:00+00:00", tick=False), numbered(1):
        yield bare(story)


@pytest.mark.parametrize("role", [Role.OWNER, Role.ASSISTANT, Role.FRONT_DESK])
def test_what_no_form_shows_is_not_written(role: str, mine: World, stranger: User) -> None:
    actor, by = ACTORS[role](mine), Story(mine.people[Role.CLINICIAN], mine.story.on)
    assert len(columns()) > 200
    found = {route: differences(route, actor, by, stranger) for route in WORK if may(route, "POST", role)}
    assert {route: changed for route, changed in found.items() if changed} == {}


def test_a_form_of_every_column_is_caught(mine: World, stranger: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PatientForm.base_fields, "origin", forms.CharField(required=False, empty_value="real"))
    honest = shown
    monkeypatch.setattr("tests.accounts.test_more_than_was_asked.shown", lambda *given: honest(*given) - {"origin"})
    actor, by = ACTORS[Role.OWNER](mine), Story(mine.people[Role.CLINICIAN], mine.story.on)
    assert differences("register", actor, by, stranger) == ["Patient.origin: 'real', 'synthetic'"]
