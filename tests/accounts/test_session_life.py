"""When a session begins, what its key is, and when it ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from strigil.accounts.models import User
from tests.accounts.factors import PASSWORD, Phone, first_step, signs_in, with_phone
from tests.clinic.page import Page


@pytest.fixture
def phone(dana: User) -> Phone:
    return with_phone(dana)


def key(browser: Client) -> str:
    return browser.cookies["sessionid"].value if "sessionid" in browser.cookies else ""


def later(**by: float) -> Any:
    return time_machine.travel(timezone.now() + timedelta(**by))


def is_in(browser: Client) -> bool:
    return bool(browser.get("/patients").status_code == 200)


def test_each_step_gives_a_new_key_and_the_old_one_is_dead(dana: User, phone: Phone, noon: None) -> None:
    browser, thief = Client(), Client()
    planted = browser.session
    planted["harmless"] = "yes"
    planted.save()
    browser.cookies["sessionid"] = planted.session_key
    keys = [key(browser)]
    first_step(browser, dana)
    keys.append(key(browser))
    assert browser.post("/sign-in/second", {"code": phone.code()}).url == "/today"
    keys.append(key(browser))
    sent = {"what": "password", "own-password": PASSWORD, "own-new": "a quite other phrase"}
    assert browser.post("/account", sent | {"own-again": "a quite other phrase"}).url == "/account"
    keys.append(key(browser))
    assert len(set(keys)) == 4
    assert is_in(browser)
    for old in keys[:-1]:
        thief.cookies["sessionid"] = old
        assert not is_in(thief)
        assert not Session.objects.filter(pk=old).exists()


def test_fifteen_minutes_without_use_end_it_and_the_page_says_that_text_is_kept(
    dana: User, phone: Phone, noon: None
) -> None:
    browser = Client()
    signs_in(browser, dana, phone)
    with later(minutes=14):
        assert is_in(browser)
    with later(minutes=28):
        assert is_in(browser)
    with later(minutes=44):
        asked = browser.get("/patients")
        assert asked.url == "/sign-in?next=/patients&ended=yes"
        page = Page(browser.get(asked.url))
        assert "nothing happened for 15 minutes" in page.text
        assert "What you typed on this device is kept" in page.text


def test_twelve_hours_end_it_however_busy_somebody_is(dana: User, phone: Phone, noon: None) -> None:
    browser = Client()
    signs_in(browser, dana, phone)
    for minutes in range(10, 12 * 60, 10):
        with later(minutes=minutes):
            assert is_in(browser), minutes
    with later(hours=12, seconds=1):
        assert not is_in(browser)


def test_asking_how_long_is_left_is_no_use_of_it_and_going_on_is(dana: User, phone: Phone, noon: None) -> None:
    browser = Client()
    signs_in(browser, dana, phone)
    with later(minutes=10):
        assert 295 <= browser.get("/session").json()["left"] <= 300
    with later(minutes=14):
        assert browser.get("/session").json()["left"] <= 60
        assert browser.post("/session").json()["left"] >= 898
    with later(minutes=28):
        assert is_in(browser)
    with later(minutes=44):
        assert browser.get("/session", headers={"Strigil-Send": "page"}).status_code == 401


def test_a_session_that_does_not_say_when_it_began_is_over(dana: User, signed_in: Any) -> None:
    browser = signed_in(dana)
    session = browser.session
    del session["began"]
    session.save()
    assert not is_in(browser)


@pytest.mark.parametrize("change", ["switched off", "role", "password", "salt"])
def test_what_somebody_is_changes_every_session_at_once(change: str, dana: User, someone: Any, signed_in: Any) -> None:
    here, there = signed_in(dana), signed_in(dana)
    owner = signed_in(someone("owner"))
    assert is_in(here)
    sent = {"what": "change", "display_name": "Dana", "role": "clinician", "is_active": "on"}
    if change == "switched off":
        owner.post(f"/people/{dana.pk}", {name: value for name, value in sent.items() if name != "is_active"})
    elif change == "role":
        owner.post(f"/people/{dana.pk}", sent | {"role": "front_desk"})
    elif change == "password":
        dana.set_password("another phrase altogether")
        dana.save()
    else:
        owner.post(f"/people/{dana.pk}", {"what": "forget"})
    assert not is_in(here)
    assert not is_in(there)


def test_ending_the_other_sessions_leaves_this_one(dana: User, phone: Phone, signed_in: Any) -> None:
    here, there = signed_in(dana), signed_in(dana)
    assert here.post("/account", {"what": "end", "again-password": "wrong"}).status_code == 422
    assert is_in(there)
    assert here.post("/account", {"what": "end", "again-password": PASSWORD}).url == "/account"
    assert is_in(here)
    assert not is_in(there)


def test_sessions_that_are_over_do_not_pile_up(dana: User, phone: Phone, signed_in: Any) -> None:
    for _ in range(5):
        signed_in(dana)
    with later(hours=13):
        signs_in(Client(), dana, phone)
        assert Session.objects.count() == 1


def test_signing_out_ends_the_key_itself(dana: User, phone: Phone, noon: None) -> None:
    browser, thief = Client(), Client()
    signs_in(browser, dana, phone)
    thief.cookies["sessionid"] = key(browser)
    assert is_in(thief)
    browser.post("/sign-out")
    assert not is_in(thief)
