"""Exercise: what a programme proposes for a stage, how far a dose departs from its source, when to move on."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from strigil.knowledge.load import Knowledge
from strigil.knowledge.shapes import Exercise, ExerciseRule, Programme, Stage, StagedExercise
from strigil.pathway.facts import Advice, Outcome

STAGES = ("early", "middle", "late")
NUMBERS = ("sets", "repetitions", "hold_s", "times_per_day", "times_per_week")
Done = Literal["all", "some", "none"]
_ENDS = frozenset({Outcome.EMERGENCY, Outcome.REFER, Outcome.ERROR})
_OPEN = frozenset({Outcome.PROCEED, Outcome.MODIFY, Outcome.AVOID})


@dataclass(frozen=True, slots=True)
class Offered:
    """An exercise of a stage. ``chosen`` is whether it is proposed; ``unless`` says why it is not, or only if."""

    exercise: Exercise
    staged: StagedExercise
    chosen: bool
    unless: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """The programme of an indication and stage, with what stands before it."""

    programme: Programme
    stage: Stage
    offered: tuple[Offered, ...]
    withheld: str
    """Why nothing of it is proposed; empty where something is."""
    ends: bool
    """The screen sends the patient elsewhere first."""
    needs_clearance: bool
    """A surgeon has to agree in writing first."""
    cautions: tuple[ExerciseRule, ...]


def propose(
    indication: str,
    stage: str,
    knowledge: Knowledge,
    *,
    outcome: Outcome,
    found: Collection[str] = (),
    unasked: Collection[str] = (),
    cleared: bool = False,
) -> Proposal | None:
    """What is proposed at a stage; None where the shelf has no programme for the indication.

    ``found`` are the findings that a screen rests on. The screen is about instruments: only where it lets them be used
    is an exercise proposed beforehand. A rule for an operation holds until it is denied: not asked is not no.
    """
    programme = knowledge.shelf(Programme).get(indication)
    if programme is None:
        return None
    chosen = next((one for one in programme.stages if one.id == stage), programme.stages[0])
    operated = knowledge.shelf(ExerciseRule)["after_any_surgery"].findings
    needs = chosen.clearance is not None or bool(set(operated) & set(found))
    withheld = _withheld(outcome, needs and not cleared, bool(set(operated) & set(unasked)))
    offered = tuple(_offered(one, programme, withheld, knowledge) for one in chosen.exercises)
    return Proposal(programme, chosen, offered, withheld, outcome in _ENDS, needs, cautions(indication, knowledge))


def _withheld(outcome: Outcome, needs_clearance: bool, surgery_unasked: bool) -> str:
    if outcome in _ENDS:
        return "The screen sends this patient elsewhere first: no exercise is proposed until that is settled."
    if needs_clearance:
        return "After an operation nothing is proposed before the surgeon's protocol or written clearance is seen."
    if outcome is Outcome.INCOMPLETE:
        known = "whether there was an operation here" if surgery_unasked else "all that could speak against it"
        return f"No complete screen of today: it is not known {known}, so nothing is ticked beforehand."
    if outcome not in _OPEN:
        return (
            f"The screen came to “{outcome.value}”. It is about instruments; of exercise it says nothing, so nothing "
            "is ticked beforehand. Read its reasons, then choose."
        )
    return ""


def _offered(staged: StagedExercise, programme: Programme, withheld: str, knowledge: Knowledge) -> Offered:
    exercise = knowledge.shelf(Exercise)[staged.exercise]
    avoided = next((one for one in programme.avoid if one.exercise == staged.exercise), None)
    if avoided is None:
        return Offered(exercise, staged, not withheld)
    return Offered(exercise, staged, False, f"Leave it out if {avoided.when}." if avoided.when else "Leave it out.")


def cautions(indication: str, knowledge: Knowledge) -> tuple[ExerciseRule, ...]:
    """The rules for after an operation that concern an indication; those for any operation always do."""
    rules = knowledge.shelf(ExerciseRule).values()
    return tuple(
        one for one in rules if one.about == "after_surgery" and (not one.indications or indication in one.indications)
    )


# --- Dose --------------------------------------------------------------------------------------------------------


def start_of(text: str | None) -> Decimal | None:
    """Where a published amount begins: ``2-4`` at 2, ``12 falling to 6`` at 12. A schedule in words has no start."""
    if text is None or not text[0].isdigit():
        return None
    found = re.match(r"\d+(\.\d+)?", text)
    return Decimal(found[0]) if found else None


def departs(value: Decimal | int | None, text: str | None) -> bool:
    """Whether an amount is another than its source gives; what the source left open, any number departs from."""
    start = start_of(text)
    if value is None or start is None or text is None:
        return value is not None or start is not None
    numbers = [Decimal(one) for one in re.findall(r"\d+(?:\.\d+)?", text)]
    return not min(numbers) <= Decimal(value) <= max(numbers)


def opening(exercise: Exercise, staged: StagedExercise) -> tuple[dict[str, Decimal], str]:
    """The amounts that a prescription opens with, and in words what no number says."""
    texts = {name: getattr(exercise.dose, name) for name in NUMBERS}
    numbers = {name: start for name, text in texts.items() if (start := start_of(text)) is not None}
    words = [text for name, text in texts.items() if text and name not in numbers]
    return numbers, "; ".join([*words, *([staged.difference] if staged.difference else [])])


# --- When to move on ---------------------------------------------------------------------------------------------

Move = Literal["harder", "same", "easier", "stop", "ask"]


@dataclass(frozen=True, slots=True)
class Next:
    """What the rules say of moving on: never more than advice."""

    move: Move
    advice: tuple[Advice, ...]


def advice(
    done: Done | None,
    pain: int | None,
    *,
    settled: bool | None,
    worried: bool | None,
    knowledge: Knowledge,
    exercises: Iterable[str] = (),
    indication: str = "",
) -> Next:
    """Whether to make it harder, leave it, or make it easier. What was not answered is asked, never taken as well."""
    rules = knowledge.shelf(ExerciseRule)
    said = tuple(_said(one) for one in tighter(exercises, indication, knowledge))
    if worried:
        return Next("stop", (_said(rules["stop_exercise"]), *said))
    if pain is None or done is None:
        what = "pain during the exercises" if done else "whether they were done"
        return Next("ask", (_own(f"Not answered: {what}. Ask before the load is changed."), *said))
    zone = next(one for one in rules["pain_zones"].zones if one.low <= pain <= one.high)
    zoned = Advice(zone.do, rules["pain_zones"].note or "", ("exercise_rules/pain_zones",), proposed=False)
    if zone.id == "too_high":
        return Next("easier", (zoned, *said))
    if settled is False:
        return Next("easier", (_said(rules["pain_after"]), *said))
    if settled is None:
        return Next("ask", (_own("Not answered: whether pain was back where it was by next morning."), zoned, *said))
    if done != "all":
        return Next("same", (_own("Not all were done: this says little of the load. Leave it."), zoned, *said))
    if worried is None:
        return Next("ask", (_own("Not answered: whether anything was worrying."), zoned, *said))
    if zone.id == "acceptable":
        return Next("same", (zoned, *said))
    return Next("harder", (zoned, _said(rules["progress_one_thing"]), *said))


def tighter(exercises: Iterable[str], indication: str, knowledge: Knowledge) -> list[ExerciseRule]:
    """The rules on pain that are stricter for these exercises or this indication."""
    given = set(exercises)
    return [
        one
        for one in knowledge.shelf(ExerciseRule).values()
        if one.about == "pain" and (given & set(one.exercises) or indication in one.indications)
    ]


def _said(rule: ExerciseRule) -> Advice:
    return Advice(rule.statement, rule.note or "", (f"exercise_rules/{rule.id}",), rule.basis == "proposed")


def _own(what: str) -> Advice:
    return Advice(what, "", (), proposed=True)
