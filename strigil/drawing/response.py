"""The response chart: readings over days, against what error could explain and the goal, with the visits beneath.

Time runs left to right in days. There is one scale, with its unit. Words stand beside what they name, and go to the key
under the chart only where there is no room. Nothing is told by colour alone, and no word lies on another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from itertools import pairwise

from strigil.drawing import signs
from strigil.drawing.keys import Entry, Placed, Sign, rows_of_key
from strigil.drawing.labels import ASCENT, Box, Room, Segment, crosses, descent, spread, text_box, text_width, wrapped
from strigil.drawing.marks import SHAPES
from strigil.drawing.palette import AXIS, BAND, FONTS, GOAL, GRID, LINES, MUTED, SURFACE
from strigil.drawing.readings import Point, Reaction, ResponseChart, Visit, goal_words
from strigil.drawing.scales import Linear, date_ticks, later, value_ticks, zoomed
from strigil.drawing.svg import Markup, element, number, points, text_at
from strigil.drawing.words import ENGLISH, Words, with_unit, written


def response_chart(chart: ResponseChart, *, narrow: bool = False, words: Words = ENGLISH) -> str:
    """The chart as one SVG element: 720 × 300, or 358 × 260 for a phone; higher only where the key needs it.

    Its ids begin with ``chart.id``; those of the narrow one with ``chart.id`` and ``-narrow``, so both fit on a page.
    """
    return _Drawing(chart, NARROW if narrow else WIDE, words).svg()


@dataclass(frozen=True, slots=True)
class _Layout:
    name: str
    width: float
    height: float
    text: float
    value: float
    title: float
    pad: float
    gutter: float
    least: float
    mark: float


KINDS: tuple[Reaction | None, ...] = ("none", "expected", "adverse", None)

# A series that ends this near to the right side is named beside the plot.
ENDS_NEAR = 40.0
# How much it hurts when words cross readings and leaders, the goal, an edge of the band, the grid. Up to FEW is borne.
STRONG, GOAL_LINE, THIN, FAINT, FEW, ANY = 40, 20, 8, 2, 12, 999

WIDE = _Layout("wide", 720, 300, 13, 14, 16, 20, 132, 120, 5.5)
NARROW = _Layout("narrow", 358, 260, 12, 13, 15, 16, 0, 112, 5)


@dataclass(frozen=True, slots=True)
class _Dot:
    """A reading on the sheet."""

    point: Point
    series: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class _Name:
    """Words that name a series, the band or the goal, and where they would like to stand."""

    text: str
    class_: str
    fill: str
    y: float
    aside: float | None
    near: tuple[tuple[float, float, str], ...]
    sign: Sign


class _Drawing:
    """One chart being laid out: backs first, then lines and marks, then words where there is room."""

    def __init__(self, chart: ResponseChart, layout: _Layout, words: Words) -> None:
        self.chart, self.layout, self.words = chart, layout, words
        self.room = Room()
        self.back: list[Markup] = []
        self.front: list[Markup] = []
        self.texts: dict[tuple[str, float, bool, str, str], list[Markup]] = {}
        self.size = layout.mark
        self.dots: list[_Dot] = []
        self.values: list[Box] = []
        self.aside: dict[int, str] = {}
        self.by_day: dict[int, list[tuple[int, float]]] = {}
        self.key = list(self._marks_key())
        self.series = chart.ordered()

    def svg(self) -> str:
        self._head()
        self._frame()
        self._grid()
        self._band()
        goal = self._goal()
        if self.days:
            self._dates()
            self._visits()
            self._readings()
        if not self.dots:
            self._nothing()
        self._today()
        values = self._ranked()
        self._write_values(dot for dot in values if dot in self.musts)
        self._names([*self._series_names(), *goal, *self._band_name()])
        self._write_values(dot for dot in values if dot not in self.musts)
        height = self._write_key()
        return self._sheet(height)

    # The sheet

    def _sheet(self, height: float) -> str:
        chart, layout = self.chart, self.layout
        prefix = chart.id if layout.name == "wide" else f"{chart.id}-{layout.name}"
        title_id, about_id = f"{prefix}-title", f"{prefix}-desc"
        about = [element("desc", chart.description, id=about_id)] if chart.description else []
        return element(
            "svg",
            element("title", chart.title, id=title_id),
            *about,
            *self.back,
            *self.front,
            *self._text_groups(),
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {number(layout.width)} {number(height)}",
            class_=f"chart chart-response chart-{layout.name}",
            id=prefix,
            role="img",
            aria_labelledby=f"{title_id} {about_id}" if about else title_id,
            font_family=FONTS,
        )

    def _write(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 0,
        anchor: str = "start",
        class_: str = "chart-text",
        fill: str = "currentColor",
        bold: bool = False,
    ) -> None:
        """Write a line of words and keep its place."""
        size = size or self.layout.text
        self.room.take(text_box(x, y, text, size, anchor, bold))
        self.texts.setdefault((class_, size, bold, fill, anchor), []).append(text_at(x, y, text))

    def _text_groups(self) -> Iterator[Markup]:
        """Words alike share one group: less to send, and nothing lies on anything."""
        for (class_, size, bold, fill, anchor), texts in self.texts.items():
            yield element(
                "g",
                *texts,
                class_=class_,
                font_size=size,
                font_weight="600" if bold else None,
                text_anchor=None if anchor == "start" else anchor,
                fill=fill,
            )

    def _muted(self, x: float, y: float, text: str, anchor: str = "start") -> None:
        self._write(x, y, text, anchor=anchor, class_="chart-muted", fill=MUTED)

    # What is fixed

    def _head(self) -> None:
        """The title, and under it the unit of the axis and which way is better."""
        chart, layout = self.chart, self.layout
        y = layout.title * 0.3
        for line in wrapped(chart.title, layout.width - 8, layout.title, True, 2):
            y += layout.title * 1.2
            self._write(2, y, line, size=layout.title, class_="chart-title", bold=True)
        better = {None: "", "lower": self.words.lower, "higher": self.words.higher}[chart.better]
        unit = "; ".join(part for part in (chart.unit_name or chart.unit, better) if part)
        for line in wrapped(unit, layout.width - 8, layout.text, False, 2):
            y += layout.text * 1.5
            self._muted(2, y, line)
        self.top = y + layout.text * 0.4 + layout.value * 1.2

    def _frame(self) -> None:
        """The plot: its four sides, the scale of values and the scale of days."""
        chart, layout = self.chart, self.layout
        self.days = sorted(
            {point.on.toordinal() for points in self.series for point in points}
            | {visit.on.toordinal() for visit in chart.visits}
            | ({chart.today.toordinal()} if chart.today else set())
        )
        below = (layout.text * 1.9 if self.days else 6) + (layout.text * 3.7 if chart.visits else 0)
        self.bottom = max(layout.height - below - self._key_height(), self.top + layout.least)
        self.key_top = self.bottom + below
        self._value_scale()
        self.left = 10 + max(text_width(text, layout.text) for text in self._left_words())
        self.right = layout.width - (self._gutter() or 8)
        first = date.fromordinal(self.days[0]) if self.days else date(2000, 1, 1)
        last = date.fromordinal(max(self.days[-1], later(first, 7).toordinal())) if self.days else later(first, 7)
        self.first, self.last = first, last
        start, stop = first.toordinal(), last.toordinal()
        if start == stop:
            start -= 1
        self.x = Linear(start, stop, self.left + layout.pad, self.right - layout.pad)

    def _value_scale(self) -> None:
        chart = self.chart
        values = chart.values
        low, high = min([chart.low, *values]), max([chart.high, *values])
        count = max(1, int((self.bottom - self.top) / (self.layout.text * 1.6)))
        if chart.zoom and not (low == 0 and high == 10):
            seen = [*values, *([chart.goal.value] if chart.goal else [])]
            seen += [chart.band.low, chart.band.high] if chart.band and values else []
            low, high = zoomed(low, high, [min(max(value, low), high) for value in seen], count)
        self.low, self.high = low, high
        self.y = Linear(float(low), float(high), self.bottom, self.top)
        self.ticks = value_ticks(low, high, count)

    def _left_words(self) -> list[str]:
        """What stands left of the plot."""
        texts = [written(tick) for tick in self.ticks]
        if self.days:
            texts.append(str(date.fromordinal(self.days[0]).year))
        if self.chart.visits:
            texts.append(self.words.visit)
            if self.layout is WIDE:
                texts.append(self.words.reaction)
        return texts

    def _gutter(self) -> float:
        """The room right of a wide plot for the words that name what ends there."""
        chart, layout = self.chart, self.layout
        texts = []
        if len(self.series) > 1:
            ends = zip(chart.series, self.series, strict=True)
            texts += [f"{series.label} {written(of[-1].value)}" for series, of in ends if of]
        texts += [chart.band.label] if chart.band else []
        texts += [goal_words(chart.goal, chart.unit, self.words)] if chart.goal else []
        if not texts or not layout.gutter:
            return 0
        lines = [line for text in texts for line in wrapped(text, layout.gutter, layout.text)]
        return 18 + max([text_width(line, layout.text) for line in lines], default=0)

    def _grid(self) -> None:
        layout = self.layout
        lines = ""
        for tick in self.ticks:
            y = self.y(tick)
            self.room.level(y, FAINT)
            lines += f"M{number(self.left)} {number(y)}H{number(self.right)}"
            self._muted(self.left - 8, y + layout.text * 0.35, written(tick), "end")
        self.back.append(element("path", class_="chart-grid", d=lines, fill="none", stroke=GRID, stroke_width=1))
        axis = f"M{number(self.left)} {number(self.bottom)}H{number(self.right)}"
        self.front.append(element("path", class_="chart-axis", d=axis, fill="none", stroke=AXIS, stroke_width=1))

    def _band(self) -> None:
        band = self.chart.band
        if band is None or band.low > self.high or band.high < self.low:
            return
        top, bottom = self.y(min(band.high, self.high)), self.y(max(band.low, self.low))
        levels = [self.y(value) for value in (band.high, band.low) if self.low <= value <= self.high]
        for level in levels:
            self.room.level(level, THIN)
        self.back.insert(0, signs.band_area(self.left, self.right, top, bottom))
        self.back.append(signs.band_edges(self.left, self.right, *levels))

    def _goal(self) -> list[_Name]:
        goal = self.chart.goal
        if goal is None:
            return []
        text = goal_words(goal, self.chart.unit, self.words)
        if not self.low <= goal.value <= self.high:
            self.key.append(Entry(signs.goal_in_key, text))
            return []
        y = self.y(goal.value)
        self.back.append(signs.goal_line(self.left, self.right, y))
        self.room.level(y, GOAL_LINE)
        near = tuple(self._along(y - 6, y + 5 + self.layout.text * 0.78))
        return [_Name(text, "chart-goal-text", GOAL, y, self.right, near, signs.goal_in_key)]

    def _along(self, *base_lines: float) -> Iterator[tuple[float, float, str]]:
        """Places for words along a level line: its ends, then its middle."""
        for x, anchor in ((self.right - 4, "end"), (self.left + 4, "start"), ((self.left + self.right) / 2, "middle")):
            for y in base_lines:
                yield x, y, anchor

    def _band_name(self) -> list[_Name]:
        band = self.chart.band
        if band is None:
            return []
        if band.low > self.high or band.high < self.low:
            self.key.append(Entry(signs.band_in_key, band.label))
            return []
        top, bottom = self.y(min(band.high, self.high)), self.y(max(band.low, self.low))
        size = self.layout.text
        near = tuple(self._along(top + size, bottom - size * 0.4, top - 5, bottom + size))
        middle = (top + bottom) / 2
        return [_Name(band.label, "chart-muted", MUTED, middle, self.right, near, signs.band_in_key)]

    # Days and visits

    def _dates(self) -> None:
        layout = self.layout
        y = self.bottom + 5 + layout.text
        room = self.right - self.left - 2 * layout.pad
        ticks = date_ticks(self.first, self.last, room, lambda text: text_width(text, layout.text), words=self.words)
        if ticks and ticks[0].label != str(self.first.year):
            self._muted(self.left - 8, y, str(self.first.year), "end")
        lines = ""
        for tick in ticks:
            x = self.x(tick.on.toordinal())
            half = text_width(tick.label, layout.text) / 2
            x_text = min(x, layout.width - 2 - half)
            lines += f"M{number(x)} {number(self.bottom)}v4"
            box = text_box(x_text, y, tick.label, layout.text, "middle")
            if self.room.is_free((box[0] - 4, box[1], box[2] + 4, box[3])):
                self._muted(x_text, y, tick.label, "middle")
        if lines:
            self.back.append(element("path", class_="chart-axis", d=lines, fill="none", stroke=AXIS))

    def _visits(self) -> None:
        """A bar for each visit with its number, and under it what followed."""
        visits = sorted(self.chart.visits, key=lambda visit: (visit.on.toordinal(), visit.number))
        if not visits:
            return
        layout = self.layout
        top = self.bottom + layout.text * 1.9
        base, middle = top + 10 + layout.text, top + layout.text * 2.95
        places = [self.x(visit.on.toordinal()) for visit in visits]
        close = min([b - a for a, b in pairwise(places) if b > a], default=20.0)
        thick, size = min(max(close - 3, 1.5), 6), min(max(close - 1.5, 4), 10)
        for treated in (True, False):
            bars = [(x, top) for visit, x in zip(visits, places, strict=True) if visit.treated is treated]
            if bars:
                self.front.append(signs.bars(treated, thick, bars))
        for kind in KINDS:
            after = [(x, middle) for visit, x in zip(visits, places, strict=True) if visit.reaction == kind]
            if after:
                self.front.append(signs.reactions(kind, size, after))
        self._muted(self.left - 8, base, self.words.visit, "end")
        if layout is WIDE:
            self._muted(self.left - 8, middle + layout.text * 0.35, self.words.reaction, "end")
        self._visit_numbers(visits, places, base)

    def _visit_numbers(self, visits: Sequence[Visit], places: Sequence[float], base: float) -> None:
        """As many numbers as fit: first and last, adverse ones, then every one, or every second, fifth, tenth."""
        size = self.layout.text
        room = places[-1] - places[0]
        width = text_width(str(visits[-1].number), size) + 6
        step = next((n for n in (1, 2, 5, 10, 20, 50) if room * n >= width * (len(visits) - 1)), 100)
        ends = (0, len(visits) - 1)
        order = sorted(range(len(visits)), key=lambda i: (i not in ends, visits[i].reaction != "adverse", i))
        for i in order:
            visit, x = visits[i], places[i]
            if i in ends or visit.reaction == "adverse" or visit.number % step == 0:
                box = text_box(x, base, str(visit.number), size, "middle")
                if self.room.is_free((box[0] - 2, box[1], box[2] + 2, box[3])):
                    self._write(x, base, str(visit.number), anchor="middle", class_="chart-text chart-number")

    # Readings

    def _readings(self) -> None:
        self.size = self._mark_size()
        shifts = self._shifts()
        for index, points_ in enumerate(self.series):
            dots = [
                _Dot(point, index, self.x(point.on.toordinal()) + shift, self.y(point.value))
                for point, shift in zip(points_, shifts[index], strict=True)
            ]
            self._line(index, dots)
            self.dots += dots
        self._marks()

    def _marks(self) -> None:
        groups: dict[tuple[int, bool], list[_Dot]] = {}
        reach = self.size * 1.2 + 1
        for dot in self.dots:
            self.room.take((dot.x - reach, dot.y - reach, dot.x + reach, dot.y + reach))
            groups.setdefault((dot.series, dot.point.estimated), []).append(dot)
        for (index, estimated), dots in groups.items():
            places, hints = [(dot.x, dot.y) for dot in dots], [self._hint(dot) for dot in dots]
            self.front.append(signs.readings(index, estimated, self.size, places, hints))

    def _mark_size(self) -> float:
        """Smaller marks where readings crowd."""
        days = sorted({point.on.toordinal() for points_ in self.series for point in points_})
        close = min([self.x(b) - self.x(a) for a, b in pairwise(days)], default=20.0)
        return min(max(close * 0.36, 2.5), self.layout.mark)

    def _shifts(self) -> list[list[float]]:
        """A few units aside for readings of one day that would hide each other; days keep their distances."""
        size = self.size
        crowded = False
        for index, points_ in enumerate(self.series):
            for point in points_:
                others = self.by_day.setdefault(point.on.toordinal(), [])
                y = self.y(point.value)
                crowded |= any(other != index and abs(y - at) < 2 * size for other, at in others)
                others.append((index, y))
        apart = size * 1.15 if crowded else 0.0
        middle = (len(self.series) - 1) / 2
        shifts = []
        for index, points_ in enumerate(self.series):
            aside = min(max((index - middle) * apart, -self.layout.pad / 2), self.layout.pad / 2)
            shifts.append([aside + extra for extra in self._same_day(points_)])
        return shifts

    def _same_day(self, points_: Sequence[Point]) -> list[float]:
        """Later readings of the same day and series, where they would lie on the one before, step to the right."""
        count = Counter(point.on.toordinal() for point in points_)
        steps = [0.0] * len(points_)
        for i in range(1, len(points_)):
            before, point = points_[i - 1], points_[i]
            if before.on.toordinal() == point.on.toordinal():
                near = abs(self.y(before.value) - self.y(point.value)) < 2 * self.size
                room = self.layout.pad / 2 / (count[point.on.toordinal()] - 1)
                steps[i] = steps[i - 1] + (min(2.2 * self.size, room) if near else 0)
        return steps

    def _line(self, index: int, dots: Sequence[_Dot]) -> None:
        for a, b in pairwise(dots):
            self.room.draw((a.x, a.y, b.x, b.y), STRONG)
        if len(dots) > 1:
            self.front.append(
                element(
                    "polyline",
                    class_=f"chart-line chart-series-{index % len(SHAPES) + 1}",
                    points=points((dot.x, dot.y) for dot in dots),
                    fill="none",
                    stroke=LINES[index % len(LINES)],
                    stroke_width=2 if index else 2.5,
                    stroke_dasharray="5 3" if index % 2 else None,
                    stroke_linejoin="round",
                )
            )

    def _hint(self, dot: _Dot) -> str:
        """What hovering says; the table says the same."""
        point, words = dot.point, self.words
        names = [self.chart.series[dot.series].label, point.label]
        names = [name for name in dict.fromkeys(names) if name]
        how = words.estimated if point.estimated else words.measured
        return ", ".join([with_unit(point.value, self.chart.unit), *names, words.full_date(point.on), how])

    def _nothing(self) -> None:
        x, y = (self.left + self.right) / 2, (self.top + self.bottom) / 2
        gaps = [(self.y(a) + self.y(b)) / 2 for a, b in pairwise(self.ticks)]
        y = min(gaps, key=lambda gap: abs(gap - y)) + self.layout.value * 0.36
        self._write(x, y, self.words.no_reading, size=self.layout.value, anchor="middle", class_="chart-empty")

    def _today(self) -> None:
        today = self.chart.today
        if today is None:
            return
        x, size = self.x(today.toordinal()), self.layout.text
        line = f"M{number(x)} {number(self.top)}V{number(self.bottom)}"
        self.back.append(
            element("path", class_="chart-today", d=line, fill="none", stroke=AXIS, stroke_dasharray="1 3")
        )
        self.room.draw((x, self.top, x, self.bottom), THIN)
        places = [(x, self.top - 5, "middle"), (x - 4, self.top - 5, "end"), (x + 4, self.top - 5, "start")]
        places += [(x - 4, self.top + size, "end"), (x + 4, self.top + size, "start")]
        places += [(x - 4, self.bottom - 5, "end"), (x + 4, self.bottom - 5, "start")]
        self._try(self.words.today, places, "chart-muted", MUTED)

    def _try(self, text: str, places: Sequence[tuple[float, float, str]], class_: str, fill: str) -> bool:
        """Write words at the best of some places, if any is free."""
        size = self.layout.text
        boxes = (text_box(x, y, text, size, anchor) for x, y, anchor in places)
        chosen = self.room.best(boxes, (2, self.top - size * 1.4, self.layout.width - 2, self.bottom - 1), FEW)
        if chosen is None:
            return False
        place, box = chosen
        x, y, anchor = places[place]
        if self.room.crossings(box):
            self._clear(box)
        self._write(x, y, text, anchor=anchor, class_=class_, fill=fill)
        return True

    # Words where there is room

    def _ranked(self) -> list[_Dot]:
        """The readings by how much their number matters; first, last and extreme ones must have theirs."""
        self.musts: set[_Dot] = set()
        for index in range(len(self.series)):
            dots = [dot for dot in self.dots if dot.series == index]
            if dots:
                self.musts |= {dots[0], dots[-1], min(dots, key=_by_value), max(dots, key=_by_value)}
        return self.dots

    def _write_values(self, dots: Iterator[_Dot]) -> None:
        for dot in dots:
            must = dot in self.musts
            text = written(dot.point.value)
            label = self._own_label(dot) if must else ""
            if label and self._write_value(dot, f"{text} {label}", FEW, text_width(text, self.layout.value, True)):
                continue
            if self._write_value(dot, text, STRONG - 1 if must else FEW) or not must:
                continue
            if not self._goes_aside(dot, text) and not self._write_afar(dot, text, STRONG - 1):
                _ = self._write_value(dot, text, ANY) or self._write_afar(dot, text, ANY)

    def _own_label(self, dot: _Dot) -> str:
        """A reading's label, if it is the only one of its series with it and says more than the series does."""
        series = self.chart.series[dot.series]
        label = dot.point.label.strip()
        alone = sum(point.label == dot.point.label for point in series.points) == 1
        return label if alone and label != series.label and len(label) <= 16 else ""

    def _goes_aside(self, dot: _Dot, text: str) -> bool:
        """Whether the name of a series can take along its last number, which found no room at its mark."""
        dots = [other for other in self.dots if other.series == dot.series]
        if dot is not dots[-1] or len(self.series) < 2 or not self.layout.gutter or self.right - dot.x >= ENDS_NEAR:
            return False
        self.aside[dot.series] = text
        return True

    def _write_value(self, dot: _Dot, text: str, most: int, lead: float = 0) -> bool:
        """Write words near a mark, the first ``lead`` of their width where a bare number would stand."""
        size = self.layout.value
        width = text_width(text, size, True)
        before = (lead or width) / 2
        gap = self.size * 1.25 + 3
        below = descent(text) * size
        up, down = dot.y - gap - below + 0.8, dot.y + gap + size * 0.74
        side, level = gap + 1, dot.y + size * 0.36
        places = [
            (dot.x - before, up),
            (dot.x + 2, up + 2),
            (dot.x - width - 2, up + 2),
            (dot.x - before, down),
            (dot.x + 2, down - 2),
            (dot.x - width - 2, down - 2),
            (dot.x + side, level),
            (dot.x - width - side, level),
        ]
        if self._is_lower(dot):
            places = [places[i] for i in (3, 4, 5, 0, 1, 2, 6, 7)]
        boxes = ((x, y - ASCENT * size, x + width, y + below) for x, y in places)
        chosen = self.room.best(boxes, self._within(), most)
        if chosen is None:
            return False
        place, box = chosen
        if self.room.crossings(box) > FEW:
            self._clear(box)
        self._put_value(*places[place], text)
        return True

    def _within(self) -> Box:
        return self.left - 4, self.top - self.layout.value * 1.3, self.right - 1, self.bottom - 1

    def _is_lower(self, dot: _Dot) -> bool:
        """Whether another series has a higher reading on the same day: then the number goes below."""
        return any(at < dot.y for index, at in self.by_day[dot.point.on.toordinal()] if index != dot.series)

    def _put_value(self, x: float, y: float, text: str) -> None:
        self.values.append(text_box(x, y, text, self.layout.value, "start", True))
        self._write(x, y, text, size=self.layout.value, class_="chart-text chart-value", bold=True)

    def _write_afar(self, dot: _Dot, text: str, most: int) -> bool:
        """Where marks crowd, a number that may not be missing stands further off, with a line to its mark."""
        size = self.layout.value
        width = text_width(text, size, True)
        places = [
            (dot.x + across - width / 2, dot.y + down + size * 0.36)
            for away in (22, 34, 46, 60, 76)
            for down in (-away, away)
            for across in (0, -18, 18, -40, 40)
        ]
        leaders = [self._towards(dot, x + width / 2, y) for x, y in places]
        free = [i for i, leader in enumerate(leaders) if not any(crosses(leader, box) for box in self.values)]
        boxes = (
            (places[i][0] - 1, places[i][1] - 0.78 * size, places[i][0] + width + 1, places[i][1] + 2) for i in free
        )
        chosen = self.room.best(boxes, self._within(), most)
        if chosen is None:
            return False
        place, box = free[chosen[0]], chosen[1]
        leader = leaders[place]
        self.front.append(signs.leader(*leader))
        self.room.draw(leader, STRONG)
        if self.room.crossings(box) > FEW:
            self._clear(box)
        self._put_value(*places[place], text)
        return True

    def _towards(self, dot: _Dot, x: float, y: float) -> Segment:
        """A line from a number at a base line to its mark."""
        if y < dot.y:
            return x, y + 3, dot.x, dot.y - self.size - 1
        return x, y - self.layout.value * 0.8, dot.x, dot.y + self.size + 1

    def _clear(self, box: Box) -> None:
        """An empty ground under a number that a line would run through; not a halo, which some printers paint over."""
        x0, y0, x1, y1 = box
        band, middle = self.chart.band, (y0 + y1) / 2
        on_band = band is not None and self.y(band.high) < middle < self.y(band.low)
        class_, fill = ("chart-band", BAND) if on_band else ("chart-ground", SURFACE)
        self.front.append(
            element("rect", class_=class_, x=x0 - 1, y=y0, width=x1 - x0 + 2, height=y1 - y0, rx=2, fill=fill)
        )

    def _series_names(self) -> Iterator[_Name]:
        if len(self.chart.series) < 2:
            return
        size = self.layout.text
        for index, series in enumerate(self.chart.series):
            dots = [dot for dot in self.dots if dot.series == index]
            if not dots or not series.label.strip():
                continue
            end = dots[-1]
            aside = end.x + self.size * 1.4 + 2 if self.right - end.x < ENDS_NEAR else None
            near = [
                (dot.x + away, dot.y + size * 0.36 + fall, anchor)
                for dot in reversed(dots)
                for away, fall, anchor in ((12.0, 0.0, "start"), (0.0, -16.0, "middle"), (0.0, 18.0, "middle"))
            ]
            text = f"{series.label} {self.aside.get(index, '')}".strip()
            near.insert(1, (end.x + 48, end.y + size * 0.36, "start"))
            yield _Name(
                text,
                "chart-text",
                "currentColor",
                end.y,
                aside,
                tuple(near[:24]),
                partial(signs.reading_in_key, index, False),
            )

    def _names(self, names: Sequence[_Name]) -> None:
        """Beside the plot if it has a gutter, else inside near what they name, else in the key."""
        layout = self.layout
        height = layout.text * 1.2
        room = layout.width - self.right - 16
        aside = [name for name in names if name.aside is not None and layout.gutter]
        while aside:
            lines = [wrapped(name.text, room, layout.text) for name in aside]
            wanted = [(name.y, len(of) * height + 5) for name, of in zip(aside, lines, strict=True)]
            centres = spread(wanted, self.top - height, self.bottom + height * 0.6)
            if centres is not None:
                break
            aside.remove(max(aside, key=lambda name: len(name.text)))
        for name, of, centre in zip(aside, lines, centres or (), strict=True) if aside else ():
            self._beside(name, of, centre)
        for name in names:
            if name not in aside and not self._try(name.text, name.near, name.class_, name.fill):
                self.key.append(Entry(name.sign, name.text))

    def _beside(self, name: _Name, lines: Sequence[str], centre: float) -> None:
        size = self.layout.text
        x = self.right + 14
        y = centre - (len(lines) - 1) * size * 0.6 + size * 0.36
        for line in lines:
            self._write(x, y, line, class_=name.class_, fill=name.fill)
            y += size * 1.2
        start = name.aside or self.right
        self.front.append(signs.leader(start, name.y, self.right + 10, centre))

    # The key

    def _marks_key(self) -> Iterator[Entry]:
        """The marks in use whose words do not stand beside them; unknown has one, so that blank never means it."""
        words = self.words
        lead = f"{words.visit}:"
        for treated in sorted({visit.treated for visit in self.chart.visits}, reverse=True):
            yield Entry(partial(signs.bar_in_key, treated), words.treated if treated else words.not_treated, lead)
            lead = ""
        kinds = {visit.reaction for visit in self.chart.visits}
        lead = f"{words.reaction}:"
        for kind in KINDS:
            if kind in kinds:
                yield Entry(partial(signs.reaction_in_key, kind), words.reaction_word(kind), lead)
                lead = ""
        if any(point.estimated for series in self.chart.series for point in series.points):
            yield Entry(partial(signs.reading_in_key, 0, True), words.estimated)

    def _key_height(self) -> float:
        rows = len(self._key_rows())
        return rows * self.layout.text * 1.5 + 8 if rows else 4

    def _key_rows(self) -> list[list[Placed]]:
        return rows_of_key(self.key, self.layout.width - 2, self.layout.text, 14 if self.layout is WIDE else 9)

    def _write_key(self) -> float:
        """Write the key; returns the height of the sheet."""
        size = self.layout.text
        y = self.key_top + 6 + size
        for row in self._key_rows():
            for placed in row:
                if placed.sign:
                    self.front.append(placed.sign(placed.x - 12, y - size * 0.35))
                self._muted(placed.x, y, placed.text)
            y += size * 1.5
        return self.key_top + self._key_height()


def _by_value(dot: _Dot) -> Decimal:
    return dot.point.value
