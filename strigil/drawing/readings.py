"""What a chart shows, as frozen facts; nothing here knows how it is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from strigil.drawing.svg import checked_id
from strigil.drawing.words import ENGLISH, Words, with_unit

Reaction = Literal["none", "expected", "adverse"]


@dataclass(frozen=True, slots=True)
class Point:
    """One reading. ``label`` says which one it is where that matters: baseline, before, after."""

    on: date
    value: Decimal
    label: str = ""
    estimated: bool = False

    def __post_init__(self) -> None:
        if not self.value.is_finite():
            raise ValueError(f"A reading is a finite number; given: {self.value}")


@dataclass(frozen=True, slots=True)
class Series:
    """Readings that belong on one line. Several series differ by shape; their order gives it."""

    label: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """Where a reading may lie by error, or without a change that matters; ``label`` says which."""

    low: Decimal
    high: Decimal
    label: str

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ValueError(f"A band's low end is not above its high end; given: {self.low} and {self.high}")
        if not self.label.strip():
            raise ValueError("A band says what it is; its label is empty")


@dataclass(frozen=True, slots=True)
class Goal:
    """The value agreed on; without a label it is called "Goal" and the value."""

    value: Decimal
    label: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit under the axis. A ``reaction`` of ``None`` is not known, which is not none; nor are ``seconds``."""

    on: date
    number: int
    treated: bool
    reaction: Reaction | None = None
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class ResponseChart:
    """All a response chart shows. ``low`` and ``high`` are the measure's range; ``unit`` follows every value.

    ``unit_name`` stands at the axis, else the unit does. ``zoom`` shows the part of the range in use, which suits a
    motion; a scale from 0 to 10 is never zoomed. ``better`` adds a word and turns nothing over. ``paired`` joins what
    was read before and after on one day, and not the days.
    """

    id: str
    title: str
    unit: str
    low: Decimal
    high: Decimal
    series: tuple[Series, ...] = ()
    unit_name: str = ""
    zoom: bool = False
    better: Literal["lower", "higher"] | None = None
    band: Band | None = None
    goal: Goal | None = None
    visits: tuple[Visit, ...] = ()
    today: date | None = None
    description: str = ""
    paired: bool = False

    def __post_init__(self) -> None:
        checked_id(self.id)
        if not self.low < self.high:
            raise ValueError(f"An axis needs its high end above its low end; given: {self.low} and {self.high}")

    @property
    def values(self) -> list[Decimal]:
        return [point.value for series in self.series for point in series.points]

    @property
    def has_doses(self) -> bool:
        """Whether the time treated is known of any visit; where it is of none, nothing is drawn."""
        return any(visit.treated and visit.seconds is not None for visit in self.visits)

    def ordered(self) -> tuple[tuple[Point, ...], ...]:
        """The readings of each series by day; readings of one day keep their order."""
        return tuple(tuple(sorted(series.points, key=lambda point: point.on.toordinal())) for series in self.series)


def goal_words(goal: Goal, unit: str, words: Words = ENGLISH) -> str:
    """What a goal is called."""
    return goal.label.strip() or f"{words.goal} {with_unit(goal.value, unit)}"
