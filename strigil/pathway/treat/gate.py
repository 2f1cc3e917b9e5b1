"""The gate: what keeps today's visit from simply repeating the last one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from strigil.knowledge.load import Knowledge
from strigil.knowledge.shapes import Gate
from strigil.pathway.facts import Advice, Outcome, Side, Site, VisitFacts, most_severe
from strigil.pathway.respond import next_visit

HOURS_A_DAY = 24


def gate(on: date, sites: Sequence[Site], visits: Sequence[VisitFacts], knowledge: Knowledge) -> list[Advice]:
    """What keeps today's visit from simply repeating the last one, most severe first.

    ``visits`` are the earlier visits, oldest first. Days are calendar days: two must lie between sessions at a site.
    """
    advice = list(next_visit(on, visits, knowledge))
    rest = knowledge.shelf(Gate)["two_days"]
    if rest.limit is None:
        raise ValueError("gates/two_days has no limit")
    days = int(rest.limit) // HOURS_A_DAY
    for site in sites:
        last = max((visit.on for visit in visits for area in visit.areas if same_site(area.site, site)), default=None)
        if last is not None and (on - last).days < days:
            what = f"This site was treated on {spoken(last)}, less than {rest.limit} hours ago."
            advice.append(Advice(what, rest.statement, ("gates/two_days",), True, Outcome.AVOID, site))
    for visit in unreviewed(visits):
        what = f"Nobody has asked how the skin and the symptoms were after the visit of {spoken(visit.on)}."
        if visit.said_in_part:
            what = f"The patient left questions open about skin and symptoms after the visit of {spoken(visit.on)}."
        why = "Unknown is never no."
        advice.append(
            Advice(what, why, ("gates/marks_visible",), True, Outcome.INCOMPLETE, visit=visit.number),
        )
    return sorted(advice, key=lambda one: -(one.outcome or Outcome.PROCEED).severity)


def unreviewed(visits: Sequence[VisitFacts]) -> list[VisitFacts]:
    """Visits that treated something and that nobody has asked about since, whatever followed them."""
    return [visit for visit in visits if visit.areas and not visit.reaction_reviewed]


def keeps_from_treating(advice: Advice) -> bool:
    """Whether a visit that goes on in spite of the advice needs a reason; a lower dose needs none."""
    outcome = advice.outcome
    return outcome is not None and (outcome is Outcome.AVOID or not outcome.permits_treatment)


def gate_outcome(advice: Sequence[Advice], site: Site) -> Outcome:
    """What the gate says of one site."""
    return most_severe(*(one.outcome for one in advice if one.outcome and one.site in (None, site)))


def same_site(one: Site, other: Site) -> bool:
    """The same region, and sides that may be the same."""
    sides = {one.side, other.side}
    return one.region == other.region and (len(sides) == 1 or bool(sides & {None, Side.MIDLINE}))


def spoken(day: date) -> str:
    """A date with its month in letters: 3 November 2026."""
    return f"{day.day} {day:%B %Y}"
