"""A shelf kept as JSON decides as the shelf it was taken from."""

from __future__ import annotations

import json

from strigil.knowledge import load
from strigil.knowledge.snapshot import from_json, to_json
from strigil.pathway.screen import screen
from strigil.pathway.screen.json import case_from_json, decision_to_json
from tests.pathway.cases import without_rule
from tests.pathway.test_second_evaluator import random_cases


def test_kept_shelf_decides_as_the_shelf_itself() -> None:
    shelf = load()
    kept = from_json(json.loads(json.dumps(to_json(shelf))))
    assert (kept.version, kept.sha256) == (shelf.version, shelf.sha256)
    assert list(kept.rules) == list(shelf.rules)
    for case in random_cases(300, seed=11):
        once = decision_to_json(screen(case_from_json(case, shelf), shelf), shelf)
        again = decision_to_json(screen(case_from_json(case, kept), kept), kept)
        assert again == once


def test_kept_shelf_is_the_one_of_that_day_and_not_todays() -> None:
    earlier = without_rule(load(), "anticoagulants")
    assert "anticoagulants" not in from_json(to_json(earlier)).rules


def test_kept_shelf_is_small_enough_to_keep_one_for_each_version() -> None:
    assert len(json.dumps(to_json(load()))) < 1_000_000
