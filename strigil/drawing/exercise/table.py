"""The table of poses: what each exercise's drawing is posed by."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from strigil.knowledge.load import read_as
from strigil.knowledge.shapes import Shape, Text

HERE = Path(__file__).with_name("poses.yaml")

Directions = Annotated[str, Field(pattern=r"^-?[\d.]+(\*[\d.]+)?( -?[\d.]+(\*[\d.]+)?)*$")]
"""One direction for each part of a limb, from the body outwards, in degrees clockwise from straight up; ``*0.6`` is
drawn shorter, because it comes towards the viewer."""

View = Literal["side", "front", "back", "hand", "foot"]


class Pose(Shape):
    """Where each limb points. What is left out stays as it was in the frame before, or in the posture.

    A side view shows the right side of the patient, who faces to the right; in a front view the patient's right is at
    the viewer's left.
    """

    posture: Text | None = None
    """Another posture from here on: a close-up, or a change of place."""
    trunk: Directions | None = None
    head: Directions | None = None
    jaw: Directions | None = None
    gaze: Literal["ahead", "right", "left"] | None = None
    """Where the head is turned in a front view."""
    right_arm: Directions | None = None
    left_arm: Directions | None = None
    right_leg: Directions | None = None
    left_leg: Directions | None = None
    wrist: Directions | None = None
    fingers: Directions | None = None
    thumb: Directions | None = None
    shank: Directions | None = None
    foot: Directions | None = None
    toes: Directions | None = None
    on: Text | None = None
    """A joint, and where it stands: across, and above the ground."""
    push: tuple[Text, ...] = ()
    """Arrows of a press or a pull: across, above the ground, direction, length."""
    turn: tuple[Text, ...] = ()
    """Arrows of a turn: across, above the ground, radius, from, to."""
    props: tuple[Text, ...] = ()
    """What is used, besides what the exercise names for every frame."""


class Posture(Pose):
    view: View
    zoom: Annotated[float, Field(gt=0)] = 1.0
    only: Literal["all", "upper"] = "all"


class Drawing(Shape):
    posture: Text
    frames: Annotated[tuple[Pose, ...], Field(min_length=1, max_length=4)]
    move: Text | None = None
    """The joint whose way from one frame to the next is drawn as an arrow."""
    props: tuple[Text, ...] = ()
    used: tuple[Text, ...] = ()
    """The limbs that do the work; they are tinted."""
    still: Literal["yes", "no"] = "no"
    """Whether nothing moves: a hold, or a press against something."""
    shows: Text
    """What is seen, for somebody who does not see it; ``{side}`` is the side drawn."""


class Poses(Shape):
    postures: dict[str, Posture]
    exercises: dict[str, Drawing]

    @model_validator(mode="after")
    def _postures_are_there(self) -> Poses:
        named = {one.posture for one in self.exercises.values()}
        named |= {pose.posture for one in self.exercises.values() for pose in one.frames if pose.posture}
        if missing := named - set(self.postures):
            raise ValueError(f"no such posture: {', '.join(sorted(missing))}")
        return self


@cache
def poses() -> Poses:
    return read_as(Poses, HERE.name, HERE.read_bytes())
