"""What is too large is refused before it is read, and says so."""

from __future__ import annotations

import pytest
from django.test import Client

from strigil.accounts.size import FORM, MOST
from tests.clinic.cast import Story, everything
from tests.clinic.page import Page
from tests.clinic.work import WORK


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=edge", "text/xml"]
)
@pytest.mark.parametrize("route", ["register", "visit", "questionnaires", "screen"])
def test_a_form_that_is_too_large_is_refused_and_says_how_much_fits(
    route: str, kind: str, story: Story, tablet: Client
) -> None:
    address, _ = WORK[route](story)
    before = everything()
    response = tablet.generic("POST", address, b"note=" + b"x" * FORM, content_type=kind)
    page = Page(response)
    assert response.status_code == 413
    assert "1.0 MB" in page.text
    assert "not saved" in page.text
    assert everything() == before


def test_a_body_of_the_allowed_size_is_read(story: Story, tablet: Client) -> None:
    response = tablet.post("/patients/new", {"name": "x" * (FORM - 5000), "sex": "female"})
    assert response.status_code == 422
    assert Page(response).says("name")


def test_a_script_is_told_in_its_own_way(story: Story, tablet: Client) -> None:
    address, _ = WORK["draft"](story)
    for said in ({"content_type": "application/json"}, {"headers": {"Strigil-Send": "draft"}}):
        response = tablet.generic("POST", address, b"x" * (MOST["draft"] + 1), **said)  # type: ignore[arg-type]
        assert response.status_code == 413
        assert "Shorten it" in response.json()["why"]


@pytest.mark.parametrize(
    ("length", "status"), [("-1", 400), ("abc", 400), ("1e3", 400), ("١", 400), ("", 422), ("9" * 5000, 413)]
)
def test_a_length_that_is_none_reads_nothing(length: str, status: int, story: Story, tablet: Client) -> None:
    before = everything()
    form = {"content_type": "application/x-www-form-urlencoded", "CONTENT_LENGTH": length}
    assert tablet.generic("POST", "/patients/new", b"name=Ada&sex=female", **form).status_code == status  # type: ignore[arg-type]
    assert everything() == before
