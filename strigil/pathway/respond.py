"""Respond: what the skin and the symptoms did, whether that was to be expected, and what the next visit may do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from strigil.knowledge.load import Knowledge
from strigil.knowledge.shapes import Gate, Reaction
from strigil.pathway.facts import Advice, Outcome, ReactionSeen, VisitFacts

BRUISES = frozenset({"petechiae", "mild_bruise", "hematoma"})
MARKS = BRUISES | {"redness_heat"}


def is_adverse(reaction: str, knowledge: Knowledge) -> bool:
    """Whether the sources call the reaction adverse rather than expected."""
    return knowledge.shelf(Reaction)[reaction].group == "adverse"


def what_to_do(reactions: Iterable[ReactionSeen], knowledge: Knowledge) -> list[Advice]:
    """What the shelf says to do about each adverse reaction seen."""
    shelf = knowledge.shelf(Reaction)
    return [
        Advice(
            f"{shelf[one.reaction].title}: {shelf[one.reaction].do}",
            shelf[one.reaction].statement,
            (f"reactions/{one.reaction}",),
            shelf[one.reaction].do_basis == "proposed",
            Outcome.REFER,
            one.site,
        )
        for one in reactions
        if is_adverse(one.reaction, knowledge)
    ]


def next_visit(on: date, visits: Sequence[VisitFacts], knowledge: Knowledge) -> list[Advice]:
    """What earlier reactions mean for a visit on a day. ``visits`` are oldest first."""
    gates = knowledge.shelf(Gate)
    advice: list[Advice] = []
    for visit in visits:
        for seen in visit.reactions:
            advice += _of_one(on, visit, seen, knowledge)
    if len(visits) >= 2 and all(_bruised(visit, gates["bruised_twice"]) for visit in visits[-2:]):
        advice.append(_advice(gates["bruised_twice"], gates["bruised_twice"].statement))
    return advice


def _bruised(visit: VisitFacts, gate: Gate) -> bool:
    """A bruise counts after any visit; petechiae do not where the technique sets out to leave them."""
    counted = BRUISES - {"petechiae"} if visit.technique in gate.petechiae_intended_by else BRUISES
    return any(seen.reaction in counted for seen in visit.reactions)


def _of_one(on: date, visit: VisitFacts, seen: ReactionSeen, knowledge: Knowledge) -> list[Advice]:
    gates = knowledge.shelf(Gate)
    name = knowledge.shelf(Reaction)[seen.reaction].title
    days = (on - visit.on).days
    if is_adverse(seen.reaction, knowledge) and seen.still_present is not False:
        what = f"{name} after visit {visit.number} has not been recorded as settled."
        return [_advice(gates["worsening_mark"], what, seen)]
    worsening = gates["worsening_mark"]
    if seen.larger or (seen.still_present and seen.reaction in BRUISES and days > int(worsening.limit or 0)):
        return [_advice(worsening, f"{name} after visit {visit.number} has grown or stayed.", seen)]
    if seen.still_present and seen.reaction in MARKS:
        return [_advice(gates["marks_visible"], f"{name} from visit {visit.number} can still be seen.", seen)]
    soreness = gates["lasting_soreness"]
    if seen.reaction == "soreness" and seen.still_present and days * 24 > int(soreness.limit or 0):
        return [_advice(soreness, f"Soreness from visit {visit.number} is still there after {days} days.", seen)]
    return []


def _advice(gate: Gate, what: str, seen: ReactionSeen | None = None) -> Advice:
    return Advice(
        what,
        gate.statement,
        (f"gates/{gate.id}",),
        gate.basis == "proposed",
        Outcome(gate.outcome) if gate.outcome else None,
        seen.site if seen else None,
    )
