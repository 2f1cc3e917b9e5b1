"""Another site sends nothing in somebody's name, and a link changes nothing."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client

from strigil.accounts.models import Role, User
from strigil.accounts.policy import POLICY
from strigil.clinic.models import Patient
from strigil.clinic.views import payer
from tests.clinic.cast import Story, everything
from tests.clinic.page import Page
from tests.clinic.work import WORK, addresses

WITHOUT_A_COOKIE = {"check_in"}
"""Carries a token of its own: ADR 0015; tried in tests/clinic/test_check_in.py."""
EVIL = "https://evil.example"
ENOUGH = 400


def browser(user: User) -> Client:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    return client


def token_of(client: Client) -> str:
    given = Page(client.get("/patients/new" if client.session.get("_auth_user_id") else "/sign-in"))
    return given.controls("csrfmiddlewaretoken")[0]["value"] or ""


def forgeries(client: Client, other: Client) -> dict[str, dict[str, Any]]:
    """What another site could send, by what is wrong with it."""
    own, theirs = token_of(client), token_of(other)
    return {
        "none": {},
        "wrong": {"csrfmiddlewaretoken": "x" * len(own)},
        "of somebody else": {"csrfmiddlewaretoken": theirs},
        "from elsewhere": {"csrfmiddlewaretoken": own, "HTTP_ORIGIN": EVIL},
    }


def sends(client: Client, address: str, sent: dict[str, Any], forged: dict[str, Any]) -> HttpResponse:
    given = sent | {name: value for name, value in forged.items() if name == "csrfmiddlewaretoken"}
    headers = {name: value for name, value in forged.items() if name.startswith("HTTP_")}
    answer: HttpResponse = client.post(address, given, **headers)
    return answer


def test_no_route_takes_a_form_that_is_not_from_its_own_page(story: Story, someone: Any) -> None:
    places = addresses(story)
    client, other = browser(someone("owner")), browser(someone("owner"))
    wrong = forgeries(client, other)
    before = everything()
    unsafe = [route for route in POLICY if "POST" in POLICY[route] and route not in WITHOUT_A_COOKIE]
    taken = [
        (route, name)
        for route in unsafe
        for name, forged in wrong.items()
        if sends(client, places[route], {}, forged).status_code != 403
    ]
    assert taken == []
    assert len(unsafe) > 40
    assert everything() == before


@pytest.mark.parametrize("route", ["register", "payer_rule", "account"])
def test_a_whole_form_is_taken_from_its_own_page_and_from_nowhere_else(route: str, story: Story, someone: Any) -> None:
    client, other = browser(someone("owner")), browser(someone("owner"))
    address, sent = WORK[route](story)
    before = everything()
    for forged in forgeries(client, other).values():
        assert sends(client, address, sent, forged).status_code == 403
    assert everything() == before
    assert sends(client, address, sent, {"csrfmiddlewaretoken": token_of(client)}).status_code == 302


def test_a_route_that_was_exempted_is_found(story: Story, someone: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payer.payer_rule, "csrf_exempt", True, raising=False)
    client, other = browser(someone("owner")), browser(someone("owner"))
    assert sends(client, "/payer-rule", {}, forgeries(client, other)["none"]).status_code != 403


# --- Links ------------------------------------------------------------------------------------------------------


def crawl(client: Client, starts: list[str]) -> set[str]:
    """Every page that can be reached by links; of the knowledge, a few."""
    waiting, seen = list(starts), set[str]()
    while waiting and len(seen) < ENOUGH:
        address = waiting.pop()
        known = address.startswith("/knowledge/") and sum(one.startswith("/knowledge/") for one in seen) > 5
        if address in seen or known or address.endswith(".pdf"):
            continue
        seen.add(address)
        answer = client.get(address)
        if answer.status_code == 302:
            waiting.append(answer.url)
        elif answer.headers.get("Content-Type", "").startswith("text/html"):
            for link in Page(answer).links:
                parts = urlsplit(link)
                if not parts.netloc and not parts.scheme and parts.path.startswith("/"):
                    waiting.append(parts.path + (f"?{parts.query}" if parts.query else ""))
    return seen


def kept() -> dict[str, Any]:
    return {name: rows for name, rows in everything().items() if name not in ("AuditEvent", "Tries", "KnownPlace")}


def test_no_link_on_any_page_changes_anything(story: Story, someone: Any, signed_in: Any) -> None:
    places = addresses(story)
    clients = {role: signed_in(someone(role)) for role in Role.values}
    before = kept()
    for role, client in clients.items():
        seen = crawl(client, ["/today", *places.values()])
        assert len(seen) > 60, role
        assert kept() == before, role


def test_a_link_that_writes_is_found(
    story: Story, someone: Any, signed_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    story.patient()
    client = signed_in(someone("owner"))

    def careless(*_: Any) -> None:
        Patient.objects.update(note="seen")

    before = kept()
    monkeypatch.setattr("strigil.accounts.headers.SecurityHeaders.process_view", careless, raising=False)
    crawl(client, ["/patients"])
    assert kept() != before
