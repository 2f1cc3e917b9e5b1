"""What Strigil claims to withstand, and the figures that its own long runs left behind.

``safety/assurance.yaml`` holds the claims, each with its goal and its test. ``pytest --record`` writes what those tests
counted into ``docs/reference/assurance.json``; the page is made of both, and says so where a run is missing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, model_validator

from strigil.knowledge.load import read_as
from strigil.knowledge.shapes import Key, Shape, Text

CLAIMS: Final = Path("safety/assurance.yaml")
RUNS: Final = Path("docs/reference/assurance.json")
DATABASES: Final = ("sqlite", "postgresql")


class Claim(Shape):
    """One thing that a test shows by counting."""

    id: Key
    says: Text
    goal: Text
    test: Annotated[str, Field(pattern=r"^(tests|benchmarks)/[\w/]+\.py(::test_\w+)?$")]


class Claims(Shape):
    claims: Annotated[tuple[Claim, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _each_once(self) -> Claims:
        names = [one.id for one in self.claims]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"named twice: {', '.join(twice)}")
        return self


class Run(BaseModel):
    """What one run on one database counted. Figures are numbers with their unit in the name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    figures: Mapping[str, int | float]
    on: str
    commit: str
    cores: int


def claims(home: Path) -> dict[str, Claim]:
    """Raises ``KnowledgeError`` naming every fault in the file."""
    return {one.id: one for one in read_as(Claims, CLAIMS.as_posix(), (home / CLAIMS).read_bytes()).claims}


def runs(home: Path) -> dict[str, dict[str, Run]]:
    """By claim and database."""
    found = json.loads((home / RUNS).read_text(encoding="utf-8")) if (home / RUNS).exists() else {}
    return {name: {where: Run.model_validate(one) for where, one in each.items()} for name, each in found.items()}


def record(home: Path, name: str, database: str, run: Run) -> None:
    """Keep the run in place of the last one of this claim on this database."""
    kept = runs(home)
    kept.setdefault(name, {})[database] = run
    said = {one: {where: each.model_dump() for where, each in sorted(kept[one].items())} for one in sorted(kept)}
    (home / RUNS).write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")


def page(home: Path) -> str:
    """The claims with what the last recorded runs counted, as Markdown."""
    seen = runs(home)
    rows = [
        (
            one.says,
            one.goal,
            *(_told(seen.get(one.id, {}).get(database)) for database in DATABASES),
            f"`{one.test}`",
        )
        for one in claims(home).values()
    ]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n\n".join(
        [
            "# Assurance",
            "What is claimed, and what the last recorded run counted. Every figure was written by the run itself "
            "(`pytest --record`, `make assure`); a cell without one has not been recorded. No failure in *n* trials "
            "bounds the true rate at about 3/*n* (95 %). Each harness has a test of its own that plants a fault and "
            "sees it caught.",
            "\n".join(["| Claim | Goal | SQLite | PostgreSQL | Shown by |", "| --- | --- | --- | --- | --- |", *lines]),
        ]
    )


def _told(run: Run | None) -> str:
    if run is None:
        return "not recorded"
    figures = ", ".join(f"{name.replace('_', ' ')} {value:,}" for name, value in run.figures.items())
    return f"{figures} ({run.on}, {run.commit}, {run.cores} cores)"
