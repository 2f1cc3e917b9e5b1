"""What was not looked at is never clean, and what was accepted is looked at again."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml

from scan import judge
from scan.__main__ import HOME, LOCKS, PLANTED
from scan.judge import CLEAN, FOUND, NOT_CHECKED, Hit

LOCK = {("django", "5.2.19"), ("pyyaml", "6.0.2")}


def report(*listed: dict[str, Any]) -> str:
    return json.dumps({"dependencies": listed, "fixes": []})


def audited(name: str, version: str, *faults: str) -> dict[str, Any]:
    return {"name": name, "version": version, "vulns": [{"id": one, "fix_versions": ["9"]} for one in faults]}


def test_packages_that_were_all_asked_for_and_have_no_fault_are_clean() -> None:
    said = judge.packages("lock", report(audited("django", "5.2.19"), audited("PyYAML", "6.0.2")), "", LOCK)
    assert (said.state, said.lines) == (CLEAN, ("2 packages",))


def test_a_fault_of_a_package_is_found_with_the_version_that_mends_it() -> None:
    listed = report(audited("django", "5.2.19", "CVE-2026-1"), audited("pyyaml", "6.0.2"))
    said = judge.packages("lock", listed, "", LOCK)
    assert (said.state, said.lines) == (FOUND, ("django 5.2.19: CVE-2026-1; mended in 9",))


@pytest.mark.parametrize(
    ("listed", "named"),
    [
        ("", "nothing is known of these packages: no route"),
        ("null", "nothing is known of these packages: no route"),
        (report(), "nothing is known of django, pyyaml"),
        (report(audited("django", "5.2.19")), "nothing is known of pyyaml"),
        (report(audited("django", "5.2.18"), audited("pyyaml", "6.0.2")), "nothing is known of django"),
        (
            report(audited("django", "5.2.19"), {"name": "pyyaml", "skip_reason": "offline"}),
            "nothing is known of pyyaml",
        ),
    ],
)
def test_packages_that_could_not_be_asked_for_are_not_clean(listed: str, named: str) -> None:
    said = judge.packages("lock", listed, "warning\nno route\n", LOCK)
    assert said.state == NOT_CHECKED
    assert named in said.lines[0]


def test_an_empty_lock_is_not_clean() -> None:
    assert judge.packages("lock", report(), "", set()).state == NOT_CHECKED


def test_a_lock_is_read_with_its_versions_and_without_what_is_for_others() -> None:
    text = 'a==1.0 \\\n    --hash=sha256:00\nb==2 ; sys_platform == "plan9" \\\n    --hash=sha256:11\n'
    assert judge.locked(text) == {("a", "1.0")}


@pytest.mark.parametrize("name", [*LOCKS, "requirements.lock"])
def test_every_package_of_a_lock_has_its_hash(name: str) -> None:
    entries = re.split(r"\n(?=[a-z0-9])", (HOME / name).read_text("utf-8"))
    assert len(entries) > 20
    assert [one.split()[0] for one in entries if "--hash=sha256:" not in one] == []


def test_what_strigil_runs_on_is_among_what_is_asked_for() -> None:
    read = {name: judge.locked((HOME / name).read_text("utf-8")) for name in ("requirements.lock", LOCKS[0])}
    assert read["requirements.lock"] < read[LOCKS[0]]


# --- Code -------------------------------------------------------------------------------------------------------

PLANT = Hit("eval", "planted.py", 3)


def looked(*hits: Hit, **given: Any) -> judge.Verdict:
    told: dict[str, Any] = {"seen": {"a.py", "b.py"}, "wanted": ["a.py", "b.py"], "troubles": [], "allowed": {}}
    return judge.code("code", [PLANT, *hits], planted={("eval", "planted.py", 3)}, **(told | given))


def test_code_that_was_read_and_has_no_fault_is_clean() -> None:
    assert looked().state == CLEAN


def test_a_fault_is_found_with_its_line() -> None:
    said = looked(Hit("eval", "a.py", 7, "data run as code"))
    assert (said.state, said.lines) == (FOUND, ("a.py:7: eval: data run as code",))


def test_an_accepted_fault_is_clean_and_one_more_of_it_is_not() -> None:
    allowed = {("eval", "a.py"): 1}
    assert looked(Hit("eval", "a.py", 7), allowed=allowed).state == CLEAN
    assert looked(Hit("eval", "a.py", 7), Hit("eval", "a.py", 9), allowed=allowed).state == FOUND
    assert looked(Hit("shell", "a.py", 7), allowed=allowed).state == FOUND


def test_an_entry_that_accepts_what_is_gone_is_a_fault_itself() -> None:
    said = looked(allowed={("eval", "a.py"): 1})
    assert said.lines == ("scan/accepted.yaml: eval in a.py: 1 accepted, 0 found; mend the entry",)


@pytest.mark.parametrize(
    "given", [{"seen": {"a.py"}}, {"troubles": ["a.py: syntax error"]}], ids=["a file unread", "a trouble told"]
)
def test_code_that_could_not_be_read_is_not_clean(given: dict[str, Any]) -> None:
    assert looked(**given).state == NOT_CHECKED


@pytest.mark.parametrize("planted", [{("eval", "planted.py", 4)}, {("shell", "planted.py", 3)}, set()])
def test_a_scanner_that_misses_its_planted_fault_has_checked_nothing(planted: set[tuple[str, str, int]]) -> None:
    said = judge.code("c", [PLANT], seen={"a.py"}, wanted=["a.py"], troubles=[], allowed={}, planted=planted)
    assert said.state == NOT_CHECKED


def test_a_test_of_bandit_that_breaks_is_a_trouble_though_its_report_says_nothing() -> None:
    empty = json.dumps({"results": [], "errors": [], "metrics": {"a.py": {}, "_totals": {}}})
    broken = "[tester]\tERROR\tBandit internal error running: django_mark_safe on file a.py at line 43: list index\n"
    assert judge.bandit(empty, "") == ([], {"a.py"}, [])
    assert len(judge.bandit(empty, broken)[2]) == 1


# --- What is kept with the rules --------------------------------------------------------------------------------


def test_every_rule_has_a_planted_fault_and_no_fault_is_without_a_rule() -> None:
    rules = {one["id"] for one in yaml.safe_load((HOME / "scan/rules.yaml").read_text("utf-8"))["rules"]}
    assert {rule for rule, _, _ in judge.marked(PLANTED.glob("*.*"), HOME)} == rules


def test_what_is_accepted_says_why_and_is_of_a_file_that_is_there() -> None:
    allowed = judge.accepted((HOME / "scan/accepted.yaml").read_text("utf-8"))
    assert [path for _, path in allowed if not (HOME / path).is_file()] == []
    with pytest.raises(ValueError, match="needs rule, path, times and why"):
        judge.accepted("- {rule: B102, path: a.py, times: 1, why: ''}")
