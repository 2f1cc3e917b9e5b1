"""Review: what the response so far asks for, and how long a decision to go on in spite of it holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from strigil.knowledge.load import Knowledge
from strigil.knowledge.shapes import Gate
from strigil.pathway.facts import Advice, Change, Verdict
from strigil.pathway.measure.judge import overall
from strigil.pathway.plan import reviews

WORSE = "worse_twice"


@dataclass(frozen=True, slots=True)
class GoneOn:
    """A decision to go on in spite of a gate's advice, with where the course stood."""

    gate: str
    treated_visits: int
    worse_days: int


def holds(given: GoneOn, advice: Advice, worse_days: int, treated_visits: int, until: int) -> bool:
    """Whether a decision still answers the advice: up to the next review, and of more pain only to its next day."""
    same = advice.knowledge == (f"gates/{given.gate}",)
    no_worse = given.gate != WORSE or worse_days <= given.worse_days
    return same and no_worse and treated_visits < until


def next_review(after: int, planned: Iterable[int], knowledge: Knowledge) -> int:
    """The visit at which response is reviewed next; beyond the last one as far on as the first two lie apart.

    That distance is proposed by this project.
    """
    known = reviews(knowledge)
    return min((one for one in (*known, *planned) if one > after), default=after + known[-1] - known[0])


def review(treated_visits: int, found: Sequence[Change], worse_visits: int, knowledge: Knowledge) -> Advice | None:
    """What the response so far asks for: a change of plan, a stop, or nothing."""
    gates = knowledge.shelf(Gate)
    if worse_visits >= int(gates[WORSE].limit or 0):
        return _gate(gates[WORSE])
    verdict = overall(found)
    if verdict is Verdict.IMPROVED:
        return None
    for key in ("stop_at_six", "review_at_four"):
        if treated_visits >= int(gates[key].limit or 0):
            return _gate(gates[key], _due(treated_visits, verdict, found))
    return None


def _due(treated_visits: int, verdict: Verdict, found: Sequence[Change]) -> str:
    """What is known when a review is due; empty where the gate's own words say it."""
    if verdict is Verdict.WORSE:
        return f"After {treated_visits} visits something that was measured is worse than at the start."
    if verdict is Verdict.UNKNOWN:
        why = (
            "for what was measured there is no published amount to hold it against"
            if found
            else "no measure has a reading from the start and one from a later day"
        )
        return (
            f"After {treated_visits} visits nobody can say whether anything has changed: {why}. Measure, then decide."
        )
    return ""


def _gate(gate: Gate, known: str = "") -> Advice:
    return Advice(
        known or gate.statement, gate.statement if known else "", (f"gates/{gate.id}",), gate.basis == "proposed"
    )
