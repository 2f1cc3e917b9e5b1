"""Figures of the body as SVG: where something was done, seen, avoided or chosen, on the patient's own side.

A page holds ``definitions`` once; every figure on it only refers to them, so that a row of small figures costs little.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from strigil.drawing.body.geometry import area, straight
from strigil.drawing.body.table import Part, View, atlas
from strigil.drawing.palette import BRONZE, FONTS, INK, LINES
from strigil.drawing.svg import Markup, Value, checked_id, element, use

GROUND = "#F7F4EF"
LETTERS = {"right": "R", "left": "L"}


class Kind(StrEnum):
    """What a mark says of its place."""

    CHOSEN = "chosen"
    TREATED = "treated"
    REACTION = "reaction"
    AVOIDED = "avoided"


@dataclass(frozen=True, slots=True)
class Mark:
    """One place and what is said of it. A side that nobody said is empty, and drawn unfinished on both."""

    region: str
    side: str
    kind: Kind


# How each kind is filled, its colour, the width of its line and its dashes; paper has no more than this.
LOOKS: dict[Kind, tuple[str, str, float]] = {
    Kind.CHOSEN: ("none", LINES[0], 3.2),
    Kind.TREATED: ("hatch", LINES[0], 1.8),
    Kind.REACTION: ("dots", BRONZE, 2.2),
    Kind.AVOIDED: ("crosses", INK, 1.8),
}
_PATTERNS = {
    "hatch": ("M-1 1L1 -1M0 6L6 0M5 7L7 5", LINES[0], 1.9),
    "dots": ("M1.5 1.5h.01M4.5 4.5h.01", BRONZE, 2.4),
    "crosses": ("M0 0L6 6M6 0L0 6", INK, 1.1),
}


def parts_of(view: View, mark: Mark) -> list[Part]:
    """The parts of a figure that a mark lies on: its own side, both where no side was said, midline regions across."""
    found = [part for part in view.parts if part.region == mark.region]
    if mark.side not in view.sides and mark.side in LETTERS:
        return []
    return [part for part in found if mark.side in ("", part.side) or "midline" in (part.side, mark.side)]


def views_for(marks: Sequence[Mark]) -> tuple[str, ...]:
    """The fewest views on which every mark is seen; among as few, those that show it best."""
    wanted = [{view.id for view in atlas().values() if parts_of(view, mark)} for mark in marks]
    wanted = [views for views in wanted if views]
    for count in range(len(atlas()) + 1):
        enough = [some for some in combinations(atlas(), count) if all(views & set(some) for views in wanted)]
        if enough:
            return max(enough, key=lambda some: _shows([atlas()[one] for one in some], marks))
    return ()


def _shows(views: Sequence[View], marks: Sequence[Mark]) -> tuple[int, int, float]:
    """Both sides rather than one; the tissues that the shelf names; then size."""
    parts = [part for view in views for mark in marks for part in parts_of(view, mark)]
    both = sum(len(view.sides) == 2 for view in views)
    return both, sum(len(part.tissues) for part in parts), sum(area(part.polygon) for part in parts)


def definitions(views: Iterable[str], regions: frozenset[str] | None = None) -> str:
    """What the figures of a page share, once for the page: contours, details, patterns, and the shapes of regions."""
    drawn = {atlas()[view].drawn: atlas()[atlas()[view].drawn] for view in views}
    pieces = [_pattern(name) for name in _PATTERNS]
    for view in drawn.values():
        pieces += _defined(view, regions)
    hidden: dict[str, Value] = {"width": 0, "height": 0, "aria_hidden": "true", "focusable": "false"}
    return element("svg", element("defs", *pieces), class_="body-definitions", **hidden)


def _defined(view: View, regions: frozenset[str] | None) -> Iterable[Markup]:
    for name, path in view.contours:
        yield element("path", id=f"body-{view.id}-{name}", d=path)
        yield element("clipPath", use(f"body-{view.id}-{name}"), id=f"within-{view.id}-{name}")
    yield element("path", id=f"body-{view.id}-lines", d=view.lines)
    if view.edges:
        yield element("path", id=f"body-{view.id}-edges", d=view.edges)
    if len(view.sides) == 2:
        for place, side in enumerate(view.sides):
            half = element("rect", x=place * view.width / 2, y=0, width=view.width / 2, height=view.height)
            yield element("clipPath", half, id=f"half-{view.id}-{side}")
    for part in {part.drawn: part for part in view.parts if not part.flipped}.values():
        if regions is None or part.region in regions:
            yield element("path", id=f"part-{part.drawn}", d=straight(part.polygon))
            yield element("clipPath", use(f"part-{part.drawn}"), id=f"edge-{part.drawn}")


def _pattern(name: str) -> Markup:
    path, colour, width = _PATTERNS[name]
    drawn = element(
        "path", d=path, fill="none", stroke=colour, stroke_width=width, stroke_linecap="round", class_=f"body-{name}"
    )
    return element("pattern", drawn, id=f"body-{name}", width=6, height=6, patternUnits="userSpaceOnUse")


def body_figure(
    view: str,
    marks: Sequence[Mark],
    *,
    id: str,
    title: str,
    description: str,
    small: bool = False,
    placeless: bool = False,
) -> str:
    """One figure with its marks. Its page holds ``definitions`` of the view.

    ``placeless``: there was a reaction of which nobody said where; it stands unfinished beside the body.
    """
    checked_id(id)
    shown = atlas()[view]
    return _figure(
        shown,
        element("title", title, id=f"{id}-title"),
        element("desc", description, id=f"{id}-desc"),
        *_body(shown),
        *(_mark(shown, part, mark) for mark in marks for part in parts_of(shown, mark)),
        *([_beside(shown)] if placeless else []),
        _sides(shown, *((32, 0) if small else (22, 16))),
        id=id,
        role="img",
        aria_labelledby=f"{id}-title {id}-desc",
    )


def touch_figure(view: str) -> str:
    """A figure to choose on: every region can be touched, and what is chosen is drawn by the page's script.

    It is no control of its own: the list beside it says and takes the same, so screen readers pass it over.
    """
    shown = atlas()[view]
    places = [_touch(shown, part) for part in shown.parts]
    return _figure(
        shown,
        *_body(shown),
        element("g", *(_border(shown, part) for part in shown.parts), class_="body-borders", fill="none"),
        element("g", class_="body-marks"),
        element("g", *places, class_="body-touch", fill="none", pointer_events="all"),
        _sides(shown, 18, 11.5),
        data_drawn=shown.drawn,
        data_sides=" ".join(shown.sides),
        aria_hidden="true",
        focusable="false",
    )


def _figure(view: View, *inside: Markup, **attributes: Value) -> Markup:
    return element(
        "svg",
        *inside,
        xmlns="http://www.w3.org/2000/svg",
        class_="body",
        viewBox=f"0 0 {view.width:g} {view.height:g}",
        font_family=FONTS,
        **attributes,
    )


def _body(view: View) -> list[Markup]:
    """Outline and details; a mirrored view is the same drawing, turned."""
    outline, *over = [use(f"body-{view.drawn}-{name}", class_="body-skin") for name, _ in view.contours]
    pieces = [outline, use(f"body-{view.drawn}-lines", class_="body-detail", fill="none", stroke_width=0.8)]
    if over:
        pieces.append(element("g", *over, stroke="none"))
        pieces.append(use(f"body-{view.drawn}-edges", fill="none"))
    line: dict[str, Value] = {
        "fill": GROUND,
        "stroke": INK,
        "stroke_width": 1.3,
        "stroke_linejoin": "round",
        "stroke_linecap": "round",
    }
    return [element("g", *pieces, class_="body-line", transform=_turn(view, view.flipped), **line)]


def _mark(view: View, part: Part, mark: Mark) -> Markup:
    """A region as far as the body goes, with the body's own line drawn over along it."""
    pattern, colour, width = LOOKS[mark.kind]
    half = mark.side in LETTERS and part.side == "midline" and len(view.sides) == 2
    drawn = element(
        "g",
        *_filled(view, part),
        class_=f"body-mark body-{mark.kind}" + ("" if mark.side else " body-unsided"),
        transform=_turn(view, part.flipped),
        fill=pattern if pattern == "none" else f"url(#body-{pattern})",
        stroke=colour,
        stroke_width=width,
        stroke_dasharray=None if mark.side else "4 3",
    )
    return element("g", drawn, clip_path=f"url(#half-{view.drawn}-{mark.side})") if half else drawn


def _beside(view: View) -> Markup:
    """A reaction that has no place on the body."""
    pattern, colour, width = LOOKS[Kind.REACTION]
    box: dict[str, Value] = {"x": view.width - 34, "y": view.height - 34, "width": 30, "height": 30, "rx": 4}
    look: dict[str, Value] = {"fill": f"url(#body-{pattern})", "stroke": colour, "stroke_width": width}
    return element("rect", class_="body-mark body-reaction", **box, **look, stroke_dasharray="4 3")


def _filled(view: View, part: Part) -> tuple[Markup, Markup]:
    return (
        use(f"part-{part.drawn}", clip_path=f"url(#within-{view.drawn}-{part.within})"),
        use(f"body-{view.drawn}-{part.within}", clip_path=f"url(#edge-{part.drawn})", fill="none"),
    )


def _border(view: View, part: Part) -> Markup:
    return element(
        "g",
        use(f"part-{part.drawn}", clip_path=f"url(#within-{view.drawn}-{part.within})"),
        transform=_turn(view, part.flipped),
    )


def _touch(view: View, part: Part) -> Markup:
    panel = next((one for one in view.panels if one.id == part.panel), None)
    return use(
        f"part-{part.drawn}",
        transform=_turn(view, part.flipped),
        data_region=part.region,
        data_side=part.side,
        data_within=part.within,
        data_panel=panel.title if panel else None,
        data_box=" ".join(f"{one:g}" for one in panel.box) if panel else None,
    )


def _turn(view: View, turned: bool) -> str | None:
    return f"matrix(-1 0 0 1 {view.width:g} 0)" if turned else None


def _sides(view: View, size: float, word: float) -> Markup:
    """R and L of the patient, where they are; in words as well where there is room for words."""
    pieces: list[Markup] = []
    for place, side in enumerate(view.sides):
        x, anchor = (view.width - 4, "end") if place else (4, "start")
        said = [element("text", LETTERS[side], x=x, y=size, font_size=size, font_weight="700")]
        if word:
            said.append(element("text", side, x=x, y=size + word, font_size=word))
        pieces.append(element("g", *said, text_anchor=anchor, data_label=side, data_at=x))
    return element("g", *pieces, class_="body-side", fill=INK)
