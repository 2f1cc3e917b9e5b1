"""The clinic's courses as ``learn`` counts them: a fixed number of queries, whatever the number of courses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, Window
from django.db.models.functions import RowNumber

from strigil.accounts.models import Clinic
from strigil.clinic import gather
from strigil.clinic.models import (
    Course,
    CourseStatus,
    Origin,
    Plan,
    Reaction,
    ReactionCheck,
    Reading,
    Treatment,
    Visit,
    VisitStatus,
    When,
)
from strigil.knowledge import load, shapes
from strigil.pathway import measure
from strigil.pathway.facts import CourseFacts, Moment, Verdict
from strigil.pathway.facts import Reading as ReadingFact

NEWEST = 500
"""Courses that are counted on a page; a record of many years is counted by the registry, not while somebody waits."""


def course_facts(clinic: Clinic) -> list[CourseFacts]:
    """Every course with at least one signed visit, among the newest of the clinic."""
    courses = list(
        Course.objects.filter(clinic=clinic)
        .order_by("-opened_on", "-id")
        .values_list("pk", "indication", "status", "patient__origin")[:NEWEST]
    )
    keys = [row[0] for row in courses]
    visits = dict(
        Visit.objects.filter(course__in=keys, status=VisitStatus.SIGNED)
        .order_by()
        .values("course")
        .annotate(n=Count("id"))
        .values_list("course", "n")
    )
    doses: dict[UUID, dict[str, Any]] = {
        row["visit__course"]: dict(row)
        for row in Treatment.objects.filter(visit__course__in=keys, visit__status=VisitStatus.SIGNED)
        .order_by()
        .values("visit__course")
        .annotate(
            n=Count("id"),
            timed=Count("id", filter=Q(seconds__isnull=False)),
            measured=Count("id", filter=Q(force_method="measured")),
        )
    }
    adverse = {key for key, item in load().shelf(shapes.Reaction).items() if item.group == "adverse"}
    harmed = dict(
        Reaction.objects.filter(check_made__visit__course__in=keys, reaction__in=adverse)
        .order_by()
        .values("check_made__visit__course")
        .annotate(n=Count("id"))
        .values_list("check_made__visit__course", "n")
    )
    asked = dict(
        ReactionCheck.objects.filter(visit__course__in=keys, visit__status=VisitStatus.SIGNED)
        .order_by()
        .exclude(when=When.END)
        .values("visit__course")
        .annotate(n=Count("visit", distinct=True))
        .values_list("visit__course", "n")
    )
    plans = Plan.objects.filter(course__in=keys).order_by("made_on", "id")
    techniques = dict(plans.values_list("course", "technique"))
    verdicts = _verdicts(keys)
    return [
        CourseFacts(
            indication=indication,
            technique=techniques.get(key, ""),
            visits=visits[key],
            finished=status == CourseStatus.FINISHED,
            stopped_early=status == CourseStatus.STOPPED,
            verdict=verdicts.get(key, Verdict.UNKNOWN),
            adverse=harmed.get(key, 0),
            reactions_asked=asked.get(key, 0),
            seconds_recorded=doses.get(key, {}).get("timed", 0),
            treatments=doses.get(key, {}).get("n", 0),
            force_measured=doses.get(key, {}).get("measured", 0),
            published=origin == Origin.PUBLISHED,
        )
        for key, indication, status, origin in courses
        if key in visits
    ]


def _verdicts(courses: list[UUID]) -> dict[object, Verdict]:
    """How pain changed in each course from the first reading to the last, held against its threshold."""
    series: dict[object, list[ReadingFact]] = defaultdict(list)
    alike = ["course", "side", "method", "device", "detail"]
    first = Window(RowNumber(), partition_by=alike, order_by=["on", "id"])
    last = Window(RowNumber(), partition_by=alike, order_by=["-on", "-id"])
    taken = Reading.objects.filter(course__in=courses, measure="nprs").exclude(moment=Moment.AFTER.value)
    rows: Iterable[Reading] = (
        taken.annotate(first=first, last=last).filter(Q(first=1) | Q(last=1)).only(*gather.OF_A_READING)
    )
    for row in rows:
        series[row.course_id].append(gather.reading(row))
    return {course: measure.overall(measure.changes(readings, load())) for course, readings in series.items()}
