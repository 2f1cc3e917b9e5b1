"""Two runs at once: one that fails is heard, and what each printed can be told apart."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from tests.both import DATABASES, MOST_NAMED, WIDEST, Ended, side_by_side, told
from tests.environment import HERE, LEFT_OUT, asks_no_database, is_same_on_both


def saying(*lines: str, code: int = 0, first: str = "pass") -> list[str]:
    script = f"import sys; {first}; print('\\n'.join({list(lines)!r})); sys.exit({code})"
    return [sys.executable, "-c", script]


def test_each_line_says_whose_it_is(capfd: pytest.CaptureFixture[str]) -> None:
    runs = side_by_side({"sqlite": saying("one", "two"), "postgresql": saying("three")})
    assert runs == {"sqlite": Ended(0, []), "postgresql": Ended(0, [])}
    assert sorted(capfd.readouterr().out.splitlines()) == ["postgresql | three", "sqlite     | one", "sqlite     | two"]


@pytest.mark.parametrize("failing", ["sqlite", "postgresql"])
def test_a_run_that_fails_is_heard_whichever_it_is_and_the_other_ends(failing: str) -> None:
    commands = {name: saying("done", code=3 if name == failing else 0) for name in ("sqlite", "postgresql")}
    assert {name for name, one in side_by_side(commands).items() if one.code == 3} == {failing}


def test_they_run_at_the_same_time(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each waits for the other's mark: one after the other, neither would end."""
    folder = tmp_path_factory.mktemp("marks")
    wait = (
        "from pathlib import Path; from time import sleep; Path({!r}).touch();"
        " [sleep(0.01) for _ in iter(Path({!r}).exists, True)]"
    )
    one, two = str(folder / "one"), str(folder / "two")
    runs = side_by_side({"a": saying(first=wait.format(one, two)), "b": saying(first=wait.format(two, one))})
    assert [one.code for one in runs.values()] == [0, 0]


def test_what_failed_is_named_again_after_all_that_was_printed() -> None:
    lost = "FAILED tests/journeys/test_lost.py::test_nothing - Locator expected to be visible"
    broken = "ERROR tests/test_begin.py - ImportError"
    runs = side_by_side(
        {
            "sqlite": saying("FAILED to say why", lost, "- a long", "- picture of the page", "1 failed", code=1),
            "postgresql": saying(broken, "1 error", code=2),
        }
    )
    assert told(runs).splitlines() == [
        f"sqlite: {lost}",
        f"postgresql: {broken}",
        "sqlite: exit code 1, postgresql: exit code 2",
    ]


def test_of_very_many_that_failed_the_first_are_named() -> None:
    failed = [f"FAILED tests/test_{place}.py" + "x" * 500 for place in range(MOST_NAMED + 3)]
    *lines, more, ends = told({"sqlite": Ended(1, failed)}).splitlines()
    assert [line[:27] for line in lines] == [f"sqlite: {line}"[:27] for line in failed[:MOST_NAMED]]
    assert max(map(len, lines)) == WIDEST
    assert (more, ends) == ("and 3 more", "sqlite: exit code 1")


@pytest.mark.parametrize(
    ("file", "asks", "left_out"),
    [
        ("pathway/test_screen.py", "", True),
        ("pathway/test_screen.py", "fixture", False),
        ("pathway/test_screen.py", "mark", False),
        ("clinic/test_models.py", "", False),
        ("journeys/test_first_course.py", "fixture", False),
        ("docs/test_tutorial.py", "same_on_both", False),
    ],
)
def test_only_what_asks_no_database_is_tested_once(file: str, asks: str, left_out: bool) -> None:
    item: Any = SimpleNamespace(
        path=HERE / file,
        fixturenames=["on", "db"] if asks == "fixture" else ["on"],
        get_closest_marker=lambda name: name == {"mark": "django_db"}.get(asks, asks),
    )
    assert asks_no_database(item) == left_out
    assert is_same_on_both(item) == (asks == "same_on_both")


@pytest.mark.parametrize("left_out", ["--but-looks", *LEFT_OUT])
def test_what_one_run_leaves_out_another_does(left_out: str) -> None:
    assert sum(left_out in given for given in DATABASES.values()) < len(DATABASES)
