"""A group of trials as drawings and tables, and why nothing was pooled of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from django.utils.safestring import SafeString, mark_safe

from strigil.drawing.trials import Forest, Row, Summary, forest_plot, forest_rows, funnel_plot, funnel_rows
from strigil.drawing.trials import Group as Together
from strigil.drawing.trials.figures import Scale, TableRow
from strigil.knowledge import load
from strigil.knowledge.shapes import Measure, Study
from strigil.pathway.learn.evidence import Contrast, Group, Pooling, seen
from strigil.pathway.learn.evidence.pools import effects
from strigil.pathway.learn.pool import Pooled
from strigil.pathway.learn.pool.distributions import normal_quantile

FOR_FUNNEL = 10
"""Trials from which a funnel plot is drawn."""

_REACH = normal_quantile(0.975)
WHO = {"patients": "Patients", "healthy": "Healthy volunteers", "cadavers": "Cadavers", "animals": "Animals"}
_ENDS = (
    "Worked out by this project from each arm's people, mean and spread at the end; where the arms began is left out."
)
_HOW = {
    "reported": "As the trial reports it.",
    "post": _ENDS,
    "pre_post": _ENDS,
    "change": "Worked out by this project from each arm's people, mean change and its spread.",
}
_MEASURES = {"MD": "Difference", "SMD": "Standardised difference (Hedges' g)", "RR": "Ratio of risks"}


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing for wide and narrow places, the same as a table, and what is to be known of it."""

    id: str
    title: str
    wide: SafeString
    narrow: SafeString
    header: TableRow
    rows: tuple[TableRow, ...]
    below: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something was not pooled."""

    about: str
    why: str
    studies: tuple[tuple[Study, str], ...]


def figures(group: Group, id: str) -> Iterator[Figure]:
    """A forest for each pool; for what was not pooled one for each unit, by outcome and time."""
    places = iter(range(1, 10_000))
    pooled = [one for one in group.poolings if one.pooled]
    used = {id_of(contrast) for one in pooled for contrast in one.used}
    for one in pooled:
        yield from _of_pool(one, f"{id}-{next(places)}")
    apart: dict[str, list[Contrast]] = {}
    for contrast in group.contrasts:
        if id_of(contrast) not in used and seen(contrast):
            apart.setdefault(contrast.outcome.unit, []).append(contrast)
    for unit, members in apart.items():
        yield _side_by_side(members, f"{id}-{next(places)}", f"{WHO[group.who]}, {group.against}", unit)


def id_of(contrast: Contrast) -> tuple[str, int, str, str]:
    outcomes = contrast.study.outcomes
    place = next(place for place, one in enumerate(outcomes) if one is contrast.outcome)
    return contrast.study.id, place, contrast.treated.arm, contrast.other.arm


def about_words(about: str) -> str:
    """A measure of the shelf by its name; anything else as it is."""
    measure = load().shelf(Measure).get(about)
    words = measure.title if measure else about
    return words[0].upper() + words[1:]


def short(study: Study) -> str:
    """Who and when, without what it was about."""
    return study.title.split(":")[0]


def _label(contrast: Contrast) -> str:
    depth = "" if contrast.outcome.read_in is None or _depth(contrast) == "text" else ", abstract"
    return f"{short(contrast.study)}{depth}: {contrast.outcome.measure}"


def _depth(contrast: Contrast) -> str:
    pages = contrast.study.pages
    return next((page.depth for page in pages if page.id == contrast.outcome.read_in), "secondary")


def _side_by_side(members: Iterable[Contrast], id: str, title: str, unit: str) -> Figure:
    """Trials beside each other, nothing added up."""
    held: dict[str, list[Row]] = {}
    how = set()
    for contrast in members:
        if one := seen(contrast):
            se = (one.ci_high - one.ci_low) / 2 / _REACH
            row = Row(_label(contrast), one.value, one.ci_low, one.ci_high, 1.0, se)
            held.setdefault(f"{about_words(contrast.about)}, {contrast.when}", []).append(row)
            how.add("reported" if one.how == "reported" else contrast.outcome.kind)
    groups = tuple(Together(name, tuple(rows), None) for name, rows in held.items())
    if len(groups) == 1:
        title, groups = f"{title}: {groups[0].name}", (Together("", groups[0].rows, None),)
    measure = f"Difference, {unit}; above 0 is better with the instrument"
    below = " ".join(dict.fromkeys(words for kind, words in _HOW.items() if kind in how))
    return _figure(Forest(id, title, measure, "plain", groups, None), f"Not pooled. {below}")


def _of_pool(one: Pooling, id: str) -> Iterator[Figure]:
    """The forest of a pool, and a funnel where there are trials enough."""
    if one.pooled is None or one.measure is None:
        return
    found = effects(one.measure, one.used)
    rows = []
    for contrast, y, v, weight in zip(one.used, found.yi.tolist(), found.vi.tolist(), one.pooled.weights, strict=True):
        se = math.sqrt(v)
        rows.append(Row(_label(contrast), y, y - _REACH * se, y + _REACH * se, float(weight), se))
    scale: Scale = "log" if one.measure == "RR" else "plain"
    better = "" if one.measure == "RR" else "; above 0 is better with the instrument"
    unit = f" in {one.unit}" if one.unit else ""
    forest = Forest(
        id,
        f"{about_words(one.about)}, {one.when}",
        f"{_MEASURES[one.measure]}{unit}{better}",
        scale,
        (Together("", tuple(rows), None),),
        _summary(one.pooled),
        f"I² {one.pooled.i2:.0f} %, tau² {one.pooled.tau2:.3g}",
    )
    many = one.pooled.k >= FOR_FUNNEL
    no_funnel = f"No funnel plot: {one.pooled.k} trials; this project draws one from {FOR_FUNNEL}."
    yield _figure(forest, _pool_words(one.pooled) + ("" if many else f" {no_funnel}"))
    if many:
        yield _figure(forest, "A lopsided funnel has many causes; trials that were not published are one.", funnel=True)


def _summary(one: Pooled) -> Summary:
    return Summary("Pooled (REML, Hartung-Knapp)", one.estimate, one.ci_low, one.ci_high, one.pi_low, one.pi_high)


def _pool_words(one: Pooled) -> str:
    few = " So few trials make an interval that is wide, and rightly so." if one.k < 5 else ""
    return f"Pooled from {one.k} trials by REML, intervals of Hartung and Knapp.{few}"


def _figure(forest: Forest, below: str, *, funnel: bool = False) -> Figure:
    draw = partial(funnel_plot, forest) if funnel else partial(forest_plot, forest)
    header, rows = funnel_rows(forest) if funnel else forest_rows(forest)
    id = f"{forest.id}-funnel" if funnel else forest.id
    wide, narrow = mark_safe(draw()), mark_safe(draw(narrow=True))  # noqa: S308 - our own SVG, every text escaped
    return Figure(id, forest.title, wide, narrow, header, rows, below)


# --- Why not ------------------------------------------------------------------------------------------------------


def reasons(group: Group) -> tuple[list[Reason], list[str]]:
    """For each outcome of several trials why it was not pooled; and the outcomes that one trial alone has."""
    several, alone = [], []
    for one in group.poolings:
        if one.pooled:
            continue
        about = f"{about_words(one.about)}, {one.when}"
        if len({contrast.study.id for contrast in (*one.used, *(each for each, _ in one.left_out))}) < 2:
            alone.append(about)
            continue
        left = dict.fromkeys((contrast.study.id, why) for contrast, why in one.left_out)
        studies = load().shelf(Study)
        several.append(Reason(about, one.why_not or "", tuple((studies[key], why) for key, why in left)))
    return several, alone
