"""What the founding facts hold of trials is on the shelf: every number, none altered, none added, in other words.

The facts lie outside the repository; where they are absent these tests say so and are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
import yaml

from strigil.knowledge import load, shapes
from tests.knowledge.test_facts_carried import FACTS

pytestmark = pytest.mark.skipif(
    not (FACTS / "evidence.yaml").is_file(), reason=f"the founding facts are not at {FACTS}; nothing to compare with"
)

SHELVES = {
    "studies": ("studies", "reviews"),
    "force_studies": ("force_studies",),
    "safety_sources": ("safety_sources",),
}
NOT_OF_THE_WORK = {"id", "source_url", "also_read", "doi", "pmid", "title", "year", "audit_note", "audited"}
NOT_OF_THE_ITEM = {
    "id",
    "title",
    "paper",
    "year",
    "doi",
    "pmid",
    "url",
    "source",
    "audited",
    "read_in",
    "on_shelf",
    "arm",
}
ARM = ("n", "mean", "sd", "pre_mean", "pre_sd", "ci_low", "ci_high", "within_d")


class _Text(yaml.SafeLoader):
    """Every scalar as text, and ``null`` as nothing."""


_Text.yaml_implicit_resolvers = {
    first: [("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|)$"))] for first in ("~", "n", "")
}


@cache
def facts() -> dict[str, Any]:
    held: dict[str, Any] = yaml.load((FACTS / "evidence.yaml").read_text(), Loader=_Text)  # noqa: S506 - it is a safe one
    return held


def entries(section: str) -> list[dict[str, Any]]:
    return list(facts()[section]) if (FACTS / "evidence.yaml").is_file() else []


EVERY = [(section, one) for section in SHELVES for one in entries(section)]
each = pytest.mark.parametrize(("section", "entry"), EVERY, ids=[one["id"] for _, one in EVERY])


def key(entry: dict[str, Any]) -> str:
    return str(entry["id"]).replace("-", "_")


def item(section: str, entry: dict[str, Any]) -> Any:
    (found,) = [load().shelves[one][key(entry)] for one in SHELVES[section] if key(entry) in load().shelves[one]]
    return found


def scalars(value: Any, without: set[str]) -> Iterator[str]:
    if isinstance(value, dict):
        for name, one in value.items():
            if name not in without:
                yield from scalars(one, without)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from scalars(one, without)
    elif value is not None:
        yield str(value)


def numbers(value: Any, without: set[str]) -> set[Decimal]:
    return {
        Decimal(found).normalize()
        for text in scalars(value, without)
        for found in re.findall(r"\d+(?:\.\d+)?|\.\d+", re.sub(r"reproducible_checks\S+", "", text))
    }


def of_item(one: Any) -> set[Decimal]:
    return numbers(one.model_dump(mode="json"), NOT_OF_THE_ITEM)


def test_every_entry_is_on_the_shelf_and_nothing_else() -> None:
    for section, folders in SHELVES.items():
        assert sorted(map(key, entries(section))) == sorted(name for one in folders for name in load().shelves[one])


@each
def test_work_is_named_as_it_was(section: str, entry: dict[str, Any]) -> None:
    found = item(section, entry)
    assert found.paper in (entry.get("title"), None)
    assert (found.year and str(found.year), found.doi, found.pmid) == tuple(
        entry.get(name) for name in ("year", "doi", "pmid")
    )
    addresses = {page.url or load().sources[page.source].url for page in found.pages}
    assert {entry["source_url"], *(entry.get("also_read") or [])} <= addresses
    assert found.depth == entry["verified"]


@each
def test_second_reading_is_marked_as_it_was(section: str, entry: dict[str, Any]) -> None:
    found = item(section, entry)
    assert (found.audited and found.audited.result) == entry.get("audited")
    if entry.get("audited") and entry.get("audit_note"):
        assert found.audited.note


@each
def test_every_number_is_carried(section: str, entry: dict[str, Any]) -> None:
    assert numbers(entry, NOT_OF_THE_WORK) - of_item(item(section, entry)) == set()


@each
def test_no_number_is_added(section: str, entry: dict[str, Any]) -> None:
    assert of_item(item(section, entry)) - numbers(entry, NOT_OF_THE_WORK - {"title", "audit_note"}) == set()


def test_planted_number_that_is_altered_lost_or_added_is_caught() -> None:
    (entry,) = [one for one in entries("studies") if one["id"] == "lee-2016"]
    given, found = numbers(entry, NOT_OF_THE_WORK), item("studies", entry)
    altered = with_mean(found, Decimal("25.6"))
    assert Decimal("25.5") in given - of_item(altered)
    assert Decimal("99.7") in of_item(with_mean(found, Decimal("99.7"))) - given
    assert Decimal("25.5") in given - of_item(with_mean(found, None))


def with_mean(study: shapes.Study, mean: Decimal | None) -> shapes.Study:
    outcome = study.outcomes[0]
    spoiled = (outcome.results[0].model_copy(update={"mean": mean}), *outcome.results[1:])
    outcomes = (outcome.model_copy(update={"results": spoiled}), *study.outcomes[1:])
    return study.model_copy(update={"outcomes": outcomes})


TRIALS = [one for one in entries("studies") if key(one) in load().shelves["studies"]]


@pytest.mark.parametrize("entry", TRIALS, ids=lambda one: one["id"])
def test_every_outcome_of_an_arm_stands_where_it_did(entry: dict[str, Any]) -> None:
    held = load().shelf(shapes.Study)[key(entry)].outcomes
    given = entry["outcomes"] or []
    assert len(held) == len(given)
    for one, was in zip(held, given, strict=True):
        assert one.better == was["direction_better"]
        assert [amounts(result) for result in one.results] == [
            {name: Decimal(arm[name]) for name in ARM if arm.get(name) is not None}
            for arm in (was["experimental"], was["control"], *(was.get("other_arms") or []))
            if arm.get("label")
        ]
        effect, said = one.effect, was["reported_effect"]
        for name in ("value", "ci_low", "ci_high", "p", "comparison"):
            now = getattr(effect, name) if effect else None
            assert (now is not None and str(now)) == (said.get(name) is not None and said[name]), (one.measure, name)


def amounts(result: shapes.Result) -> dict[str, Decimal]:
    """The amounts of an arm; events and per cents stood under ``mean`` in the facts."""
    held = {name: getattr(result, name) for name in ARM} | {
        "mean": next((one for one in (result.mean, result.events, result.percent) if one is not None), None)
    }
    return {name: Decimal(one) for name, one in held.items() if one is not None}


@pytest.mark.parametrize("entry", entries("studies"), ids=lambda one: one["id"])
def test_reading_comparator_and_depth_are_those_of_the_facts(entry: dict[str, Any]) -> None:
    found = item("studies", entry)
    assert {"null": "no_advantage"}.get(entry["result_class"], entry["result_class"]) == found.verdict
    if isinstance(found, shapes.Study):
        assert {"iastm_variant": "variant"}.get(entry["comparator_type"], entry["comparator_type"]) == found.comparator
        assert bool(found.adverse_events) == bool(entry["adverse_events"])
    else:
        assert [one.estimate for one in found.results] == [
            Decimal(one["estimate"]) if one.get("estimate") else None for one in entry["pooled"]
        ]


def words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[a-z']+", text.lower()))


LONG = 9
"""Words in a row that two people seldom write alike."""


@each
def test_sentences_are_our_own(section: str, entry: dict[str, Any]) -> None:
    """No run of nine words is that of the facts, but for names and labels, which are shorter."""
    theirs = {
        run for text in scalars(entry, {"id", "title", "source_url", "also_read", "doi"}) for run in runs(words(text))
    }
    ours = item(section, entry).model_dump(mode="json", exclude={"paper", "paper_note", "pages", "doi"})
    taken = [" ".join(run) for text in scalars(ours, set()) for run in runs(words(text)) if run in theirs]
    assert not taken


def runs(said: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    return (said[place : place + LONG] for place in range(len(said) - LONG + 1))


# --- Claims -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("claim", load().shelf(shapes.Claim).values(), ids=lambda one: one.id)
def test_every_number_of_a_claim_stands_in_the_work_it_names(claim: shapes.Claim) -> None:
    for voice in (claim.primary, *claim.others):
        named = load().shelves["studies" if voice.study else "reviews"][voice.study or voice.review or ""]
        assert numbers(voice.says, set()) <= of_item(named), voice.says


def test_every_claim_that_the_facts_trace_has_its_page() -> None:
    traced = {key(one) for one in entries("studies") if one.get("seed_claim")}
    primary = {one.primary.study or one.primary.review for one in load().shelf(shapes.Claim).values()}
    assert primary == traced
