"""The engine and a second evaluator that was written without it agree on random cases, and would notice a fault."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any

import pytest

from strigil.knowledge import Knowledge, load
from strigil.knowledge.load import HOME
from strigil.pathway.facts import AnswerValue, Case, Decision, Reason, Site
from strigil.pathway.screen import screen
from strigil.pathway.screen.json import case_from_json
from tests.pathway.cases import DAY, with_parts, with_rule
from tests.pathway.plain_screen import plain_screen, read_tables

TABLES = read_tables(HOME)
RULES = tuple(load().asked)
CLEARABLE = [name for name in RULES[13:] if "cleared_to" in str(TABLES["rules"][name])]
REGIONS = ("forearm_lateral", "hand_fingers", "knee", "lower_leg_posterior", "trunk_posterior", "trunk_anterior_lower")
SIDES = ("left", "right", "midline")
CASES = 5_000


@cache
def all_walked() -> list[tuple[dict[str, Any], Any]]:
    """Every random case with what the second evaluator says of it."""
    return [(case, plain_screen(case, TABLES)) for case in random_cases(CASES)]


@pytest.fixture
def walked() -> list[tuple[dict[str, Any], Any]]:
    return all_walked()


def random_cases(count: int, seed: int = 20261120, regions: Sequence[str] = REGIONS) -> Iterator[dict[str, Any]]:
    """Cases of every kind: nothing asked, nearly all asked, many yes, few yes, conflicts, old answers, clearances."""
    rng = random.Random(seed)
    for _ in range(count):
        yield _random_case(rng, regions)


def _random_case(rng: random.Random, regions: Sequence[str]) -> dict[str, Any]:
    sites = [_site(rng, regions) for _ in range(rng.choice((0, 1, 1, 1, 2, 2, 3)))]
    answers = []
    if rng.random() < 0.75:  # most questions were answered no for the whole person
        left_open = set(rng.sample(RULES, rng.choice((0, 0, 0, 1, 2, 5))))
        answers = [_answer(rng, regions, name, "no", 0, None) for name in RULES if name not in left_open]
    dangerous = rng.random() < 0.3
    for _ in range(rng.choice((0, 1, 1, 2, 3, 8))):
        name = rng.choice(RULES if dangerous else RULES[13:])
        if rng.random() < 0.7:
            answers = [one for one in answers if one["id"] != name]
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            word = rng.choice(("yes", "yes", "no", "unknown"))
            days_ago = rng.choice((0, 0, 0, 1, 2, 7, 8, 30, 31, 90, 91))
            answers.append(_answer(rng, regions, name, word, days_ago, sites))
    rng.shuffle(answers)
    return {
        "on": DAY.isoformat(),
        "patient": {"born": rng.choice((None, "1971-03-02", "2012-11-21")), "sex": rng.choice(("female", "male"))},
        "technique": rng.choice((None, "graston", "gua_sha")),
        "sites": sites,
        "findings": answers,
        "clearances": [_clearance(rng) for _ in range(rng.choice((0, 0, 1, 3)))],
    }


def _site(rng: random.Random, regions: Sequence[str]) -> dict[str, str]:
    return {"region": rng.choice(regions), "side": rng.choice(SIDES)}


def _answer(
    rng: random.Random,
    regions: Sequence[str],
    name: str,
    word: str,
    days_ago: int,
    sites: list[dict[str, str]] | None,
) -> dict[str, Any]:
    answer: dict[str, Any] = {"id": name, "answer": word, "asked_on": (DAY - timedelta(days_ago)).isoformat()}
    if sites is not None and rng.random() < 0.6:
        answer["site"] = rng.choice(sites) if sites and rng.random() < 0.6 else _site(rng, regions)
    if word == "yes" and rng.random() < 0.4:
        answer["since"] = (DAY - timedelta(rng.choice((0, 83, 84, 85, 400)))).isoformat()
    return answer


def _clearance(rng: random.Random) -> dict[str, str]:
    begins = rng.choice((-30, -1, 0, 1))
    return {
        "id": rng.choice(CLEARABLE),
        "agreed_on": (DAY + timedelta(begins)).isoformat(),
        "until": (DAY + timedelta(begins + rng.choice((0, 1, 60)))).isoformat(),
    }


def said(decision: Decision, case: dict[str, Any], knowledge: Knowledge) -> dict[str, Any]:
    """The engine's decision in the second evaluator's words."""
    return {
        "outcome": decision.outcome.value,
        "complete": decision.complete,
        "sites": [(_place(one.site), one.outcome.value, one.complete) for one in decision.sites],
        "fired": {(one.rule, one.outcome.value, _where(one, case, knowledge)) for one in decision.reasons},
        "unasked": {one.finding: one.could_be.value for one in decision.unasked},
    }


def _where(reason: Reason, case: dict[str, Any], knowledge: Knowledge) -> Any:
    """A reason without a site holds everywhere, or there were no sites."""
    if reason.site is not None:
        return _place(reason.site)
    of_the_person = {one.why for one in knowledge.rules[reason.rule].consequences if one.place == "everywhere"}
    return "everywhere" if case["sites"] or reason.why in of_the_person else None


def _place(site: Site) -> tuple[str, str]:
    return (site.region, str(site.side))


Decide = Callable[[Case, Knowledge], Decision]


def differences(
    cases: Iterator[dict[str, Any]], knowledge: Knowledge, tables: dict[str, Any], decide: Decide = screen
) -> Iterator[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    shipped = load()
    for case in cases:
        engine = said(decide(case_from_json(case, shipped), knowledge), case, knowledge)
        plain = plain_screen(case, tables)
        if engine != plain:
            yield case, engine, plain


def test_engine_and_second_evaluator_agree_on_random_cases(walked: list[tuple[dict[str, Any], Any]]) -> None:
    shelf = load()
    for case, plain in walked:
        assert said(screen(case_from_json(case, shelf), shelf), case, shelf) == plain, case


def test_both_agree_where_regions_hold_regions() -> None:
    parts = {"hand_fingers": "forearm_lateral", "lower_leg_posterior": "knee"}
    tables = {**TABLES, "part_of": {**TABLES["part_of"], **{inner: [outer] for inner, outer in parts.items()}}}
    found = next(differences(random_cases(600, seed=2), with_parts(load(), parts), tables), None)
    assert found is None, f"case: {found[0]}\nengine: {found[1]}\nplain:  {found[2]}"


def test_random_cases_reach_every_outcome_and_every_rule(walked: list[tuple[dict[str, Any], Any]]) -> None:
    """Agreement means little where the cases never go."""
    outcomes: dict[tuple[str, bool], int] = {}
    fired: set[str] = set()
    for _, plain in walked:
        outcomes[plain["outcome"], plain["complete"]] = outcomes.get((plain["outcome"], plain["complete"]), 0) + 1
        fired |= {rule for rule, _, _ in plain["fired"]}
    reached = {outcome for outcome, _ in outcomes}
    assert reached == {"emergency", "refer", "stop", "hold", "clearance", "incomplete", "avoid", "modify", "proceed"}
    assert {("refer", False), ("refer", True), ("clearance", False), ("clearance", True)} <= set(outcomes)
    assert fired == set(TABLES["rules"])


# --- Planted faults ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", RULES)
def test_dropped_consequence_is_caught(rule: str) -> None:
    consequences = load().rules[rule].consequences
    for place, one in enumerate(consequences):
        rest = tuple(other for other in consequences if other is not one)
        changed = with_rule(load(), rule, consequences=rest)
        assert any(differences(cases_with(rule), changed, TABLES)), f"{rule}: consequence {place} was not missed"


@pytest.mark.parametrize("rule", RULES)
def test_flipped_outcome_is_caught(rule: str) -> None:
    first, *rest = load().rules[rule].consequences
    flipped = first.model_copy(update={"outcome": "hold" if first.outcome != "hold" else "stop"})
    changed = with_rule(load(), rule, consequences=(flipped, *rest))
    assert any(differences(cases_with(rule), changed, TABLES))


def test_unknown_read_as_no_is_caught() -> None:
    def careless(case: Case, knowledge: Knowledge) -> Decision:
        answers = (
            replace(one, answer=AnswerValue.NO) if one.answer is AnswerValue.UNKNOWN else one for one in case.answers
        )
        return screen(replace(case, answers=tuple(answers)), knowledge)

    assert any(differences(random_cases(200), load(), TABLES, careless))


def test_forgotten_side_is_caught() -> None:
    def careless(case: Case, knowledge: Knowledge) -> Decision:
        answers = (replace(one, site=None) for one in case.answers)
        return screen(replace(case, answers=tuple(answers)), knowledge)

    assert any(differences(random_cases(200), load(), TABLES, careless))


def test_forgotten_ageing_is_caught() -> None:
    def careless(case: Case, knowledge: Knowledge) -> Decision:
        answers = (replace(one, asked_on=max(one.asked_on, DAY - timedelta(1))) for one in case.answers)
        return screen(replace(case, answers=tuple(answers)), knowledge)

    assert any(differences(random_cases(200), load(), TABLES, careless))


def test_forgotten_clearance_date_is_caught() -> None:
    def careless(case: Case, knowledge: Knowledge) -> Decision:
        return screen(replace(case, clearances=tuple(replace(one, until=DAY) for one in case.clearances)), knowledge)

    assert any(differences(random_cases(2000), load(), TABLES, careless))


def cases_with(rule: str) -> Iterator[dict[str, Any]]:
    """Cases in which the rule is answered yes, alone and with those it leans on, with and without a place."""
    leans_on = [name for name in RULES if f"'finding': '{name}'" in str(TABLES["rules"][rule]["consequences"])]
    for at in (None, {"region": "knee", "side": "left"}, {"region": "trunk_posterior", "side": "midline"}):
        for named in ({rule}, {rule, *leans_on}):
            findings = [
                {"id": name, "answer": "yes" if name in named else "no", "asked_on": DAY.isoformat()} for name in RULES
            ]
            for one in findings:
                if at and one["answer"] == "yes":
                    one["site"] = at
            yield {
                "on": DAY.isoformat(),
                "patient": {"born": "1971-03-02", "sex": "female"},
                "sites": [at or {"region": "knee", "side": "left"}],
                "findings": findings,
            }
