"""Many people at a real server: ``python -m benchmarks.load --patients 50000``.

The server is ``strigil serve`` with its workers, on a record of benchmarks/population.py; the people are connections of
their own, in this process, on the same machine. The loads: one person on a patient's page; eight on it without a pause;
reads and writes, four to one, that come by chance at a rate whether or not the last one was answered; eight people who
write without a pause, and eight who write once a second each; whoever has written goes to the page that this leads to,
which is not timed. Prints figures, asserts nothing. The processor's time of
the server for each request is what other work on the machine disturbs least.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.pages import DATABASES, machine
from benchmarks.population import Size, prepare
from benchmarks.wire import Chosen, Connection, Request, Took, at_a_rate, in_turn, percentile

AT_ONCE = 8
RATE = 25
WRITES = 0.2
SOME = 300
"""Patients whose pages are asked for, spread over the clinic."""
SHOWN = ("a_second", "p50_ms", "p95_ms", "p99_ms", "most_ms", "server_ms_each", "errors")
BORN = {"born": "1980-04-02", "sex": "female"}


@dataclass(frozen=True)
class People:
    """Where the server is, who is signed in, and what they ask for."""

    port: int
    host: str
    sessions: Sequence[str]
    patients: Sequence[str]
    reads: Sequence[Request]

    def connections(self, count: int) -> list[Connection]:
        return [Connection(self.port, self.host, self.sessions[at % len(self.sessions)]) for at in range(count)]

    def patient(self, dice: random.Random) -> Chosen:
        """A patient's page, of one after another by chance."""
        return lambda: ("patient", Request(f"/patients/{dice.choice(self.patients)}"))

    def write(self) -> Chosen:
        """A patient is registered, whom no earlier run has registered."""

        def chosen() -> tuple[str, Request]:
            name = f"Load {random.SystemRandom().getrandbits(60):x}"
            return "write", Request("/patients/new", 302, BORN | {"name": name})

        return chosen

    def mixed(self, dice: random.Random) -> Chosen:
        """Four reads to a write; half of the reads are a patient's page."""
        patient, write = self.patient(dice), self.write()

        def chosen() -> tuple[str, Request]:
            if dice.random() < WRITES:
                return write()
            return patient() if dice.random() < 0.5 else ("other page", dice.choice(self.reads))

        return chosen


@dataclass(frozen=True, slots=True)
class Load:
    """One load as it went: how long it ran, and what of it the server's processors worked."""

    took: Took
    seconds: float
    busy: float

    def figures(self) -> dict[str, Any]:
        """Milliseconds, how many a second, and what went wrong."""
        took = self.took
        kinds = {kind: percentile(some, 99) for kind, some in took.seconds.items()} if len(took.seconds) > 1 else {}
        return {
            "requests": len(took.all),
            "a_second": round(len(took.all) / self.seconds, 1),
            **{f"p{at}_ms": percentile(took.all, at) for at in (50, 95, 99)},
            "most_ms": percentile(took.all, 100),
            "server_ms_each": round(self.busy / (len(took.all) + took.followed) * 1000, 1),
            **({"p99_ms_of": kinds} if kinds else {}),
            "errors": took.wrong.total(),
            **({"wrong": dict(took.wrong)} if took.wrong else {}),
        }


async def loads(people: People, seconds: float, mixed: float, busy: Callable[[], float]) -> dict[str, Load]:
    """Each load in turn, after a moment to warm up."""
    dice = random.Random(1)
    one, eight = people.connections(1), people.connections(AT_ONCE)
    done: dict[str, Load] = {}

    async def run(name: str, span: float, load: Awaitable[Took]) -> None:
        before = busy()
        took = await load
        done[name] = Load(took, span, busy() - before)

    def another() -> Connection:
        return people.connections(1)[0]

    await in_turn(eight, people.mixed(dice), min(5.0, seconds))
    await run("patient, one", seconds, in_turn(one, people.patient(dice), seconds))
    await run("patient, eight", seconds, in_turn(eight, people.patient(dice), seconds))
    await run("mixed", mixed, at_a_rate(another, people.mixed(dice), RATE, mixed, dice))
    await run("write, eight", seconds, in_turn(eight, people.write(), seconds))
    await run("write, a second", seconds, at_a_rate(another, people.write(), AT_ONCE, seconds, dice))
    return done


# --- The record and the server ----------------------------------------------------------------------------------


def people_of(port: int, host: str, users: Sequence[Any]) -> People:
    """Sessions of these users, and pages of their clinic."""
    from django.conf import settings
    from django.test import Client

    from strigil.clinic.models import Course, Patient, Visit

    sessions = []
    for user in users:
        client = Client()
        client.force_login(user)
        sessions.append(client.cookies[settings.SESSION_COOKIE_NAME].value)
    clinic = users[0].clinic
    patients = list(Patient.objects.filter(clinic=clinic).values_list("pk", flat=True))
    courses = list(Course.objects.filter(clinic=clinic).values_list("pk", flat=True)[:SOME])
    visits = list(Visit.objects.filter(clinic=clinic, status="signed").values_list("pk", flat=True)[:SOME])
    reads = [Request("/today"), Request("/patients"), Request("/patients?q=ana"), Request("/live")]
    reads += [Request(f"/courses/{key}{end}") for key in courses[:20] for end in ("", "/measure")]
    reads += [Request(f"/visits/{key}") for key in visits[:20]]
    step = max(1, len(patients) // SOME)
    return People(port, host, sessions, [str(key) for key in patients[::step]], reads)


class Served:
    """``strigil serve`` on the database of the environment; ``environment`` is what it is told besides."""

    def __init__(self, port: int, workers: int, **environment: str) -> None:
        command = [sys.executable, "-m", "strigil.cli", "serve", "--port", str(port), "--workers", str(workers)]
        given = os.environ | {"STRIGIL_TLS": "yes", "STRIGIL_DEMO": "no"} | environment
        self._process = subprocess.Popen(command, env=given, stdout=subprocess.PIPE, text=True, start_new_session=True)

    def __enter__(self) -> Served:
        assert self._process.stdout is not None
        if not self._process.stdout.readline().startswith("Strigil is ready"):
            raise SystemExit("benchmarks: the server did not start; why stands above")
        return self

    def busy(self) -> float:
        """Seconds that processors have worked for the server and its workers."""
        return sum(_busy(pid) for pid in (self._process.pid, *_children(self._process.pid)))

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


def _children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _busy(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(database: str, size: Size, given: argparse.Namespace) -> dict[str, Any]:
    """All loads on one database. Django is set up for it, so this is once a process."""
    prepare(database, size, given.keep)
    from strigil.accounts.models import User
    from tests.ports import free_port

    first = User.objects.get(username="clinician-0-0")
    users = list(User.objects.filter(clinic=first.clinic, role="clinician").order_by("username")[:AT_ONCE])
    port = free_port()
    before = os.getloadavg()
    with Served(port, given.workers) as server:
        people = people_of(port, "testserver", users)
        done = asyncio.run(loads(people, given.seconds, given.minutes * 60, server.busy))
    return {
        "database": database,
        "patients": size.patients,
        "visits": size.visits,
        "workers": given.workers,
        "loads": {name: load.figures() for name, load in done.items()},
        "processor_seconds_of_this_end": round(sum(resource.getrusage(resource.RUSAGE_SELF)[:2]), 1),
        "machine": machine() | {"load_average_before": [round(one, 1) for one in before]},
    }


# --- The command ------------------------------------------------------------------------------------------------


def table(results: Sequence[dict[str, Any]]) -> str:
    """One line a load and database."""
    lines = [
        "| Load | Database | a second | p50 ms | p95 ms | p99 ms | most ms | server ms each | errors |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name in results[0]["loads"]:
        for one in results:
            row = one["loads"][name]
            cells = [
                row[key] for key in ("a_second", "p50_ms", "p95_ms", "p99_ms", "most_ms", "server_ms_each", "errors")
            ]
            lines.append(f"| {name} | {DATABASES[one['database']]} | {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, default=1000, help="twenty visits each (1000)")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="of the server (one a core)")
    parser.add_argument("--seconds", type=float, default=20, help="of each load but the mixed one (20)")
    parser.add_argument("--minutes", type=float, default=1, help="of the mixed load (1)")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="where records are kept (the temporary folder)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    given = parser.parse_args()
    size = Size(given.patients, given.patients * 20)
    names = list(DATABASES) if given.database == "both" else [given.database]
    results = [measure(names[0], size, given)] if len(names) == 1 else [_apart(name, given) for name in names]
    print(table(results))
    print(json.dumps(results, indent=1))
    if given.json:
        given.json.write_text(json.dumps(results, indent=1))


def _apart(database: str, given: argparse.Namespace) -> dict[str, Any]:
    """One database in a process of its own, for settings are read once."""
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "figures.json"
        words = {name: value for name, value in vars(given).items() if value is not None and name != "json"}
        words |= {"database": database, "json": out}
        command = [sys.executable, "-m", "benchmarks.load"]
        command += [word for name, value in words.items() for word in (f"--{name}", str(value))]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        found: dict[str, Any] = json.loads(out.read_text())[0]
    return found


if __name__ == "__main__":
    main()
