"""The difference between two arms as a number, and a pool of those that may stand together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from strigil.knowledge.shapes import ReportedEffect
from strigil.pathway.learn.evidence.contrasts import Contrast, why_not
from strigil.pathway.learn.pool.effects import Effect, mean_difference, risk_ratio, standardised_difference
from strigil.pathway.learn.pool.model import Pooled, pool

ENOUGH = 2
"""Studies that a pool needs."""

Measure = Literal["MD", "SMD", "RR"]
_DIFFERENCES = ("difference between groups", "extra gain over the other group")


@dataclass(frozen=True, slots=True)
class Seen:
    """A difference with its interval. Above 0 is better for the arm with the instrument."""

    value: float
    ci_low: float
    ci_high: float
    unit: str
    how: Literal["reported", "worked_out"]


@dataclass(frozen=True, slots=True)
class Pooling:
    """Comparisons about one thing at one time: pooled, or why not.

    ``pooled`` is on the scale of the analysis, that of the logarithm for ``RR``, and above 0 is better with the
    instrument for ``MD`` and ``SMD``; of ``RR``, whether more is better stands in the outcome.
    """

    about: str
    when: str
    used: tuple[Contrast, ...]
    left_out: tuple[tuple[Contrast, str], ...]
    measure: Measure | None
    unit: str
    pooled: Pooled | None
    why_not: str | None


def seen(contrast: Contrast) -> Seen | None:
    """The difference between two arms, as reported or worked out from their means; never a change within one."""
    outcome, effect = contrast.outcome, contrast.outcome.effect
    sign = {"higher": 1.0, "lower": -1.0}.get(outcome.better)
    if sign is None or outcome.kind == "within_arm_effect" or (effect and effect.comparison == "within"):
        return None
    if effect and effect.comparison == "between" and effect.type in _DIFFERENCES and (given := _interval(effect)):
        value, *ends = (sign * float(one) for one in given)
        return Seen(value, min(ends), max(ends), outcome.unit, "reported")
    if outcome.kind in ("post", "pre_post", "change") and _has_means(contrast):
        one = pool(*effects("MD", [contrast]))
        return Seen(one.estimate, one.ci_low, one.ci_high, outcome.unit, "worked_out")
    return None


def _interval(effect: ReportedEffect) -> tuple[Decimal, Decimal, Decimal] | None:
    if effect.value is None or effect.ci_low is None or effect.ci_high is None:
        return None
    return effect.value, effect.ci_low, effect.ci_high


def poolings(group: Iterable[Contrast]) -> tuple[Pooling, ...]:
    """For each thing and time of a group that has one kind of people and one comparator: a pool, or why there is none.

    REML with the intervals of Hartung and Knapp, and a prediction interval. A study counts once in a pool.
    """
    held: dict[tuple[str, str], list[Contrast]] = {}
    for contrast in group:
        held.setdefault((contrast.about, contrast.when), []).append(contrast)
    return tuple(_pooling(about, when, members) for (about, when), members in held.items())


def _pooling(about: str, when: str, members: Sequence[Contrast]) -> Pooling:
    used: list[Contrast] = []
    left_out: list[tuple[Contrast, str]] = []
    for contrast in members:
        reason = why_not(contrast) or _clash(contrast, used)
        if reason:
            left_out.append((contrast, reason))
        else:
            used.append(contrast)
    if len(used) < ENOUGH:
        return Pooling(about, when, tuple(used), tuple(left_out), None, "", None, _too_few(members, used))
    measure = _measure(used)
    if measure == "SMD" and len({one.outcome.kind == "change" for one in used}) > 1:
        why = (
            "They differ in scale, and some give changes, others values at the end: these cannot be standardised alike."
        )
        return Pooling(about, when, tuple(used), tuple(left_out), None, "", None, why)
    yi, vi = effects(measure, used)
    unit = used[0].outcome.unit if measure == "MD" else ""
    return Pooling(
        about, when, tuple(used), tuple(left_out), measure, unit, pool(yi, vi, method="REML", test="knha"), None
    )


def _clash(contrast: Contrast, used: Sequence[Contrast]) -> str | None:
    if any(one.study.id == contrast.study.id for one in used):
        return "the study is already there with another row"
    if used and (used[0].counts != contrast.counts or used[0].comparator != contrast.comparator):
        return "it counts people and the others measure, or it has another comparator"
    if used and used[0].study.population.who != contrast.study.population.who:
        return "it is of other people"
    if used and contrast.counts and used[0].outcome.better != contrast.outcome.better:
        return "it counts what is wanted and the others what is not"
    return None


def _too_few(members: Sequence[Contrast], used: Sequence[Contrast]) -> str:
    studies = len({one.study.id for one in members})
    read = "none" if not used else "one"
    return (
        f"Of {studies} stud{'y' if studies == 1 else 'ies'}, {read} can be used; {ENOUGH} comparable ones are needed."
    )


def _measure(used: Sequence[Contrast]) -> Measure:
    if used[0].counts:
        return "RR"
    same = len({(one.outcome.on_shelf or one.outcome.measure, one.outcome.unit) for one in used}) == 1
    return "MD" if same else "SMD"


def _has_means(contrast: Contrast) -> bool:
    pair = (contrast.treated, contrast.other)
    return all(one.n is not None and one.n > 1 and one.mean is not None and one.sd for one in pair)


def effects(measure: Measure, used: Sequence[Contrast]) -> Effect:
    """Differences of the arms, turned so that above 0 is better; ratios of risk stay as they are."""
    if measure == "RR":
        return risk_ratio(*([float(getattr(each, name)) for each in arms] for arms, name in _counted(used)))
    how = mean_difference if measure == "MD" else standardised_difference
    columns = [
        [float(getattr(getattr(one, arm), name)) for one in used]
        for arm in ("treated", "other")
        for name in ("mean", "sd", "n")
    ]
    effect = how(*columns)
    signs = [1.0 if one.outcome.better == "higher" else -1.0 for one in used]
    return Effect(effect.yi * signs, effect.vi)


def _counted(used: Sequence[Contrast]) -> list[tuple[list[object], str]]:
    treated: list[object] = [one.treated for one in used]
    other: list[object] = [one.other for one in used]
    return [(treated, "events"), (treated, "n"), (other, "events"), (other, "n")]
