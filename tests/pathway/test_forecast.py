"""A forecast along one patient's own readings: numbers against published ones, and where there is none."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from math import pi, sqrt, tan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strigil.knowledge import load
from strigil.pathway.facts import Moment, Reading
from strigil.pathway.measure import Forecast, NoForecast, forecast
from strigil.pathway.measure.student import quantile, within

SHELF = load()
START = date(2026, 11, 2)


def line(*points, measure="six_minute_walk", unit="m", **other):
    return [
        Reading(measure, Decimal(str(value)), unit, START + timedelta(day), Moment.BEFORE, **other)
        for day, value in points
    ]


def ahead(points, day, **other):
    return forecast(line(*points, **other), START + timedelta(day), SHELF)


# --- Student's t ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "df", "t"),
    [
        # closed forms: tan(level * pi / 2) for 1 degree of freedom, level * sqrt(2 / (1 - level²)) for 2
        (0.95, 1, tan(0.95 * pi / 2)),
        (0.99, 1, tan(0.99 * pi / 2)),
        (0.95, 2, 0.95 * sqrt(2 / (1 - 0.95**2))),
        (0.99, 2, 0.99 * sqrt(2 / (1 - 0.99**2))),
    ],
)
def test_quantile_equals_its_closed_form(level, df, t):
    assert quantile(level, df) == pytest.approx(t, abs=1e-9, rel=1e-12)


@pytest.mark.parametrize(
    ("level", "df", "t"),
    # NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2, upper critical values of Student's t
    [
        (0.90, 1, 6.314), (0.95, 1, 12.706), (0.95, 2, 4.303), (0.95, 3, 3.182), (0.99, 3, 5.841), (0.95, 4, 2.776),
        (0.95, 5, 2.571), (0.99, 5, 4.032), (0.95, 8, 2.306), (0.95, 10, 2.228), (0.90, 20, 1.725), (0.95, 30, 2.042),
        (0.99, 60, 2.660), (0.95, 100, 1.984),
    ],
)  # fmt: skip
def test_quantile_equals_the_published_table(level, df, t):
    assert quantile(level, df) == pytest.approx(t, abs=5.1e-4)


@given(st.floats(0.01, 0.999), st.integers(1, 400))
def test_quantile_gives_back_its_probability(level, df):
    assert within(quantile(level, df), df) == pytest.approx(level, abs=1e-12)


@pytest.mark.parametrize(("level", "df"), [(0.95, 0), (0, 3), (1, 3)])
def test_there_is_no_quantile_beyond_the_ends(level, df):
    with pytest.raises(ValueError, match="no t for"):
        quantile(level, df)


# --- The line ---------------------------------------------------------------------------------------------------

WORKED = [(0, 400), (7, 410), (14, 405), (21, 425), (28, 430)]
"""Days 0 to 28: mean day 14, mean value 414, Sxx 490, Sxy 525; slope 15/14, residuals 1, 3.5, -9, 3.5, 1, their squares
107.5, s² = 107.5 / 3. On day 35: 414 + 22.5 = 436.5; s * sqrt(1 + 1/5 + 441/490) = 8.6747 times t(3) 3.1824."""


def test_forecast_is_the_least_squares_line_with_its_interval():
    found = ahead(WORKED, 35)
    assert found.value == pytest.approx(436.5, abs=1e-9)
    half = 3.182446305284263 * sqrt(107.5 / 3 * (1 + 0.2 + 441 / 490))
    assert (found.low, found.high) == pytest.approx((436.5 - half, 436.5 + half), abs=1e-9)
    assert half == pytest.approx(27.607, abs=1e-3)
    assert (found.days, found.cut) == (5, False)


def test_further_ahead_is_less_sure():
    widths = [found.high - found.low for day in (29, 35, 42, 56) if isinstance(found := ahead(WORKED, day), Forecast)]
    assert len(widths) == 4
    assert widths == sorted(widths)


@pytest.mark.parametrize(
    ("points", "day", "why"),
    [
        ([], 7, "needs readings on 3 days or more; there are 0"),
        (WORKED[:2], 14, "needs readings on 3 days or more; there are 2"),
        ([(0, 400), (0, 410), (7, 405), (7, 411)], 14, "there are 2"),
        (WORKED, 57, "span 28 days, and no forecast goes further ahead"),
        (WORKED, 28, "a day after the last reading"),
        (WORKED, 3, "a day after the last reading"),
        ([(0, 1190), (7, 800), (14, 405), (21, 10)], 42, "runs off the scale"),
        ([(0, 400), (7, 410), (14, 420)], 21, "exactly on a line"),
        ([(0, 400), (7, 400), (14, 400)], 21, "exactly on a line"),
    ],
)
def test_no_forecast_without_an_interval_and_none_far_ahead(points, day, why):
    found = ahead(points, day)
    assert isinstance(found, NoForecast)
    assert why in found.why


def test_ratings_of_change_make_no_line():
    found = ahead([(0, 1), (7, 2), (14, 4)], 21, measure="groc", unit="{score}")
    assert isinstance(found, NoForecast)
    assert "rating of change" in found.why


def test_interval_is_cut_where_the_scale_ends_and_says_so():
    found = ahead([(0, 6), (7, 3), (14, 2)], 21, measure="nprs", unit="{score}")
    assert (found.low, found.cut) == (0, True)
    assert 0 <= found.value <= found.high <= 10


def test_line_beyond_the_scale_stays_on_it():
    found = ahead([(0, 9), (7, 5), (14, 0)], 28, measure="nprs", unit="{score}")
    assert (found.value, found.low, found.cut) == (0, 0, True)


def test_readings_that_differ_make_no_line():
    with pytest.raises(ValueError, match="alike"):
        forecast([*line((0, 4), (7, 5)), *line((14, 6), method="passive")], START + timedelta(21), SHELF)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 1200)), max_size=12), st.integers(1, 130), st.randoms())
def test_forecast_never_comes_without_its_interval_and_order_changes_nothing(points, day, shuffle):
    points = list(dict(points).items())
    found = ahead(points, day)
    if isinstance(found, Forecast):
        assert 0 <= found.low <= found.value <= found.high <= 1200
        assert found.low < found.high
    shuffle.shuffle(points)
    assert ahead(points, day) == found
