"""The few words a drawing writes by itself, in one place, so that a translation passes another set."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Words:
    """Every word of a chart, its tooltips and its table that does not come with the data."""

    months: tuple[str, ...] = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    no_reading: str = "No reading yet"
    lower: str = "lower is better"
    higher: str = "higher is better"
    today: str = "today"
    goal: str = "Goal"
    date: str = "Date"
    visit: str = "Visit"
    reading: str = "Reading"
    value: str = "Value"
    how: str = "How known"
    reaction: str = "Reaction"
    measured: str = "measured"
    estimated: str = "estimated"
    treated: str = "treated"
    not_treated: str = "not treated"
    dose: str = "Time, s"
    treated_for: str = "Treated for"
    no_time: str = "time not recorded"
    no_visit: str = "no visit"
    without_reading: str = "no reading"
    reaction_none: str = "none"
    reaction_expected: str = "expected"
    reaction_adverse: str = "adverse"
    reaction_unknown: str = "not known"
    to: str = "to"

    def day(self, on: dt.date) -> str:
        return f"{on.day} {self.months[on.month - 1]}"

    def month(self, on: dt.date) -> str:
        return self.months[on.month - 1]

    def full_date(self, on: dt.date) -> str:
        return f"{on.day} {self.months[on.month - 1]} {on.year}"

    def reaction_word(self, reaction: str | None) -> str:
        """The reaction in a word; not known is never none."""
        return {
            None: self.reaction_unknown,
            "none": self.reaction_none,
            "expected": self.reaction_expected,
            "adverse": self.reaction_adverse,
        }[reaction]


ENGLISH = Words()


def written(value: Decimal) -> str:
    """A value as people write it: no exponent, no padding zeros, a true minus sign."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if text in ("-0", "0", ""):
        return "0"
    return text.replace("-", "\u2212")


def with_unit(value: Decimal, unit: str) -> str:
    """``7 of 10``, ``35°``, ``4.5 kg``: degrees and slashes stand close, everything else after a space."""
    if not unit:
        return written(value)
    return f"{written(value)}{'' if unit[0] in '°/′″' else ' '}{unit}"
