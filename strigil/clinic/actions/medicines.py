"""Keep what a patient takes, and what follows from it for the screening questions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from strigil.accounts.models import User
from strigil.clinic import gather, medicines
from strigil.clinic.actions.base import Refused, action, audit, id_after
from strigil.clinic.actions.evaluate import AnswerInput, check_open, record_answers
from strigil.clinic.models import Course, MedicineList
from strigil.knowledge import load
from strigil.pathway.facts import AnswerValue
from strigil.pathway.medicines import Recognition, answers_from, recognise

LONGEST = 4000


@action
def record_medicines(
    *,
    by: User,
    course: Course,
    on: date,
    typed: str = "",
    none_taken: bool = False,
    chosen: medicines.Chosen | None = None,
) -> MedicineList:
    """What the patient takes, asked today, with an answer to each question that it answers or reopens.

    A name answers yes or keeps a question open, never no; only "takes no medicine" answers no.
    """
    check_open(course)
    typed = typed.strip()
    if none_taken == bool(typed):
        raise Refused("Either no medicine is taken, or say which are.", "medicines")
    if len(typed) > LONGEST:
        raise Refused(f"At most {LONGEST} characters fit here.", "medicine_list")
    try:
        listed = [recognise(medicines.NONE_TAKEN, load())] if none_taken else medicines.recognised(typed, chosen or {})
    except ValueError:
        raise Refused("Choose among what is offered here.", "medicine_list") from None
    if not listed:
        raise Refused("No name of a medicine stands here.", "medicine_list")
    before = medicines.latest(course.patient_id)
    found = MedicineList.objects.create(
        id=id_after(MedicineList.objects.filter(patient_id=course.patient_id)),
        clinic_id=by.clinic_id,
        created_by=by,
        patient_id=course.patient_id,
        course=course,
        on=on,
        none_taken=none_taken,
        typed=typed,
        lines=[
            {"typed": one.typed, "status": one.status.value, "choices": list((chosen or {}).get(one.typed, ()))}
            for one in listed
        ],
    )
    audit(by, "medicines.record", found, course.patient_id)
    answers = list(_answers(course, on, listed, before))
    record_answers(by=by, course=course, on=on, answers=answers)
    return found


def _answers(
    course: Course, on: date, listed: Sequence[Recognition], before: MedicineList | None
) -> Iterator[AnswerInput]:
    """What the list answers beyond what stands.

    A yes that counts stands, with its own place and time. What a name opens is opened once: an answer that was given
    since the name was first listed is not undone by listing it again.
    """
    listed_before = {one["typed"] for one in before.lines} if before else set()
    opened = {name for one in listed for name in one.opens if one.typed not in listed_before or one.denies}
    opened |= {name for one in listed for name in one.denies}
    standing = _yes_that_counts(course, on)
    for one in answers_from(listed, on).answers:
        kept = one.answer is not AnswerValue.NO and one.finding in standing
        if kept or (one.answer is AnswerValue.UNKNOWN and one.finding not in opened):
            continue
        names = ", ".join(each.typed for each in listed if one.finding in (*each.sets, *each.opens, *each.denies))
        yield AnswerInput(one.finding, one.answer.value, detail=f"From the medicines: {names}"[:500])


def _yes_that_counts(course: Course, on: date) -> set[str]:
    rules = load().rules
    return {
        one.finding
        for one in gather.answers(course.patient_id, on)
        if one.answer is AnswerValue.YES and (on - one.asked_on).days <= rules[one.finding].valid_days
    }
