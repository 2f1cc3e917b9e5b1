"""The signs of a chart as elements: shape, class and the colours of paper, for the plot and the key alike."""

from __future__ import annotations

from strigil.drawing import marks
from strigil.drawing.marks import SHAPES
from strigil.drawing.palette import AXIS, BAND, BRONZE, GOAL, INK, LINES, MUTED, SURFACE
from strigil.drawing.readings import Reaction
from strigil.drawing.svg import Markup, element, join, number

_FILLS = {"none": "none", "expected": SURFACE, "adverse": BRONZE, None: "none"}


def at(x: float, y: float) -> str:
    return f"translate({number(x)} {number(y)})"


def reading(series: int, estimated: bool, size: float, x: float, y: float, *inside: Markup) -> Markup:
    """A reading, its shape by its series: solid when measured, hollow and hatched when estimated."""
    turn = series % len(SHAPES)
    return element(
        "path",
        *inside,
        class_=f"chart-mark chart-series-{turn + 1} {'chart-estimated' if estimated else 'chart-measured'}",
        transform=at(x, y),
        d=marks.reading(SHAPES[turn], size, estimated),
        fill=SURFACE if estimated else LINES[turn],
        stroke=LINES[turn],
        stroke_width=1.25,
    )


def bar(treated: bool, width: float, x: float, y: float) -> Markup:
    """A visit: a long solid bar with treatment, a short hollow one without."""
    return element(
        "path",
        class_="chart-visit" if treated else "chart-visit chart-untreated",
        transform=at(x, y),
        d=marks.bar(width, 8 if treated else 5),
        fill=INK if treated else SURFACE,
        stroke=INK,
        stroke_width=1,
    )


def bar_in_key(treated: bool, x: float, y: float) -> Markup:
    return bar(treated, 6, x, y - (4 if treated else 2.5))


def reaction(kind: Reaction | None, size: float, x: float, y: float) -> Markup:
    """What followed a visit. Not known is a broken ring: it looks unfinished."""
    return element(
        "path",
        class_=f"chart-reaction chart-{kind or 'unknown'}",
        transform=at(x, y),
        d=marks.reaction(kind, size),
        fill=_FILLS[kind],
        stroke=BRONZE if kind in ("expected", "adverse") else MUTED,
        stroke_width=1.5,
        stroke_dasharray="2 1.6" if kind is None else None,
        stroke_linejoin="round",
    )


def goal_line(x0: float, x1: float, y: float) -> Markup:
    return element(
        "path",
        class_="chart-goal",
        d=f"M{number(x0)} {number(y)}H{number(x1)}",
        fill="none",
        stroke=GOAL,
        stroke_width=1.75,
        stroke_dasharray="7 3",
    )


def goal_in_key(x: float, y: float) -> Markup:
    return goal_line(x - 8.5, x + 8.5, y)


def band_area(x0: float, x1: float, top: float, bottom: float) -> Markup:
    return element("rect", class_="chart-band", x=x0, y=top, width=x1 - x0, height=bottom - top, fill=BAND)


def band_edges(x0: float, x1: float, *levels: float) -> Markup:
    d = "".join([f"M{number(x0)} {number(y)}H{number(x1)}" for y in levels])
    return element("path", class_="chart-band-edge", d=d, fill="none", stroke=AXIS, stroke_dasharray="2 3")


def band_in_key(x: float, y: float) -> Markup:
    return join((band_area(x - 8, x + 8, y - 5, y + 5), band_edges(x - 8, x + 8, y - 5, y + 5)))


def leader(x0: float, y0: float, x1: float, y1: float) -> Markup:
    """A thin line from words to what they name."""
    return element("line", class_="chart-leader", x1=x0, y1=y0, x2=x1, y2=y1, stroke=AXIS, stroke_width=1)
