"""Words for the pages of a home programme."""

from __future__ import annotations

from django import template

from strigil.knowledge import load
from strigil.knowledge.shapes import Dose, Exercise

register = template.Library()


@register.filter
def exercise_title(key: str) -> str:
    found = load().shelf(Exercise).get(key)
    return found.title if found else key


@register.filter
def source_dose(dose: Dose) -> str:
    """The dose as its source gives it, in one line; what it leaves open is not said for it."""
    parts = [
        ("sets {}", dose.sets),
        ("repetitions {}", dose.repetitions),
        ("hold {} s", dose.hold_s),
        ("{} times a day", dose.times_per_day),
        ("{} days a week", dose.times_per_week),
    ]
    said = ", ".join(words.format(given) for words, given in parts if given)
    return said or "the pages that were read give none"
