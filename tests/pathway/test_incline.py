"""Where the phone is offered as an inclinometer."""

from __future__ import annotations

import pytest

from strigil.knowledge import load
from strigil.knowledge.shapes import Measure
from strigil.pathway.incline import phone

SHELF = load()
MEASURES = SHELF.shelf(Measure)


@pytest.mark.parametrize("motion", [one for one in MEASURES if one.startswith("hip_")] + ["straight_leg_raise"])
def test_never_for_the_hip(motion: str):
    found = phone(MEASURES[motion], SHELF)
    assert not found.offered
    assert "For the hip no app can be advised without limits" in found.why
    assert found.found[0].sources


def test_never_for_turning_the_neck_whose_compass_is_advised_against():
    found = phone(MEASURES["cervical_rotation"], SHELF)
    assert not found.offered
    assert "compass of an Android phone is not advised" in found.why


@pytest.mark.parametrize("measure", ["nprs", "dash", "groc", "ankle_dorsiflexion_wblt", "limb_girth"])
def test_only_an_angle_is_read(measure: str):
    assert phone(MEASURES[measure], SHELF).why.endswith("is no angle, so a phone has nothing to read.")


@pytest.mark.parametrize(
    ("motion", "says"),
    [
        ("knee_flexion", "Good enough, by what was found."),
        ("shoulder_flexion", "Good enough, by what was found."),
        ("cervical_flexion", "Good enough, by what was found."),
        ("ankle_dorsiflexion_nwb", "To be read with care."),
        ("wrist_flexion", "No study of this motion by phone was found; what is known is of phones in general."),
    ],
)
def test_offered_with_what_was_found_of_that_motion_first(motion: str, says: str):
    found = phone(MEASURES[motion], SHELF)
    assert (found.offered, found.why) == (True, says)
    own = [motion in one.measures for one in found.found]
    assert own == sorted(own, reverse=True)
    assert any(not one.measures for one in found.found)
