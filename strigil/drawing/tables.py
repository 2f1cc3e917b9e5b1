"""A chart as a table: the same readings in the same order, in words, for whoever reads rather than looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from strigil.drawing.readings import Point, ResponseChart, Series, Visit, goal_words
from strigil.drawing.words import ENGLISH, Words, with_unit, written

Row = tuple[str, ...]


def rows_of(chart: ResponseChart, words: Words = ENGLISH) -> tuple[Row, tuple[Row, ...]]:
    """The header and one row for each reading, by day, and for each visit without one. No cell is empty.

    The column that tells readings apart is there only where they have names.
    """
    named = len(chart.series) > 1 or any(point.label for series in chart.series for point in series.points)
    visits: dict[int, list[Visit]] = {}
    for visit in sorted(chart.visits, key=lambda visit: visit.number):
        visits.setdefault(visit.on.toordinal(), []).append(visit)
    readings: dict[int, list[Row]] = {}
    for series, points in zip(chart.series, chart.ordered(), strict=True):
        for point in points:
            readings.setdefault(point.on.toordinal(), []).append(_cells(series, point, chart.unit, words)[not named :])
    nothing = (words.without_reading,) * (3 if named else 2)
    rows = []
    for day in sorted(readings.keys() | visits.keys()):
        of_day = visits.get(day, [])
        after = (*((_times(of_day, words),) if chart.has_doses else ()), _reactions(of_day, words))
        for cells in readings.get(day, [nothing]):
            rows.append((words.full_date(date.fromordinal(day)), _visits(of_day, words), *cells, *after))
    header = (
        *(words.date, words.visit, *((words.reading,) if named else ()), words.value, words.how),
        *(*((words.treated_for,) if chart.has_doses else ()), words.reaction),
    )
    return header, tuple(rows)


def notes_of(chart: ResponseChart, words: Words = ENGLISH) -> tuple[str, ...]:
    """What the chart shows besides readings and visits: the band and the goal, with their values."""
    notes = []
    if chart.band:
        upper = with_unit(chart.band.high, chart.unit)
        notes.append(f"{chart.band.label}: {written(chart.band.low)} {words.to} {upper}")
    if chart.goal:
        name, value = goal_words(chart.goal, chart.unit, words), with_unit(chart.goal.value, chart.unit)
        notes.append(name if value in name else f"{name}: {value}")
    return tuple(notes)


def _cells(series: Series, point: Point, unit: str, words: Words) -> Row:
    names = [name for name in dict.fromkeys((series.label, point.label)) if name]
    how = words.estimated if point.estimated else words.measured
    return ", ".join(names) or words.reading.lower(), with_unit(point.value, unit), how


def _visits(visits: Sequence[Visit], words: Words) -> str:
    return _each(visits, words, lambda v: f"{v.number}, {words.treated if v.treated else words.not_treated}")


def _times(visits: Sequence[Visit], words: Words) -> str:
    def say(visit: Visit) -> str:
        if not visit.treated:
            return words.not_treated
        return words.no_time if visit.seconds is None else f"{visit.seconds} s"

    return _each(visits, words, say)


def _reactions(visits: Sequence[Visit], words: Words) -> str:
    if len(visits) < 2:
        return _each(visits, words, lambda visit: words.reaction_word(visit.reaction))
    return _each(visits, words, lambda visit: f"{visit.number}: {words.reaction_word(visit.reaction)}")


def _each(visits: Sequence[Visit], words: Words, say: Callable[[Visit], str]) -> str:
    return "; ".join([say(visit) for visit in visits]) or words.no_visit
