"""The funnel plot: effects across, standard errors down, the most precise study on top.

Between the slanting lines lie 95 % of studies that differ from the pooled estimate by chance alone.
"""

from __future__ import annotations

from decimal import Decimal

from strigil.drawing.labels import text_width
from strigil.drawing.palette import AXIS, LINES
from strigil.drawing.scales import Linear, nice_step
from strigil.drawing.svg import element, number
from strigil.drawing.trials.figures import Forest, Row
from strigil.drawing.trials.sheet import EDGE, NARROW, WIDE, Layout, Sheet, scale_of, upright

_REACH = 1.959963984540054
_HEIGHTS = {"wide": 330.0, "narrow": 280.0}


def funnel_plot(forest: Forest, *, narrow: bool = False) -> str:
    """The funnel plot as one SVG element, 720 wide, or 358 for a phone."""
    return _Drawing(forest, NARROW if narrow else WIDE).drawn()


class _Drawing(Sheet):
    def __init__(self, forest: Forest, layout: Layout) -> None:
        super().__init__(forest, layout, "funnel")

    def drawn(self) -> str:
        forest, layout = self.forest, self.layout
        if forest.summary is None:
            raise ValueError("a funnel stands around a pooled estimate; given: none")
        self.head()
        self.paragraph(
            "A dot is a study; the higher, the more precise. Between the slanting lines lie 95 % by chance alone."
        )
        top = self.y + layout.text * 1.2
        bottom = top + _HEIGHTS[layout.name]
        y, ticks = self._errors(top, bottom)
        left = EDGE + max(text_width(text, layout.text) for _, text in ticks) + 8
        middle, deepest = forest.summary.effect, y.stop
        ends = [middle - _REACH * deepest, middle + _REACH * deepest, *(row.effect for row in forest.rows)]
        air = (max(ends) - min(ends)) * 0.04
        x, across = scale_of(forest, min(ends) - air, max(ends) + air, left, layout.width - EDGE - 4, layout.text)
        self.grid(x, across, [(top, bottom)], None)
        for at, text in ticks:
            self.write(left - 8, y(at) + layout.text * 0.35, text, anchor="end", muted=True)
        self._funnel(x, y, middle, deepest)
        for row in forest.rows:
            self._dot(row, x(row.effect), y(row.se))
        self.y = bottom + layout.text * 1.5
        self.paragraph(f"Across: {forest.measure}. Down: standard error{_of(forest)}. {forest.heterogeneity}")
        return self.svg()

    def _errors(self, top: float, bottom: float) -> tuple[Linear, list[tuple[float, str]]]:
        """Errors from 0 on top to the largest, with a few ticks."""
        deepest = max(row.se for row in self.forest.rows) * 1.05
        y = Linear(0.0, deepest, top, bottom)
        step = nice_step(Decimal(deepest), 5)
        return y, [(float(step * n), f"{float(step * n):.6g}") for n in range(int(Decimal(deepest) / step) + 1)]

    def _funnel(self, x: Linear, y: Linear, middle: float, deepest: float) -> None:
        foot = [x(middle - _REACH * deepest), x(middle + _REACH * deepest)]
        d = "".join(f"M{number(x(middle))} {number(y(0))}L{number(end)} {number(y(deepest))}" for end in foot)
        self.marks.append(
            element(
                "path", class_="chart-axis", d=d, fill="none", stroke=AXIS, stroke_width=1.5, stroke_dasharray="6 4"
            )
        )
        self.marks.append(upright(x(middle), [(y(0), y(deepest))]))

    def _dot(self, row: Row, x: float, y: float) -> None:
        size = number(self.layout.mark * 0.6)
        across = number(self.layout.mark * 1.2)
        d = f"M-{size} 0a{size} {size} 0 1 0 {across} 0a{size} {size} 0 1 0-{across} 0z"
        hint = element("title", f"{row.label}: {self.forest.words(row.effect)}, standard error {row.se:.3g}")
        self.marks.append(
            element(
                "path",
                hint,
                class_="chart-mark chart-series-1",
                transform=f"translate({number(x)} {number(y)})",
                d=d,
                fill=LINES[0],
                fill_opacity=0.75,
                stroke=LINES[0],
                stroke_width=1,
            )
        )


def _of(forest: Forest) -> str:
    return {"log": " of the logarithm", "fisher_z": " of Fisher's z"}.get(forest.scale, "")
