"""Whether it lives, and whether it can work."""

from __future__ import annotations

import re
from ctypes import c_byte
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.db import DatabaseError, connection
from django.test import Client

from strigil.accounts.models import Role
from strigil.docs import HOME
from strigil.keep import health
from strigil.keep.backup import back_up
from tests.keep.hands import PASSPHRASE, QUICK


def test_it_says_that_it_lives_without_asking_the_database() -> None:
    # no ``db`` fixture: any query fails this test
    response = Client(raise_request_exception=True).get("/live")
    assert response.status_code == 200
    assert response.json() == {"live": True}


@pytest.mark.django_db
def test_it_is_ready_when_the_database_answers_and_is_asked_once(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert Client().get("/ready").json() == {"ready": True}


@pytest.mark.django_db
def test_it_is_not_ready_when_the_database_does_not_answer() -> None:
    with mock.patch.object(connection, "cursor", side_effect=DatabaseError("gone")):
        response = Client(raise_request_exception=True).get("/ready")
    assert response.status_code == 503
    assert response.json() == {"ready": False}


def test_a_fault_page_asks_nothing_of_a_database_that_is_gone(tablet: Client) -> None:
    tablet.raise_request_exception = False
    with mock.patch.object(connection, "cursor", side_effect=DatabaseError("gone")):
        response = tablet.get("/today")
    assert response.status_code == 500
    assert b"<strong>not saved</strong>" in response.content


def test_only_the_owner_hears_what_was_looked_at(signed_in: Any, someone: Any) -> None:
    for role in ("clinician", "front_desk", "auditor"):
        assert signed_in(someone(role)).get("/ready").json() == {"ready": True}
    assert signed_in(None).get("/ready").json() == {"ready": True}
    said = signed_in(someone("owner")).get("/ready").json()
    assert said["looked_at"]["schema"] == "sound"


def test_a_server_that_is_leaving_is_not_ready(signed_in: Any, monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    monkeypatch.setattr(health, "_leaving", None)
    leaving = c_byte(0)
    health.follow(leaving)
    assert signed_in(None).get("/ready").status_code == 200
    leaving.value = 1
    assert signed_in(None).get("/ready").status_code == 503


@pytest.mark.parametrize(("name", "status"), [("NO_ROOM", 503), ("LITTLE_ROOM", 200)])
def test_the_room_on_the_disk_is_told(
    name: str, status: int, signed_in: Any, someone: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, name, 2**62)
    response = signed_in(someone("owner")).get("/ready")
    assert response.status_code == status
    assert "MB are left on the disk" in str(response.json()["looked_at"])


@pytest.mark.django_db(transaction=True)
def test_a_backup_that_is_late_is_told_and_the_clinic_goes_on(signed_in: Any, someone: Any, tmp_path: Path) -> None:
    owner = signed_in(someone("owner"))

    def backup() -> str:
        said = owner.get("/ready").json()
        assert said["ready"] is True
        assert said["degraded"] is (said["looked_at"]["backup"] != "sound")
        return str(said["looked_at"]["backup"])

    (health.settings.DATA / health.LAST_BACKUP).unlink(missing_ok=True)
    assert backup().startswith("none was made and read back yet")
    back_up(tmp_path / "one.age", PASSPHRASE, work=QUICK)
    assert backup() == "sound"
    with time_machine.travel("2026-11-21T18:00:00Z", tick=True):
        owner = signed_in(someone("owner"))
        assert backup().startswith("the last one that was read back is of 2026-11-20")
        (health.settings.DATA / health.LAST_BACKUP).write_text("2026-11-25T10:00:00Z")
        assert backup().startswith("the last one that was read back is of 2026-11-25"), "a day to come is no backup"
        for nothing in ("", "soon", "2026-11-21", "2026-11-21T17:00:00"):
            (health.settings.DATA / health.LAST_BACKUP).write_text(nothing)
            assert backup().startswith("none was made and read back yet"), nothing


def banner(client: Client) -> str:
    found = re.search(r'<p class="message">(.*?)</p>', client.get("/today").content.decode())
    return re.sub(r"<[^>]+>", "", found.group(1)) if found else ""


def test_today_tells_the_owner_alone_that_a_backup_is_late(signed_in: Any, someone: Any, settings: Any) -> None:
    last = health.settings.DATA / health.LAST_BACKUP
    owner, others = signed_in(someone("owner")), [signed_in(someone(role)) for role in Role.values if role != "owner"]
    last.unlink(missing_ok=True)
    assert banner(owner) == "No backup was made and read back yet. How to back up"
    assert [banner(one) for one in others if one.get("/today").status_code == 200] == [""] * 4
    last.parent.mkdir(parents=True, exist_ok=True)
    last.write_text("2026-11-19T09:59:00Z")
    assert banner(owner) == "The last backup that was read back is of 19 November 2026, 09:59. How to back up"
    last.write_text("2026-11-19T10:01:00Z")
    assert banner(owner) == ""
    last.unlink()
    settings.DEMO = True
    assert banner(owner) == ""


def test_the_banner_leads_to_where_it_says_how(signed_in: Any, someone: Any) -> None:
    (health.settings.DATA / health.LAST_BACKUP).unlink(missing_ok=True)
    page = signed_in(someone("owner")).get("/today").content.decode()
    (place, anchor) = re.findall(r'href="([^"#]+)#([^"]+)">How to back up', page)[0]
    told = signed_in(None).get(place).content.decode()
    assert f'id="{anchor}"' in told
    (document,) = re.findall(r"<code>(docs/[^<]+)</code>", told)
    assert (HOME / document).exists()
