"""Server time and queries of a visit after 10 and after 500 earlier ones: ``python -m benchmarks.visit``.

The pages of one visit, asked for as ``benchmarks.pages`` asks for its pages, side by side: the number of queries must
be the same however long the course is. Of today's list, ``benchmarks.day`` is asked where there is one.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import statistics
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from benchmarks.pages import DATABASES, Record, machine, on_its_day, timed
from benchmarks.population import LONG, SHORT, Size, prepare

Asked = tuple[str, Callable[[], Any], int, Callable[[], AbstractContextManager[Any]]]


def asked(record: Record, number: int) -> Iterator[Asked]:
    """Each page of the visit that follows so many others: its name, how it is asked for, its status, what is undone."""
    draft, signed = f"/visits/{record.drafts[number].pk}", f"/visits/{record.signed[number].pk}"
    pages = {
        "Visit, opened on the last one": draft,
        "Visit, opened empty": f"{draft}?copies=none",
        "Visit, to sign": f"{draft}/sign",
        "Visit, signed": signed,
        "Visit, to amend": f"{signed}/amend",
        "Course": f"/courses/{record.courses[number].pk}",
    }
    for name, address in pages.items():
        yield name, lambda address=address: record.client.get(address), 200, nullcontext
    save = next(make for name, make in record.saves() if name == f"Save a visit, {number} visits")
    yield "Visit, saved", save(), 302, record.restored


def measure(database: str, runs: int, keep: Path | None) -> list[dict[str, Any]]:
    """Every page of both visits, on one database."""
    prepare(database, Size(1000, 20_000), keep)
    rows: dict[str, dict[str, Any]] = {}
    with on_its_day() as record:
        for number in (SHORT, LONG):
            for name, ask, status, around in asked(record, number):
                took, _, queries, size = timed(ask, status, runs, around)
                row = rows.setdefault(name, {"page": name})
                row[f"queries_{number}"], row[f"kb_{number}"] = queries, round(size / 1000)
                row[f"median_{number}"] = f"{statistics.median(took):.1f} ({min(took):.1f})"
    return list(rows.values())


def table(rows: list[dict[str, Any]]) -> str:
    heads = [f"{what}, {number} visits" for number in (SHORT, LONG) for what in ("Queries", "ms")]
    lines = [f"| Page | {' | '.join(heads)} | |", "| --- |" + " ---: |" * len(heads) + " --- |"]
    for row in rows:
        cells = [str(row[f"{what}_{number}"]) for number in (SHORT, LONG) for what in ("queries", "median")]
        same = row[f"queries_{SHORT}"] == row[f"queries_{LONG}"]
        lines.append(f"| {row['page']} | {' | '.join(cells)} | {'' if same else 'NOT the same number'} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=tuple(DATABASES), default="sqlite")
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="where records are kept (default: the temporary folder)"
    )
    given = parser.parse_args()
    rows = measure(given.database, given.runs, given.keep)
    where = f"{DATABASES[given.database]}, 1,000 patients"
    print(f"Milliseconds at the server, median of {given.runs} (and the quickest), {where}.\n")
    print(table(rows))
    print(f"\n{json.dumps(machine())}")
    if importlib.util.find_spec("benchmarks.day"):
        importlib.import_module("benchmarks.day").measure()


if __name__ == "__main__":
    main()
