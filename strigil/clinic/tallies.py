"""What closed courses add up to: worked out from their rows in a fixed number of queries, and kept for each course."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, Window
from django.db.models.functions import RowNumber

from strigil.accounts.models import User
from strigil.clinic import gather
from strigil.clinic.models import (
    Course,
    CourseStatus,
    Origin,
    Reaction,
    ReactionCheck,
    Reading,
    Tally,
    Treatment,
    Visit,
    VisitStatus,
    When,
)
from strigil.knowledge import load, shapes
from strigil.pathway import measure
from strigil.pathway.facts import Moment, Verdict
from strigil.pathway.facts import Reading as ReadingFact

AT_ONCE = 500


def tally(by: User, course: Course) -> None:
    """Count a course again where it is closed; call it inside the action that closes or changes it."""
    if not course.is_open:
        Tally.objects.filter(course=course).delete()
        Tally.objects.bulk_create(Tally(created_by=by, **row) for row in counted([course.pk]))


def count_all() -> None:
    """Count every closed course anew: for a record that is older than its tallies."""
    Tally.objects.all().delete()
    closed = dict(Course.objects.exclude(status=CourseStatus.OPEN).values_list("pk", "created_by_id"))
    keys = list(closed)
    for start in range(0, len(keys), AT_ONCE):
        rows = counted(keys[start : start + AT_ONCE])
        Tally.objects.bulk_create(Tally(created_by_id=closed[row["course_id"]], **row) for row in rows)


def counted(keys: Sequence[UUID]) -> list[dict[str, Any]]:
    """The columns of the tallies of these courses; nothing for a published case or one without a signed visit."""
    courses = Course.objects.filter(pk__in=keys).exclude(patient__origin=Origin.PUBLISHED)
    visits = _count(Visit.objects.filter(course__in=keys, status=VisitStatus.SIGNED), "course", n=Count("id"))
    checks = ReactionCheck.objects.filter(visit__course__in=keys, visit__status=VisitStatus.SIGNED)
    asked = _count(
        checks.exclude(when=When.END).filter(complete=True), "visit__course", n=Count("visit", distinct=True)
    )
    bad = [key for key, item in load().shelf(shapes.Reaction).items() if item.group == "adverse"]
    seen = Reaction.objects.filter(check_made__visit__course__in=keys, reaction__in=bad)
    harmed = _count(seen, "check_made__visit__course", n=Count("check_made__visit", distinct=True))
    doses = _count(
        Treatment.objects.filter(visit__course__in=keys, visit__status=VisitStatus.SIGNED),
        "visit__course",
        n=Count("id"),
        timed=Count("id", filter=Q(seconds__isnull=False)),
        measured=Count("id", filter=Q(force_method="measured")),
    )
    verdicts = _verdicts(keys)
    none: dict[str, int] = {"n": 0, "timed": 0, "measured": 0}
    return [
        {
            "clinic_id": clinic,
            "course_id": key,
            "indication": indication,
            "status": status,
            "verdict": verdicts.get(key, Verdict.UNKNOWN).value,
            "visits": visits[key]["n"],
            "reactions_asked": asked.get(key, none)["n"],
            "adverse": harmed.get(key, none)["n"],
            "treatments": doses.get(key, none)["n"],
            "seconds_recorded": doses.get(key, none)["timed"],
            "force_measured": doses.get(key, none)["measured"],
            "knowledge_version": load().version,
        }
        for key, clinic, indication, status in courses.exclude(status=CourseStatus.OPEN).values_list(
            "pk", "clinic_id", "indication", "status"
        )
        if key in visits
    ]


def _count(rows: Any, course: str, **what: Count) -> dict[UUID, dict[str, int]]:
    return {row[course]: row for row in rows.order_by().values(course).annotate(**what)}


def _verdicts(keys: Sequence[UUID]) -> dict[UUID, Verdict]:
    """How pain changed in each course from the first reading to the last, held against its threshold."""
    series: dict[UUID, list[ReadingFact]] = defaultdict(list)
    alike = ["course", *gather.OF_A_SERIES]
    first = Window(RowNumber(), partition_by=alike, order_by=["on", "id"])
    last = Window(RowNumber(), partition_by=alike, order_by=["-on", "-id"])
    taken = Reading.objects.filter(course__in=keys, measure="nprs").exclude(moment=Moment.AFTER.value)
    rows: Iterable[Reading] = (
        taken.annotate(first=first, last=last).filter(Q(first=1) | Q(last=1)).only("course", *gather.OF_A_READING)
    )
    for row in rows:
        series[row.course_id].append(gather.reading(row))
    return {course: measure.overall(measure.changes(readings, load())) for course, readings in series.items()}
