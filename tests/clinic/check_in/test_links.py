"""The link of a check-in works once, and whatever opens nothing gets the same bytes."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
import time_machine
import zxingcpp
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from strigil.clinic import check_ins
from strigil.clinic.actions import check_in as actions
from strigil.clinic.models import CheckIn, LinkMiss, Visit
from tests.clinic.cast import Story, everything
from tests.clinic.check_in.hands import NOTHING, address, sent, shown
from tests.clinic.page import Page
from tests.oracle import ORACLE


def early(story: Story, visit: Visit) -> str:
    return address(story.check_in(visit, hours_ago=19.99))


def expired(story: Story, visit: Visit) -> str:
    return address(story.check_in(visit, hours_ago=30))


def used(story: Story, visit: Visit) -> str:
    return address(story.answered(visit, soreness=2))


def altered(story: Story, visit: Visit) -> str:
    good = address(story.check_in(visit))
    return good[:-1] + ("A" if good[-1] != "A" else "E")


def longer(story: Story, visit: Visit) -> str:
    return address(story.check_in(visit)) + "A"


def shorter(story: Story, visit: Visit) -> str:
    return address(story.check_in(visit))[:-1]


def of_another_kind(story: Story, visit: Visit) -> str:
    """The hash that the database keeps, and the number that the link is made of, are no links."""
    return f"/check-in/{story.check_in(visit).link_hash}"


def its_nonce(story: Story, visit: Visit) -> str:
    return f"/check-in/{story.check_in(visit).nonce}"


def its_key(story: Story, visit: Visit) -> str:
    return f"/check-in/{story.check_in(visit).pk}"


ODD = [
    "x",
    "A" * 5000,
    "../../today",
    "a/b/c",
    "%00",
    "%ff%fe",
    "é",
    "'; DROP TABLE",
    "<script>",
    "%2e%2e",
    " ",
    ".",
]
BAD = [early, expired, used, altered, longer, shorter, of_another_kind, its_nonce, its_key]


@pytest.mark.parametrize("made", BAD)
@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_every_link_that_opens_nothing_gets_the_same_bytes(
    made: Any, method: str, story: Story, visit: Visit, phone: Client, closed_page: Any
) -> None:
    link = made(story, visit)
    given: dict[str, Any] = {"soreness": "3"}
    if method == "post":
        given["form"] = check_ins.form_token(link.removeprefix("/check-in/"))
    before = everything()
    status, headers, body = shown(getattr(phone, method)(link, given if method == "post" else None))
    if method == "head":
        assert (status, headers, body) == shown(phone.head("/check-in/" + "A" * 43))
    else:
        assert (status, headers, body) == closed_page
    assert changed(before) == {"LinkMiss"}


def changed(before: dict[str, list[dict[str, Any]]]) -> set[str]:
    after = everything()
    return {name for name in after if after[name] != before[name]}


@pytest.mark.parametrize("odd", ODD)
def test_a_guessed_or_odd_link_gets_the_same_bytes(odd: str, phone: Client, closed_page: Any) -> None:
    assert shown(phone.get(f"/check-in/{odd}")) == closed_page
    assert shown(phone.post(f"/check-in/{odd}", {"form": odd})) == closed_page


def test_a_good_link_with_a_form_that_no_page_of_ours_made_gets_the_same_bytes(
    story: Story, visit: Visit, phone: Client, closed_page: Any
) -> None:
    found = story.check_in(visit)
    for form in ("", "x", "0" * 64, check_ins.form_token("another"), "é"):
        assert shown(phone.post(address(found), NOTHING | {"form": form})) == closed_page
    assert shown(phone.post(address(found), NOTHING)) == closed_page
    assert sent(phone, found, **NOTHING).status_code == 200, "the link was not used up by them"


def test_a_link_of_a_deleted_key_or_a_closed_course_is_no_other_page(
    story: Story, visit: Visit, phone: Client, closed_page: Any
) -> None:
    good = address(story.check_in(visit))
    CheckIn.objects.all().delete()
    assert shown(phone.get(good)) == closed_page


@pytest.mark.parametrize("made", [early, expired, used, altered])
def test_every_link_asks_the_database_the_same(made: Any, story: Story, visit: Visit, phone: Client) -> None:
    link = made(story, visit)
    guessed = shapes(phone, "/check-in/" + "A" * 43)
    assert len(guessed) == 4
    assert shapes(phone, link) == guessed


def shapes(phone: Client, link: str) -> list[str]:
    """What a page asks the database, without the values; what the oracle asks beside it is not the page's."""
    with CaptureQueriesContext(connection) as queries:
        phone.get(link)
    asked = [one["sql"] for one in queries if not one["sql"].endswith(ORACLE)]
    return [re.sub(r"'[^']*'|\d+", "…", one) for one in asked]


def test_other_ways_to_use_the_address_are_refused_alike(story: Story, visit: Visit, phone: Client) -> None:
    good = address(story.check_in(visit))
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
        assert shown(phone.generic(method, good)) == shown(phone.generic(method, "/check-in/x"))


# --- Not too many -----------------------------------------------------------------------------------------------


def test_somebody_who_tries_many_links_waits_and_the_neighbours_do_not(
    story: Story, visit: Visit, phone: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_ins, "MISSES_AN_HOUR", 5)
    found = story.check_in(visit)
    for number in range(5):
        assert phone.get(f"/check-in/{number}").status_code == 404
    refused = phone.get("/check-in/6")
    assert refused.status_code == 429
    assert shown(phone.get(address(found))) == shown(refused), "which link was good is not told either"
    assert Client(REMOTE_ADDR="192.0.2.7").get(address(found)).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert phone.get(address(found)).status_code == 200
        phone.get("/check-in/7")
        assert LinkMiss.objects.count() == 1, "what no longer counts is not kept"


def test_a_household_with_a_good_link_each_is_never_told_to_wait(story: Story, phone: Client) -> None:
    for _ in range(8):
        found = story.check_in(story.signed(story.ready()))
        for _ in range(10):
            assert phone.get(address(found)).status_code == 200
        assert sent(phone, found, **NOTHING).status_code == 200
    assert LinkMiss.objects.count() == 0


def test_a_clinic_that_gets_too_many_answers_takes_no_more_and_uses_up_no_link(
    story: Story, visit: Visit, phone: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = story.check_in(visit)
    monkeypatch.setattr(actions, "ANSWERS_AN_HOUR", 0)
    back = sent(phone, found, **NOTHING)
    assert back.status_code == 422
    assert "call the clinic" in Page(back).text
    monkeypatch.setattr(actions, "ANSWERS_AN_HOUR", 1)
    assert sent(phone, found, **NOTHING).status_code == 200


def test_no_network_address_and_no_link_is_kept(story: Story, visit: Visit, phone: Client) -> None:
    found = story.check_in(visit)
    phone.get("/check-in/guessed-link")
    kept = str(everything())
    assert "127.0.0.1" not in kept
    assert "guessed-link" not in kept
    assert check_ins.token(found) not in kept


# --- The link ---------------------------------------------------------------------------------------------------


def test_links_are_long_unlike_each_other_and_hang_on_the_servers_key(story: Story, visit: Visit) -> None:
    found = story.check_in(visit)
    made = {check_ins.token_of(f"{number:x}") for number in range(1000)}
    assert len(made) == 1000
    assert {len(one) for one in made} == {43}
    with override_settings(SECRET_KEY="another key that nobody has"):
        assert check_ins.token(found) == ""
        assert check_ins.link(found) == ""


def test_the_code_on_the_signed_visit_reads_as_the_link_beside_it(visit: Visit, tablet: Client) -> None:
    page = tablet.get(f"/visits/{visit.pk}").content.decode()
    link = re.search(r'class="check-in-code__link address">([^<]+)<', page)
    assert link
    assert link[1] == "http://testserver" + address(CheckIn.objects.get(visit=visit))
    drawn = re.search(r'<svg[^>]*class="qr".*?</svg>', page, re.S)
    assert drawn
    assert read_code(drawn[0]) == link[1]


def read_code(svg: str) -> str:
    """What a phone reads: the squares of the path, painted and given to another program's reader."""
    size = int(re.search(r'viewBox="0 0 (\d+)', svg)[1])  # type: ignore[index]
    image = np.full((size, size), 255, dtype=np.uint8)
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", svg):
        image[int(y), int(x) : int(x) + int(length)] = 0
    found = zxingcpp.read_barcodes(np.kron(image, np.ones((4, 4), dtype=np.uint8)))
    return str(found[0].text)


def test_the_clinics_own_address_stands_in_the_link_whatever_the_page_was_asked_as(
    visit: Visit, tablet: Client
) -> None:
    with override_settings(ADDRESS="https://strigil.clinic.example"):
        page = tablet.get(f"/visits/{visit.pk}", headers={"host": "127.0.0.1"}).content.decode()
    assert "https://strigil.clinic.example" + address(CheckIn.objects.get(visit=visit)) in page
    assert "127.0.0.1/check-in" not in page
