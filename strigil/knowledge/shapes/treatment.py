"""What it is used for, with what, what follows, and what goes with it."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from strigil.knowledge.shapes.base import Item, Key, Range, Shape, Statement, Text, reference


class Indication(Item):
    folder: ClassVar[str] = "indications"

    regions: Annotated[tuple[Annotated[str, reference("body_regions")], ...], Field(min_length=1)]
    tissues: Annotated[tuple[Annotated[str, reference("soft_tissues")], ...], Field(min_length=1)]
    icd10cm: tuple[Text, ...] = ()
    icd_note: Text | None = None
    statement: Text
    evidence: Literal["moderate_negative", "low", "expert_opinion", "none_found"]


class Phase(Shape):
    """One part of a session as the technique teaches it."""

    id: Key
    name: Text
    part: Literal[
        "examine", "warm_up", "emollient", "scan", "treat", "stretch", "strengthen", "ice", "reassess", "educate"
    ]
    motion: Literal["stretched", "provoking", "moving", "loaded"] | None = None
    """What the area does while this part is done, where the technique says so."""


class Technique(Item):
    folder: ClassVar[str] = "techniques"

    phases: tuple[Phase, ...]
    seconds_per_area: Range | None = None
    minutes_per_session: Range | None = None
    visits_per_week: Range | None = None
    visits_in_all: Range | None = None
    angle_degrees: Range | None = None
    direction: Text | None = None
    pressure: Text | None = None
    emollient: Text | None = None
    training: Text | None = None
    after_surgery: Text | None = None
    screening_differences: Text | None = None
    adjuncts: tuple[Annotated[str, reference("adjuncts")], ...] = ()
    instruments: tuple[Annotated[str, reference("instruments")], ...] = ()
    strokes: tuple[Annotated[str, reference("strokes")], ...] = ()
    not_found: tuple[Text, ...] = ()


class Instrument(Item):
    folder: ClassVar[str] = "instruments"

    maker: Text | None = None
    pieces: int | None = None
    named_tools: tuple[Text, ...] = ()
    material: Text | None = None
    shape: Text | None = None
    edges: tuple[Literal["concave", "convex", "knob", "point", "tip", "flat"], ...] = ()
    edges_text: Text | None = None
    suited_to: Text | None = None
    strokes: tuple[Annotated[str, reference("strokes")], ...] = ()
    not_found: tuple[Text, ...] = ()


class Stroke(Item):
    folder: ClassVar[str] = "strokes"

    statement: Text
    recordable: Literal["yes", "no"] = "yes"


class Reaction(Item):
    folder: ClassVar[str] = "reactions"

    group: Literal["expected", "adverse", "self_care", "incidence", "next_visit"]
    statement: Text
    time_course: Text | None = None
    fades_after_days: Range | None = None
    do: Text | None = None
    do_basis: Literal["proposed"] | None = None
    ask: Text | None = None
    plain: Text | None = None
    """What a check-in calls it: for a patient, reading age about twelve."""
    emergency: Literal["yes", "no"] = "no"
    """Whether a patient is told to call for help at once."""
    not_in_sources: tuple[Text, ...] = ()


class Adjunct(Statement):
    folder: ClassVar[str] = "adjuncts"

    recordable: Literal["yes", "no"] = "yes"


class HealingPhase(Statement):
    folder: ClassVar[str] = "healing_phases"

    implication: Text | None = None
    implication_basis: Literal["proposed"] | None = None


class PatientEducation(Statement):
    folder: ClassVar[str] = "patient_education"

    plain: Text
    """The same for a patient: second person, reading age about twelve."""


class Dosage(Statement):
    folder: ClassVar[str] = "dosage"


class StrokeParameter(Statement):
    folder: ClassVar[str] = "stroke_parameters"


class PracticeStandard(Statement):
    folder: ClassVar[str] = "practice_standards"


class InstrumentFact(Statement):
    folder: ClassVar[str] = "instrument_facts"


class Word(Shape):
    """A word to record by: what the record keeps, and what the page shows."""

    id: Key
    name: Text


class DetectionAssessment(Statement):
    folder: ClassVar[str] = "detection_assessment"

    words: tuple[Word, ...] = ()
    """What clinicians call it, to record by."""


class UnitsRow(Shape):
    """So many timed minutes in all are so many units."""

    units: int = Field(gt=0)
    low: int = Field(gt=0)
    high: int = Field(gt=0)


class PayerRule(Statement):
    """How a payer counts timed minutes; a setting of the clinic, and never more than a suggestion."""

    folder: ClassVar[str] = "payer_rules"

    first_minutes: int = Field(gt=0)
    """The fewest that make one unit."""
    step_minutes: int = Field(gt=0)
    """How many more make the next."""
    table: tuple[UnitsRow, ...]
    counts: tuple[Text, ...] = ()
    """What else is said of what counts."""

    @model_validator(mode="after")
    def _table_follows(self) -> PayerRule:
        for place, row in enumerate(self.table):
            low = self.first_minutes + place * self.step_minutes
            if (row.units, row.low, row.high) != (place + 1, low, low + self.step_minutes - 1):
                raise ValueError(f"row {row.units} of the table does not follow from first_minutes and step_minutes")
        return self


class OverallEvidence(Statement):
    folder: ClassVar[str] = "overall_evidence"
