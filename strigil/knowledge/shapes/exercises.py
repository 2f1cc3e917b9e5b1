"""Exercises, the programmes they make for an indication, and the rules that hold for all of them."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from strigil.knowledge.shapes.base import Citation, Item, Shape, Statement, Text, reference

ExerciseKind = Literal[
    "stretch",
    "strength_isometric",
    "strength_eccentric",
    "strength_heavy_slow",
    "strength_dynamic",
    "mobility",
    "nerve_glide",
    "balance",
    "motor_control",
    "cardio_warm_up",
    "self_massage",
]
EvidenceDirection = Literal[
    "benefit",
    "benefit_extrapolated",
    "benefit_for_range",
    "benefit_modest_evidence",
    "benefit_no_best_programme",
    "benefit_reported_second_hand",
    "case_report_only",
    "gentle_better_than_intensive",
    "handout_only",
    "inferior_to_injection",
    "insufficient",
    "leaflet_advice",
    "mixed",
    "moderate_benefit",
    "no_added_benefit",
    "small_benefit",
    "small_short_term_benefit",
    "small_to_moderate_benefit",
    "staged_protocol",
    "uncontrolled_benefit",
]


class Dose(Shape):
    """As the page gives it: a number, a span such as ``2-4``, or a schedule in words. Absent: the pages did not say."""

    status: Literal["reported", "none_found"]
    sets: Text | None = None
    repetitions: Text | None = None
    hold_s: Text | None = None
    times_per_day: Text | None = None
    times_per_week: Text | None = None
    tempo: Text | None = None
    load: Text | None = None
    weeks: Text | None = None
    note: Text | None = None
    source: Annotated[str, reference("sources")]


class Exercise(Item):
    """One exercise. What ``authored`` names was worded by this project from general practice and has no source."""

    folder: ClassVar[str] = "exercises"
    authored: ClassVar[tuple[str, ...]] = ("how", "progression", "easier", "harder", "stop_if", "equipment", "regions")

    kind: ExerciseKind
    regions: Annotated[tuple[Annotated[str, reference("body_regions")], ...], Field(min_length=1)]
    side: Literal["per_side", "both"]
    position: Text
    how: Annotated[tuple[Text, ...], Field(min_length=1)]
    dose: Dose
    progression: Text
    easier: tuple[Text, ...] = ()
    harder: tuple[Text, ...] = ()
    stop_if: Annotated[tuple[Text, ...], Field(min_length=1)]
    equipment: tuple[Text, ...] = ()


class StagedExercise(Shape):
    """An exercise in a stage, and how its dose differs there; the exercise's own dose holds where nothing is said."""

    exercise: Annotated[str, reference("exercises")]
    difference: Text | None = None
    difference_basis: Literal["proposed"] | None = None


class Stage(Shape):
    id: Literal["early", "middle", "late"]
    title: Text
    gate: Text | None = None
    clearance: Literal["surgeon"] | None = None
    """Who has to agree in writing before any of it is done."""
    exercises: Annotated[tuple[StagedExercise, ...], Field(min_length=1)]


class Avoided(Shape):
    """An exercise that an indication leaves out: always, or where ``when`` holds."""

    exercise: Annotated[str, reference("exercises")]
    when: Text | None = None


class Programme(Statement):
    """Exercises for an indication by stage. Which exercise stands in which stage was proposed by this project."""

    folder: ClassVar[str] = "programmes"

    indication: Annotated[str, reference("indications")]
    evidence_strength: Literal["guideline", "trial", "review", "clinic_page"]
    """The best kind of source seen; no grade of quality."""
    evidence_direction: EvidenceDirection
    stages: Annotated[tuple[Stage, ...], Field(min_length=1)]
    avoid: tuple[Avoided, ...] = ()
    notes: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _stages_once(self) -> Programme:
        if len({one.id for one in self.stages}) != len(self.stages):
            raise ValueError("a stage is there twice")
        return self


class PainZone(Shape):
    id: Literal["safe", "acceptable", "too_high"]
    low: int = Field(ge=0, le=10)
    high: int = Field(ge=0, le=10)
    do: Text


class StopSign(Shape):
    text: Text
    basis: Literal["source", "proposed"]


class ExerciseRule(Statement):
    """A rule for all exercises or for those it names: on pain, moving on, stopping, or what waits after surgery."""

    folder: ClassVar[str] = "exercise_rules"

    about: Literal["pain", "progression", "stop", "after_surgery"]
    basis: Literal["source", "proposed"]
    sources: tuple[Citation, ...] = ()
    exercises: tuple[Annotated[str, reference("exercises")], ...] = ()
    indications: tuple[Annotated[str, reference("indications")], ...] = ()
    findings: tuple[Annotated[str, reference("findings")], ...] = ()
    """What a screen asks that brings the rule in."""
    applies_to: Text | None = None
    """Whom it holds for, where no exercise or indication says it."""
    zones: tuple[PainZone, ...] = ()
    signs: tuple[StopSign, ...] = ()
    do_not: tuple[Text, ...] = ()
    timing: Text | None = None
    emergency: Text | None = None

    @model_validator(mode="after")
    def _sourced_or_says_so(self) -> ExerciseRule:
        if bool(self.sources) != (self.basis == "source"):
            raise ValueError("a rule has sources, or its basis is proposed")
        return self
