"""Load an instrument that the clinic is licensed for, put it away, and keep what was answered to it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from strigil.accounts.models import User
from strigil.clinic.actions.base import Refused, action, audit
from strigil.clinic.actions.evaluate import ReadingInput, check_open, reading_row
from strigil.clinic.models import Course, QuestionnaireAnswers, QuestionnaireFile, Reading
from strigil.knowledge import load
from strigil.knowledge.shapes import Measure
from strigil.pathway.facts import Moment
from strigil.pathway.questionnaire import METHOD, fit, read, scores
from strigil.pathway.score import score

KEPT = Decimal("0.001")


class Unscored(Refused):
    """The answers come to no score; the sentence says why."""


@action
def load_questionnaire(
    *, by: User, measure: str, content: bytes, licence: str, holds_licence: bool, on: date
) -> QuestionnaireFile:
    """Keep a file that can be filled in and scored as the measure's rule says.

    Raises:
        Refused: when the licence is not stated, or when this edition is loaded already.
        Faulty: when the file cannot be used; it says everything that keeps it from that.
    """
    if not holds_licence:
        raise Refused("Say that the clinic holds the licence; without it the instrument is not used.", "holds_licence")
    if not licence.strip():
        raise Refused("Say what the licence is: from whom, and its number or date.", "licence")
    instrument = load().shelf(Measure).get(measure)
    if instrument is None:
        raise Refused(f"{measure!r} is not a measure on the shelf.", "measure")
    found = read(content)
    fit(found, instrument, load())
    sha256 = hashlib.sha256(content).hexdigest()
    edition = {"clinic_id": by.clinic_id, "measure": measure, "url": found.url, "edition": found.version}
    kept = QuestionnaireFile.objects.filter(**edition).first()
    if kept is not None:
        return _again(by, kept, sha256)
    kept = QuestionnaireFile.objects.create(
        **edition,
        created_by=by,
        title=found.title,
        content=content.decode("utf-8-sig"),
        sha256=sha256,
        licence=licence.strip(),
        licensed_on=on,
    )
    audit(by, "questionnaire.load", kept, None)
    return kept


def _again(by: User, kept: QuestionnaireFile, sha256: str) -> QuestionnaireFile:
    """The same edition once more: taken up again if it was put away, and never changed."""
    if kept.sha256 != sha256:
        raise Refused(
            f"Version {kept.edition} of this questionnaire is loaded with other contents. "
            "Give the changed file a version of its own, so that scores of the two stay apart.",
            "file",
        )
    if kept.put_away_on is None:
        raise Refused("This file is loaded already.", "file")
    kept.put_away_on = None
    kept.save(update_fields=["put_away_on"])
    audit(by, "questionnaire.load", kept, None)
    return kept


@action
def put_away_questionnaire(*, by: User, file: QuestionnaireFile, on: date) -> None:
    """Offer it no longer. What was answered to it stays readable."""
    file.put_away_on = on
    file.save(update_fields=["put_away_on"])
    audit(by, "questionnaire.put_away", file, None)


@action
def fill_questionnaire(
    *,
    by: User,
    course: Course,
    file: QuestionnaireFile,
    on: date,
    answers: Sequence[int | None],
    moment: Moment,
    side: str = "",
) -> tuple[Reading, str]:
    """Keep the answers, each given as the place of its choice, and the score they come to; also say how it came about.

    Raises:
        Unscored: when too few items are answered for a score; nothing is kept.
    """
    check_open(course)
    if file.put_away_on is not None:
        raise Refused("This questionnaire was put away. Load it again, or fill in another.")
    measure, found = load().shelf(Measure)[file.measure], read(file.content.encode())
    try:
        marks = scores(found, answers)
    except ValueError:
        raise Refused("An answer is none of the choices. Open the page again.") from None
    scored = score(measure, marks)
    if scored.value is None:
        raise Unscored(f"No score, so nothing is saved yet. {scored.why}")
    given = ReadingInput(measure.id, scored.value.quantize(KEPT), moment, side, method=METHOD, version=file.canonical)
    reading = reading_row(by=by, course=course, on=on, visit=None, given=given)
    reading.save()
    QuestionnaireAnswers.objects.create(
        clinic_id=by.clinic_id,
        created_by=by,
        reading=reading,
        file=file,
        answers={
            asked.link_id: None if place is None else {"choice": place, "score": str(mark)}
            for asked, place, mark in zip(found.questions, answers, marks, strict=True)
        },
    )
    audit(by, "questionnaire.fill", reading, course.patient_id)
    return reading, scored.why
