"""The response chart: readings over days, against what error could explain and the goal, with the visits beneath.

Time runs left to right in days. There is one scale, with its unit. Words stand beside what they name, and go to the key
under the chart only where there is no room. Nothing is told by colour alone, and no word lies on another.
"""

from __future__ import annotations

from strigil.drawing.readings import ResponseChart
from strigil.drawing.response.names import Names
from strigil.drawing.response.sheet import NARROW, WIDE
from strigil.drawing.words import ENGLISH, Words

__all__ = ["response_chart"]


def response_chart(chart: ResponseChart, *, narrow: bool = False, words: Words = ENGLISH) -> str:
    """The chart as one SVG element: 720 × 300, or 358 × 260 for a phone; higher only where the key needs it.

    Its ids begin with ``chart.id``; those of the narrow one with ``chart.id`` and ``-narrow``, so both fit on a page.
    """
    return Drawing(chart, NARROW if narrow else WIDE, words).svg()


class Drawing(Names):
    """One chart being laid out: backs first, then lines and marks, then words where there is room."""

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
