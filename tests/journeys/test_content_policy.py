"""No page asks for anything that the content policy would block: the policy needs no exception, and no nonce."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from playwright.sync_api import Browser

from strigil.accounts.headers import CONTENT_SECURITY_POLICY
from tests.clinic.cast import Story
from tests.clinic.work import addresses
from tests.journeys.glass import BETWEEN, Glass

pytestmark = pytest.mark.same_on_both


@pytest.fixture
def strict(browser: Browser, signed_in: Any, someone: Any) -> Iterator[Glass]:
    made = Glass(browser, signed_in(someone("owner")), strict=True)  # who sees every page
    yield made
    made.close()


def test_no_page_meets_the_content_policy(strict: Glass, story: Story) -> None:
    for route, address in addresses(story).items():
        response = strict.client.get(address)
        assert (response.status_code == 403) == (route in BETWEEN), route
        strict.look(response, route)
    assert not strict.faults, "\n".join(strict.faults)
    assert strict.looks > 40


@pytest.mark.parametrize(
    "markup",
    [
        "<script>1</script>",
        "<p style='color: red'>x</p>",
        "<img src=x onerror=alert(1)>",
        "<script src=//evil.example/x.js></script>",
    ],
)
def test_what_the_policy_blocks_is_found(markup: str, strict: Glass) -> None:
    made = HttpResponse(f"<!doctype html><title>x</title>{markup}")
    made.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    strict.look(made, "planted")
    assert any("Content Security Policy" in one or "holds" in one for one in strict.faults)
