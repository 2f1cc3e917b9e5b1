"""Retention: of what had changed right after a treatment, how much was still there at the next reading.

The same motion, side, method, device and position before, right after, and a day later or at the next visit. What
changed it, one course cannot show.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from strigil.knowledge.load import Knowledge
from strigil.pathway.facts import Change, Moment, Reading
from strigil.pathway.measure.judge import GroupKey, alike, is_rating, judge, series


@dataclass(frozen=True, slots=True)
class Retained:
    """One treatment: the change right after it, and from the same start to the next reading.

    ``later`` is None where nobody has measured since. ``share`` is what was left of a gain, in percent; None where
    there was no gain, or nothing later.
    """

    right_after: Change
    later: Change | None
    share: Decimal | None


def retention(readings: Iterable[Reading], knowledge: Knowledge) -> dict[GroupKey, list[Retained]]:
    """For each series what was read right after treatment and what was left of it, oldest first."""
    given = [one for one in readings if not is_rating(one.measure, knowledge)]
    lines = series(given)
    found: dict[GroupKey, list[Retained]] = {}
    for after in sorted((one for one in given if one.moment is Moment.AFTER), key=lambda one: one.on):
        line = lines.get(alike(after), [])
        before = next((one for one in reversed(line) if one.on == after.on), None)
        if before:
            later = next((one for one in line if one.on > after.on), None)
            found.setdefault(alike(after), []).append(_retained(before, after, later, knowledge))
    return found


def _retained(before: Reading, after: Reading, later: Reading | None, knowledge: Knowledge) -> Retained:
    right_after = judge(before, after, knowledge)
    left = judge(before, later, knowledge) if later else None
    gain, kept = right_after.better_by, left.better_by if left else None
    share = 100 * kept / gain if gain is not None and gain > 0 and kept is not None else None
    return Retained(right_after, left, share)
