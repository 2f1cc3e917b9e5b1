"""Who works here, and how they come in."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.utils import timezone

from strigil.accounts.models import OneTimeLink, User
from strigil.accounts.sign_in import second
from strigil.accounts.sign_in.links import GOOD_FOR
from strigil.clinic.actions import Refused
from strigil.clinic.actions.people import remove_passkey
from tests.accounts.factors import PASSWORD, Phone, first_step, with_phone
from tests.clinic.page import Page

NEW = {"username": "mia", "display_name": "Mia Holt", "role": "clinician", "qualification": "PT", "email": ""}
PHRASE = {"new": "steel, wax and thumbs", "again": "steel, wax and thumbs"}


@pytest.fixture(autouse=True)
def quick(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # only for speed


@pytest.fixture
def owner(someone: Any) -> User:
    made: User = someone("owner")
    made.set_password(PASSWORD)
    made.save()
    return made


@pytest.fixture
def desk(owner: User, signed_in: Any) -> Client:
    made: Client = signed_in(owner)
    return made


def link_on(answer: Any) -> str:
    found = re.search(r"(/link/[\w-]{43})\b", Page(answer).text)
    assert found, Page(answer).text
    return found.group(1)


def invited(desk: Client, **more: str) -> str:
    return link_on(desk.post("/people", NEW | more))


def test_somebody_new_is_invited_chooses_a_password_sets_up_a_phone_and_is_in(desk: Client) -> None:
    link = invited(desk)
    browser = Client()
    page = Page(browser.get(link))
    assert "Mia Holt at Northside" in page.text
    assert browser.post(link, PHRASE).url == "/sign-in"
    assert browser.get("/today").url.startswith("/sign-in?")
    mia = User.objects.get(username="mia")
    assert first_step(browser, mia, PHRASE["new"]).url == "/sign-in/second"
    letters = re.search(r"Letters: ((?:[A-Z2-7]{4} ?)+)", Page(browser.get("/sign-in/set-up")).text)
    assert letters
    phone = Phone(letters.group(1).replace(" ", ""))
    assert "Keep these ten codes" in Page(browser.post("/sign-in/set-up", {"what": "app", "code": phone.code()})).text
    assert browser.get("/today").status_code == 200
    assert (mia.role, mia.clinic.name) == ("clinician", "Northside")


def test_a_link_works_once_and_not_for_long_and_every_dead_one_answers_alike(desk: Client) -> None:
    used, browser = invited(desk), Client()
    browser.post(used, PHRASE)
    old = invited(desk, username="tom1")
    newer = invited(desk, username="ada1")
    ada = User.objects.get(username="ada1")
    newest = link_on(desk.post(f"/people/{ada.pk}", {"what": "link"}))
    with time_machine.travel(timezone.now() + timedelta(days=3, seconds=1)):
        dead = [Client().get(one) for one in (used, old, newer, f"/link/{'A' * 43}", "/link/%00", "/link/é")]
        assert {one.status_code for one in dead} == {404}
        assert len({one.content for one in dead}) == 1
        assert Client().post(old, PHRASE).status_code == 404
    assert Client().get(newer).status_code == 404
    assert Client().get(newest).status_code == 200


def test_a_link_to_a_new_password_lives_an_hour_at_most_and_stands_nowhere(desk: Client, owner: User) -> None:
    link = link_on(desk.post(f"/people/{owner.pk}", {"what": "link"}))
    kept = OneTimeLink.objects.get()
    assert kept.ends_at - kept.made_at == GOOD_FOR["reset"] == timedelta(hours=1)
    assert link.rsplit("/", 1)[1] not in str(OneTimeLink.objects.values().get())
    with time_machine.travel(timezone.now() + timedelta(hours=1, seconds=1)):
        assert Client().post(link, PHRASE).status_code == 404
    assert owner.check_password(PASSWORD)


def test_a_new_password_signs_nobody_in_skips_no_second_factor_and_ends_sessions(
    desk: Client, owner: User, someone: Any, signed_in: Any
) -> None:
    dana = someone("clinician")
    dana.set_password(PASSWORD)
    dana.save()
    phone, elsewhere, browser = with_phone(dana), signed_in(dana), Client()
    link = link_on(desk.post(f"/people/{dana.pk}", {"what": "link"}))
    assert elsewhere.get("/today").status_code == 200
    assert browser.post(link, PHRASE).url == "/sign-in"
    assert browser.get("/today").status_code == 302
    assert elsewhere.get("/today").status_code == 302
    assert first_step(browser, dana).status_code == 422
    assert first_step(browser, dana, PHRASE["new"]).url == "/sign-in/second"
    assert browser.get("/sign-in/second").status_code == 200
    assert browser.post("/sign-in/second", {"code": phone.code()}).url == "/today"


@pytest.mark.parametrize(
    ("new", "said"),
    [("short", "8 to 128"), ("password1", "too common"), ("x" * 129, "128"), ("mia holt", "too similar")],
)
def test_a_weak_password_is_refused_with_what_is_wrong(new: str, said: str, desk: Client) -> None:
    link = invited(desk)
    answer = Client().post(link, {"new": new, "again": new})
    assert answer.status_code == 422
    assert said in Page(answer).summary
    assert Client().get(link).status_code == 200


def test_two_passwords_that_differ_are_refused(desk: Client) -> None:
    answer = Client().post(invited(desk), PHRASE | {"again": "another"})
    assert "not the same" in Page(answer).summary


def test_the_last_owner_stays_one(desk: Client, owner: User, someone: Any) -> None:
    sent = {"what": "change", "display_name": "Olive", "role": "owner", "is_active": "on"}
    for change in ({"role": "clinician"}, {"is_active": ""}):
        answer = desk.post(f"/people/{owner.pk}", sent | change)
        assert answer.status_code == 422
        assert "last owner" in Page(answer).summary
    left = someone("owner")
    left.is_active = False
    left.save()
    assert desk.post(f"/people/{owner.pk}", sent | {"role": "clinician"}).status_code == 422
    left.is_active = True
    left.save()
    assert desk.post(f"/people/{owner.pk}", sent | {"role": "clinician"}).url == "/people"


def test_people_stand_by_role_then_by_name_and_who_was_switched_off_at_the_end(desk: Client, someone: Any) -> None:
    for name, role, active in (
        ("Zoe", "clinician", True),
        ("Ada", "clinician", False),
        ("Mia", "front_desk", True),
        ("Bea", "clinician", True),
    ):
        made = someone(role)
        made.display_name, made.is_active = name, active
        made.save()
    names = {f"/people/{one.pk}": one.display_name for one in User.objects.all()}
    shown = [names[link] for link in Page(desk.get("/people")).links if link in names]
    assert shown == ["Owner", "Bea", "Zoe", "Mia", "Ada"]


def test_a_name_that_is_taken_is_refused_and_what_was_typed_is_kept(desk: Client, owner: User) -> None:
    answer = desk.post("/people", NEW | {"username": owner.username.upper()})
    page = Page(answer)
    assert answer.status_code == 422
    assert "signs in under this name already" in page.says("username")
    assert page.holds("display_name", "Mia Holt")
    assert User.objects.count() == 1


def test_somebody_switched_off_gets_no_link(desk: Client, someone: Any) -> None:
    left = someone("assistant")
    left.is_active = False
    left.save()
    answer = desk.post(f"/people/{left.pk}", {"what": "link"})
    assert answer.status_code == 422
    assert "Switch this person on first" in Page(answer).text


def test_where_phone_and_codes_are_lost_a_second_factor_is_set_up_anew(desk: Client, someone: Any) -> None:
    dana = someone("clinician")
    dana.set_password(PASSWORD)
    dana.save()
    with_phone(dana)
    second.new_recovery_codes(dana)
    assert desk.post(f"/people/{dana.pk}", {"what": "forget"}).url == "/people"
    browser = Client()
    first_step(browser, dana)
    assert browser.get("/sign-in/second").url == "/sign-in/set-up"


def test_a_mailed_link_has_the_address_of_the_settings_whatever_the_browser_said(desk: Client, settings: Any) -> None:
    settings.MAIL, settings.ADDRESS = "console", "https://strigil.clinic.example"
    settings.ALLOWED_HOSTS = ["*"]
    sent = NEW | {"email": "mia@example.org"}
    link = link_on(desk.post("/people", sent, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"}))
    assert mail.outbox[0].to == ["mia@example.org"]
    assert f"https://strigil.clinic.example{link}" in mail.outbox[0].body
    assert "evil" not in mail.outbox[0].body


def test_without_an_address_in_the_settings_nothing_is_mailed(desk: Client, settings: Any) -> None:
    settings.MAIL = "console"
    invited(desk, email="mia@example.org")
    assert mail.outbox == []


def test_in_a_demo_nobody_is_invited(desk: Client, owner: User) -> None:
    owner.clinic.is_demo = True
    owner.clinic.save()
    answer = desk.post("/people", NEW)
    assert answer.status_code == 422
    assert "In a demo" in Page(answer).summary


def test_one_changes_ones_own_password_by_the_old_one_alone(desk: Client, owner: User) -> None:
    sent = {"what": "password", "own-password": "wrong", "own-new": PHRASE["new"], "own-again": PHRASE["new"]}
    refused = desk.post("/account", sent)
    assert refused.status_code == 422
    assert "not your password now" in Page(refused).summary
    assert desk.post("/account", sent | {"own-password": PASSWORD}).url == "/account"
    owner.refresh_from_db()
    assert owner.check_password(PHRASE["new"])
    assert desk.get("/today").status_code == 200


def test_the_only_second_factor_cannot_be_removed(owner: User) -> None:
    made = Authenticator.objects.create(user=owner, type=Authenticator.Type.WEBAUTHN, data={"name": "Tablet"})
    with pytest.raises(Refused, match="your only second factor"):
        remove_passkey(by=owner, key=made.pk)
    with_phone(owner)
    remove_passkey(by=owner, key=made.pk)
    assert not second.passkeys(owner)


def test_another_app_takes_the_place_of_the_first_by_the_password_alone(
    desk: Client, owner: User, signed_in: Any
) -> None:
    first, elsewhere = with_phone(owner), signed_in(owner)
    letters = re.search(r"Letters: ((?:[A-Z2-7]{4} ?)+)", Page(desk.get("/account")).text)
    assert letters
    phone = Phone(letters.group(1).replace(" ", ""))
    sent = {"what": "app", "code": phone.code(), "again-password": "wrong"}
    refused = desk.post("/account", sent)
    assert refused.status_code == 422
    assert "not your password now" in Page(refused).summary
    wrong = desk.post("/account", sent | {"code": "000000", "again-password": PASSWORD})
    assert "not the code that the app shows" in Page(wrong).summary
    assert elsewhere.get("/today").status_code == 200
    assert desk.post("/account", sent | {"again-password": PASSWORD}).url == "/account"
    assert desk.get("/today").status_code == 200
    assert elsewhere.get("/today").status_code == 302
    assert not second.uses_code(owner, first.code())
    assert second.uses_code(owner, phone.code(1))


def test_new_recovery_codes_are_shown_once_and_asked_for_by_the_password(desk: Client, owner: User) -> None:
    with_phone(owner)
    assert desk.post("/account", {"what": "codes", "again-password": "wrong"}).status_code == 422
    page = Page(desk.post("/account", {"what": "codes", "again-password": PASSWORD}))
    codes = re.findall(r"[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}", page.text)
    assert len(codes) == 10
    assert not any(one in desk.get("/account").content.decode() for one in codes)
    assert "10 recovery codes left" in Page(desk.get("/account")).text


@pytest.mark.parametrize("what", ["", "nothing", "app", "passkey", "codes", "remove", "end", "password", "name"])
def test_an_empty_form_of_the_account_changes_nothing_and_is_no_fault(what: str, desk: Client, owner: User) -> None:
    with_phone(owner)
    before = User.objects.values().get(pk=owner.pk)
    answer = desk.post("/account", {"what": what, "key": "\0", "credential": "{", "name": "\0"})
    assert answer.status_code == 422
    assert User.objects.values().get(pk=owner.pk) == before
