"""Every hazard is held back by something that exists, and shown so by tests that run."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from strigil import safety
from strigil.docs.pages import HOME, pages
from strigil.knowledge import KnowledgeError
from strigil.knowledge.load import read_as

LOG = safety.hazards(HOME)
NEVER_RUNS = ("skip", "xfail")
"""Marks that keep a test from running or from counting, and ``skipif``, which begins alike."""


@cache
def marks_of(file: str) -> dict[str, str]:
    """The tests of a file by name, each with what keeps it from running; nothing where it runs."""
    tree = ast.parse((HOME / file).read_text(encoding="utf-8"))
    whole = [node.value for node in tree.body if isinstance(node, ast.Assign) and "pytestmark" in ast.unparse(node)]
    return {
        node.name: " ".join(mark for mark in NEVER_RUNS if f".{mark}" in " ".join(map(ast.unparse, marks)))
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        for marks in [[*node.decorator_list, *whole, *node.body]]
    }


def unproven(log: safety.Log) -> list[str]:
    """What the log promises and no test shows."""
    found = []
    for hazard in log.hazards:
        for node in hazard.tests:
            file, _, name = node.partition("::")
            if not (HOME / file).is_file() or name not in marks_of(file):
                found.append(f"{hazard.id}: {node} does not exist")
            elif why := marks_of(file)[name]:
                found.append(f"{hazard.id}: {node} is marked {why}")
    return found


def test_every_hazard_is_shown_to_be_held_back_by_tests_that_run() -> None:
    assert unproven(LOG) == []


def test_every_control_is_in_a_file_that_exists() -> None:
    assert [one.held_by for hazard in LOG.hazards for one in hazard.controls if not (HOME / one.held_by).exists()] == []


def test_every_hazard_of_high_risk_is_controlled_by_more_than_information() -> None:
    for hazard in LOG.hazards:
        assert hazard.before.risk < 4 or any(one.class_ != "information" for one in hazard.controls), hazard.id
        assert hazard.after.risk <= 3, hazard.id


def test_ratings_are_proposed_until_somebody_confirms_them() -> None:
    assert (LOG.ratings, LOG.confirmed_by) == ("proposed", None)


def test_page_tells_every_hazard_with_its_residual_risk_and_what_remains() -> None:
    text = pages()[Path("docs/explanation/safety.md")]
    for hazard in LOG.hazards:
        row = f"[{hazard.hazard}](#{hazard.id}) | {hazard.harm} | {hazard.before.risk} | {hazard.after.risk} |"
        assert row in text
        assert hazard.remains in text
    for limit in ("No diagnosis", "2025 Delphi", "No clinician has signed", "no clinical safety officer"):
        assert limit in text


# --- The log is read strictly -----------------------------------------------------------------------------------

SHIPPED = (HOME / safety.LOG).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    remains:", "    remain:", "unknown"),
        ("    causes:", "    harm: twice\n    causes:", "repeated"),
        ("ratings: proposed", "ratings: confirmed", "confirmed by somebody"),
        ("likelihood: low}", "likelihood: rare}", "not one of its words"),
        ("after: {severity: major", "after: {severity: minor", "severity changes"),
        ("    tests:\n      - tests/pathway/test_screen.py::", "    tests:\n      - test_screen.py::", "pattern"),
        ("  - id: medicine_missed", "  - id: never_asked", "named twice"),
    ],
)
def test_log_that_does_not_hold_together_is_refused(old: str, new: str, said: str) -> None:
    assert old in SHIPPED
    with pytest.raises(KnowledgeError, match=said):
        read_as(safety.Log, "hazards.yaml", SHIPPED.replace(old, new, 1).encode())


def test_hazard_without_a_test_is_refused() -> None:
    head, _, rest = SHIPPED.partition("    tests:\n")
    _, _, tail = rest.partition("  - id:")
    with pytest.raises(KnowledgeError, match="tests"):
        read_as(safety.Log, "hazards.yaml", f"{head}    tests: []\n  - id:{tail}".encode())


@pytest.mark.parametrize(
    ("node", "said"),
    [
        ("tests/pathway/test_screen.py::test_that_nobody_wrote", "does not exist"),
        ("tests/pathway/test_nothing.py::test_all_answered_no_proceeds", "does not exist"),
        ("tests/clinic/test_at_once.py::test_of_two_who_save_together_exactly_one_wins", "is marked skip"),
    ],
)
def test_promise_that_no_test_keeps_is_found(node: str, said: str) -> None:
    first, *rest = LOG.hazards
    broken = LOG.model_copy(update={"hazards": (first.model_copy(update={"tests": (node,)}), *rest)})
    assert [said in one for one in unproven(broken)] == [True]
