"""What a clinic's closed courses add up to: counts with their denominators, never an effect.

Uncontrolled courses cannot show what treatment did. What is not known is counted by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from strigil.pathway.facts import CourseFacts, Verdict
from strigil.pathway.learn import disclosure

VERDICTS = (Verdict.IMPROVED, Verdict.WITHIN_ERROR, Verdict.WORSE, Verdict.UNKNOWN)


@dataclass(slots=True)
class Summary:
    """Closed courses for one indication."""

    indication: str
    courses: int = 0
    finished: int = 0
    visits: int = 0
    reactions_asked: int = 0
    adverse: int = 0
    treatments: int = 0
    seconds_recorded: int = 0
    force_measured: int = 0
    verdicts: Counter[Verdict] = field(default_factory=Counter)

    def add(self, one: CourseFacts) -> None:
        self.courses += one.courses
        self.finished += one.courses if one.finished else 0
        self.visits += one.visits
        self.reactions_asked += one.reactions_asked
        self.adverse += one.adverse
        self.treatments += one.treatments
        self.seconds_recorded += one.seconds_recorded
        self.force_measured += one.force_measured
        self.verdicts[one.verdict] += one.courses


@dataclass(frozen=True, slots=True)
class Row:
    """A summary as it may be shown. ``cells`` is empty where the group is too small to be broken down."""

    indication: str
    courses: str
    cells: tuple[str, ...] = ()


HEADS = (
    "Finished",
    "Stopped early",
    "Pain better",
    "Pain within error",
    "Pain worse",
    "Pain not known",
    "Visits with an adverse reaction",
    "Visits where nobody asked",
    "Areas without a time",
    "Areas with measured force",
)


def summarise(courses: Iterable[CourseFacts]) -> list[Summary]:
    """One summary for each indication, the largest group first."""
    groups: dict[str, Summary] = {}
    for course in courses:
        groups.setdefault(course.indication, Summary(course.indication)).add(course)
    return sorted(groups.values(), key=lambda one: (-one.courses, one.indication))


def row(one: Summary) -> Row:
    """What may be shown of a summary: ``cells`` in the order of ``HEADS``."""
    if one.courses < disclosure.SMALLEST:
        return Row(one.indication, disclosure.count(one.courses))
    shown = (
        *disclosure.parts((one.finished, one.courses - one.finished)),
        *disclosure.parts([one.verdicts[verdict] for verdict in VERDICTS]),
        disclosure.count(one.adverse),
        f"{disclosure.count(one.visits - one.reactions_asked)} of {one.visits}",
        f"{disclosure.count(one.treatments - one.seconds_recorded)} of {one.treatments}",
        f"{disclosure.count(one.force_measured)} of {one.treatments}",
    )
    return Row(one.indication, str(one.courses), shown)
