"""Whether it lives, and whether it can work."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest
from django.db import DatabaseError, connection
from django.test import Client


def test_it_says_that_it_lives_without_asking_the_database() -> None:
    # no ``db`` fixture: any query fails this test
    response = Client(raise_request_exception=True).get("/live")
    assert response.status_code == 200
    assert response.json() == {"live": True}


@pytest.mark.django_db
def test_it_is_ready_when_the_database_answers(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert Client().get("/ready").json() == {"ready": True}


@pytest.mark.django_db
def test_it_is_not_ready_when_the_database_does_not_answer() -> None:
    with mock.patch.object(connection, "cursor", side_effect=DatabaseError("gone")):
        response = Client(raise_request_exception=True).get("/ready")
    assert response.status_code == 503
    assert response.json() == {"ready": False}


def test_a_fault_page_asks_nothing_of_a_database_that_is_gone(tablet: Client) -> None:
    tablet.raise_request_exception = False
    with mock.patch.object(connection, "cursor", side_effect=DatabaseError("gone")):
        response = tablet.get("/today")
    assert response.status_code == 500
    assert b"<strong>not saved</strong>" in response.content
