"""Round numbers on the value axis, calendar dates on the time axis."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strigil.drawing.labels import spread, text_width, wrapped
from strigil.drawing.scales import date_ticks, nice_step, value_ticks, zoomed
from strigil.drawing.words import with_unit, written


def width(text: str) -> float:
    return text_width(text, 13)


@pytest.mark.parametrize(
    ("low", "high", "count", "ticks"),
    [
        ("0", "10", 7, "0 2 4 6 8 10"),
        ("0", "10", 4, "0 5 10"),
        ("0", "80", 5, "0 20 40 60 80"),
        ("0", "100", 7, "0 20 40 60 80 100"),
        ("0", "100", 4, "0 25 50 75 100"),
        ("-7", "7", 7, "-7 -4 -2 0 2 4 7"),
        ("0", "1", 5, "0 0.2 0.4 0.6 0.8 1"),
        ("0", "45", 5, "0 10 20 30 45"),
    ],
)
def test_value_ticks_are_round_and_show_both_ends(low: str, high: str, count: int, ticks: str) -> None:
    assert value_ticks(Decimal(low), Decimal(high), count) == tuple(Decimal(tick) for tick in ticks.split())


finite = st.decimals(-1000, 1000, places=1)


@given(finite, st.decimals("0.1", 1000, places=1), st.integers(1, 12))
def test_value_ticks_rise_and_keep_their_distance(low: Decimal, span: Decimal, count: int) -> None:
    ticks = value_ticks(low, low + span, count)
    gaps = [b - a for a, b in pairwise(ticks)]
    assert ticks[0] == low
    assert ticks[-1] == low + span
    assert min(gaps) >= (span / count) * Decimal("0.999999")


def test_a_scale_without_extent_is_refused() -> None:
    with pytest.raises(ValueError, match="high end above"):
        nice_step(Decimal(0), 5)


@given(st.lists(st.decimals(0, 180, places=1), min_size=1, max_size=20), st.integers(2, 9))
def test_a_zoomed_axis_holds_every_value_and_at_least_nearly_a_quarter_of_the_range(
    values: list[Decimal], count: int
) -> None:
    low, high = zoomed(Decimal(0), Decimal(180), values, count)
    assert Decimal(0) <= low <= min(values)
    assert max(values) <= high <= Decimal(180)
    assert high - low >= Decimal(180) / 8


def test_six_weeks_get_a_tick_each_week_from_the_first_day() -> None:
    ticks = date_ticks(date(2026, 9, 1), date(2026, 10, 13), 600, width)
    assert [tick.label for tick in ticks] == ["1 Sep", "8 Sep", "15 Sep", "22 Sep", "29 Sep", "6 Oct", "13 Oct"]


def test_a_long_course_gets_first_days_of_months_and_the_year_where_it_changes() -> None:
    ticks = date_ticks(date(2026, 9, 10), date(2027, 4, 2), 600, width)
    assert [tick.label for tick in ticks] == ["Oct", "Nov", "Dec", "Jan 2027", "Feb", "Mar", "Apr"]
    assert all(tick.on.day == 1 for tick in ticks)


def test_decades_get_years() -> None:
    ticks = date_ticks(date(1990, 5, 1), date(2026, 1, 1), 600, width)
    assert [tick.label for tick in ticks] == ["1995", "2000", "2005", "2010", "2015", "2020", "2025"]


@given(st.dates(date(1950, 1, 1), date(2090, 1, 1)), st.integers(0, 20000), st.floats(60, 700))
def test_date_ticks_lie_inside_the_days_shown_in_order(first: date, span: int, room: float) -> None:
    last = first + timedelta(days=span)
    ticks = [tick.on for tick in date_ticks(first, last, room, width)]
    assert ticks == sorted(set(ticks))
    assert all(first <= on <= last for on in ticks)
    assert len(ticks) <= 14


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(1, 12)), min_size=1, max_size=6))
def test_spread_words_keep_their_order_and_never_overlap(wanted: list[tuple[float, float]]) -> None:
    centres = spread(wanted, 0, 100)
    assert centres is not None
    order = sorted(range(len(wanted)), key=lambda i: centres[i])
    for a, b in pairwise(order):
        assert centres[b] - centres[a] >= (wanted[a][1] + wanted[b][1]) / 2 - 1e-6
        assert wanted[a][0] <= wanted[b][0]
    assert all(wanted[i][1] / 2 - 1e-6 <= centres[i] <= 100 - wanted[i][1] / 2 + 1e-6 for i in order)


def test_words_that_do_not_fit_between_are_not_squeezed() -> None:
    assert spread([(5, 60), (5, 60)], 0, 100) is None


@given(st.text(), st.floats(40, 300))
def test_wrapped_lines_fit(text: str, room: float) -> None:
    for line in wrapped(text, room, 13):
        assert width(line) <= room + 1e-6 or len(line) == 1


def test_a_title_cut_short_says_so() -> None:
    assert wrapped("one two three four", 60, 13, most=1)[0].endswith("…")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        ("7.00", "of 10", "7 of 10"),
        ("-3", "points", "\u22123 points"),
        ("35.50", "°", "35.5°"),
        ("1E+2", "N", "100 N"),
        ("-0.0", "", "0"),
        ("10", "/10", "10/10"),
    ],
)
def test_values_are_written_as_people_write_them(value: str, unit: str, text: str) -> None:
    assert with_unit(Decimal(value), unit) == text
    assert text.startswith(written(Decimal(value)))
