"""Which counts are shown: none so small that somebody could be recognised in it, nor one that gives it away."""

from __future__ import annotations

from collections.abc import Sequence

SMALLEST = 5
"""The smallest count but 0 that is shown; proposed by this project, no study sets it."""
HIDDEN = "not shown"


def count(number: int) -> str:
    """A count by itself. Nothing is 0, which is shown; little is not nothing, and says so."""
    return f"under {SMALLEST}" if 0 < number < SMALLEST else str(number)


def parts(numbers: Sequence[int]) -> tuple[str, ...]:
    """Counts that add up to a number that is shown: a small one takes the next larger with it, until none is left over.

    What is hidden is at least two parts and ``SMALLEST`` in all, and looks alike, so that no difference tells.
    """
    hidden = [number for number in numbers if 0 < number < SMALLEST]
    if hidden:
        for number in sorted(number for number in numbers if number >= SMALLEST):
            if len(hidden) > 1 and sum(hidden) >= SMALLEST:
                break
            hidden.append(number)
    largest = max(hidden, default=0)
    return tuple(HIDDEN if 0 < number <= largest else str(number) for number in numbers)
