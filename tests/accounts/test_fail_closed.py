"""Where it cannot be told who somebody is or what they may, nothing is shown and nothing is done."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from strigil.accounts.models import Role, User
from strigil.accounts.policy import POLICY, may, may_act, needs_sign_in
from tests.accounts.worlds import LEFT_BEHIND, digest, undone, watched
from tests.clinic.cast import Story
from tests.clinic.work import WORK, addresses

NAME = "Éva Tóth".encode()
NO_ROLES = ("", "admin", "OWNER", "owner ", "anyone", "by link")


def always(value: object) -> property:
    """A column that says the same for everybody, whatever was loaded."""
    return property(lambda _: value, lambda *_: None)


def shows_nothing(client: Client, places: dict[str, str]) -> None:
    before = digest()
    for route, place in places.items():
        if needs_sign_in(route):
            for method in POLICY[route]:
                with undone(client), watched() as writing:
                    response = client.generic(method, place)
                    assert response.status_code in (302, 403, 500, 503), (route, method)
                    assert response.status_code != 302 or response.headers["Location"].startswith("/sign-in"), route
                    assert NAME not in response.content, (route, method)
                    assert not writing.tables - LEFT_BEHIND or digest() == before, (route, method)


@pytest.fixture
def places(story: Story) -> dict[str, str]:
    return addresses(story)


@pytest.fixture
def tab(places: dict[str, str], tablet: Client) -> Client:
    """A clinician's, in which all of it works."""
    tablet.raise_request_exception = False
    assert NAME in tablet.get("/patients").content
    return tablet


@pytest.mark.parametrize("role", NO_ROLES)
def test_a_role_that_is_none_opens_nothing(
    role: str, places: dict[str, str], tab: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not any(may(route, method, role) for route in POLICY if needs_sign_in(route) for method in POLICY[route])
    assert not may_act("treat.sign_visit", role)
    monkeypatch.setattr(User, "role", always(role))
    shows_nothing(tab, {route: places[route] for route in ("patients", "patient", "course", "visit", "book")})


def test_somebody_without_a_clinic_sees_nobodys_record(
    places: dict[str, str], tab: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(User, "clinic_id", always(None))
    shows_nothing(tab, places)


def test_a_policy_that_fails_lets_nobody_through(
    places: dict[str, str], tab: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> bool:
        raise RuntimeError("planted")

    monkeypatch.setattr("strigil.accounts.gate.may", fail)
    shows_nothing(tab, places)


def test_a_policy_that_is_empty_lets_nobody_through(
    places: dict[str, str], tab: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("strigil.accounts.gate.POLICY", {})
    for place in places.values():
        assert tab.get(place).status_code == 404, place


def test_a_session_that_was_cleared_away_opens_nothing(places: dict[str, str], tab: Client) -> None:
    tab.session.flush()
    tab.cookies["sessionid"] = "x" * 32
    shows_nothing(tab, places)


@pytest.mark.parametrize("wrong", [{"role": "", "clinic_id": "kept"}, {"role": "admin"}, {"clinic_id": None}])
def test_the_database_keeps_nobody_without_a_role_or_a_clinic(wrong: dict[str, Any], clinician: User) -> None:
    changes = {name: value for name, value in wrong.items() if value != "kept"}
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=clinician.pk).update(**changes)


def test_a_hole_would_be_seen(places: dict[str, str], tab: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("strigil.accounts.gate.may", lambda *_: True)
    with pytest.raises(AssertionError):
        shows_nothing(tab, {"patients": places["patients"]})


# --- An address that got about ----------------------------------------------------------------------------------

PAPERS = ("letter", "course_report", "referral", "home_programme_pdf", "home_programme_print", "visit_note")


@pytest.mark.parametrize("route", [*PAPERS, "after_session"])
def test_the_address_of_a_document_is_no_key_to_it(
    route: str, places: dict[str, str], someone: Any, stranger: User, signed_in: Any
) -> None:
    place = places[route]
    owner = signed_in(someone(Role.OWNER)).get(place)
    assert owner.status_code == 200
    assert owner.headers["Cache-Control"] == "no-store"
    given = {
        403: signed_in(someone(Role.FRONT_DESK)).get(place),
        404: signed_in(stranger).get(place),
        302: signed_in(None).get(place),
    }
    for status, response in given.items():
        assert response.status_code == status
        assert b"%PDF" not in response.content
        assert NAME not in response.content
    assert given[302].headers["Location"].startswith("/sign-in")


def test_every_document_is_asked_for(places: dict[str, str], tab: Client) -> None:
    documents = {
        route
        for route, place in places.items()
        if needs_sign_in(route) and may(route, "GET", Role.CLINICIAN)
        if tab.get(place).headers["Content-Type"] == "application/pdf"
    }
    assert documents == {*PAPERS, "after_session"} - {"home_programme_print"}
    assert not documents & set(WORK)
