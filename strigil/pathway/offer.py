"""Offer: which measures come first for a course, which belong to its regions, and which there are besides."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from strigil.knowledge.load import Knowledge
from strigil.knowledge.shapes import Indication, Measure, MeasureSet


@dataclass(frozen=True, slots=True)
class Offered:
    """Every measure once. ``others`` stand by part of the body. ``sets`` are those that ``first`` comes from."""

    first: tuple[Measure, ...]
    of_regions: tuple[Measure, ...]
    others: tuple[tuple[str, tuple[Measure, ...]], ...]
    sets: tuple[MeasureSet, ...]


def offered(indication: str, regions: Collection[str], treated: bool, knowledge: Knowledge) -> Offered:
    """What to measure: for everybody, for the condition, for the regions; then the rest of the regions, then the rest.

    A rating of change asks for what has changed, so it comes first only once the patient was treated.
    """
    shelf, sets = knowledge.shelf(Measure), _sets(indication, regions, treated, knowledge)
    first = {key: shelf[key] for one in sets for key in one.measures}
    found = knowledge.shelf(Indication).get(indication)
    wide = {*regions, *(found.regions if found else ())}
    rest = sorted((one for key, one in shelf.items() if key not in first), key=lambda one: one.title)
    of_regions, others = _parted(rest, wide)
    return Offered(tuple(first.values()), of_regions, tuple(_by_part(others, knowledge)), sets)


def _by_part(measures: Iterable[Measure], knowledge: Knowledge) -> Iterator[tuple[str, tuple[Measure, ...]]]:
    """Each measure with the first part of the body that it belongs to; those of no part come last."""
    for part in knowledge.shelf(MeasureSet).values():
        held, measures = _parted(measures, part.regions)
        if held:
            yield part.title, held
    if measures:
        yield "Of no part of the body", tuple(measures)


def _parted(measures: Iterable[Measure], regions: Iterable[str]) -> tuple[tuple[Measure, ...], tuple[Measure, ...]]:
    """Those of the regions, and those of none of them."""
    own, others, wanted = list[Measure](), list[Measure](), set(regions)
    for one in measures:
        (others if wanted.isdisjoint(one.regions) else own).append(one)
    return tuple(own), tuple(others)


def _sets(indication: str, regions: Collection[str], treated: bool, knowledge: Knowledge) -> tuple[MeasureSet, ...]:
    every = [one for one in knowledge.shelf(MeasureSet).values() if treated or one.when == "always"]
    anybody = [one for one in every if not one.regions and not one.indications]
    condition = [one for one in every if indication in one.indications]
    return (*anybody, *condition, *(one for one in every if set(regions) & set(one.regions)))
