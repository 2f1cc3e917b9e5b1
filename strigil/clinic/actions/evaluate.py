"""Open a course, record what was answered and measured, close the course."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from strigil.accounts.models import User, uuid7
from strigil.clinic.actions.base import Refused, action, audit, id_after, raise_version
from strigil.clinic.models import (
    AnswerWord,
    Course,
    CourseSite,
    CourseStatus,
    Finding,
    Goal,
    Patient,
    Reading,
    Side,
    Treatment,
    Visit,
    VisitStatus,
)
from strigil.clinic.tallies import tally
from strigil.knowledge import load
from strigil.knowledge.shapes import BodyRegion, Indication, Measure


@dataclass(frozen=True, slots=True)
class SiteInput:
    region: str
    side: str


@dataclass(frozen=True, slots=True)
class AnswerInput:
    finding: str
    answer: str
    region: str = ""
    side: str = ""
    since: date | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ReadingInput:
    measure: str
    value: Decimal
    moment: str
    side: str = ""
    method: str = ""
    device: str = ""
    detail: str = ""
    version: str = ""
    position: str = ""


@action
def open_course(
    *,
    by: User,
    patient: Patient,
    on: date,
    indication: str,
    side: str,
    sites: Iterable[SiteInput],
    onset: date | None = None,
    complaint: str = "",
    history: str = "",
) -> Course:
    """Begin one episode of care, with the sites it is about."""
    if indication not in load().shelf(Indication):
        raise Refused(f"{indication!r} is not an indication on the shelf.", "indication")
    chosen = list(dict.fromkeys(sites))
    if not chosen:
        raise Refused("Name at least one site: a region and a side.", "regions")
    if onset and onset > on:
        raise Refused("The complaint cannot begin after the course does.", "onset")
    course = Course.objects.create(
        clinic_id=by.clinic_id,
        created_by=by,
        patient=patient,
        indication=indication,
        side=side,
        onset=onset,
        complaint=complaint,
        history=history,
        opened_on=on,
    )
    for site in chosen:
        if site.region not in load().shelf(BodyRegion):
            raise Refused(f"{site.region!r} is not a region on the shelf.", "regions")
        CourseSite.objects.create(
            clinic_id=by.clinic_id, created_by=by, course=course, region=site.region, side=site.side
        )
    audit(by, "course.open", course, patient.pk)
    return course


@action
def add_site(*, by: User, course: Course, site: SiteInput) -> CourseSite:
    """One more site that a course is about. Nothing is treated there before it is screened."""
    check_open(course)
    if site.region not in load().shelf(BodyRegion):
        raise Refused(f"{site.region!r} is not a region on the shelf.", "region")
    if site.side not in Side.values:
        raise Refused("Say which side of the patient.", "side")
    if course.sites.filter(region=site.region, side=site.side).exists():
        raise Refused("This site belongs to the course already.", "region")
    row = CourseSite.objects.create(
        clinic_id=by.clinic_id, created_by=by, course=course, region=site.region, side=site.side
    )
    audit(by, "course.add_site", row, course.patient_id)
    return row


@action
def remove_site(*, by: User, site: CourseSite) -> None:
    """Take back a site that was never treated. A draft may hold a dose for it, so that has to be closed first."""
    check_open(site.course)
    check_can_remove_site(site)
    audit(by, "course.remove_site", site, site.course.patient_id)
    site.delete()


def check_can_remove_site(site: CourseSite) -> None:
    """Raises ``Refused`` with the reason when a site has to stay."""
    if Treatment.objects.filter(visit__course_id=site.course_id, region=site.region, side=site.side).exists():
        raise Refused("This site was treated, so it stays.")
    if site.course.visits.filter(status=VisitStatus.DRAFT).exists():
        raise Refused("A visit of this course is still a draft: sign or discard it first.")
    if site.course.sites.count() == 1:
        raise Refused("This is the only site of the course: add another first.")


@action
def describe_course(
    *, by: User, course: Course, seen: int, complaint: str, history: str, assessment: str, onset: date | None
) -> None:
    """Keep the history and the clinician's own assessment of a course."""
    check_open(course)
    raise_version(course, seen)
    course.complaint, course.history, course.assessment, course.onset = complaint, history, assessment, onset
    course.save(update_fields=["complaint", "history", "assessment", "onset"])
    audit(by, "course.describe", course, course.patient_id)


@action
def record_answers(*, by: User, course: Course, on: date, answers: Iterable[AnswerInput]) -> list[Finding]:
    """Keep answers to screening questions as given today. Earlier answers stay as they are."""
    check_open(course)
    questions = load().asked
    last = id_after(Finding.objects.filter(patient_id=course.patient_id, asked_on=on))
    rows = []
    for one in answers:
        if one.finding not in questions:
            raise Refused(f"{one.finding!r} is not a question on the shelf.")
        if one.answer not in AnswerWord.values:
            raise Refused(f"{one.answer!r} is not an answer; allowed: yes, no, unknown.")
        if one.since and one.since > on:
            raise Refused("Something found today cannot have begun after today.", one.finding)
        rows.append(
            Finding(
                id=(last := uuid7(after=last)),
                clinic_id=by.clinic_id,
                created_by=by,
                patient_id=course.patient_id,
                course=course,
                finding=one.finding,
                answer=one.answer,
                asked_on=on,
                region=one.region,
                side=one.side,
                since=one.since,
                detail=one.detail,
            )
        )
    Finding.objects.bulk_create(rows)
    if rows:
        audit(by, "finding.answer", course, course.patient_id)
    return rows


@action
def record_readings(
    *, by: User, course: Course, on: date, readings: Iterable[ReadingInput], visit: Visit | None = None
) -> list[Reading]:
    """Keep readings of measures, each with its unit from the shelf."""
    check_open(course)
    if visit is not None and visit.course_id != course.pk:
        raise Refused("The visit belongs to another course.")
    rows = [reading_row(by=by, course=course, on=on, visit=visit, given=one) for one in readings]
    Reading.objects.bulk_create(rows)
    if rows:
        audit(by, "reading.record", course, course.patient_id)
    return rows


def reading_row(*, by: User, course: Course, on: date, visit: Visit | None, given: ReadingInput) -> Reading:
    """A reading that the shelf accepts.

    Raises:
        Refused: when the measure is unknown, the value out of range, the side missing, or the position unknown.
    """
    measure = load().shelf(Measure).get(given.measure)
    if measure is None:
        raise Refused(f"{given.measure!r} is not a measure on the shelf.")
    if not measure.low <= given.value <= measure.high:
        raise Refused(f"{measure.short}: given {given.value}; allowed {measure.low} to {measure.high}.", measure.id)
    if measure.sided == "yes" and not given.side:
        raise Refused(f"{measure.short}: say which side.", measure.id)
    if given.position and given.position not in measure.positions:
        known = ", ".join(measure.positions) or "none"
        raise Refused(f"{measure.short}: position {given.position!r}; allowed: {known}.", measure.id)
    return Reading(
        clinic_id=by.clinic_id,
        created_by=by,
        course=course,
        visit=visit,
        measure=measure.id,
        value=given.value,
        unit=measure.unit,
        side=given.side,
        method=given.method,
        device=given.device,
        version_of_form=given.version,
        position=given.position,
        detail=given.detail,
        rater=by.display_name,
        on=on,
        moment=given.moment,
    )


@action
def set_goal(
    *, by: User, course: Course, measure: str, value: Decimal, by_day: date | None, detail: str = "", wording: str = ""
) -> Goal:
    """A goal on a measure; an earlier goal on the same measure and detail gives way."""
    check_open(course)
    found = load().shelf(Measure)[measure]
    if not found.low <= value <= found.high:
        raise Refused(f"{found.short}: given {value}; allowed {found.low} to {found.high}.", "goal")
    Goal.objects.filter(course=course, measure=measure, detail=detail).delete()
    goal = Goal.objects.create(
        clinic_id=by.clinic_id,
        created_by=by,
        course=course,
        measure=measure,
        detail=detail,
        wording=wording,
        value=value,
        unit=found.unit,
        by=by_day,
    )
    audit(by, "goal.set", goal, course.patient_id)
    return goal


@action
def close_course(*, by: User, course: Course, seen: int, on: date, status: str, note: str) -> None:
    """End an episode of care: finished, or stopped early, and why."""
    raise_version(course, seen)
    check_open(course)
    if status not in (CourseStatus.FINISHED, CourseStatus.STOPPED):
        raise Refused("Say whether the course is finished or was stopped early.", "status")
    if status == CourseStatus.STOPPED and not note.strip():
        raise Refused("Say why the course was stopped.", "note")
    if course.visits.filter(status=VisitStatus.DRAFT).exists():
        raise Refused("A visit of this course is still a draft: sign or discard it first.")
    if on < course.opened_on:
        raise Refused("A course cannot end before it began.", "on")
    course.status, course.closed_on, course.closing_note = status, on, note
    course.save(update_fields=["status", "closed_on", "closing_note"])
    tally(by, course)
    audit(by, "course.close", course, course.patient_id)


def check_open(course: Course) -> None:
    """Raises ``Refused`` when the course is closed."""
    if not course.is_open:
        raise Refused("This course is closed; open a new one to go on.")
