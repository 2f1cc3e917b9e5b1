"""Rows of the record as the facts that the pathway takes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Max, Min, Prefetch, Q, QuerySet

from strigil.clinic.clock import all_in_doubt
from strigil.clinic.models import (
    Clearance,
    Course,
    Finding,
    ReactionCheck,
    SaidBy,
    Treatment,
    Visit,
    VisitStatus,
    When,
)
from strigil.knowledge import load
from strigil.pathway import facts
from strigil.pathway.facts import AnswerValue, Moment, Side
from strigil.pathway.respond import is_adverse


def site(region: str, side: str) -> facts.Site:
    return facts.Site(region, Side(side) if side else None)


def answers(patient_id: UUID, on: date) -> tuple[facts.Answer, ...]:
    """What a patient has answered up to a day: all that still counts, and of each question the newest even if not.

    Within a course and a day the later answer corrects the earlier: one for everywhere replaces all before it, one
    for a place replaces what was said of everywhere and of that place. Courses do not correct each other. A no
    that may be of an earlier day than it says, as the clock was set back since, is left out.
    """
    given = Finding.objects.filter(patient_id=patient_id, asked_on__lte=on)
    rows = list(given.filter(_bearing_on(given, on)).select_related("clinic").order_by("asked_on", "id"))
    doubted = all_in_doubt({row.pk: row.asked_on for row in rows}, rows[0].clinic, Finding) if rows else set()
    if doubted:
        rows.sort(key=lambda row: (row.asked_on, row.pk not in doubted))
    said: dict[tuple[str, date, UUID | None], dict[tuple[str, str], Finding]] = {}
    for row in rows:
        if row.pk in doubted and row.answer == AnswerValue.NO:
            continue
        places = said.setdefault((row.finding, row.asked_on, row.course_id), {})
        if not row.region:
            places.clear()
        places.pop(("", ""), None)
        places[row.region, row.side] = row
    return tuple(
        facts.Answer(
            row.finding,
            AnswerValue(row.answer),
            row.asked_on,
            site(row.region, row.side) if row.region else None,
            row.since,
        )
        for places in said.values()
        for row in places.values()
    )


def _bearing_on(given: QuerySet[Finding], on: date) -> Q:
    """Leaves out what has grown too old to count and was asked again since: it would make a long record slow."""
    rules = load().rules
    since: dict[date, list[str]] = {}
    for name, last in given.order_by().values_list("finding").annotate(last=Max("asked_on")):
        valid = timedelta(days=rules[name].valid_days) if name in rules else timedelta(0)
        since.setdefault(min(last, on - valid), []).append(name)
    days = [Q(finding__in=names, asked_on__gte=day) for day, names in since.items()]
    return Q(*days, _connector=Q.OR)


def clearances(patient_id: UUID) -> tuple[facts.Clearance, ...]:
    rows = Clearance.objects.filter(patient_id=patient_id)
    return tuple(facts.Clearance(row.finding, row.agreed_on, row.until) for row in rows)


def case(course: Course, on: date, technique: str | None = None) -> facts.Case:
    """All that a screen of this course looks at on a day."""
    patient = course.patient
    return facts.Case(
        on=on,
        born=patient.born,
        sex=patient.sex,  # type: ignore[arg-type]
        sites=tuple(site(row.region, row.side) for row in course.sites.all()),
        answers=answers(patient.pk, on),
        technique=technique,
        indication=course.indication,
        clearances=clearances(patient.pk),
    )


def readings(course: Course, since: date | None = None) -> tuple[facts.Reading, ...]:
    """The readings of a course, oldest first: all, or those since a day with the first and the last of each series.

    Rows, not objects: a long course has thousands. The log knows whose they are, for the course was read.
    """
    rows = course.readings.all()
    if since:
        series = rows.order_by().values(*OF_A_SERIES, "moment")
        ends = series.annotate(first=Min("on"), last=Max("on")).values_list("first", "last")
        rows = rows.filter(Q(on__gte=since) | Q(on__in={day for pair in ends for day in pair}))
    return tuple(reading(row) for row in rows.order_by("on", "id").values_list(*OF_A_READING, named=True))


OF_A_SERIES = ("measure", "side", "method", "device", "version_of_form", "position", "detail")
"""The columns that part readings into series."""
OF_A_READING = (*OF_A_SERIES, "value", "unit", "on", "moment", "rater")
"""The columns that a fact takes; the others would cost more than they are worth on a long record."""


def reading(row: Any) -> facts.Reading:
    """Of a ``Reading``, or of a row with the columns of ``OF_A_READING``."""
    return facts.Reading(
        measure=row.measure,
        value=row.value.normalize() if row.value != row.value.to_integral() else row.value.quantize(1),
        unit=row.unit,
        on=row.on,
        moment=Moment(row.moment),
        side=Side(row.side) if row.side else None,
        method=row.method,
        device=row.device,
        detail=row.detail,
        rater=row.rater,
        version=row.version_of_form,
        position=row.position,
    )


def with_doses(visits: QuerySet[Visit]) -> QuerySet[Visit]:
    """Visits with everything that the pathway and the pages read of them, in a fixed number of queries."""
    checks = ReactionCheck.objects.select_related("check_in__looked_by", "check_in__clinic")
    return visits.select_related("signed_by", "check_in__clinic").prefetch_related(
        "treatments", Prefetch("reaction_checks", checks.prefetch_related("reactions"))
    )


LOOKED_BACK = 10
"""Earlier visits that bear on the next: reactions older than that many visits do not."""


def earlier(visit: Visit) -> list[Visit]:
    """The signed visits of the course before a visit, oldest first, with everything read of them."""
    before = Visit.objects.filter(course_id=visit.course_id, status=VisitStatus.SIGNED, number__lt=visit.number)
    return list(reversed(with_doses(before.order_by("-number"))[:LOOKED_BACK]))


def visit_facts(row: Visit) -> facts.VisitFacts:
    """A visit with its reactions as last seen: a later look at the same reaction replaces an earlier one.

    What is gone is no longer larger either: it keeps nobody from treating. A patient's own word adds to what was seen,
    and settles nothing that is adverse; where it left something open, nobody has asked yet.
    """
    seen: dict[tuple[str, str, str], facts.ReactionSeen] = {}
    reviewed = said_in_part = to_look_at = False
    for check in row.reaction_checks.all():
        by_patient = check.said_by == SaidBy.PATIENT
        reviewed = reviewed or (check.when != When.END and check.complete)
        said_in_part = said_in_part or not check.complete
        to_look_at = to_look_at or (by_patient and check.check_in.waits)
        if check.none_seen and check.when != When.END:
            seen = {
                key: one
                if by_patient and is_adverse(one.reaction, load())
                else facts.ReactionSeen(one.reaction, check.on, one.site, False, False)
                for key, one in seen.items()
            }
        for one in check.reactions.all():
            seen[one.reaction, one.region, one.side] = facts.ReactionSeen(
                one.reaction,
                check.on,
                site(one.region, one.side) if one.region else None,
                one.still_present,
                one.larger and one.still_present is not False,
            )
    return facts.VisitFacts(
        number=row.number,
        on=row.on,
        areas=tuple(area(one) for one in row.treatments.all()),
        reactions=tuple(seen.values()),
        reaction_reviewed=reviewed,
        technique=row.technique,
        said_in_part=said_in_part,
        to_look_at=to_look_at,
    )


def area(row: Treatment) -> facts.TreatedArea:
    return facts.TreatedArea(
        site(row.region, row.side),
        row.seconds,
        None if row.angle_degrees is None else Decimal(row.angle_degrees),
        row.discomfort,
    )


def signed(visits: Iterable[Visit]) -> list[Visit]:
    return [visit for visit in visits if visit.status == VisitStatus.SIGNED]


def stored_case(given: facts.Case) -> dict[str, Any]:
    """A case as it is kept with its decision, in the form that ``strigil screen`` reads."""
    return {
        "on": given.on.isoformat(),
        "patient": {"born": given.born.isoformat() if given.born else None, "sex": given.sex},
        "indication": given.indication,
        "technique": given.technique,
        "sites": [{"region": one.region, "side": one.side} for one in given.sites],
        "findings": [
            {
                "id": one.finding,
                "answer": one.answer.value,
                "asked_on": one.asked_on.isoformat(),
                **({"site": {"region": one.site.region, "side": one.site.side}} if one.site else {}),
                **({"since": one.since.isoformat()} if one.since else {}),
            }
            for one in given.answers
        ],
        "clearances": [
            {"id": one.finding, "agreed_on": one.agreed_on.isoformat(), "until": one.until.isoformat()}
            for one in given.clearances
        ],
    }
