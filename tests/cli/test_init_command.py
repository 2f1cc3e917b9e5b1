"""``strigil init`` makes one clinic with one owner, in an empty database and nowhere else."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.db import connection

from strigil.accounts.models import Clinic, User
from strigil.cli.init import _settings, _write
from tests.keep.hands import address_of, new_database, rows_at, strigil, tables_at
from tests.terminal import typed

pytestmark = pytest.mark.django_db

PASSWORD = "a password nobody guesses"
OPTIONS = {
    "--clinic": "Northside",
    "--time-zone": "Europe/London",
    "--owner": "Dana Reed",
    "--sign-in": "dana",
    "--address": "https://clinic.example",
}


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[str]:
    with new_database(connection.vendor, tmp_path) as address:
        yield address


@pytest.fixture
def password(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n", encoding="utf-8")
    return file


def environment(database: str, home: Path, **more: str) -> dict[str, str]:
    """What a machine has before anybody has set anything."""
    return {
        "STRIGIL_SECRET_KEY": "", "STRIGIL_AUDIT_KEY": "", "STRIGIL_HOSTS": "", "STRIGIL_DATA": str(home / "data"),
        "database": database,
    } | more  # fmt: skip


def init(database: str, tmp_path: Path, *words: object, **env: str) -> subprocess.CompletedProcess[str]:
    given = [word for pair in OPTIONS.items() for word in pair if not {pair[0]} & set(words)]
    return strigil("init", "--keys", tmp_path / "keys", *given, *words, **environment(database, tmp_path, **env))


def held(address: str, model: type[Any]) -> list[dict[str, Any]]:
    names = [field.name for field in model._meta.concrete_fields]
    return [dict(zip(names, row, strict=True)) for row in rows_at(address)[model._meta.label]]


def test_it_makes_the_clinic_and_its_owner_and_nobody_else(empty: str, tmp_path: Path, password: Path) -> None:
    done = init(empty, tmp_path, "--password-file", password, "--qualification", "PT")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Northside is ready; its owner signs in as dana.\n")
    assert PASSWORD not in done.stdout + done.stderr
    (clinic,), (owner,) = held(empty, Clinic), held(empty, User)
    assert (clinic["name"], clinic["time_zone"], clinic["is_demo"]) == ("Northside", "Europe/London", False)
    assert (owner["username"], owner["display_name"], owner["qualification"]) == ("dana", "Dana Reed", "PT")
    assert (owner["role"], owner["is_staff"], owner["is_superuser"]) == ("owner", False, False)
    assert check_password(PASSWORD, owner["password"])


def test_its_settings_and_keys_are_for_their_owner_alone_and_run_the_clinic(
    empty: str, tmp_path: Path, password: Path
) -> None:
    told = init(empty, tmp_path, "--password-file", password).stdout
    assert f"written: {tmp_path / 'keys/audit-key'}\n" in told
    modes = {one.name: oct(one.stat().st_mode & 0o777) for one in (tmp_path / "keys").iterdir()}
    assert modes.keys() >= {"audit-key", "backup-key", "strigil.env"}
    assert set(modes.values()) == {"0o600"}
    assert oct((tmp_path / "keys").stat().st_mode & 0o777) == "0o700"
    command = f"set -a; . {shlex.quote(str(tmp_path / 'keys/strigil.env'))}; exec {sys.executable} -m strigil.cli"
    bare = {"PATH": os.environ["PATH"], "STRIGIL_DEMO": "no"}
    for words in ("check", f"backup {tmp_path}"):
        done = subprocess.run(["sh", "-c", f"{command} {words}"], env=bare, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    show = subprocess.run(["sh", "-c", f"{command.rpartition(';')[0]}; env"], env=bare, capture_output=True, text=True)
    settings = dict(line.split("=", 1) for line in show.stdout.splitlines())
    assert settings["STRIGIL_ADDRESS"] == "https://clinic.example"
    assert settings["STRIGIL_HOSTS"] == "clinic.example,127.0.0.1,localhost"
    assert settings["STRIGIL_TLS"] == "yes"
    assert settings["STRIGIL_DATABASE"] == empty
    assert len(settings["STRIGIL_SECRET_KEY"]) >= 50


def test_two_clinics_never_share_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STRIGIL_SECRET_KEY")
    made = [_settings(tmp_path, "")["STRIGIL_SECRET_KEY"] for _ in range(2)]
    made += [(_write(tmp_path / name, {})[1]).read_text() for name in ("one", "two")]
    assert len(set(made)) == 4
    assert all(len(one) >= 40 for one in made)


def test_where_the_settings_stand_already_no_file_is_written(empty: str, tmp_path: Path, password: Path) -> None:
    done = init(empty, tmp_path, "--password-file", password, STRIGIL_SECRET_KEY="mine")
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "keys").exists()


def test_a_database_that_is_not_empty_is_refused_and_left_as_it_is(tmp_path: Path, password: Path) -> None:
    before = Clinic.objects.count(), User.objects.count()
    done = init(address_of(), tmp_path, "--password-file", password)
    assert done.returncode == 1
    assert "the database is not empty, and nothing in it is overwritten" in done.stderr
    assert not (tmp_path / "keys").exists()
    assert (Clinic.objects.count(), User.objects.count()) == before


def test_a_demo_is_refused(empty: str, tmp_path: Path, password: Path) -> None:
    done = init(empty, tmp_path, "--password-file", password, STRIGIL_DEMO="yes")
    assert done.returncode == 1
    assert "a demo never becomes a clinic" in done.stderr
    assert not (tmp_path / "keys").exists()


@pytest.mark.parametrize("key", ["backup-key", "audit-key"])
def test_keys_that_are_there_are_not_overwritten(key: str, empty: str, tmp_path: Path, password: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / key).write_text("the only copy")
    done = init(empty, tmp_path, "--password-file", password)
    assert (done.returncode, (tmp_path / "keys" / key).read_text()) == (2, "the only copy")
    assert "is there already; where: --keys" in done.stderr
    assert not (tmp_path / "keys/strigil.env").exists()


def test_where_the_database_cannot_be_made_no_key_stays_behind(tmp_path: Path, password: Path) -> None:
    done = init("sqlite:/dev/null/strigil.sqlite3", tmp_path, "--password-file", password)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert list((tmp_path / "keys").iterdir()) == []


@pytest.mark.parametrize(
    ("option", "given", "said"),
    [
        ("--clinic", "", "1 to 200 letters"),
        ("--clinic", "North\nside", "1 to 200 letters"),
        ("--time-zone", "London", "such as Europe/London"),
        ("--owner", "x" * 201, "1 to 200 letters"),
        ("--sign-in", "dana reed", "letters, numbers, and @/./+/-/_"),
        ("--address", "http://clinic.example", "https://HOST"),
        ("--address", "https://clinic.example/strigil", "https://HOST"),
    ],
)
def test_what_cannot_be_used_is_refused_before_anything_is_made(
    option: str, given: str, said: str, empty: str, tmp_path: Path, password: Path
) -> None:
    done = init(empty, tmp_path, "--password-file", password, option, given)
    assert done.returncode == 2
    assert said in done.stderr
    assert not (tmp_path / "keys").exists()
    assert empty.startswith("sqlite:") or tables_at(empty) == []
    assert not Path(empty.removeprefix("sqlite:")).exists()


@pytest.mark.parametrize("weak", ["xyzzy", "password1234", ""])
def test_a_weak_password_is_refused_and_not_shown(weak: str, empty: str, tmp_path: Path) -> None:
    file = tmp_path / "weak"
    file.write_text(weak)
    done = init(empty, tmp_path, "--password-file", file)
    assert done.returncode == 2
    assert done.stderr.startswith("strigil: cannot be used; where: the password")
    assert not weak or weak not in done.stderr


@pytest.mark.parametrize("option", [*OPTIONS, "--password-file"])
def test_without_a_terminal_what_is_missing_is_named(option: str, empty: str, tmp_path: Path, password: Path) -> None:
    given = [word for pair in (OPTIONS | {"--password-file": str(password)}).items() for word in pair]
    place = given.index(option)
    command = [sys.executable, "-m", "strigil.cli", "init", *given[:place], *given[place + 2 :]]
    env = os.environ | environment(empty, tmp_path) | {"STRIGIL_DATABASE": empty}
    done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert (done.returncode, done.stderr.split("; given")[0]) == (2, f"strigil: missing; where: {option}")


def test_at_a_terminal_it_asks_and_asks_again_until_it_will_do(empty: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "strigil.cli", "init", "--keys", str(tmp_path / "keys")]
    code, shown = typed(
        command,
        [
            ("The clinic's name: ", "Northside"),
            ("time zone", "London"),
            ("such as Europe/London or", None),
            ("time zone", "Europe/London"),
            ("owner's name: ", "Dana Reed"),
            ("signs in as: ", "dana"),
            ("password: ", "short"),
            ("password: ", PASSWORD),
            ("Once more: ", "something else entirely"),
            ("Not the same twice.", None),
            ("password: ", PASSWORD),
            ("Once more: ", PASSWORD),
            ("Where it is reached", "https://clinic.example"),
        ],
        os.environ | environment(empty, tmp_path) | {"STRIGIL_DATABASE": empty},
    )
    assert code == 0, shown
    assert PASSWORD not in shown
    assert [one["username"] for one in held(empty, User)] == ["dana"]
