"""Server time of a day: ``python -m benchmarks.day``.

Today's list and the book with 5 and with 200 appointments of one day, each of another patient in an open course, on
the record that ``benchmarks.pages`` uses and in its manner. The appointments are gone again afterwards. Prints
figures, asserts nothing.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.pages import DATABASES, Timing, machine, summary, table, timed
from benchmarks.population import TODAY, Size, prepare

FEW, MANY = 5, 200
MINUTES = 4
"""Of each appointment, so that two hundred fit into one day of one clinician."""
PAGES = (("Today", "/today"), ("The book, a day", "/book"), ("The book, a week", "/book/week"))


def measure(runs: int = 30, database: str = "sqlite", size: Size | None = None) -> list[Timing]:
    """Timings of each page with few and with many appointments; Django is set up on a record already."""
    import time_machine
    from django.test import Client

    from strigil.accounts.models import User

    noon = datetime.combine(TODAY, time(10, 30), ZoneInfo("Europe/London"))
    size = size or Size(0, 0)
    rows = []
    with time_machine.travel(noon, tick=True):
        user, client = User.objects.get(username="clinician-0-0"), Client()
        client.force_login(user)
        for number in (FEW, MANY):
            with _booked(user, number) as made:
                for name, address in PAGES:
                    took, cpu, queries, length = timed(
                        lambda address=address: client.get(address), 200, runs, nullcontext
                    )
                    figures = (round(min(took), 2), round(statistics.median(cpu), 2), queries, length)
                    page = f"{name}, {made} appointments"
                    rows.append(Timing(page, database, size.patients, size.visits, len(took), *summary(took), *figures))
                    print(f"{rows[-1].median_ms:9.1f} ms  {page}", file=sys.stderr, flush=True)
    return rows


@contextmanager
def _booked(user: Any, number: int) -> Iterator[int]:
    """So many patients of open courses, one after the other; undone afterwards. Gives how many there were to book."""
    from strigil.clinic.models import Appointment, Course

    courses = list(Course.objects.filter(clinic=user.clinic, status="open").order_by("patient_id", "id")[: 2 * number])
    each = list({one.patient_id: one for one in courses}.values())[:number]
    begins = datetime.combine(TODAY, time(7), ZoneInfo("Europe/London"))
    rows = [
        Appointment(
            clinic=user.clinic,
            created_by=user,
            patient_id=course.patient_id,
            clinician=user,
            course=course,
            starts=begins + timedelta(minutes=MINUTES * place),
            ends=begins + timedelta(minutes=MINUTES * (place + 1)),
            time_zone="Europe/London",
        )
        for place, course in enumerate(each)
    ]
    Appointment.objects.bulk_create(rows)
    try:
        yield len(rows)
    finally:
        Appointment.objects.filter(pk__in=[one.pk for one in rows]).delete()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, default=1000, help="of the record; twenty visits each")
    parser.add_argument("--database", choices=tuple(DATABASES), default="sqlite")
    parser.add_argument("--runs", type=int, default=30, help="of each page, after the warm-up")
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="where records are kept (default: the temporary folder)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    given = parser.parse_args()
    size = Size(given.patients, given.patients * 20)
    prepare(given.database, size, given.keep)
    rows = measure(given.runs, given.database, size)
    print(f"{table(rows)}\n\n{json.dumps(machine())}")
    if given.json:
        given.json.write_text(json.dumps({"machine": machine(), "timings": [asdict(one) for one in rows]}, indent=1))


if __name__ == "__main__":
    main()
