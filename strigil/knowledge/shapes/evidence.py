"""What trials, reviews and bench studies say, and on which page each number of them was read."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from strigil.knowledge.shapes.base import ISODate, Key, Shape, Text, reference

Depth = Literal["text", "abstract", "secondary", "registry"]
"""How much a page shows: a table or the body, the abstract, what another page says of the work, its registration."""

Comparator = Literal["sham", "no_treatment", "waiting_list", "add_on", "active", "variant", "unclear"]
"""``add_on``: the same care without the instrument; ``variant``: the instrument used in another way."""

Design = Literal[
    "rct",
    "randomisation_not_stated",
    "crossover",
    "within_person_randomised",
    "within_person",
    "uncontrolled",
    "case_series",
    "case_report",
    "physiology_controlled",
    "physiology_uncontrolled",
    "animal",
]
OutcomeKind = Literal[
    "baseline",
    "post",
    "change",
    "pre_post",
    "responders",
    "between",
    "within",
    "within_arm_effect",
    "mixed_anova",
    "mixed_model",
    "difference",
    "between_limbs",
    "ratio",
]
"""``within_arm_effect``: the change of one arm over its own spread, which is no effect of a treatment."""

Domain = Literal[
    "pain", "function", "motion", "strength", "performance", "tissue", "success", "mood", "other", "several"
]
"""What an outcome is about; ``several`` where one row holds outcomes of more than one kind."""

Verdict = Literal[
    "favours_iastm",
    "mixed",
    "no_advantage",
    "no_clear_difference",
    "favours_comparator",
    "within_group_only",
    "not_read",
    "uncontrolled_positive",
    "case_report",
    "physiology",
    "animal_positive",
    "narrative",
    "insufficient",
    "unreliable",
]
"""This project's reading of the comparison between arms."""

Certainty = Literal["very_low", "very_low_to_low", "low", "moderate", "high"]

_DIGIT = re.compile(r"\d")


def _number_in(value: object) -> str | None:
    """The first number that a block holds itself; blocks that say for themselves where they were read are left out."""
    if isinstance(value, Decimal | int):
        return str(value)
    if isinstance(value, str):
        return value if _DIGIT.search(value) else None
    if isinstance(value, tuple):
        return next((found for one in value if (found := _number_in(one))), None)
    if isinstance(value, Shape) and not isinstance(value, Read):
        return _number_of(value)
    return None


def _number_of(block: Shape) -> str | None:
    named = (getattr(block, name) for name in type(block).model_fields if name not in ("id", "arm", "read_in", "of"))
    return next((found for one in named if (found := _number_in(one))), None)


class Read(Shape):
    """A block that may hold numbers. It names the page they were read on, or says that this project worked them out."""

    read_in: Annotated[str, reference("pages")] | None = None
    basis: Literal["derived"] | None = None

    @model_validator(mode="after")
    def _number_has_a_page(self) -> Read:
        if self.read_in is None and self.basis is None and (found := _number_of(self)):
            raise ValueError(f"a number ({found}) without where it was read; say read_in, or basis: derived")
        return self


class Noted(Read):
    """A remark, in our own words."""

    says: Text


class Page(Shape):
    """A page that was read: its address, or the source of the shelf that has it."""

    id: Key
    depth: Depth
    what: Text | None = None
    url: Text | None = None
    source: Annotated[str, reference("sources")] | None = None

    @model_validator(mode="after")
    def _one_address(self) -> Page:
        if (self.url is None) == (self.source is None):
            raise ValueError("give url, or source where the page stands among the sources: one of the two")
        return self


class Audit(Shape):
    """A second reading. Without one, an item is not re-checked."""

    result: Literal["confirmed", "corrected", "added"]
    on: ISODate
    by: Text
    note: Text | None = None


class Evidence(Shape):
    """What every piece of evidence has. ``title`` is ours and short; ``paper`` is the work's own."""

    folder: ClassVar[str]

    id: Key
    title: Text
    paper: Text | None = None
    paper_note: Noted | None = None
    year: int | None = Field(None, ge=1900, le=2200)
    doi: Annotated[str, Field(pattern=r"^10\.\S+$")] | None = None
    pmid: Annotated[str, Field(pattern=r"^\d+$")] | None = None
    pages: Annotated[tuple[Page, ...], Field(min_length=1)]
    depth: Depth
    """The most that was read of it."""
    depth_note: Text | None = None
    notes: tuple[Noted, ...] = ()
    audited: Audit | None = None
    reviewed_by: Text | None = None
    reviewed_on: ISODate | None = None

    @model_validator(mode="after")
    def _pages_once(self) -> Evidence:
        if len({one.id for one in self.pages}) != len(self.pages):
            raise ValueError("two pages have one id")
        return self


# --- Studies ------------------------------------------------------------------------------------------------------


class Population(Read):
    who: Literal["patients", "healthy", "animals", "cadavers"]
    says: Text
    n: int | None = Field(None, ge=0)
    analysed: int | None = Field(None, ge=0)


class Arm(Read):
    id: Key
    label: Text
    comparator: Comparator | None = None
    """What it is to the instrument; absent for an arm that gets the instrument, and where there is nothing to say."""


class StudyDose(Read):
    """As reported: a number, a span such as ``3-5``, or words. Absent: not read."""

    sessions: Text | None = None
    minutes_per_session: Text | None = None
    weeks: Text | None = None
    per_week: Text | None = None
    force_or_pressure: Text | None = None
    instrument: Text | None = None
    worked_out: tuple[Literal["sessions", "per_week"], ...] = ()
    """What this project worked out from the others."""
    notes: tuple[Noted, ...] = ()


class Result(Shape):
    """What one arm showed. What is absent was not read."""

    arm: Key
    n: int | None = Field(None, ge=0)
    mean: Decimal | None = None
    sd: Decimal | None = Field(None, ge=0)
    pre_mean: Decimal | None = None
    pre_sd: Decimal | None = Field(None, ge=0)
    ci_low: Decimal | None = None
    ci_high: Decimal | None = None
    within_d: Decimal | None = None
    events: int | None = Field(None, ge=0)
    percent: Decimal | None = None

    @model_validator(mode="after")
    def _events_fit(self) -> Result:
        if self.events is not None and self.n is not None and self.events > self.n:
            raise ValueError(f"{self.events} events among {self.n} people")
        return self


class ReportedEffect(Shape):
    """What was reported of the difference. ``within``: before and after in one arm, no effect of a treatment.
    Read where its outcome was, unless it names another page."""

    comparison: Literal["between", "within"] | None = None
    type: Text | None = None
    value: Decimal | None = None
    ci_low: Decimal | None = None
    ci_high: Decimal | None = None
    p: Annotated[str, Field(pattern=r"^[<>]?0?\.\d+$")] | None = None
    says: Text | None = None
    read_in: Annotated[str, reference("pages")] | None = None


class StudyOutcome(Read):
    of: Domain
    measure: Text
    on_shelf: Annotated[str, reference("measures")] | None = None
    unit: Text
    better: Literal["higher", "lower", "none", "mixed"]
    when: Text
    kind: OutcomeKind
    results: tuple[Result, ...] = ()
    effect: ReportedEffect | None = None
    notes: tuple[Noted, ...] = ()

    @model_validator(mode="after")
    def _arms_once(self) -> StudyOutcome:
        if len({one.arm for one in self.results}) != len(self.results):
            raise ValueError("an arm is there twice")
        return self


class RiskOfBias(Read):
    tool: Text | None = None
    score: Text | None = None
    by: Text | None = None
    says: Text | None = None


class AdverseEvents(Read):
    """What the part read says of harm. Absent on a study: nothing was read, which is not none."""

    looked_for: Literal["yes", "no"] | None = None
    count: int | None = Field(None, ge=0)
    says: Text


class Study(Evidence):
    """One trial or experiment: a file of its own."""

    folder: ClassVar[str] = "studies"

    design: Design
    conditions: tuple[Annotated[str, reference("indications")], ...] = ()
    related: tuple[Annotated[str, reference("indications")], ...] = ()
    """Conditions that it stands near without being a study of them."""
    condition: Text
    region: Text
    population: Population
    techniques: tuple[Annotated[str, reference("techniques")], ...] = ()
    technique: Text
    comparator: Comparator | None = None
    """The comparison that the study was read for."""
    arms: Annotated[tuple[Arm, ...], Field(min_length=1)]
    dose: StudyDose | None = None
    outcomes: tuple[StudyOutcome, ...] = ()
    risk_of_bias: RiskOfBias | None = None
    adverse_events: AdverseEvents | None = None
    interest: Noted | None = None
    verdict: Verdict
    same_people: tuple[Text, ...] = ()
    """Other reports of what may be the same trial: count once."""

    @model_validator(mode="after")
    def _arms_are_known(self) -> Study:
        arms = [one.id for one in self.arms]
        if len(set(arms)) != len(arms):
            raise ValueError("two arms have one id")
        for outcome in self.outcomes:
            for one in outcome.results:
                if one.arm not in arms:
                    raise ValueError(f"{outcome.measure}: no arm {one.arm!r}; allowed: {', '.join(arms)}")
        return self


# --- Bench, reviews, safety, claims -------------------------------------------------------------------------------


class Figure(Read):
    """One measured amount: a single value, a span or words."""

    of: Text
    unit: Text | None = None
    mean: Decimal | None = None
    sd: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    says: Text | None = None


class ForceRow(Shape):
    """One person on two days, in newtons and per cent."""

    id: Text
    group: Text
    day1_mean: Decimal
    day2_mean: Decimal
    day1_sd: Decimal
    day2_sd: Decimal
    day1_cv_percent: Decimal
    day2_cv_percent: Decimal
    mean_difference: Decimal
    loa_low: Decimal
    loa_high: Decimal


class ForceTable(Read):
    rows: tuple[ForceRow, ...]


class ForceStudy(Evidence):
    """How hard, how fast and how steadily people press, or a device that measures it."""

    folder: ClassVar[str] = "force_studies"

    design: Literal["bench", "device", "opinion", "survey", "animal"]
    participants: Noted | None = None
    surface: Text | None = None
    grip: Text | None = None
    instruments: Noted | None = None
    strokes: Noted | None = None
    sensor: Noted | None = None
    figures: tuple[Figure, ...] = ()
    table: ForceTable | None = None
    recorded: tuple[Text, ...] = ()
    finding: Noted | None = None
    study: Annotated[str, reference("studies")] | None = None
    """The same work among the studies."""


class ReviewResult(Read):
    of: Domain
    outcome: Text
    comparison: Text | None = None
    measure: Text | None = None
    estimate: Decimal | None = None
    ci_low: Decimal | None = None
    ci_high: Decimal | None = None
    k: int | None = None
    n: int | None = None
    outcomes: int | None = None
    i2_percent: Decimal | None = None
    p: Annotated[str, Field(pattern=r"^[<>]?0?\.\d+$")] | None = None
    model: Text | None = None
    certainty: Certainty | None = None
    says: Text | None = None


class Review(Evidence):
    """A review of trials: what it asked, how much it held, what it found and how sure it is."""

    folder: ClassVar[str] = "reviews"

    design: Literal["systematic", "narrative"]
    question: Text
    conditions: tuple[Annotated[str, reference("indications")], ...] = ()
    """None: about soft-tissue disorders of all kinds, or healthy people."""
    condition: Text
    techniques: tuple[Annotated[str, reference("techniques")], ...] = ()
    k: int | None = Field(None, ge=0)
    n: int | None = Field(None, ge=0)
    counted_in: Annotated[str, reference("pages")]
    """The page that gives ``k`` and ``n``."""
    results: tuple[ReviewResult, ...] = ()
    risk_of_bias: Noted | None = None
    adverse_events: Noted | None = None
    conclusion: Noted
    verdict: Verdict


class SafetySource(Evidence):
    folder: ClassVar[str] = "safety_sources"

    finding: Noted


class ClaimVoice(Shape):
    """What a study or review says of a claim; the numbers stand there, with their pages."""

    study: Annotated[str, reference("studies")] | None = None
    review: Annotated[str, reference("reviews")] | None = None
    says: Text

    @model_validator(mode="after")
    def _one_voice(self) -> ClaimVoice:
        if (self.study is None) == (self.review is None):
            raise ValueError("name a study or a review: one of the two")
        return self


class Claim(Shape):
    """A claim that is often made, where it comes from, and what that says. Its numbers stand in the works it names."""

    folder: ClassVar[str] = "claims"

    id: Key
    title: Text
    claim: Text
    conditions: tuple[Annotated[str, reference("indications")], ...] = ()
    heard_in: Annotated[str, reference("sources")] | None = None
    primary: ClaimVoice
    others: tuple[ClaimVoice, ...] = ()
    left_out: Text | None = None
    reading: Text
    """This project's reading of it all."""
    basis: Literal["proposed"] = "proposed"
    reviewed_by: Text | None = None
    reviewed_on: ISODate | None = None
