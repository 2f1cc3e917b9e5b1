"""A course's home programme: what is proposed, what holds, and how it reads to a patient."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from strigil.clinic import gather
from strigil.clinic.models import Course, ExerciseReport, ExerciseSide, HomeProgramme, PrescribedExercise
from strigil.clinic.standing import doubt_of, standing
from strigil.drawing.exercise import exercise_figure
from strigil.knowledge import load
from strigil.knowledge.shapes import Dose, Exercise, ExerciseRule
from strigil.pathway.exercise import NUMBERS, Next, Proposal, advice, departs, propose
from strigil.pathway.facts import AnswerValue


def current(course: Course) -> HomeProgramme | None:
    """The programme that holds; None where there is none, or the newest says that it was stopped."""
    newest = HomeProgramme.objects.filter(course=course).prefetch_related("exercises").order_by("id").last()
    return newest if newest and not newest.stopped else None


def proposal_of(course: Course, stage: str, on: date) -> Proposal | None:
    """What is proposed at a stage, by the newest screen and what is answered of operations."""
    screening = course.screenings.defer("inputs").order_by("id").last()
    operated = set(load().shelf(ExerciseRule)["after_any_surgery"].findings)
    here = {(row.region, row.side) for row in course.sites.all()}
    said = {
        one.finding: one.answer
        for one in gather.answers(course.patient_id, on)
        if one.finding in operated and (one.site is None or (one.site.region, one.site.side) in here)
    }
    return propose(
        course.indication,
        stage,
        load(),
        outcome=standing(screening, on, doubt_of(screening, on, course.clinic)),
        found={name for name, answer in said.items() if answer is AnswerValue.YES},
        unasked={name for name in operated if said.get(name, AnswerValue.UNKNOWN) is AnswerValue.UNKNOWN},
    )


def next_step(programme: HomeProgramme, report: ExerciseReport | None) -> Next:
    """What the rules say of moving on, from what the patient last said."""
    return advice(
        (report.done or None) if report else None,  # type: ignore[arg-type]
        report.pain if report else None,
        settled=report.settled if report else None,
        worried=report.worried if report else None,
        knowledge=load(),
        exercises=[row.exercise for row in programme.exercises.all()],
        indication=programme.indication,
    )


# --- How a dose reads --------------------------------------------------------------------------------------------

UNITS = {
    "sets": "sets",
    "repetitions": "repetitions",
    "hold_s": "s",
    "times_per_day": "times a day",
    "times_per_week": "days a week",
}


def dose_words(row: PrescribedExercise) -> str:
    """``3 sets of 15, hold 10 s, twice a day, every day``; what nobody gave is left out."""
    words = []
    if row.sets and row.repetitions:
        words.append(f"{_count(row.sets, 'set')} of {row.repetitions}")
    elif row.sets or row.repetitions:
        words.append(_count(row.sets, "set") if row.sets else _count(row.repetitions or 0, "time"))
    if row.hold_s:
        exercise = load().shelf(Exercise).get(row.exercise)
        words.append(f"{'for' if exercise and exercise.kind == 'self_massage' else 'hold'} {row.hold_s} s")
    if row.times_per_day:
        words.append({1: "once a day", 2: "twice a day"}.get(row.times_per_day, f"{row.times_per_day} times a day"))
    if row.times_per_week:
        words.append("every day" if row.times_per_week == 7 else f"{_plain(row.times_per_week)} days a week")
    if row.load:
        words.append(row.load)
    return ", ".join(words)


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def changed(row: PrescribedExercise) -> list[str]:
    """Where a prescribed dose is another than its source gives, in words."""
    exercise = load().shelf(Exercise).get(row.exercise)
    if exercise is None:
        return []
    found = []
    for name in NUMBERS:
        published = getattr(exercise.dose, name)
        if departs(getattr(row, name), published):
            found.append(f"{_NAMES[name]}: {published or 'the pages did not say'}")
    return found


_NAMES = {
    "sets": "sets",
    "repetitions": "repetitions",
    "hold_s": "seconds",
    "times_per_day": "times a day",
    "times_per_week": "days a week",
}


def published(dose: Dose, name: str) -> str:
    """What stands beside a stepper: the source's own words, or that it has none."""
    given = getattr(dose, name)
    return f"source: {given}" if given else "the pages did not say"


# --- For the patient ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ExerciseLine:
    """One exercise as it is given to a patient."""

    title: str
    side: str
    dose: str
    note: str
    steps: tuple[str, ...]
    stop_if: tuple[str, ...]
    equipment: tuple[str, ...]
    drawing_svg: str
    sources: tuple[str, ...]
    key: str


def lines(rows: Iterable[PrescribedExercise]) -> tuple[ExerciseLine, ...]:
    """Each prescribed exercise with its drawing for its own side, its steps, its dose and when to stop."""
    shelf = load().shelf(Exercise)
    return tuple(_line(row, shelf[row.exercise]) for row in rows if row.exercise in shelf)


def _line(row: PrescribedExercise, exercise: Exercise) -> ExerciseLine:
    side = "" if row.side == ExerciseSide.BOTH else row.side
    said = {"right": "Right side", "left": "Left side"}.get(side, "Both sides")
    return ExerciseLine(
        title=exercise.title,
        side=said,
        dose=dose_words(row),
        note=row.note,
        steps=exercise.how,
        stop_if=exercise.stop_if,
        equipment=exercise.equipment,
        drawing_svg=exercise_figure(exercise.id, title=exercise.title, side=side),
        sources=tuple(load().source_of(one).title for one in exercise.sources),
        key=exercise.id,
    )
