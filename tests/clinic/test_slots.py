"""Which times can be booked, on ordinary days and on the nights when the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strigil.clinic.slots import Closed, NoSuchTime, Slot, Stretch, free, instant, slot_of, word_of

LONDON, NEW_YORK, LORD_HOWE = (ZoneInfo(one) for one in ("Europe/London", "America/New_York", "Australia/Lord_Howe"))
DANA, ROY = UUID(int=1), UUID(int=2)
FRIDAY = date(2026, 11, 20)
MORNING = Stretch(DANA, 4, time(9), time(11), 30)


def clock(slots: list[Slot], zone: ZoneInfo = LONDON) -> list[str]:
    return [f"{one.starts.astimezone(zone):%H:%M}" for one in slots]


def test_a_stretch_is_cut_into_slots_and_the_rest_that_is_too_short_is_left() -> None:
    assert clock(free([FRIDAY], [MORNING], [], [], LONDON)) == ["09:00", "09:30", "10:00", "10:30"]
    assert clock(free([FRIDAY], [Stretch(DANA, 4, time(9), time(10, 20), 30)], [], [], LONDON)) == ["09:00", "09:30"]


def test_other_weekdays_and_closed_days_offer_nothing() -> None:
    assert free([FRIDAY + timedelta(days=1)], [MORNING], [], [], LONDON) == []
    assert free([FRIDAY], [MORNING], [Closed(FRIDAY, FRIDAY)], [], LONDON) == []
    assert free([FRIDAY], [MORNING], [Closed(FRIDAY - timedelta(days=3), FRIDAY, DANA)], [], LONDON) == []
    assert len(free([FRIDAY], [MORNING], [Closed(FRIDAY, FRIDAY, ROY)], [], LONDON)) == 4
    assert len(free([FRIDAY], [MORNING], [Closed(FRIDAY + timedelta(days=1), date.max)], [], LONDON)) == 4


def test_what_is_taken_takes_every_slot_it_touches_and_none_beside() -> None:
    at = datetime(2026, 11, 20, 9, 20, tzinfo=UTC)
    taken = [Slot(at, at + timedelta(minutes=40), DANA)]
    assert clock(free([FRIDAY], [MORNING], [], taken, LONDON)) == ["10:00", "10:30"]
    other = [Slot(at, at + timedelta(minutes=40), ROY)]
    assert len(free([FRIDAY], [MORNING], [], other, LONDON)) == 4


@pytest.mark.parametrize(
    ("day", "at", "zone", "how"),
    [
        (date(2026, 3, 29), time(1, 30), LONDON, "forward, so it does not exist"),
        (date(2026, 3, 8), time(2, 30), NEW_YORK, "forward, so it does not exist"),
        (date(2026, 10, 25), time(1, 30), LONDON, "back, so it comes twice"),
        (date(2026, 11, 1), time(1, 30), NEW_YORK, "back, so it comes twice"),
        (date(2026, 10, 4), time(2, 15), LORD_HOWE, "forward, so it does not exist"),
    ],
)
def test_a_time_that_the_clock_change_takes_or_gives_twice_is_refused_with_its_reason(
    day: date, at: time, zone: ZoneInfo, how: str
) -> None:
    with pytest.raises(NoSuchTime, match=how):
        instant(day, at, zone)


def test_the_same_clock_time_is_another_instant_after_the_change() -> None:
    assert instant(date(2026, 10, 24), time(9), LONDON) == datetime(2026, 10, 24, 8, tzinfo=UTC)
    assert instant(date(2026, 10, 26), time(9), LONDON) == datetime(2026, 10, 26, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "at"), [(date(2026, 3, 29), ["00:00", "00:30", "02:00", "02:30"]), (date(2026, 10, 25), None)]
)
def test_a_night_shift_offers_only_times_that_exist_once(day: date, at: list[str] | None) -> None:
    night = Stretch(DANA, 6, time(0), time(3), 30)
    found = free([day], [night], [], [], LONDON)
    assert clock(found) == (at or ["00:00", "00:30", "02:00", "02:30"])
    assert all(one.ends - one.starts == timedelta(minutes=30) for one in found)
    assert all(one.ends <= later.starts for one, later in pairwise(found))


days = st.dates(date(2020, 1, 1), date(2040, 12, 31))
zones = st.sampled_from([LONDON, NEW_YORK, LORD_HOWE, ZoneInfo("Asia/Kathmandu"), ZoneInfo("UTC")])
clocks = st.times().map(lambda one: one.replace(second=0, microsecond=0))


@given(days, clocks, zones)
def test_an_instant_is_read_back_as_the_clock_time_it_was_made_of(day: date, at: time, zone: ZoneInfo) -> None:
    try:
        found = instant(day, at, zone)
    except NoSuchTime:
        return
    there = found.astimezone(zone)
    assert (there.date(), there.time().replace(tzinfo=None)) == (day, at)


@given(days, clocks, clocks, st.integers(5, 240), zones, st.data())
def test_no_slot_runs_over_another_or_over_its_stretch(
    day: date, begins: time, until: time, minutes: int, zone: ZoneInfo, data: st.DataObject
) -> None:
    stretch = Stretch(DANA, day.weekday(), min(begins, until), max(begins, until), minutes)
    every = free([day], [stretch], [], [], zone)
    taken = [one for one in every if data.draw(st.booleans())][:5]
    left = free([day], [stretch], [], taken, zone)
    assert sorted([*left, *taken]) == every
    assert all(one.ends <= later.starts for one, later in pairwise(every))
    for one in every:
        assert stretch.begins <= one.starts.astimezone(zone).time() < stretch.until


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)), st.integers(1, 480), st.uuids())
def test_a_slot_is_read_back_from_its_word(at: datetime, minutes: int, who: UUID) -> None:
    starts = at.replace(second=0, microsecond=0, tzinfo=UTC)
    slot = Slot(starts, starts + timedelta(minutes=minutes), who)
    assert slot_of(word_of(slot)) == slot


@given(st.text(max_size=80))
def test_any_other_word_is_no_slot(word: str) -> None:
    assert slot_of(word) is None


@pytest.mark.parametrize(
    "word", ["", "..", "20261120T0900Z.30", "20261120T0900Z.30.x", "20261320T0900Z.30." + DANA.hex, "x" * 9000]
)
def test_nearly_a_slot_is_none(word: str) -> None:
    assert slot_of(word) is None
