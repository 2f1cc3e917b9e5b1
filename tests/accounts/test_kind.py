"""A demo database cannot become a live one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.same_on_both

MAKE = """
import django
django.setup()
from django.core.management import call_command
from strigil.accounts.models import Clinic
call_command("migrate", verbosity=0)
Clinic.objects.create(name="Northside", is_demo={demo})
"""


def run(code: str, folder: Path, demo: bool) -> subprocess.CompletedProcess[str]:
    said = {name: value for name, value in os.environ.items() if not name.startswith("STRIGIL_")}
    said |= {"STRIGIL_SECRET_KEY": "only for tests", "STRIGIL_DATABASE": f"sqlite:{folder / 'clinic.sqlite3'}"}
    said |= {"STRIGIL_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "strigil.settings"}
    said |= {"STRIGIL_DEMO": "yes"} if demo else {}
    return subprocess.run([sys.executable, "-c", code], env=said, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("made_as_demo", [True, False])
def test_only_the_kind_that_the_database_is_of_is_served(made_as_demo: bool, tmp_path: Path) -> None:
    made = run(MAKE.format(demo=made_as_demo), tmp_path, made_as_demo)
    assert made.returncode == 0, made.stderr
    assert run("import strigil.wsgi", tmp_path, made_as_demo).returncode == 0
    other = run("import strigil.wsgi", tmp_path, not made_as_demo)
    assert other.returncode == 1
    assert ("run strigil demo" if made_as_demo else "Take STRIGIL_DEMO out") in other.stderr


def test_a_database_without_tables_is_not_judged_here(tmp_path: Path) -> None:
    judged = run(
        "import django; django.setup(); from strigil.accounts.kind import check_kind; check_kind()", tmp_path, False
    )
    assert judged.returncode == 0, judged.stderr
