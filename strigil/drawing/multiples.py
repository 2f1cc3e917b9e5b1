"""Small charts below each other on one time line: one for each measure or area, each with its own scale.

Words stand in the margins only, so that none lies on a mark or on another word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from strigil.drawing import signs
from strigil.drawing.labels import text_width, wrapped
from strigil.drawing.palette import AXIS, FONTS, GRID, LINES, MUTED
from strigil.drawing.readings import Goal, Point, goal_words
from strigil.drawing.scales import Linear, date_ticks, later, zoomed
from strigil.drawing.svg import Markup, checked_id, element, number, points, text_at
from strigil.drawing.words import ENGLISH, Words, with_unit, written


@dataclass(frozen=True, slots=True)
class Panel:
    """One small chart: a line of readings, or bars from nought. ``unknown`` are days whose amount is not known."""

    title: str
    unit: str
    low: Decimal
    high: Decimal
    readings: tuple[Point, ...]
    kind: Literal["line", "bars"] = "line"
    goal: Goal | None = None
    zoom: bool = False
    unknown: tuple[date, ...] = ()

    @property
    def days(self) -> list[int]:
        return [point.on.toordinal() for point in self.readings] + [day.toordinal() for day in self.unknown]

    def ordered(self) -> list[Point]:
        return sorted(self.readings, key=lambda point: point.on.toordinal())


@dataclass(frozen=True, slots=True)
class Multiples:
    id: str
    title: str
    panels: tuple[Panel, ...]
    description: str = ""

    def __post_init__(self) -> None:
        checked_id(self.id)


@dataclass(frozen=True, slots=True)
class _Layout:
    name: str
    width: float
    text: float
    title: float
    plot: float
    mark: float


_WIDE = _Layout("wide", 720, 13, 16, 46, 4)
_NARROW = _Layout("narrow", 358, 12, 15, 40, 3.5)
_PAD = 24.0


def multiples(chart: Multiples, *, narrow: bool = False, words: Words = ENGLISH) -> str:
    """The panels as one SVG element, 720 wide, or 358 for a phone; as high as they need."""
    layout = _NARROW if narrow else _WIDE
    prefix = f"{chart.id}-narrow" if narrow else chart.id
    drawn = _Drawing(chart, layout, words)
    inside = drawn.pieces()
    about = [element("desc", chart.description, id=f"{prefix}-desc")] if chart.description else []
    return element(
        "svg",
        element("title", chart.title, id=f"{prefix}-title"),
        *about,
        *inside,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {number(layout.width)} {number(drawn.y)}",
        class_=f"chart chart-multiples chart-{layout.name}",
        id=prefix,
        role="img",
        aria_labelledby=f"{prefix}-title {prefix}-desc" if about else f"{prefix}-title",
        font_family=FONTS,
    )


def multiples_rows(chart: Multiples, words: Words = ENGLISH) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The header and one row for each reading, panel by panel and by day. No cell is empty."""
    rows: list[tuple[int, int, tuple[str, ...]]] = []
    for place, panel in enumerate(chart.panels):
        for point in panel.ordered():
            how = words.estimated if point.estimated else words.measured
            cells = (panel.title, words.full_date(point.on), with_unit(point.value, panel.unit), how)
            rows.append((place, point.on.toordinal(), cells))
        for day in panel.unknown:
            cells = (panel.title, words.full_date(day), words.no_time, words.no_time)
            rows.append((place, day.toordinal(), cells))
    return (words.reading, words.date, words.value, words.how), tuple(cells for _, _, cells in sorted(rows, key=_key))


def multiples_sentence(chart: Multiples, words: Words = ENGLISH) -> str:
    """From what to what each line went, and in which days."""
    days = [day for panel in chart.panels for day in panel.days]
    if not days:
        return f"{words.no_reading}."
    first, last = date.fromordinal(min(days)), date.fromordinal(max(days))
    told = []
    for panel in chart.panels:
        ordered = panel.ordered()
        if panel.kind == "line" and ordered:
            ends = written(ordered[0].value), with_unit(ordered[-1].value, panel.unit)
            told.append(f"{panel.title}: {ends[0]} to {ends[1]}" if len(ordered) > 1 else f"{panel.title}: {ends[1]}")
    span = words.full_date(first) if first == last else f"{words.full_date(first)} to {words.full_date(last)}"
    return f"{span}. {'; '.join(told)}." if told else f"{span}."


def _key(row: tuple[int, int, tuple[str, ...]]) -> tuple[int, int]:
    return row[:2]


class _Drawing:
    def __init__(self, chart: Multiples, layout: _Layout, words: Words) -> None:
        self.chart, self.layout, self.words = chart, layout, words
        self.y = 0.0
        self.back: list[Markup] = []
        self.front: list[Markup] = []
        self.texts: dict[tuple[str, float, bool, str], list[Markup]] = {}
        size = layout.text
        ranges = [_range(panel) for panel in chart.panels]
        ends = [written(end) for pair in ranges for end in pair]
        lasts = [self._last(panel) for panel in chart.panels]
        days = [day for panel in chart.panels for day in panel.days]
        first = date.fromordinal(min(days, default=date(2000, 1, 1).toordinal()))
        last = max(date.fromordinal(max(days)), later(first, 7)) if days else later(first, 7)
        self.ranges, self.lasts, self.first, self.last = ranges, lasts, first, last
        self.left = 8 + max([text_width(text, size) for text in (*ends, str(first.year))])
        self.right = layout.width - 8 - max([text_width(text, size, True) for text in lasts], default=0)
        start, stop = first.toordinal(), last.toordinal()
        self.x = Linear(start - (start == stop), stop, self.left + _PAD, self.right - _PAD)

    def pieces(self) -> list[Markup]:
        layout = self.layout
        for line in wrapped(self.chart.title, layout.width - 8, layout.title, True, 2):
            self.y += layout.title * 1.25
            self._write(2, self.y, line, size=layout.title, class_="chart-title", bold=True)
        for panel, ends, last in zip(self.chart.panels, self.ranges, self.lasts, strict=True):
            self._panel(panel, ends, last)
        if any(panel.days for panel in self.chart.panels):
            self._dates()
        self.y += layout.text * 0.6
        return [*self.back, *self.front, *self._groups()]

    def _panel(self, panel: Panel, ends: tuple[Decimal, Decimal], last: str) -> None:
        layout = self.layout
        size = layout.text
        self.y += size * 0.7
        title = f"{panel.title}, {panel.unit}" if panel.unit else panel.title
        if panel.goal and ends[0] <= panel.goal.value <= ends[1]:
            title += f"; {goal_words(panel.goal, panel.unit, self.words)}, broken line"
        for line in wrapped(title, layout.width - 8, size, False, 2):
            self.y += size * 1.25
            self._write(2, self.y, line)
        top, bottom = self.y + size * 0.9, self.y + size * 0.9 + layout.plot
        scale = Linear(float(ends[0]), float(ends[1]), bottom, top)
        lines = "".join([f"M{number(self.left)} {number(y)}H{number(self.right)}" for y in (top, bottom)])
        self.back.append(element("path", class_="chart-grid", d=lines, fill="none", stroke=GRID))
        for value, y in zip(ends, (bottom, top), strict=True):
            self._write(self.left - 6, y + size * 0.35, written(value), anchor="end", class_="chart-muted")
        if panel.goal and ends[0] <= panel.goal.value <= ends[1]:
            self.back.append(signs.goal_line(self.left, self.right, scale(panel.goal.value)))
        places = [(self.x(point.on.toordinal()), scale(point.value)) for point in panel.ordered()]
        if panel.kind == "bars":
            self._bars(panel, places, bottom)
        else:
            self._line(panel, places)
        if not panel.days:
            middle = (self.left + self.right) / 2
            self._write(middle, (top + bottom) / 2 + size * 0.36, self.words.no_reading, anchor="middle")
        if last:
            y = min(max((places[-1][1] if panel.kind == "line" else (top + bottom) / 2) + size * 0.36, top), bottom + 4)
            self._write(self.right + 4, y, last, class_="chart-text chart-value", bold=True)
        self.y = bottom + size * 0.4

    def _line(self, panel: Panel, places: Sequence[tuple[float, float]]) -> None:
        if len(places) > 1:
            self.front.append(
                element(
                    "polyline",
                    class_="chart-line chart-series-1",
                    points=points(places),
                    fill="none",
                    stroke=LINES[0],
                    stroke_width=2,
                    stroke_linejoin="round",
                )
            )
        for estimated in (False, True):
            found = [at for at, point in zip(places, panel.ordered(), strict=True) if point.estimated is estimated]
            if found:
                self.front.append(signs.readings(0, estimated, self.layout.mark, found))

    def _bars(self, panel: Panel, places: Sequence[tuple[float, float]], bottom: float) -> None:
        if places:
            heights = [max(bottom - y, 1) for _, y in places]
            self.front.append(signs.doses(5, [(x, bottom) for x, _ in places], heights))
        if panel.unknown:
            unknown = [(self.x(day.toordinal()), bottom) for day in panel.unknown]
            self.front.append(signs.unknown_doses(5, 10, unknown))

    def _dates(self) -> None:
        size = self.layout.text
        self.y += size * 1.3
        room = self.right - self.left - 2 * _PAD
        ticks = date_ticks(self.first, self.last, room, lambda text: text_width(text, size), words=self.words)
        written_to = 0.0
        if ticks and ticks[0].label != str(self.first.year):
            self._write(self.left - 6, self.y, str(self.first.year), anchor="end", class_="chart-muted")
            written_to = self.left - 2
        marks = ""
        for tick in ticks:
            x, half = self.x(tick.on.toordinal()), text_width(tick.label, size) / 2
            marks += f"M{number(x)} {number(self.y - size * 1.25)}v4"
            x_text = min(max(x, written_to + half), self.layout.width - 2 - half)
            if x_text - half >= written_to:
                self._write(x_text, self.y, tick.label, anchor="middle", class_="chart-muted")
                written_to = x_text + half + 4
        self.back.append(element("path", class_="chart-axis", d=marks, fill="none", stroke=AXIS))

    def _last(self, panel: Panel) -> str:
        ordered = panel.ordered()
        return written(ordered[-1].value) if ordered else ""

    def _write(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 0,
        anchor: str = "start",
        class_: str = "chart-text",
        bold: bool = False,
    ) -> None:
        self.texts.setdefault((class_, size or self.layout.text, bold, anchor), []).append(text_at(x, y, text))

    def _groups(self) -> list[Markup]:
        return [
            element(
                "g",
                *texts,
                class_=class_,
                font_size=size,
                font_weight="600" if bold else None,
                text_anchor=None if anchor == "start" else anchor,
                fill=MUTED if class_ == "chart-muted" else "currentColor",
            )
            for (class_, size, bold, anchor), texts in self.texts.items()
        ]


def _range(panel: Panel) -> tuple[Decimal, Decimal]:
    """The scale of a panel: bars from nought to the longest, a motion zoomed, everything else its whole range."""
    values = [point.value for point in panel.readings]
    low, high = min([panel.low, *values]), max([panel.high, *values])
    if panel.kind == "bars":
        return Decimal(0), max([*values, Decimal(1)])
    if panel.zoom and values and not (low == 0 and high == 10):
        return zoomed(low, high, values, 4)
    return low, high
