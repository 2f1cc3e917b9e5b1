"""Ids sort by when they were made: rows of one form keep the order in which they stood on the page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from strigil.accounts.models import uuid7

NOON = datetime(2036, 11, 20, 12, tzinfo=UTC)


def test_ids_made_one_after_the_other_sort_so() -> None:
    made = [uuid7() for _ in range(2000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_an_id_is_a_version_7_of_the_standard_variant() -> None:
    assert {(one.version, one.variant) for one in (uuid7() for _ in range(50))} == {(7, "specified in RFC 4122")}


@pytest.mark.parametrize("back", [timedelta(seconds=1), timedelta(hours=1), timedelta(days=1), timedelta(days=3650)])
def test_ids_keep_their_order_when_the_clock_is_set_back(back: timedelta) -> None:
    with time_machine.travel(NOON, tick=False):
        first = [uuid7() for _ in range(50)]
    with time_machine.travel(NOON - back, tick=False):
        then = [uuid7() for _ in range(50)]
    assert first + then == sorted(first + then)


def test_an_id_tells_its_millisecond() -> None:
    at = NOON + timedelta(days=3650)
    with time_machine.travel(at, tick=False):
        assert uuid7().int >> 80 == int(at.timestamp() * 1000)
