"""``strigil knowledge add-study``: a study asked for step by step, or taken from a file, and put on the shelf."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from strigil.cli.base import BadInput, read_small, shown
from strigil.cli.interview import Interview, Left, Wrong
from strigil.knowledge import Knowledge, KnowledgeError, load
from strigil.knowledge.load import HOME, check
from strigil.knowledge.shapes import Study
from strigil.knowledge.write import as_yaml


def run(arguments: argparse.Namespace) -> int:
    """Ask, or read the file; check; write one file."""
    home = (arguments.home or HOME).resolve()
    if not home.is_dir():
        raise BadInput(f"no shelf; where: --home; given: {shown(str(home))!r}; allowed: a folder of knowledge files")
    try:
        shelf = load(home)
        if arguments.file:
            return _from_file(arguments.file, home, shelf)
        return _step_by_step(arguments.draft, home, shelf)
    except KnowledgeError as error:
        for fault in error.faults:
            print(fault, file=sys.stderr)
        return 1


def _from_file(name: str, home: Path, shelf: Knowledge) -> int:
    raw = read_small(name, "a YAML file of one study")
    return _write(check(Study, shown(name), raw, shelf), raw, home)


def _step_by_step(draft: Path, home: Path, shelf: Knowledge) -> int:
    answers = _kept(draft)
    asks = sys.stdin.isatty()
    if answers:
        print(f"Taken up again after {len(answers)} answers, kept in {shown(str(draft))}.")
    interview = Interview(shelf, answers, lambda: _keep(draft, answers), asks=asks)
    try:
        study = interview.study()
    except Wrong as error:
        raise BadInput(f"answer {len(answers) + 1}: {error}; the answers before it are kept in {draft}") from None
    except (Left, KeyboardInterrupt):
        print(f"\nKept in {shown(str(draft))}; the same command goes on from there.", file=sys.stderr)
        return 130
    raw = as_yaml(study).encode()
    code = _write(check(Study, f"{study.id}.yaml", raw, shelf), raw, home)
    draft.unlink(missing_ok=True)
    return code


def _kept(draft: Path) -> list[str]:
    if not draft.exists():
        return []
    try:
        held = json.loads(draft.read_text(encoding="utf-8"))
    except ValueError:
        held = None
    if not isinstance(held, list) or not all(isinstance(one, str) for one in held):
        raise BadInput(f"no answers; where: {shown(str(draft))}; allowed: a file that this command wrote, or none")
    return held


def _keep(draft: Path, answers: list[str]) -> None:
    _whole(draft, json.dumps(answers, ensure_ascii=False, indent=0).encode())


def _write(study: Study, raw: bytes, home: Path) -> int:
    path = home / Study.folder / f"{study.id}.yaml"
    if path.exists():
        raise BadInput(f"is there already; where: {shown(str(path))}; allowed: an id that is not on the shelf")
    _whole(path, raw)
    print(f"{path}: written. It says that nobody has checked it a second time.")
    return 0


def _whole(path: Path, raw: bytes) -> None:
    """The whole file or none of it, also where the power fails."""
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
