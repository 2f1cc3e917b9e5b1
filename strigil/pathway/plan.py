"""Plan: technique, dose, visits and reviews, held against what has been published."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from strigil.knowledge.load import Knowledge
from strigil.knowledge.shapes import Gate, Range, Technique
from strigil.pathway.facts import Advice, Outcome


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a technique's own sources say of dose; None where they say nothing."""

    technique: str
    seconds_per_area: Range | None
    visits_per_week: Range | None
    visits_in_all: Range | None
    angle_degrees: Range | None
    phases: tuple[str, ...]
    reviews: tuple[int, ...]
    care: tuple[Advice, ...] = ()


def propose(technique: str, outcome: Outcome, knowledge: Knowledge) -> Proposal:
    """The published dose of a technique, the review visits, and the limits that a ``modify`` brings."""
    found = knowledge.shelf(Technique)[technique]
    return Proposal(
        technique,
        found.seconds_per_area,
        found.visits_per_week,
        found.visits_in_all,
        found.angle_degrees,
        tuple(phase.id for phase in found.phases),
        reviews(knowledge),
        limits(outcome, knowledge),
    )


def reviews(knowledge: Knowledge) -> tuple[int, ...]:
    """The visits at which response is reviewed."""
    gates = knowledge.shelf(Gate)
    return tuple(int(gates[key].limit or 0) for key in ("review_at_four", "stop_at_six"))


def limits(outcome: Outcome, knowledge: Knowledge) -> tuple[Advice, ...]:
    """The lower dose that goes with ``modify``."""
    if outcome is not Outcome.MODIFY:
        return ()
    return tuple(
        Advice(gate.statement, gate.note or "", (f"gates/{gate.id}",), gate.basis == "proposed")
        for gate in knowledge.shelf(Gate).values()
        if gate.group == "modify"
    )


def check_dose(
    *,
    technique: str,
    seconds: Iterable[int],
    visits_per_week: Decimal,
    visits_in_all: int,
    outcome: Outcome,
    knowledge: Knowledge,
) -> list[Advice]:
    """Where a planned dose leaves what has been published, or the limits of a ``modify``."""
    found = knowledge.shelf(Technique)[technique]
    where = (f"techniques/{technique}",)
    advice = []
    for amount in sorted(set(seconds)):
        advice += _outside("Time for an area", Decimal(amount), "s", found.seconds_per_area, where)
        limit = knowledge.shelf(Gate)["first_dose_seconds"].limit
        if outcome is Outcome.MODIFY and limit is not None and amount > limit:
            what = f"{amount} s for an area is above the {limit} s that goes with a lower dose."
            advice.append(Advice(what, "Proposed by this project.", ("gates/first_dose_seconds",), outcome=outcome))
    advice += _outside("Visits a week", visits_per_week, "", found.visits_per_week, where)
    advice += _outside("Visits in all", Decimal(visits_in_all), "", found.visits_in_all, where)
    return advice


def _outside(name: str, amount: Decimal, unit: str, published: Range | None, where: tuple[str, ...]) -> list[Advice]:
    if published is None or published.low <= amount <= published.high:
        return []
    span = f"{published.low}" if published.low == published.high else f"{published.low} to {published.high}"
    given = f"{amount} {unit}".strip()
    what = f"{name}: {given} lies outside the published {span} {unit}".strip() + "."
    return [Advice(what, published.text or "", where, proposed=False)]
