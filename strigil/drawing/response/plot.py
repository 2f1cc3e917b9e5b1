"""What stands before any reading: title, axes, grid, band, goal, days and visits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

from strigil.drawing import signs
from strigil.drawing.keys import Entry
from strigil.drawing.labels import Box, text_box, text_width, wrapped
from strigil.drawing.palette import AXIS, GOAL, GRID, MUTED
from strigil.drawing.readings import Visit, goal_words
from strigil.drawing.response.sheet import (
    FAINT,
    GOAL_LINE,
    KINDS,
    THIN,
    WIDE,
    Name,
    Sheet,
)
from strigil.drawing.scales import Linear, date_ticks, later, value_ticks, zoomed
from strigil.drawing.svg import element, number
from strigil.drawing.words import written

STRIP = 3.0
"""The height of the strip of doses, in lines of text."""


class Plot(Sheet):
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
        strip = layout.text * STRIP if chart.has_doses else 0
        below += strip
        self.bottom = max(layout.height + strip - below - self._key_height(), self.top + layout.least)
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
        if self.chart.has_doses:
            texts.append(self.words.dose)
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

    def _goal(self) -> list[Name]:
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
        return [Name(text, "chart-goal-text", GOAL, y, self.right, near, signs.goal_in_key)]

    def _along(self, *base_lines: float) -> Iterator[tuple[float, float, str]]:
        """Places for words along a level line: its ends, then its middle."""
        for x, anchor in ((self.right - 4, "end"), (self.left + 4, "start"), ((self.left + self.right) / 2, "middle")):
            for y in base_lines:
                yield x, y, anchor

    def _band_name(self) -> list[Name]:
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
        return [Name(band.label, "chart-muted", MUTED, middle, self.right, near, signs.band_in_key)]

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
        if self.chart.has_doses:
            self._doses(visits, places, thick, top + layout.text * (3.7 + STRIP - 0.4))

    def _doses(self, visits: Sequence[Visit], places: Sequence[float], thick: float, base: float) -> None:
        """How long was treated at each visit: bars on one level, numbered where there is room, the newest first."""
        size = self.layout.text
        treated = [(visit.seconds, x) for visit, x in zip(visits, places, strict=True) if visit.treated]
        known = [(seconds, x) for seconds, x in treated if seconds is not None]
        unknown = [(x, base) for seconds, x in treated if seconds is None]
        longest = max(seconds for seconds, _ in known)
        heights = [max(seconds / max(longest, 1) * size * 1.3, 1) for seconds, _ in known]
        self.front.append(signs.doses(thick, [(x, base) for _, x in known], heights))
        if unknown:
            self.front.append(signs.unknown_doses(thick, size * 0.8, unknown))
        self._muted(self.left - 8, base, self.words.dose, "end")
        for (seconds, x), high in reversed([*zip(known, heights, strict=True)]):
            box = text_box(x, base - high - 3, str(seconds), size, "middle")
            if self._is_room_for_a_dose(box):
                self._write(x, base - high - 3, str(seconds), anchor="middle", class_="chart-text chart-seconds")

    def _is_room_for_a_dose(self, box: Box) -> bool:
        return box[0] >= self.left - 4 and box[2] <= self.layout.width - 2 and self.room.is_free(box)

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
        gutter = self.right + 10  # beyond it stand the names
        inside = [at for at in places if text_box(at[0], at[1], self.words.today, size, at[2])[2] <= gutter]
        self._try(self.words.today, inside, "chart-muted", MUTED)

    def _nothing(self) -> None:
        x, y = (self.left + self.right) / 2, (self.top + self.bottom) / 2
        gaps = [(self.y(a) + self.y(b)) / 2 for a, b in pairwise(self.ticks)]
        y = min(gaps, key=lambda gap: abs(gap - y)) + self.layout.value * 0.36
        self._write(x, y, self.words.no_reading, size=self.layout.value, anchor="middle", class_="chart-empty")
