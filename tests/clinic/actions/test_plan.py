"""A plan stays on the shelf."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from strigil.clinic.actions import Refused
from tests.clinic.cast import PLAN, Story, everything


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"technique": "magic"}, "'magic' is not a technique"),
        ({"phases": ("levitate",)}, "no phase 'levitate'"),
        ({"areas": ()}, "at least one area"),
        ({"areas": PLAN.areas * 2}, "planned twice"),
        ({"consent_given": False}, "was told what may follow and agreed"),
        ({"areas": (replace(PLAN.areas[0], region="elbow_pit"),)}, "'elbow_pit' is not a region"),
        ({"areas": (replace(PLAN.areas[0], instrument="spoon"),)}, "'spoon' is not an instrument"),
        ({"areas": (replace(PLAN.areas[0], strokes=("swirl",)),)}, "'swirl' is not a stroke"),
    ],
)
def test_a_plan_off_the_shelf_is_refused(changes: dict[str, Any], why: str, story: Story) -> None:
    course = story.course()
    before = everything()
    with pytest.raises(Refused, match=why):
        story.planned(course, **changes)
    assert everything() == before
