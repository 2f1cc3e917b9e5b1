"""The names of series, band and goal: beside the plot, near what they name, or in the key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from strigil.drawing import signs
from strigil.drawing.keys import Entry
from strigil.drawing.labels import spread, wrapped
from strigil.drawing.response.readings import Readings
from strigil.drawing.response.sheet import (
    ENDS_NEAR,
    Name,
)


class Names(Readings):
    def _series_names(self) -> Iterator[Name]:
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
            yield Name(
                text,
                "chart-text",
                "currentColor",
                end.y,
                aside,
                tuple(near[:24]),
                partial(signs.reading_in_key, index, False),
            )

    def _names(self, names: Sequence[Name]) -> None:
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

    def _beside(self, name: Name, lines: Sequence[str], centre: float) -> None:
        size = self.layout.text
        x = self.right + 14
        y = centre - (len(lines) - 1) * size * 0.6 + size * 0.36
        for line in lines:
            self._write(x, y, line, class_=name.class_, fill=name.fill)
            y += size * 1.2
        start = name.aside or self.right
        self.front.append(signs.leader(start, name.y, self.right + 10, centre))
