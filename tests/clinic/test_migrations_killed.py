"""A migration that is killed is done whole or not at all, and run again it completes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.keep.hands import done, new_database, tables_at

pytestmark = pytest.mark.django_db(transaction=True)

KILLED = -9
POINTS = [20, 150]
MANY = range(5, 300, 15)


def ran(database: str, *words: object) -> int:
    env = os.environ | {"STRIGIL_DATABASE": database}
    command = [sys.executable, "-m", *map(str, words)]
    return subprocess.run(command, env=env, capture_output=True, check=False).returncode


def killed_and_run_again(place: int, tmp_path: Path, *how: str) -> bool:
    """Whether the second run made a sound record of it."""
    with new_database(connection.vendor, tmp_path) as there:
        if connection.vendor == "sqlite":
            Path(there.removeprefix("sqlite:")).parent.mkdir()
        assert ran(there, "tests.clinic.dying", place, *how) == KILLED
        if ran(there, "strigil.manage", "migrate") != 0:
            return False
        assert done("check", database=there)["sound"] is True
        return set(tables_at(there)) == set(connection.introspection.table_names())


@pytest.mark.parametrize("place", POINTS)
def test_a_migration_that_was_killed_is_finished_by_the_next_run(place: int, tmp_path: Path) -> None:
    assert killed_and_run_again(place, tmp_path)


@pytest.mark.assure
def test_a_migration_killed_anywhere_is_finished_by_the_next_run(tmp_path: Path, assurance: Callable[..., Any]) -> None:
    finished = [killed_and_run_again(place, tmp_path) for place in MANY]
    assert all(finished)
    assurance("migration_killed", kills=len(finished), finished=sum(finished))


@pytest.mark.parametrize(("fault", "places"), [("torn", [150]), ("later", range(18, 24))])
def test_a_step_that_is_not_whole_is_caught(fault: str, places: Sequence[int], tmp_path: Path) -> None:
    assert not all(killed_and_run_again(place, tmp_path, fault) for place in places)
