"""Signing in with a second factor: an app, a passkey, paper; and a session that ends by itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from strigil.accounts.models import LogLine, User
from strigil.accounts.sign_in import session
from tests.accounts.factors import Phone, with_phone
from tests.journeys.browser import Look
from tests.journeys.hands import follow, press, sign_in, title, write
from tests.journeys.record import PASSWORD, USERNAME, Record

TOUCH = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


COMES_BACK_TO = """async () => {
  document.dispatchEvent(new Event("visibilitychange"));
  for (let asked = 0; asked < 3; asked++) await fetch("/session", { headers: { "Strigil-Send": "page" } });
}"""
"""A page that is looked at again, until it knows that the session has ended."""


@pytest.fixture(autouse=True)
def password_is_enough(settings: Any) -> None:
    """Here it is not."""
    settings.SECOND_FACTOR = True


def finger(page: Page, **differs: object) -> Any:
    """A device with a sensor, as Chromium pretends one."""
    chromium = page.context.new_cdp_session(page)
    chromium.send("WebAuthn.enable")
    made = chromium.send("WebAuthn.addVirtualAuthenticator", {"options": TOUCH | differs})
    return chromium, made["authenticatorId"]


def first_step(page: Page) -> None:
    page.goto("/sign-in")
    write(page, "Username", USERNAME)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_a_passkey_is_made_once_and_then_lets_in(page: Page, record: Record, look: Look) -> None:
    chromium, device = finger(page)
    first_step(page)
    expect(title(page)).to_have_text("How will you show that it is you?")
    look(page, "set up")
    write(page, "Name of the device", "Tablet in room 2")
    page.get_by_role("button", name="Make a passkey").click()
    expect(title(page)).to_have_text("Keep these ten codes")
    look(page, "recovery codes")
    follow(page, "I have kept them")
    expect(title(page)).to_contain_text("Today")
    press(page, "Sign out")

    first_step(page)
    expect(title(page)).to_have_text("Is it you, Dana Reed?")
    look(page, "second step")
    chromium.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("Your device gave no passkey")).to_be_visible()
    chromium.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": True})
    page.get_by_role("button", name="Use a passkey").click()
    expect(title(page)).to_contain_text("Today")

    follow(page, "Your account")
    expect(page.get_by_text("Passkey on Tablet in room 2")).to_be_visible()
    look(page, "account")
    page.get_by_text("Passkey on Tablet in room 2").click()
    removal = page.locator("form").filter(has=page.get_by_role("button", name="Remove this passkey"))
    removal.get_by_label("Your password now").fill(PASSWORD)
    removal.get_by_role("button", name="Remove this passkey").click()
    expect(page.get_by_text("This is your only second factor").first).to_be_visible()
    told = LogLine.objects.filter(details="a passkey").values_list("what", "outcome", "user_id")
    whose = User.objects.get(username=USERNAME).pk
    assert list(told) == [("factor_added", "done", whose), ("factor_used", "done", whose)]


def test_a_passkey_of_another_device_lets_nobody_in(
    record: Record, new_context: Callable[..., BrowserContext], address: str
) -> None:
    page = new_context(address).new_page()
    finger(page)
    first_step(page)
    page.get_by_role("button", name="Make a passkey").click()
    expect(title(page)).to_have_text("Keep these ten codes")
    other = new_context(address).new_page()
    finger(other)
    first_step(other)
    other.get_by_role("button", name="Use a passkey").click()
    expect(other.get_by_text("Your device gave no passkey")).to_be_visible()
    other.goto("/today")
    expect(title(other)).to_have_text("Is it you, Dana Reed?")


def test_an_app_on_a_phone_is_set_up_by_its_letters_without_a_script(
    record: Record, new_context: Callable[..., BrowserContext], address: str
) -> None:
    page = new_context(address, java_script_enabled=False).new_page()
    first_step(page)
    expect(page.get_by_text("Letters:")).to_be_visible()
    letters = re.search(r"Letters: ((?:[A-Z2-7]{4} ?)+)", page.locator("main").inner_text())
    assert letters
    write(page, "Code", Phone(letters.group(1).replace(" ", "")).code())
    page.get_by_role("button", name="Use this app").click()
    expect(title(page)).to_have_text("Keep these ten codes")
    code = page.locator("code").first.inner_text()
    follow(page, "I have kept them")
    expect(title(page)).to_contain_text("Today")
    page.get_by_role("button", name="Sign out").click()
    expect(title(page)).to_have_text("Sign in")
    first_step(page)
    write(page, "Code", "000000")
    page.get_by_role("button", name="Sign in with the code").click()
    expect(page.get_by_role("group", name="You are not signed in yet.")).to_be_visible()
    write(page, "Code", code)
    page.get_by_role("button", name="Sign in with the code").click()
    expect(title(page)).to_contain_text("Today")


def test_the_owner_invites_and_lets_in_again(record: Record, page: Page, look: Look) -> None:
    User.objects.filter(pk=record.user.pk).update(role="owner")
    phone = with_phone(record.user)
    first_step(page)
    write(page, "Code", phone.code())
    press(page, "Sign in with the code")
    follow(page, "People")
    look(page, "people")
    write(page, "Username", "mia")
    page.get_by_role("textbox", name=re.compile("^Name")).fill("Mia Holt")
    page.get_by_role("group", name="Role").get_by_role("radio", name="Assistant").check()
    press(page, "Invite")
    expect(title(page)).to_have_text("Give this link to Mia Holt")
    link = page.locator("#link").inner_text()
    look(page, "link")
    follow(page, "Back to the people")
    follow(page, "Mia Holt")
    look(page, "person")
    page.goto(link)
    expect(title(page)).to_have_text("Choose your password")
    look(page, "choose a password")


def test_an_idle_page_says_so_leaves_the_record_and_what_was_typed_is_there_after_signing_in(
    record: Record, page: Page, look: Look, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.SECOND_FACTOR = False
    visit = record.draft()
    monkeypatch.setattr(session, "NOTED_EVERY", 0)
    monkeypatch.setattr(session, "IDLE", timedelta(seconds=12))
    sign_in(page)
    page.goto(f"/visits/{visit.pk}")
    page.locator("textarea[name=note]").fill("Half a sentence about")
    expect(page.get_by_role("alert").filter(has_text="You will be signed out soon")).to_be_visible()
    look(page, "about to end")
    page.get_by_role("button", name="Stay signed in").click()
    expect(title(page)).to_have_text("Sign in", timeout=60_000)
    expect(page.get_by_text("nothing happened for 15 minutes")).to_be_visible()
    look(page, "ended")
    monkeypatch.setattr(session, "IDLE", timedelta(minutes=15))
    write(page, "Username", USERNAME)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator("textarea[name=note]")).to_have_value("Half a sentence about")


def test_signing_in_again_is_not_cut_short_where_the_session_before_it_ends_meanwhile(
    record: Record, page: Page, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.SECOND_FACTOR = False
    sign_in(page)
    page.goto("/sign-in")
    write(page, "Username", USERNAME)
    page.get_by_label("Password").fill(PASSWORD)
    with monkeypatch.context() as ended:
        ended.setattr(session, "IDLE", timedelta(0))
        page.evaluate(COMES_BACK_TO)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(title(page)).to_contain_text("Today")


def test_a_session_has_ended_when_none_of_its_last_second_is_left(
    signed_in: Any, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page leaves at 0. One that left before the end came to a sign-in page that still showed who was signed in."""
    client = signed_in(record.user)
    now = client.session[session.SEEN] + session.IDLE.total_seconds() - 0.1
    monkeypatch.setattr(session, "time", SimpleNamespace(time=lambda: now))
    assert client.get("/session").json() == {"left": 1}
