"""Every way in is known: each route, action, command and file has its one row, and what has none does not work."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from strigil import cli
from strigil.accounts.models import Role
from strigil.accounts.policy import (
    ACTIONS,
    BY_ITSELF,
    BY_LINK,
    COMMANDS,
    POLICY,
    READ,
    SIGNED_IN,
    TASKS,
    WRITE,
    may_act,
    needs_sign_in,
)
from strigil.clinic import actions
from strigil.clinic.actions import Refused
from strigil.clinic.actions.base import action
from strigil.clinic.actions.register import correct_patient, register_patient
from strigil.clinic.models import Patient
from tests.clinic.cast import Story, everything


def all_actions() -> Iterator[str]:
    """Whatever ``@action`` was put on, by module and name."""
    for one in pkgutil.iter_modules(actions.__path__):
        module = importlib.import_module(f"{actions.__name__}.{one.name}")
        for name, held in vars(module).items():
            if getattr(held, "__module__", "") == module.__name__ and hasattr(held, "__wrapped__"):
                yield f"{one.name}.{name}"


def all_commands(parser: argparse.ArgumentParser, before: str = "") -> Iterator[str]:
    for held in parser._actions:
        if isinstance(held, argparse._SubParsersAction):
            for name, one in held.choices.items():
                yield from all_commands(one, f"{before} {name}".strip())
            if held.required:
                return
    yield before


def test_every_action_stands_in_the_policy_and_nothing_else_does() -> None:
    found = list(all_actions())
    assert sorted(found) == sorted(ACTIONS)
    known = SIGNED_IN | BY_LINK | BY_ITSELF
    assert all(roles and roles <= known for roles in ACTIONS.values())


def test_every_write_of_a_record_is_in_an_action() -> None:
    """Views, pages and links write nothing themselves.

    Apart: the keys that keep a form from being taken twice, how often a link was guessed, a course's own tally, which
    actions have made, and a picture that is saved as a JPEG in memory.
    """
    writing = (".save(", ".create(", ".bulk_create(", ".bulk_update(", ".delete(", ".update(", ".get_or_create(")
    apart = {"once.py", "check_ins.py", "tallies.py", "pictures.py"}
    said = {
        str(file.relative_to(Path(actions.__path__[0]).parent))
        for file in Path(actions.__path__[0]).parent.rglob("*.py")
        if not {"actions", "migrations"} & set(file.parts) and file.name not in apart
        for line in file.read_text().splitlines()
        if any(word in line for word in writing) and "hashlib" not in line
    }
    assert said == set()


def test_an_action_that_nobody_listed_cannot_be_made() -> None:
    def quietly(*, by: object) -> None: ...

    with pytest.raises(ImproperlyConfigured, match=r"'test_inventory\.quietly' is not in"):
        action(quietly)


@pytest.mark.parametrize("role", Role.values)
def test_an_action_asks_the_policy_whoever_calls_it(role: str, story: Story, someone: Any) -> None:
    by = someone(role)
    before = everything()
    if may_act("register.register_patient", role):
        assert register_patient(by=by, name="Ada", sex="female", born=None).pk
    else:
        with pytest.raises(Refused, match="Only an owner or a clinician or an assistant or a front desk may do this"):
            register_patient(by=by, name="Ada", sex="female", born=None)
        assert everything() == before


def test_an_action_of_a_role_that_is_none_is_refused(story: Story, someone: Any) -> None:
    for role in ("", "admin", "OWNER", "by link", "by itself", "anyone"):
        by = someone("owner")
        by.role = role
        with pytest.raises(Refused):
            register_patient(by=by, name="Ada", sex="female", born=None)
    with pytest.raises(Refused):
        register_patient(by=None, name="Ada", sex="female", born=None)  # type: ignore[arg-type]


def test_an_action_on_another_clinics_record_is_refused_before_it_begins(
    story: Story, someone: Any, other_clinic: Any
) -> None:
    theirs: Patient = Story(someone("owner", at=other_clinic), story.on).patient()
    before = everything()
    with pytest.raises(Refused, match="another clinic"):
        correct_patient(by=story.by, patient=theirs, seen=1, name="Ada", sex="female", born=None)
    assert everything() == before


def test_every_command_says_what_it_can_reach() -> None:
    assert sorted(all_commands(cli._parser())) == sorted(COMMANDS)


def test_every_route_behind_the_sign_in_says_what_it_is_for() -> None:
    assert sorted(TASKS) == sorted(route for route in POLICY if needs_sign_in(route))
    assert len(set(TASKS.values())) == len(TASKS)


def test_a_way_that_no_route_takes_stands_nowhere() -> None:
    assert {tuple(sorted(ways)) for ways in POLICY.values()} <= {READ, WRITE, ("POST",)}


def test_no_file_of_a_clinic_has_an_address() -> None:
    """Whatever a clinic keeps is reached by a route of the policy; beside them only what Strigil ships is sent."""
    assert not settings.MEDIA_ROOT
    shipped = [Path(one).resolve() for one in settings.STATICFILES_DIRS]
    assert not any(settings.DATA.is_relative_to(one) or one.is_relative_to(settings.DATA) for one in shipped)
    kinds = {file.suffix for one in shipped for file in one.rglob("*") if file.is_file()}
    assert kinds <= {".css", ".js", ".svg", ".png", ".ico", ".woff2", ".webmanifest", ".json", ".txt", ".md"}


@pytest.mark.parametrize("address", ["/static/../urls.py", "/static/%2e%2e/settings.py", "/static/", "/a"])
def test_nothing_else_is_sent(address: str, db: None) -> None:
    assert Client().get(address).status_code == 404
