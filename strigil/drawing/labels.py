"""How wide words are, where they break, and how they keep out of each other's way.

No font is at hand when a chart is written, so widths are estimated on the wide side: the widest of Inter, Noto Sans and
Arial for each letter. What does not collide by these boxes does not collide on the page.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

Box = tuple[float, float, float, float]
Segment = tuple[float, float, float, float]

ASCENT, DESCENT, DIGITS_DESCENT = 0.78, 0.24, 0.06
_DIGITS = re.compile("[0-9.\u2212]*\\Z")
_COLUMN = 48.0

# Hundredths of an em, from the space to the tilde, digits as wide as in tables; then what else a chart may hold.
_ASCII = (
    "28 28 41 65 64 89 73 27 36 36 55 66 28 46 28 37 65 65 65 65 65 65 65 65 65 65 28 28 66 66 66 56 "
    "102 68 67 73 73 67 61 78 74 34 54 67 56 91 76 78 67 78 72 67 64 74 68 95 67 67 62 36 37 36 57 56 "
    "50 56 62 56 62 58 36 61 62 26 26 54 26 93 62 60 61 61 41 52 36 62 56 81 54 56 54 38 55 38 66"
)
_WIDTHS = {chr(32 + n): int(em) / 100 for n, em in enumerate(_ASCII.split())}
_WIDTHS.update({"\u00b0": 0.45, "\u00b1": 0.66, "\u2264": 0.66, "\u2265": 0.66, "\u2212": 0.66, "\u2013": 0.56})
_WIDTHS.update({"\u00b7": 0.28, "\u00df": 0.63, "\u2032": 0.3, "\u2033": 0.5, "\u2019": 0.28})
_BOLD = 1.08


@lru_cache(maxsize=4096)
def text_width(text: str, size: float, bold: bool = False) -> float:
    """An estimate of a text's width, rather too wide than too narrow."""
    em = sum([_WIDTHS.get(letter) or _other(letter) for letter in text])
    return em * size * (_BOLD if bold else 1.0)


def _other(letter: str) -> float:
    if unicodedata.combining(letter) or unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0.0
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.04
    base = unicodedata.normalize("NFD", letter)[0]
    return _WIDTHS.get(base, 1.0)


def text_box(x: float, y: float, text: str, size: float, anchor: str = "start", bold: bool = False) -> Box:
    """The box a text fills when it is written at a base line."""
    width = text_width(text, size, bold)
    left = x if anchor == "start" else x - width if anchor == "end" else x - width / 2
    return left, y - ASCENT * size, left + width, y + descent(text) * size


@lru_cache(maxsize=4096)
def descent(text: str) -> float:
    """How far words reach below their base line, in em; numbers hardly do."""
    return DIGITS_DESCENT if _DIGITS.match(text) else DESCENT


@lru_cache(maxsize=1024)
def wrapped(text: str, width: float, size: float, bold: bool = False, most: int = 99) -> tuple[str, ...]:
    """Lines no wider than ``width``; what does not fit in ``most`` lines ends in an ellipsis."""
    lines = [""]
    for word in text.split():
        for piece in _pieces(word, width, size, bold):
            longer = f"{lines[-1]} {piece}" if lines[-1] else piece
            if text_width(longer, size, bold) <= width or not lines[-1]:
                lines[-1] = longer
            else:
                lines.append(piece)
    if len(lines) > most:
        last = lines[most - 1]
        while last and text_width(f"{last}…", size, bold) > width:
            last = last[:-1]
        lines = [*lines[: most - 1], f"{last.rstrip()}…"]
    return tuple(line for line in lines if line)


def _pieces(word: str, width: float, size: float, bold: bool) -> list[str]:
    """A word, or where no line holds it, the parts of it that fit."""
    if text_width(word, size, bold) <= width:
        return [word]
    pieces = [""]
    for letter in word:
        if pieces[-1] and text_width(pieces[-1] + letter, size, bold) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def spread(wanted: Sequence[tuple[float, float]], low: float, high: float) -> list[float] | None:
    """Centres as near as possible to the wanted ones, in their order, for (centre, height) pairs that may not overlap.

    ``None`` when they do not fit between ``low`` and ``high``. Neighbours that push each other settle at their mean.
    """
    total = sum(height for _, height in wanted)
    if total > high - low:
        return None
    order = sorted(range(len(wanted)), key=lambda i: (wanted[i][0], i))
    before, groups = 0.0, []
    for i in order:
        centre, height = wanted[i]
        groups.append([centre - height / 2 - before, 1.0])
        before += height
        while len(groups) > 1 and groups[-2][0] > groups[-1][0]:
            start, count = groups.pop()
            mean = (groups[-1][0] * groups[-1][1] + start * count) / (groups[-1][1] + count)
            groups[-1] = [mean, groups[-1][1] + count]
    starts = [min(max(start, low), high - total) for start, count in groups for _ in range(int(count))]
    centres, before = [0.0] * len(wanted), 0.0
    for i, start in zip(order, starts, strict=True):
        centres[i] = start + before + wanted[i][1] / 2
        before += wanted[i][1]
    return centres


class Room:
    """What is already on the sheet: boxes nothing may cover, lines that words would rather not cross."""

    __slots__ = ("_boxes", "_levels", "_lines")

    def __init__(self) -> None:
        self._boxes: dict[int, list[Box]] = {}
        self._lines: dict[int, list[tuple[Box, Segment, int]]] = {}
        self._levels: list[tuple[float, int]] = []

    def take(self, box: Box) -> None:
        for column in range(int(box[0] // _COLUMN), int(box[2] // _COLUMN) + 1):
            self._boxes.setdefault(column, []).append(box)

    def draw(self, line: Segment, weight: int) -> None:
        """Remember a line and how much a word crossing it would hurt."""
        xa, ya, xb, yb = line
        left, right = (xa, xb) if xa <= xb else (xb, xa)
        around = (left, ya, right, yb) if ya <= yb else (left, yb, right, ya)
        for column in range(int(left // _COLUMN), int(right // _COLUMN) + 1):
            self._lines.setdefault(column, []).append((around, line, weight))

    def level(self, y: float, weight: int) -> None:
        """Remember a line across the whole plot."""
        self._levels.append((y, weight))

    def is_free(self, box: Box) -> bool:
        x0, y0, x1, y1 = box
        for column in range(int(x0 // _COLUMN), int(x1 // _COLUMN) + 1):
            for a0, b0, a1, b1 in self._boxes.get(column, ()):
                if y0 < b1 and b0 < y1 and x0 < a1 and a0 < x1:
                    return False
        return True

    def crossings(self, box: Box, most: int = 9999) -> int:
        """The weight of the lines that cross a box; counted no further once it is more than ``most``."""
        x0, y0, x1, y1 = box
        total = 0
        for y, weight in self._levels:
            if y0 <= y <= y1:
                total += weight
        for column in range(int(x0 // _COLUMN), int(x1 // _COLUMN) + 1):
            for (a0, b0, a1, b1), line, weight in self._lines.get(column, ()):
                if a0 <= x1 and a1 >= x0 and b0 <= y1 and b1 >= y0 and crosses(line, box):
                    total += weight
                    if total > most:
                        return total
        return total

    def best(self, boxes: Iterable[Box], within: Box, most: int) -> tuple[int, Box] | None:
        """The free box that crosses least, no more than ``most``, and its place; among equals rather an early one."""
        chosen, least = None, most + 1000
        left, top, right, bottom = within
        for index, box in enumerate(boxes):
            if index >= least:
                break
            if box[0] >= left and box[1] >= top and box[2] <= right and box[3] <= bottom and self.is_free(box):
                crossed = self.crossings(box, most)
                if crossed <= most and crossed + index < least:
                    chosen, least = (index, box), crossed + index
        return chosen


def crosses(line: Segment, box: Box) -> bool:
    """Whether a straight line enters a box."""
    xa, ya, xb, yb = line
    x0, y0, x1, y1 = box
    if xa > xb:
        xa, ya, xb, yb = xb, yb, xa, ya
    if xb < x0 or xa > x1:
        return False
    if xb - xa > 1e-9:
        slope = (yb - ya) / (xb - xa)
        at_left, at_right = ya + slope * (max(xa, x0) - xa), ya + slope * (min(xb, x1) - xa)
    else:
        at_left, at_right = ya, yb
    if at_left > at_right:
        at_left, at_right = at_right, at_left
    return at_left <= y1 and at_right >= y0
