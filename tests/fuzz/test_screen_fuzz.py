"""A bounded run of the fuzzer, the same each time, and that it finds what is planted. A longer run: ``make fuzz``."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.conftest import HERE

RUNS = 6_000
HOME = Path(__file__).parent.parent.parent

pytestmark = [pytest.mark.skipif(not HERE, reason="atheris is not installed here"), pytest.mark.same_on_both]


def fuzz(folder: Path, *options: str) -> tuple[int, str]:
    """Exit code and what it said. Nothing of it is written outside the folder."""
    command = [sys.executable, "-m", "tests.fuzz.screen", "--corpus", str(folder / "corpus"), *options]
    done = subprocess.run(command, cwd=HOME, capture_output=True, text=True, timeout=300, check=False)
    return done.returncode, done.stdout + done.stderr


def test_no_input_breaks_the_screen(tmp_path: Path) -> None:
    code, said = fuzz(tmp_path, f"-runs={RUNS}")
    assert code == 0, said[-3000:]
    done = re.search(r"stat::number_of_executed_units: (\d+)", said)
    assert done, said[-3000:]
    assert int(done[1]) >= RUNS


@pytest.mark.parametrize(
    ("fault", "what"),
    [
        ("day_that_is_not_looked_up", "ValueError"),
        ("midline_that_is_forgotten", "The engine failed and decided nothing: LookupError"),
        ("place_that_is_shown_as_it_came", "AssertionError"),
    ],
)
def test_planted_fault_is_found(tmp_path: Path, fault: str, what: str) -> None:
    code, said = fuzz(tmp_path, f"-runs={RUNS}", "--fault", fault)
    assert code != 0
    assert "Uncaught Python exception" in said
    assert what in said
