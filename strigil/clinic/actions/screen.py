"""Store a decision with its inputs; record a physician's clearance."""

from __future__ import annotations

from datetime import date

from strigil.accounts.models import User
from strigil.clinic import gather, letters
from strigil.clinic.actions.base import Refused, action, audit, id_after
from strigil.clinic.actions.evaluate import check_open
from strigil.clinic.models import Clearance, Course, Judged, KeptShelf, OwnAssessment, Patient, Screening
from strigil.drawing.paper import letter, pdf
from strigil.knowledge import Knowledge, load, snapshot
from strigil.knowledge.shapes import ScreeningRule
from strigil.pathway import screen
from strigil.pathway.screen.json import decision_to_json


@action
def store_screening(*, by: User, course: Course, on: date, technique: str | None = None) -> Screening:
    """Decide on what is known today, and keep the decision with everything it rests on."""
    check_open(course)
    case = gather.case(course, on, technique)
    decision = decision_to_json(screen.screen(case, load()), load())
    screening = Screening.objects.create(
        id=id_after(course.screenings.all()),
        clinic_id=by.clinic_id,
        created_by=by,
        course=course,
        on=on,
        inputs=gather.stored_case(case),
        outcome=decision["outcome"],
        complete=decision["complete"],
        sites=decision["sites"],
        reasons=decision["reasons"],
        unasked=decision["unasked"],
        error=decision.get("error", ""),
        knowledge_version=decision["knowledge"]["version"],
        knowledge_sha256=decision["knowledge"]["sha256"],
    )
    keep_shelf(load())
    audit(by, "screening.store", screening, course.patient_id)
    return screening


def keep_shelf(knowledge: Knowledge) -> None:
    """Keep the rules with the first decision that rests on them, so that it can be made again."""
    if not KeptShelf.objects.filter(pk=knowledge.sha256).exists():
        kept = KeptShelf(
            sha256=knowledge.sha256, knowledge_version=knowledge.version, content=snapshot.to_json(knowledge)
        )
        KeptShelf.objects.bulk_create([kept], ignore_conflicts=True)


@action
def record_assessment(*, by: User, course: Course, on: date, outcome: str, note: str = "") -> OwnAssessment:
    """What the clinician would do, said once for a course and before any screen of it."""
    check_open(course)
    # Two people who screen a new course at once: the row is locked, so that only one of them speaks before the advice.
    Course.objects.select_for_update().get(pk=course.pk)
    if not asks_own_assessment(course):
        raise Refused("This course was screened already, so a judgement now would come after the advice.", "judged")
    if outcome not in Judged.values:
        raise Refused("Say what you would do, before Strigil says anything.", "judged")
    own = OwnAssessment.objects.create(
        clinic_id=by.clinic_id, created_by=by, course=course, on=on, outcome=outcome, note=note
    )
    audit(by, "assessment.record", own, course.patient_id)
    return own


def asks_own_assessment(course: Course) -> bool:
    """Whether nobody has judged and nothing was advised yet."""
    return not course.screenings.exists() and not OwnAssessment.objects.filter(course=course).exists()


@action
def record_clearance(
    *, by: User, patient: Patient, finding: str, physician: str, agreed_on: date, until: date, on: date, note: str = ""
) -> Clearance:
    """A physician agreed to treatment in spite of a finding."""
    rule = load().rules.get(finding)
    if rule is None or not can_be_cleared(rule):
        raise Refused("A physician's agreement does not change what this finding means.", "finding")
    if not physician.strip():
        raise Refused("Name the physician who agreed.", "physician")
    if agreed_on > on:
        raise Refused("The agreement cannot lie in the future.", "agreed_on")
    if until < agreed_on:
        raise Refused("The agreement must end after it begins.", "until")
    clearance = Clearance.objects.create(
        clinic_id=by.clinic_id,
        created_by=by,
        patient=patient,
        finding=finding,
        physician=physician.strip(),
        agreed_on=agreed_on,
        until=until,
        note=note,
    )
    audit(by, "clearance.record", clearance, patient.pk)
    return clearance


@action
def write_letter(*, by: User, course: Course, screening: Screening, rule: str = "") -> bytes:
    """The letter to a physician on what a stored screen asks of one, as PDF."""
    found = letters.letter(by=by, course=course, screening=screening, on=by.clinic.today, rule=rule)
    if found is None:
        raise Refused("This screen asks nothing of a physician.")
    audit(by, "letter.write", screening, course.patient_id)
    return pdf(letter(found))


def can_be_cleared(rule: ScreeningRule) -> bool:
    """Whether a physician's agreement changes anything about a finding."""
    return any(one.cleared_to for one in rule.consequences)
