"""``strigil let-in``, as whoever runs the server types it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from strigil.accounts.models import User
from strigil.accounts.sign_in import second
from strigil.cli import main
from tests.accounts.factors import with_phone


def test_the_only_owner_is_let_in_again(
    someone: Any, settings: Any, signed_in: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.ADDRESS = "https://strigil.clinic.example"
    owner: User = someone("owner")
    with_phone(owner)
    before = signed_in(owner)
    assert main(["let-in", owner.username, "--forget-second-factor", "--json"]) == 0
    link = json.loads(capsys.readouterr().out)["link"]
    assert link.startswith("https://strigil.clinic.example/link/")
    assert Client().get(link.removeprefix("https://strigil.clinic.example")).status_code == 200
    assert before.get("/today").status_code == 302
    assert not second.is_set_up(owner)


def test_without_being_asked_the_second_factor_stays(someone: Any, capsys: pytest.CaptureFixture[str]) -> None:
    owner: User = someone("owner")
    with_phone(owner)
    assert main(["let-in", owner.username]) == 0
    assert "/link/" in capsys.readouterr().out
    assert second.is_set_up(owner)


def test_nobody_of_that_name_is_told(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["let-in", "nobody"]) == 2
    assert "USERNAME; given: nobody" in capsys.readouterr().err
