"""How long a backup, its check and a restore take: ``python -m benchmarks.restore --patients 50000``.

The record is that of ``benchmarks.population``. The drill is the one of docs/how-to/back-up-and-restore.md: the
command, a backup, its key and a new database. Prints figures, asserts nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.population import Size, prepare


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=1000)
    parser.add_argument("--visits", type=int, help="twenty for each patient")
    parser.add_argument("--keep", type=Path, help="where the made record is kept")
    given = parser.parse_args()
    size = Size(given.patients, given.visits or 20 * given.patients)
    prepare("sqlite", size, given.keep)
    from django.db import connection

    source = f"sqlite:{connection.settings_dict['NAME']}"
    connection.close()
    folder = Path(tempfile.mkdtemp(prefix="strigil-restore-"))
    try:
        _drill(source, folder)
    finally:
        shutil.rmtree(folder)


def _drill(source: str, folder: Path) -> None:
    key, file = folder / "key", folder / "one.age"
    key.write_text("only for benchmarks")
    report, took, worked = _timed("backup", file, "--key-file", key, database=source)
    rows = report["rows"]
    print(f"{rows['clinic_patient']:,} patients, {rows['clinic_visit']:,} visits, {sum(rows.values()):,} rows")
    print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors")
    print(f"backup, read back   {took:7.1f} s, of the processor {worked:7.1f} s   {file.stat().st_size / 1e6:,.0f} MB")
    _, took, worked = _timed("check", file, "--key-file", key, database=source)
    print(f"check of the file   {took:7.1f} s, of the processor {worked:7.1f} s")
    there = folder / "restored.sqlite3"
    _, took, worked = _timed("restore", file, "--key-file", key, database=f"sqlite:{there}")
    print(f"restore             {took:7.1f} s, of the processor {worked:7.1f} s   {there.stat().st_size / 1e6:,.0f} MB")


def _timed(*words: object, database: str) -> tuple[dict[str, dict[str, int]], float, float]:
    """The report, and the seconds it took, on the clock and of the processor."""
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    ran = subprocess.run(
        [sys.executable, "-m", "strigil.cli", *map(str, words), "--json"],
        env=os.environ | {"STRIGIL_DATABASE": database},
        stdout=subprocess.PIPE,
        check=True,
    )
    report: dict[str, dict[str, int]] = json.loads(ran.stdout)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    worked = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return report, time.perf_counter() - started, worked


if __name__ == "__main__":
    main()
