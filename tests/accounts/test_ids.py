"""Ids sort by when they were made: rows of one form keep the order in which they stood on the page."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

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


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(seconds=1), timedelta(days=3650)])
def test_an_id_follows_one_that_another_process_made(ahead: timedelta) -> None:
    with time_machine.travel(NOON + timedelta(days=7300) + ahead, tick=False):
        milliseconds = int(time.time() * 1000)
    other = UUID(int=milliseconds << 80 | 0x7 << 76 | 0xFFF << 64 | 0x2 << 62 | (1 << 62) - 1)
    made = uuid7(after=other)
    assert made > other
    assert made.version == 7
    assert uuid7() < made, "and only that one: what it followed may have come from anywhere"


@pytest.mark.parametrize("other", [UUID(int=0), UUID(int=(1 << 128) - 1), UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")])
def test_an_id_that_is_of_another_kind_is_survived(other: UUID) -> None:
    assert uuid7(after=other).version == 7
