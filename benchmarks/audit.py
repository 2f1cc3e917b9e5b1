"""What the log costs: ``python -m benchmarks.audit [--database postgresql] [--lines 100000]``.

Eight people write at once into one clinic, each in a process's thread with a connection of its own, with the log and
with its triggers taken away; then eight read at once; then the whole log is verified. Prints figures, asserts nothing.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

WRITERS = 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--each", type=int, default=50, help="writes of each writer (50)")
    parser.add_argument("--lines", type=int, default=20_000, help="lines of the log that is verified (20,000)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="strigil-benchmarks-") as folder:
        _set_up(given.database, Path(folder))
        run(given.each, given.lines)


def _set_up(database: str, place: Path) -> None:
    from benchmarks.population import _address

    (place / "static").mkdir()
    os.environ.update(
        DJANGO_SETTINGS_MODULE="strigil.settings",
        STRIGIL_DATA=str(place),
        STRIGIL_AUDIT_KEY=str(place / "audit-key"),
        STRIGIL_SECRET_KEY="only for benchmarks",
        STRIGIL_HOSTS="testserver",
        STRIGIL_DATABASE=_address(database, place),
    )
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def run(each: int, lines: int) -> None:
    from django.db import connection

    from strigil.accounts.audit import triggers
    from strigil.accounts.models import Clinic, LogLine, User

    clinic = Clinic.objects.create(name="Northside")
    user = User.objects.create(username="dana", clinic=clinic, role="clinician", display_name="Dana")
    write = _writing(user)
    write(0)
    read = _reading(user)
    _say("8 write at once, with the log", _at_once(write, each))
    _say("8 open a patient at once, with the log", _at_once(read, each))
    triggers.remove(connection)
    _say("8 write at once, without triggers", _at_once(write, each))
    triggers.install(connection)
    _fill(user, lines)
    held = LogLine.objects.count()
    started = time.perf_counter()
    from strigil.accounts.audit.verify import verify

    report = verify()
    took = time.perf_counter() - started
    print(f"{held:>9,} lines verified in {took:.1f} s: {held / took:,.0f} a second; faults: {len(report.faults)}")


def _writing(user: Any) -> Callable[[int], None]:
    from strigil.clinic.actions.register import register_patient

    return lambda number: register_patient(by=user, name=f"Person {number}", sex="female", born=None) and None


def _reading(user: Any) -> Callable[[int], None]:
    from django.test import Client

    from strigil.clinic.models import Patient

    address, client = f"/patients/{Patient.objects.latest('id').pk}", Client()
    client.force_login(user)

    def read(_: int) -> None:
        if client.get(address).status_code != 200:
            raise SystemExit("benchmarks: the patient's page does not answer")

    return read


def _at_once(act: Callable[[int], None], each: int) -> list[float]:
    from django.db import connection

    took: list[float] = []

    def work() -> None:
        for number in range(each):
            started = time.perf_counter()
            act(number)
            took.append((time.perf_counter() - started) * 1000)
        connection.close()

    threads = [Thread(target=work) for _ in range(WRITERS)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took.append(time.perf_counter() - started)
    return took


def _say(what: str, took: list[float]) -> None:
    whole = took.pop()
    cut = statistics.quantiles(took, n=100)
    print(f"{len(took) / whole:9.0f} a second, median {cut[49]:.1f} ms, p99 {cut[98]:.1f} ms: {what}", flush=True)


def _fill(user: Any, lines: int) -> None:
    from django.db import transaction

    from strigil.accounts.audit.chain import record
    from strigil.accounts.audit.models import What
    from strigil.accounts.audit.said import Said
    from strigil.accounts.models import LogLine, uuid7

    said, patient = Said(user.pk, user.role, user.clinic_id, "patient", "GET", uuid7()), uuid7()
    with transaction.atomic():
        for _ in range(max(0, lines - LogLine.objects.count())):
            record(What.OPENED, clinic=user.clinic_id, said=said, outcome="shown", patients=[patient])


if __name__ == "__main__":
    main()
