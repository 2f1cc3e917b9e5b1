"""Who guesses is slowed; the clinic is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from argon2 import PasswordHasher
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connections, transaction
from django.test import Client, RequestFactory
from django.utils import timezone

from strigil.accounts.models import Clinic, KnownPlace, Tries, User
from strigil.accounts.sign_in import throttle
from strigil.accounts.sign_in.place import source_of
from strigil.accounts.sign_in.throttle import FROM_ONE_PLACE, ONE_NAME, ONE_PLACE, Guess, claim, remember
from tests.accounts.factors import PASSWORD, first_step, with_phone
from tests.clinic.page import without_tokens

HERE, THERE = "192.0.2.1", "198.51.100.7"


class Counting(MD5PasswordHasher):
    """Quick, and counts how often a password was held against a hash, or hashed for nobody."""

    made: list[str] = []

    def encode(self, password: str, salt: str) -> str:
        self.made.append(password)
        return super().encode(password, salt)


@pytest.fixture(autouse=True)
def hashes(settings: Any) -> Iterator[list[str]]:
    settings.PASSWORD_HASHERS = [f"{__name__}.Counting"]
    Counting.made.clear()
    yield Counting.made
    Counting.made.clear()


@pytest.fixture
def dana(clinician: User, hashes: list[str]) -> User:
    clinician.username = "dana"
    clinician.set_password(PASSWORD)
    clinician.save()
    hashes.clear()
    return clinician


def tries(name: str, password: str, at: str = HERE, times: int = 1) -> list[Any]:
    sent = {"username": name, "password": password}
    return [Client(REMOTE_ADDR=at).post("/sign-in", sent) for _ in range(times)]


def opens(user: User, at: str = HERE) -> bool:
    return tries(user.username, PASSWORD, at)[0].status_code == 302


def test_after_ten_wrong_ones_the_right_one_is_refused_and_not_even_hashed(dana: User, hashes: list[str]) -> None:
    tries("dana", "wrong", times=FROM_ONE_PLACE.tries)
    assert len(hashes) == FROM_ONE_PLACE.tries
    assert not opens(dana)
    assert len(hashes) == FROM_ONE_PLACE.tries
    with time_machine.travel(timezone.now() + FROM_ONE_PLACE.within + timedelta(seconds=1)):
        assert opens(dana)


def test_nine_wrong_ones_and_the_right_one_are_forgotten(dana: User) -> None:
    for _ in range(3):
        tries("dana", "wrong", times=FROM_ONE_PLACE.tries - 1)
        assert opens(dana)


def test_one_who_forgot_does_not_close_the_clinic(dana: User, someone: Any) -> None:
    tries("somebody else", "wrong", times=3 * FROM_ONE_PLACE.tries)
    assert opens(dana)


def test_guesses_from_everywhere_at_one_name_end_and_leave_its_own_place_open(dana: User, hashes: list[str]) -> None:
    remember(dana, Guess("dana", _place(HERE)).place)
    for one in range(60):
        tries("dana", "wrong", at=f"198.51.100.{one}")
    assert len(hashes) == ONE_NAME.tries
    assert not opens(dana, at=THERE)
    assert opens(dana, at=HERE)


def test_guesses_from_one_place_at_every_name_end_and_leave_those_who_work_there_in(
    dana: User, hashes: list[str]
) -> None:
    remember(dana, _place(HERE))
    for one in range(ONE_PLACE.tries + 20):
        tries(f"name {one}", "wrong")
    assert len(hashes) == ONE_PLACE.tries
    assert opens(dana)


def test_a_place_is_known_for_thirty_days_after_a_whole_sign_in(dana: User, noon: None) -> None:
    phone = with_phone(dana)
    browser = Client(REMOTE_ADDR=HERE)
    first_step(browser, dana)
    assert not KnownPlace.objects.exists()
    browser.post("/sign-in/second", {"code": phone.code()})
    assert throttle._is_known(Guess("dana", _place(HERE)))
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert not throttle._is_known(Guess("dana", _place(HERE)))
        remember(dana, _place(THERE))
    assert KnownPlace.objects.count() == 1


def test_names_that_nobody_has_fill_no_table(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "MOST_ROWS", 100)
    guessed = Guess("dana", "attacker")
    for _ in range(20):
        claim(guessed)
    for one in range(500):
        claim(Guess(f"name {one}", f"place {one}"))
        assert Tries.objects.count() <= 103
    assert not claim(guessed)


def test_the_table_is_found_to_grow_where_nobody_sweeps(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "MOST_ROWS", 100)
    monkeypatch.setattr(throttle, "_sweep", lambda now: None)
    for one in range(60):
        claim(Guess(f"name {one}", f"place {one}"))
    assert Tries.objects.count() > 103


@pytest.mark.assure
@pytest.mark.django_db(transaction=True)
def test_a_hundred_thousand_invented_names_fill_no_table(assurance: Any) -> None:
    """Kept after each thousand: PostgreSQL can give back no row of a transaction that has not ended."""
    for thousand in range(100):
        with transaction.atomic():
            for one in range(thousand * 1000, thousand * 1000 + 1000):
                claim(Guess(f"name {one}", f"place {one // 50}"))
    rows = Tries.objects.count()
    assurance("invented_names", names=100_000, rows=rows)
    assert rows <= throttle.MOST_ROWS + 3


def test_no_answer_says_whether_there_is_such_a_name(dana: User, someone: Any) -> None:
    """Names of one length, for the name that was typed stands in the page again."""
    left = someone("clinician")
    left.username, left.is_active = "left", False
    left.set_password(PASSWORD)
    left.save()
    asked = {
        "wrong": tries("dana", "wrong")[0],
        "nobody": tries("noon", "wrong")[0],
        "left": tries("left", PASSWORD)[0],
        "no password": tries(_invited(someone).username, "wrong")[0],
    }
    tries("dana", "wrong", times=12)
    asked["too many"] = tries("dana", "wrong")[0]
    tries("noon", "wrong", times=12)
    asked["too many at nobody"] = tries("noon", "wrong")[0]
    shown = {
        (one.status_code, _without_name(one.content), tuple(sorted((k, v) for k, v in one.items())))
        for one in asked.values()
    }
    assert len(shown) == 1


def test_an_unknown_name_costs_as_many_hashes_as_a_known_one(dana: User, someone: Any, hashes: list[str]) -> None:
    invited = _invited(someone).username
    counts = []
    for name in ("dana", "nobody", invited):
        hashes.clear()
        tries(name, "wrong")
        counts.append(len(hashes))
    assert counts == [1, 1, 1]


def test_behind_a_proxy_the_address_is_what_the_proxy_added(dana: User, settings: Any) -> None:
    settings.SESSION_COOKIE_SECURE = True
    sent = {"username": "dana", "password": "wrong"}
    for one in range(FROM_ONE_PLACE.tries):
        Client(REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=f"10.0.0.{one}, {THERE}").post("/sign-in", sent)
    right = {"username": "dana", "password": PASSWORD}
    pretends = Client(REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=f"{HERE}, {THERE}")
    elsewhere = Client(REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=f"{THERE}, {HERE}")
    assert pretends.post("/sign-in", right).status_code == 422
    assert elsewhere.post("/sign-in", right).status_code == 302


@pytest.mark.parametrize("password", ["a" * 8, "é" * 128, "密码" * 10, "пароль с пробелом ", " \t leading", "🔒" * 8])
def test_a_password_is_any_letters_and_all_of_them_count(password: str, dana: User) -> None:
    dana.set_password(password)
    assert dana.check_password(password)
    assert not dana.check_password(password[:-1])
    assert not dana.check_password(password + "x")


def test_the_same_letters_from_another_keyboard_are_the_same_password(dana: User) -> None:
    dana.set_password("caf\u00e9 au lait")
    assert dana.check_password("cafe\u0301 au lait")


def test_a_hash_with_older_figures_is_made_anew_at_the_next_sign_in(clinician: User, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["strigil.accounts.sign_in.passwords.Argon2id"]
    older = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=2).hash(PASSWORD)
    clinician.password = f"argon2{older}"
    clinician.save()
    assert first_step(Client(), clinician).status_code == 302
    clinician.refresh_from_db()
    assert clinician.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


# --- Many at once -----------------------------------------------------------------------------------------------


def guesses_at_once(number: int, places: int) -> list[int]:
    def guess(one: int) -> int:
        try:
            at = Client(REMOTE_ADDR=f"203.0.113.{one % places}")
            return at.post("/sign-in", {"username": "dana", "password": f"guess {one}"}).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(16) as pool:
        return list(pool.map(guess, range(number)))


@pytest.fixture
def alone(transactional_db: None) -> User:
    clinic = Clinic.objects.create(name="Northside")
    user = User(username="dana", clinic=clinic, role="clinician", display_name="Dana")
    user.set_password(PASSWORD)
    user.save()
    Counting.made.clear()
    return user


def test_two_hundred_guesses_at_the_same_moment_get_no_further(alone: User, hashes: list[str], assurance: Any) -> None:
    assert set(guesses_at_once(200, places=50)) == {422}
    assurance("guesses_at_once", guesses=200, addresses=50, tried=len(hashes))
    assert len(hashes) == ONE_NAME.tries
    assert not opens(alone, at=THERE)


def test_a_count_that_is_read_and_then_written_would_be_passed(
    alone: User, hashes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault that the test above is for: between reading and writing, others read the same."""
    together = Barrier(8)

    def careless(key: str, limit: throttle.Limit) -> bool:
        found = Tries.objects.filter(key=key).first()
        number = found.number if found else 0
        together.wait(30)
        Tries.objects.update_or_create(key=key, defaults={"number": number + 1, "until": 2**40})
        return number < limit.tries

    monkeypatch.setattr(throttle, "ONE_NAME", throttle.Limit(3, timedelta(hours=1)))
    monkeypatch.setattr(throttle, "_claimed", careless)

    def guess(one: int) -> bool:
        try:
            return careless("dana", throttle.ONE_NAME)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        let_in = sum(pool.map(guess, range(8)))
    assert let_in > throttle.ONE_NAME.tries


def _place(address: str) -> str:
    return source_of(RequestFactory(REMOTE_ADDR=address).get("/"))


def _invited(someone: Any) -> User:
    user: User = someone("assistant")
    user.username = "anna"
    user.set_unusable_password()
    user.save()
    return user


def _without_name(content: bytes) -> bytes:
    return re.sub(rb'name="username" value="[^"]*"', b"", without_tokens(content))
