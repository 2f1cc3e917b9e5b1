"""Each action on a record that is ready for it, and what stands in a visit's way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from strigil.accounts.models import User
from strigil.clinic import gather, hindrances
from strigil.clinic.actions import evaluate, papers, plan, register, respond, screen, treat
from strigil.clinic.actions.medicines import record_medicines
from strigil.clinic.models import Course, Override, Visit
from strigil.pathway.facts import Moment
from tests.clinic.cast import FOREARM, PLAN, TREATED, UPPER_ARM, Story

Call = Callable[[Story, User], Any]
PERSON = {"name": "B", "born": None, "sex": "male", "phone": "", "email": "", "may_mail": "", "note": ""}
TEXT = {"complaint": "it hurts", "history": "", "assessment": "", "onset": None}


def correct(story: Story) -> Call:
    patient = story.patient()
    return lambda _, by: register.correct_patient(by=by, patient=patient, seen=1, **PERSON)


def open_course(story: Story) -> Call:
    patient = story.patient()
    return lambda then, by: replace(then, by=by).course(patient)


def add_site(story: Story) -> Call:
    course = story.course()
    return lambda _, by: evaluate.add_site(by=by, course=course, site=evaluate.SiteInput(UPPER_ARM, "right"))


def remove_site(story: Story) -> Call:
    site = story.course(regions=(FOREARM, UPPER_ARM)).sites.get(region=UPPER_ARM)
    return lambda _, by: evaluate.remove_site(by=by, site=site)


def describe(story: Story) -> Call:
    course = story.course()
    return lambda _, by: evaluate.describe_course(by=by, course=course, seen=1, **TEXT)


def answer(story: Story) -> Call:
    course = story.course()
    given = [evaluate.AnswerInput("cancer", "no")]
    return lambda then, by: evaluate.record_answers(by=by, course=course, on=then.on, answers=given)


def read(story: Story) -> Call:
    course = story.course()
    given = [evaluate.ReadingInput("nprs", Decimal(3), Moment.BEFORE)]
    return lambda then, by: evaluate.record_readings(by=by, course=course, on=then.on, readings=given)


def goal(story: Story) -> Call:
    course = story.course()
    return lambda _, by: evaluate.set_goal(by=by, course=course, measure="nprs", value=Decimal(2), by_day=None)


def close(story: Story) -> Call:
    course = story.course()
    return lambda then, by: evaluate.close_course(by=by, course=course, seen=1, on=then.on, status="finished", note="")


def screening(story: Story) -> Call:
    course = story.course()
    return lambda then, by: screen.store_screening(by=by, course=course, on=then.on)


def clear(story: Story) -> Call:
    patient = story.patient()
    return lambda then, by: screen.record_clearance(
        by=by, patient=patient, finding="anticoagulants", physician="Dr A", agreed_on=then.on, until=then.on, on=then.on
    )


def override(story: Story) -> Call:
    visit = held(story)
    return lambda _, by: overridden(replace(story, by=by), visit)


def held(story: Story, course: Course | None = None) -> Visit:
    """A written draft of a patient whom the screen holds back for the day."""
    course = course or story.course()
    story.screened(course, yes=["malnourished_fatigued"])
    return story.written(story.draft(course))


def in_the_way(visit: Visit) -> list[hindrances.Hindrance]:
    sites = [gather.site(one.region, one.side) for one in visit.course.sites.all()]
    return hindrances.still_open(Visit.objects.get(pk=visit.pk), sites)


def overridden(story: Story, visit: Visit, reason: str = "ate meanwhile", **more: Any) -> Override:
    """All that stands in the way of a visit, overridden with one reason."""
    given = {"overriding": [one.key for one in in_the_way(visit)]} | more
    return treat.override_for_visit(by=story.by, visit=visit, reason=reason, **given)


def make_plan(story: Story) -> Call:
    course = story.course()
    return lambda then, by: plan.make_plan(by=by, course=course, on=then.on, plan=PLAN)


def start(story: Story) -> Call:
    course = story.course()
    return lambda then, by: treat.start_visit(by=by, course=course, on=then.on, technique="graston")


def write(story: Story) -> Call:
    visit = story.draft(story.course())
    return lambda _, by: treat.write_visit(by=by, visit=visit, seen=1, given=TREATED)


def sign(story: Story) -> Call:
    course = story.course()
    story.screened(course)
    visit = story.written(story.draft(course))
    return lambda _, by: treat.sign_visit(by=by, visit=visit, seen=2)


def amend(story: Story) -> Call:
    visit = story.signed(story.course())
    return lambda _, by: treat.amend_visit(by=by, visit=visit, seen=3, given=TREATED, reason="typing mistake")


def discard(story: Story) -> Call:
    visit = story.written(story.draft(story.course()))
    return lambda _, by: treat.discard_visit(by=by, visit=visit, seen=2)


def react(story: Story) -> Call:
    visit = story.signed(story.course())
    return lambda then, by: respond.record_reaction(by=by, visit=visit, when="next_day", on=then.on, reactions=[])


def judge(story: Story) -> Call:
    course = story.course()
    return lambda then, by: screen.record_assessment(by=by, course=course, on=then.on, outcome="proceed")


def take(story: Story) -> Call:
    course = story.course()
    return lambda then, by: record_medicines(by=by, course=course, on=then.on, typed="paracetamol")


def send_letter(story: Story) -> Call:
    course = story.course()
    held = story.screened(course, yes=["anticoagulants"])
    return lambda _, by: screen.write_letter(by=by, course=course, screening=held)


def print_note(story: Story) -> Call:
    visit = story.signed(story.course())
    return lambda _, by: papers.print_note(by=by, visit=visit, copied=[])


def print_after_session(story: Story) -> Call:
    visit = story.signed(story.course())
    return lambda _, by: papers.print_after_session(by=by, visit=visit)


def print_report(story: Story) -> Call:
    course = story.ready()
    return lambda _, by: papers.print_report(by=by, course=course)


def print_referral(story: Story) -> Call:
    course = story.with_visits(1)
    return lambda _, by: papers.print_referral(by=by, course=course)


ACTIONS = {
    "note.print": print_note,
    "after_session.print": print_after_session,
    "report.print": print_report,
    "referral.print": print_referral,
    "assessment.record": judge,
    "medicines.record": take,
    "letter.write": send_letter,
    "patient.correct": correct,
    "course.open": open_course,
    "course.add_site": add_site,
    "course.remove_site": remove_site,
    "course.describe": describe,
    "finding.answer": answer,
    "reading.record": read,
    "goal.set": goal,
    "course.close": close,
    "screening.store": screening,
    "clearance.record": clear,
    "visit.override": override,
    "plan.make": make_plan,
    "visit.start": start,
    "visit.write": write,
    "visit.sign": sign,
    "visit.amend": amend,
    "visit.discard": discard,
    "reaction.record": react,
}
VERSIONED = {"patient.correct", "course.describe", "course.close", "visit.write", "visit.sign", "visit.amend"}
