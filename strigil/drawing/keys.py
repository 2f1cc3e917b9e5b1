"""The key under a chart: signs with their words, for what could not be named where it stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from strigil.drawing.labels import text_width, wrapped
from strigil.drawing.svg import Markup

Sign = Callable[[float, float], Markup]
_INDENT = 20.0


@dataclass(frozen=True, slots=True)
class Entry:
    """A sign and its words; ``lead`` stands before the first of several entries that belong together."""

    sign: Sign
    text: str
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """Words at a place in their row, with the sign to their left; a lead and a further line have none."""

    x: float
    text: str
    sign: Sign | None = None


def rows_of_key(entries: Sequence[Entry], width: float, size: float, gap: float) -> list[list[Placed]]:
    """The entries from left to right in as many rows as they need; long words go on in rows of their own."""
    rows: list[list[Placed]] = []
    x = width
    for entry in entries:
        lead = text_width(entry.lead, size) + 4 if entry.lead else 0.0
        first, *more = wrapped(entry.text, width - _INDENT - lead - 2, size) or ("",)
        end = x + lead + _INDENT + text_width(first, size)
        if end > width or more:
            rows.append([])
            end += 2 - x
            x = 2.0
        if lead:
            rows[-1].append(Placed(x, entry.lead))
        rows[-1].append(Placed(x + lead + _INDENT, first, entry.sign))
        rows += [[Placed(x + lead + _INDENT, line)] for line in more]
        x = width if more else end + gap
    return rows
