"""What it saves of each page to work things out once: ``python -m benchmarks.statements``.

Every page of ``benchmarks.pages`` is asked for in turns, as Django's own compiler and tags write it anew, with SQL that
is kept (strigil/accounts/statements.py), and with addresses that are kept as well (strigil/clinic/address_tags.py), in
one process: milliseconds of this process, the lowest of all turns, which other work on the machine disturbs least.
"""

from __future__ import annotations

import argparse
import json
import time
from importlib import import_module
from pathlib import Path

from benchmarks.pages import DATABASES, machine, on_its_day
from benchmarks.population import Size, prepare

DJANGO, OURS = "django.db.models.sql.compiler", "strigil.accounts.statements"
WAYS = {"Django's own": (DJANGO, False), "SQL kept": (OURS, False), "addresses too": (OURS, True)}
"""Whose compiler, and whether addresses are kept."""


def measure(database: str, turns: int, keep: Path | None) -> list[tuple[str, list[float]]]:
    """Each page with its milliseconds, one way after the other."""
    prepare(database, Size(1000, 20_000), keep)
    from django.db import connection
    from django.template import Context

    from strigil.clinic.address_tags import KeptAddress

    kept = KeptAddress.render

    def anew(self: KeptAddress, context: Context) -> str:
        return self._node.render(context)

    rows = []
    with on_its_day() as record:
        for name, address in record.pages():
            lowest = dict.fromkeys(WAYS, float("inf"))
            for turn in range(turns):
                for which, (compiler, keeps) in list(WAYS.items())[:: 1 if turn % 2 else -1]:
                    connection.ops._cache = import_module(compiler)
                    KeptAddress.render = kept if keeps else anew  # type: ignore[method-assign]
                    busy = time.process_time()
                    assert record.client.get(address).status_code == 200, address
                    lowest[which] = min(lowest[which], (time.process_time() - busy) * 1000)
            rows.append((name, [*lowest.values()]))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=tuple(DATABASES), default="sqlite")
    parser.add_argument("--turns", type=int, default=30)
    parser.add_argument("--keep", type=Path, metavar="DIR", help="where records are kept (the temporary folder)")
    given = parser.parse_args()
    print(f"| Page | {' | '.join(WAYS)} | less |\n| --- |{' ---: |' * len(WAYS)} ---: |")
    for name, took in measure(given.database, given.turns, given.keep):
        print(f"| {name} | {' | '.join(f'{one:.2f}' for one in took)} | {1 - took[-1] / took[0]:.0%} |")
    print(f"\n{json.dumps(machine() | {'database': given.database})}")


if __name__ == "__main__":
    main()
