"""Where a value and a day lie, and which of them get a tick."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from strigil.drawing.words import ENGLISH, Words

_NICE = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


def nice_step(span: Decimal, count: int) -> Decimal:
    """The smallest of 1, 2, 5 times a power of ten (and 25, 250 …) that cuts ``span`` into at most ``count`` parts."""
    if span <= 0:
        raise ValueError(f"A scale needs its high end above its low end; given a span of {span}")
    rough = span / max(count, 1)
    power = Decimal(1).scaleb(rough.adjusted())
    for nice in _NICE:
        step = nice * power
        if step >= rough and not (nice == _NICE[2] and step < 10):
            break
    return step


def value_ticks(low: Decimal, high: Decimal, count: int) -> tuple[Decimal, ...]:
    """Both ends, and between them round numbers that keep at least the ``count``-th part of the axis apart."""
    step, apart = nice_step(high - low, count), (high - low) / max(count, 1)
    first = int((low / step).to_integral_value(ROUND_CEILING))
    last = int((high / step).to_integral_value(ROUND_FLOOR))
    between = [step * n for n in range(first, last + 1)]
    return low, *[tick for tick in between if tick - low >= apart and high - tick >= apart], high


def zoomed(low: Decimal, high: Decimal, values: Sequence[Decimal], count: int = 5) -> tuple[Decimal, Decimal]:
    """A part of the range that shows the values with air: at least a quarter, and to round numbers."""
    if not values:
        return low, high
    near, far = min(values), max(values)
    lack = max((high - low) / 4 - (far - near), (far - near) / 4, Decimal(0)) / 2
    near, far = near - lack, far + lack
    step = nice_step(far - near, count)
    for _ in range(3):
        start = (near / step).to_integral_value(ROUND_FLOOR) * step
        stop = (far / step).to_integral_value(ROUND_CEILING) * step
        step = max(step, nice_step(stop - start, count))
    return max(start, low), min(stop, high)


@dataclass(frozen=True, slots=True)
class Linear:
    """A straight line from data to the page."""

    start: float
    stop: float
    at_start: float
    at_stop: float

    def __call__(self, value: float | Decimal) -> float:
        share = (float(value) - self.start) / (self.stop - self.start)
        return self.at_start + share * (self.at_stop - self.at_start)


@dataclass(frozen=True, slots=True)
class DateTick:
    on: date
    label: str


def date_ticks(
    first: date, last: date, room: float, width_of: Callable[[str], float], gap: float = 14, words: Words = ENGLISH
) -> tuple[DateTick, ...]:
    """The finest sensible dates whose labels fit in ``room``: days or weeks from the first day, else calendar months.

    The year is written where it changes; the year of the first tick stands beside the axis, so it is not repeated.
    """
    span = last.toordinal() - first.toordinal()
    day = width_of(words.day(date(2000, 9, 28))) + gap
    for step in (1, 2, 7, 14):
        if (span // step) * day <= room and span // step <= 12:
            days = [date.fromordinal(first.toordinal() + n) for n in range(0, span + 1, step)]
            return _named(days, words.day, first.year)
    months = (last.year - first.year) * 12 + last.month - first.month
    month = width_of(words.month(date(2000, 5, 1))) + gap
    for step in (1, 2, 3, 6):
        if (months / step) * month <= room and months / step <= 12:
            return _named(_firsts(first, last, step), words.month, first.year)
    years = last.year - first.year
    step = 12 * int(nice_step(Decimal(max(years, 1)), max(1, min(12, int(room / (width_of("2000") + gap))))))
    return tuple(DateTick(on, str(on.year)) for on in _firsts(first, last, max(step, 12)))


def _firsts(first: date, last: date, step: int) -> list[date]:
    """First days of months on a round count of ``step`` months, from the first that is not before ``first``."""
    start = first.year * 12 + first.month - 1 + (first.day > 1)
    start += -start % step
    stop = last.year * 12 + last.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(start, stop + 1, step) if n // 12 <= date.max.year]


def _named(days: Sequence[date], name: Callable[[date], str], year: int) -> tuple[DateTick, ...]:
    ticks: list[DateTick] = []
    for on in days:
        ticks.append(DateTick(on, name(on) if on.year == year else f"{name(on)} {on.year}"))
        year = on.year
    return tuple(ticks)


def later(on: date, days: int) -> date:
    """So many days later, or the last day there is."""
    return on + timedelta(days=min(days, date.max.toordinal() - on.toordinal()))
