"""The readings: where their marks lie, and the number of each where there is room."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from strigil.drawing import signs
from strigil.drawing.labels import ASCENT, Box, Segment, crosses, descent, text_box, text_width
from strigil.drawing.marks import SHAPES
from strigil.drawing.pairs import pairs_of
from strigil.drawing.palette import LINES
from strigil.drawing.readings import Point
from strigil.drawing.response.plot import Plot
from strigil.drawing.response.sheet import (
    ANY,
    ENDS_NEAR,
    FEW,
    STRONG,
    Dot,
)
from strigil.drawing.svg import element, points
from strigil.drawing.words import with_unit, written


class Readings(Plot):
    def _readings(self) -> None:
        self.size = self._mark_size()
        shifts = self._shifts()
        for index, points_ in enumerate(self.series):
            dots = [
                Dot(point, index, self.x(point.on.toordinal()) + shift, self.y(point.value))
                for point, shift in zip(points_, shifts[index], strict=True)
            ]
            if not self.chart.paired:
                self._line(index, dots)
            self.dots += dots
        if self.chart.paired:
            self._stems()
        self._marks()

    def _marks(self) -> None:
        groups: dict[tuple[int, bool], list[Dot]] = {}
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
        crowded = self.chart.paired
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

    def _line(self, index: int, dots: Sequence[Dot]) -> None:
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

    def _stems(self) -> None:
        """From the readings of the first series to those of the second of the same day, as ``pairs_of`` joins them."""
        of_point = {(dot.series, dot.point): dot for dot in self.dots}
        pairs = pairs_of(*self.series[:2]) if len(self.series) > 1 else []
        ends = [(of_point[0, before], of_point[1, after]) for before, after in pairs]
        segments = [(a.x, a.y, b.x, b.y) for a, b in ends]
        for segment in segments:
            self.room.draw(segment, STRONG)
        if segments:
            self.back.append(signs.stems(segments))

    def _hint(self, dot: Dot) -> str:
        """What hovering says; the table says the same."""
        point, words = dot.point, self.words
        names = [self.chart.series[dot.series].label, point.label]
        names = [name for name in dict.fromkeys(names) if name]
        how = words.estimated if point.estimated else words.measured
        return ", ".join([with_unit(point.value, self.chart.unit), *names, words.full_date(point.on), how])

    def _ranked(self) -> list[Dot]:
        """The readings by how much their number matters; first, last and extreme ones must have theirs."""
        self.musts: set[Dot] = set()
        for index in range(len(self.series)):
            dots = [dot for dot in self.dots if dot.series == index]
            if dots:
                self.musts |= {dots[0], dots[-1], min(dots, key=_by_value), max(dots, key=_by_value)}
        return self.dots

    def _write_values(self, dots: Iterator[Dot]) -> None:
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

    def _own_label(self, dot: Dot) -> str:
        """A reading's label, if it is the only one of its series with it and says more than the series does."""
        series = self.chart.series[dot.series]
        label = dot.point.label.strip()
        alone = sum(point.label == dot.point.label for point in series.points) == 1
        return label if alone and label != series.label and len(label) <= 16 else ""

    def _goes_aside(self, dot: Dot, text: str) -> bool:
        """Whether the name of a series can take along its last number, which found no room at its mark."""
        dots = [other for other in self.dots if other.series == dot.series]
        if dot is not dots[-1] or len(self.series) < 2 or not self.layout.gutter or self.right - dot.x >= ENDS_NEAR:
            return False
        self.aside[dot.series] = text
        return True

    def _write_value(self, dot: Dot, text: str, most: int, lead: float = 0) -> bool:
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

    def _is_lower(self, dot: Dot) -> bool:
        """Whether another series has a higher reading on the same day: then the number goes below."""
        return any(at < dot.y for index, at in self.by_day[dot.point.on.toordinal()] if index != dot.series)

    def _put_value(self, x: float, y: float, text: str) -> None:
        self.values.append(text_box(x, y, text, self.layout.value, "start", True))
        self._write(x, y, text, size=self.layout.value, class_="chart-text chart-value", bold=True)

    def _write_afar(self, dot: Dot, text: str, most: int) -> bool:
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

    def _towards(self, dot: Dot, x: float, y: float) -> Segment:
        """A line from a number at a base line to its mark."""
        if y < dot.y:
            return x, y + 3, dot.x, dot.y - self.size - 1
        return x, y - self.layout.value * 0.8, dot.x, dot.y + self.size + 1


def _by_value(dot: Dot) -> Decimal:
    return dot.point.value
