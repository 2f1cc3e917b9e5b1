"""What keeping SQL saves of each page: ``python -m benchmarks.statements``.

Every page of ``benchmarks.pages`` is asked for in turns, with SQL that is kept (strigil/accounts/statements.py) and
with SQL that Django's own compiler writes anew, in one process: milliseconds of this process, the lowest of all turns,
which other work on the machine disturbs least.
"""

from __future__ import annotations

import argparse
import json
import time
from importlib import import_module
from pathlib import Path

from benchmarks.pages import DATABASES, machine, on_its_day
from benchmarks.population import Size, prepare

COMPILERS = {"Django's own": "django.db.models.sql.compiler", "kept": "strigil.accounts.statements"}


def measure(database: str, turns: int, keep: Path | None) -> list[tuple[str, float, float]]:
    """Each page with its milliseconds: as Django writes its SQL, and as it is kept."""
    prepare(database, Size(1000, 20_000), keep)
    from django.db import connection

    rows = []
    with on_its_day() as record:
        for name, address in record.pages():
            lowest = dict.fromkeys(COMPILERS, float("inf"))
            for turn in range(turns):
                for which in list(COMPILERS)[:: 1 if turn % 2 else -1]:
                    connection.ops._cache = import_module(COMPILERS[which])
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
