from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from strigil.clinic.actions.plan import AreaInput, PlanInput
from strigil.clinic.forms.fields import (
    EDGES,
    PRESSURES,
    Amount,
    Chips,
    Line,
    ManyChips,
    Pick,
    Prose,
    SitesOfPage,
    Whole,
    instrument_choices,
    stroke_choices,
)
from strigil.knowledge import load
from strigil.knowledge.shapes import Technique


class PlanForm(forms.Form):
    """What is intended with one technique."""

    phases = ManyChips(required=False, choices=[], label="Phases of a visit")
    visits_per_week = Amount(
        label="Visits a week", low=Decimal("0.5"), high=Decimal(7), unit="visits a week", decimal_places=1
    )
    visits_in_all = Whole(label="Visits in all", low=1, high=60, unit="visits")
    review_visits = Line(
        label="Review at visits", required=False, max_length=60, help_text="Numbers with commas: 4, 6."
    )
    exercise = Prose(required=False, max_length=2000, rows=2, label="Stretching and strengthening at the visit")
    home_programme = Prose(required=False, max_length=2000, rows=2, label="Home programme")
    note = Prose(required=False, max_length=2000, rows=2)
    consent_given = forms.BooleanField(
        label="The patient was told what may follow and agreed",
        error_messages={"required": "Record that the patient was told what may follow and agreed."},
    )

    sites = SitesOfPage()

    def __init__(self, *args: Any, technique: Technique, sites: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.technique = technique
        self.fields["sites"].initial = sites
        self.fields["phases"].choices = [(one.id, one.name) for one in technique.phases]  # type: ignore[attr-defined]

    def clean_review_visits(self) -> tuple[int, ...]:
        given = [part.strip() for part in self.cleaned_data["review_visits"].split(",") if part.strip()]
        if any(not (part.isascii() and part.isdigit()) or not 1 <= int(part) <= 60 for part in given):
            raise forms.ValidationError("Give visit numbers with commas, such as 4, 6.")
        return tuple(sorted({int(part) for part in given}))

    def plan(self, areas: list[AreaInput]) -> PlanInput:
        data = self.cleaned_data
        return PlanInput(
            technique=self.technique.id,
            phases=tuple(data["phases"]),
            visits_per_week=data["visits_per_week"],
            visits_in_all=data["visits_in_all"],
            review_visits=data["review_visits"],
            areas=tuple(areas),
            consent_given=data["consent_given"],
            exercise=data["exercise"],
            home_programme=data["home_programme"],
            note=data["note"],
        )


class PlanAreaForm(forms.Form):
    """The dose planned for one site of the course; without a time the site is not treated."""

    seconds = Whole(required=False, low=1, high=3600, unit="s", label="Time")
    instrument = Pick(required=False, choices=[])
    edge = Pick(required=False, choices=EDGES)
    strokes = ManyChips(required=False, choices=[])
    angle_degrees = Whole(required=False, low=0, high=90, unit="°", label="Angle")
    pressure = Chips(required=False, choices=PRESSURES)

    def __init__(self, *args: Any, region: str, side: str, technique: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.region, self.side = region, side
        self.fields["instrument"].choices = instrument_choices(technique)  # type: ignore[attr-defined]
        self.fields["strokes"].choices = stroke_choices(technique)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        dosed = any(data.get(name) not in (None, "", []) for name in data if name != "seconds")
        if dosed and data.get("seconds") is None and "seconds" not in self.errors:
            self.add_error("seconds", "Give the time, or leave the whole area empty.")
        return data

    def area(self) -> AreaInput | None:
        data = self.cleaned_data
        if data["seconds"] is None:
            return None
        return AreaInput(
            self.region,
            self.side,
            data["seconds"],
            data["instrument"],
            data["edge"],
            tuple(data["strokes"]),
            data["angle_degrees"],
            data["pressure"],
        )


def technique_of(key: str | None) -> Technique | None:
    return load().shelf(Technique).get(key or "")
