"""The kinds of minutes that a visit can hold."""

from __future__ import annotations

from strigil.clinic.models import EVALUATION, EXERCISE
from strigil.knowledge import load
from strigil.knowledge.shapes import Adjunct
from strigil.pathway.treat.minutes import HANDS


def minute_kinds() -> dict[str, str]:
    """Every kind, in words; the time by hand is the areas' own."""
    care = {key: one.title for key, one in load().shelf(Adjunct).items() if one.recordable == "yes"}
    return {EVALUATION: "Evaluation", HANDS: "By instrument", EXERCISE: "Exercise"} | care
