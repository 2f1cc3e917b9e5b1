"""Measures, their thresholds and norms."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from strigil.knowledge.shapes.base import Citation, Item, Shape, Text, reference


class Threshold(Shape):
    """A published amount of change, with the people it was found in."""

    kind: Literal["mdc", "mcid"]
    value: Decimal = Field(gt=0)
    unit: Text
    population: Text
    ci: Literal["90", "95"] | None = None
    method: Text | None = None
    device: Text | None = None
    rater: Literal["same", "different"] | None = None
    use: Literal["yes", "no"] = "no"
    """Whether this row is the one change is judged by; a measure may have one such row of each kind."""
    use_note: Text | None = None
    sources: Annotated[tuple[Citation, ...], Field(min_length=1)]


class Norm(Shape):
    value: Text
    population: Text
    sources: Annotated[tuple[Citation, ...], Field(min_length=1)]


class Measure(Item):
    folder: ClassVar[str] = "measures"

    kind: Literal["patient_reported", "motion", "clinician"]
    short: Text
    unit: Text
    """UCUM code: ``deg``, ``cm``, ``kg``, ``{score}``."""
    unit_name: Text
    low: Decimal
    high: Decimal
    step: Decimal = Field(gt=0)
    better: Literal["higher", "lower"]
    rates_change: Literal["yes", "no"] = "no"
    """Whether a reading is itself a rating of change since the start: it is judged alone, never against another."""
    sided: Literal["yes", "no"]
    regions: tuple[Annotated[str, reference("body_regions")], ...] = ()
    """Regions it belongs to; none: every region."""
    ask: Text | None = None
    low_label: Text | None = None
    high_label: Text | None = None
    how: Text | None = None
    scoring: Text | None = None
    thresholds: tuple[Threshold, ...] = ()
    norms: tuple[Norm, ...] = ()
    licence: Text | None = None
    loinc: tuple[Text, ...] = ()
    cautions: tuple[Text, ...] = ()
    other_errors: tuple[Text, ...] = ()
    """Published errors that are not a single amount of change (ranges over joints, limits of agreement)."""

    @model_validator(mode="after")
    def _one_row_each(self) -> Measure:
        for kind in ("mdc", "mcid"):
            if sum(1 for row in self.thresholds if row.kind == kind and row.use == "yes") > 1:
                raise ValueError(f"more than one {kind} row has use: yes")
        return self
