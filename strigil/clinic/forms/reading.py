"""One reading of one measure: typed, or read with the phone."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from strigil.clinic.actions.evaluate import ReadingInput
from strigil.clinic.forms.evaluate import DEVICES, METHODS, is_scale, number_field
from strigil.clinic.forms.fields import Chips, Choices, Line, Scale
from strigil.knowledge.shapes import Measure
from strigil.pathway import facts
from strigil.pathway.facts import Moment
from strigil.pathway.incline import METHOD as PHONE

SIDES: Choices = [("left", "Left"), ("right", "Right")]
TOUCHES = 20
"""A measure with at most so many steps is a row of touches instead of a number."""
COPIED = ("method", "device", "version", "position")
"""What seldom changes between two readings of a measure. The value, the side and the activity never come along."""


class OneReadingForm(forms.Form):
    """What every single reading has: the side, and what is carried over from the last reading of the measure."""

    def __init__(self, *args: Any, measure: Measure, last: facts.Reading | None, **kwargs: Any) -> None:
        self.measure, self.last = measure, last
        carried = {name: str(getattr(last, name)) for name in COPIED if last and getattr(last, name)}
        super().__init__(*args, **({"initial": carried} | kwargs))
        if measure.sided != "no":
            required = measure.sided == "yes"
            hint = (
                "Of the patient." if required else "Of the patient; leave it open where it speaks of the whole person."
            )
            self.fields["side"] = Chips(required=required, choices=SIDES, help_text=hint)
        if measure.positions:
            choices = [(one, one.capitalize()) for one in measure.positions]
            self.fields["position"] = Chips(required=False, choices=choices, label="Position of the patient")

    def copied(self) -> set[str]:
        """Fields that were filled from the last reading, until somebody touches them."""
        held = {name for name in COPIED if name in self.fields and self.initial.get(name)}
        return {name for name in held if not self.is_bound or name not in self.changed_data}

    def reading(self, moment: Moment) -> ReadingInput:
        data = self.cleaned_data
        return ReadingInput(
            self.measure.id,
            self.value(),
            moment,
            data.get("side", ""),
            method=self.method(),
            device=data.get("device", ""),
            detail=data.get("detail", "").strip(),
            version=data.get("version", "").strip(),
            position=data.get("position", "").strip(),
        )

    def value(self) -> Decimal:
        return Decimal(self.cleaned_data["value"])

    def method(self) -> str:
        return str(self.cleaned_data.get("method", ""))


class TypedForm(OneReadingForm):
    """A value typed or touched."""

    def __init__(self, *args: Any, activities: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        measure = self.measure
        if measure.id == "psfs":
            self.fields["detail"] = Line(
                max_length=200,
                label="Activity, in the patient's words",
                help_text=f"Rated before: {', '.join(activities)}." if activities else "",
            )
        self.fields["value"] = value_field(measure)
        if measure.kind == "motion":
            self.fields["method"] = Chips(choices=METHODS, label="Motion was")
            self.fields["device"] = Chips(choices=DEVICES, label="Measured with")
        elif measure.kind == "clinician":
            self.fields["device"] = Line(required=False, max_length=60, label="Measured with")
        if measure.licence and not measure.ask:
            said = f"The amounts of change are for: {measure.version}. " if measure.version else ""
            self.fields["version"] = Line(
                required=False,
                max_length=60,
                label="Version of the form",
                help_text=f"{said}Scores of two versions are never compared.",
            )
        ordered = ("detail", "side", "value", "method", "device", "position", "version")
        self.order_fields([name for name in ordered if name in self.fields])


class InclineForm(OneReadingForm):
    """An angle read with the phone; without a sensor it is typed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        measure = self.measure
        most = max(abs(measure.low), abs(measure.high))
        limits = measure.model_copy(update={"low": Decimal(0), "high": min(most, Decimal(180)), "short": "Angle"})
        self.fields["value"] = number_field(limits)
        self.fields["value"].required = True
        if measure.low < 0:
            self.fields["short"] = forms.BooleanField(
                required=False, label="It ended short of zero", help_text="Then the angle is kept with a minus."
            )
        self.fields["method"] = Chips(choices=METHODS, label="Motion was")
        self.fields["device"] = Line(
            max_length=60,
            label="Phone",
            help_text="As the browser tells it; write it more exactly if you can. Only the same phone is compared.",
        )
        order = ("side", "value", "short", "method", "device", "position")
        self.order_fields([name for name in order if name in self.fields])
        if last := self.last:
            self.initial["method"] = last.method.removeprefix(f"{PHONE}, ")

    def value(self) -> Decimal:
        moved = Decimal(self.cleaned_data["value"])
        return -moved if self.cleaned_data.get("short") else moved

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("value") is not None:
            measure = self.measure
            if not measure.low <= self.value() <= measure.high:
                allowed = f"{measure.low:f} to {measure.high:f}{measure.unit_name}"
                self.add_error("value", f"{self.value()}{measure.unit_name} is out of range. Allowed: {allowed}.")
        return data

    def method(self) -> str:
        return f"{PHONE}, {self.cleaned_data['method']}"


def value_field(measure: Measure) -> forms.Field:
    """Touches where there are few steps, else a number."""
    steps = (measure.high - measure.low) / measure.step
    if is_scale(measure):
        field: forms.Field = Scale()
    elif measure.kind == "patient_reported" and steps <= TOUCHES and steps % 1 == 0:
        marks = [measure.low + measure.step * place for place in range(int(steps) + 1)]
        choices = [(str(one), f"{'+' if measure.low < 0 < one else ''}{one:f}".replace("-", "−")) for one in marks]
        field = Chips(choices=choices)
    else:
        field = number_field(measure)
        field.required = True
    field.label = measure.short
    return field
