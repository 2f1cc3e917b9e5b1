from __future__ import annotations

from typing import Any

from django import forms

from strigil.clinic.forms.fields import Chips, ManyChips, Prose, Scale
from strigil.clinic.models import ExercisesDone, Function, MarkChange, MarkSize
from strigil.knowledge import load
from strigil.pathway.respond.check_in import NONE, OTHER, Said, marks, signs

NOTHING = "nothing"
"""The button that says that none of the signs is there."""


class CheckInForm(forms.Form):
    """What a patient is asked the day after a visit. Each question may be left open; nothing is chosen beforehand."""

    soreness = Scale(required=False, label="How sore or painful is it now?")
    marks = ManyChips(
        required=False,
        choices=[],
        label="Do you see or feel any marks where you were treated?",
        help_text="Redness can be hard to see on brown or black skin: feel for warmth, and look at the skin round it.",
    )
    mark_size = Chips(required=False, choices=MarkSize.choices, label="How big is the largest mark?")
    mark_change = Chips(required=False, choices=MarkChange.choices, label="Has it changed?")
    function = Chips(
        required=False, choices=Function.choices, label="What you can do with it, compared with before the visit"
    )
    exercises_done = Chips(required=False, choices=ExercisesDone.choices, label="Did you do your home exercises?")
    worries = ManyChips(required=False, choices=[], label="Is any of these true for you now?")
    words = Prose(
        required=False,
        max_length=500,
        rows=2,
        label="Does anything else worry you?",
        help_text="Somebody of the clinic reads it, but not at once.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seen = [(NONE, "No marks"), *marks(load()), (OTHER, "Something else, such as raised or bumpy skin")]
        self.fields["marks"].choices = seen  # type: ignore[attr-defined]
        self.fields["worries"].choices = [(key, words) for key, words, _ in signs(load())]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if (
            not self.errors
            and NOTHING not in self.data
            and not any(value not in (None, "", []) for value in data.values())
        ):
            raise forms.ValidationError("Nothing is answered yet. Touch at least one answer.")
        return data

    def said(self) -> Said:
        given = self.cleaned_data
        worries = frozenset(given["worries"])
        if NOTHING in self.data and not worries:
            worries = frozenset({NONE})
        return Said(
            soreness=given["soreness"],
            marks=frozenset(given["marks"]),
            mark_size=given["mark_size"],
            mark_change=given["mark_change"],
            function=given["function"],
            exercises_done=given["exercises_done"],
            worries=worries,
            words=given["words"],
        )
