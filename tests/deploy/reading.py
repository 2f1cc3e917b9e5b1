"""Reads what stands in deploy/: units of systemd and the Containerfile."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import redirect_stderr
from fnmatch import fnmatch
from io import StringIO
from pathlib import Path

from strigil.cli import _parser

HOME = Path(__file__).parents[2]
DEPLOY = HOME / "deploy"
UNITS = DEPLOY / "systemd"
INSTALLED = "/opt/strigil/.venv/bin/strigil"
Section = dict[str, list[str]]


def unit(file: Path) -> dict[str, Section]:
    """A unit's sections; a key may stand several times."""
    sections: dict[str, Section] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        if re.match(r"\s*([#;]|$)", line):
            continue
        if found := re.fullmatch(r"\[(\w+)\]", line):
            now = sections.setdefault(found[1], {})
        else:
            key, _, value = line.partition("=")
            now.setdefault(key, []).append(value)
    return sections


def is_command(words: list[str]) -> bool:
    """Whether ``strigil`` takes these words."""
    with redirect_stderr(StringIO()):
        try:
            _parser().parse_args(words)
        except SystemExit:
            return False
    return True


# --- The container file -----------------------------------------------------------------------------------------


def steps(text: str) -> list[tuple[str, str]]:
    """Each instruction with what it is given."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def faults(text: str, ignored: str) -> Iterator[str]:
    """What would fail, run as root, or hand a secret to whoever has the image."""
    found = steps(text)
    user = "root"
    for word, given in found:
        if word == "COPY" and not given.startswith("--from="):
            for source in given.split()[:-1]:
                if not (HOME / source).exists():
                    yield f"COPY {source}: is not there"
                elif not kept(source, ignored):
                    yield f"COPY {source}: .dockerignore leaves it out"
        elif word in ("ENV", "ARG") and re.search(r"KEY|SECRET|PASSWORD|TOKEN", given):
            yield f"{word} {given}: a secret in the image"
        elif word == "USER":
            user = given
    if user in ("root", "0"):
        yield "runs as root"
    told = dict(found)
    if not is_command([*json.loads(told["ENTRYPOINT"]), *json.loads(told["CMD"])][1:]):
        yield f"CMD {told['CMD']}: is no command"


def kept(source: str, ignored: str) -> bool:
    """The last line that fits decides; ``!`` keeps."""
    kept = True
    for line in ignored.split():
        if fnmatch(source, line.removeprefix("!")):
            kept = line.startswith("!")
    return kept
