"""Prescribe, move on and stop a home programme. What was prescribed before is never edited: a new one replaces it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from strigil.accounts.models import User
from strigil.clinic.actions.base import Refused, action, audit, id_after
from strigil.clinic.actions.evaluate import check_open
from strigil.clinic.models import (
    Course,
    Done,
    ExerciseReport,
    ExerciseSide,
    HomeProgramme,
    PrescribedExercise,
    ProgrammeStage,
    Visit,
)
from strigil.clinic.programmes import current, proposal_of
from strigil.knowledge import load
from strigil.knowledge.shapes import Exercise
from strigil.pathway.exercise import Offered, opening

LIMITS = {"sets": 20, "repetitions": 200, "hold_s": 900, "times_per_day": 24, "times_per_week": 7}


@dataclass(frozen=True, slots=True)
class ExerciseInput:
    exercise: str
    side: str
    sets: int | None = None
    repetitions: int | None = None
    hold_s: int | None = None
    times_per_day: int | None = None
    times_per_week: Decimal | None = None
    load: str = ""
    note: str = ""


def as_proposed(one: Offered, course: Course) -> ExerciseInput:
    """An exercise with its source's dose and the side of the course; on the midline nobody has said a side."""
    numbers, words = opening(one.exercise, one.staged)
    own = course.side if course.side in ExerciseSide.values else ""
    own = own if one.exercise.side == "per_side" else ExerciseSide.BOTH.value

    def whole(name: str) -> int | None:
        return int(numbers[name]) if name in numbers else None

    return ExerciseInput(
        one.exercise.id,
        own,
        whole("sets"),
        whole("repetitions"),
        whole("hold_s"),
        whole("times_per_day"),
        numbers.get("times_per_week"),
        note=words,
    )


@action
def prescribe(
    *,
    by: User,
    course: Course,
    on: date,
    stage: str,
    exercises: Sequence[ExerciseInput],
    visit: Visit | None = None,
    clearance: str = "",
    reason: str = "",
    note: str = "",
) -> HomeProgramme:
    """A home programme for a course, in the place of the one before. ``clearance`` says whose, and when it was seen."""
    check_open(course)
    if stage not in ProgrammeStage.values:
        raise Refused("Choose a stage.", "stage")
    if not exercises:
        raise Refused("Choose at least one exercise, or stop the programme.", "exercises")
    proposal = proposal_of(course, stage, on)
    if proposal and proposal.needs_clearance and not clearance.strip():
        raise Refused(
            "After an operation nothing is prescribed before the surgeon's protocol or written clearance is seen: say "
            "whose, and of which day.",
            "clearance",
        )
    if proposal and proposal.ends and not reason.strip():
        raise Refused("The screen sends this patient elsewhere first. Say why exercise is prescribed now.", "reason")
    _check(exercises)
    said = {"clearance": clearance.strip(), "reason": reason.strip(), "note": note.strip()}
    row = _new(by, course, on, visit, stage=stage, size=len(exercises), **said)
    PrescribedExercise.objects.bulk_create(
        PrescribedExercise(
            clinic_id=by.clinic_id,
            created_by=by,
            programme=row,
            place=place,
            exercise=one.exercise,
            side=one.side,
            sets=one.sets,
            repetitions=one.repetitions,
            hold_s=one.hold_s,
            times_per_day=one.times_per_day,
            times_per_week=one.times_per_week,
            load=one.load.strip(),
            note=one.note.strip(),
        )
        for place, one in enumerate(exercises, 1)
    )
    audit(by, "home_programme.prescribe", row, course.patient_id)
    return row


@action
def progress(
    *, by: User, course: Course, on: date, exercise: str, way: str, visit: Visit | None = None
) -> HomeProgramme:
    """The same programme with the harder or easier variant of one exercise: one change at a time."""
    held = current(course)
    if held is None:
        raise Refused("No home programme is prescribed: there is nothing to move on.")
    if way not in ("harder", "easier"):
        raise Refused("Choose harder or easier.", "way")
    rows = list(held.exercises.all())
    if exercise not in {row.exercise for row in rows}:
        raise Refused("This exercise is not in the programme that holds.", "exercise")
    variants = getattr(load().shelf(Exercise)[exercise], way)
    if not variants:
        raise Refused(f"The shelf knows no {way} variant of this exercise: change its dose.", "way")
    given = [
        ExerciseInput(
            row.exercise,
            row.side,
            row.sets,
            row.repetitions,
            row.hold_s,
            row.times_per_day,
            row.times_per_week,
            row.load,
            f"{way.capitalize()}: {variants[0]}" if row.exercise == exercise else row.note,
        )
        for row in rows
    ]
    return prescribe(
        by=by,
        course=course,
        on=on,
        stage=held.stage,
        exercises=given,
        visit=visit,
        clearance=held.clearance,
        reason=held.reason,
        note=held.note,
    )


@action
def stop(*, by: User, course: Course, on: date, reason: str, visit: Visit | None = None) -> HomeProgramme:
    """No more of it, for a reason."""
    held = current(course)
    if held is None:
        raise Refused("No home programme is prescribed: there is nothing to stop.")
    if not reason.strip():
        raise Refused("Say why it is stopped.", "reason")
    row = _new(by, course, on, visit, stage=held.stage, stopped=True, reason=reason.strip())
    audit(by, "home_programme.stop", row, course.patient_id)
    return row


@action
def report(
    *,
    by: User,
    course: Course,
    on: date,
    done: str = "",
    pain: int | None = None,
    settled: bool | None = None,
    worried: bool | None = None,
    visit: Visit | None = None,
) -> ExerciseReport:
    """What the patient said of the exercises. What was not asked stays absent."""
    check_open(course)
    if not done and pain is None and settled is None and worried is None:
        raise Refused("Nothing was answered, so nothing is kept.", "done")
    if done and done not in Done.values:
        raise Refused("Choose all, some or none.", "done")
    row = ExerciseReport.objects.create(
        id=id_after(ExerciseReport.objects.filter(course=course)),
        clinic_id=by.clinic_id,
        created_by=by,
        course=course,
        visit=visit,
        on=on,
        done=done,
        pain=pain,
        settled=settled,
        worried=worried,
    )
    audit(by, "home_programme.report", row, course.patient_id)
    return row


def _new(by: User, course: Course, on: date, visit: Visit | None, **given: object) -> HomeProgramme:
    if visit is not None and visit.course_id != course.pk:
        raise Refused("This visit belongs to another course.", "visit")
    screening = course.screenings.order_by("id").last()
    return HomeProgramme.objects.create(
        id=id_after(HomeProgramme.objects.filter(course=course)),
        clinic_id=by.clinic_id,
        created_by=by,
        course=course,
        visit=visit,
        on=on,
        indication=course.indication,
        outcome=screening.outcome if screening else "incomplete",
        knowledge_version=load().version,
        **given,
    )


def _check(exercises: Sequence[ExerciseInput]) -> None:
    shelf = load().shelf(Exercise)
    if len({one.exercise for one in exercises}) != len(exercises):
        raise Refused("An exercise is prescribed twice; put its dose in one row.", "exercises")
    for one in exercises:
        if one.exercise not in shelf:
            raise Refused(f"{one.exercise!r} is not an exercise on the shelf.", "exercises")
        title, side = shelf[one.exercise].title, shelf[one.exercise].side
        if one.side not in ExerciseSide.values:
            raise Refused(f"{title}: say which side of the patient.", "exercises")
        if side == "both" and one.side != ExerciseSide.BOTH:
            raise Refused(f"{title} is done with both sides.", "exercises")
        for name, most in LIMITS.items():
            given = getattr(one, name)
            if given is not None and not 0 < given <= most:
                raise Refused(f"{title}: allowed are 1 to {most} {name.replace('_', ' ')}.", "exercises")
