"""The screening rules as a reader of the shelf would check them: what is cleared, asked, and left unsourced."""

from __future__ import annotations

from pathlib import Path

import pytest

from strigil.knowledge import load, shapes
from strigil.knowledge.load import HOME
from strigil.pathway.screen import questions, screen
from tests.knowledge.shelf import Shelf, fresh
from tests.pathway.cases import of_example

RULES = load().rules
FILES = {name: f"{rule.folder}/{rule.id}.yaml" for name, rule in RULES.items()}


# --- Clearance --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name, rule in RULES.items() if rule.consequences[0].outcome == "clearance"])
def test_clearance_leaves_a_lower_dose(name: str) -> None:
    assert {one.cleared_to for one in RULES[name].consequences if one.outcome == "clearance"} == {"modify"}


@pytest.mark.parametrize("name", RULES)
def test_nothing_but_clearance_can_be_cleared(name: str) -> None:
    assert all(one.cleared_to is None for one in RULES[name].consequences if one.outcome != "clearance")


@pytest.mark.parametrize("name", ["cancer", "keloid", "pregnancy"])
def test_what_stays_after_clearance_is_on_the_shelf(name: str) -> None:
    assert ("avoid", "site", None) in [(one.outcome, one.place, one.cleared_to) for one in RULES[name].consequences]


# --- Minors -----------------------------------------------------------------------------------------------------


def test_minor_is_answered_by_the_date_of_birth_and_asked_of_nobody() -> None:
    assert [name for name, rule in RULES.items() if rule.is_derived] == ["minor"]
    assert set(load().rules) - set(load().asked) == {"minor"}
    for sex in ("female", "male", "other", "unknown"):
        assert "minor" not in dict(questions(load(), sex))
    assert "date of birth" in RULES["minor"].question


def test_minor_says_that_nothing_was_found() -> None:
    assert (RULES["minor"].sources, RULES["minor"].agreement, RULES["minor"].basis) == ((), "none_found", "proposed")


# --- Files ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("agreement: none_found", "agreement: mixed", "sources is empty"),
        ("basis: proposed", "basis: published", "sources is empty"),
        ("sources: []", "sources:\n  - source: elite\n    says: Something.", "none_found, yet there are sources"),
    ],
)
def test_rule_without_a_source_says_so_and_is_proposed(shelf: Shelf, old: str, new: str, said: str) -> None:
    shelf.replace("contraindications/minor.yaml", old, new)
    assert said in shelf.fault().what


def test_condition_on_a_derived_rule_is_refused(shelf: Shelf) -> None:
    shelf.replace("contraindications/keloid.yaml", "finding: raised_scar", "finding: minor")
    assert "points nowhere" in shelf.fault().what


@pytest.mark.parametrize("name", RULES)
def test_removed_rule_file_is_missed(shelf: Shelf, name: str) -> None:
    """By the shelf itself, where another rule leans on it, or else by the rule's own examples."""
    shelf.remove(FILES[name])
    if faults := shelf.faults():
        assert all(fault.what.endswith("points nowhere") for fault in faults)
        return
    left = fresh(shelf.home)
    found = [(screen(of_example(name, one, load()), left).outcome, one.patient) for one in RULES[name].examples]
    assert any(outcome != promised for outcome, promised in found), f"{FILES[name]} can go without anybody noticing"


@pytest.mark.parametrize("name", RULES)
def test_every_outcome_of_a_rule_shows_in_its_examples(name: str) -> None:
    first = RULES[name].consequences[0].outcome
    seen = {one.patient for one in RULES[name].examples} | {one.at_site for one in RULES[name].examples}
    assert {first, "proceed", "incomplete"} <= seen


# --- Zones and limits -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("region", "zones"),
    [
        ("neck_lateral", {"arteries", "carotids", "nerves_bone"}),
        ("head_jaw", {"eyes_lips", "nerves_bone"}),
        ("trunk_anterior_lower", {"abdomen_preg", "eyes_lips", "nerves_bone"}),
        ("trunk_posterior", {"abdomen_preg", "nerves_bone"}),
        ("thigh_anterior", {"arteries", "nerves_bone"}),
        ("forearm_lateral", {"nerves_bone"}),
    ],
)
def test_zones_are_those_that_a_region_holds(region: str, zones: set[str]) -> None:
    assert {one.id for one in load().zones_at(region)} == zones


def test_every_zone_is_shown_somewhere() -> None:
    regions = load().shelf(shapes.BodyRegion)
    assert {one.id for region in regions for one in load().zones_at(region)} == set(load().shelf(shapes.NoGoZone))


def test_a_part_of_a_region_shows_the_zones_of_the_whole(shelf: Shelf) -> None:
    shelf.replace("body_regions/knee.yaml", "limb: lower_limb", "limb: lower_limb\npart_of: [neck_lateral]")
    assert "carotids" in {one.id for one in fresh(shelf.home).zones_at("knee")}


def test_pregnancy_keeps_off_every_region_of_its_zone() -> None:
    (rule,) = [one for one in RULES["pregnancy"].consequences if one.outcome == "avoid"]
    assert rule.when
    kept_off = {region for part in rule.when.all for region in part.site_within}
    assert set(load().shelf(shapes.NoGoZone)["abdomen_preg"].regions) <= kept_off
    assert {"trunk_anterior_lower", "trunk_posterior"} <= kept_off


def test_lower_dose_is_on_the_shelf_whole() -> None:
    gates = {one.id: one for one in load().shelf(shapes.Gate).values() if one.group == "modify"}
    assert {key: (int(one.limit), one.limit_unit) for key, one in gates.items() if one.limit} == {
        "first_dose_seconds": (30, "s"),
        "discomfort_limit": (3, "{score}"),
        "shallow_angle": (30, "deg"),
    }
    assert gates["light_strokes"].strokes == ("sweep", "brush")
    assert gates["stop_signs"].stop_on == ("petechiae", "tingling", "sharp pain", "dizziness")
    assert all(one.basis == "proposed" for one in gates.values())


def test_petechiae_are_intended_by_gua_sha_alone() -> None:
    intended = {key: one.petechiae_intended_by for key, one in load().shelf(shapes.Gate).items()}
    assert {key for key, techniques in intended.items() if techniques} == {"bruised_twice", "stop_signs"}
    assert set(intended["bruised_twice"] + intended["stop_signs"]) == {"gua_sha"}


def test_version_is_that_of_the_shelf_which_was_read(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    from strigil.cli import main

    shelf.write("VERSION", "1999.1\n")
    assert fresh(shelf.home).version == "1999.1"
    other = Path(shelf.home)
    load.cache_clear()
    assert main(["knowledge", "--home", str(other)]) == 0
    assert "1999.1" in capsys.readouterr().out
    load.cache_clear()
    assert load().version == (HOME / "VERSION").read_text().strip() != "1999.1"


@pytest.mark.parametrize("given", ["", "two words", None])
def test_shelf_without_a_version_is_refused(shelf: Shelf, given: str | None) -> None:
    shelf.remove("VERSION") if given is None else shelf.write("VERSION", given)
    fault = shelf.fault()
    assert (fault.file, fault.what) == ("VERSION", "says no version")
