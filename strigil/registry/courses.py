"""The clinic's closed courses as ``learn`` counts them: one query over what each has added up to."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Sum

from strigil.accounts.models import Clinic
from strigil.clinic.models import Course, CourseStatus, Tally
from strigil.pathway.facts import CourseFacts, Verdict

SUMMED = ("visits", "reactions_asked", "adverse", "treatments", "seconds_recorded", "force_measured")


def closed_courses(clinic: Clinic) -> list[CourseFacts]:
    """Every closed course of the clinic with at least one signed visit; those alike counted together."""
    alike = Tally.objects.filter(clinic=clinic).order_by().values("indication", "status", "verdict")
    rows: Any = alike.annotate(courses=Count("*"), **{name: Sum(name) for name in SUMMED})
    return [
        CourseFacts(finished=row.pop("status") == CourseStatus.FINISHED, verdict=Verdict(row.pop("verdict")), **row)
        for row in rows
    ]


def open_courses(clinic: Clinic) -> int:
    """How many courses have not ended, so that nothing can be counted of them yet."""
    return Course.objects.filter(clinic=clinic, status=CourseStatus.OPEN).count()
