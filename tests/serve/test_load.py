"""Many people at once are all answered; and what went wrong, or was slow, would be seen."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.db import connection

from benchmarks.load import AT_ONCE, Load, People, loads, people_of
from benchmarks.wire import Connection, Request, Took, at_a_rate, in_turn, percentile
from strigil.accounts.models import User
from tests.clinic.cast import Story
from tests.serve.hands import served

FULL = {"patients": 50_000, "minutes": 10, "seconds": 30}


def load_on(people: People, seconds: float) -> dict[str, Load]:
    return asyncio.run(loads(people, seconds, seconds, busy=lambda: 0.0))


@pytest.mark.django_db(transaction=True)
def test_nobody_among_many_is_left_without_the_answer_they_asked_for(
    clinician: User, someone: Callable[..., User]
) -> None:
    Story(clinician, date.today()).with_visits(3)
    users = [clinician, *(someone("clinician") for _ in range(AT_ONCE - 1))]
    with served(workers=2) as server:
        done = load_on(people_of(server.port, "127.0.0.1", users), 2)
    assert {name: load.took.wrong for name, load in done.items() if load.took.wrong} == {}
    assert all(len(load.took.all) > 1 for load in done.values())
    assert {"write", "patient", "other page"} <= done["mixed"].took.seconds.keys()


@pytest.mark.django_db(transaction=True)
def test_an_answer_that_is_not_the_one_asked_for_is_an_error(clinician: User) -> None:
    Story(clinician, date.today()).with_visits(1)
    with served(workers=1) as server:
        people = people_of(server.port, "127.0.0.1", [clinician])
        nobody = People(people.port, people.host, ["nobody"], people.patients, people.reads)
        took = asyncio.run(in_turn(nobody.connections(2), nobody.mixed(random.Random(1)), 0.5))
    assert took.wrong["patients: 302"] > 0, "signed out, a patient's page sends to the sign-in"
    after = asyncio.run(in_turn(people.connections(1), people.patient(random.Random(1)), 0.1))
    assert after.wrong.total() == len(after.all) > 0, "nobody listens any more"


def test_a_wait_for_a_server_that_has_stalled_counts_from_when_the_request_was_due() -> None:
    """Eight who wait for their answers would meet one stall; people who come when they come all meet it."""

    async def run() -> Took:
        once = asyncio.Lock()
        stalls = [0.5]

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while await reader.readline():
                await reader.readuntil(b"\r\n\r\n")
                async with once:
                    await asyncio.sleep(stalls.pop() if stalls else 0)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1")
        port = server.sockets[0].getsockname()[1]
        async with server:
            page = Request("/live")
            return await at_a_rate(
                lambda: Connection(port, "testserver", ""), lambda: ("page", page), 50, 0.4, random.Random(1)
            )

    took = asyncio.run(run())
    assert not took.wrong
    assert sum(one > 0.1 for one in took.all) > 5


def test_a_percentile_is_a_time_that_so_many_did_not_exceed() -> None:
    seconds = [one / 1000 for one in range(1, 101)]
    assert [percentile(seconds, at) for at in (50, 99, 100)] == [50, 99, 100]


@pytest.mark.assure
def test_a_large_clinic_is_answered_for_ten_minutes(assurance: Callable[..., None], tmp_path: Path) -> None:
    """50,000 patients with 1,000,000 visits; the record is made first, and kept for the next time."""
    out = tmp_path / "figures.json"
    words = [word for name, value in FULL.items() for word in (f"--{name}", str(value))]
    command = [sys.executable, "-m", "benchmarks.load", "--database", connection.vendor, "--json", str(out), *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (found,) = json.loads(out.read_text())
    done = found["loads"]
    assurance(
        "load",
        patient_server_ms=done["patient, one"]["server_ms_each"],
        patient_p50_ms=done["patient, one"]["p50_ms"],
        patient_p99_ms_at_8=done["patient, eight"]["p99_ms"],
        mixed_p99_ms=done["mixed"]["p99_ms"],
        write_p99_ms_of_8=done["write, eight"]["p99_ms"],
        write_p99_ms_once_a_second=done["write, a second"]["p99_ms"],
        requests=sum(one["requests"] for one in done.values()),
        errors=sum(one["errors"] for one in done.values()),
        load_average_before=found["machine"]["load_average_before"][0],
    )
    assert not [name for name, one in done.items() if one["errors"]]
