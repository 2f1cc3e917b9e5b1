"""Words and marks as they gather, and the scale of effects that both plots share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from strigil.drawing.labels import text_width, wrapped
from strigil.drawing.palette import AXIS, FONTS, GRID, MUTED, SURFACE
from strigil.drawing.scales import Linear, nice_step
from strigil.drawing.svg import Markup, checked_id, element, number, text_at
from strigil.drawing.trials.figures import Forest, written


@dataclass(frozen=True, slots=True)
class Layout:
    name: str
    width: float
    text: float
    title: float
    mark: float


WIDE = Layout("wide", 720, 13, 16, 6.5)
NARROW = Layout("narrow", 358, 12, 15, 6)
EDGE = 8.0

Span = tuple[float, float]


class Sheet:
    """What is written and drawn so far; marks lie under words."""

    def __init__(self, forest: Forest, layout: Layout, kind: str) -> None:
        self.forest, self.layout, self.kind = forest, layout, kind
        self.marks: list[Markup] = []
        self.texts: dict[tuple[str, float, bool, str, str], list[Markup]] = {}
        self.y = 0.0

    def write(
        self,
        x: float,
        y: float,
        text: str,
        *,
        anchor: str = "start",
        bold: bool = False,
        muted: bool = False,
        size: float = 0,
    ) -> None:
        class_, fill = ("chart-muted", MUTED) if muted else ("chart-text", "currentColor")
        self.texts.setdefault((class_, size or self.layout.text, bold, fill, anchor), []).append(text_at(x, y, text))

    def head(self) -> None:
        """The title, and under it what the effects are."""
        layout = self.layout
        for line in wrapped(self.forest.title, layout.width - 2 * EDGE, layout.title, True, 3):
            self.y += layout.title * 1.25
            self.write(EDGE, self.y, line, bold=True, size=layout.title)

    def paragraph(self, text: str, *, muted: bool = True) -> None:
        for line in wrapped(text, self.layout.width - 2 * EDGE, self.layout.text, False, 6):
            self.y += self.layout.text * 1.4
            self.write(EDGE, self.y, line, muted=muted)

    def grid(self, x: Linear, ticks: Sequence[tuple[float, str]], spans: Sequence[Span], none: float | None) -> None:
        """Upright lines at the ticks with their numbers under the axis, and a broken one where there is no effect.

        They are drawn over ``spans``, pairs of top and bottom, under all marks: on a narrow sheet they leave out words.
        """
        bottom = spans[-1][1]
        lines = "".join(upright_path(x(at), spans) for at, _ in ticks)
        under = [element("path", class_="chart-grid", d=lines, fill="none", stroke=GRID, stroke_width=1)]
        if none is not None and x.start <= none <= x.stop:
            under.append(upright(x(none), spans, dashes="4 3"))
        self.marks[:0] = under
        axis = f"M{number(min(x.at_start, x.at_stop))} {number(bottom)}H{number(max(x.at_start, x.at_stop))}"
        self.marks.append(element("path", class_="chart-axis", d=axis, fill="none", stroke=AXIS, stroke_width=1))
        for at, text in ticks:
            self.write(x(at), bottom + self.layout.text * 1.25, text, anchor="middle", muted=True)

    def svg(self) -> str:
        layout, height = self.layout, self.y + self.layout.text * 0.8
        id = checked_id(f"{self.forest.id}-{self.kind}" + ("" if layout is WIDE else "-narrow"))
        ground = element("rect", class_="chart-ground", x=0, y=0, width=layout.width, height=height, fill=SURFACE)
        return element(
            "svg",
            element("title", self.forest.title, id=f"{id}-title"),
            element("desc", self.forest.said(), id=f"{id}-desc"),
            ground,
            *self.marks,
            *self._text_groups(),
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {number(layout.width)} {number(height)}",
            class_=f"chart chart-{self.kind} chart-{layout.name}",
            id=id,
            role="img",
            aria_labelledby=f"{id}-title {id}-desc",
            font_family=FONTS,
        )

    def _text_groups(self) -> list[Markup]:
        return [
            element(
                "g",
                *texts,
                class_=class_,
                font_size=size,
                font_weight="600" if bold else None,
                text_anchor=None if anchor == "start" else anchor,
                fill=fill,
            )
            for (class_, size, bold, fill, anchor), texts in self.texts.items()
        ]


def upright_path(x: float, spans: Sequence[Span]) -> str:
    return "".join(f"M{number(x)} {number(top)}V{number(bottom)}" for top, bottom in spans)


def upright(x: float, spans: Sequence[Span], *, dashes: str | None = None) -> Markup:
    d = upright_path(x, spans)
    return element(
        "path", class_="chart-axis", d=d, fill="none", stroke=AXIS, stroke_width=1.5, stroke_dasharray=dashes
    )


def scale_of(
    forest: Forest, low: float, high: float, left: float, right: float, size: float
) -> tuple[Linear, list[tuple[float, str]]]:
    """A scale from ``low`` to ``high``, with its ticks, as many as their numbers leave room for."""
    if high - low < 1e-9 * max(abs(low), abs(high), 1e-300):
        low, high = low - max(abs(low), 1.0), high + max(abs(high), 1.0)
    x = Linear(low, high, left, right)
    for count in range(8, 0, -1):
        ticks = _ticks(forest, low, high, count)
        ends = [(x(at) - text_width(text, size) / 2, x(at) + text_width(text, size) / 2) for at, text in ticks]
        if all(a[1] + 6 <= b[0] for a, b in pairwise(ends)):
            break
    return x, ticks


def _ticks(forest: Forest, low: float, high: float, count: int) -> list[tuple[float, str]]:
    if forest.scale == "log" and high - low > math.log(1.5):
        return _ratios(low, high, count)
    step = nice_step(Decimal(high) - Decimal(low), count)
    first, last = math.ceil(Decimal(low) / step), math.floor(Decimal(high) / step)
    values = [float(step * n) for n in range(first, last + 1)]
    return [(value, _tick(forest.back(value), value)) for value in values]


def _tick(shown: float, value: float) -> str:
    if shown != value:
        return written(shown, 2)
    return f"{value:.6g}".replace("-", "\u2212")


def _ratios(low: float, high: float, count: int) -> list[tuple[float, str]]:
    """Ratios such as 0.5, 1, 2, with fewer of them over many powers of ten."""
    powers = range(math.floor(low / math.log(10)), math.ceil(high / math.log(10)) + 1)
    for steps in ((1, 2, 5), (1, 3), (1,)):
        ratios = [
            (math.log(step) + power * math.log(10), f"{step * 10.0**power:.6g}") for power in powers for step in steps
        ]
        inside = [(at, text) for at, text in ratios if low <= at <= high]
        if len(inside) <= count:
            return inside
    return inside[:: math.ceil(len(inside) / count)]
