"""What every answer says to the browser, and what no page contains."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
from django.test import Client

from strigil.accounts.headers import CONTENT_SECURITY_POLICY, PERMISSIONS_POLICY
from strigil.accounts.models import Role
from strigil.accounts.policy import POLICY, may
from tests.clinic.cast import Story
from tests.clinic.page import Page
from tests.clinic.work import WORK, addresses


def check_headers(response: Any, where: object) -> None:
    parts = [part.partition(" ") for part in response.headers["Content-Security-Policy"].split("; ")]
    policy = {name: value for name, _, value in parts}
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'", where
    if where == "photograph" and response.status_code == 200:
        assert policy.keys() == {"default-src", "frame-ancestors", "sandbox"}, "a photograph opened alone runs nothing"
    else:
        assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'", where
        assert policy["base-uri"] == "'none'", where
    assert "unsafe" not in response.headers["Content-Security-Policy"], where
    assert response.headers["X-Content-Type-Options"] == "nosniff", where
    assert response.headers["X-Frame-Options"] == "DENY", where
    passed_on = "no-referrer" if where == "check_in" else "same-origin"
    assert response.headers["Referrer-Policy"] == passed_on, where
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin", where
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin", where
    allowed = dict(one.split("=") for one in response.headers["Permissions-Policy"].split(", "))
    assert {allowed[one] for one in ("camera", "microphone", "geolocation")} == {"()"}, where
    assert {allowed[one] for one in ("accelerometer", "gyroscope", "magnetometer")} == {"(self)"}, "an angle by phone"


def check_nothing_inline(response: Any, where: object) -> None:
    """Whatever the policy would block is not there to be blocked."""
    page = Page(response)
    for tag, held in page.tags:
        assert "style" not in held, (where, tag, held)
        assert tag != "style", where
        assert not [name for name in held if name.startswith("on")], (where, tag, held)
        if tag == "script":
            assert (held.get("src") or "").startswith("/static/"), where
        for name in ("href", "src", "action"):
            assert not (held.get(name) or "").startswith(("javascript:", "data:")), (where, held)
        if tag in ("link", "img", "iframe", "source"):
            own = ("/static/", "/photographs/") if (where, tag) == ("photographs", "img") else "/static/"
            assert (held.get("href") or held.get("src") or "").startswith(own), (where, held)
    assert len(page.ids) == len(set(page.ids)), (where, sorted({one for one in page.ids if page.ids.count(one) > 1}))
    for tag, held in [] if where == "gallery" else page.tags:  # specimens there stand alone
        for name in ("for", "aria-labelledby", "aria-describedby", "form"):
            for one in (held.get(name) or "").split():
                assert one in page.ids, (where, tag, held)


@pytest.mark.parametrize("role", [*Role.values, None])
def test_every_page_is_strict_and_holds_nothing_inline(
    role: str | None, story: Story, someone: Any, signed_in: Any
) -> None:
    places = addresses(story)
    client: Client = signed_in(someone(role) if role else None)
    for route, address in places.items():
        response = client.get(address)
        check_headers(response, route)
        if response.get("Content-Type", "").startswith("text/html"):
            check_nothing_inline(response, route)
        if role and may(route, "GET", role):
            assert response.headers["Cache-Control"] == "no-store", route


@pytest.mark.parametrize("route", WORK)
def test_a_page_that_comes_back_with_messages_is_as_strict(route: str, story: Story, tablet: Client) -> None:
    address, _ = WORK[route](story)
    response = tablet.post(address, {"none": "", "area-0-seconds": "x", "name": "", "review_visits": "x"})
    check_headers(response, route)
    assert response.headers["Cache-Control"] == "no-store"
    check_nothing_inline(response, route)


def test_a_page_without_anything_and_a_refusal_are_as_strict(someone: Any, signed_in: Any, tablet: Client) -> None:
    missing = tablet.get("/no/such/page")
    refused = signed_in(someone("front_desk")).get("/learn")
    unproven = Client(enforce_csrf_checks=True).post("/sign-in", {"username": "x"})
    assert [one.status_code for one in (missing, refused, unproven)] == [404, 403, 403]
    for response in (missing, refused, unproven):
        check_headers(response, response.status_code)
        check_nothing_inline(response, response.status_code)


def test_a_fault_is_told_as_one_and_as_not_saved(story: Story, tablet: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr("strigil.clinic.views.patients.register_patient", fail)
    tablet.raise_request_exception = False
    response = tablet.post("/patients/new", {"name": "Ada", "sex": "female"})
    assert response.status_code == 500
    assert b"<strong>not saved</strong>" in response.content
    check_headers(response, "500")
    check_nothing_inline(response, "500")


def test_every_kind_of_answer_has_them(story: Story, tablet: Client) -> None:
    answers = {
        "style": tablet.get("/static/strigil/css/pages.css"),
        "picture": tablet.get("/static/strigil/icon.svg"),
        "no such file": tablet.get("/static/strigil/none.js"),
        "redirect": tablet.get("/"),
        "to sign in": Client().get("/today"),
        "method": tablet.delete("/today"),
        "options": tablet.options("/today"),
        "head": tablet.head("/today"),
        "host": tablet.get("/today", headers={"host": "evil.example"}),
        "too many": tablet.post("/patients/new", {f"x{number}": "" for number in range(1200)}),
        "broken": tablet.post("/patients/new", b"--x", content_type="multipart/form-data; boundary=x y"),
    }
    statuses = {where: one.status_code for where, one in answers.items()}
    found = {"style": 200, "picture": 200, "no such file": 404, "redirect": 302, "to sign in": 302, "method": 405}
    assert statuses == found | {"options": 405, "head": 200, "host": 400, "too many": 400, "broken": 422}
    for where, response in answers.items():
        check_headers(response, where)
        response.close()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Content-Security-Policy", CONTENT_SECURITY_POLICY.replace("script-src", "script-src 'unsafe-inline'")),
        ("X-Content-Type-Options", "none"),
        ("Referrer-Policy", "unsafe-url"),
        ("Cross-Origin-Resource-Policy", "cross-origin"),
        ("Permissions-Policy", PERMISSIONS_POLICY.replace("gyroscope=(self)", "gyroscope=()")),
    ],
)
def test_a_weaker_header_is_found(name: str, value: str, tablet: Client) -> None:
    response = tablet.get("/about")
    response.headers[name] = value
    with pytest.raises(AssertionError):
        check_headers(response, "planted")


BEHIND_TLS = """
import django; django.setup()
from django.conf import settings
from django.test import Client
from django.urls import reverse
asked = {"headers": {"host": "localhost", "x-forwarded-proto": "https"}}
response = Client().get(reverse("sign_in"), **asked)
print(response.status_code, response.headers["Strict-Transport-Security"])
for name, one in response.cookies.items():
    print(name, one["secure"], one["samesite"], one["path"], repr(one["domain"]))
print(settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE, settings.SESSION_COOKIE_HTTPONLY)
"""


def test_behind_tls_browsers_stay_there_and_cookies_belong_to_this_host_alone() -> None:
    env = os.environ | {"STRIGIL_TLS": "yes", "DJANGO_SETTINGS_MODULE": "strigil.settings"}
    done = subprocess.run([sys.executable, "-c", BEHIND_TLS], env=env, capture_output=True, text=True, check=True)
    first, cookie, session = done.stdout.splitlines()
    assert first == "200 max-age=31536000"
    assert cookie == "__Host-csrftoken True Lax / ''"
    assert session == "__Host-sessionid True True"


def test_every_route_is_looked_at(story: Story) -> None:
    assert set(addresses(story)) == set(POLICY)
