"""Respond: what the skin and the symptoms did, whether that was to be expected, and what the next visit may do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from strigil.knowledge.load import Knowledge
from strigil.knowledge.shapes import Gate, Reaction
from strigil.pathway.facts import Advice, Outcome, ReactionSeen, VisitFacts

BRUISES = frozenset({"petechiae", "mild_bruise", "hematoma"})
MARKS = BRUISES | {"redness_heat"}
HOURS_A_DAY = 24


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
    for place, visit in enumerate(visits):
        if visit.to_look_at:
            what = f"The patient said something after visit {visit.number} that nobody has looked at."
            look = gates["look_at_answer"]
            advice.append(_advice(look, what, outcome=Outcome.INCOMPLETE))
        for seen in visit.reactions:
            if not (seen.still_present is None and _looked_since(seen, visits[place + 1 :])):
                advice += _of_one(on, visit, seen, knowledge)
    sessions = [visit for visit in visits if visit.areas]
    twice = gates["bruised_twice"]
    newest = sessions[-int(twice.limit or 0) :]
    if len(newest) == twice.limit and all(_bruised(visit, twice) for visit in newest):
        advice.append(_advice(twice, twice.statement))
    return advice


def _bruised(visit: VisitFacts, gate: Gate) -> bool:
    """A bruise counts after any visit; petechiae do not where the technique sets out to leave them."""
    counted = BRUISES - {"petechiae"} if visit.technique in gate.petechiae_intended_by else BRUISES
    return any(seen.reaction in counted for seen in visit.reactions)


def _looked_since(seen: ReactionSeen, later: Sequence[VisitFacts]) -> bool:
    """Whether somebody asked after a later visit and nothing was left: then no mark is left of this one either."""
    return seen.reaction in MARKS and any(
        visit.reaction_reviewed and all(one.still_present is False for one in visit.reactions) for visit in later
    )


def _of_one(on: date, visit: VisitFacts, seen: ReactionSeen, knowledge: Knowledge) -> list[Advice]:
    """What one reaction asks for. How long it lasted is known to the day it was last noted, and no further."""
    gates = knowledge.shelf(Gate)
    worsening, visible, soreness = gates["worsening_mark"], gates["marks_visible"], gates["lasting_soreness"]
    name = f"{knowledge.shelf(Reaction)[seen.reaction].title} after visit {visit.number}"
    lasted, age = (seen.noted_on - visit.on).days, (on - visit.on).days
    long, sore = int(worsening.limit or 0), int(soreness.limit or 0) // HOURS_A_DAY
    when = "on the same day" if lasted == 0 else "after 1 day" if lasted == 1 else f"after {lasted} days"
    still = f"{name} was still there {when}"
    if is_adverse(seen.reaction, knowledge) and seen.still_present is not False:
        return [_advice(worsening, f"{name} has not been recorded as settled.", seen)]
    if seen.larger or (seen.still_present and seen.reaction in BRUISES and lasted > long):
        return [_advice(worsening, f"{name} has grown or stayed.", seen)]
    if seen.still_present is None and seen.reaction in BRUISES:
        what = f"{name}: nobody has said whether it has gone. Look first."
        return [_advice(worsening if age > long else visible, what, seen, Outcome.INCOMPLETE)]
    if seen.still_present and seen.reaction in BRUISES and age > long:
        return [_advice(worsening, f"{still}; nobody has looked since. Look first.", seen, Outcome.INCOMPLETE)]
    if seen.still_present and seen.reaction in MARKS:
        what = f"{name} can still be seen." if seen.noted_on == on else f"{still}; nobody has looked since."
        return [_advice(visible, what, seen)]
    if seen.reaction == "soreness" and seen.still_present and age > sore:
        what = f"{still}." if lasted > sore else f"{still}; nobody has asked since. Ask, or take it that it lasted."
        return [_advice(soreness, what, seen)]
    return []


def _advice(gate: Gate, what: str, seen: ReactionSeen | None = None, outcome: Outcome | None = None) -> Advice:
    return Advice(
        what,
        gate.statement,
        (f"gates/{gate.id}",),
        gate.basis == "proposed",
        outcome or (Outcome(gate.outcome) if gate.outcome else None),
        seen.site if seen else None,
    )
