"""The frozen records that the steps of the pathway take and return.

Amounts are ``Decimal`` with a unit, dates are dates, sides are the patient's own. Nothing here knows a database,
a clock or a setting.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal


class Outcome(StrEnum):
    """What a screen says may be done, most severe first.

    ``INCOMPLETE`` stands where treatment would be permitted while a question that could forbid it has no answer.
    ``ERROR`` is the engine saying that it could not decide; nothing is treated on it.
    """

    ERROR = "error"
    EMERGENCY = "emergency"
    REFER = "refer"
    STOP = "stop"
    HOLD = "hold"
    CLEARANCE = "clearance"
    INCOMPLETE = "incomplete"
    AVOID = "avoid"
    MODIFY = "modify"
    PROCEED = "proceed"

    @property
    def severity(self) -> int:
        """Higher is more severe; ``PROCEED`` is 0."""
        return _SEVERITY[self]

    @property
    def permits_treatment(self) -> bool:
        """Whether treatment may go on somewhere: ``avoid`` leaves other sites, ``modify`` a lower dose."""
        return self in (Outcome.AVOID, Outcome.MODIFY, Outcome.PROCEED)


_SEVERITY = {outcome: rank for rank, outcome in enumerate(reversed(Outcome))}


def most_severe(*outcomes: Outcome) -> Outcome:
    """The most severe of the outcomes; ``PROCEED`` where there are none."""
    return max(outcomes, key=lambda outcome: outcome.severity, default=Outcome.PROCEED)


class AnswerValue(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Side(StrEnum):
    """Of the patient, never of the viewer."""

    LEFT = "left"
    RIGHT = "right"
    MIDLINE = "midline"


@dataclass(frozen=True, slots=True)
class Site:
    """A region of the body and its side. ``side`` is None only where nobody said which."""

    region: str
    side: Side | None

    def __str__(self) -> str:
        return f"{self.region}/{self.side or 'side not known'}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered about a finding. ``since`` is when it began (surgery, injection, first symptoms)."""

    finding: str
    answer: AnswerValue
    asked_on: date
    site: Site | None = None
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Clearance:
    """A physician's agreement that the finding need not keep the patient from treatment."""

    finding: str
    agreed_on: date
    until: date


@dataclass(frozen=True, slots=True)
class Case:
    """All that a screen looks at."""

    on: date
    born: date | None
    sex: Literal["female", "male", "other", "unknown"]
    sites: tuple[Site, ...]
    answers: tuple[Answer, ...]
    technique: str | None = None
    indication: str | None = None
    clearances: tuple[Clearance, ...] = ()


class Missing(StrEnum):
    """Why a question has no answer that counts."""

    NEVER_ASKED = "never_asked"
    STALE = "stale"
    CONFLICTING = "conflicting"
    NOT_KNOWN = "not_known"


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule that fired, with the findings that fired it. ``site`` is None where it holds everywhere."""

    rule: str
    outcome: Outcome
    findings: tuple[str, ...]
    why: str
    site: Site | None = None
    cleared: bool = False


@dataclass(frozen=True, slots=True)
class Unasked:
    """A question whose answer could still make the outcome worse, and how much worse.

    ``finding`` is an id of the shelf, or ``born``, ``site`` or ``technique`` where a rule waits for that of the case.
    """

    finding: str
    question: str
    could_be: Outcome
    missing: Missing
    last_asked: date | None = None


@dataclass(frozen=True, slots=True)
class SiteOutcome:
    site: Site
    outcome: Outcome
    complete: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """What a screen decided, and on which version of the knowledge. ``error`` says why where it could not."""

    outcome: Outcome
    complete: bool
    sites: tuple[SiteOutcome, ...]
    reasons: tuple[Reason, ...]
    unasked: tuple[Unasked, ...]
    knowledge_version: str
    knowledge_sha256: str
    error: str = ""


# --- Measures ---------------------------------------------------------------------------------------------------


class Moment(StrEnum):
    """When in a course a reading was taken."""

    BASELINE = "baseline"
    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of one measure. Readings are compared where all but value, day, moment and rater are the same."""

    measure: str
    value: Decimal
    unit: str
    on: date
    moment: Moment
    side: Side | None = None
    method: str = ""
    device: str = ""
    detail: str = ""
    rater: str = ""
    version: str = ""
    position: str = ""


class Verdict(StrEnum):
    IMPROVED = "improved"
    WORSE = "worse"
    WITHIN_ERROR = "within_error"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Change:
    """How a measure changed since baseline, and whether that is more than error and more than people notice.

    ``threshold`` is the larger of the smallest detectable and the smallest important change known for the measure;
    None where neither is known, and then the verdict is ``UNKNOWN``. A rating of change has no ``baseline``: its value
    is the change. ``better_by`` is None where no source says which direction is better.
    """

    measure: str
    baseline: Reading | None
    latest: Reading
    change: Decimal
    better_by: Decimal | None
    threshold: Decimal | None
    threshold_kind: Literal["mdc", "mcid"] | None
    population: str
    verdict: Verdict
    why: str


# --- Treatment --------------------------------------------------------------------------------------------------


class SkinReaction(StrEnum):
    """What was seen or felt; ids of ``knowledge/reactions``."""

    REDNESS_HEAT = "redness_heat"
    PETECHIAE = "petechiae"
    MILD_BRUISE = "mild_bruise"
    SORENESS = "soreness"


@dataclass(frozen=True, slots=True)
class TreatedArea:
    """One area as it was, or is planned to be, treated."""

    site: Site
    seconds: int | None
    angle_degrees: Decimal | None = None
    discomfort: int | None = None


@dataclass(frozen=True, slots=True)
class ReactionSeen:
    """A reaction as it was last noted, when and where. ``still_present`` is None where nobody has said."""

    reaction: str
    noted_on: date
    site: Site | None = None
    still_present: bool | None = None
    larger: bool | None = None


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """A visit of the course as the later steps need it."""

    number: int
    on: date
    areas: tuple[TreatedArea, ...]
    reactions: tuple[ReactionSeen, ...] = ()
    reaction_reviewed: bool = False
    technique: str = ""
    said_in_part: bool = False
    """The patient answered the check-in, but left something open."""
    to_look_at: bool = False
    """The patient said something that is not expected, and nobody has looked at it."""


@dataclass(frozen=True, slots=True)
class Advice:
    """A sentence for the clinician, with where it comes from. ``proposed`` is true where no study has tested it."""

    what: str
    why: str
    knowledge: tuple[str, ...] = ()
    proposed: bool = True
    outcome: Outcome | None = None
    site: Site | None = None
    visit: int | None = None
    """The number of the earlier visit it is about, where it is about one."""


@dataclass(frozen=True, slots=True)
class CourseFacts:
    """A closed course, or several alike, as ``learn`` counts them. ``verdict`` is on pain.

    ``adverse`` counts visits after which something adverse was seen, ``reactions_asked`` those after which anybody
    asked at all.
    """

    indication: str
    finished: bool
    verdict: Verdict
    visits: int
    reactions_asked: int
    adverse: int
    treatments: int
    seconds_recorded: int
    force_measured: int
    courses: int = 1
