"""The clinic's courses as ``learn`` counts them: a fixed number of queries, whatever the number of courses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

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


def course_facts(clinic: Clinic) -> list[CourseFacts]:
    """Every course with at least one signed visit."""
    visits = dict(
        Visit.objects.filter(clinic=clinic, status=VisitStatus.SIGNED)
        .values("course")
        .annotate(n=Count("id"))
        .values_list("course", "n")
    )
    doses: dict[UUID, dict[str, Any]] = {
        row["visit__course"]: dict(row)
        for row in Treatment.objects.filter(clinic=clinic, visit__status=VisitStatus.SIGNED)
        .values("visit__course")
        .annotate(
            n=Count("id"),
            timed=Count("id", filter=Q(seconds__isnull=False)),
            measured=Count("id", filter=Q(force_method="measured")),
        )
    }
    adverse = {key for key, item in load().shelf(shapes.Reaction).items() if item.group == "adverse"}
    harmed = dict(
        Reaction.objects.filter(clinic=clinic, reaction__in=adverse)
        .values("check_made__visit__course")
        .annotate(n=Count("id"))
        .values_list("check_made__visit__course", "n")
    )
    asked = dict(
        ReactionCheck.objects.filter(clinic=clinic)
        .exclude(when=When.END)
        .values("visit__course")
        .annotate(n=Count("visit", distinct=True))
        .values_list("visit__course", "n")
    )
    techniques = dict(Plan.objects.filter(clinic=clinic).order_by("made_on", "id").values_list("course", "technique"))
    verdicts = _verdicts(clinic)
    courses = Course.objects.filter(clinic=clinic).values_list("pk", "indication", "status", "patient__origin")
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


def _verdicts(clinic: Clinic) -> dict[object, Verdict]:
    """How pain changed in each course, held against its threshold."""
    series: dict[object, list[ReadingFact]] = defaultdict(list)
    rows: Iterable[Reading] = Reading.objects.filter(clinic=clinic, measure="nprs").exclude(moment=Moment.AFTER.value)
    for row in rows:
        series[row.course_id].append(gather.reading(row))
    return {course: measure.overall(measure.changes(readings, load())) for course, readings in series.items()}
