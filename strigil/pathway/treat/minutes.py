"""What the minutes of a visit come to, and the units that a payer's rule would make of them: a suggestion, no code."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from strigil.knowledge.shapes import PayerRule

SECONDS_A_MINUTE = 60
HANDS = "hands"
"""The kind of the minutes that the instrument was on the patient: the areas' own times, added up."""


@dataclass(frozen=True, slots=True)
class Units:
    minutes: int
    units: int
    counted: tuple[str, ...]
    """The kinds that were counted, of those that have minutes."""


def by_hand(seconds: Sequence[int | None]) -> int | None:
    """The seconds of all areas together; not known while one of them is not."""
    known = [one for one in seconds if one is not None]
    return sum(known) if len(known) == len(seconds) else None


def timed_units(minutes: int, rule: PayerRule) -> int:
    """Units for the timed minutes of a visit, all services together."""
    beyond = minutes - rule.first_minutes
    return 0 if beyond < 0 else 1 + beyond // rule.step_minutes


def suggested_units(
    hands: int | None, minutes: Mapping[str, int], given: Collection[str], counted: Collection[str], rule: PayerRule
) -> Units | None:
    """Units for the kinds that the clinic counts as timed; nothing while the time of one that counts is not known.

    Args:
        hands: seconds of all areas.
        minutes: whole minutes of every other kind.
        given: the other kinds that were given, with or without minutes.
    """
    if (HANDS in counted and hands is None) or any(kind in counted and kind not in minutes for kind in given):
        return None
    seconds = {HANDS: hands or 0} | {kind: given * SECONDS_A_MINUTE for kind, given in minutes.items()}
    taken = {kind: given for kind, given in seconds.items() if kind in counted and given}
    whole = sum(taken.values()) // SECONDS_A_MINUTE
    return Units(whole, timed_units(whole, rule), tuple(taken))
