"""What belongs to another clinic does not exist."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from strigil.accounts.models import User
from strigil.accounts.policy import POLICY
from strigil.urls import urlpatterns
from tests.clinic.cast import Story, everything
from tests.clinic.page import without_tokens
from tests.clinic.work import WORK, addresses


def answers_alike(one: HttpResponse, other: HttpResponse) -> bool:
    headers = [{name: value for name, value in each.items() if name != "Set-Cookie"} for each in (one, other)]
    return (
        one.status_code == other.status_code
        and without_tokens(one.content) == without_tokens(other.content)
        and headers[0] == headers[1]
    )


KEY = re.compile(r"/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def nowhere(address: str) -> str:
    """The same address with a key that nobody has."""
    return KEY.sub(f"/{uuid.uuid4()}", address, count=1)


@pytest.fixture
def foreign(stranger: User, story: Story) -> dict[str, str]:
    places = addresses(Story(stranger, story.on))
    return {route: address for route, address in places.items() if KEY.search(address.split("?")[0])}


@pytest.fixture
def owners(signed_in: Any, someone: Any) -> Client:
    """The browser of an owner, who may do all that anybody may."""
    made: Client = signed_in(someone("owner"))
    return made


def test_a_foreign_record_answers_as_one_that_does_not_exist(foreign: dict[str, str], owners: Client) -> None:
    assert set(foreign) == {one.name for one in urlpatterns if "<uuid:" in str(one.pattern)}
    before = everything()
    for route, address in foreign.items():
        for method in ("GET", "POST"):
            if not POLICY[route].get(method):
                continue
            sent = owners.generic(method, address)
            assert sent.status_code == 404, (route, method)
            assert answers_alike(sent, owners.generic(method, nowhere(address))), (route, method)
    assert everything() == before


OF_THE_CLINIC = ("account", "register", "book_rules", "payer_rule", "questionnaires")
"""What is written there is the clinic's own; no key of a record is in the address."""


@pytest.mark.parametrize("route", [route for route in WORK if route not in OF_THE_CLINIC])
def test_a_foreign_record_takes_no_write_that_its_own_clinic_could_make(
    route: str, stranger: User, story: Story, owners: Client
) -> None:
    address, sent = WORK[route](Story(stranger, story.on))
    before = everything()
    response = owners.post(address, sent)
    assert response.status_code == 404
    assert answers_alike(response, owners.post(nowhere(address), sent))
    assert everything() == before


def test_a_clearance_key_tells_nothing_of_another_clinic(stranger: User, story: Story, tablet: Client) -> None:
    theirs = Story(stranger, story.on).course()
    known = tablet.get(f"/courses/{theirs.pk}/clearance?finding=anticoagulants")
    unknown = tablet.get(f"/courses/{theirs.pk}/clearance?finding=no_such_finding")
    assert known.status_code == 404
    assert answers_alike(known, unknown)


@pytest.mark.parametrize("finding", ["", "no_such_finding", "red_flag_cancer", "%00", "central_sensitisation"])
def test_a_finding_to_which_no_physician_can_agree_has_no_page(finding: str, story: Story, tablet: Client) -> None:
    course = story.course()
    story.screened(course, yes=["central_sensitisation"])
    sent = {"physician": "Dr Adler", "agreed_on": "2026-11-19", "until": "2027-01-31"}
    before = everything()
    address = f"/courses/{course.pk}/clearance?finding={finding}"
    assert tablet.get(address).status_code == 404
    assert tablet.post(address, sent).status_code == 404
    assert everything() == before


def test_lists_and_search_show_nobody_of_another_clinic(stranger: User, story: Story, tablet: Client) -> None:
    theirs = Story(stranger, story.on)
    theirs.with_visits(1, patient=theirs.patient("Zdenka Cizí"))
    for address in ("/today", "/patients", "/patients?q=zdenka", "/learn"):
        assert "Zdenka" not in tablet.get(address).content.decode(), address


def test_a_name_twin_in_another_clinic_is_not_told(stranger: User, story: Story, tablet: Client) -> None:
    Story(stranger, story.on).patient("Zdenka Twin")
    response = tablet.post("/patients/new", {"name": "Zdenka Twin", "sex": ""})
    assert response.status_code == 422
    assert "already registered" not in response.content.decode()
    story.patient("Zdenka Twin")
    assert "already registered" in tablet.post("/patients/new", {"name": "zdenka  TWIN"}).content.decode()


def test_two_people_of_one_clinic_see_the_same_record(story: Story, someone: Any, signed_in: Any) -> None:
    course = story.course()
    assert signed_in(someone("clinician")).get(f"/courses/{course.pk}").status_code == 200
