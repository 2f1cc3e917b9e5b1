"""A home programme: its exercises with their doses, what the patient says of them, why it ends."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django import forms

from strigil.clinic.actions.exercise import LIMITS, ExerciseInput, as_proposed
from strigil.clinic.forms.fields import Amount, Chips, Line, Prose, Scale, Whole
from strigil.clinic.models import Course, Done, ExerciseSide, ProgrammeStage
from strigil.knowledge.shapes import Exercise
from strigil.pathway.exercise import Offered

WHOLE = {"sets": "Sets", "repetitions": "Repetitions", "hold_s": "Hold", "times_per_day": "Times a day"}
YES_NO = [("yes", "Yes"), ("no", "No")]


class ExerciseForm(forms.Form):
    """One exercise that is offered: taken or left out, its side, its dose."""

    chosen = forms.BooleanField(required=False, label="Prescribe")
    side = Chips(required=False, choices=ExerciseSide.choices, label="Side of the patient")
    times_per_week = Amount(
        required=False, label="Days a week", low=Decimal("0.5"), high=Decimal(7), unit="days", decimal_places=1
    )
    load = Line(required=False, max_length=200, label="Load")
    note = Line(required=False, max_length=300, label="Note for the patient")

    def __init__(self, *args: Any, exercise: Exercise, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.exercise = exercise
        for name, label in WHOLE.items():
            unit = "s" if name == "hold_s" else ""
            self.fields[name] = Whole(required=False, low=1, high=LIMITS[name], unit=unit, label=label)
        if exercise.side == "both":
            self.fields["side"].choices = [("both", "Both")]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("chosen") and not data.get("side") and "side" not in self.errors:
            self.add_error("side", "Say which side of the patient.")
        return data

    def given(self) -> ExerciseInput | None:
        data = self.cleaned_data
        if not data["chosen"]:
            return None
        names = (*WHOLE, "times_per_week", "load", "note")
        return ExerciseInput(self.exercise.id, data["side"], **{name: data[name] for name in names})


def proposed(one: Offered, course: Course) -> dict[str, Any]:
    """What the form of an exercise opens with: the source's dose, and the side of the course."""
    given = as_proposed(one, course)
    initial = {name: value for name, value in asdict(given).items() if value is not None}
    if given.times_per_week is not None:
        initial["times_per_week"] = f"{given.times_per_week.normalize():f}"
    return initial | {"chosen": one.chosen}


class ProgrammeForm(forms.Form):
    stage = forms.ChoiceField(choices=ProgrammeStage.choices, widget=forms.HiddenInput)
    clearance = Line(
        required=False,
        max_length=200,
        label="Surgeon’s protocol or written clearance",
        help_text="Whose, and of which day.",
    )
    reason = Line(required=False, max_length=500, label="Why exercise is prescribed against the screen")
    note = Prose(required=False, max_length=2000, rows=2, label="Note for the patient")


class ReportForm(forms.Form):
    """What the patient says; every question may stay open, and then it is not known."""

    done = Chips(required=False, choices=Done.choices, label="Exercises done since last time")
    pain = Scale(required=False, label="Pain during the exercises")
    settled = Chips(required=False, choices=YES_NO, label="Back where it was by the next morning")
    worried = Chips(required=False, choices=YES_NO, label="Anything of the stop list")

    def answers(self) -> dict[str, Any]:
        words = {"yes": True, "no": False}
        data = self.cleaned_data
        return {
            "done": data["done"],
            "pain": data["pain"],
            "settled": words.get(data["settled"]),
            "worried": words.get(data["worried"]),
        }


class StopForm(forms.Form):
    why = Line(max_length=500, label="Why it is stopped")
