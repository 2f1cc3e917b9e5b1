"""What a chart is written on: layouts, words in their room, and the key under the plot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from strigil.drawing import signs
from strigil.drawing.keys import Entry, Placed, Sign, rows_of_key
from strigil.drawing.labels import Box, Room, text_box
from strigil.drawing.palette import BAND, FONTS, MUTED, SURFACE
from strigil.drawing.readings import Point, Reaction, ResponseChart
from strigil.drawing.scales import Linear
from strigil.drawing.svg import Markup, element, number, text_at
from strigil.drawing.words import Words


@dataclass(frozen=True, slots=True)
class Layout:
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

WIDE = Layout("wide", 720, 300, 13, 14, 16, 20, 132, 120, 5.5)
NARROW = Layout("narrow", 358, 260, 12, 13, 15, 16, 0, 112, 5)


@dataclass(frozen=True, slots=True, eq=False)
class Dot:
    """A reading on the sheet; two of them are never one, however alike."""

    point: Point
    series: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Name:
    """Words that name a series, the band or the goal, and where they would like to stand."""

    text: str
    class_: str
    fill: str
    y: float
    aside: float | None
    near: tuple[tuple[float, float, str], ...]
    sign: Sign


class Sheet:
    """A chart's words and marks as they gather; ``Plot`` gives it the places of the four sides and of the key."""

    top: float
    bottom: float
    left: float
    right: float
    key_top: float
    x: Linear
    y: Linear

    def __init__(self, chart: ResponseChart, layout: Layout, words: Words) -> None:
        self.chart, self.layout, self.words = chart, layout, words
        self.room = Room()
        self.back: list[Markup] = []
        self.front: list[Markup] = []
        self.texts: dict[tuple[str, float, bool, str, str], list[Markup]] = {}
        self.size = layout.mark
        self.dots: list[Dot] = []
        self.values: list[Box] = []
        self.aside: dict[int, str] = {}
        self.by_day: dict[int, list[tuple[int, float]]] = {}
        self.key = list(self._marks_key())
        self.series = chart.ordered()

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

    def _clear(self, box: Box) -> None:
        """An empty ground under a number that a line would run through; not a halo, which some printers paint over."""
        x0, y0, x1, y1 = box
        band, middle = self.chart.band, (y0 + y1) / 2
        on_band = band is not None and self.y(band.high) < middle < self.y(band.low)
        class_, fill = ("chart-band", BAND) if on_band else ("chart-ground", SURFACE)
        self.front.append(
            element("rect", class_=class_, x=x0 - 1, y=y0, width=x1 - x0 + 2, height=y1 - y0, rx=2, fill=fill)
        )

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
        if self.chart.has_doses and any(one.treated and one.seconds is None for one in self.chart.visits):
            yield Entry(signs.unknown_dose_in_key, words.no_time)
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
