"""The forest plot: a square for each study, larger with more weight, its interval, and diamonds for what was pooled.

An interval that leaves the plot ends in an arrow; its numbers stand beside it. Shapes and words tell rows apart, not
colour. A pooled row's diamond spans its interval; the bar under it is the prediction interval.
"""

from __future__ import annotations

import statistics
from dataclasses import replace

from strigil.drawing.labels import text_width, wrapped
from strigil.drawing.palette import AXIS, LINES, MUTED
from strigil.drawing.svg import Markup, element, number
from strigil.drawing.trials.figures import Forest, Row, Summary, interval_words, prediction_words
from strigil.drawing.trials.sheet import EDGE, NARROW, WIDE, Layout, Sheet, Span, scale_of

_HINT = "Squares: studies, larger with more weight. Diamonds: pooled. Bars: prediction intervals."
_NOT_POOLED = "Squares: studies, each by itself. Not pooled."


def forest_plot(forest: Forest, *, narrow: bool = False) -> str:
    """The forest plot as one SVG element, 720 wide, or 358 for a phone; as high as its studies need."""
    return _Drawing(forest, NARROW if narrow else WIDE).drawn()


class _Drawing(Sheet):
    def __init__(self, forest: Forest, layout: Layout) -> None:
        super().__init__(forest, layout, "forest")
        rows: list[Row | Summary] = [*forest.rows, *((forest.summary,) if forest.summary else ())]
        self.numbers = max(text_width(interval_words(forest, row), layout.text) for row in rows)
        self.weights = text_width("100.0 %", layout.text) + 16 if layout is WIDE and forest.summary else 0.0
        self.row = layout.text * 1.35
        left, right = self._sides()
        low, high = _range(forest)
        self.x, self.ticks = scale_of(forest, low, high, left, right, layout.text)

    def _sides(self) -> tuple[float, float]:
        """The plot's left and right: beside the words on a wide sheet, under them on a narrow one."""
        if self.layout is NARROW:
            return EDGE + 16, self.layout.width - EDGE - 16
        self.label = 206.0
        return EDGE + self.label + 24, self.layout.width - EDGE - self.numbers - self.weights - 16

    def drawn(self) -> str:
        forest = self.forest
        self.head()
        self.paragraph(_HINT if forest.summary else _NOT_POOLED)
        self.y += self.row * 0.6
        self._heads()
        self.spans: list[Span] = []
        self.open = self.y
        for group in forest.groups:
            if group.name:
                self._heading(group.name)
            for row in group.rows:
                self._study(row)
            if group.summary:
                self._summary(group.summary)
        if forest.summary:
            self.y += self.row * 0.3
            self._summary(forest.summary)
        bottom = self.y + self.row * 0.4
        if self.layout is WIDE:
            self._close(bottom)
        self.grid(self.x, self.ticks, [*self.spans, (bottom - 5, bottom)], 0.0)
        self.y = bottom + self.layout.text * 1.5
        self.paragraph(f"{forest.measure}; the broken line is no effect." if forest.measure else "")
        self.paragraph(forest.heterogeneity)
        return self.svg()

    def _heads(self) -> None:
        if self.layout is WIDE:
            self.y += self.row
            self.write(EDGE, self.y, "Study", bold=True)
            self.write(self.layout.width - EDGE - self.weights, self.y, "Effect [95 %]", anchor="end", bold=True)
            if self.forest.summary:
                self.write(self.layout.width - EDGE, self.y, "Weight", anchor="end", bold=True)
            self.y += self.row * 0.4

    def _heading(self, name: str) -> None:
        """A group's name; the lines of the grid leave it out."""
        before = self.y + self.row * 0.4
        self.y = before
        for line in wrapped(name, self.layout.width - 2 * EDGE, self.layout.text, True, 4):
            self.y += self.row
            self.write(EDGE, self.y, line, bold=True)
        self.y += self.row * 0.3
        if self.layout is WIDE:
            self._close(before)
            self.open = self.y

    def _close(self, bottom: float) -> None:
        """Ends a stretch of the grid, if there is one."""
        if bottom > self.open + self.row:
            self.spans.append((self.open, bottom))

    def _words(self, label: str, interval: str, weight: str, *, bold: bool = False) -> float:
        """Writes a row's words and gives the height of its mark."""
        size, right = self.layout.text, self.layout.width - EDGE
        if self.layout is WIDE:
            lines = wrapped(label, self.label, size, bold, 4) or ("",)
            first = self.y + self.row
            for place, line in enumerate(lines):
                self.write(EDGE, first + place * self.row, line, bold=bold)
            self.write(right - self.weights, first, interval, anchor="end", bold=bold)
            if weight:
                self.write(right, first, weight, anchor="end")
            self.y = first + (len(lines) - 1) * self.row + self.row * 0.35
            return first - size * 0.35
        lines = wrapped(label, self.layout.width - 2 * EDGE, size, bold, 4) or ("",)
        for line in lines:
            self.y += self.row
            self.write(EDGE, self.y, line, bold=bold)
        if text_width(lines[-1], size, bold) + 12 + text_width(interval, size, bold) > right - EDGE:
            self.y += self.row
        self.write(right, self.y, interval, anchor="end", bold=bold)
        top = self.y + size * 0.35
        self.y = top + self.row * 1.1
        self.spans.append((top, self.y))
        return (top + self.y) / 2

    def _study(self, row: Row) -> None:
        pooled = self.forest.summary is not None
        middle = self._words(row.label, interval_words(self.forest, row), f"{row.weight:.1f} %" if pooled else "")
        largest = max(one.weight for one in self.forest.rows)
        half = max(1.6, self.layout.mark * ((row.weight / largest) ** 0.5 if pooled else 0.6))
        self.marks.append(self._interval(row.low, row.high, middle))
        if self.x.start <= row.effect <= self.x.stop:
            d = f"M-{number(half)} -{number(half)}h{number(2 * half)}v{number(2 * half)}h-{number(2 * half)}z"
            hint = element("title", f"{row.label}: {interval_words(self.forest, row)}")
            self.marks.append(
                element(
                    "path",
                    hint,
                    class_="chart-mark chart-series-1",
                    transform=f"translate({number(self.x(row.effect))} {number(middle)})",
                    d=d,
                    fill=LINES[0],
                    stroke=LINES[0],
                    stroke_width=1,
                )
            )

    def _interval(self, low: float, high: float, y: float) -> Markup:
        """A line from end to end; an arrow where it goes on beyond the plot."""
        x, at = self.x, number(y)
        left, right = x(max(low, x.start)), x(min(high, x.stop))
        if left > right:
            left = right = x(x.start) if high < x.start else x(x.stop)
        d = f"M{number(left)} {at}H{number(right)}"
        if low < x.start:
            d += f"M{number(left + 5)} {number(y - 4)}L{number(left - 2)} {at}L{number(left + 5)} {number(y + 4)}"
        if high > x.stop:
            d += f"M{number(right - 5)} {number(y - 4)}L{number(right + 2)} {at}L{number(right - 5)} {number(y + 4)}"
        return element("path", class_="chart-line", d=d, fill="none", stroke=LINES[0], stroke_width=1.5)

    def _summary(self, one: Summary) -> None:
        middle = self._words(one.label, interval_words(self.forest, one), "", bold=True)
        clipped = replace(one, low=max(one.low, self.x.start), high=min(one.high, self.x.stop))
        x, half = self.x, self.layout.mark
        if clipped.low < clipped.high:
            peak = min(max(one.effect, clipped.low), clipped.high)
            corners = ((clipped.low, 0.0), (peak, -half), (clipped.high, 0.0), (peak, half))
            d = "M" + "L".join(f"{number(x(at))} {number(middle + up)}" for at, up in corners) + "z"
            self.marks.append(element("path", class_="chart-mark chart-series-2", d=d, fill=LINES[1], stroke=LINES[1]))
        if one.low < x.start or one.high > x.stop:
            self.marks.append(self._interval(one.low, one.high, middle))
        predicted = prediction_words(self.forest, one)
        if predicted and one.pi_low is not None and one.pi_high is not None:
            middle = self._words("Prediction interval", predicted, "")
            self.marks.append(self._interval(one.pi_low, one.pi_high, middle))
            left, right = x(max(one.pi_low, x.start)), x(min(one.pi_high, x.stop))
            if right > left:
                bar = element(
                    "rect",
                    class_="chart-axis",
                    x=left,
                    y=middle - 2,
                    width=right - left,
                    height=4,
                    fill=MUTED,
                    stroke=AXIS,
                )
                self.marks.append(bar)


def _range(forest: Forest) -> tuple[float, float]:
    """What the plot spans: every effect with air, the pooled interval and no effect, and most of the intervals."""
    rows = forest.rows
    air = 2 * statistics.median((row.high - row.low) / 2 for row in rows)
    values = [row.effect for row in rows]
    low = max(min(row.low for row in rows), min(values) - air)
    high = min(max(row.high for row in rows), max(values) + air)
    wide = high - low
    pooled = forest.summary
    ends = [pooled.low, pooled.high, pooled.pi_low, pooled.pi_high] if pooled else []
    reach = wide / 2 if pooled else wide * 3
    near = [end for end in [*ends, 0.0] if end is not None and low - reach <= end <= high + reach]
    low, high = min([low, *near]), max([high, *near])
    return low - (high - low) * 0.02, high + (high - low) * 0.02
