"""Every exercise is drawn: what moves is seen to move, nothing leaves the frame, the side is the patient's."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest

from strigil.drawing.exercise import exercise_figure, frames, poses
from strigil.drawing.exercise.figure import USED, Frame
from strigil.drawing.exercise.skeleton import GROUND, HEIGHT, WIDTH
from strigil.drawing.exercise.table import Poses
from strigil.knowledge import load
from strigil.knowledge.shapes import Exercise

SVG = "{http://www.w3.org/2000/svg}"
KEYS = sorted(load().shelf(Exercise))
UPRIGHT = {"stand", "front"}
ON_SOMETHING = ("block", "wedge")


def outside(frame: Frame) -> list[str]:
    """Limbs that reach beyond the frame."""
    return [
        name
        for name, pieces in frame.figure.limbs.items()
        for piece in pieces
        for (x, y), thick in ((piece.start, piece.near), (piece.end, piece.far))
        if not (thick <= x <= WIDTH - thick and thick <= y <= HEIGHT - thick)
    ]


def apart(one: Frame, other: Frame) -> float:
    """How far the joint that moves most is from where it was."""
    shared = set(one.figure.joints) & set(other.figure.joints)
    return max((math.dist(one.figure.joints[name], other.figure.joints[name]) for name in shared), default=math.inf)


def test_every_exercise_of_the_shelf_is_drawn_and_nothing_else() -> None:
    assert sorted(poses().exercises) == KEYS


@pytest.mark.parametrize("key", KEYS)
def test_drawing_says_what_it_shows(key: str) -> None:
    drawn = ET.fromstring(exercise_figure(key, title="The name of it"))  # noqa: S314 (our own writing)
    assert drawn.findtext(f"{SVG}title") == "The name of it"
    assert len(drawn.findtext(f"{SVG}desc", "")) > 20
    assert "{" not in drawn.findtext(f"{SVG}desc", "")
    assert drawn.get("role") == "img"


@pytest.mark.parametrize("key", KEYS)
def test_every_limb_stays_within_the_frame(key: str) -> None:
    for side in ("right", "left"):
        for number, frame in enumerate(frames(key, side), 1):
            assert outside(frame) == [], f"frame {number}, {side}"


@pytest.mark.parametrize("key", KEYS)
def test_what_moves_is_seen_to_move_and_what_is_held_has_its_arrow_or_stands(key: str) -> None:
    drawing = poses().exercises[key]
    shown = frames(key)
    if drawing.still == "yes":
        assert len(shown) == 1
        return
    assert len(shown) > 1
    assert all(apart(one, other) > 4 for one, other in pairwise(shown))


@pytest.mark.parametrize("key", [key for key in KEYS if poses().exercises[key].posture in UPRIGHT])
def test_who_stands_has_a_foot_on_the_ground_or_on_what_stands_there(key: str) -> None:
    drawing = poses().exercises[key]
    for frame in frames(key):
        if "ground" not in frame.posture.props or "running" in load().shelf(Exercise)[key].position:
            continue
        lowest = max(at[1] + thick for at, thick in frame.figure.points())
        raised = any(prop.startswith(ON_SOMETHING) for prop in drawing.props)
        assert lowest < GROUND + 6
        assert lowest > GROUND - (34 if raised else 4)


def test_the_left_side_is_the_mirror_of_the_right_and_its_own_limb_is_tinted() -> None:
    right, left = (frames("straight_leg_raise", side)[1].figure for side in ("right", "left"))
    assert left.joints["left_ankle"] == pytest.approx(
        (WIDTH - right.joints["right_ankle"][0], right.joints["right_ankle"][1])
    )
    assert left.joints["right_ankle"] != pytest.approx(left.joints["left_ankle"])


@pytest.mark.parametrize(("side", "letter"), [("right", "R"), ("left", "L")])
def test_side_is_said_in_words_and_on_the_drawing(side: str, letter: str) -> None:
    drawn = ET.fromstring(exercise_figure("straight_leg_raise", title="Raise", side=side))  # noqa: S314 - ours
    assert f"the {side} leg" in drawn.findtext(f"{SVG}desc", "")
    assert letter in ["".join(one.itertext()) for one in drawn.iter(f"{SVG}text")]
    assert sum(one.get("fill") == USED for one in drawn.iter(f"{SVG}path")) == 2


def test_an_exercise_of_both_sides_bears_no_letter() -> None:
    drawn = ET.fromstring(exercise_figure("bridge", title="Bridge"))  # noqa: S314 - our own drawing
    assert not {"R", "L"} & {"".join(one.itertext()) for one in drawn.iter(f"{SVG}text")}


def test_facing_the_patient_the_right_arm_is_at_the_viewers_left() -> None:
    front = frames("cross_body_stretch")[0].figure.joints
    behind = frames("scapular_squeeze")[0].figure.joints
    assert front["right_shoulder"][0] < front["left_shoulder"][0]
    assert behind["right_shoulder"][0] > behind["left_shoulder"][0]


def test_a_drawing_in_no_posture_is_refused() -> None:
    whole = poses().model_dump()
    whole["exercises"]["bridge"]["posture"] = "floating"
    with pytest.raises(ValueError, match="no such posture: floating"):
        Poses.model_validate(whole)
