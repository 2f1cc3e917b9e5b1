"""What the reports of the scanners mean. What was not looked at is never clean."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from packaging.requirements import Requirement

CLEAN, FOUND, NOT_CHECKED = "clean", "found", "not checked"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one scanner says of one thing."""

    about: str
    state: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    rule: str
    path: str
    line: int
    said: str = ""


def unchecked(about: str, why: str) -> Verdict:
    return Verdict(about, NOT_CHECKED, (why,))


def _found(about: str, lines: Sequence[str], clean: str) -> Verdict:
    return Verdict(about, FOUND, tuple(lines)) if lines else Verdict(about, CLEAN, (clean,))


# --- Packages ---------------------------------------------------------------------------------------------------


def locked(text: str) -> set[tuple[str, str]]:
    """Names and versions in a lock, those of other systems and Pythons left out."""
    wanted = (Requirement(line.rstrip(" \\")) for line in re.findall(r"^[a-z0-9].*$", text, re.MULTILINE))
    return {(one.name, next(iter(one.specifier)).version) for one in wanted if not one.marker or one.marker.evaluate()}


def packages(about: str, report: str, stderr: str, wanted: Collection[tuple[str, str]]) -> Verdict:
    """The report of pip-audit: every package of the lock has to be in it with its version."""
    try:
        listed = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        why = (stderr.strip().splitlines() or ["pip-audit said nothing"])[-1]
        return unchecked(about, f"the advisories could not be asked for, so nothing is known of these packages: {why}")
    asked = {(one["name"].lower(), one["version"]) for one in listed if "skip_reason" not in one and "version" in one}
    if missing := sorted(set(wanted) - asked) or not asked:
        names = ", ".join(name for name, _ in missing) if isinstance(missing, list) else "all"
        return unchecked(about, f"nothing is known of {names}")
    faults = [
        f"{one['name']} {one['version']}: {fault['id']}; mended in {', '.join(fault.get('fix_versions') or ['none'])}"
        for one in listed
        for fault in one.get("vulns", [])
    ]
    return _found(about, faults, f"{len(asked)} packages")


# --- Code -------------------------------------------------------------------------------------------------------


def accepted(text: str) -> dict[tuple[str, str], int]:
    """How often a rule may find something in a file."""
    rows = yaml.safe_load(text)
    if lacking := [row for row in rows if row.keys() != {"rule", "path", "times", "why"} or not row["why"]]:
        raise ValueError(f"scan/accepted.yaml: {lacking[0]}: needs rule, path, times and why")
    return {(row["rule"], row["path"]): row["times"] for row in rows}


def _unaccepted(hits: Iterable[Hit], allowed: Mapping[tuple[str, str], int]) -> Iterator[str]:
    hits = sorted(hits, key=lambda hit: (hit.path, hit.line))
    counted = Counter((hit.rule, hit.path) for hit in hits)
    for hit in hits:
        if counted[hit.rule, hit.path] > allowed.get((hit.rule, hit.path), 0):
            yield f"{hit.path}:{hit.line}: {hit.rule}: {hit.said}"
    for (rule, path), times in allowed.items():
        if counted[rule, path] < times:
            yield f"scan/accepted.yaml: {rule} in {path}: {times} accepted, {counted[rule, path]} found; mend the entry"


def code(
    about: str,
    hits: Sequence[Hit],
    *,
    seen: Collection[str],
    wanted: Collection[str],
    troubles: Sequence[str],
    planted: Collection[tuple[str, str, int]],
    allowed: Mapping[tuple[str, str], int],
) -> Verdict:
    """Clean only where every file was read, every planted fault was caught, and nothing else was found."""
    if troubles:
        return unchecked(about, troubles[0])
    if unread := sorted(set(wanted) - set(seen)):
        return unchecked(about, f"{unread[0]} and {len(unread) - 1} other files were not read")
    caught = {(hit.rule, hit.path, hit.line) for hit in hits}
    if missed := sorted(set(planted) - caught) or not planted:
        what = "{}, planted at {}:{}".format(*missed[0]) if isinstance(missed, list) else "there is no planted fault"
        return unchecked(about, f"it does not see what it has to see: {what}")
    real = [hit for hit in hits if hit.path in wanted]
    clean = f"{len(wanted)} files; {len(planted)} planted faults caught"
    return _found(about, list(_unaccepted(real, allowed)), clean)


def bandit(report: str, stderr: str) -> tuple[list[Hit], set[str], list[str]]:
    """Hits, files read, troubles. A test of bandit that breaks is told on stderr alone."""
    told: dict[str, Any] = json.loads(report)
    hits = [
        Hit(one["test_id"], _plain(one["filename"]), one["line_number"], one["issue_text"]) for one in told["results"]
    ]
    troubles = [f"{one['filename']}: {one['reason']}" for one in told["errors"]]
    troubles += re.findall(r"^.*internal error.*$", stderr, re.MULTILINE)
    return hits, {_plain(name) for name in told["metrics"] if name != "_totals"}, troubles


def _plain(path: str) -> str:
    return path.removeprefix("./")


def semgrep(report: str) -> tuple[list[Hit], set[str], list[str]]:
    told: dict[str, Any] = json.loads(report)
    hits = [
        Hit(one["check_id"].rpartition(".")[2], one["path"], one["start"]["line"], one["extra"]["message"])
        for one in told["results"]
    ]
    troubles = [f"{one.get('path', 'semgrep')}: {one.get('message', one['type'])}" for one in told["errors"]]
    return hits, set(told["paths"]["scanned"]), troubles


def marked(files: Iterable[Path], home: Path) -> set[tuple[str, str, int]]:
    """The faults that planted files say they hold: the line after each ``ruleid:``."""
    return {
        (found[1], file.relative_to(home).as_posix(), number + 1)
        for file in files
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if (found := re.search(r"\bruleid: ([a-z-]+)", line))
    }
