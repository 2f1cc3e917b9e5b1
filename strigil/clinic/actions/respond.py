"""Record how skin and symptoms were: at the end, the next day, at the next visit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from strigil.accounts.models import User
from strigil.clinic.actions.base import Refused, action, audit
from strigil.clinic.models import Reaction, ReactionCheck, SaidBy, Side, Visit, When
from strigil.clinic.tallies import tally
from strigil.knowledge import load, shapes


@dataclass(frozen=True, slots=True)
class ReactionInput:
    reaction: str
    region: str = ""
    side: str = ""
    still_present: bool | None = None
    larger: bool | None = None


@action
def record_reaction(
    *, by: User, visit: Visit, when: str, on: date, reactions: Iterable[ReactionInput], note: str = ""
) -> ReactionCheck:
    """Somebody asked after a visit. No reaction given means that none was seen, because it was asked."""
    if when not in (When.NEXT_DAY, When.NEXT_VISIT):
        raise Refused("Reactions at the end of a visit are recorded in the visit.", "when")
    if on < visit.on:
        raise Refused("A reaction cannot be noted before the visit.", "on")
    check = write_check(by=by, visit=visit, when=when, on=on, reactions=reactions, note=note)
    tally(by, visit.course)
    audit(by, "reaction.record", check, visit.course.patient_id)
    return check


def write_check(
    *,
    by: User | None,
    visit: Visit,
    when: str,
    on: date,
    reactions: Iterable[ReactionInput],
    note: str = "",
    none_seen: bool | None = None,
    complete: bool = True,
) -> ReactionCheck:
    """The rows of one check, without audit: for use inside an action. Nobody: the patient said it at a check-in.

    ``none_seen`` is given where no reaction does not mean that there was none.
    """
    seen = list(reactions)
    known = load().shelf(shapes.Reaction)
    for one in seen:
        if one.reaction not in known or known[one.reaction].group not in ("expected", "adverse"):
            raise Refused(f"{one.reaction!r} is not a reaction on the shelf.", "reactions")
        if one.region and one.region not in load().shelf(shapes.BodyRegion):
            raise Refused(f"{one.region!r} is not a region on the shelf.", "region")
        if bool(one.region) != (one.side in Side.values):
            raise Refused("A reaction that has a place has a region and a side of the patient.", "side")
    check = ReactionCheck.objects.create(
        clinic_id=visit.clinic_id,
        created_by=by,
        visit=visit,
        when=when,
        on=on,
        none_seen=not seen if none_seen is None else none_seen,
        note=note,
        said_by=SaidBy.STAFF if by else SaidBy.PATIENT,
        complete=complete,
    )
    Reaction.objects.bulk_create(
        Reaction(
            clinic_id=visit.clinic_id,
            created_by=by,
            check_made=check,
            reaction=one.reaction,
            region=one.region,
            side=one.side,
            still_present=one.still_present,
            larger=one.larger,
        )
        for one in seen
    )
    return check
