"""What is told of one made-up person: who, what for, how far they have come and what happened on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from strigil.pathway.respond.check_in import Said


class Stage(IntEnum):
    """How far a person has come; each stage includes the ones before it."""

    REGISTERED = 1
    EVALUATED = 2
    SCREENED = 3
    PLANNED = 4
    TREATED = 5


class Shape(StrEnum):
    """How pain and function move over a course."""

    BETTER = "better"
    SAME = "same"
    WORSE = "worse"


class Draft(StrEnum):
    """An unsigned visit after the signed ones: only started, half written, or written and forgotten."""

    STARTED = "started"
    HALF = "half"
    WRITTEN = "written"


NEXT_VISIT = 1000
"""As days after a visit: on the day of the next one, whenever that is."""


@dataclass(frozen=True, slots=True)
class Yes:
    """A screening question answered yes. With a region it is true there alone; ``since`` is days before the answer."""

    finding: str
    region: str = ""
    detail: str = ""
    since: int | None = None


@dataclass(frozen=True, slots=True)
class Agreed:
    """A physician's agreement to treatment in spite of a finding."""

    finding: str
    physician: str
    days: int = 90


@dataclass(frozen=True, slots=True)
class Seen:
    """A reaction at a check after a visit."""

    reaction: str
    still_present: bool | None = True
    larger: bool | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """Somebody asked after a visit: how many days later, and what was seen (nothing: none)."""

    after: int
    seen: tuple[Seen, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Ending:
    status: str
    note: str
    after: int = 0


@dataclass(frozen=True, slots=True)
class Story:
    """One person. ``last`` is how many days before the demo's day the last signed visit was, or else the evaluation.

    ``at_end`` and ``checks`` are by visit number. ``asked`` False: nobody has asked after the last visit.
    ``override`` is the reason for treating in spite of what stands in the way.
    ``medicines`` are what the person takes, one a line, asked before the first screen.
    ``check_in``: the last visit has one; ``said`` is what the patient answered, nothing where no answer came.
    ``today`` is a yes that is given only on the last day: at a screen of its own, or at that day's visit.
    """

    key: str
    name: str
    sex: str
    age: int
    problem: str = ""
    side: str = "right"
    stage: Stage = Stage.TREATED
    technique: str = "generic_iastm"
    shape: Shape = Shape.BETTER
    visits: int = 0
    last: int = 0
    gap: int = 4
    gaps: tuple[tuple[int, int], ...] = ()
    yes: tuple[Yes, ...] = ()
    medicines: str = ""
    not_known: tuple[str, ...] = ()
    not_asked: tuple[str, ...] = ()
    today: tuple[Yes, ...] = ()
    screened_today: bool = False
    agreed: Agreed | None = None
    at_end: dict[int, tuple[str, ...]] = field(default_factory=dict)
    checks: dict[int, tuple[Check, ...]] = field(default_factory=dict)
    asked: bool = True
    check_in: bool = False
    said: Said | None = None
    draft: Draft | None = None
    draft_on: int = 0
    override: str = ""
    amended: str = ""
    force_device: str = ""
    note: str = ""
    ending: Ending | None = None
