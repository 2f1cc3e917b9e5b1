"""The shape each kind of knowledge file must have.

One class a kind; the folder of the same name holds its files, one item each. Scalars reach these classes as text,
so that ``no`` stays an answer and ``0010`` a code; the shape gives the type. Unknown keys are refused.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Key = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]*$")]
Text = Annotated[str, Field(min_length=1)]
ISODate = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]

Agreement = Literal["strong", "mixed", "single_source", "none_found"]
"""How far sources agree. ``strong``: three or more independent pages say the same; not strength of evidence."""

Outcome = Literal["emergency", "refer", "stop", "hold", "clearance", "avoid", "modify", "proceed"]

SourceKind = Literal[
    "trial",
    "review",
    "survey",
    "consensus",
    "guideline",
    "commentary",
    "health_service",
    "maker",
    "course",
    "clinic_page",
    "slide_deck",
    "flashcard",
    "code_list",
    "reference_work",
    "founding_brief",
    "data_set",
    "study",
    "case_report",
    "regulator",
    "professional_body",
    "news",
    "secondary",
    "code_excerpt",
]
SourceClass = Literal[
    "absolute",
    "relative",
    "precaution",
    "contraindication_unspecified",
    "not_a_good_candidate",
    "physician_permission",
    "trial_exclusion",
]
Audited = Literal["confirmed", "corrected", "added", "not_refound", "doubtful"]


def _reference(kind: str) -> Any:
    """A key that must name an item of the given kind; the loader checks it."""
    return Field(pattern=r"^[a-z0-9][a-z0-9_]*$", json_schema_extra={"refers_to": kind})


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Citation(Shape):
    """What one source says of the item, in our own words."""

    source: Annotated[str, _reference("sources")]
    says: Text
    class_: SourceClass | None = Field(None, alias="class")
    class_note: Text | None = None
    applies_to: Text | None = None
    audited: Audited | None = None
    audit_note: Text | None = None


class Item(Shape):
    """What every shelf has: an id that is the file's name, a title, sources, and how far they agree."""

    folder: ClassVar[str]

    id: Key
    title: Text
    agreement: Agreement
    sources: Annotated[tuple[Citation, ...], Field(min_length=1)]
    conflict: Text | None = None
    note: Text | None = None
    audited: Audited | None = None
    audit_note: Text | None = None
    reviewed_by: Text | None = None
    reviewed_on: ISODate | None = None

    @model_validator(mode="after")
    def _none_found_or_listed(self) -> Item:
        if self.sources and self.agreement == "none_found":
            raise ValueError("agreement is none_found, yet there are sources")
        return self


class Source(Shape):
    """A page that was read. ``url`` is absent only for the founding brief, which is not public, and for an excerpt
    of a code file that was found without its address."""

    folder: ClassVar[str] = "sources"

    id: Key
    title: Text
    kind: SourceKind
    url: Text | None = None

    @model_validator(mode="after")
    def _public_has_address(self) -> Source:
        if self.url is None and self.kind not in ("founding_brief", "code_excerpt"):
            raise ValueError("url is missing; only a founding_brief may go without, or a code_excerpt")
        return self


class Range(Shape):
    """A published range; equal ends for a single figure. ``text`` keeps what the range alone cannot say."""

    low: Decimal
    high: Decimal
    text: Text | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Range:
        if self.low > self.high:
            raise ValueError(f"low {self.low} is above high {self.high}")
        return self


# --- The body ---------------------------------------------------------------------------------------------------


class BodyRegion(Item):
    folder: ClassVar[str] = "body_regions"

    paired: Literal["yes", "no"]
    limb: Literal["head_neck", "trunk", "upper_limb", "lower_limb"]
    structures: tuple[Text, ...] = ()
    part_of: tuple[Annotated[str, _reference("body_regions")], ...] = ()


class SoftTissue(Item):
    folder: ClassVar[str] = "soft_tissues"

    statement: Text


# --- What it is used for, and with what -------------------------------------------------------------------------


class Indication(Item):
    folder: ClassVar[str] = "indications"

    regions: Annotated[tuple[Annotated[str, _reference("body_regions")], ...], Field(min_length=1)]
    tissues: Annotated[tuple[Annotated[str, _reference("soft_tissues")], ...], Field(min_length=1)]
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
    adjuncts: tuple[Annotated[str, _reference("adjuncts")], ...] = ()
    instruments: tuple[Annotated[str, _reference("instruments")], ...] = ()
    strokes: tuple[Annotated[str, _reference("strokes")], ...] = ()
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
    strokes: tuple[Annotated[str, _reference("strokes")], ...] = ()
    not_found: tuple[Text, ...] = ()


class Stroke(Item):
    folder: ClassVar[str] = "strokes"

    statement: Text
    recordable: Literal["yes", "no"] = "yes"


# --- What follows, and what goes with it ------------------------------------------------------------------------


class Statement(Item):
    """A sourced statement without further structure."""

    statement: Text
    proposed_default: Text | None = None


class Reaction(Item):
    folder: ClassVar[str] = "reactions"

    group: Literal["expected", "adverse", "self_care", "incidence", "next_visit"]
    statement: Text
    time_course: Text | None = None
    fades_after_days: Range | None = None
    do: Text | None = None
    do_basis: Literal["proposed"] | None = None
    ask: Text | None = None
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


# --- Screening --------------------------------------------------------------------------------------------------


class Condition(Shape):
    """One node of a rule's condition; exactly one of the six forms.

    ``finding`` alone is true where the finding is answered yes. ``since_under_days`` narrows it to a yes that began
    less than so many days ago (an unknown beginning counts as recent: the dangerous reading). ``within`` narrows it
    to a yes whose own site lies in one of the regions (an unknown site stays unknown).
    """

    finding: Annotated[str, _reference("findings")] | None = None
    since_under_days: int | None = Field(None, gt=0)
    within: tuple[Annotated[str, _reference("body_regions")], ...] = ()
    site_within: tuple[Annotated[str, _reference("body_regions")], ...] = ()
    technique: tuple[Annotated[str, _reference("techniques")], ...] = ()
    age_under: int | None = Field(None, gt=0)
    all: tuple[Condition, ...] = ()
    any: tuple[Condition, ...] = ()

    @model_validator(mode="after")
    def _one_form(self) -> Condition:
        forms = [self.finding, self.site_within, self.technique, self.age_under, self.all, self.any]
        if sum(1 for form in forms if form) != 1:
            raise ValueError("give exactly one of finding, site_within, technique, age_under, all, any")
        if self.finding is None and (self.since_under_days or self.within):
            raise ValueError("since_under_days and within belong to a finding")
        return self

    def findings(self) -> frozenset[str]:
        """The findings that it hangs on."""
        own = {self.finding} if self.finding else set()
        return frozenset(own.union(*(part.findings() for part in (*self.all, *self.any))))

    def looks_at_the_site(self) -> bool:
        return bool(self.site_within) or any(part.looks_at_the_site() for part in (*self.all, *self.any))


class Consequence(Shape):
    """What follows when the condition holds, and where: everywhere, or only at the site."""

    outcome: Outcome
    place: Literal["everywhere", "site"]
    when: Condition | None = None
    why: Text
    cleared_to: Outcome | None = None
    """What remains of a ``clearance`` once a physician has agreed."""

    @model_validator(mode="after")
    def _place_is_known(self) -> Consequence:
        if self.place == "everywhere" and self.when and self.when.looks_at_the_site():
            raise ValueError("what holds everywhere cannot depend on the site: give place: site")
        return self


class ExampleAnswer(Shape):
    id: Annotated[str, _reference("findings")]
    answer: Literal["yes", "no", "unknown"]
    days_ago: int = Field(0, ge=0)
    site: Text | None = None
    since_days_ago: int | None = Field(None, ge=0)


class Example(Shape):
    """A worked case that runs as a test. Every finding not listed is answered no today."""

    name: Text
    answers: tuple[ExampleAnswer, ...] = ()
    site: Text = "forearm_lateral/right"
    technique: Annotated[str, _reference("techniques")] | None = None
    age: int | Literal["unknown"] = 50
    patient: Outcome | Literal["incomplete"]
    at_site: Outcome | Literal["incomplete"]


class ScreeningRule(Item):
    """A finding that is asked, and what a yes means. ``id`` is also the finding's id, red flags with a prefix.

    One whose consequences hang on no finding is derived: the case itself answers it, such as the date of birth, and
    nobody is asked for a yes or no. Only where no source was found may a proposed rule go without.
    """

    sources: tuple[Citation, ...] = ()
    scope: Literal["systemic", "local", "either"]
    question: Text
    look: Text | None = None
    includes: tuple[Text, ...] = ()
    not_in_sources: tuple[Text, ...] = ()
    valid_days: int = Field(ge=0)
    not_asked_of_sex: tuple[Literal["male"], ...] = ()
    consequences: Annotated[tuple[Consequence, ...], Field(min_length=1)]
    basis: Literal["published", "proposed"]
    reason: Text
    reason_basis: Literal["source", "inference"]
    examples: Annotated[tuple[Example, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _sourced_or_says_so(self) -> ScreeningRule:
        if not self.sources and (self.agreement != "none_found" or self.basis != "proposed"):
            raise ValueError("sources is empty; only a proposed rule with agreement none_found may go without")
        return self

    @property
    def is_derived(self) -> bool:
        """Whether what the case holds decides it, and no answer is asked for."""
        return all(one.when is not None and not one.when.findings() for one in self.consequences)


class Contraindication(ScreeningRule):
    folder: ClassVar[str] = "contraindications"


class RedFlag(ScreeningRule):
    folder: ClassVar[str] = "red_flags"


class NoGoZone(Statement):
    """A part of the body that is never, or only lightly, treated; shown at the sites that hold it."""

    folder: ClassVar[str] = "no_go_zones"

    regions: tuple[Annotated[str, _reference("body_regions")], ...] = ()
    """Regions that hold it; none: every region."""


class Gate(Statement):
    """A limit that the next visit, the dose or the course is held against."""

    folder: ClassVar[str] = "gates"

    group: Literal["next_visit", "modify", "response"]
    outcome: Outcome | None = None
    limit: Decimal | None = None
    limit_unit: Text | None = None
    basis: Literal["published", "proposed"]
    rests_on: tuple[Annotated[str, _reference("reactions")], ...] = ()
    strokes: tuple[Annotated[str, _reference("strokes")], ...] = ()
    """The only strokes that it allows."""
    stop_on: tuple[Text, ...] = ()
    """What ends the treatment of an area at once."""
    petechiae_intended_by: tuple[Annotated[str, _reference("techniques")], ...] = ()
    """Techniques that set out to leave petechiae: there they do not count."""


# --- Measures ---------------------------------------------------------------------------------------------------


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
    regions: tuple[Annotated[str, _reference("body_regions")], ...] = ()
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


# --- Medicines --------------------------------------------------------------------------------------------------

Country = Literal["AU", "CA", "EU", "IN", "UK", "US"]
"""Where a name was seen: the country, or EU for a central authorisation, of the list that holds it."""


class Medicine(Shape):
    """One substance by one route, under every name that counts as it. The names are exact: nothing near them counts."""

    id: Key
    generic: Text
    synonyms: tuple[Text, ...] = ()
    brands: dict[Country, tuple[Text, ...]] = {}
    route: Literal["oral_or_injected", "oral_or_systemic", "injected", "skin", "inhaled", "nasal"] | None = None
    atc: tuple[Text, ...] = ()
    evidence: Text | None = None
    note: Text | None = None
    sources: Annotated[tuple[Annotated[str, _reference("sources")], ...], Field(min_length=1)]
    """The lists that tie these names to the substance."""


class MedicineClass(Item):
    """Medicines that bear on the same findings for the same reason; ``not_relevant`` holds those in no other class.

    ``sets`` are the findings that ask for the medicine itself: taking it is the yes. The others in ``bears_on`` ask
    about the person; a ``relevant`` class keeps them unknown until asked, every other class only raises its question.
    """

    folder: ClassVar[str] = "medicine_classes"

    relevance: Literal["relevant", "lower", "marker", "undecided", "recognise_only", "not_relevant"]
    certainty: Literal["high", "medium", "low", "not_researched"]
    certainty_note: Text | None = None
    bears_on: tuple[Annotated[str, _reference("findings")], ...] = ()
    sets: tuple[Annotated[str, _reference("findings")], ...] = ()
    why: Text
    ask: Text | None = None
    atc: tuple[Text, ...] = ()
    basis: Literal["proposed"]
    """What follows from a class and what to ask was proposed by this project; the names and reasons have sources."""
    medicines: Annotated[tuple[Medicine, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _no_more_than_it_bears_on(self) -> MedicineClass:
        if strange := sorted(set(self.sets) - set(self.bears_on)):
            raise ValueError(f"sets {', '.join(strange)}, which bears_on does not hold")
        if self.sets and self.relevance != "relevant":
            raise ValueError("only a relevant class sets a finding")
        if self.bears_on and self.relevance in ("recognise_only", "not_relevant"):
            raise ValueError(f"a {self.relevance} class bears on nothing")
        return self


class CombinationProduct(Shape):
    """One name for several substances. ``others`` are parts that no class holds."""

    name: Text
    medicines: Annotated[tuple[Key, ...], Field(min_length=1)]
    others: tuple[Text, ...] = ()
    seen_in: tuple[Country, ...]
    note: Text | None = None
    sources: Annotated[tuple[Annotated[str, _reference("sources")], ...], Field(min_length=1)]


class Part(Shape):
    """An ingredient as a list prints it, and the medicines it may be; none where no class holds it."""

    name: Text
    medicines: tuple[Key, ...] = ()


NameKind = Literal[
    "different_generic",
    "longer_name_different_generic",
    "other_route_seen",
    "same_generic_other_route_or_dose",
    "longer_name_is_combination",
    "also_sold_as_combination",
]


class OtherProduct(Shape):
    name: Text
    country: Country
    kind: NameKind
    parts: Annotated[tuple[Part, ...], Field(min_length=1)]


class AmbiguousName(Shape):
    """A name that means more than one thing. The last two kinds do not stand in the way of an exact match."""

    name: Text
    medicines: Annotated[tuple[Key, ...], Field(min_length=1)]
    kinds: Annotated[tuple[NameKind, ...], Field(min_length=1)]
    longer_names: tuple[Text, ...] = ()
    other_routes: tuple[Text, ...] = ()
    also: tuple[OtherProduct, ...] = ()


class LookalikeNames(Shape):
    """Names that are taken for each other. ``computed`` ones were found by comparing spellings, not in a source."""

    names: Annotated[tuple[Text, ...], Field(min_length=2)]
    basis: Literal["source", "computed"]
    distance: int | None = None
    note: Text | None = None
    sources: tuple[Annotated[str, _reference("sources")], ...] = ()


class LayTerm(Shape):
    """What people say instead of a name: never a medicine, only possible classes and a question."""

    term: Text
    variants: tuple[Text, ...] = ()
    classes: Annotated[tuple[Annotated[str, _reference("medicine_classes")], ...], Field(min_length=1)]
    ambiguous: Literal["yes", "no"]
    ask: Text
    basis: Literal["source", "proposed"]
    sources: tuple[Annotated[str, _reference("sources")], ...] = ()


class TakenTogether(Shape):
    """A caution for two medicines of different classes, one of ``first`` and one of ``second``."""

    id: Key
    first: Annotated[tuple[Annotated[str, _reference("medicine_classes")], ...], Field(min_length=1)]
    second: Annotated[tuple[Annotated[str, _reference("medicine_classes")], ...], Field(min_length=1)]
    caution: Text
    sources: Annotated[tuple[Annotated[str, _reference("sources")], ...], Field(min_length=1)]


class MedicineNames(Item):
    """A table of names that need more than a class."""

    folder: ClassVar[str] = "medicine_names"

    combinations: tuple[CombinationProduct, ...] = ()
    ambiguous: tuple[AmbiguousName, ...] = ()
    lookalikes: tuple[LookalikeNames, ...] = ()
    lay_terms: tuple[LayTerm, ...] = ()
    together: tuple[TakenTogether, ...] = ()
    none_words: tuple[Text, ...] = ()
    """What says outright that no medicine is taken; silence never does."""
    none_denies: tuple[Annotated[str, _reference("findings")], ...] = ()
    """The findings that such a word answers no."""

    @model_validator(mode="after")
    def _one_table(self) -> MedicineNames:
        tables = (self.combinations, self.ambiguous, self.lookalikes, self.lay_terms, self.together, self.none_words)
        if sum(1 for table in tables if table) != 1:
            raise ValueError(
                "give exactly one table: combinations, ambiguous, lookalikes, lay_terms, together, none_words"
            )
        return self


KINDS: tuple[type[Item] | type[Source], ...] = (
    Source,
    BodyRegion,
    SoftTissue,
    Indication,
    Technique,
    Instrument,
    Stroke,
    Reaction,
    Adjunct,
    HealingPhase,
    PatientEducation,
    Dosage,
    StrokeParameter,
    PracticeStandard,
    InstrumentFact,
    DetectionAssessment,
    PayerRule,
    OverallEvidence,
    Contraindication,
    RedFlag,
    NoGoZone,
    Gate,
    Measure,
    MedicineClass,
    MedicineNames,
)
