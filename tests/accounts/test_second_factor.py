"""A password alone opens nothing."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from strigil.accounts.models import User
from strigil.accounts.policy import HALF, POLICY, may
from strigil.accounts.sign_in import second
from tests.accounts.factors import Phone, first_step, signs_in, with_phone
from tests.clinic.cast import Story, everything
from tests.clinic.page import Page
from tests.clinic.work import addresses


@pytest.fixture
def door(noon: None) -> Client:
    return Client(raise_request_exception=True)


def secret_on(page: Page) -> str:
    found = re.search(r"Letters: ((?:[A-Z2-7]{4} ?)+)", page.text)
    assert found
    return found.group(1).replace(" ", "")


def reached(door: Client, places: dict[str, str]) -> set[str]:
    """Where something other than the way to the second step is answered."""
    found = set()
    for route, address in places.items():
        for method in POLICY[route]:
            answer = door.generic(method, address)
            if not (answer.status_code == 302 and answer.url == "/sign-in/second"):
                found.add(route)
    return found


def test_a_password_alone_reaches_no_patient(dana: User, door: Client, story: Story) -> None:
    places = addresses(story)
    assert first_step(door, dana).url == "/sign-in/second"
    before = everything()
    mine = {route for route in POLICY if any(may(route, method, HALF) for method in POLICY[route])}
    inside = {route: address for route, address in places.items() if route not in mine}
    assert reached(door, inside) == set()
    assert len(inside) > 50
    assert everything() == before


def test_the_check_above_finds_a_gate_that_stands_open(
    dana: User, door: Client, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_step(door, dana)
    monkeypatch.setattr("strigil.accounts.gate.may", lambda route, method, role: route == "live" or role == HALF)
    monkeypatch.setattr("strigil.accounts.gate.user_of", lambda request: story.by)
    door.raise_request_exception = False
    assert "book_rules" in reached(door, {"book_rules": "/book/rules"})


def test_who_has_none_sets_up_an_app_and_is_in_and_sees_ten_codes_once(dana: User, door: Client) -> None:
    first_step(door, dana, onward="/patients")
    asked = door.get("/sign-in/second")
    assert asked.url == "/sign-in/set-up"
    page = Page(door.get(asked.url))
    assert 'class="qr"' in page.source
    phone = Phone(secret_on(page))
    wrong = door.post("/sign-in/set-up", {"what": "app", "code": "000000"})
    assert wrong.status_code == 422
    assert "not the code that the app shows" in Page(wrong).summary
    assert secret_on(Page(wrong)) == phone.secret
    done = door.post("/sign-in/set-up", {"what": "app", "code": phone.code()})
    codes = re.findall(r"[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}", Page(done).text)
    assert len(set(codes)) == 10
    assert "/patients" in Page(done).links
    assert done.headers["Cache-Control"] == "no-store"
    assert door.get("/patients").status_code == 200
    assert door.get("/sign-in/set-up").status_code == 403
    assert signs_in(Client(), dana, phone).status_code == 422


def test_a_secret_and_a_recovery_code_do_not_stand_in_the_database(dana: User, door: Client) -> None:
    first_step(door, dana)
    phone = Phone(secret_on(Page(door.get("/sign-in/set-up"))))
    done = door.post("/sign-in/set-up", {"what": "app", "code": phone.code()})
    code = re.findall(r"[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}", Page(done).text)[0]
    kept = " ".join(str(one) for one in Authenticator.objects.values_list("data", flat=True))
    assert phone.secret not in kept
    assert code not in kept
    assert code.replace("-", "") not in kept


def test_a_code_works_once_whoever_sends_it_again(dana: User, door: Client) -> None:
    phone = with_phone(dana)
    assert signs_in(door, dana, phone).url == "/today"
    other = Client()
    again = signs_in(other, dana, phone)
    assert again.status_code == 422
    assert "was used before" in Page(again).summary
    with time_machine.travel(timezone.now() + timedelta(seconds=31)):
        assert other.post("/sign-in/second", {"code": phone.code()}).url == "/today"


@pytest.mark.parametrize("later", [-20, -3, 3, 20])
def test_a_code_of_another_time_is_refused(later: int, dana: User, door: Client) -> None:
    phone = with_phone(dana)
    first_step(door, dana)
    assert door.post("/sign-in/second", {"code": phone.code(later)}).status_code == 422


@pytest.mark.parametrize("code", ["", " ", "0", "123456", "\0", "é" * 40, "9" * 200, "١٢٣٤٥٦"])
def test_what_is_no_code_is_refused_and_opens_nothing(code: str, dana: User, door: Client) -> None:
    with_phone(dana)
    first_step(door, dana)
    assert door.post("/sign-in/second", {"code": code}).status_code == 422
    assert door.get("/today").status_code == 302


def test_a_recovery_code_works_once_however_it_is_typed(dana: User, door: Client) -> None:
    with_phone(dana)
    codes = second.new_recovery_codes(dana)
    first_step(door, dana)
    assert door.post("/sign-in/second", {"code": codes[0].lower().replace("-", " ")}).url == "/today"
    other = Client()
    first_step(other, dana)
    assert other.post("/sign-in/second", {"code": codes[0]}).status_code == 422
    assert second.codes_left(dana) == 9


def test_new_recovery_codes_end_the_old_ones(dana: User) -> None:
    with_phone(dana)
    old = second.new_recovery_codes(dana)
    new = second.new_recovery_codes(dana)
    assert not second.uses_code(dana, old[0])
    assert second.uses_code(dana, new[0])


def test_codes_cannot_be_guessed_on(dana: User, door: Client) -> None:
    phone = with_phone(dana)
    first_step(door, dana)
    for _ in range(10):
        assert door.post("/sign-in/second", {"code": "000000"}).status_code == 422
    assert door.post("/sign-in/second", {"code": phone.code()}).status_code == 422
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        other = Client()
        assert signs_in(other, dana, phone).url == "/today"


@pytest.mark.parametrize(
    "given",
    [
        "",
        "{",
        "[]",
        "null",
        "1",
        '"x"',
        "{}",
        '{"id": 1, "rawId": "AA", "response": {}, "type": "public-key"}',
        "[" * 2000,
    ],
)
@pytest.mark.parametrize("address", ["/sign-in/second", "/sign-in/set-up"])
def test_what_is_no_passkey_is_refused_with_a_sentence(address: str, given: str, dana: User, door: Client) -> None:
    if address.endswith("second"):
        with_phone(dana)
    first_step(door, dana)
    door.get(address)
    answer = door.post(address, {"what": "passkey", "credential": given})
    assert answer.status_code == 422
    assert "passkey" in Page(answer).summary
    assert door.get("/today").status_code == 302


def test_who_has_a_second_factor_cannot_set_up_another_half_way(dana: User, door: Client) -> None:
    with_phone(dana)
    first_step(door, dana)
    assert door.get("/sign-in/set-up").url == "/sign-in/second"
    mine = Phone("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
    assert door.post("/sign-in/set-up", {"what": "app", "code": mine.code()}).url == "/sign-in/second"
    assert Authenticator.objects.count() == 1


def test_the_first_step_is_forgotten_after_ten_minutes(dana: User, door: Client) -> None:
    phone = with_phone(dana)
    first_step(door, dana)
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert door.post("/sign-in/second", {"code": phone.code()}).url.startswith("/sign-in?")


@pytest.mark.parametrize("change", ["is_active", "password"])
def test_the_first_step_ends_with_what_it_rests_on(change: str, dana: User, door: Client) -> None:
    phone = with_phone(dana)
    first_step(door, dana)
    if change == "is_active":
        dana.is_active = False
    else:
        dana.set_password("another one, quite long")
    dana.save()
    assert door.post("/sign-in/second", {"code": phone.code()}).url.startswith("/sign-in?")


def test_a_new_key_of_the_server_takes_no_code_and_is_no_fault(dana: User, door: Client, settings: Any) -> None:
    phone = with_phone(dana)
    settings.SECRET_KEY = "another key of the server"
    first_step(door, dana)
    assert door.post("/sign-in/second", {"code": phone.code()}).status_code == 422


def test_a_demo_asks_for_none(dana: User, door: Client, settings: Any) -> None:
    settings.SECOND_FACTOR = False
    assert first_step(door, dana).url == "/today"


def test_outside_a_demo_it_is_asked() -> None:
    from django.conf import settings

    assert settings.DEMO is False
    assert settings.SECOND_FACTOR is True
