"""One table says who may do what; nothing can be reached beside it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.checks import run_checks
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from strigil import urls
from strigil.accounts.checks import every_route_has_a_policy, routes
from strigil.accounts.models import Role, User
from strigil.accounts.policy import HALF, POLICY, TASKS, may, needs_sign_in, way_of
from tests.clinic.cast import Story, everything
from tests.clinic.work import WORK, addresses

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


def planted(request: HttpRequest) -> HttpResponse:
    return HttpResponse("reached")


urlpatterns = [*urls.urlpatterns, path("planted", planted, name="planted"), path("nameless", planted)]
handler404 = urls.handler404


def test_every_route_stands_in_the_policy_and_nothing_else_does() -> None:
    assert set(routes()) == set(POLICY)
    assert [one for one in run_checks() if one.id and one.id.startswith("strigil")] == []


@override_settings(ROOT_URLCONF=__name__)
def test_the_check_names_a_route_that_nobody_listed() -> None:
    said = sorted(str(one.msg) for one in every_route_has_a_policy())
    assert len(said) == 2
    assert "'(unnamed) nameless'" in said[0]
    assert "'planted'" in said[1]


def test_the_check_names_a_policy_without_a_route(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("strigil.accounts.checks.POLICY", {**POLICY, "ghost": {}})
    assert [one.id for one in every_route_has_a_policy()] == ["strigil.E002"]


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize("address", ["/planted", "/nameless"])
def test_a_route_that_nobody_listed_cannot_be_reached_even_by_the_owner(
    address: str, someone: Any, signed_in: Any
) -> None:
    response = signed_in(someone("owner")).get(address)
    assert response.status_code == 404
    assert b"reached" not in response.content


AT_THE_DOOR = {"sign_in", "sign_out", "second_factor", "set_up_second_factor", "one_time_link", "session"}
"""Written to come in, stay in and go out; tried in tests/accounts/test_sign_in.py and test_second_factor.py."""
GIVES_A_LINK = {"people"}
"""Its answer is a page that is shown once; tried in tests/clinic/test_people.py."""
BY_PATIENTS = {"ask", "own_appointment", "check_in"}
"""Written signed out, by patients; tried in tests/clinic/test_ask.py and tests/clinic/test_check_in.py."""


def test_only_pages_without_a_record_of_care_are_open_to_all() -> None:
    assert {route for route in POLICY if not needs_sign_in(route)} == {
        "home",
        "about",
        "about_iastm",
        "gallery",
        "live",
        "ready",
        "sign_in",
        "knowledge",
        "knowledge_shelf",
        "knowledge_item",
        "knowledge_sources",
        "knowledge_source",
        "evidence",
        "evidence_condition",
        "evidence_item",
        "ask",
        "own_appointment",
        "own_calendar",
        "check_in",
        "one_time_link",
    }


def test_the_table_says_what_each_role_is_for() -> None:
    writes = {
        role: {route for route in POLICY if may(route, "POST", role)} - AT_THE_DOOR - BY_PATIENTS
        for role in Role.values
    }
    books = {"book_patient", "appointment", "move_appointment", "undo_appointment", "confirm_request"}
    assert writes["owner"] == set(WORK) | GIVES_A_LINK
    assert writes["clinician"] == set(WORK) - {"person"}
    assert writes["assistant"] == {
        *("account", "register", "edit_patient", "start_visit", "visit", "discard_visit", "draft", "merge_visit"),
        *("respond", "measure", "reading", "incline", "fill", "photographs"),
        *books,
    }
    assert writes["front_desk"] == {"account", "register", "edit_patient", *books}
    assert writes["auditor"] == {"account"}
    assert not any(may(route, method, None) for route in POLICY for method in METHODS if needs_sign_in(route))


def test_a_front_desk_sees_people_but_no_record_of_care() -> None:
    sees = {route for route in POLICY if may(route, "GET", "front_desk") and needs_sign_in(route)}
    assert sees == {"session", "account", "today", "patients", "patient", "register", "edit_patient"} | {
        *("book", "book_week", "book_time", "book_patient", "book_rules", "appointment", "move_appointment"),
        "confirm_request",
    }


@pytest.mark.parametrize("role", [*Role.values, HALF, None])
def test_each_role_reaches_exactly_what_the_table_says(
    role: str | None, story: Story, someone: Any, signed_in: Any, half_way: Any
) -> None:
    places = addresses(story)
    assert set(places) == set(POLICY)
    user: User | None = someone(role) if role in Role.values else None
    client: Client = half_way(someone("owner")) if role == HALF else signed_in(user)
    before = everything()
    for route, address in places.items():
        for method in METHODS:
            if any(may(route, method, one) for one in (*Role.values, HALF, None)):
                if may(route, method, role):
                    if method in ("GET", "HEAD"):
                        assert client.generic(method, address).status_code in (200, 302), (route, method)
                    continue  # that writing works is shown below
                response = client.generic(method, address)
                if role is None:
                    assert response.status_code == 302, (route, method)
                    assert response.url.startswith("/sign-in?"), (route, method)
                elif role == HALF and needs_sign_in(route):
                    assert response.url == "/sign-in/second", (route, method)
                else:
                    assert response.status_code == 403, (route, method)
                    assert b"Your role may not do this" in response.content or method == "HEAD"
            else:
                assert client.generic(method, address).status_code == 405, (route, method)
    after = everything()
    # A document leaves its trace though it is only read.
    after["AuditEvent"] = [one for one in after["AuditEvent"] if one["action"] not in PRINTED]
    assert after == before


PRINTED = {
    "letter.write",
    "note.print",
    "report.print",
    "referral.print",
    "after_session.print",
    "home_programme.print",
}
WRITERS = [(route, role) for route in WORK for role in Role.values if may(route, "POST", role)]


def test_every_route_that_writes_is_tried() -> None:
    written = {route for route in POLICY if "POST" in POLICY[route]}
    assert set(WORK) == written - AT_THE_DOOR - BY_PATIENTS - GIVES_A_LINK


@pytest.mark.parametrize(("route", "role"), WRITERS)
def test_each_role_can_do_its_work(route: str, role: str, story: Story, someone: Any, signed_in: Any) -> None:
    address, sent = WORK[route](story)
    user = someone(role)
    before = everything()
    client = signed_in(user)
    response = client.post(address, sent)
    assert response.status_code == 302, response.content.decode()
    after = everything()
    assert after != before
    traces = [one for one in after["AuditEvent"] if one not in before["AuditEvent"]]
    assert {one["user_id"] for one in traces} == {user.pk}
    landed = client.get(response.url)
    assert landed.status_code in (200, 302), (response.url, landed.status_code)


@pytest.mark.parametrize("route", WORK)
def test_a_role_without_the_right_changes_nothing_with_the_very_same_form(
    route: str, story: Story, someone: Any, signed_in: Any
) -> None:
    address, sent = WORK[route](story)
    refused = [someone(role) for role in Role.values if not may(route, "POST", role)]
    before = everything()
    for user in refused:
        assert signed_in(user).post(address, sent).status_code == 403, user.role
    assert signed_in(None).post(address, sent).url.startswith("/sign-in")
    assert everything() == before


READS = [(route, role) for route in TASKS if way_of(route) == "GET" for role in Role.values if may(route, "GET", role)]


def test_each_role_can_see_what_it_is_for(story: Story, someone: Any, signed_in: Any, assurance: Any) -> None:
    places = addresses(story)
    for role in Role.values:
        client = signed_in(someone(role))
        for route in [route for route, one in READS if one == role]:
            assert client.get(places[route]).status_code == 200, (route, role)
    tasks, done = set(TASKS) - AT_THE_DOOR - GIVES_A_LINK, {*READS, *WRITERS}
    assert done == {(route, role) for route in tasks for role in Role.values if may(route, way_of(route), role)}
    assurance("tasks", tasks=len(TASKS), by_roles=len(done), not_possible=0)


def test_somebody_who_left_is_signed_out_at_once(story: Story, tablet: Client) -> None:
    assert tablet.get("/today").status_code == 200
    story.by.is_active = False
    story.by.save()
    assert tablet.get("/today").url.startswith("/sign-in")


def test_a_form_without_its_token_is_refused_with_a_page_of_our_own(story: Story) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(story.by)
    before = everything()
    response = client.post("/patients/new", {"name": "Ada", "sex": "female"})
    assert response.status_code == 403
    assert "Nothing was saved" in response.content.decode()
    assert everything() == before
