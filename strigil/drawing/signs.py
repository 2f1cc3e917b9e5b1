"""The signs of a chart as elements: shape, class and the colours of paper, for the plot and the key alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest

from strigil.drawing import marks
from strigil.drawing.marks import SHAPES
from strigil.drawing.palette import AXIS, BAND, BRONZE, GOAL, INK, LINES, MUTED, SURFACE
from strigil.drawing.readings import Reaction
from strigil.drawing.svg import Markup, element, hint, join, number, path_at

_FILLS = {"none": "none", "expected": SURFACE, "adverse": BRONZE, None: "none"}


Place = tuple[float, float]


def _at(places: Iterable[Place], d: str, inside: Iterable[Markup] = ()) -> list[Markup]:
    """The same path at each place, each with its own piece inside, if there are any."""
    return [path_at(x, y, d, piece) for (x, y), piece in zip_longest(places, inside)]


def readings(series: int, estimated: bool, size: float, places: Sequence[Place], hints: Sequence[str] = ()) -> Markup:
    """Readings, their shape by their series: solid when measured, hollow and hatched when estimated."""
    turn = series % len(SHAPES)
    d = marks.reading(SHAPES[turn], size, estimated)
    paths = _at(places, d, [hint(text) for text in hints])
    return element(
        "g",
        *paths,
        class_=f"chart-mark chart-series-{turn + 1} {'chart-estimated' if estimated else 'chart-measured'}",
        fill=SURFACE if estimated else LINES[turn],
        stroke=LINES[turn],
        stroke_width=1.25,
    )


def reading_in_key(series: int, estimated: bool, x: float, y: float) -> Markup:
    return readings(series, estimated, 5, [(x, y)])


def bars(treated: bool, width: float, places: Sequence[Place]) -> Markup:
    """Visits: a long solid bar with treatment, a short hollow one without."""
    return element(
        "g",
        *_at(places, marks.bar(width, 8 if treated else 5)),
        class_="chart-visit" if treated else "chart-visit chart-untreated",
        fill=INK if treated else SURFACE,
        stroke=INK,
    )


def bar_in_key(treated: bool, x: float, y: float) -> Markup:
    return bars(treated, 6, [(x, y - (4 if treated else 2.5))])


def doses(width: float, places: Sequence[Place], heights: Sequence[float]) -> Markup:
    """The time treated at visits: bars on one level, as high as they were long."""
    paths = [path_at(x, y - high, marks.bar(width, high)) for (x, y), high in zip(places, heights, strict=True)]
    return element("g", *paths, class_="chart-dose", fill=INK, stroke=INK, stroke_width=0.5)


def unknown_doses(width: float, height: float, places: Sequence[Place]) -> Markup:
    """Treated, for nobody knows how long: a broken outline that looks unfinished."""
    return element(
        "g",
        *_at([(x, y - height) for x, y in places], marks.bar(width, height)),
        class_="chart-dose chart-unknown",
        fill="none",
        stroke=MUTED,
        stroke_width=1.25,
        stroke_dasharray="2 1.6",
    )


def unknown_dose_in_key(x: float, y: float) -> Markup:
    return unknown_doses(6, 10, [(x, y + 5)])


def stems(segments: Iterable[tuple[float, float, float, float]]) -> Markup:
    """Lines that join what was read before and after."""
    d = "".join([f"M{number(x0)} {number(y0)}L{number(x1)} {number(y1)}" for x0, y0, x1, y1 in segments])
    return element("path", class_="chart-line chart-stem", d=d, fill="none", stroke=LINES[1], stroke_width=2)


def reactions(kind: Reaction | None, size: float, places: Sequence[Place]) -> Markup:
    """What followed visits. Not known is a broken ring: it looks unfinished."""
    return element(
        "g",
        *_at(places, marks.reaction(kind, size)),
        class_=f"chart-reaction chart-{kind or 'unknown'}",
        fill=_FILLS[kind],
        stroke=BRONZE if kind in ("expected", "adverse") else MUTED,
        stroke_width=1.5,
        stroke_dasharray="2 1.6" if kind is None else None,
        stroke_linejoin="round",
    )


def reaction_in_key(kind: Reaction | None, x: float, y: float) -> Markup:
    return reactions(kind, 10, [(x, y)])


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
