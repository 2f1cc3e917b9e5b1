"""The region table of the body figures: read as strictly as the shelf, one half drawn, the other mirrored here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from strigil.drawing.body.geometry import Point, Polygon, centroid, mirrored, roomiest, smooth
from strigil.knowledge.load import read_as
from strigil.knowledge.shapes import Key, Shape, Text

HERE = Path(__file__).parent / "body.yaml"

Side = Literal["left", "right", "midline"]
OTHER: dict[str, Side] = {"left": "right", "right": "left", "midline": "midline"}


@dataclass(frozen=True, slots=True)
class Line:
    """Points, and which of them are corners."""

    points: Polygon
    corners: frozenset[Point]


def _line(text: object) -> object:
    if not isinstance(text, str):
        return text
    words = text.split()
    try:
        points = [(float(x), float(y)) for x, y in (word.rstrip("!").split(",") for word in words)]
    except ValueError:
        raise ValueError('points are written "x,y x,y", a corner with "!" behind it') from None
    corners = frozenset(point for point, word in zip(points, words, strict=True) if word.endswith("!"))
    return Line(tuple(points), corners)


def _numbers(text: object) -> object:
    return tuple(text.split()) if isinstance(text, str) else text


Drawn = Annotated[Line, BeforeValidator(_line)]
Size = Annotated[tuple[float, float], BeforeValidator(_numbers)]
Box = Annotated[tuple[float, float, float, float], BeforeValidator(_numbers)]


class MirrorRow(Shape):
    id: Key
    title: Text


class ViewRow(Shape):
    """One view. Without ``mirror`` it shows both sides and ``side`` is the patient's side at the viewer's left."""

    id: Key
    title: Text
    size: Size
    side: Literal["left", "right"]
    mirror: MirrorRow | None = None
    contours: dict[Key, Drawn]
    edges: tuple[Drawn, ...] = ()
    lines: tuple[Drawn, ...] = ()


class PanelRow(Shape):
    """A part of a view drawn larger; the mirror image is made of it."""

    view: Key
    title: Text
    box: Box


class ShapeRow(Shape):
    """One body region on one view."""

    region: Key
    view: Key
    side: Side
    parent: Literal["head_neck", "trunk", "upper_limb", "lower_limb"]
    tissues: tuple[Text, ...] = ()
    within: Key
    polygon: Drawn


class Table(Shape):
    views: Annotated[tuple[ViewRow, ...], Field(min_length=1)]
    panels: tuple[PanelRow, ...]
    shapes: tuple[ShapeRow, ...]

    @model_validator(mode="after")
    def _holds_together(self) -> Table:
        views = {view.id: view for view in self.views}
        for name in [row.view for row in self.panels] + [row.view for row in self.shapes]:
            if name not in views:
                raise ValueError(f"{name!r} is not a view; allowed: {', '.join(views)}")
        for shape in self.shapes:
            view = views[shape.view]
            if shape.within not in view.contours:
                raise ValueError(f"{shape.region} on {view.id}: {shape.within!r} is not a contour of the view")
            _check_side(shape, view)
        return self


def _check_side(shape: ShapeRow, view: ViewRow) -> None:
    """Raises ``ValueError`` when a shape lies on the other side than it says."""
    where = f"{shape.region} on {view.id}"
    if shape.side not in (view.side, "midline"):
        raise ValueError(f"{where}: this view is drawn as the patient's {view.side}; given: {shape.side}")
    middle = view.size[0] / 2
    if view.mirror is None and any(x > middle for x, _ in shape.polygon.points):
        raise ValueError(f"{where}: a point lies beyond the middle, on the patient's {OTHER[view.side]}")
    at_the_middle = view.mirror is None and shape.side == "midline"
    if at_the_middle and not shape.polygon.points[0][0] == shape.polygon.points[-1][0] == middle:
        raise ValueError(f"{where}: a midline region begins and ends at the middle, {middle:g}")


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of a figure drawn larger, such as a limb. ``midline``: it shows both sides."""

    id: str
    title: str
    side: Side
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Part:
    """One body region on one side of one figure. ``drawn`` names the path it is a mirror image of, or is."""

    region: str
    side: Side
    drawn: str
    flipped: bool
    polygon: Polygon
    parent: str
    tissues: tuple[str, ...]
    within: str
    panel: str
    """The panel that a touch on it opens; empty where it is chosen at once."""

    @property
    def label(self) -> Point:
        """Where a finger has most room on it."""
        return roomiest(self.polygon)


@dataclass(frozen=True, slots=True)
class View:
    """A figure. ``sides``: which side of the patient is at the viewer's left and right, or the one side it shows."""

    id: str
    title: str
    width: float
    height: float
    sides: tuple[Side, ...]
    drawn: str
    """The view whose drawing it uses: itself, or the one it is the mirror image of."""
    contours: tuple[tuple[str, str], ...]
    edges: str
    lines: str
    panels: tuple[Panel, ...]
    parts: tuple[Part, ...]

    @property
    def flipped(self) -> bool:
        return self.drawn != self.id


@cache
def atlas() -> dict[str, View]:
    """Every view by its id, read once."""
    return build(read_as(Table, "body.yaml", HERE.read_bytes()))


def build(table: Table) -> dict[str, View]:
    return {view.id: view for row in table.views for view in _views(row, table)}


def _views(row: ViewRow, table: Table) -> Iterator[View]:
    """A view as it is drawn, and the mirror image of one that shows a single side."""
    both = row.mirror is None
    shapes = [shape for shape in table.shapes if shape.view == row.id]
    drawn = [*zip(shapes, _names(shapes), strict=True)]
    given = [panel for panel in table.panels if panel.view == row.id]
    panels = [panel for one in given for panel in _panels(one, row)]
    parts = [_part(shape, name, row, panels) for shape, name in drawn]
    if both:
        parts += [_part(shape, name, row, panels, flip=True) for shape, name in drawn if shape.side != "midline"]
    sides: tuple[Side, ...] = (row.side, OTHER[row.side]) if both else (row.side,)
    view = View(
        id=row.id,
        title=row.title,
        width=row.size[0],
        height=row.size[1],
        sides=sides,
        drawn=row.id,
        contours=tuple((name, _contour(line, row.size[0], both)) for name, line in row.contours.items()),
        edges="".join(_detail(line, row.size[0], both) for line in row.edges),
        lines="".join(_detail(line, row.size[0], both) for line in row.lines),
        panels=tuple(panels),
        parts=tuple(parts),
    )
    yield view
    if row.mirror:
        panels = [panel for one in given for panel in _panels(one, row, mirror=True)]
        parts = [_part(shape, name, row, panels, flip=True) for shape, name in drawn]
        yield replace(
            view,
            id=row.mirror.id,
            title=row.mirror.title,
            sides=(OTHER[row.side],),
            panels=tuple(panels),
            parts=tuple(parts),
        )


def _names(shapes: list[ShapeRow]) -> list[str]:
    """A name for each drawn shape; a region that has two on a view counts them."""
    found: list[str] = []
    for shape in shapes:
        name = f"{shape.view}-{shape.region}"
        found.append(f"{name}-2" if name in found else name)
    return found


def _part(shape: ShapeRow, name: str, row: ViewRow, panels: list[Panel], *, flip: bool = False) -> Part:
    width = row.size[0]
    polygon = shape.polygon.points
    if row.mirror is None and shape.side == "midline":
        polygon = polygon + mirrored(polygon, width)[1:-1]
    if flip:
        polygon = mirrored(polygon, width)
    side = OTHER[shape.side] if flip else shape.side
    panel = "" if shape.parent == "trunk" else _panel_for(centroid(polygon), side, row, panels)
    return Part(shape.region, side, name, flip, polygon, shape.parent, shape.tissues, shape.within, panel)


def _panel_for(middle: Point, side: Side, row: ViewRow, panels: list[Panel]) -> str:
    """The panel of that side that has most room around the middle of a part."""
    own = [one for one in panels if one.side in (side, "midline") or row.mirror is not None]
    room_in = {one.id: _room_in(one.box, middle) for one in own}
    best = max(room_in, key=lambda name: room_in[name], default="")
    return best if best and room_in[best] > 0 else ""


def _room_in(box: tuple[float, float, float, float], point: Point) -> float:
    left, top, width, height = box
    return min(point[0] - left, left + width - point[0], point[1] - top, top + height - point[1])


def _panels(row: PanelRow, view: ViewRow, *, mirror: bool = False) -> Iterator[Panel]:
    """The panel as drawn and, where the view shows both sides, its mirror image; one that spans the middle is both."""
    left, top, width, height = row.box
    name = f"{view.id}-{row.title.split()[0].strip(',').lower()}"
    middle = view.size[0] / 2
    if view.mirror is None and left < middle < left + width:
        yield Panel(name, row.title, "midline", row.box)
        return
    other = (view.size[0] - left - width, top, width, height)
    if not mirror:
        yield Panel(f"{name}-{view.side}", f"{row.title}, {view.side}", view.side, row.box)
    if mirror or view.mirror is None:
        side = OTHER[view.side]
        yield Panel(f"{name}-{side}", f"{row.title}, {side}", side, other)


def _contour(line: Line, width: float, both: bool) -> str:
    """The path of a contour; in a view of both sides joined with its mirror image, or followed by it."""
    if not both:
        return smooth(line.points, line.corners)
    away = mirrored(line.points, width)
    corners = line.corners | {*mirrored([*line.corners], width)}
    if line.points[0][0] == line.points[-1][0] == width / 2:
        return smooth((*line.points, *away[1:-1]), corners)
    return smooth(line.points, line.corners) + smooth(away, corners)


def _detail(line: Line, width: float, both: bool) -> str:
    drawn = smooth(line.points, line.corners, closed=False)
    if not both or all(x == width / 2 for x, _ in line.points):
        return drawn
    corners = frozenset(mirrored([*line.corners], width))
    return drawn + smooth(mirrored(line.points, width), corners, closed=False)
