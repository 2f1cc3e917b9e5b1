"""The pure core imports in a notebook, without any of Django."""

from __future__ import annotations

import json
import subprocess
import sys

PURE = """
import importlib, json, pkgutil, sys
for name in ("strigil.knowledge", "strigil.pathway", "strigil.drawing"):
    package = importlib.import_module(name)
    for module in pkgutil.walk_packages(package.__path__, name + "."):
        importlib.import_module(module.name)
print(json.dumps(sorted(sys.modules)))
"""
IMPURE = ("django", "strigil.accounts", "strigil.clinic", "strigil.registry", "strigil.fhir", "strigil.settings")


def run(program: str) -> str:
    """The output of a fresh interpreter."""
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    ).stdout


def test_pure_core_never_imports_django() -> None:
    modules = json.loads(run(PURE))
    assert "strigil.pathway.screen" in modules
    assert "strigil.pathway.learn.summary" in modules
    assert [name for name in modules if name.startswith(IMPURE)] == []


def test_screen_imports_as_the_issue_says() -> None:
    program = "import sys; from strigil.pathway import screen; print(screen.screen.__name__, 'django' in sys.modules)"
    assert run(program).split() == ["screen", "False"]


def test_command_line_screens_without_django() -> None:
    program = "import sys; from strigil.cli import main; main(['knowledge', '--json']); print('django' in sys.modules)"
    assert run(program).split()[-1] == "False"
