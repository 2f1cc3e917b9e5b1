"""What every rule decides, written down a second time: a rule file that is gone, or says something else, is noticed.

The table stands in ``screening_table.txt``, one consequence a line. Where a rule is meant to change, change both; the
failing test prints the line as it should be.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from strigil.knowledge import Knowledge, load
from strigil.knowledge.load import HOME
from strigil.knowledge.shapes import Condition
from tests.pathway.cases import with_rule, without_rule

TABLE = Path(__file__).with_name("screening_table.txt")


def table(shelf: Knowledge) -> Iterator[str]:
    for name, rule in shelf.rules.items():
        spared = f" | not asked of: {', '.join(rule.not_asked_of_sex)}" if rule.not_asked_of_sex else ""
        for one in rule.consequences:
            cleared = f", cleared to {one.cleared_to}" if one.cleared_to else ""
            what = f"{one.outcome}, {one.place}{cleared} | when {spoken(one.when or Condition(finding=name))}"
            yield f"{name} | {rule.scope}, {rule.valid_days} days{spared} | {what}"


def spoken(when: Condition) -> str:
    for how in ("all", "any"):
        if parts := getattr(when, how):
            return f"{how} of ({'; '.join(spoken(part) for part in parts)})"
    said = [f"{name} {value}" for name, value in when if value and name not in ("all", "any")]
    return " ".join(re.sub(r"[(),']", "", one) for one in said)


def written() -> list[str]:
    return TABLE.read_text(encoding="utf-8").splitlines()


def test_rules_decide_what_the_table_says() -> None:
    found = list(table(load()))
    assert [one for one in found if one not in written()] == [], "in the files, not in the table"
    assert [one for one in written() if one not in found] == [], "in the table, not in the files"
    assert len(found) == len(set(found)) == len(written())


# --- Planted faults ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", load().rules)
def test_rule_whose_file_is_gone_is_noticed(rule: str) -> None:
    assert list(table(without_rule(load(), rule))) != written()


@pytest.mark.parametrize("rule", load().rules)
def test_rule_that_says_something_else_is_noticed(rule: str) -> None:
    held = load().rules[rule]
    changes: list[dict[str, Any]] = [
        {"valid_days": held.valid_days + 1},
        {"scope": "local" if held.scope != "local" else "systemic"},
        {"not_asked_of_sex": () if held.not_asked_of_sex else ("male",)},
    ]
    for place, one in enumerate(held.consequences):
        rest = [held.consequences[:place], held.consequences[place + 1 :]]
        others: list[dict[str, Any]] = [
            {"outcome": "proceed"},
            {"place": "site" if one.place == "everywhere" else "everywhere"},
            {"when": Condition(age_under=1)},
            {"cleared_to": None if one.cleared_to else "modify"},
        ]
        changes += [{"consequences": (*rest[0], one.model_copy(update=other), *rest[1])} for other in others]
        changes.append({"consequences": (*rest[0], *rest[1])})
    for change in changes:
        assert list(table(with_rule(load(), rule, **change))) != written(), change


def test_file_that_is_gone_is_gone_from_the_shelf(tmp_path: Path) -> None:
    """The shelf really is what the files say: one file less, its consequences less."""
    home = tmp_path / "knowledge"
    shutil.copytree(HOME, home)
    (home / "contraindications/body_art.yaml").unlink()
    lost = set(written()) - set(table(load.__wrapped__(home)))
    assert {one.split(" | ")[0] for one in lost} == {"body_art"}
