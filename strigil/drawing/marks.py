"""The outlines of a chart's marks, around (0, 0). Never glyphs: a font without them would change the whole line."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Literal

from strigil.drawing.svg import number

Shape = Literal["circle", "diamond", "square", "triangle"]
SHAPES: tuple[Shape, ...] = ("circle", "diamond", "square", "triangle")


@lru_cache(maxsize=256)
def reading(shape: Shape, size: float, hatched: bool = False) -> str:
    """The path of a reading's mark: solid when measured; to be drawn hollow, and hatched, when estimated."""
    outline, inner = _outline(shape, size)
    return outline + _hatch(inner) if hatched else outline


def _outline(shape: Shape, size: float) -> tuple[str, float]:
    """A closed outline and the radius of the circle inside it; all shapes look equally heavy."""
    if shape == "circle":
        return _circle(size), size
    if shape == "diamond":
        reach = size * 1.3
        return _polygon((0, -reach), (reach, 0), (0, reach), (-reach, 0)), reach * 0.7
    if shape == "square":
        half = size * 0.9
        return _polygon((-half, -half), (half, -half), (half, half), (-half, half)), half
    reach = size * 1.3
    return _polygon((0, -reach), (reach, reach * 0.8), (-reach, reach * 0.8)), reach * 0.55


def _circle(radius: float) -> str:
    r, across = number(radius), number(2 * radius)
    return f"M-{r} 0a{r} {r} 0 1 0 {across} 0a{r} {r} 0 1 0-{across} 0z"


def _polygon(*corners: tuple[float, float]) -> str:
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in corners) + "z"


def _hatch(radius: float) -> str:
    """Three strokes from lower left to upper right inside a circle."""
    path = ""
    for offset in (-0.55, 0.0, 0.55):
        reach = radius * math.sqrt(1 - offset * offset) * 0.7071
        shift = radius * offset * 0.7071
        path += f"M{number(shift - reach)} {number(shift + reach)}L{number(shift + reach)} {number(shift - reach)}"
    return path


@lru_cache(maxsize=64)
def bar(width: float, height: float) -> str:
    """A visit: an upright bar hanging from the top."""
    half = width / 2
    return _polygon((-half, 0), (half, 0), (half, height), (-half, height))


@lru_cache(maxsize=64)
def reaction(kind: str | None, size: float) -> str:
    """What followed a visit: a dash (none), a hollow triangle, a solid four-pointed star (adverse),
    a ring to be broken (not known)."""
    half = size / 2
    if kind == "none":
        return f"M{number(-half * 0.7)} 0L{number(half * 0.7)} 0"
    if kind == "expected":
        return _polygon((0, -half), (half, half * 0.8), (-half, half * 0.8))
    if kind == "adverse":
        return _star(half * 1.35, half * 0.62)
    return _circle(half * 0.85)


def _star(outer: float, inner: float) -> str:
    """Four tips: unlike every reading's mark, and whole even when small."""
    corners = []
    for n in range(8):
        radius, angle = (outer, inner)[n % 2], math.pi * n / 4
        corners.append((radius * math.sin(angle), -radius * math.cos(angle)))
    return _polygon(*corners)
