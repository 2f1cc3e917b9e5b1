"""What a forest or a funnel shows, and the same as a table. Effects are on the scale of the analysis."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from typing import Literal

MOST = 500
"""Studies in one drawing."""

Scale = Literal["plain", "log", "fisher_z"]
TableRow = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One study: effect, its interval, its weight in percent, its standard error."""

    label: str
    effect: float
    low: float
    high: float
    weight: float
    se: float


@dataclass(frozen=True, slots=True)
class Summary:
    """A pooled estimate with its interval, and where there is one its prediction interval."""

    label: str
    effect: float
    low: float
    high: float
    pi_low: float | None = None
    pi_high: float | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Studies under one name; ``""`` where there is only one group."""

    name: str
    rows: tuple[Row, ...]
    summary: Summary | None


@dataclass(frozen=True, slots=True)
class Forest:
    """Everything that a forest and its funnel show; ``id`` begins the ids in the drawing.

    Without a ``summary`` nothing was pooled: studies stand side by side and have no weight.
    """

    id: str
    title: str
    measure: str
    scale: Scale
    groups: tuple[Group, ...]
    summary: Summary | None
    heterogeneity: str = ""

    @property
    def rows(self) -> tuple[Row, ...]:
        return tuple(row for group in self.groups for row in group.rows)

    def back(self, value: float) -> float:
        """From the scale of the analysis to what is written."""
        if self.scale == "log":
            return math.exp(min(value, 700))
        return math.tanh(value) if self.scale == "fisher_z" else value

    @property
    def decimals(self) -> int:
        """Two, or as many more as the intervals need to be told from nothing."""
        width = statistics.median(self.back(row.high) - self.back(row.low) for row in self.rows)
        return 2 if width >= 0.1 else min(8, max(2, math.ceil(-math.log10(max(width, 1e-12))) + 1))

    def words(self, value: float) -> str:
        return written(self.back(value), self.decimals)

    def said(self) -> str:
        """The drawing in one sentence, for whoever cannot see it."""
        count = f"{len(self.rows)} {'study' if len(self.rows) == 1 else 'studies'}."
        if self.summary is None:
            each = "; ".join(f"{row.label}: {interval_words(self, row)}" for row in self.rows)
            return f"{count} Not pooled. {each}."
        pooled = f"{self.summary.label}: {interval_words(self, self.summary)}."
        predicted = prediction_words(self, self.summary)
        more = f" Prediction interval {predicted}." if predicted else ""
        return f"{count} {pooled}{more} {self.heterogeneity}".strip()


def interval_words(forest: Forest, one: Row | Summary) -> str:
    """``0.45 [0.10, 0.80]``, as written beside each row."""
    effect, low, high = (forest.words(value) for value in (one.effect, one.low, one.high))
    return f"{effect} [{low}, {high}]"


def prediction_words(forest: Forest, one: Summary) -> str:
    if one.pi_low is None or one.pi_high is None:
        return ""
    return f"[{forest.words(one.pi_low)}, {forest.words(one.pi_high)}]"


def written(value: float, decimals: int) -> str:
    """So many decimals, three digits of what is huge, a true minus, and no minus before 0."""
    text = f"{value:.{decimals}f}" if abs(value) < 1e5 else f"{value:.3g}"
    text = text.replace("e+0", "e").replace("e+", "e")
    return text.lstrip("-") if not any(digit in text for digit in "123456789") else text.replace("-", "\u2212")


def forest_rows(forest: Forest) -> tuple[TableRow, tuple[TableRow, ...]]:
    """The forest plot as a table: every study, then the pooled estimates."""
    grouped = any(group.name for group in forest.groups)
    pooled = forest.summary is not None
    weight = ("Weight",) if pooled else ()
    header = ("Study", *(("Group",) if grouped else ()), f"{forest.measure} [95 % interval]", *weight)
    rows: list[TableRow] = []
    for group in forest.groups:
        name = (group.name,) if grouped else ()
        rows += [
            (row.label, *name, interval_words(forest, row), *((f"{row.weight:.1f} %",) if pooled else ()))
            for row in group.rows
        ]
        if group.summary:
            rows += _summary_rows(forest, group.summary, name)
    if forest.summary:
        rows += _summary_rows(forest, forest.summary, ("All",) if grouped else ())
    return header, tuple(rows)


def _summary_rows(forest: Forest, one: Summary, name: tuple[str, ...]) -> list[TableRow]:
    rows = [(one.label, *name, interval_words(forest, one), "100.0 %")]
    predicted = prediction_words(forest, one)
    return [*rows, ("Prediction interval", *name, predicted, "–")] if predicted else rows


def funnel_rows(forest: Forest) -> tuple[TableRow, tuple[TableRow, ...]]:
    """The funnel plot as a table: each study's effect and standard error, the most precise first."""
    ordered = sorted(forest.rows, key=lambda row: row.se)
    return ("Study", forest.measure, "Standard error"), tuple(
        (row.label, forest.words(row.effect), f"{row.se:.3g}") for row in ordered
    )
