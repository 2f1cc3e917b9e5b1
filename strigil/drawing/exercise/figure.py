"""How an exercise is done, as SVG: one calm body in the poses of the table, with an arrow of the movement."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from strigil.drawing.exercise.skeleton import GROUND, HEIGHT, WIDTH, Figure, Piece, Point, body, foot, go, hand
from strigil.drawing.exercise.table import Drawing, Pose, Posture, poses
from strigil.drawing.palette import BAND, BRONZE, FONTS, INK, LINES, MUTED
from strigil.drawing.svg import Markup, element, join, number

SKIN, USED = "#F7F4EF", "#CFE1E8"
PETROL = LINES[0]
CLOTH = BRONZE


@dataclass(frozen=True, slots=True)
class Frame:
    """One moment of an exercise: the figure where it stands, and the pose that it was given."""

    figure: Figure
    pose: Pose
    posture: Posture


def frames(key: str, side: str = "right") -> list[Frame]:
    """Each moment of an exercise, mirrored for the left side: a right arm is then a left one."""
    drawing = poses().exercises[key]
    made: list[Frame] = []
    given: dict[str, str] = {}
    on: str | None = None
    posture = poses().postures[drawing.posture]
    for place, pose in enumerate(drawing.frames):
        if pose.posture or place == 0:
            posture = poses().postures[pose.posture or drawing.posture]
            given, on = _directions(posture), posture.on
        given = given | _directions(pose)
        on = pose.on or on
        figure = _placed(_posed(given, posture.view, posture.zoom, posture.only == "upper"), on)
        made.append(Frame(figure, pose, posture))
    return [Frame(_mirrored(one.figure), one.pose, one.posture) for one in made] if side == "left" else made


def exercise_figure(key: str, *, title: str, side: str = "") -> str:
    """The drawing of an exercise. ``side`` is the side that it is done on; empty where it is done on both."""
    drawing = poses().exercises[key]
    shown = frames(key, side)
    width = WIDTH * len(shown)
    pieces = [_frame(drawing, shown, place, side) for place in range(len(shown))]
    said = drawing.shows.replace("{side}", side or "right")
    if side:
        said = f"{said} Drawn for the {side} side."
    return element(
        "svg",
        element("title", title),
        element("desc", said),
        *pieces,
        xmlns="http://www.w3.org/2000/svg",
        class_="exercise-figure",
        viewBox=f"0 0 {number(width)} {number(HEIGHT)}",
        width=width,
        height=HEIGHT,
        role="img",
        font_family=FONTS,
        font_size=11,
    )


def _directions(pose: Pose) -> dict[str, str]:
    return {name: held for name, held in pose.model_dump(exclude_none=True).items() if name in _LIMBS}


_LIMBS = frozenset(
    {"trunk", "head", "jaw", "gaze", "right_arm", "left_arm", "right_leg", "left_leg"}
    | {"wrist", "fingers", "thumb", "shank", "foot", "toes"}
)


def _posed(given: dict[str, str], view: str, zoom: float, upper: bool) -> Figure:
    if view == "hand":
        return hand(given, zoom)
    if view == "foot":
        return foot(given, zoom)
    return body(given, view, zoom, upper)


def _placed(figure: Figure, on: str | None) -> Figure:
    """Where it stands: a named joint at a place, or the lowest point of it on the ground and the hip at a place."""
    joint, across, above = (on or "ground 85 0").split()
    if joint == "ground":
        lowest = max(at[1] + thick for at, thick in figure.points())
        return figure.moved(float(across) - figure.joints["hip"][0], GROUND - float(above) - lowest)
    at = figure.joints[joint]
    return figure.moved(float(across) - at[0], GROUND - float(above) - at[1])


_OTHER = {"right": "left", "left": "right"}


def _other(name: str) -> str:
    side, _, rest = name.partition("_")
    return f"{_OTHER[side]}_{rest}" if side in _OTHER else name


def _mirrored(figure: Figure) -> Figure:
    def over(at: Point) -> Point:
        return WIDTH - at[0], at[1]

    limbs = {
        _other(name): [Piece(over(one.start), over(one.end), one.near, one.far) for one in held]
        for name, held in figure.limbs.items()
    }
    joints = {_other(name): over(at) for name, at in figure.joints.items()}
    return Figure(joints, limbs, {_other(name): _other(parent) for name, parent in figure.parents.items()})


# --- One frame ---------------------------------------------------------------------------------------------------


def _frame(drawing: Drawing, shown: list[Frame], place: int, side: str) -> Markup:
    frame, left = shown[place], side == "left"
    props = [*frame.posture.props, *drawing.props, *frame.pose.props]
    behind = [_prop(one, frame.figure, left) for one in props if one.split()[0] not in _BEFORE]
    before = [_prop(one, frame.figure, left) for one in props if one.split()[0] in _BEFORE]
    used = {_other(one) for one in drawing.used} if left else set(drawing.used)
    limbs = [_limb(held, name in used) for name, held in frame.figure.limbs.items()]
    arrows = [_push(one, left) for one in frame.pose.push] + [_turn(one, left) for one in frame.pose.turn]
    if place and drawing.move and drawing.move in frame.figure.joints and not frame.pose.posture:
        joint = _other(drawing.move) if left else drawing.move
        arrows += _way(shown[place - 1].figure, frame.figure, joint)
    count = [element("text", str(place + 1), x=8, y=16, fill=MUTED, class_="exercise-word")] if len(shown) > 1 else []
    letter = [element("text", side[0].upper(), x=8, y=HEIGHT - 4, fill=MUTED, class_="exercise-word")] if side else []
    return element(
        "g",
        join(behind),
        join(limbs),
        join(before),
        join(arrows),
        *count,
        *(letter if place == 0 else []),
        transform=f"translate({number(place * WIDTH)} 0)",
        class_="exercise-frame",
    )


def _limb(pieces: Iterable[Piece], used: bool) -> Markup:
    return element(
        "path",
        d="".join(_outline(one) for one in pieces),
        fill=USED if used else SKIN,
        stroke=INK,
        stroke_width=2.8,
        stroke_linejoin="round",
        paint_order="stroke",
        class_="exercise-limb exercise-limb--used" if used else "exercise-limb",
    )


def _outline(piece: Piece) -> str:
    """A limb as a tapered capsule."""
    (x, y), (u, v), near, far = piece.start, piece.end, piece.near, piece.far
    length = math.hypot(u - x, v - y)
    if length <= abs(near - far) + 0.01:
        (cx, cy), r = ((x, y), near) if near >= far else ((u, v), far)
        half = f"a{number(r)} {number(r)} 0 1 1"
        return f"M{number(cx - r)} {number(cy)}{half} {number(2 * r)} 0{half} {number(-2 * r)} 0Z"
    turn, lean = math.atan2(v - y, u - x), math.acos((near - far) / length)

    def at(centre: Point, r: float, angle: float) -> str:
        return f"{number(centre[0] + r * math.cos(angle))} {number(centre[1] + r * math.sin(angle))}"

    return (
        f"M{at(piece.start, near, turn - lean)}L{at(piece.end, far, turn - lean)}"
        f"A{number(far)} {number(far)} 0 {int(lean > math.pi / 2)} 1 {at(piece.end, far, turn + lean)}"
        f"L{at(piece.start, near, turn + lean)}"
        f"A{number(near)} {number(near)} 0 {int(lean < math.pi / 2)} 1 {at(piece.start, near, turn - lean)}Z"
    )


# --- Arrows ------------------------------------------------------------------------------------------------------


def _way(before: Figure, after: Figure, joint: str) -> list[Markup]:
    """The way of a joint from one frame to the next, drawn just outside the limb."""
    parent = after.parents[joint]
    start = _outside(before.joints[joint], before.joints[parent])
    end = _outside(after.joints[joint], after.joints[parent])
    length = math.dist(start, end)
    if length < 5:
        return []
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    pivot = after.joints[parent]
    away = _unit(pivot, middle)
    bend = (middle[0] + away[0] * length * 0.25, middle[1] + away[1] * length * 0.25)
    return [_arrow(start, bend, end)]


def _outside(at: Point, parent: Point, by: float = 9.0) -> Point:
    away = _unit(parent, at)
    return at[0] + away[0] * by, at[1] + away[1] * by


def _unit(start: Point, end: Point) -> Point:
    length = math.dist(start, end) or 1.0
    return (end[0] - start[0]) / length, (end[1] - start[1]) / length


def _arrow(start: Point, bend: Point, end: Point) -> Markup:
    back = math.atan2(bend[1] - end[1], bend[0] - end[0])
    tips = [(end[0] + 6 * math.cos(back + turn), end[1] + 6 * math.sin(back + turn)) for turn in (0.5, -0.5)]
    d = f"M{_xy(start)}Q{_xy(bend)} {_xy(end)}M{_xy(tips[0])}L{_xy(end)}L{_xy(tips[1])}"
    return element(
        "path",
        d=d,
        fill="none",
        stroke=PETROL,
        stroke_width=2.2,
        stroke_linecap="round",
        stroke_linejoin="round",
        class_="exercise-arrow",
    )


def _xy(at: Point) -> str:
    return f"{number(at[0])} {number(at[1])}"


def _push(given: str, left: bool) -> Markup:
    across, above, direction, length = (float(one) for one in given.split())
    across, direction = (WIDTH - across, -direction) if left else (across, direction)
    start = across, GROUND - above
    end = go(start, direction, length)
    return _arrow(start, ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2), end)


def _turn(given: str, left: bool) -> Markup:
    across, above, radius, first, last = (float(one) for one in given.split())
    if left:
        across, first, last = WIDTH - across, -first, -last
    centre = across, GROUND - above
    half = (first + last) / 2
    reach = radius / max(math.cos(math.radians((last - first) / 2)), 0.3)
    return _arrow(go(centre, first, radius), go(centre, half, reach), go(centre, last, radius))


# --- What is used ------------------------------------------------------------------------------------------------

_BEFORE = frozenset({"band", "strap", "stick", "bar", "weight", "belt", "hammer", "blob", "helper", "scar"})
"""What is held, and so drawn before the body; all else stands behind it."""


def _line(*at: Point, width: float = 2.2, dash: str | None = None, colour: str = MUTED, name: str = "prop") -> Markup:
    return element(
        "polyline",
        points=" ".join(f"{number(x)},{number(y)}" for x, y in at),
        fill="none",
        stroke=colour,
        stroke_width=width,
        stroke_linecap="round",
        stroke_linejoin="round",
        stroke_dasharray=dash,
        class_=f"exercise-{name}",
    )


def _block(*at: Point) -> Markup:
    points = " ".join(f"{number(x)},{number(y)}" for x, y in (*at, at[0]))
    return element("polyline", points=points, fill=BAND, stroke=MUTED, stroke_width=1.4, class_="exercise-block")


def _round(x: float, y: float, r: float) -> Markup:
    return element(
        "path",
        d=_outline(Piece((x, y), (x, y), r, r)),
        fill=BAND,
        stroke=MUTED,
        stroke_width=1.4,
        class_="exercise-block",
    )


def _prop(given: str, figure: Figure, left: bool) -> Markup:
    """One thing: its word, then places across and above the ground, or joints."""
    word, *rest = given.split()

    def x(text: str) -> float:
        return WIDTH - float(text) if left else float(text)

    def y(text: str) -> float:
        return GROUND - float(text)

    def joint(text: str) -> Point:
        name, _, shift = text.partition("+")
        found = figure.joints[_other(name) if left else name]
        if not shift:
            return found
        dx, dy = (float(one) for one in shift.split(","))
        return found[0] + (-dx if left else dx), found[1] - dy

    def ends(text: str) -> Point:
        if text[0].isalpha():
            return joint(text)
        across, above = text.split(",")
        return x(across), y(above)

    match word:
        case "ground":
            return _line((6, GROUND), (WIDTH - 6, GROUND), width=1.6)
        case "wall":
            return _line((x(rest[0]), 14), (x(rest[0]), GROUND), width=2.6)
        case "mat":
            return _line((x(rest[0]), GROUND + 1.6), (x(rest[1]), GROUND + 1.6), width=4)
        case "block":
            a, b, low, high = x(rest[0]), x(rest[1]), y(rest[2]), y(rest[3])
            return _block((a, low), (a, high), (b, high), (b, low))
        case "wedge":
            a, b = x(rest[0]), x(rest[1])
            return _block((a, GROUND), (a, y(rest[2])), (b, y(rest[3])), (b, GROUND))
        case "chair":
            a, b, seat = x(rest[0]), x(rest[1]), y(rest[2])
            top = y(rest[3]) if len(rest) > 3 else seat
            return _line((a, GROUND), (a, top), (a, seat), (b, seat), (b, GROUND))
        case "table":
            a, b, top = x(rest[0]), x(rest[1]), y(rest[2])
            legs = [_line((one, top), (one, GROUND), width=1.8) for one in (a, b)]
            return join([_line((a, top), (b, top), width=4), *legs])
        case "ball" | "roller" | "pillow":
            return _round(x(rest[0]), y(rest[1]), float(rest[2]))
        case "blob":
            at = ends(rest[0])
            return _round(at[0], at[1], float(rest[1]))
        case "weight":
            at = ends(rest[0])
            grip = _line((at[0] - 7, at[1]), (at[0] + 7, at[1]), width=3)
            return join([grip, _round(at[0] - 8, at[1], 4), _round(at[0] + 8, at[1], 4)])
        case "bar" | "stick":
            return _line(*(ends(one) for one in rest), width=4.4 if word == "bar" else 3, colour=INK, name="held")
        case "helper":
            return _limb([Piece(ends(rest[0]), ends(rest[1]), 8, 6.5)], False)
        case "scar":
            return _line(*(ends(one) for one in rest), width=1.6, dash="3 2", colour=INK, name="held")
        case "hammer":
            at, head = ends(rest[0]), ends(rest[1])
            ux, uy = _unit(at, head)
            handle = _line(at, head, width=3, colour=INK, name="held")
            ends_of_head = (head[0] - uy * 9, head[1] + ux * 9), (head[0] + uy * 9, head[1] - ux * 9)
            return join([handle, _line(*ends_of_head, width=7, colour=INK, name="held")])
        case "towel":
            start, end = (x(rest[0]), y(rest[2])), (x(rest[1]), y(rest[2]))
            return _line(start, end, width=float(rest[3]), colour=CLOTH, name="cloth")
        case "band" | "strap" | "belt":
            return _line(*(ends(one) for one in rest), width=2.6, colour=CLOTH, name="cloth")
        case _:
            raise ValueError(f"no such thing in a drawing: {given!r}")
