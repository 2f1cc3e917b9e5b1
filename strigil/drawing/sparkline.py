"""A figure of 120 × 32 for a row of a list: the course of the readings and the last number."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from strigil.drawing import signs
from strigil.drawing.labels import text_width
from strigil.drawing.palette import FONTS, GOAL, LINES, MUTED
from strigil.drawing.readings import Band, Goal, Point
from strigil.drawing.scales import Linear
from strigil.drawing.svg import Markup, checked_id, element, points
from strigil.drawing.words import ENGLISH, Words, with_unit, written

WIDTH, HEIGHT, TEXT = 120.0, 32.0, 13.0


def sparkline(
    readings: Sequence[Point],
    *,
    id: str,
    title: str,
    low: Decimal,
    high: Decimal,
    unit: str = "",
    band: Band | None = None,
    goal: Goal | None = None,
    words: Words = ENGLISH,
) -> str:
    """Readings over days between ``low`` and ``high``, the last one marked and written; first and last in words."""
    checked_id(id)
    ordered = sorted(readings, key=lambda point: point.on.toordinal())
    inside = _course(ordered, low, high, band, goal) if ordered else _nothing(words)
    return element(
        "svg",
        element("title", title, id=f"{id}-title"),
        element("desc", _said(ordered, unit, words), id=f"{id}-desc"),
        *inside,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDTH:.0f} {HEIGHT:.0f}",
        width=WIDTH,
        height=HEIGHT,
        class_="chart chart-sparkline",
        id=id,
        role="img",
        aria_labelledby=f"{id}-title {id}-desc",
        font_family=FONTS,
    )


def _said(ordered: Sequence[Point], unit: str, words: Words) -> str:
    """First and last reading in words."""
    ends = [ordered[0], ordered[-1]] if len(ordered) > 1 else ordered
    said = [
        f"{with_unit(point.value, unit)}, {words.full_date(point.on)}"
        f", {words.estimated if point.estimated else words.measured}"
        for point in ends
    ]
    return f" {words.to} ".join(said) or words.no_reading


def _nothing(words: Words) -> list[Markup]:
    return [element("text", words.no_reading, class_="chart-muted", x=2, y=20, font_size=TEXT, fill=MUTED)]


def _course(
    ordered: Sequence[Point], low: Decimal, high: Decimal, band: Band | None, goal: Goal | None
) -> list[Markup]:
    last = ordered[-1]
    low, high = min([low, *(point.value for point in ordered)]), max([high, *(point.value for point in ordered)])
    if low == high:
        high += 1
    text = written(last.value)
    end = max(WIDTH - 14 - text_width(text, TEXT, True), 24)
    start = ordered[0].on.toordinal()
    x = Linear(start, max(last.on.toordinal(), start + 1), 4, end)
    y = Linear(float(low), float(high), HEIGHT - 5, 5)
    pieces = []
    if band and low <= band.high and band.low <= high:
        top, bottom = y(min(band.high, high)), y(max(band.low, low))
        pieces.append(signs.band_area(0, end + 6, top, bottom))
    if goal and low <= goal.value <= high:
        level = y(goal.value)
        pieces.append(
            element(
                "line", class_="chart-goal", x1=0, x2=end + 6, y1=level, y2=level, stroke=GOAL, stroke_dasharray="4 2"
            )
        )
    places = [(x(point.on.toordinal()), y(point.value)) for point in ordered]
    if len(places) > 1:
        line = points(places)
        pieces.append(
            element(
                "polyline",
                class_="chart-line chart-series-1",
                points=line,
                fill="none",
                stroke=LINES[0],
                stroke_width=1.75,
                stroke_linejoin="round",
            )
        )
    pieces.append(signs.readings(0, last.estimated, 3.5, places[-1:]))
    pieces.append(
        element(
            "text",
            text,
            class_="chart-text chart-value",
            x=WIDTH - 1,
            y=HEIGHT / 2 + TEXT * 0.36,
            font_size=TEXT,
            font_weight="600",
            text_anchor="end",
            fill="currentColor",
        )
    )
    return pieces
