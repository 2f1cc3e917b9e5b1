"""Score: what the answers to a questionnaire come to, or why they come to nothing.

The rule of each measure is data (``score`` in its file); where the rule is not known the finished score is typed in.
No answer is ever made up: an item not answered counts as the measure's own rule says, or there is no score.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from strigil.knowledge.shapes import Measure, Score


@dataclass(frozen=True, slots=True)
class Scored:
    """A score, and how it came about; without a value, why there is none."""

    value: Decimal | None
    why: str


def score(measure: Measure, answers: Sequence[Decimal | None]) -> Scored:
    """The score of the answers in the order of the items; None where an item has no answer, or does not apply."""
    rule = measure.score
    if rule is None:
        return Scored(None, f"{measure.short}: the scoring rule is not known here, so the finished score is typed in.")
    given = [one for one in answers if one is not None]
    refused = _refused(rule, answers, given)
    if refused:
        return Scored(None, f"{measure.short}: {refused}")
    with localcontext(prec=28):
        value = _value(rule, answers, given)
    return Scored(value, _said(rule, len(answers), len(given)))


def _refused(rule: Score, answers: Sequence[Decimal | None], given: Sequence[Decimal]) -> str:
    fewest = rule.fewest_items or rule.items
    if not fewest <= len(answers) <= rule.items:
        allowed = str(rule.items) if fewest == rule.items else f"{fewest} to {rule.items}"
        return f"{len(answers)} answers were given; it has {allowed} items."
    for place, one in enumerate(answers):
        marks = rule.marks_of(place)
        if one is None:
            continue
        if not one.is_finite() or not marks.low <= one <= marks.high:
            return f"item {place + 1} is {one}; allowed: {marks.low} to {marks.high}."
        if rule.whole == "yes" and one != one.to_integral_value():
            return f"item {place + 1} is {one}; allowed: whole numbers."
    least = rule.answered if rule.missing else len(answers)
    if len(given) < least:
        return f"{len(given)} of {len(answers)} items are answered; it needs {least} or more."
    return ""


def _value(rule: Score, answers: Sequence[Decimal | None], given: Sequence[Decimal]) -> Decimal:
    total = sum(given, Decimal(0))
    low, high = rule.marks.low, rule.marks.high
    match rule.formula:
        case "sum" if rule.missing == "mean_of_others":
            return total * len(answers) / len(given)
        case "sum":
            return total
        case "mean":
            return total / len(given)
        case "percent":
            return 100 * total / (high * len(given))
        case "percent_well":
            return 100 - 100 * total / (high * len(given))
        case "transform":
            return (total / len(given) - low) * 100 / (high - low)
        case "table":
            return rule.table[total]
        case "points":
            return sum((_points(rule, place, one) for place, one in enumerate(answers) if one is not None), Decimal(0))


def _points(rule: Score, place: int, mark: Decimal) -> Decimal:
    points, high = rule.points[place], rule.marks_of(place).high
    return points * mark / high if points >= 0 else -points * (high - mark) / high


def _said(rule: Score, items: int, answered: int) -> str:
    if answered == items:
        return f"All {items} items are answered." if items > 1 else ""
    return f"{answered} of {items} items are answered; {_MISSING[rule.missing or 'left_out']}."


_MISSING = {
    "left_out": "the others are left out of the calculation",
    "mean_of_others": "the mean of the others stands for what is missing",
    "zero": "a statement not ticked counts as 0",
}
