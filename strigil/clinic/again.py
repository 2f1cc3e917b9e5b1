"""Decisions made again: under the knowledge of their day, and under today's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from strigil.clinic.models import Course, CourseStatus, KeptShelf, Screening
from strigil.knowledge import load, snapshot
from strigil.pathway.facts import Decision
from strigil.pathway.screen import screen
from strigil.pathway.screen.json import CaseError, case_from_json, decision_to_json
from strigil.pathway.screen.lines import screen_cases

AT_ONCE = 200
"""Courses decided again for one page."""


@dataclass(frozen=True, slots=True)
class Again:
    """A stored decision made again: whether it came out the same, or why it could not be made."""

    same: bool
    why_not: str = ""


def decided_again(screening: Screening) -> Again:
    """Make a decision again from its stored inputs, under the rules that were kept with it."""
    kept = KeptShelf.objects.filter(pk=screening.knowledge_sha256).first()
    if kept is None:
        return Again(False, "The knowledge of that day was not kept, so it cannot be decided again.")
    shelf = snapshot.from_json(kept.content)
    decision = decision_to_json(screen(case_from_json(screening.inputs, shelf), shelf), shelf)
    return Again(
        all(decision[name] == getattr(screening, name) for name in ("outcome", "complete", "sites", "unasked"))
    )


@dataclass(frozen=True, slots=True)
class Changed:
    """A course whose last decision would come out otherwise with today's knowledge."""

    screening: Screening
    outcome: str
    sites: Sequence[dict[str, Any]]
    why: str = ""


def changed(clinic_id: UUID, after: UUID | None = None) -> tuple[list[Changed], UUID | None]:
    """Of the next open courses that were screened with other knowledge, those that today's would decide otherwise.

    Gives the last course looked at too, where there may be more.
    """
    later = Screening.objects.filter(course=OuterRef("course"), id__gt=OuterRef("id"))
    being_treated = Course.objects.filter(clinic_id=clinic_id, status=CourseStatus.OPEN).order_by().values("pk")
    rows = Screening.objects.filter(~Exists(later), clinic_id=clinic_id, course__in=being_treated)
    rows = rows.exclude(knowledge_sha256=load().sha256).select_related("course__patient").order_by("course_id")
    looked_at = list((rows.filter(course_id__gt=after) if after else rows)[:AT_ONCE])
    found = [one for one in map(_compared, looked_at, _decisions(looked_at)) if one]
    return found, looked_at[-1].course_id if len(looked_at) == AT_ONCE else None


def _decisions(rows: Sequence[Screening]) -> list[Decision | CaseError]:
    read = [_case(row) for row in rows]
    decided = iter(screen_cases([one for one in read if not isinstance(one, CaseError)], load()))
    return [one if isinstance(one, CaseError) else next(decided) for one in read]


def _case(row: Screening) -> Any:
    try:
        return case_from_json(row.inputs, load())
    except CaseError as error:
        return error


def _compared(row: Screening, now: Decision | CaseError) -> Changed | None:
    if isinstance(now, CaseError):
        return Changed(row, "incomplete", (), f"Its answers no longer fit the questions ({now.what}: {now.where}).")
    sites = [
        {"region": one.site.region, "side": one.site.side, "outcome": one.outcome.value, "complete": one.complete}
        for one in now.sites
    ]
    if now.outcome.value == row.outcome and sites == row.sites:
        return None
    return Changed(row, now.outcome.value, sites)
