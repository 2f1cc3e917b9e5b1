"""What keeping SQL saves of each page: ``python -m benchmarks.statements``.

Every page of ``benchmarks.pages`` is asked for in turns, with SQL that is kept (strigil/accounts/statements.py) and by
Django's own compiler, in one process: milliseconds of this process, the lowest of all turns, which other work on the
machine disturbs least.
"""

from __future__ import annotations

import argparse
import json
import time
from datetime import datetime
from importlib import import_module
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks.pages import DATABASES, Record, machine
from benchmarks.population import TODAY, Size, prepare

COMPILERS = {"Django's own": "django.db.models.sql.compiler", "kept": "strigil.accounts.statements"}


def measure(database: str, turns: int, keep: Path | None) -> list[tuple[str, float, float]]:
    """Each page with its milliseconds: as Django writes its SQL, and as it is kept."""
    import time_machine

    prepare(database, Size(1000, 20_000), keep)
    from django.db import connection

    from strigil.knowledge import load

    load()
    rows = []
    now = datetime(TODAY.year, TODAY.month, TODAY.day, 10, 30, tzinfo=ZoneInfo("Europe/London"))
    with time_machine.travel(now, tick=True):
        record = Record()
        for name, address in record.pages():
            lowest = dict.fromkeys(COMPILERS, float("inf"))
            for turn in range(turns):
                for which in list(COMPILERS)[:: 1 if turn % 2 else -1]:
                    connection.ops._cache = import_module(COMPILERS[which])  # type: ignore[attr-defined]
                    busy = time.process_time()
                    assert record.client.get(address).status_code == 200, address
                    lowest[which] = min(lowest[which], (time.process_time() - busy) * 1000)
            rows.append((name, *lowest.values()))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=tuple(DATABASES), default="sqlite")
    parser.add_argument("--turns", type=int, default=30)
    parser.add_argument("--keep", type=Path, metavar="DIR", help="where records are kept (the temporary folder)")
    given = parser.parse_args()
    print("| Page | Django's own | kept | less |\n| --- | ---: | ---: | ---: |")
    for name, own, kept in measure(given.database, given.turns, given.keep):
        print(f"| {name} | {own:.2f} | {kept:.2f} | {1 - kept / own:.0%} |")
    print(f"\n{json.dumps(machine() | {'database': given.database})}")


if __name__ == "__main__":
    main()
