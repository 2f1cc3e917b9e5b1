"""The assurance page says what runs counted, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from strigil import assurance as written
from strigil.docs import HOME
from tests.safety.test_hazards import marks_of

CLAIMS = written.claims(HOME)
RUN = written.Run(figures={"cuts": 6, "acknowledged": 2049, "lost": 0}, on="2026-11-21", commit="abc1234", cores=2)


def missing(claims: dict[str, written.Claim]) -> list[str]:
    """Tests that claims name and nobody can run."""
    tests = [one.test.partition("::") for one in claims.values()]
    return [f"{file}::{name}" for file, _, name in tests if not (HOME / file).is_file() or name not in marks_of(file)]


def test_every_claim_names_a_test_that_exists() -> None:
    assert missing(CLAIMS) == []


def test_a_claim_without_its_test_is_found() -> None:
    gone = written.Claim(id="gone", says="x", goal="y", test="tests/keep/test_backup.py::test_that_nobody_wrote")
    assert missing({"gone": gone}) == ["tests/keep/test_backup.py::test_that_nobody_wrote"]


def test_every_recorded_run_belongs_to_a_claim() -> None:
    assert set(written.runs(HOME)) <= set(CLAIMS)


def test_a_figure_stands_on_the_page_with_its_day_and_a_missing_one_is_said(tmp_path: Path) -> None:
    claim = next(iter(CLAIMS))
    (tmp_path / "safety").mkdir()
    (tmp_path / "docs/reference").mkdir(parents=True)
    (tmp_path / written.CLAIMS).write_bytes((HOME / written.CLAIMS).read_bytes())
    written.record(tmp_path, claim, "sqlite", RUN)
    row = next(line for line in written.page(tmp_path).splitlines() if CLAIMS[claim].says in line)
    assert "cuts 6, acknowledged 2,049, lost 0 (2026-11-21, abc1234, 2 cores)" in row
    assert "not recorded" in row


def test_figures_of_a_claim_that_nobody_made_fail(assurance: Callable[..., None]) -> None:
    with pytest.raises(pytest.fail.Exception, match="'nothing_is_lost' is not in"):
        assurance("nothing_is_lost", lost=0)


def test_another_test_leaves_no_figures_even_when_runs_are_recorded() -> None:
    before = (HOME / written.RUNS).read_bytes() if (HOME / written.RUNS).exists() else None
    node = f"{Path(__file__).relative_to(HOME)}::test_a_small_run_hands_over_its_figures"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--record", node], cwd=HOME, env=os.environ, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    assert ((HOME / written.RUNS).read_bytes() if (HOME / written.RUNS).exists() else None) == before


def test_a_small_run_hands_over_its_figures(assurance: Callable[..., None]) -> None:
    assurance(next(iter(CLAIMS)), backups=1)
