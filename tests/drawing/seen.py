"""What a reader sees of a drawing, read back from its SVG."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from strigil.drawing import Point, Series, Visit, response_chart
from strigil.drawing.labels import Box, text_box
from strigil.drawing.readings import ResponseChart

SVG = "{http://www.w3.org/2000/svg}"
START = date(2026, 9, 1)


def on(days: int) -> date:
    return START + timedelta(days=days)


def point(days: int, value: str | int, label: str = "", *, estimated: bool = False) -> Point:
    return Point(on(days), Decimal(value), label, estimated)


def chart(*series: Series, **more: object) -> ResponseChart:
    """A pain chart from 0 to 10, unless told otherwise."""
    given: dict[str, object] = {
        "id": "pain",
        "title": "Right ankle: worst pain",
        "unit": "of 10",
        "low": Decimal(0),
        "high": Decimal(10),
        "series": series,
    }
    return ResponseChart(**(given | more))  # type: ignore[arg-type]


def falling(*, visits: bool = True, **more: object) -> ResponseChart:
    """Eight readings from 7 to 2, with their visits."""
    days = (0, 4, 8, 13, 18, 25, 32, 46)
    points = tuple(point(day, value) for day, value in zip(days, (7, 6, 6, 5, 4, 3, 3, 2), strict=True))
    reactions = ("none", "expected", "expected", "adverse", None, "none", "none", "none")
    at = zip(days, reactions, strict=True)
    of_course = tuple(Visit(on(day), n, n != 7, kind) for n, (day, kind) in enumerate(at, 1))  # type: ignore[arg-type]
    return chart(Series("", points), visits=of_course if visits else (), **more)


@dataclass(frozen=True)
class Word:
    text: str
    box: Box
    class_: str


class Seen:
    """A drawing as parsed XML, with its words and marks where they stand."""

    def __init__(self, svg: str) -> None:
        self.svg = svg
        self.root = ET.fromstring(svg)  # noqa: S314 (our own writing)

    @property
    def size(self) -> tuple[float, float]:
        _, _, width, height = (float(n) for n in self.root.attrib["viewBox"].split())
        return width, height

    def words(self) -> list[Word]:
        return [*_words(self.root, {})]

    def text(self) -> list[str]:
        return [word.text for word in self.words()]

    def group(self, *classes: str) -> Iterator[ET.Element]:
        for node in self.root.iter():
            if set(classes) <= set(node.get("class", "").split()):
                yield node

    def marks(self, *classes: str) -> list[tuple[float, float]]:
        """Where the signs of a kind stand in the plot and its strips; those of the key stand lower and are left out."""
        found = [place(path) for group in self.group(*classes) for path in group.iter(f"{SVG}path")]
        return [at for at in found if at[1] < self.key_top()]

    def key_top(self) -> float:
        """Above this is the figure, below it the key."""
        leads = [word.box[1] for word in self.words() if word.text.endswith(":")]
        return min(leads, default=self.size[1])

    def plot(self) -> Box:
        """Left, top, right and bottom of the plot, as its grid shows them."""
        grid = next(self.group("chart-grid")).attrib["d"]
        rows = [tuple(float(n) for n in row) for row in re.findall(r"M(\S+) (\S+?)H([\d.-]+)", grid)]
        return rows[0][0], min(row[1] for row in rows), rows[0][2], max(row[1] for row in rows)

    def title(self) -> str:
        return self.root.findtext(f"{SVG}title", "")


def look(drawn: ResponseChart, *, narrow: bool = False) -> Seen:
    return Seen(response_chart(drawn, narrow=narrow))


def place(path: ET.Element) -> tuple[float, float]:
    x, y = re.fullmatch(r"translate\((\S+) (\S+)\)", path.attrib["transform"]).groups()  # type: ignore[union-attr]
    return float(x), float(y)


def overlaps(words: list[Word]) -> list[tuple[str, str]]:
    """Pairs of words whose boxes lie on each other by more than rounding."""
    pairs = []
    for i, a in enumerate(words):
        for b in words[i + 1 :]:
            across = min(a.box[2], b.box[2]) - max(a.box[0], b.box[0])
            down = min(a.box[3], b.box[3]) - max(a.box[1], b.box[1])
            if across > 0.15 and down > 0.15:
                pairs.append((a.text, b.text))
    return pairs


def _words(node: ET.Element, above: dict[str, str]) -> Iterator[Word]:
    style = above | dict(node.attrib)
    if node.tag == f"{SVG}text":
        text, size = "".join(node.itertext()), float(style["font-size"])
        anchor, bold = style.get("text-anchor", "start"), style.get("font-weight") == "600"
        yield Word(text, text_box(float(style["x"]), float(style["y"]), text, size, anchor, bold), style["class"])
    for child in node:
        yield from _words(child, style)
