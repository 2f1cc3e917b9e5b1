"""Every setting is explained, and a value that cannot be meant is refused with what is allowed."""

from __future__ import annotations

import runpy
from typing import Any

import pytest

from strigil.docs.settings import SETTINGS_FILE, settings_read
from tests.keep.hands import strigil

WRONG = {
    "STRIGIL_ADDRESS": ["clinic.example", "https://clinic.example/strigil", "ftp://clinic.example", "https://"],
    "STRIGIL_DATABASE": ["strigil.sqlite3", "mysql://user@host/name", ""],
    "STRIGIL_DEMO": ["true", "1", "YES"],
    "STRIGIL_HOSTS": ["https://clinic.example", "clinic.example:443", "clinic.example, localhost", "clinic..example"],
    "STRIGIL_MAIL": ["clinic.example", "http://clinic.example", "smtp://"],
    "STRIGIL_MAIL_FROM": ["clinic.example", "Front desk <desk@clinic.example>", "a@b,c@d", "a@b\nBcc: c@d"],
    "STRIGIL_ORIGINS": ["clinic.example", "https://clinic.example/strigil", "https://a b"],
    "STRIGIL_TLS": ["true", "on", "Yes"],
    "STRIGIL_WALLS": ["true", "1", "YES"],
}
LOOKED_AT_WHEN_USED = {"STRIGIL_AUDIT_KEY", "STRIGIL_BACKUP_KEY", "STRIGIL_DATA", "STRIGIL_SECRET_KEY"}
"""Paths are named when they cannot be read; a weak key is refused by ``strigil serve``."""

RIGHT = {
    "STRIGIL_ADDRESS": "https://clinic.example:8443",
    "STRIGIL_DATABASE": "postgresql://strigil:p%40ss@127.0.0.1:5432/strigil",
    "STRIGIL_DEMO": "no",
    "STRIGIL_HOSTS": "clinic.example,.clinic.example,127.0.0.1,[::1]",
    "STRIGIL_MAIL": "smtps://user:password@mail.clinic.example",
    "STRIGIL_MAIL_FROM": "front-desk@clinic.example",
    "STRIGIL_ORIGINS": "https://clinic.example,https://clinic.example:8443",
    "STRIGIL_TLS": "yes",
    "STRIGIL_WALLS": "yes",
}


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The settings as they are read where only these variables are set."""

    def run(**given: str) -> dict[str, Any]:
        for name in settings_read():
            monkeypatch.delenv(name, raising=False)
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(SETTINGS_FILE))

    return run


def test_every_setting_is_tried_with_what_it_cannot_mean() -> None:
    assert WRONG.keys() | LOOKED_AT_WHEN_USED == settings_read().keys()
    assert WRONG.keys() == RIGHT.keys()


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_value_that_cannot_be_meant_is_refused_with_what_is_allowed(name: str, value: str, read: Any) -> None:
    with pytest.raises(RuntimeError) as refused:
        read(**{name: value})
    said = str(refused.value)
    assert said.startswith(f"{name}: given ")
    assert "; allowed: " in said


@pytest.mark.parametrize(("name", "value"), RIGHT.items())
def test_a_value_as_it_is_meant_is_taken(name: str, value: str, read: Any) -> None:
    read(**{name: value})


def test_where_nothing_is_set_the_safe_side_is_taken(read: Any) -> None:
    found = read()
    assert (found["DEBUG"], found["DEMO"], found["SECRET_KEY"], found["CSRF_TRUSTED_ORIGINS"]) == (False, False, "", [])
    assert found["ALLOWED_HOSTS"] == ["127.0.0.1", "localhost", "[::1]"]
    assert found["EMAIL_BACKEND"].endswith("dummy.EmailBackend")


def test_a_refusal_holds_no_password(read: Any) -> None:
    for name in ("STRIGIL_DATABASE", "STRIGIL_MAIL"):
        with pytest.raises(RuntimeError) as refused:
            read(**{name: "mysql://user:the-password@host/name"})
        assert "the-password" not in str(refused.value)


@pytest.mark.parametrize("command", ["check", "backup"])
def test_a_command_says_it_in_one_line(command: str) -> None:
    done = strigil(command, *(["nowhere.age"] if command == "backup" else []), STRIGIL_TLS="true")
    assert (done.returncode, done.stderr) == (2, "strigil: STRIGIL_TLS: given 'true'; allowed: yes or no\n")


def test_nobody_waits_for_somebody_elses_write_without_end(db: None) -> None:
    from django.db import connection

    asked, said = {"sqlite": ("PRAGMA busy_timeout", 20_000), "postgresql": ("SHOW lock_timeout", "20s")}[
        connection.vendor
    ]
    with connection.cursor() as cursor:
        cursor.execute(asked)
        assert cursor.fetchone()[0] == said
