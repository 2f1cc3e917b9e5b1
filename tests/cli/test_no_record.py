"""Every command that needs a record, where there is none, or none that it can read: one line says what to do."""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from strigil.cli import _parser, main
from tests.ports import free_port

NEED_ONE = {
    "audit verify": [],
    "audit anchor": [],
    "check-ins send": [],
    "let-in": ["dana"],
    "backup": ["kept"],
    "check": [],
    "export": ["written"],
    "import-patients": ["people.csv", "--by", "dana"],
    "import-appointments": ["people.csv", "--by", "dana"],
}
OF_ANY_VERSION = {"backup", "check", "export"}
MAKE_ONE = {"demo", "init", "restore", "import", "audit new-key"}
ON_POSTGRESQL = {"walls"}
SERVES = {"serve"}
NEED_NONE = {"knowledge", "screen", "measure", "questionnaire", "pool"}
RUN = """
import io, json, sys
from contextlib import redirect_stderr, redirect_stdout
from strigil.cli import main
said = {}
for name, words in json.load(sys.stdin).items():
    out, wrong = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(wrong):
        code = main([*name.split(), *words])
    said[name] = code, out.getvalue(), wrong.getvalue()
print(json.dumps(said))
"""


def test_every_command_is_known_to_need_a_record_or_none() -> None:
    (several,) = (one for one in _parser()._actions if isinstance(one, argparse._SubParsersAction))
    known = NEED_ONE.keys() | MAKE_ONE | ON_POSTGRESQL | SERVES | NEED_NONE
    assert {one.split()[0] for one in known} == set(several.choices)


def missing(at: Path) -> str:
    return f"sqlite:{at}/none/strigil.sqlite3"


def no_database(at: Path) -> str:
    (at / "letter.txt").write_text("Dear colleague, thank you for sending me your patient.\n" * 50)
    return f"sqlite:{at}/letter.txt"


def empty(at: Path) -> str:
    (at / "empty.sqlite3").touch()
    return f"sqlite:{at}/empty.sqlite3"


def of_something_else(at: Path) -> str:
    other = sqlite3.connect(at / "other.sqlite3")
    other.execute("CREATE TABLE songs (name text)")
    other.close()
    return f"sqlite:{at}/other.sqlite3"


def nobody_listens(_: Path) -> str:
    return f"postgresql://strigil@127.0.0.1:{free_port()}/strigil"


@pytest.mark.parametrize("made", [missing, no_database, empty, of_something_else, nobody_listens])
def test_it_says_so_in_one_line_and_makes_nothing(made: Any, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("Name,Date of birth\nDana,1980-01-01\n")
    (tmp_path / "key").write_text("a long pass phrase")
    given = {
        "STRIGIL_DATABASE": made(tmp_path),
        "STRIGIL_DATA": str(tmp_path),
        "STRIGIL_BACKUP_KEY": str(tmp_path / "key"),
        "STRIGIL_SECRET_KEY": "k" * 60,
    }
    before = sorted(tmp_path.rglob("*"))
    commands = NEED_ONE if made is not nobody_listens else NEED_ONE | {"walls": ["--role", "web"]}
    ran = subprocess.run(
        [sys.executable, "-c", RUN],
        input=json.dumps(commands),
        env=os.environ | given,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    for name, (code, out, wrong) in json.loads(ran.stdout).items():
        assert (code, out) == (1, ""), name
        assert wrong.startswith("strigil: "), (name, wrong)
        assert wrong.endswith(": look at STRIGIL_DATABASE\n"), (name, wrong)
        assert wrong.count("\n") == 1, (name, wrong)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", sorted(NEED_ONE.keys() - OF_ANY_VERSION))
def test_a_record_of_an_older_version_is_named_with_what_to_do(
    name: str, db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    MigrationRecorder.Migration.objects.filter(app="clinic").last().delete()
    assert main([*name.split(), *NEED_ONE[name]]) == 1
    wrong = capsys.readouterr().err
    assert "the schema of the database lacks clinic." in wrong
    assert "python -m strigil.manage migrate" in wrong


def test_what_the_database_says_in_the_middle_is_told_in_one_line(
    db: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def locked(*_: Any, **__: Any) -> None:
        raise OperationalError("database is locked\nDETAIL: more")

    monkeypatch.setattr("strigil.accounts.audit.verify.verify", locked)
    assert main(["audit", "verify"]) == 1
    assert capsys.readouterr().err == (
        "strigil: the database cannot do this (database is locked): see what strigil check says\n"
    )
    assert connection.is_usable()
