"""Words for evidence: what a study was, what was read of it, and each number as it was read."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

from django import template

from strigil.knowledge import Knowledge, load
from strigil.knowledge.shapes import Page, ReportedEffect, Result, Review, ReviewResult, StudyOutcome
from strigil.knowledge.shapes.evidence import Figure
from strigil.pathway.learn.evidence import Picture, of_condition

register = template.Library()

WORDS: dict[str, dict[str, str]] = {
    "depth": {
        "text": "text or a table of it",
        "abstract": "abstract only",
        "secondary": "another page about it, not the work itself",
        "registry": "its registration only",
    },
    "comparator": {
        "sham": "sham",
        "no_treatment": "no treatment",
        "waiting_list": "waiting list",
        "add_on": "the same care without the instrument",
        "active": "another treatment",
        "variant": "the instrument used in another way",
        "unclear": "not clear from what was read",
    },
    "design": {
        "rct": "randomised trial",
        "randomisation_not_stated": "groups compared; randomisation not stated in the part read",
        "crossover": "crossover trial",
        "within_person_randomised": "one side against the other, sides drawn by lot",
        "within_person": "one side against the other",
        "uncontrolled": "one group, no comparison",
        "case_series": "case series",
        "case_report": "case report",
        "physiology_controlled": "physiology, with a comparison",
        "physiology_uncontrolled": "physiology, no comparison",
        "animal": "animal experiment",
        "opinion": "opinion",
        "survey": "survey",
        "bench": "bench test",
        "device": "device",
        "systematic": "systematic review",
        "narrative": "narrative review",
    },
    "who": {
        "patients": "patients",
        "healthy": "healthy volunteers",
        "animals": "animals",
        "cadavers": "cadavers",
    },
    "verdict": {
        "favours_iastm": "favours the instrument",
        "mixed": "mixed",
        "no_advantage": "no advantage of the instrument",
        "no_clear_difference": "no clear difference",
        "favours_comparator": "favours the other arm",
        "within_group_only": "only changes within arms were read; they show no effect",
        "not_read": "the comparison between arms was not read",
        "uncontrolled_positive": "got better, with nothing to compare with",
        "case_report": "cases, with nothing to compare with",
        "physiology": "physiology; says nothing of patients",
        "animal_positive": "an effect in animals",
        "narrative": "no pooled result",
        "insufficient": "too little to conclude",
        "unreliable": "its numbers cannot be relied on",
    },
    "certainty": {
        "very_low": "very low",
        "very_low_to_low": "very low to low",
        "low": "low",
        "moderate": "moderate",
        "high": "high",
    },
    "kind": {
        "baseline": "before treatment",
        "post": "afterwards",
        "change": "change",
        "pre_post": "before and after",
        "responders": "people who responded",
        "between": "between arms",
        "within": "within an arm",
        "within_arm_effect": "within each arm over its own spread: no effect of a treatment",
        "mixed_anova": "arms and times together",
        "mixed_model": "arms and times together",
        "difference": "difference",
        "between_limbs": "between the two sides",
        "ratio": "ratio",
    },
}


@cache
def picture(condition: str, shelf: Knowledge) -> Picture:
    """All that the shelf holds of a condition, put together once for each version of the knowledge."""
    return of_condition(condition, shelf)


@register.simple_tag
def evidence_line(condition: str) -> str:
    """What trials say of a condition, in the plain words that stand on top of its page."""
    return picture(condition, load()).line


@register.filter
def evidence_word(value: str | None, kind: str) -> str:
    """A value of the shelf in words; ``Not read`` where there is none."""
    return WORDS[kind][value] if value else "not read"


@register.filter
def plain_number(value: Decimal | int) -> str:
    """As it was read, with a true minus."""
    return f"{value:f}".replace("-", "\u2212") if isinstance(value, Decimal) else str(value)


@register.filter
def p_words(p: str) -> str:
    return f"p {p[0]} {p[1:]}" if p[0] in "<>" else f"p = {p}"


@register.filter
def result_words(result: Result, outcome: StudyOutcome) -> str:
    """What one arm showed, in one line; what was not read is not there."""
    after = _with_sd(result.mean, result.sd)
    before = _with_sd(result.pre_mean, result.pre_sd)
    parts = []
    if before:
        parts.append(f"from {before}" + (f" to {after}" if after else "; afterwards not read"))
    elif after:
        parts.append(f"change {after}" if outcome.kind == "change" else after)
    if result.ci_low is not None and result.ci_high is not None:
        parts.append(f"95 % interval {_span(result.ci_low, result.ci_high)}")
    if result.events is not None:
        of = f" of {result.n}" if result.n is not None else ""
        parts.append(f"{result.events}{of}")
    if result.percent is not None:
        parts.append(f"{plain_number(result.percent)} %")
    if result.within_d is not None:
        parts.append(f"{plain_number(result.within_d)} within this arm, which is no effect of a treatment")
    return "; ".join(parts) or "no number read"


@register.filter
def effect_words(effect: ReportedEffect) -> str:
    """What was reported of a difference, as it was read."""
    parts = [one for one in (effect.type, _estimate(effect.value, effect.ci_low, effect.ci_high)) if one]
    said = [": ".join(parts)] if parts else []
    said += [p_words(effect.p)] if effect.p else []
    said += [effect.says] if effect.says else []
    return "; ".join(said)


@register.filter
def review_words(result: ReviewResult) -> str:
    """A review's own estimate, as it was read."""
    estimate = _estimate(result.estimate, result.ci_low, result.ci_high)
    parts = [f"{result.measure or ''} {estimate}".strip()] if estimate else []
    if result.i2_percent is not None:
        parts.append(f"I² {plain_number(result.i2_percent)} %")
    parts += [p_words(result.p)] if result.p else []
    parts += [result.model] if result.model else []
    parts += [result.says] if result.says else []
    return "; ".join(parts) or "no number read"


@register.simple_tag
def certainties(review: Review) -> str:
    """How sure a review is, for each outcome of which it says so."""
    held = [f"{one.outcome}: {WORDS['certainty'][one.certainty]}" for one in review.results if one.certainty]
    return "; ".join(held)


@register.filter
def size_words(result: ReviewResult) -> str:
    """How much a result of a review rests on."""
    parts = ((result.k, "trials"), (result.n, "people"), (result.outcomes, "outcomes"))
    return ", ".join(f"{count} {what}" for count, what in parts if count is not None) or "not read"


@register.filter
def figure_words(figure: Figure) -> str:
    """One measured amount with its unit."""
    parts = [one for one in (_with_sd(figure.mean, figure.sd),) if one]
    if figure.low is not None and figure.high is not None:
        parts.append(_span(figure.low, figure.high))
    elif figure.low is not None or figure.high is not None:
        parts += [f"from {plain_number(figure.low)}"] if figure.low is not None else []
        parts += [f"up to {plain_number(figure.high)}"] if figure.high is not None else []
    number = "; ".join(parts)
    said = f"{number} {figure.unit}" if number and figure.unit else number
    return "; ".join(one for one in (said, figure.says or "") if one)


@register.filter
def page_of(item: Any, key: str | None) -> Page | None:
    """The page of an item on which something was read."""
    return next((page for page in item.pages if page.id == key), None)


@register.filter
def page_words(page: Page) -> str:
    return page.what or {"text": "the text", "abstract": "the abstract", "secondary": "a page about it"}.get(
        page.depth, "its registration"
    )


@register.filter
def page_url(page: Page) -> str:
    """Where a page that was read is to be found."""
    if page.url is not None:
        return page.url
    return load().sources[page.source].url or "" if page.source else ""


@register.filter
def read_where(block: Any, item: Any) -> str:
    """Where the numbers of a block were read, in words."""
    if page := page_of(item, getattr(block, "read_in", None)):
        return f"read in {page_words(page)}"
    return "worked out by this project" if getattr(block, "basis", None) == "derived" else ""


def _with_sd(mean: Decimal | None, sd: Decimal | None) -> str:
    if mean is None:
        return ""
    return f"{plain_number(mean)} (SD {plain_number(sd)})" if sd is not None else plain_number(mean)


def _estimate(value: Decimal | None, low: Decimal | None, high: Decimal | None) -> str:
    if value is None:
        return ""
    interval = f" ({_span(low, high)})" if low is not None and high is not None else ""
    return f"{plain_number(value)}{interval}"


def _span(low: Decimal, high: Decimal) -> str:
    return f"{plain_number(low)} to {plain_number(high)}"
