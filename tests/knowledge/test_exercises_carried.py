"""What was found on exercises is on the shelf: every exercise, dose, stage, rule and address.

``exercises.txt`` was written from the founding facts, not from the shelf.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from strigil.knowledge import load, shapes
from strigil.knowledge.shapes import Exercise, ExerciseRule, Programme

TABLE = (Path(__file__).parent / "exercises.txt").read_text().splitlines()
NUMBERS = ("sets", "repetitions", "hold_s", "times_per_day", "times_per_week", "weeks")


def given(kind: str) -> dict[str, list[str]]:
    """The lines of each entry of a kind, by its id."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in TABLE:
        if not line.startswith(" "):
            word, key = line.split()
            lines = []
            if word == kind:
                found[key] = lines
        else:
            lines.append(line.strip())
    return found


def addresses(citations: tuple[shapes.Citation, ...]) -> Iterator[str]:
    yield from (f"source {load().source_of(one).url}" for one in citations)


def as_lines(one: Exercise) -> list[str]:
    dose = one.dose
    numbers = [f"{name}={getattr(dose, name)}" for name in NUMBERS if getattr(dose, name) is not None]
    said = {"tempo": bool(dose.tempo), "load": bool(dose.load), "note": bool(dose.note)}
    said |= {"how": len(one.how), "easier": len(one.easier), "harder": len(one.harder), "stop": len(one.stop_if)}
    return [
        f"{one.kind} {one.side} {' '.join(one.regions)}",
        f"dose {dose.status}: {', '.join(numbers)}".strip(),
        "says: " + ", ".join(f"{name} {held}" for name, held in said.items()),
        f"from {load().sources[dose.source].url}",
        *addresses(one.sources),
    ]


def test_every_exercise_is_on_the_shelf_and_no_other() -> None:
    assert set(load().shelf(Exercise)) == set(given("exercise"))
    assert len(given("exercise")) == 76


@pytest.mark.parametrize("key", given("exercise"))
def test_exercise_keeps_its_numbers_and_sources_and_what_the_pages_left_out_stays_absent(key: str) -> None:
    assert as_lines(load().shelf(Exercise)[key]) == given("exercise")[key]


def test_every_indication_has_its_programme() -> None:
    assert set(load().shelf(Programme)) == set(given("programme")) == set(load().shelf(shapes.Indication))
    assert all(one.indication == key for key, one in load().shelf(Programme).items())


@pytest.mark.parametrize("key", given("programme"))
def test_programme_keeps_its_stages_evidence_and_sources(key: str) -> None:
    one = load().shelf(Programme)[key]
    head = f"{one.evidence_strength} {one.evidence_direction}, {len(one.avoid)} avoided, {len(one.notes)} notes"
    stages = [
        f"{stage.id}{' gated' if stage.gate else ''}: "
        + " ".join(
            row.exercise + ("*" if row.difference else "") + ("!" if row.difference_basis == "proposed" else "")
            for row in stage.exercises
        )
        for stage in one.stages
    ]
    assert [head, *stages, *addresses(one.sources)] == given("programme")[key]


@pytest.mark.parametrize("key", given("rule"))
def test_rule_keeps_its_sources_and_one_without_says_it_is_proposed(key: str) -> None:
    one = load().shelf(ExerciseRule)[key]
    zones = [", ".join(f"{zone.id} {zone.low}-{zone.high}" for zone in one.zones)] if one.zones else []
    assert [*zones, *addresses(one.sources)] == given("rule")[key]
    assert (one.basis == "proposed") is (not one.sources)


def test_pain_zones_cover_nought_to_ten_once() -> None:
    zones = load().shelf(ExerciseRule)["pain_zones"].zones
    assert [pain for zone in zones for pain in range(zone.low, zone.high + 1)] == list(range(11))


def test_a_rule_that_hides_where_it_comes_from_is_refused() -> None:
    whole = load().shelf(ExerciseRule)["progress_one_thing"].model_dump(by_alias=True)
    with pytest.raises(ValueError, match="basis is proposed"):
        ExerciseRule.model_validate(whole | {"basis": "source"})
