"""From directions to joints: one neutral body, a hand and a foot, in the units of a frame."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

Point = tuple[float, float]

WIDTH, HEIGHT, GROUND = 170.0, 190.0, 176.0

TRUNK, NECK, HEAD = 21.0, 17.0, 9.5
UPPER, FORE, HAND = 25.0, 22.0, 8.0
THIGH, SHANK, HEEL, SOLE, TOES = 36.0, 34.0, 5.0, 14.0, 6.0
HIPS, SHOULDERS = 7.5, 15.0


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a limb: from, to, and how thick it is at each end."""

    start: Point
    end: Point
    near: float
    far: float


@dataclass(slots=True)
class Figure:
    """Joints by name, and pieces by the limb that they belong to, in the order in which they are drawn."""

    joints: dict[str, Point] = field(default_factory=dict)
    limbs: dict[str, list[Piece]] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)

    def points(self) -> list[tuple[Point, float]]:
        """Every end of every piece with its thickness."""
        return [
            pair for held in self.limbs.values() for one in held for pair in ((one.start, one.near), (one.end, one.far))
        ]

    def moved(self, dx: float, dy: float) -> Figure:
        def by(at: Point) -> Point:
            return at[0] + dx, at[1] + dy

        limbs = {
            name: [Piece(by(one.start), by(one.end), one.near, one.far) for one in held]
            for name, held in self.limbs.items()
        }
        return Figure({name: by(at) for name, at in self.joints.items()}, limbs, self.parents)


def go(start: Point, direction: float, length: float) -> Point:
    """So far from a point, in degrees clockwise from straight up."""
    angle = math.radians(direction)
    return start[0] + math.sin(angle) * length, start[1] - math.cos(angle) * length


def read(directions: str) -> list[tuple[float, float]]:
    """Direction and share of the full length of each part."""
    pairs = (one.partition("*") for one in directions.split())
    return [(float(turn), float(share or 1)) for turn, _, share in pairs]


def body(given: dict[str, str], view: str, zoom: float, upper: bool) -> Figure:
    """A whole body, or its upper half. A second direction of the trunk is that of the chest."""
    figure = Figure()
    flat = view == "side"
    turns = read(given["trunk"])
    turns = turns * 2 if len(turns) == 1 else turns
    hip: Point = (0.0, 0.0)
    waist = go(hip, turns[0][0], TRUNK * zoom * turns[0][1])
    shoulder = go(waist, turns[1][0], TRUNK * zoom * turns[1][1])
    head_turn, head_share = read(given.get("head", f"{turns[1][0]}"))[0]
    head = go(shoulder, head_turn, NECK * zoom * head_share)
    figure.joints |= {"hip": hip, "waist": waist, "shoulder": shoulder, "head": head}
    figure.parents |= {"head": "shoulder", "crown": "shoulder", "chin": "head"}
    figure.parents |= {"shoulder": "hip", "waist": "hip", "hip": "shoulder"}
    across = 90.0 if view == "back" else 270.0
    hips, shoulders = (1.5, 1.5) if flat else (HIPS, SHOULDERS)
    ends: dict[str, tuple[Point, Point]] = {}
    for side, turn in (("right", across), ("left", across + 180)):
        depth = 180.0 if side == "right" else 0.0
        lower = go(hip, depth if flat else turns[0][0] + turn, hips * zoom)
        higher = go(shoulder, depth if flat else turns[1][0] + turn, shoulders * zoom)
        ends[side] = lower, higher
    far, near = ("left", "right")
    for side in (far, near):
        figure.limbs[f"{side}_arm"] = _arm(figure, side, ends[side][1], given[f"{side}_arm"], zoom)
        if not upper:
            figure.limbs[f"{side}_leg"] = _leg(figure, side, ends[side][0], given[f"{side}_leg"], zoom)
    figure.limbs["trunk"] = _trunk(ends, hip, waist, shoulder, flat, zoom, upper)
    figure.limbs["head"] = _head(figure, shoulder, head, head_turn, given, flat, zoom)
    order = ["left_arm", "left_leg", "trunk", "head", "right_leg", "right_arm"]
    if not flat:
        order = ["left_leg", "right_leg", "head", "trunk", "left_arm", "right_arm"]
    figure.limbs = {name: figure.limbs[name] for name in order if name in figure.limbs}
    return figure


def _trunk(
    ends: dict[str, tuple[Point, Point]],
    hip: Point,
    waist: Point,
    shoulder: Point,
    flat: bool,
    zoom: float,
    upper: bool,
) -> list[Piece]:
    if flat:
        low = [] if upper else [Piece(hip, waist, 10 * zoom, 8.6 * zoom)]
        return [*low, Piece(waist, shoulder, 8.6 * zoom, 8.2 * zoom)]
    (right_hip, right), (left_hip, left) = ends["right"], ends["left"]
    inner = 5.5 * zoom
    pieces = [Piece(right, left, inner, inner)]
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        top = _between(right, left, share)
        bottom = waist if upper else _between(right_hip, left_hip, share)
        pieces.append(Piece(top, bottom, inner, (6.5 if not upper else 9) * zoom))
    return pieces


def _between(one: Point, other: Point, share: float) -> Point:
    return one[0] + (other[0] - one[0]) * share, one[1] + (other[1] - one[1]) * share


def _head(
    figure: Figure, shoulder: Point, head: Point, turn: float, given: dict[str, str], flat: bool, zoom: float
) -> list[Piece]:
    neck = Piece(shoulder, head, 4.2 * zoom, 4 * zoom)
    gaze = given.get("gaze", "ahead")
    if not flat and gaze == "ahead":
        crown, chin = go(head, turn, 3 * zoom), go(head, turn + 180, 4 * zoom)
        figure.joints |= {"chin": chin, "crown": crown}
        return [neck, Piece(crown, chin, 8.4 * zoom, 6 * zoom)]
    to = -1 if gaze == "right" else 1
    chin = go(head, turn + to * (138 + float(given.get("jaw", 0))), 8.6 * zoom)
    figure.joints |= {"chin": chin, "crown": go(head, turn, HEAD * zoom)}
    hinge = go(head, turn + to * 170, 2.4 * zoom)
    brow = go(head, turn + to * 80, 1.6 * zoom)
    upper_lip = go(head, turn + to * 112, 8.2 * zoom)
    return [
        neck,
        Piece(go(head, turn - to * 90, 0.6 * zoom), brow, 9.2 * zoom, 8.8 * zoom),
        Piece(head, upper_lip, 6 * zoom, 2.6 * zoom),
        Piece(hinge, chin, 5 * zoom, 2.8 * zoom),
    ]


def _chain(
    figure: Figure, start: Point, directions: str, parts: list[tuple[str, float, float, float]], parent: str
) -> list[Piece]:
    """Pieces one behind the other: name of the joint at the end, length, thickness at both ends."""
    pieces: list[Piece] = []
    turns = read(directions)
    turns += [(turns[-1][0], 1.0)] * (len(parts) - len(turns))
    figure.joints.setdefault(parent, start)
    for (name, length, near, far), (turn, share) in zip(parts, turns, strict=False):
        end = go(start, turn, length * share)
        figure.joints[name], figure.parents[name] = end, parent
        pieces.append(Piece(start, end, near, far))
        start, parent = end, name
    return pieces


def _arm(figure: Figure, side: str, start: Point, directions: str, zoom: float) -> list[Piece]:
    return _chain(
        figure,
        start,
        directions,
        [
            (f"{side}_elbow", UPPER * zoom, 5.2 * zoom, 4 * zoom),
            (f"{side}_wrist", FORE * zoom, 4 * zoom, 2.8 * zoom),
            (f"{side}_hand", HAND * zoom, 3.2 * zoom, 2.6 * zoom),
        ],
        f"{side}_shoulder",
    )


def _leg(figure: Figure, side: str, start: Point, directions: str, zoom: float) -> list[Piece]:
    turns = directions.split()
    upper = _chain(
        figure,
        start,
        " ".join(turns[:2]),
        [(f"{side}_knee", THIGH * zoom, 8 * zoom, 5.6 * zoom), (f"{side}_ankle", SHANK * zoom, 5.4 * zoom, 3.4 * zoom)],
        f"{side}_hip",
    )
    ankle = figure.joints[f"{side}_ankle"]
    shank = read(turns[1])[0][0]
    sole, share = read(turns[2])[0] if len(turns) > 2 else (shank - 90, 1.0)
    bend = read(turns[3])[0][0] if len(turns) > 3 else sole
    heel = go(go(ankle, sole + 90, HEEL * zoom * 0.55), sole, -4 * zoom * share)
    ball = go(heel, sole, SOLE * zoom * share)
    toe = go(ball, bend, TOES * zoom * share)
    figure.joints |= {f"{side}_heel": heel, f"{side}_ball": ball, f"{side}_toe": toe}
    figure.parents |= {f"{side}_toe": f"{side}_ankle", f"{side}_heel": f"{side}_ball", f"{side}_ball": f"{side}_heel"}
    thick = 2.7 * zoom
    return [
        *upper,
        Piece(ankle, heel, 3.4 * zoom, thick + 0.3 * zoom),
        Piece(ankle, ball, 3.2 * zoom, thick - 0.2 * zoom),
        Piece(heel, ball, thick + 0.3 * zoom, thick - 0.2 * zoom),
        Piece(ball, toe, thick - 0.2 * zoom, 2 * zoom),
    ]


# --- Close-ups ---------------------------------------------------------------------------------------------------


def hand(given: dict[str, str], zoom: float) -> Figure:
    """A right hand seen from the thumb's side: forearm, palm, the fingers as one, the thumb before them."""
    figure = Figure()
    wrist = read(given["wrist"])
    elbow: Point = (0.0, 0.0)
    at = go(elbow, wrist[0][0], 62 * zoom * wrist[0][1])
    figure.joints |= {"elbow": elbow, "wrist": at}
    knuckle = go(at, wrist[1][0], 30 * zoom * wrist[1][1])
    figure.joints["knuckle"] = knuckle
    figure.parents |= {"knuckle": "wrist", "wrist": "elbow"}
    figure.limbs["forearm"] = [Piece(elbow, at, 12 * zoom, 8.5 * zoom)]
    palm = [Piece(at, knuckle, 8.5 * zoom, 9.5 * zoom)]
    fingers = _chain(
        figure,
        knuckle,
        given["fingers"],
        [
            ("finger_1", 20 * zoom, 6.6 * zoom, 5.2 * zoom),
            ("finger_2", 14 * zoom, 5 * zoom, 4.4 * zoom),
            ("fingertip", 11 * zoom, 4.4 * zoom, 3.6 * zoom),
        ],
        "knuckle",
    )
    root = _between(at, knuckle, 0.25)
    thumb = _chain(
        figure,
        root,
        given["thumb"],
        [
            ("thumb_1", 16 * zoom, 6.4 * zoom, 5 * zoom),
            ("thumb_2", 11 * zoom, 4.8 * zoom, 4.2 * zoom),
            ("thumb_tip", 9 * zoom, 4.2 * zoom, 3.6 * zoom),
        ],
        "thumb_root",
    )
    figure.limbs |= {"hand": palm, "fingers": fingers[:1], "fingertips": fingers[1:], "thumb": thumb}
    figure.parents |= {"fingertip": "wrist", "thumb_tip": "thumb_root"}
    return figure


def foot(given: dict[str, str], zoom: float) -> Figure:
    """A right foot seen from its outer side, toes to the right: shank, heel, arch, toes."""
    figure = Figure()
    shank = read(given["shank"])[0]
    sole = read(given["foot"])[0]
    knee: Point = (0.0, 0.0)
    ankle = go(knee, shank[0], 58 * zoom * shank[1])
    heel = go(go(ankle, sole[0] + 90, 13 * zoom), sole[0], -13 * zoom)
    ball = go(heel, sole[0], 46 * zoom)
    arch = go(go(heel, sole[0], 24 * zoom), sole[0] - 90, 4.5 * zoom)
    figure.joints |= {"knee": knee, "ankle": ankle, "heel": heel, "ball": ball, "arch": arch}
    figure.parents |= {"ankle": "knee", "heel": "ankle", "ball": "ankle", "arch": "ankle"}
    toes = _chain(
        figure,
        ball,
        given["toes"],
        [("toe_1", 8 * zoom, 6 * zoom, 5 * zoom), ("toe", 8 * zoom, 5 * zoom, 4 * zoom)],
        "ball",
    )
    figure.parents["toe"] = "ankle"
    figure.limbs["foot"] = [
        Piece(knee, ankle, 15 * zoom, 9.5 * zoom),
        Piece(ankle, heel, 9.5 * zoom, 8.5 * zoom),
        Piece(ankle, arch, 9.5 * zoom, 7.5 * zoom),
        Piece(heel, arch, 8.5 * zoom, 7.5 * zoom),
        Piece(arch, ball, 8 * zoom, 6.2 * zoom),
        Piece(ankle, ball, 8.5 * zoom, 6 * zoom),
        *toes,
    ]
    return figure
