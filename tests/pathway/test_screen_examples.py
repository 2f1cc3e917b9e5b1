"""Every worked example of every rule, run. A rule whose file is gone, or says something else, makes one fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from strigil.knowledge import Knowledge, load
from strigil.knowledge.shapes import Condition, Consequence, Example, ScreeningRule
from strigil.pathway.facts import AnswerValue, Case, Decision
from strigil.pathway.screen import screen
from tests.pathway.cases import of_example, with_rule

RULES = load().rules
ASKED = load().asked
EXAMPLES = [pytest.param(name, one, id=f"{name}: {one.name}") for name, rule in RULES.items() for one in rule.examples]

Decide = Callable[[Case, Knowledge], Decision]


def outcome_of(rule: str, example: Example, knowledge: Knowledge, decide: Decide = screen) -> tuple[str, str]:
    decision = decide(of_example(rule, example, knowledge), knowledge)
    return decision.outcome.value, decision.sites[0].outcome.value


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_example(rule: str, example: Example) -> None:
    assert outcome_of(rule, example, load()) == (example.patient, example.at_site)


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_example_speaks_of_its_own_rule_and_of_real_places(rule: str, example: Example) -> None:
    assert rule not in ASKED or any(one.id == rule for one in example.answers)
    for place in [example.site, *(one.site for one in example.answers if one.site)]:
        region, _, side = place.partition("/")
        paired = load().shelves["body_regions"][region].paired
        assert side in (("left", "right") if paired == "yes" else ("left", "right", "midline")), place
    assert example.technique is None or example.technique in load().shelves["techniques"]


# --- Every rule is worked through -------------------------------------------------------------------------------


def own(rule: str, example: Example) -> list[str]:
    """The answers an example gives about its rule's own finding, stale ones called so."""
    valid = RULES[rule].valid_days
    return ["stale" if one.days_ago > valid else one.answer for one in example.answers if one.id == rule]


def is_near_miss(rule: str, example: Example) -> bool:
    """The rule keeps quiet though something came close: a last valid day, another place, another finding, a date."""
    mine = [one for one in example.answers if one.id == rule]
    quiet = RULES[rule].consequences[0].outcome not in (example.patient, example.at_site)
    last_day = any(one.answer == "no" and one.days_ago == RULES[rule].valid_days > 0 for one in mine)
    another = any(one.id != rule and one.answer == "yes" for one in example.answers)
    return quiet and (last_day or another or any(one.answer == "yes" for one in mine))


@pytest.mark.parametrize("rule", ASKED)
@pytest.mark.parametrize("answer", ["yes", "no", "unknown", "stale"])
def test_rule_has_an_example_for_each_answer(rule: str, answer: str) -> None:
    assert any(answer in own(rule, example) for example in RULES[rule].examples)


@pytest.mark.parametrize("rule", ASKED)
def test_rule_has_a_near_miss(rule: str) -> None:
    assert any(is_near_miss(rule, example) for example in RULES[rule].examples)


@pytest.mark.parametrize("rule", RULES)
def test_examples_have_names_of_their_own(rule: str) -> None:
    names = [example.name for example in RULES[rule].examples]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("rule", ASKED)
def test_unknown_and_stale_are_never_milder_than_incomplete(rule: str) -> None:
    for example in RULES[rule].examples:
        if set(own(rule, example)) & {"unknown", "stale"} and not {"yes", "no"} & set(own(rule, example)):
            assert example.patient not in ("proceed", "modify", "avoid"), example.name


# --- The examples catch what they are for -----------------------------------------------------------------------


def failing(knowledge: Knowledge, decide: Decide = screen) -> Iterator[tuple[str, str]]:
    """Examples of the shipped rules that another shelf, or another engine, gets wrong."""
    for name, rule in RULES.items():
        for example in rule.examples:
            if outcome_of(name, example, knowledge, decide) != (example.patient, example.at_site):
                yield name, example.name


@pytest.mark.parametrize("rule", RULES)
def test_flipped_outcome_is_caught(rule: str) -> None:
    first, *rest = RULES[rule].consequences
    flipped = "modify" if first.outcome != "modify" else "clearance"
    changed = (first.model_copy(update={"outcome": flipped}), *rest)
    assert any(name == rule for name, _ in _of(rule, with_rule(load(), rule, consequences=changed)))


@pytest.mark.parametrize("rule", RULES)
def test_rule_that_never_fires_is_caught(rule: str) -> None:
    never = Consequence(
        outcome="proceed", place="everywhere", when=Condition(age_under=1), why="Nothing follows any more."
    )
    assert any(name == rule for name, _ in _of(rule, with_rule(load(), rule, consequences=(never,))))


@pytest.mark.parametrize("rule", ASKED)
def test_longer_validity_is_caught(rule: str) -> None:
    changed = with_rule(load(), rule, valid_days=RULES[rule].valid_days + 1000)
    assert any(name == rule for name, _ in _of(rule, changed))


MASKED = {
    ("pregnancy", 1),
    ("cancer", 1),
    ("keloid", 1),
    ("diabetes", 1),
    ("ra_autoimmune", 1),
    ("ra_autoimmune", 2),
    ("skin_infection_local", 1),
    ("unstable_fracture", 1),
}
"""Consequences that an example cannot show, since it states outcomes only: one at least as severe always holds beside
them (of the same rule, or of the other finding they lean on). They change the reasons, or what is left after a
clearance: see ``test_screen.py``."""


@pytest.mark.parametrize(
    ("rule", "place"), [(name, place) for name, rule in RULES.items() for place in range(len(rule.consequences))]
)
def test_dropped_consequence_is_caught(rule: str, place: int) -> None:
    held: ScreeningRule = RULES[rule]
    rest = tuple(one for index, one in enumerate(held.consequences) if index != place)
    caught = any(_of(rule, with_rule(load(), rule, consequences=rest)))
    assert caught is ((rule, place) not in MASKED)


def test_unknown_read_as_no_is_caught() -> None:
    def careless(case: Case, knowledge: Knowledge) -> Decision:
        answers = (
            replace(one, answer=AnswerValue.NO) if one.answer is AnswerValue.UNKNOWN else one for one in case.answers
        )
        return screen(replace(case, answers=tuple(answers)), knowledge)

    assert {name for name, _ in failing(load(), careless)} == set(ASKED)


def _of(rule: str, knowledge: Knowledge) -> Iterator[tuple[str, str]]:
    for example in RULES[rule].examples:
        if outcome_of(rule, example, knowledge) != (example.patient, example.at_site):
            yield rule, example.name
