"""Rules of the screen, and gates."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from strigil.knowledge.shapes.base import Citation, Item, Outcome, Shape, Statement, Text, reference


class Condition(Shape):
    """One node of a rule's condition; exactly one of the six forms.

    ``finding`` alone is true where the finding is answered yes. ``since_under_days`` narrows it to a yes that began
    less than so many days ago (an unknown beginning counts as recent: the dangerous reading). ``within`` narrows it
    to a yes whose own site lies in one of the regions (an unknown site stays unknown).
    """

    finding: Annotated[str, reference("findings")] | None = None
    since_under_days: int | None = Field(None, gt=0)
    within: tuple[Annotated[str, reference("body_regions")], ...] = ()
    site_within: tuple[Annotated[str, reference("body_regions")], ...] = ()
    technique: tuple[Annotated[str, reference("techniques")], ...] = ()
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
    id: Annotated[str, reference("findings")]
    answer: Literal["yes", "no", "unknown"]
    days_ago: int = Field(0, ge=0)
    site: Text | None = None
    since_days_ago: int | None = Field(None, ge=0)


class Example(Shape):
    """A worked case that runs as a test. Every finding not listed is answered no today."""

    name: Text
    answers: tuple[ExampleAnswer, ...] = ()
    site: Text = "forearm_lateral/right"
    technique: Annotated[str, reference("techniques")] | None = None
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

    plain: Text | None = None
    """What a check-in calls it, where it asks for it: for a patient, reading age about twelve."""


class NoGoZone(Statement):
    """A part of the body that is never, or only lightly, treated; shown at the sites that hold it."""

    folder: ClassVar[str] = "no_go_zones"

    regions: tuple[Annotated[str, reference("body_regions")], ...] = ()
    """Regions that hold it; none: every region."""


class Gate(Statement):
    """A limit that the next visit, the dose or the course is held against."""

    folder: ClassVar[str] = "gates"

    group: Literal["next_visit", "modify", "response", "check_in"]
    outcome: Outcome | None = None
    limit: Decimal | None = None
    limit_unit: Text | None = None
    basis: Literal["published", "proposed"]
    rests_on: tuple[Annotated[str, reference("reactions")], ...] = ()
    strokes: tuple[Annotated[str, reference("strokes")], ...] = ()
    """The only strokes that it allows."""
    stop_on: tuple[Text, ...] = ()
    """What ends the treatment of an area at once."""
    petechiae_intended_by: tuple[Annotated[str, reference("techniques")], ...] = ()
    """Techniques that set out to leave petechiae: there they do not count."""
