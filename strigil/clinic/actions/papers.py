"""Printing leaves a trace, and is refused where there is nothing to say yet."""

from __future__ import annotations

from strigil.accounts.models import User
from strigil.clinic import papers
from strigil.clinic.actions.base import Refused, action, audit
from strigil.clinic.models import Course, Visit, VisitStatus
from strigil.clinic.programmes import current
from strigil.drawing import paper

NO_REPORT = "There is nothing to report yet: nothing has been measured, and there has been no visit."
NO_REFERRAL = "There is nothing to tell a referrer yet: no visit of this course is signed."


def check_can_report(course: Course) -> None:
    if not course.readings.exists() and not course.visits.exists():
        raise Refused(NO_REPORT)


def check_can_refer(course: Course) -> None:
    if not course.visits.filter(status=VisitStatus.SIGNED).exists():
        raise Refused(NO_REFERRAL)


def check_can_send_home(visit: Visit) -> None:
    if not visit.treatments.exists():
        raise Refused("There is nothing to send home yet: no area is recorded as treated at this visit.")


@action
def print_note(*, by: User, visit: Visit, copied: list[str]) -> bytes:
    """The note of one visit, as PDF."""
    note = papers.visit_note(by=by, visit=visit, copied=copied, on=by.clinic.today)
    audit(by, "note.print", visit, visit.course.patient_id)
    return paper.pdf(paper.visit_note(note))


@action
def print_report(*, by: User, course: Course) -> bytes:
    """The course report, as PDF."""
    check_can_report(course)
    report = papers.course_report(by=by, course=course, on=by.clinic.today)
    audit(by, "report.print", course, course.patient_id)
    return paper.pdf(paper.course_report(report))


@action
def print_referral(*, by: User, course: Course) -> bytes:
    """The letter to the referrer, as PDF."""
    check_can_refer(course)
    found = papers.referral(by=by, course=course, on=by.clinic.today)
    audit(by, "referral.print", course, course.patient_id)
    return paper.pdf(paper.referral(found))


@action
def print_after_session(*, by: User, visit: Visit) -> bytes:
    """What to expect after the session and when to call, as PDF."""
    check_can_send_home(visit)
    found = papers.after_session(by=by, visit=visit, on=by.clinic.today)
    audit(by, "after_session.print", visit, visit.course.patient_id)
    return paper.pdf(paper.after_session(found))


@action
def print_home_programme(*, by: User, course: Course) -> bytes:
    """The home programme that holds, as PDF."""
    held = current(course)
    if held is None:
        raise Refused("There is no home programme to print: prescribe one first.")
    found = papers.home_programme(by=by, course=course, held=held, on=by.clinic.today)
    audit(by, "home_programme.print", held, course.patient_id)
    return paper.pdf(paper.programme(found))
