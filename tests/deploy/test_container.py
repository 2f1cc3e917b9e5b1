"""The container file builds, runs as nobody in particular, and holds no secret."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.reading import DEPLOY, HOME, faults, steps

TEXT = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
IGNORED = (HOME / ".dockerignore").read_text(encoding="utf-8")


def test_everything_it_copies_is_there_and_nothing_runs_as_root() -> None:
    assert list(faults(TEXT, IGNORED)) == []


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("COPY strigil strigil", "COPY strigils strigils", "COPY strigils: is not there"),
        ("COPY strigil strigil", "COPY tests tests", "COPY tests: .dockerignore leaves it out"),
        ("USER 10001", "USER root", "runs as root"),
        ("USER 10001\n", "", "runs as root"),
        ("EXPOSE 8000", "ENV STRIGIL_SECRET_KEY=abc", "ENV STRIGIL_SECRET_KEY=abc: a secret in the image"),
        ('CMD ["serve"', 'CMD ["server"', "is no command"),
    ],
)
def test_a_fault_in_it_is_caught(right: str, wrong: str, said: str) -> None:
    assert right in TEXT
    # The last place counts: another CMD stands in the line of the health check.
    before, _, after = TEXT.rpartition(right)
    assert said in "\n".join(faults(before + wrong + after, IGNORED))


def test_it_is_asked_whether_it_lives_where_it_listens() -> None:
    from django.urls import resolve

    told = dict(steps(TEXT))
    asked = re.search(r"http://127\.0\.0\.1:(\d+)(/\w+)", told["HEALTHCHECK"])
    assert asked
    assert asked[1] == told["EXPOSE"]
    assert f'"--port", "{asked[1]}"' in told["CMD"]
    assert resolve(asked[2]).url_name == "live"


@pytest.mark.assure
def test_its_steps_make_a_strigil_that_runs(tmp_path: Path) -> None:
    """The first stage in a plain folder, without a container: the same copies, the same commands."""
    first = TEXT.split("\nFROM ")[0]
    for word, given in steps(first):
        if word == "COPY":
            *sources, to = given.split()
            target = tmp_path / to
            target.mkdir(exist_ok=True) if to in (".", "./") else None
            subprocess.run(["cp", "-r", *(str(HOME / one) for one in sources), str(target)], check=True)
        elif word == "RUN":
            command = given.replace("python -m venv", f"{sys.executable} -m venv")
            subprocess.run(["sh", "-euc", command], cwd=tmp_path, check=True, capture_output=True)
    done = subprocess.run([tmp_path / ".venv/bin/strigil", "knowledge"], cwd="/", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "version" in done.stdout
