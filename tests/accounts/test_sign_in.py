"""Signing in and out."""

from __future__ import annotations

import pytest
from django.test import Client

from strigil.accounts.models import User
from tests.accounts.factors import PASSWORD, Phone, signs_in, with_phone
from tests.clinic.page import Page


@pytest.fixture
def phone(dana: User) -> Phone:
    return with_phone(dana)


@pytest.fixture
def door() -> Client:
    return Client(raise_request_exception=True)


@pytest.mark.parametrize(("username", "password"), [("dana", "wrong"), ("nobody", PASSWORD), ("dana", PASSWORD + " ")])
def test_a_wrong_password_and_an_unknown_name_are_refused_in_the_same_words(
    username: str, password: str, dana: User, door: Client
) -> None:
    response = door.post("/sign-in", {"username": username, "password": password, "next": "/patients"})
    page = Page(response)
    assert response.status_code == 422
    assert "You are not signed in." in page.summary
    assert "The username or the password is not right" in page.summary
    assert page.holds("username", username)
    assert page.holds("next", "/patients")
    assert password not in page.source
    assert door.get("/today").url.startswith("/sign-in")


@pytest.mark.parametrize(
    "sent", [{}, {"username": "dana"}, {"username": "\0", "password": "\0"}, {"username": "é" * 999}]
)
def test_a_sign_in_that_is_not_filled_in_says_what_is_missing(sent: dict[str, str], dana: User, door: Client) -> None:
    response = door.post("/sign-in", sent)
    assert response.status_code == 422
    assert Page(response).says("password") or Page(response).says("username")


def test_signing_in_leads_to_today(dana: User, phone: Phone, door: Client) -> None:
    response = signs_in(door, dana, phone)
    assert response.url == "/today"
    assert door.get("/today").status_code == 200
    assert door.cookies["sessionid"]["httponly"]
    assert door.cookies["sessionid"]["samesite"] == "Lax"


def test_a_password_is_kept_by_argon2_alone(clinician: User) -> None:
    clinician.set_password(PASSWORD)
    assert clinician.password.startswith("argon2$argon2id$")


def test_signing_in_leads_on_to_where_one_was_going(dana: User, phone: Phone, door: Client) -> None:
    asked = door.get("/patients?q=e%CC%81va&after=a").url
    page = Page(door.get(asked))
    onward = page.controls("next")[0]["value"] or ""
    response = signs_in(door, dana, phone, onward)
    assert response.url == "/patients?q=e%CC%81va&after=a"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/today",
        "//evil.example",
        "///evil.example",
        "\\\\evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:evil.example",
        " //evil.example",
        "\x00//evil.example",
        "today\r\nX-Planted: yes",
        "visit",
        "sign_out",
    ],
)
def test_next_never_leads_to_another_host_nor_to_a_fault(
    elsewhere: str, dana: User, phone: Phone, door: Client
) -> None:
    response = signs_in(door, dana, phone, elsewhere)
    assert response.status_code == 302
    assert "evil" not in response.url
    assert "X-Planted" not in response.headers
    assert response.url == "/today" or not response.url.startswith(("//", "http", "javascript"))


def test_somebody_who_left_cannot_sign_in(dana: User, door: Client) -> None:
    dana.is_active = False
    dana.save()
    assert door.post("/sign-in", {"username": "dana", "password": PASSWORD}).status_code == 422


def test_signing_out_forgets_and_clears_the_browser(dana: User, door: Client) -> None:
    door.force_login(dana)
    response = door.post("/sign-out")
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert door.get("/today").url.startswith("/sign-in")
    assert door.cookies["sessionid"].value == ""


def test_a_link_cannot_sign_anybody_out(dana: User, door: Client) -> None:
    door.force_login(dana)
    assert door.get("/sign-out").status_code == 405
    assert door.get("/today").status_code == 200


def test_a_form_sent_after_the_session_ended_leads_to_a_page_that_can_be_opened(dana: User, door: Client) -> None:
    address = "/courses/018f0000-0000-7000-8000-000000000000/visits/new"
    asked = door.post(address).url
    door.force_login(dana)
    assert "visits/new" not in asked
    assert asked.startswith("/sign-in")
