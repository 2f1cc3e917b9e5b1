"""Measures, their thresholds and norms."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from strigil.knowledge.shapes.base import Citation, Item, Key, Shape, Text, reference


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


class Marks(Shape):
    """The lowest and the highest mark that an item may be given."""

    low: Decimal
    high: Decimal

    @model_validator(mode="after")
    def _ordered(self) -> Marks:
        if self.low >= self.high:
            raise ValueError(f"low {self.low} is not below high {self.high}")
        return self


class Score(Shape):
    """How the answers to a questionnaire become its score.

    ``sum``: the marks added up. ``mean``: their mean. ``percent``: the sum as a share of the highest sum of the items
    answered. ``percent_well``: 100 less that share. ``transform``: the mean less the lowest mark, times 100 over the
    width of the marks. ``points``: each mark as a share of its highest, times the points of its item; points below zero
    count from the highest mark down. ``table``: the sum looked up.
    """

    formula: Literal["sum", "mean", "percent", "percent_well", "transform", "points", "table"]
    items: int = Field(gt=0)
    fewest_items: int | None = Field(None, gt=0)
    """Where the patient names the items: how many there are at least."""
    marks: Marks
    own_marks: dict[int, Marks] = {}
    """Items, counted from 1, whose marks differ from the others'."""
    whole: Literal["yes", "no"] = "yes"
    """Whether only whole marks are marks."""
    answered: int = Field(gt=0)
    """Items that must be answered; with fewer there is no score."""
    missing: Literal["left_out", "mean_of_others", "zero"] | None = None
    """What stands for an item not answered, where fewer than all will do."""
    points: tuple[Decimal, ...] = ()
    table: dict[Decimal, Decimal] = {}

    @model_validator(mode="after")
    def _holds_together(self) -> Score:
        if self.answered > self.items or (self.fewest_items or 0) > self.items:
            raise ValueError(f"there are only {self.items} items")
        if (self.answered < (self.fewest_items or self.items)) != (self.missing is not None):
            raise ValueError("missing is said where, and only where, fewer than all answers will do")
        if any(not 1 <= place <= self.items for place in self.own_marks):
            raise ValueError(f"own_marks names an item beyond 1 to {self.items}")
        if (self.formula == "points") != bool(self.points) or len(self.points) not in (0, self.items):
            raise ValueError("points are one for each item, and only of the formula points")
        if (self.formula == "table") != bool(self.table):
            raise ValueError("a table belongs to the formula table")
        return self

    def marks_of(self, place: int) -> Marks:
        """The marks of an item, counted from 0."""
        return self.own_marks.get(place + 1, self.marks)


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
    better: Literal["higher", "lower", "unknown"]
    """``unknown`` where no source says, or where it depends on the aim; then no change is judged."""
    rates_change: Literal["yes", "no"] = "no"
    """Whether a reading is itself a rating of change since the start: it is judged alone, never against another."""
    unchanged: Decimal = Decimal(0)
    """The rating of change that means none."""
    sided: Literal["yes", "no", "may"]
    """``may``: it can be asked of one side, or of the patient as a whole."""
    part_of: Key | None = None
    """The questionnaire or test of which this is one scale, part or version."""
    version: Text | None = None
    """The version of the form that its thresholds and scoring speak of."""
    positions: tuple[Text, ...] = ()
    """Positions of the patient that the facts part readings by."""
    regions: tuple[Annotated[str, reference("body_regions")], ...] = ()
    """Regions it belongs to; none: every region."""
    ask: Text | None = None
    low_label: Text | None = None
    high_label: Text | None = None
    how: Text | None = None
    scoring: Text | None = None
    score: Score | None = None
    """Absent: the finished score is typed in, because the rule is not known."""
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


class PhoneValidity(Item):
    """What was found about a phone read as an inclinometer."""

    folder: ClassVar[str] = "phone_validity"

    joint: Text
    measures: tuple[Annotated[str, reference("measures")], ...] = ()
    """The motions it speaks of; none: it speaks of no motion in particular."""
    finding: Text
    advice: Literal["good_enough", "with_care", "not_recommended"]
    """What follows for reading these motions by phone; ``not_recommended``: it is not offered."""
    advice_basis: Literal["published", "proposed"]
    errors: tuple[Text, ...] = ()
    device: Text | None = None
    """The kind of phone or app, where the finding holds for one only."""


class MeasureSet(Item):
    """The measures that are offered first for a part of the body or a condition, in their order; a proposal."""

    folder: ClassVar[str] = "measure_sets"

    sources: tuple[Citation, ...] = ()
    regions: tuple[Annotated[str, reference("body_regions")], ...] = ()
    indications: tuple[Annotated[str, reference("indications")], ...] = ()
    """Neither regions nor conditions: everybody."""
    when: Literal["always", "review"] = "always"
    """``review``: once the patient has been treated."""
    measures: Annotated[tuple[Annotated[str, reference("measures")], ...], Field(min_length=1)]
    basis: Literal["proposed"]
