"""Server time of the pathway's pages: ``python -m benchmarks.pages``, or ``make bench``.

Each page is asked for through Django's test client, so through every middleware, inside this process: no network, no
second worker, nothing but the server's own work. Median and 95th percentile of the runs, number of queries, size of
the answer. Figures are for comparing on one machine; other work on it shows in the 95th percentile first.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.population import LONG, SHORT, TODAY, Size, prepare

BUDGET_MS = 50
"""The budget of the design; rows above it at the 95th percentile are marked, nothing fails."""
WARM_UP = 3
PATIENCE = 20.0
"""Seconds after which a slow page is not asked for again, once it has had ``FEWEST`` runs."""
FEWEST = 3
DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True, slots=True)
class Timing:
    page: str
    database: str
    patients: int
    visits: int
    runs: int
    median_ms: float
    p95_ms: float
    least_ms: float
    cpu_ms: float
    queries: int
    bytes: int


# --- What is asked for ------------------------------------------------------------------------------------------


class Record:
    """The patients that the pages are about, found again in the record."""

    def __init__(self) -> None:
        from django.test import Client

        from strigil.accounts.models import User
        from strigil.clinic.models import Course, Visit

        self.user = User.objects.get(username="clinician-0-0")
        self.client = Client()
        self.client.force_login(self.user)
        drafts = Visit.objects.filter(status="draft", clinic=self.user.clinic).select_related("course")
        self.drafts = {one.number - 1: one for one in drafts}
        self.courses: dict[int, Course] = {number: one.course for number, one in self.drafts.items()}
        self.signed = {number: one.course.visits.get(number=number) for number, one in self.drafts.items()}

    def pages(self) -> Iterator[tuple[str, str]]:
        """Name and address of each page that is read."""
        yield "Today", "/today"
        yield "Patients, first page", "/patients"
        yield "Patients, from the middle", "/patients?after=m/00000000-0000-7000-8000-000000000000"
        yield "Search, common part of a name", "/patients?q=ana"
        yield "Search, nobody found", "/patients?q=nobody+at+all"
        yield "Learn", "/learn"
        yield "Evidence, all conditions", "/evidence"
        yield "Evidence, one condition", "/evidence/low_back_pain"
        for number in (SHORT, LONG):
            course = f"/courses/{self.courses[number].pk}"
            draft, signed = f"/visits/{self.drafts[number].pk}", f"/visits/{self.signed[number].pk}"
            yield f"Patient, {number} visits", f"/patients/{self.courses[number].patient_id}"
            yield f"Course, {number} visits", course
            yield f"Evaluate, {number} visits", f"{course}/evaluate"
            yield f"Screen, {number} visits", f"{course}/screen"
            yield f"Plan, {number} visits", f"{course}/plan"
            yield f"Visit, draft, {number} visits", draft
            yield f"Visit, to sign, {number} visits", f"{draft}/sign"
            yield f"Visit, signed, {number} visits", signed
            yield f"Respond, {number} visits", f"{signed}/respond"
            yield f"Measure, {number} visits", f"{course}/measure"

    def saves(self) -> Iterator[tuple[str, Callable[[], Any]]]:
        """Name of each form that is saved, and how it is sent."""
        for number in (SHORT, LONG):
            yield f"Save a visit, {number} visits", lambda number=number: self._save_visit(number)
            yield f"Save a screen, {number} visits", lambda number=number: self._save_screen(number)

    def _save_visit(self, number: int) -> Any:
        sent = {"version": 1, "measured-before_nprs": 4, "measured-after_nprs": 2, "reactions": ["redness_heat"]}
        for place in range(self.courses[number].sites.count()):
            dose = {"treated": "on", "instrument": "graston_gt4", "strokes": ["sweep"], "seconds": 60}
            sent |= {f"area-{place}-{name}": value for name, value in dose.items()}
        return self._saved(f"/visits/{self.drafts[number].pk}", sent)

    def _save_screen(self, number: int) -> Any:
        from strigil.knowledge import load

        address = f"/courses/{self.courses[number].pk}/screen"
        page = self.client.get(address).content.decode()
        return self._saved(address, {name: "no" for name in load().rules if f'name="{name}"' in page})

    def _saved(self, address: str, sent: dict[str, Any]) -> Callable[[], Any]:
        """Sends the form. A name that the page does not have would be dropped without a word, and save too little."""
        page = self.client.get(address).content.decode()
        wrong = [name for name in sent if f'name="{name}"' not in page]
        if wrong or not sent:
            raise SystemExit(f"benchmarks: the form at {address} has no {', '.join(wrong) or 'field'}")
        return lambda: self.client.post(address, sent)

    @contextmanager
    def restored(self) -> Iterator[None]:
        """What is saved inside is gone afterwards, so that each run saves into the same record."""
        from strigil.clinic import models as record

        added = (record.Reaction, record.ReactionCheck, record.Treatment, record.Reading)
        added += (record.Screening, record.Finding, record.AuditEvent)
        newest = {model: model.objects.order_by("-id").values_list("id", flat=True)[0] for model in added}
        try:
            yield
        finally:
            for model, last in newest.items():
                model.objects.filter(id__gt=last).delete()
            for draft in self.drafts.values():
                draft.save()


@contextmanager
def on_its_day() -> Iterator[Record]:
    """The record that was prepared, in the middle of its last morning, with the shelf already read."""
    import time_machine

    from strigil.knowledge import load

    load()
    now = datetime(TODAY.year, TODAY.month, TODAY.day, 10, 30, tzinfo=ZoneInfo("Europe/London"))
    with time_machine.travel(now, tick=True):
        yield Record()


# --- How it is timed --------------------------------------------------------------------------------------------


def timed(
    ask: Callable[[], Any], status: int, runs: int, around: Callable[[], Any]
) -> tuple[list[float], list[float], int, int]:
    """Milliseconds of each run and of this process in it, queries of one, bytes of the answer."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with around(), CaptureQueriesContext(connection) as seen:
        started = time.perf_counter()
        response = ask()
        queries = len(seen)
    for _ in range(WARM_UP if time.perf_counter() - started < PATIENCE / 10 else 0):
        with around():
            ask()
    if response.status_code != status:
        raise SystemExit(
            f"benchmarks: expected an answer {status}, got {response.status_code}: {response.content[:500]}"
        )
    took: list[float] = []
    cpu: list[float] = []
    while len(took) < runs and (len(took) < FEWEST or sum(took) < PATIENCE * 1000):
        with around():
            started, busy = time.perf_counter(), time.process_time()
            ask()
            took.append((time.perf_counter() - started) * 1000)
            cpu.append((time.process_time() - busy) * 1000)
    return took, cpu, queries, len(response.content)


def measure(database: str, size: Size, runs: int, keep: Path | None) -> dict[str, Any]:
    """All timings on one database of one size. Django is set up for it, so this is once a process."""
    _, built = prepare(database, size, keep)
    rows: list[Timing] = []
    with on_its_day() as record:
        asked: list[tuple[str, Any, int, Any]] = [
            (name, lambda address=address: record.client.get(address), 200, nullcontext)
            for name, address in record.pages()
        ]
        asked += [(name, make(), 302, record.restored) for name, make in record.saves()]
        for name, ask, status, around in asked:
            took, cpu, queries, length = timed(ask, status, runs, around)
            figures = (*summary(took), round(min(took), 2), round(statistics.median(cpu), 2), queries, length)
            rows.append(Timing(name, database, size.patients, size.visits, len(took), *figures))
            print(f"{rows[-1].median_ms:9.1f} ms  {name}", file=sys.stderr, flush=True)
    return {"built_seconds": built, "version": _version(), "timings": [asdict(row) for row in rows]}


def summary(took: Sequence[float]) -> tuple[float, float]:
    """Median, and the smallest time that 95 of 100 runs do not exceed."""
    return round(statistics.median(took), 2), round(sorted(took)[math.ceil(0.95 * len(took)) - 1], 2)


def _version() -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version" if connection.vendor == "postgresql" else "SELECT sqlite_version()")
        return str(cursor.fetchone()[0]).split()[0]


# --- How it is shown --------------------------------------------------------------------------------------------


def table(timings: Iterable[Timing]) -> str:
    """One line a page; a pair of times for each database and size."""
    rows = list(timings)
    columns = list(dict.fromkeys((row.patients, row.visits, row.database) for row in rows))
    heads = [f"{DATABASES[database]}, {patients:,} patients" for patients, _, database in columns]
    lines = [f"| Page | Queries | kB | {' | '.join(heads)} |", "| --- | ---: | ---: |" + " ---: |" * len(heads)]
    for page in dict.fromkeys(row.page for row in rows):
        found = {(row.patients, row.visits, row.database): row for row in rows if row.page == page}
        cells = [_cell(found[column]) if column in found else "" for column in columns]
        queries = _span(row.queries for row in found.values())
        size = _span(round(row.bytes / 1000) for row in found.values())
        lines.append(f"| {page} | {queries} | {size} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(row: Timing) -> str:
    text = f"{row.median_ms:.1f} / {row.p95_ms:.1f} ({row.least_ms:.1f})"
    return f"**{text}**" if row.p95_ms > BUDGET_MS else text


def _span(values: Iterable[int]) -> str:
    found = sorted(set(values))
    return str(found[0]) if len(found) == 1 else f"{found[0]} to {found[-1]}"


def machine() -> dict[str, Any]:
    import django

    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return {
        "on": date.today().isoformat(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "memory_gib": round(memory),
        "load_average": [round(one, 1) for one in os.getloadavg()],
        "python": platform.python_version(),
        "django": django.get_version(),
    }


# --- The command ------------------------------------------------------------------------------------------------


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, action="append", help="default: 1000; twenty visits each; repeatable")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--runs", type=int, default=30, help="of each page, after the warm-up; slow pages get fewer")
    parser.add_argument("--full", action="store_true", help="1,000 and 50,000 patients")
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="where records are kept (default: the temporary folder)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    given = parser.parse_args()
    sizes = given.patients or ([1000, 50_000] if given.full else [1000])
    databases = list(DATABASES) if given.database == "both" else [given.database]
    if len(sizes) * len(databases) == 1:
        parts = [measure(databases[0], Size(sizes[0], sizes[0] * 20), given.runs, given.keep)]
    else:
        parts = [_apart(database, size, given) for size in sizes for database in databases]
    timings = [Timing(**row) for part in parts for row in part["timings"]]
    print(
        "Milliseconds at the server: median / 95th percentile (the quickest run, which other work on the machine"
        f" disturbs least); bold where the 95th percentile is over {BUDGET_MS} ms.\n"
    )
    print(table(timings))
    about = machine() | {"databases": sorted({f"{row['timings'][0]['database']} {row['version']}" for row in parts})}
    print(f"\n{json.dumps(about)}")
    if given.json:
        given.json.write_text(json.dumps({"machine": about, "timings": [asdict(row) for row in timings]}, indent=1))


def _apart(database: str, patients: int, given: argparse.Namespace) -> dict[str, Any]:
    """One database of one size in a process of its own, for settings are read once."""
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "figures.json"
        command = [sys.executable, "-m", "benchmarks.pages", "--database", database, "--patients", str(patients)]
        command += ["--runs", str(given.runs), "--json", str(out)]
        command += ["--keep", str(given.keep)] if given.keep else []
        print(f"{DATABASES[database]}, {patients:,} patients", file=sys.stderr)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        found = json.loads(out.read_text())
    return {"version": found["machine"]["databases"][0].split()[1], "timings": found["timings"]}


if __name__ == "__main__":
    main()
