"""What a clinic's courses add up to: counts with their denominators, never an effect.

Uncontrolled courses cannot show what treatment did. Small groups are not broken down (``SMALLEST``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from strigil.pathway.facts import CourseFacts, Verdict

SMALLEST = 5
"""Groups below this size are shown as a size only; proposed by this project."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Courses for one indication. ``verdicts`` is empty where the group is too small to be broken down."""

    indication: str
    courses: int
    finished: int
    stopped_early: int
    verdicts: dict[Verdict, int]
    visits: int
    treatments: int
    dose_recorded: int
    force_measured: int
    reactions_asked: int
    adverse: int

    @property
    def small(self) -> bool:
        return self.courses < SMALLEST


def summarise(courses: Sequence[CourseFacts]) -> list[Summary]:
    """One summary for each indication, the largest group first."""
    groups: dict[str, list[CourseFacts]] = {}
    for course in courses:
        if not course.published:
            groups.setdefault(course.indication, []).append(course)
    summaries = [_summary(indication, group) for indication, group in groups.items()]
    return sorted(summaries, key=lambda one: (-one.courses, one.indication))


def _summary(indication: str, group: list[CourseFacts]) -> Summary:
    small = len(group) < SMALLEST
    return Summary(
        indication=indication,
        courses=len(group),
        finished=sum(one.finished for one in group),
        stopped_early=sum(one.stopped_early for one in group),
        verdicts={} if small else dict(Counter(one.verdict for one in group)),
        visits=sum(one.visits for one in group),
        treatments=sum(one.treatments for one in group),
        dose_recorded=sum(one.seconds_recorded for one in group),
        force_measured=sum(one.force_measured for one in group),
        reactions_asked=sum(one.reactions_asked for one in group),
        adverse=sum(one.adverse for one in group),
    )
