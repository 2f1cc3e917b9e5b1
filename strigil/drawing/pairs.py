"""What was read before and right after treatment on the same day, told in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from strigil.drawing.readings import Point
from strigil.drawing.words import with_unit, written


def pairs_of(before: Sequence[Point], after: Sequence[Point]) -> list[tuple[Point, Point]]:
    """Readings of one day, the last before with the last after and so on; what has no partner is left out."""
    waiting: dict[int, list[Point]] = {}
    for point in after:
        waiting.setdefault(point.on.toordinal(), []).append(point)
    found = []
    for point in reversed(before):
        partners = waiting.get(point.on.toordinal())
        if partners:
            found.append((point, partners.pop()))
    return found[::-1]


def pairs_sentence(before: Sequence[Point], after: Sequence[Point], unit: str) -> str:
    """How often the reading right after was higher, lower or the same, and by how much; no word of why."""
    pairs = pairs_of(before, after)
    if not pairs:
        return "On no day was it read both before and right after treatment."
    steps = [second.value - first.value for first, second in pairs]
    parts = [f"{word} on {len(found)}{_by(found, unit)}" for word, found in _sorted(steps) if found]
    days = f"{len(pairs)} {'day' if len(pairs) == 1 else 'days'}"
    read = f"Read before and right after treatment on {days}: {', '.join(parts)}."
    return f"{read} Whether that lasts, the next visit shows."


def _sorted(steps: Sequence[Decimal]) -> list[tuple[str, list[Decimal]]]:
    return [
        ("higher", [one for one in steps if one > 0]),
        ("lower", [-one for one in steps if one < 0]),
        ("the same", [one for one in steps if one == 0]),
    ]


def _by(found: Sequence[Decimal], unit: str) -> str:
    low, high = min(found), max(found)
    if high == 0:
        return ""
    return f" by {with_unit(high, unit)}" if low == high else f" by {written(low)} to {with_unit(high, unit)}"
