"""What the facts hold on medicines is on the shelf: every name, code, class and source, in other words.

The facts lie outside the repository; where they are absent these tests say so and are left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from strigil.knowledge import load, shapes
from strigil.pathway.medicines import Status, recognise

FACTS = Path(__file__).resolve().parents[2].parent / "shared" / "facts" / "medicines.yaml"
pytestmark = pytest.mark.skipif(not FACTS.is_file(), reason=f"the facts are not at {FACTS}; nothing to compare with")

WITHOUT_ADDRESS = {"la_search_grant", "code_in_sample", "code_in_clopitab", "code_uk_codeine"}
FINDINGS = {"tendon_rupture": "red_flag_tendon_rupture"}
"""Ids of the facts that are another's on the shelf."""


@cache
def facts() -> Any:
    return yaml.load(FACTS.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - ours


def classes() -> dict[str, shapes.MedicineClass]:
    return dict(load().shelf(shapes.MedicineClass))


def tables() -> dict[str, shapes.MedicineNames]:
    return dict(load().shelf(shapes.MedicineNames))


def medicines() -> dict[str, tuple[shapes.Medicine, str]]:
    return {one.id: (one, key) for key, group in classes().items() for one in group.medicines}


def test_every_class_is_on_the_shelf() -> None:
    assert set(classes()) == {one["id"] for one in facts()["classes"]} | {"not_relevant"}


def test_every_class_keeps_its_codes_findings_relevance_and_sources() -> None:
    for one in facts()["classes"]:
        held = classes()[one["id"]]
        assert held.title == one["name"]
        assert list(held.atc) == one["atc_codes_seen"]
        assert list(held.bears_on) == [FINDINGS.get(finding, finding) for finding in one["bears_on"]]
        assert held.relevance == one["relevance"]
        assert [citation.source for citation in held.sources] == (one["sources"] or ["ds_atc"])


def test_every_class_keeps_a_note_where_the_facts_have_one() -> None:
    assert not [one["id"] for one in facts()["classes"] if one.get("note") and not classes()[one["id"]].note]


def test_every_medicine_keeps_its_names_codes_route_and_sources() -> None:
    rows = [*facts()["medicines"], *({**one, "class": "not_relevant"} for one in facts()["not_relevant"])]
    assert set(medicines()) == {row["id"] for row in rows}
    for row in rows:
        held, key = medicines()[row["id"]]
        assert key == row["class"]
        assert held.generic == row["generic"]
        assert list(held.synonyms) == row.get("synonyms", [])
        assert {country: list(names) for country, names in held.brands.items()} == row["brands"]
        assert list(held.atc) == row.get("atc", [])
        assert held.route == row.get("route")
        assert list(held.sources) == row["sources"]
        assert bool(held.note) == bool(row.get("note"))
        assert bool(held.evidence) == bool(row.get("evidence"))


def test_every_combination_keeps_its_parts() -> None:
    held = [
        (one.name, list(one.medicines), list(one.others), list(one.seen_in), list(one.sources))
        for one in tables()["combinations"].combinations
    ]
    given = [
        (one["brand"], one["components"], one["other_components"], one["seen_in"], one["sources"])
        for one in facts()["combination_products"]
    ]
    assert held == given


def test_every_ambiguous_name_keeps_its_meanings() -> None:
    held = [
        (
            one.name,
            list(one.medicines),
            list(one.kinds),
            list(one.longer_names),
            list(one.other_routes),
            [(also.name, also.country, [part.name for part in also.parts], also.kind) for also in one.also],
        )
        for one in tables()["ambiguous"].ambiguous
    ]
    given = [
        (
            one["name"],
            one["maps_to"],
            one["kinds"],
            one.get("longer_names", []),
            one.get("other_routes_seen", []),
            [
                (also["product"], also["country"], also["ingredients"], also["kind"])
                for also in one.get("also_seen", [])
            ],
        )
        for one in facts()["ambiguous_brands"]
    ]
    assert held == given


def test_every_lookalike_group_is_kept_with_its_sources() -> None:
    held = [(list(one.names), list(one.sources), bool(one.note)) for one in tables()["lookalikes"].lookalikes]
    assert held == [(one["names"], one["sources"], bool(one.get("note"))) for one in facts()["lookalikes"]]
    near = [(list(one.names), one.distance) for one in tables()["near_names"].lookalikes]
    assert near == [(one["names"], one["distance"]) for one in facts()["computed_near_names"]["pairs"]]
    assert {one.basis for one in tables()["near_names"].lookalikes} == {"computed"}


def test_every_lay_term_is_kept_with_its_basis() -> None:
    held = [
        (one.term, list(one.variants), list(one.classes), one.ambiguous == "yes", one.basis, list(one.sources))
        for one in tables()["lay_terms"].lay_terms
    ]
    given = [
        (
            one["term"],
            one["variants"],
            one["may_mean"],
            one["ambiguous"],
            {"authored": "proposed"}.get(one["basis"], one["basis"]),
            one["sources"],
        )
        for one in facts()["lay_terms"]
    ]
    assert held == given


def test_every_source_is_on_the_shelf_at_its_address() -> None:
    for one in facts()["source_registry"]:
        held = load().sources[one["id"]]
        address = re.match(r"https?://\S+", one["url"])
        assert held.url == (address[0] if address else None)
    assert {one["id"] for one in facts()["source_registry"] if not load().sources[one["id"]].url} == WITHOUT_ADDRESS


def test_weak_sources_are_called_what_they_are() -> None:
    weak = {
        "secondary": "secondary",
        "secondary_unreviewed": "secondary",
        "clinic_page": "clinic_page",
        "code_excerpt": "code_excerpt",
        "news": "news",
        "news_of_official": "news",
        "case_report": "case_report",
        "data_set": "data_set",
    }
    wrong = {
        one["id"]: load().sources[one["id"]].kind
        for one in facts()["source_registry"]
        if one["kind"] in weak and load().sources[one["id"]].kind != weak[one["kind"]]
    }
    assert not wrong


def test_every_kind_of_source_has_a_name_on_the_page() -> None:
    from typing import get_args

    from strigil.clinic.tags import source_kind

    page = Path(__file__).resolve().parents[2] / "strigil/templates/_components/source.html"
    for kind in get_args(shapes.SourceKind):
        assert source_kind(kind)
        assert f'kind == "{kind}"' in page.read_text()


def vectors() -> list[dict[str, str]]:
    return facts()["test_vectors"] if FACTS.is_file() else []


@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: vector["input"])
def test_vector_of_the_facts_holds(vector: dict[str, str]) -> None:
    found, result = recognise(vector["input"], load()), vector["result"]
    words_for = {"unknown": Status.UNKNOWN, "ambiguous": Status.AMBIGUOUS, "not_relevant": Status.NOT_RELEVANT}
    expected = Status.AMBIGUOUS if result.startswith("lay term") else words_for.get(result, Status.RECOGNISED)
    assert found.status is expected
    if expected is Status.RECOGNISED:
        assert all(name in result for name in found.classes)
        assert set(re.findall(r"\w+", result)) & set(classes()) - {"not_relevant"} <= set(found.classes)


# --- On the shelf itself ----------------------------------------------------------------------------------------


def test_a_set_finding_asks_for_the_medicine_and_never_for_a_condition() -> None:
    """Taking a medicine is never proof of a disease, least of all of an emergency."""
    assert {finding for one in classes().values() for finding in one.sets} == {"anticoagulants", "long_term_steroids"}


def test_every_class_that_sets_or_opens_has_something_to_ask() -> None:
    assert not [key for key, one in classes().items() if one.bears_on and not one.ask]


def test_no_two_medicines_share_an_id() -> None:
    ids = Counter(one.id for group in classes().values() for one in group.medicines)
    assert max(ids.values()) == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sets": ("cancer",)}, "bears_on does not hold"),
        ({"relevance": "marker"}, "only a relevant class"),
        ({"relevance": "recognise_only", "sets": ()}, "bears on nothing"),
    ],
)
def test_class_that_contradicts_itself_is_refused(change: dict[str, Any], said: str) -> None:
    whole = classes()["anticoagulant_vka"].model_dump(by_alias=True)
    with pytest.raises(ValueError, match=said):
        shapes.MedicineClass.model_validate(whole | change)


def test_file_of_names_with_two_tables_is_refused() -> None:
    whole = tables()["together"].model_dump(by_alias=True)
    with pytest.raises(ValueError, match="exactly one table"):
        shapes.MedicineNames.model_validate(whole | {"none_words": ("none",)})


# --- In other words ---------------------------------------------------------------------------------------------


def words(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text.lower()))


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts_in(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from texts_in(one)


def test_no_sentence_is_copied_from_the_facts() -> None:
    given = " | ".join(words(text) for text in texts_in(facts()))
    kept = {"title", "generic", "synonyms", "brands", "name", "names", "parts", "atc", "variants", "kinds", "kind"}
    offenders = [
        f"{key}: {sentence}"
        for shelf in (classes(), tables())
        for key, item in shelf.items()
        for text in texts_in(without(item.model_dump(), kept))
        for sentence in re.split(r"(?<=[.;:!?])\s+", text)
        if len(words(sentence).split()) >= 6 and words(sentence) in given
    ]
    assert not offenders, "\n".join(offenders)


def without(value: Any, keys: set[str]) -> Any:
    if isinstance(value, dict):
        return {key: without(one, keys) for key, one in value.items() if key not in keys}
    if isinstance(value, list | tuple):
        return [without(one, keys) for one in value]
    return value
