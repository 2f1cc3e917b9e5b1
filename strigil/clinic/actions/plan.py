"""Keep a plan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from strigil.accounts.models import User
from strigil.clinic.actions.base import Refused, action, audit, id_after
from strigil.clinic.actions.evaluate import check_open
from strigil.clinic.models import Course, Plan, PlanArea
from strigil.knowledge import load
from strigil.knowledge.shapes import BodyRegion, Instrument, Stroke, Technique


@dataclass(frozen=True, slots=True)
class AreaInput:
    region: str
    side: str
    seconds: int
    instrument: str = ""
    edge: str = ""
    strokes: tuple[str, ...] = ()
    angle_degrees: int | None = None
    pressure: str = ""


@dataclass(frozen=True, slots=True)
class PlanInput:
    technique: str
    phases: tuple[str, ...]
    visits_per_week: Decimal
    visits_in_all: int
    review_visits: tuple[int, ...]
    areas: tuple[AreaInput, ...]
    consent_given: bool
    exercise: str = ""
    home_programme: str = ""
    note: str = ""


@action
def make_plan(*, by: User, course: Course, on: date, plan: PlanInput) -> Plan:
    """A new plan for a course; the newest one holds, earlier ones stay readable."""
    check_open(course)
    _check(plan)
    row = Plan.objects.create(
        id=id_after(course.plans.all()),
        clinic_id=by.clinic_id,
        created_by=by,
        course=course,
        made_on=on,
        technique=plan.technique,
        phases=list(plan.phases),
        visits_per_week=plan.visits_per_week,
        visits_in_all=plan.visits_in_all,
        review_visits=list(plan.review_visits),
        exercise=plan.exercise,
        home_programme=plan.home_programme,
        note=plan.note,
        consent_given=plan.consent_given,
    )
    PlanArea.objects.bulk_create(
        PlanArea(
            clinic_id=by.clinic_id,
            created_by=by,
            plan=row,
            region=area.region,
            side=area.side,
            instrument=area.instrument,
            edge=area.edge,
            strokes=list(area.strokes),
            seconds=area.seconds,
            angle_degrees=area.angle_degrees,
            pressure=area.pressure,
        )
        for area in plan.areas
    )
    audit(by, "plan.make", row, course.patient_id)
    return row


def _check(plan: PlanInput) -> None:
    shelf = load()
    technique = shelf.shelf(Technique).get(plan.technique)
    if technique is None:
        raise Refused(f"{plan.technique!r} is not a technique on the shelf.", "technique")
    known = {phase.id for phase in technique.phases}
    if unknown := [phase for phase in plan.phases if phase not in known]:
        raise Refused(f"{technique.title} has no phase {unknown[0]!r}.", "phases")
    if not plan.areas:
        raise Refused("Plan at least one area.", "areas")
    if len({(area.region, area.side) for area in plan.areas}) != len(plan.areas):
        raise Refused("An area is planned twice; put its dose in one row.", "areas")
    if not plan.consent_given:
        raise Refused("Record that the patient was told what may follow and agreed.", "consent_given")
    for area in plan.areas:
        check_area(area.region, area.instrument, area.strokes)


def check_area(region: str, instrument: str, strokes: Iterable[str]) -> None:
    """Raises ``Refused`` when an area names something that is not on the shelf."""
    shelf = load()
    if region not in shelf.shelf(BodyRegion):
        raise Refused(f"{region!r} is not a region on the shelf.", "areas")
    if instrument and instrument not in shelf.shelf(Instrument):
        raise Refused(f"{instrument!r} is not an instrument on the shelf.", "areas")
    for stroke in strokes:
        if stroke not in shelf.shelf(Stroke):
            raise Refused(f"{stroke!r} is not a stroke on the shelf.", "areas")
