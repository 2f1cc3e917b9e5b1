"""What patients read: plain lines, each with the statements that it rests on."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from strigil.knowledge.shapes.base import Citation, Item, Shape, Text, reference

RESTS_ON = (
    "patient_education",
    "reactions",
    "healing_phases",
    "overall_evidence",
    "adjuncts",
    "dosage",
    "practice_standards",
    "instrument_facts",
    "detection_assessment",
    "exercise_rules",
)
"""The shelves that a line may rest on; each is a field of ``Told`` of the same name."""


class Told(Shape):
    """A few sentences for a patient. ``proposed``: in part this project's advice, beyond what it rests on."""

    tell: Text
    basis: Literal["source", "proposed"] = "source"
    patient_education: tuple[Annotated[str, reference("patient_education")], ...] = ()
    reactions: tuple[Annotated[str, reference("reactions")], ...] = ()
    healing_phases: tuple[Annotated[str, reference("healing_phases")], ...] = ()
    overall_evidence: tuple[Annotated[str, reference("overall_evidence")], ...] = ()
    adjuncts: tuple[Annotated[str, reference("adjuncts")], ...] = ()
    dosage: tuple[Annotated[str, reference("dosage")], ...] = ()
    practice_standards: tuple[Annotated[str, reference("practice_standards")], ...] = ()
    instrument_facts: tuple[Annotated[str, reference("instrument_facts")], ...] = ()
    detection_assessment: tuple[Annotated[str, reference("detection_assessment")], ...] = ()
    exercise_rules: tuple[Annotated[str, reference("exercise_rules")], ...] = ()

    @model_validator(mode="after")
    def _rests_on_something(self) -> Told:
        if not self.rests_on and self.basis != "proposed":
            raise ValueError("a line rests on a statement of the shelf, or its basis is proposed")
        return self

    @property
    def rests_on(self) -> tuple[tuple[str, str], ...]:
        """Shelf and id of each statement."""
        return tuple((folder, key) for folder in RESTS_ON for key in getattr(self, folder))


class Leaflet(Item):
    """A part of what every patient may read. Its sources are those of the statements that its lines name."""

    folder: ClassVar[str] = "leaflets"

    place: int = Field(ge=1)
    lines: Annotated[tuple[Told, ...], Field(min_length=1)]
    sources: tuple[Citation, ...] = ()
