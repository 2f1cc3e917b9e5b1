"""What a page of a patient brings over the wire to a phone that has never been here, styles and fonts included."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pytest
from django.test import Client

from strigil.knowledge import load
from strigil.pathway.screen import questions
from tests.clinic.cast import Story
from tests.clinic.work import addresses

MOST = 100_000
LATIN_NAMES = "/static/strigil/fonts/strigil-names.woff2"
"""Fetched where a name has a letter such as ń; the style decides, so no page says so."""


class Got(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes


OF_A_PATIENT = (
    "patient",
    "course",
    "evaluate",
    "screen",
    "plan",
    "visit",
    "measure",
    "respond",
    "open_course",
    "course_sites",
)


@pytest.mark.parametrize("route", OF_A_PATIENT)
def test_the_first_page_of_a_patient_on_a_phone_is_under_a_hundred_kilobytes(
    route: str, story: Story, tablet: Client
) -> None:
    course = story.days(-1).with_visits(10)
    story.screened(course, yes=["easy_bruising"], unasked=[name for name, _ in questions(load(), "female")][:40])
    story.draft(course)
    address = addresses(story)[route]
    page = fetched(tablet, address)
    parts = [page, *(fetched(tablet, one) for one in asked_for(page)), fetched(tablet, LATIN_NAMES)]
    assert len(parts) > 8
    assert {part.status for part in parts} == {200}
    assert sum(len(part.body) for part in parts) < MOST


@pytest.mark.django_db
def test_pages_styles_and_scripts_are_compressed_and_fonts_are_left_alone() -> None:
    client = Client()
    for address in ("/about", "/static/strigil/css/base.css", "/static/strigil/js/errors.js"):
        small = fetched(client, address)
        assert small.headers["Content-Encoding"] == "gzip", address
        assert len(gzip.decompress(small.body)) > len(small.body)
        assert "Accept-Encoding" in small.headers["Vary"], address
    assert "Content-Encoding" not in fetched(client, LATIN_NAMES).headers


def fetched(client: Client, address: str) -> Got:
    response: Any = client.get(address, headers={"accept-encoding": "gzip"})
    found = Got(response.status_code, response.headers, response.getvalue())
    response.close()
    return found


def asked_for(page: Got) -> Iterator[str]:
    """Styles, scripts and the font that the page names."""
    html = gzip.decompress(page.body).decode()
    return (one for one in re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js|woff2))"', html))
