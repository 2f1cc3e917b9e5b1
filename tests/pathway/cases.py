"""Cases for the tests of the pathway, written short: ``case(yes("anticoagulants"))``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from strigil.knowledge import Knowledge, load
from strigil.knowledge.shapes import BodyRegion, Example, ScreeningRule
from strigil.pathway.facts import Answer, AnswerValue, Case, Decision, Outcome, Side, Site

DAY = date(2026, 11, 20)
"""The day of every screen in these tests."""

ORDER = ("emergency", "refer", "stop", "hold", "clearance", "incomplete", "avoid", "modify", "proceed")
"""Outcomes as design.md orders them, with ``incomplete`` where treatment is not yet permitted."""


def rank(outcome: str) -> int:
    """Higher is more severe."""
    return len(ORDER) - ORDER.index(outcome)


def site(text: str) -> Site:
    """``knee/left`` as a site; ``knee`` alone where nobody said which side."""
    region, _, side = text.partition("/")
    return Site(region, Side(side) if side else None)


RIGHT_ELBOW = site("forearm_lateral/right")


def answer(
    word: str, finding: str, at: str | None = None, *, days_ago: int = 0, since_days_ago: int | None = None
) -> Answer:
    return Answer(
        finding,
        AnswerValue(word),
        DAY - timedelta(days_ago),
        site(at) if at else None,
        None if since_days_ago is None else DAY - timedelta(since_days_ago),
    )


def yes(finding: str, at: str | None = None, **when: Any) -> Answer:
    return answer("yes", finding, at, **when)


def no(finding: str, at: str | None = None, **when: Any) -> Answer:
    return answer("no", finding, at, **when)


def unknown(finding: str, at: str | None = None, **when: Any) -> Answer:
    return answer("unknown", finding, at, **when)


def case(*answers: Answer, sites: Iterable[Site | str] = (RIGHT_ELBOW,), but: Iterable[str] = (), **other: Any) -> Case:
    """A case in which every finding that is neither answered here nor left open by ``but`` is a no of today."""
    given = {one.finding for one in answers} | set(but)
    rest = tuple(no(name) for name in load().asked if name not in given)
    return bare(*answers, *rest, sites=sites, **other)


def bare(*answers: Answer, sites: Iterable[Site | str] = (RIGHT_ELBOW,), **other: Any) -> Case:
    """A case with these answers and nothing else asked."""
    places = tuple(site(one) if isinstance(one, str) else one for one in sites)
    about: dict[str, Any] = {"on": DAY, "born": date(1971, 3, 2), "sex": "female"} | other
    return Case(sites=places, answers=answers, **about)


def of_example(rule: str, example: Example, knowledge: Knowledge) -> Case:
    """A worked example as a case: what it does not list is answered no today."""
    answers = [
        answer(one.answer, one.id, one.site, days_ago=one.days_ago, since_days_ago=one.since_days_ago)
        for one in example.answers
    ]
    given = {one.finding for one in answers}
    answers += [no(name) for name in knowledge.asked if name not in given]
    return Case(
        on=DAY,
        born=None if example.age == "unknown" else DAY.replace(year=DAY.year - example.age),
        sex="female",
        sites=(site(example.site),),
        answers=tuple(answers),
        technique=example.technique,
    )


def at(decision: Decision, place: str) -> Outcome:
    """The outcome of one site."""
    return next(one.outcome for one in decision.sites if one.site == site(place))


def fired(decision: Decision) -> set[tuple[str, str, str | None]]:
    """What fired, with its outcome and place, in no order."""
    return {(one.rule, one.outcome.value, str(one.site) if one.site else None) for one in decision.reasons}


def asked(decision: Decision) -> list[str]:
    return [one.finding for one in decision.unasked]


# --- Knowledge with something changed ---------------------------------------------------------------------------


def with_rule(knowledge: Knowledge, name: str, **changes: Any) -> Knowledge:
    """The same shelf with one rule changed, as if its file said something else."""
    red_flag = name.startswith("red_flag_")
    folder, key = ("red_flags", name.removeprefix("red_flag_")) if red_flag else ("contraindications", name)
    rule: ScreeningRule = knowledge.shelves[folder][key]
    return _with(knowledge, folder, {**knowledge.shelves[folder], key: rule.model_copy(update=changes)})


def without_rule(knowledge: Knowledge, name: str) -> Knowledge:
    """The same shelf with one rule's file gone."""
    red_flag = name.startswith("red_flag_")
    folder, key = ("red_flags", name.removeprefix("red_flag_")) if red_flag else ("contraindications", name)
    return _with(knowledge, folder, {other: one for other, one in knowledge.shelves[folder].items() if other != key})


def with_parts(knowledge: Knowledge, parts: Mapping[str, str]) -> Knowledge:
    """The same shelf with some regions being part of another."""
    regions = dict(knowledge.shelf(BodyRegion))
    for inner, outer in parts.items():
        regions[inner] = regions[inner].model_copy(update={"part_of": (outer,)})
    return _with(knowledge, "body_regions", regions)


def _with(knowledge: Knowledge, folder: str, items: Mapping[str, Any]) -> Knowledge:
    shelves = {**knowledge.shelves, folder: MappingProxyType(dict(items))}
    return Knowledge(knowledge.version, "changed", MappingProxyType(shelves))
