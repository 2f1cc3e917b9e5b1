"""What the pages for those who run it tell them to type is there to be run."""

from __future__ import annotations

import re
import shlex

from strigil.cli.init import SETTINGS
from tests.deploy.reading import HOME, UNITS, is_command
from tests.docs.test_docs import blocks

PAGES = [HOME / f"docs/how-to/{name}.md" for name in ("run-a-clinic", "upgrade-and-roll-back")]
LINES = [line for page in PAGES for one in blocks(page) if one.kind == "sh" for line in one.text.splitlines()]


def commands(line: str) -> list[list[str]]:
    """What follows the call of ``strigil`` in a line of shell; in a container's line, its last word."""
    words = shlex.split(line)
    called = {"as-strigil": "as-strigil", "runuser": "/opt/strigil/.venv/bin/strigil"}.get(words[0] if words else "")
    if words[:2] == ["podman", "run"]:
        called = "strigil"
    places = [place for place, word in enumerate(words) if word == called]
    return [words[places[-1] + 1 :]] if places else []


def test_each_command_of_strigil_is_one() -> None:
    found = [words for line in LINES for words in commands(line) if words]
    assert len(found) > 8
    assert [words for words in found if not is_command(words)] == []


def test_a_command_that_is_not_one_is_caught() -> None:
    assert not is_command(commands("as-strigil backup-all /var/backups")[0])
    assert not is_command(commands("runuser -u strigil -- env A=b /opt/strigil/.venv/bin/strigil init --home x")[0])


def test_each_unit_and_file_that_is_named_is_there() -> None:
    text = "\n".join(LINES)
    units = set(re.findall(r"strigil[\w-]*\.(?:service|timer)", text))
    files = set(re.findall(r"(?<![\w/])deploy/[\w./-]+", text))
    assert len(units) >= 4
    assert len(files) >= 4
    assert [name for name in units if not (UNITS / name).is_file()] == []
    assert [name for name in files if not (HOME / name).exists()] == []


def test_the_settings_of_the_units_are_the_file_that_init_writes() -> None:
    assert f"EnvironmentFile=/etc/strigil/{SETTINGS}" in (UNITS / "strigil-.service.d/walls.conf").read_text("utf-8")
    assert f"/etc/strigil/{SETTINGS}" in (HOME / "deploy/as-strigil").read_text("utf-8")
