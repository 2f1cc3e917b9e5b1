"""A password, a second factor and a session that ends are lines of the log of their own."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from strigil.accounts.models import LinkKind, LogLine, Role, User
from strigil.accounts.sign_in import links, second
from strigil.clinic.actions import people
from tests.accounts.factors import PASSWORD, Phone, first_step, signs_in, with_phone
from tests.accounts.test_second_factor import secret_on
from tests.clinic.page import Page
from tests.clinic.test_log_page import text_of

Line = tuple[str, str, str]
NEW = "a quite other phrase"
HELD = {"password": "password", "session_salt": "sessions_ended"}
"""What a session rests on, and the line that a new one leaves."""


@pytest.fixture
def door(noon: None) -> Client:
    return Client(raise_request_exception=True)


def told(act: Callable[[], object]) -> list[Line]:
    """What was done, how and with what outcome, in the order of the log; rows that changed have lines beside these."""
    before = set(LogLine.objects.values_list("pk", flat=True))
    act()
    lines = LogLine.objects.exclude(pk__in=before).exclude(what__in=("opened", "sent", "added", "changed", "removed"))
    return [(one.what, one.details, one.outcome) for one in lines]


def untold(user: User, act: Callable[[], object]) -> set[str]:
    """Which changes of what somebody signs in with have no line."""
    before, factors = _held(user), _factors(user)
    lines = {what for what, _, _ in told(act)}
    changed = {name for name, value in _held(user).items() if value != before[name]}
    missing = {name for name in changed if HELD[name] not in lines}
    after = _factors(user)
    for name, happened in (
        ("added", set(after) - set(factors)),
        ("removed", set(factors) - set(after)),
        ("used", {one for one in set(factors) & set(after) if factors[one] != after[one]}),
    ):
        if happened and not lines & {f"factor_{name}", "factor_replaced"}:
            missing.add(name)
    return missing


def _held(user: User) -> dict[str, str]:
    return User.objects.filter(pk=user.pk).values(*HELD).get()


def _factors(user: User) -> dict[int, str]:
    return {one.pk: str(one.data) for one in Authenticator.objects.filter(user=user)}


def sets_up(door: Client, user: User) -> None:
    first_step(door, user)
    phone = Phone(secret_on(Page(door.get("/sign-in/set-up"))))
    assert door.post("/sign-in/set-up", {"what": "app", "code": phone.code()}).status_code == 200


def account(browser: Client, what: str, **sent: str) -> Any:
    return browser.post("/account", {"what": what, "again-password": PASSWORD} | sent)


def new_password(browser: Client) -> Any:
    sent = {"own-password": PASSWORD, "own-new": NEW, "own-again": NEW}
    return browser.post("/account", {"what": "password"} | sent)


def by_link(door: Client, user: User) -> Any:
    token = links.make(user, LinkKind.RESET, None)
    return door.post(reverse("one_time_link", args=[token]), {"new": NEW, "again": NEW})


def test_the_first_second_factor_is_in_the_log_with_its_codes(dana: User, door: Client) -> None:
    assert told(lambda: sets_up(door, dana)) == [
        ("factor_added", "an app that shows codes", "done"),
        ("signed_in", "", "done"),
        ("factor_added", "recovery codes", "done"),
    ]
    lines = LogLine.objects.filter(what__startswith="factor_")
    assert {(one.user_id, one.role, one.route) for one in lines} == {(dana.pk, "clinician", "set_up_second_factor")}


def test_each_code_that_was_given_is_in_the_log_and_none_of_it_is_kept(dana: User, door: Client) -> None:
    phone, codes = with_phone(dana), second.new_recovery_codes(dana)
    first_step(door, dana)
    typed = phone.code()
    done = told(
        lambda: [
            door.post("/sign-in/second", {"code": "123456"}),
            door.post("/sign-in/second", {"code": typed}),
            signs_in(Client(), dana, phone),
        ]
    )
    assert [line for line in done if line[0] != "signed_in"] == [
        ("factor_refused", "", "denied"),
        ("factor_used", "an app that shows codes", "done"),
        ("factor_refused", "", "denied"),
    ]
    other = Client()
    first_step(other, dana)
    assert told(lambda: other.post("/sign-in/second", {"code": codes[0]}))[0] == (
        *("factor_used", "a recovery code"),
        "done",
    )
    held = str(list(LogLine.objects.values()))
    assert not [one for one in (typed, "123456", codes[0], codes[0].replace("-", "")) if f"'{one}'" in held]


def test_who_guesses_on_does_not_fill_the_log(dana: User, door: Client) -> None:
    with_phone(dana)
    first_step(door, dana)
    assert len(told(lambda: [door.post("/sign-in/second", {"code": "000000"}) for _ in range(15)])) == 10


@pytest.mark.parametrize("way", [new_password, lambda browser: by_link(Client(), User.objects.get(username="dana"))])
def test_a_new_password_is_in_the_log_with_the_sessions_that_it_ended(way: Any, dana: User, signed_in: Any) -> None:
    assert told(lambda: way(signed_in(dana))) == [
        ("signed_in", "", "done"),
        ("password", "", "done"),
        ("sessions_ended", "", "done"),
    ]


def test_a_session_that_ends_by_itself_is_not_somebody_signing_out(dana: User, signed_in: Any) -> None:
    idle, left = signed_in(dana), signed_in(dana)
    assert told(lambda: left.post("/sign-out")) == [("signed_out", "", "done")]
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert told(lambda: idle.get("/patients")) == [("session_over", "", "done")]


def test_what_the_owner_takes_away_says_from_whom(dana: User, someone: Any, signed_in: Any) -> None:
    owner = someone(Role.OWNER)
    with_phone(dana)
    signed_in(owner).post(f"/people/{dana.pk}", {"what": "forget"})
    shown = text_of(signed_in(owner).get(reverse("clinic_log")))
    assert "Removed a second factor: all of them, of Clinician" in shown
    assert "Ended every session, of Clinician" in shown
    (line,) = LogLine.objects.filter(what="factor_removed")
    assert (line.user_id, line.object_id) == (owner.pk, dana.pk.hex)


def test_the_page_says_it_in_words_and_a_wrong_code_is_among_the_refusals(
    dana: User, door: Client, someone: Any, signed_in: Any
) -> None:
    sets_up(door, dana)
    other = Client()
    first_step(other, dana)
    other.post("/sign-in/second", {"code": "000000"})
    auditor = signed_in(someone(Role.AUDITOR))
    every = text_of(auditor.get(reverse("clinic_log")))
    assert "Set up a second factor: an app that shows codes" in every
    assert "Set up a second factor: recovery codes" in every
    refused = text_of(auditor.get(reverse("clinic_log"), {"refused": "on"}))
    assert "Failed at the second factor" in refused
    assert "Set up" not in refused


@pytest.mark.django_db(transaction=True)
def test_what_is_done_by_a_command_says_so(dana: User, someone: Any, signed_in: Any) -> None:
    from strigil.cli import main

    assert main(["let-in", "dana", "--forget-second-factor"]) == 0
    shown = text_of(signed_in(someone(Role.AUDITOR)).get(reverse("clinic_log")))
    assert re.search(r"Whoever runs the server, by a command command .{20,60} Removed a second factor: all", shown)


# --- Nothing that somebody signs in with changes without its line -------------------------------------------------


def ways(dana: User, owner: User, here: Client) -> dict[str, Callable[[], object]]:
    phone = Phone("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
    return {
        "first app": lambda: second.add_app(dana, phone.secret, phone.code()),
        "another app": lambda: second.add_app(dana, phone.secret, phone.code()),
        "recovery codes": lambda: second.new_recovery_codes(dana),
        "a code": lambda: second.uses_code(dana, phone.code(1)),
        "on the page": lambda: account(here, "end"),
        "password": lambda: new_password(here),
        "by link": lambda: by_link(Client(), dana),
        "another role": lambda: people.change_person(
            by=owner, user=dana, person=people.PersonInput("Dana", Role.ASSISTANT)
        ),
        "forget": lambda: people.forget_second_factor(by=owner, user=dana),
        "let in": lambda: people.let_in(user=dana, forget=True),
    }


def test_nothing_changes_without_its_line(dana: User, someone: Any, signed_in: Any) -> None:
    for name, act in ways(dana, someone(Role.OWNER), signed_in(dana)).items():
        assert untold(dana, act) == set(), name


@pytest.mark.parametrize("place", ["second.of_sign_in", "session.of_sign_in", "passwords.Length.password_changed"])
def test_a_change_that_does_not_say_so_is_caught(
    place: str, dana: User, someone: Any, signed_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"strigil.accounts.sign_in.{place}", lambda *_, **__: None)
    missed = [untold(dana, act) for act in ways(dana, someone(Role.OWNER), signed_in(dana)).values()]
    assert any(missed)
