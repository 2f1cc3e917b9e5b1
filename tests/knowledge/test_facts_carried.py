"""What the founding facts hold is on the shelf: the same ids, sources and marks, in other words.

The facts lie outside the repository; where they are absent these tests say so and are left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from strigil.knowledge import load, shapes

FACTS = Path(__file__).resolve().parents[2].parent / "shared" / "facts"
pytestmark = pytest.mark.skipif(
    not (FACTS / "clinical.yaml").is_file(), reason=f"the founding facts are not at {FACTS}; nothing to compare with"
)

SECTIONS = {
    "body_regions": "body_regions",
    "soft_tissues": "soft_tissues",
    "indications": "indications",
    "overall_evidence": "overall_evidence",
    "contraindications_and_precautions": "contraindications",
    "no_go_zones": "no_go_zones",
    "red_flags": "red_flags",
    "instruments": "instruments",
    "instrument_facts": "instrument_facts",
    "techniques": "techniques",
    "strokes": "strokes",
    "stroke_parameters": "stroke_parameters",
    "detection_assessment": "detection_assessment",
    "reactions": "reactions",
    "dosage": "dosage",
    "adjuncts": "adjuncts",
    "healing_phases": "healing_phases",
    "patient_education_and_consent": "patient_education",
    "practice_standards": "practice_standards",
}
OUTCOMES = {
    "EMERGENCY": "emergency",
    "REFER": "refer",
    "CLEARANCE": "clearance",
    "STOP_IASTM": "stop",
    "HOLD_TODAY": "hold",
    "AVOID_LOCAL": "avoid",
    "MODIFY": "modify",
}
HALVES = {
    "controlled_hypertension": "uncontrolled_hypertension",
    "severe_illness": "systemic_infection",
    "autoimmune_flare": "ra_autoimmune",
    "immunosuppressants": "ra_autoimmune",
    "raised_scar": "keloid",
    "incision_not_ready": "surgical_incision",
}
"""Questions that carry what one yes to an entry of the facts cannot tell apart, with that entry."""
ADDED = {"contraindications": {*HALVES, "minor"}}
KINDS_AS = {
    "trial": {"trial"},
    "review": {"review", "commentary", "reference_work"},
    "survey": {"survey"},
    "guideline": {"consensus", "guideline", "survey", "health_service", "commentary"},
    "vendor": {"maker", "course", "code_list", "slide_deck"},
    "clinic_page": {"clinic_page", "slide_deck", "flashcard", "reference_work", "course"},
    "seed": {"founding_brief"},
}
"""The kinds of the facts, and those of the shelf that part them further; no weak kind becomes a strong one."""
NAMELESS = "mrc_code"
"""A code file that was found without its address."""
SHARED = {"hoos_jr": {"https://www.springermedizin.de/link?doi=10.5312/wjo.v9.i3.41"}}
"""Sources of a measure that stand in another entry of the facts."""
MEASURES = ("patient_reported_measures", "range_of_motion", "clinician_measures")


@cache
def facts(name: str) -> Any:
    return yaml.load((FACTS / f"{name}.yaml").read_text(), Loader=yaml.CSafeLoader)


def items(section: str) -> list[dict[str, Any]]:
    held = facts("clinical")[section]
    return held if isinstance(held, list) else [item for group in held.values() for item in group]


def items_or_none(section: str) -> list[dict[str, Any]]:
    """For naming cases while the tests are collected, where the facts may be absent."""
    return items(section) if (FACTS / "clinical.yaml").is_file() else []


def address(url: str) -> str:
    """A page by its address; a founding brief, which has none, by its number."""
    brief = re.match(r"seed:(\d+)_", url)
    return f"seed{int(brief[1])}" if brief else url


def shelf_address(citation: shapes.Citation) -> str:
    return load().source_of(citation).url or citation.source


@pytest.mark.parametrize(("section", "folder"), SECTIONS.items())
def test_section_has_the_same_ids(section: str, folder: str) -> None:
    assert {item["id"] for item in items(section)} == set(load().shelves[folder]) - ADDED.get(folder, set())


@pytest.mark.parametrize(("section", "folder"), SECTIONS.items())
def test_every_item_has_the_same_sources(section: str, folder: str) -> None:
    different = {}
    for item in items(section):
        given = Counter(address(source["url"]) for source in item["sources"])
        shelved = Counter(shelf_address(citation) for citation in load().shelves[folder][item["id"]].sources)
        if given != shelved:
            different[item["id"]] = {"lost": dict(given - shelved), "new": dict(shelved - given)}
    assert not different


@pytest.mark.parametrize(("section", "folder"), SECTIONS.items())
def test_every_source_keeps_its_class_and_its_audit_mark(section: str, folder: str) -> None:
    different = {}
    for item in items(section):
        given = Counter((address(s["url"]), s.get("classed_as"), s.get("audited")) for s in item["sources"])
        citations = load().shelves[folder][item["id"]].sources
        shelved = Counter((shelf_address(one), one.class_, one.audited) for one in citations)
        if given != shelved:
            different[item["id"]] = {"lost": list(given - shelved), "new": list(shelved - given)}
    assert not different


@pytest.mark.parametrize(("section", "folder"), SECTIONS.items())
def test_every_item_keeps_its_agreement_and_its_audit_mark(section: str, folder: str) -> None:
    given = {item["id"]: (item["consensus"], item.get("audited")) for item in items(section)}
    shelved = {key: (one.agreement, one.audited) for key, one in load().shelves[folder].items() if key in given}
    assert shelved == given


@pytest.mark.parametrize(("section", "folder"), SECTIONS.items())
def test_what_was_said_of_another_technique_still_says_so(section: str, folder: str) -> None:
    lost = [
        (item["id"], address(source["url"]))
        for item in items(section)
        for source in item["sources"]
        if source.get("applies_to")
        and not any(
            one.applies_to
            for one in load().shelves[folder][item["id"]].sources
            if shelf_address(one) == address(source["url"])
        )
    ]
    assert not lost


@pytest.mark.parametrize("item", items_or_none("contraindications_and_precautions"), ids=lambda item: item["id"])
def test_contraindication_has_the_proposed_outcome_and_scope(item: dict[str, Any]) -> None:
    rule = load().rules[item["id"]]
    assert rule.consequences[0].outcome == OUTCOMES[item["proposed_outcome"]]
    assert rule.scope == item["scope"]


@pytest.mark.parametrize("half", HALVES)
def test_half_of_an_entry_cites_what_the_entry_cites(half: str) -> None:
    (entry,) = [item for item in items("contraindications_and_precautions") if item["id"] == HALVES[half]]
    given = {(address(s["url"]), s.get("classed_as"), s.get("audited")) for s in entry["sources"]}
    of_medicines = {one.source for held in load().shelf(shapes.MedicineClass).values() for one in held.sources}
    cited = [one for one in load().rules[half].sources if one.source not in of_medicines]
    assert cited
    assert {(shelf_address(one), one.class_, one.audited) for one in cited} <= given
    assert entry.get("proposed_rule")


def test_only_the_rule_for_minors_goes_without_a_source() -> None:
    assert [name for name, rule in load().rules.items() if not rule.sources] == ["minor"]
    assert any(gap["id"] == "kids" for gap in facts("clinical")["gaps"])


CLEARED = [name for name, rule in load().rules.items() if "clearance" in [one.outcome for one in rule.consequences]]


@pytest.mark.parametrize("name", CLEARED)
def test_clearance_turns_into_modify_as_the_outcome_codes_say(name: str) -> None:
    assert "then treat as MODIFY" in facts("clinical")["outcome_codes"]["CLEARANCE"]
    left = [one.cleared_to for one in load().rules[name].consequences if one.outcome == "clearance"]
    assert set(left) == {"modify"}


@pytest.mark.parametrize(("section", "folder"), SECTIONS.items())
def test_every_source_keeps_its_kind_and_what_was_inferred_about_its_class(section: str, folder: str) -> None:
    lost = [
        (item["id"], address(source["url"]), source["kind"])
        for item in items(section)
        for source in item["sources"]
        if not any(
            load().source_of(one).kind in KINDS_AS[source["kind"]]
            and bool(one.class_note) >= bool(source.get("class_basis"))
            and bool(one.audit_note) >= bool(source.get("audit_note"))
            for one in load().shelves[folder][item["id"]].sources
            if shelf_address(one) == address(source["url"])
        )
    ]
    assert not lost


@pytest.mark.parametrize("item", items_or_none("red_flags"), ids=lambda item: item["id"])
def test_red_flag_has_the_proposed_outcome(item: dict[str, Any]) -> None:
    rule = load().rules[f"red_flag_{item['id']}"]
    assert [one.outcome for one in rule.consequences] == [OUTCOMES[item["proposed_action"]]]


def entries(*sections: str) -> list[dict[str, Any]]:
    """Entries of the measures' facts; none where the facts are absent, for naming cases."""
    held = [item for section in sections for item in facts("measures")[section]] if FACTS.is_dir() else []
    return [item for item in held if isinstance(item, dict)]


def shelved(entry: str) -> list[shapes.Measure]:
    """The measures that carry one entry of the facts: of the same id, or a scale, part or version of it."""
    return [one for one in load().shelf(shapes.Measure).values() if entry in (one.id, one.part_of)]


def citations_of(measure: shapes.Measure) -> Iterator[shapes.Citation]:
    for row in (measure, *measure.thresholds, *measure.norms):
        yield from row.sources


def test_every_measure_is_one_of_the_facts_with_its_sources() -> None:
    known = {item["id"]: item for section in MEASURES for item in facts("measures")[section]}
    codes = set(addresses_in(facts("measures")["codes"])) | {NAMELESS}
    wrong = {}
    for measure in load().shelf(shapes.Measure).values():
        entry = {measure.id, measure.part_of} & set(known)
        given = {url for key in entry for url in addresses_in(known[key])} | codes | SHARED.get(measure.id, set())
        cited = {shelf_address(citation) for citation in citations_of(measure)}
        if not entry or cited - given:
            wrong[measure.id] = sorted(cited - given)
    assert not wrong


@pytest.mark.parametrize("entry", entries(*MEASURES), ids=lambda item: item["id"])
def test_every_source_of_a_measure_is_cited(entry: dict[str, Any]) -> None:
    given = set(addresses_in(entry))
    cited = {shelf_address(one) for measure in shelved(entry["id"]) for one in citations_of(measure)}
    assert {NAMELESS if url.startswith("indexed public repository") else url for url in given} <= cited


def numbers_in(value: Any) -> set[Decimal]:
    """Amounts, without the names of studies and the years in keys and prose."""
    return {
        Decimal(found).normalize()
        for text in texts_in(value)
        for found in re.findall(r"(?<![\d.])\d+(?:\.\d+)?", text.replace("−", "-"))
    }


AMOUNTS = ("mdc", "mcid", "norms", "normal", "error", "reliability", "responder_percent")


@pytest.mark.parametrize("entry", entries(*MEASURES), ids=lambda item: item["id"])
def test_every_amount_and_norm_is_carried(entry: dict[str, Any]) -> None:
    rows = [row for name in AMOUNTS for row in [entry.get(name) or []]]
    values = [
        [one.get("value"), one.get("ci") if name else None] if isinstance(one, dict) else one
        for row in rows
        for name, one in ([("", row)] if isinstance(row, dict) else [("row", one) for one in row])
    ]
    text = [measure.model_dump(mode="json") for measure in shelved(entry["id"])]
    given = numbers_in(_as_text(values))
    assert given - numbers_in(_as_text(text)) == set()


@pytest.mark.parametrize("entry", entries(*MEASURES), ids=lambda item: item["id"])
def test_every_amount_of_change_is_more_than_a_word_of_a_citation(entry: dict[str, Any]) -> None:
    """It stands in a threshold, or among the errors that are no single amount."""
    given = numbers_in(_as_text([row.get("value") for name in ("mdc", "mcid") for row in entry.get(name) or []]))
    text = [without_sources(measure.model_dump(mode="json")) for measure in shelved(entry["id"])]
    assert given - numbers_in(_as_text(text)) == set()


def without_sources(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_sources(one) for key, one in value.items() if key != "sources"}
    return [without_sources(one) for one in value] if isinstance(value, list) else value


def _as_text(value: Any) -> Any:
    """The same with numbers as text, so that both sides are read alike."""
    if isinstance(value, dict):
        return {key: _as_text(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_as_text(one) for one in value]
    return str(value).replace("–", " to ").replace("-", " ") if value is not None else None


@pytest.mark.parametrize("entry", entries(*MEASURES), ids=lambda item: item["id"])
def test_every_code_of_a_measure_is_carried(entry: dict[str, Any]) -> None:
    held_in = entry.get("loinc") or []
    codes = [held_in] if isinstance(held_in, str) else held_in
    given = set(
        re.findall(r"\b\d{4,5}-\d\b", str([one.get("code") if isinstance(one, dict) else one for one in codes]))
    )
    held = " ".join(code for measure in shelved(entry["id"]) for code in measure.loinc)
    assert given <= set(re.findall(r"\b\d{4,5}-\d\b", held))


@pytest.mark.parametrize("entry", entries("patient_reported_measures"), ids=lambda item: item["id"])
def test_every_patient_reported_measure_says_what_its_licence_allows(entry: dict[str, Any]) -> None:
    ships = str((entry.get("licence") or {}).get("ship_item_text", "no"))
    for measure in shelved(entry["id"]):
        assert measure.licence
        assert ships.startswith("yes") or "o item text ships here" in measure.licence, measure.id
        assert ships.startswith("yes") or not (measure.ask and entry["id"] != "groc"), measure.id


@pytest.mark.parametrize("entry", entries(*MEASURES), ids=lambda item: item["id"])
def test_every_caution_of_a_measure_is_carried(entry: dict[str, Any]) -> None:
    given = entry.get("caution") or []
    held = max((len(measure.cautions) for measure in shelved(entry["id"])), default=0)
    assert held >= len(given)


@pytest.mark.parametrize("entry", entries(*MEASURES), ids=lambda item: item["id"])
def test_a_measure_is_better_in_the_direction_of_the_facts(entry: dict[str, Any]) -> None:
    """Not where the direction differs within the entry, or stands in its own words."""
    said = str((entry.get("score") or {}).get("value", {}).get("direction") or entry.get("direction") or "")
    ways = {"higher_is_better": "higher", "higher_is_worse": "lower", "lower_is_better": "lower"}
    found = [way for word, way in ways.items() if said.split(" ")[0] == word]
    wrong = [
        one.id for one in shelved(entry["id"]) if found and one.better != found[0] and one.version != "7-point PGIC"
    ]
    assert not wrong


def test_every_finding_on_the_phone_is_carried_with_its_source() -> None:
    given = {item["id"]: set(addresses_in(item)) for item in facts("measures")["smartphone_validity"]}
    shelf = load().shelf(shapes.PhoneValidity)
    assert set(shelf) == set(given)
    for key, urls in given.items():
        assert urls <= {shelf_address(one) for one in shelf[key].sources}
        entry = next(item for item in facts("measures")["smartphone_validity"] if item["id"] == key)
        wanted = numbers_in(_as_text([entry["finding"]["value"]]))
        assert wanted - numbers_in(_as_text([shelf[key].model_dump(mode="json")])) == set(), key


def test_the_phone_is_not_offered_for_the_hip() -> None:
    hips = {key for key in load().shelf(shapes.Measure) if key.startswith("hip_")}
    advised = {motion: one.advice for one in load().shelf(shapes.PhoneValidity).values() for motion in one.measures}
    assert {advised.get(key) for key in hips} == {"not_recommended"}


def addresses_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("url"), str):
            yield address(value["url"])
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from addresses_in(one)


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


def sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.;:!?])\s+", text) if len(words(part).split()) >= 8]


def test_no_sentence_is_copied_from_the_facts() -> None:
    """Codes and papers are given with the names that their owners gave them."""
    source_words = " | ".join(words(text) for name in ("clinical", "measures") for text in texts_in(facts(name)))
    offenders = [
        f"{folder}/{key}: {sentence}"
        for folder, shelf in load().shelves.items()
        if folder != "sources"
        for key, item in shelf.items()
        for text in texts_in(item.model_dump(exclude={"title", "loinc", "paper"}))
        for sentence in sentences(text)
        if words(sentence) in source_words
    ]
    assert not offenders, "\n".join(offenders)
