"""Which times can be booked: pure, from the rules, what is taken and the clinic's time zone.

Times of day are the clinic's, instants are UTC. On the nights on which clocks change, a time that does not exist or
comes twice is no time to book.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from strigil.pathway.treat import spoken


class NoSuchTime(ValueError):
    """The clocks change; the sentence says how and what to do. ``twice``: the two instants at which it is that time."""

    def __init__(self, how: str, do: str, twice: tuple[datetime, ...] = ()) -> None:
        super().__init__(f"{how} {do}")
        self.how, self.twice = how, twice


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of each such weekday, cut into slots."""

    clinician: UUID
    weekday: int
    begins: time
    until: time
    minutes: int


@dataclass(frozen=True, slots=True)
class Closed:
    first: date
    last: date
    clinician: UUID | None = None


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    starts: datetime
    ends: datetime
    clinician: UUID


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The one instant, in UTC, at which it is that time in the zone.

    Raises:
        NoSuchTime: when it never is, or is twice.
    """
    first, second = (datetime.combine(day, at, zone).replace(fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    there = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    twice = there == first.replace(tzinfo=None)
    how = "back, so it comes twice" if twice else "forward, so it does not exist"
    both = (first.astimezone(UTC), second.astimezone(UTC)) if twice else ()
    raise NoSuchTime(f"{at:%H:%M} on {spoken(day)}: the clocks go {how}.", "Choose another time.", both)


def free(
    days: Iterable[date],
    stretches: Iterable[Stretch],
    closed: Iterable[Closed],
    taken: Iterable[Slot],
    zone: ZoneInfo,
) -> list[Slot]:
    """The slots of some days that nobody has, in order."""
    stretches, closed = list(stretches), list(closed)
    full: dict[UUID, list[Slot]] = {}
    for one in taken:
        full.setdefault(one.clinician, []).append(one)
    return sorted(
        slot
        for day in days
        for stretch in stretches
        if stretch.weekday == day.weekday() and not any(_shut(one, stretch.clinician, day) for one in closed)
        for slot in _cut(stretch, day, zone)
        if not any(one.starts < slot.ends and one.ends > slot.starts for one in full.get(stretch.clinician, ()))
    )


def _shut(one: Closed, clinician: UUID, day: date) -> bool:
    return one.clinician in (None, clinician) and one.first <= day <= one.last


def _cut(stretch: Stretch, day: date, zone: ZoneInfo) -> Iterator[Slot]:
    length = timedelta(minutes=stretch.minutes)
    at, until = datetime.combine(day, stretch.begins), datetime.combine(day, stretch.until)
    while at + length <= until:
        try:
            starts = instant(day, at.time(), zone)
        except NoSuchTime:
            pass
        else:
            ends = starts + length
            if ends.astimezone(zone).replace(tzinfo=None) <= until:
                yield Slot(starts, ends, stretch.clinician)
        at += length


# --- A slot as a word ---

STAMP = "%Y%m%dT%H%MZ"


def word_of(slot: Slot) -> str:
    """A slot as a form or an address carries it."""
    minutes = int((slot.ends - slot.starts).total_seconds() // 60)
    return f"{slot.starts.astimezone(UTC):{STAMP}}.{minutes}.{slot.clinician.hex}"


def slot_of(word: str) -> Slot | None:
    """The slot that a word says; None for any other word."""
    try:
        stamp, minutes, clinician = word.split(".")
        if not (len(stamp) == 14 and len(minutes) <= 3):
            return None
        starts = datetime.strptime(stamp, STAMP).replace(tzinfo=UTC)
        return Slot(starts, starts + timedelta(minutes=int(minutes)), UUID(clinician))
    except (ValueError, OverflowError):
        return None
