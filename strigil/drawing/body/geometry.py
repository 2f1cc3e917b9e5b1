"""Points to smooth lines, and what is asked of a polygon: its centre, its mirror image, the roomiest place in it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from strigil.drawing.svg import number

Point = tuple[float, float]
Polygon = tuple[Point, ...]


def mirrored(polygon: Sequence[Point], width: float) -> Polygon:
    """The same on the other half of a figure."""
    return tuple((round(width - x, 3), y) for x, y in reversed(polygon))


def area(polygon: Sequence[Point]) -> float:
    return abs(sum(ax * by - bx * ay for (ax, ay), (bx, by) in _edges(polygon))) / 2


def centroid(polygon: Sequence[Point]) -> Point:
    """Where a polygon would balance."""
    twice = sum(ax * by - bx * ay for (ax, ay), (bx, by) in _edges(polygon))
    x = sum((ax + bx) * (ax * by - bx * ay) for (ax, ay), (bx, by) in _edges(polygon))
    y = sum((ay + by) * (ax * by - bx * ay) for (ax, ay), (bx, by) in _edges(polygon))
    return x / (3 * twice), y / (3 * twice)


def contains(polygon: Sequence[Point], point: Point) -> bool:
    x, y = point
    inside = False
    for (ax, ay), (bx, by) in _edges(polygon):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            inside = not inside
    return inside


def room(polygon: Sequence[Point], point: Point) -> float:
    """How far the nearest edge is; negative outside."""
    nearest = min(_distance(point, a, b) for a, b in _edges(polygon))
    return nearest if contains(polygon, point) else -nearest


def roomiest(polygon: Sequence[Point]) -> Point:
    """The point of a polygon that lies farthest from its edges, so that a label or a finger has most room there."""
    xs, ys = [x for x, _ in polygon], [y for _, y in polygon]
    step = max(max(xs) - min(xs), max(ys) - min(ys)) / 16
    best = centroid(polygon)
    grid = [(min(xs) + step * i, min(ys) + step * j) for i in range(17) for j in range(17)]
    best = max([best, *grid], key=lambda point: room(polygon, point))
    while step > 0.2:
        step /= 2
        around = [(best[0] + step * i, best[1] + step * j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
        best = max(around, key=lambda point: room(polygon, point))
    return best


def straight(polygon: Sequence[Point]) -> str:
    """A path of straight edges."""
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in polygon) + "Z"


def smooth(points: Sequence[Point], corners: frozenset[Point] = frozenset(), *, closed: bool = True) -> str:
    """A path that runs softly through all points, and turns sharply at corners."""
    count = len(points)
    steps = count if closed else count - 1
    pieces = [f"M{number(points[0][0])} {number(points[0][1])}"]
    for place in range(steps):
        a, b = points[place], points[(place + 1) % count]
        reach = math.dist(a, b) / 3
        before = points[place - 1] if closed or place else a
        after = points[(place + 2) % count] if closed or place + 2 < count else b
        out = _towards(a, b) if a in corners or before == a else _towards(before, b)
        into = _towards(a, b) if b in corners or after == b else _towards(a, after)
        handles = (a[0] + out[0] * reach, a[1] + out[1] * reach, b[0] - into[0] * reach, b[1] - into[1] * reach, *b)
        pieces.append("C" + " ".join(number(one) for one in handles))
    return "".join(pieces) + ("Z" if closed else "")


def _towards(a: Point, b: Point) -> Point:
    length = math.dist(a, b) or 1.0
    return (b[0] - a[0]) / length, (b[1] - a[1]) / length


def _edges(polygon: Sequence[Point]) -> list[tuple[Point, Point]]:
    return [*pairwise(polygon), (polygon[-1], polygon[0])]


def _distance(point: Point, a: Point, b: Point) -> float:
    length = math.dist(a, b) ** 2
    if not length:
        return math.dist(point, a)
    along = ((point[0] - a[0]) * (b[0] - a[0]) + (point[1] - a[1]) * (b[1] - a[1])) / length
    along = min(1.0, max(0.0, along))
    return math.dist(point, (a[0] + along * (b[0] - a[0]), a[1] + along * (b[1] - a[1])))
