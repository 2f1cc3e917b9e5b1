"""Forecast: where one patient's own readings of one measure would be on a later day, if their line goes on.

Least squares over the days, and the interval for a single new reading:
``value ± t * s * sqrt(1 + 1/n + (x - mean x)² / Sxx)`` with n - 2 degrees of freedom (Draper and Smith, Applied
Regression Analysis, 3rd edition, section 3.2). It never comes without its interval, and it says nothing of causes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt

from strigil.knowledge.load import Knowledge
from strigil.knowledge.shapes import Measure
from strigil.pathway.facts import Reading
from strigil.pathway.measure.judge import alike, is_rating
from strigil.pathway.measure.student import quantile

LEVEL = 0.95
FEWEST = 3


@dataclass(frozen=True, slots=True)
class Forecast:
    """A value with the interval that a new reading falls into 95 times of 100, if the line goes on.

    ``cut``: the scale ends inside the interval, which stops there.
    """

    on: date
    value: float
    low: float
    high: float
    days: int
    cut: bool


@dataclass(frozen=True, slots=True)
class NoForecast:
    why: str


def forecast(group: Sequence[Reading], on: date, knowledge: Knowledge) -> Forecast | NoForecast:
    """Where one series would be on a day after its last; of several readings on one day the last given counts.

    Raises:
        ValueError: if the readings are not alike.
    """
    if len({alike(one) for one in group}) > 1:
        raise ValueError("a forecast is made from readings that are alike")
    by_day = {one.on: float(one.value) for one in sorted(group, key=lambda one: one.on)}
    days = list(by_day)
    if len(days) < FEWEST:
        return NoForecast(f"A forecast needs readings on {FEWEST} days or more; there are {len(days)}.")
    if is_rating(group[0].measure, knowledge):
        return NoForecast("A rating of change is judged by itself; ratings make no line.")
    ahead, span = (on - days[-1]).days, (days[-1] - days[0]).days
    if ahead < 1:
        return NoForecast("A forecast is for a day after the last reading.")
    if ahead > span:
        return NoForecast(f"The readings span {span} days, and no forecast goes further ahead than that.")
    return _along_the_line(by_day, on, knowledge.shelf(Measure)[group[0].measure])


def _along_the_line(by_day: dict[date, float], on: date, measure: Measure) -> Forecast | NoForecast:
    start, n = next(iter(by_day)), len(by_day)
    xs, ys = [float((day - start).days) for day in by_day], list(by_day.values())
    mean_x, mean_y = sum(xs) / n, sum(ys) / n
    across = sum((x - mean_x) ** 2 for x in xs)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / across
    left = sum((y - mean_y - slope * (x - mean_x)) ** 2 for x, y in zip(xs, ys, strict=True))
    spread = sqrt(left / (n - 2))
    if spread < 1e-9 * float(measure.high - measure.low):
        return NoForecast("The readings lie exactly on a line, so they do not show how far they scatter about it.")
    x = float((on - start).days)
    value = mean_y + slope * (x - mean_x)
    half = quantile(LEVEL, n - 2) * spread * sqrt(1 + 1 / n + (x - mean_x) ** 2 / across)
    low, high = value - half, value + half
    bottom, top = float(measure.low), float(measure.high)
    if high <= bottom or low >= top:
        return NoForecast("The line runs off the scale before that day.")
    value, lowest, highest = (min(max(one, bottom), top) for one in (value, low, high))
    return Forecast(on, value, lowest, highest, n, low < bottom or high > top)
