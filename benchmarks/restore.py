"""How long a backup, its check and a restore take: ``python -m benchmarks.restore --patients 50000``.

The record is that of ``benchmarks.population``, backed up from SQLite. The drill is the one of
docs/how-to/back-up-and-restore.md: the command, a backup, its key and a new database of either kind. Prints figures,
asserts nothing. The processor's time is that of the command and of PostgreSQL's server together.
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
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite", help="to restore into")
    parser.add_argument("--keep", type=Path, help="where the made record is kept")
    given = parser.parse_args()
    size = Size(given.patients, given.visits or 20 * given.patients)
    prepare("sqlite", size, given.keep)
    from django.db import connection

    source = f"sqlite:{connection.settings_dict['NAME']}"
    connection.close()
    folder = Path(tempfile.mkdtemp(prefix="strigil-restore-"))
    try:
        _drill(source, folder, given.database)
    finally:
        shutil.rmtree(folder)


def _drill(source: str, folder: Path, kind: str) -> None:
    key, file = folder / "key", folder / "one.age"
    key.write_text("only for benchmarks")
    report, took, worked = _timed("backup", file, "--key-file", key, database=source)
    rows = report["rows"]
    print(f"{rows['clinic_patient']:,} patients, {rows['clinic_visit']:,} visits, {sum(rows.values()):,} rows")
    print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors")
    _say("backup, read back", took, worked, f"{file.stat().st_size / 1e6:,.0f} MB")
    _say("check of the file", *_timed("check", file, "--key-file", key, database=source)[1:])
    there, server = _new(kind, folder)
    _say(f"restore, {kind}", *_timed("restore", file, "--key-file", key, database=there, server=server)[1:])


def _say(what: str, took: float, worked: float, size: str = "") -> None:
    print(f"{what:20}{took:7.1f} s, of the processor {worked:7.1f} s   {size}", flush=True)


def _new(kind: str, folder: Path) -> tuple[str, int]:
    """The address of a new database, and the process of its server."""
    if kind == "sqlite":
        return f"sqlite:{folder / 'restored.sqlite3'}", 0
    from tests.postgres import start

    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    address = start(folder)
    return address, int((folder / "postgres" / "postmaster.pid").read_text().split()[0])


def _timed(*words: object, database: str, server: int = 0) -> tuple[dict[str, dict[str, int]], float, float]:
    """The report, and the seconds it took, on the clock and of the processor."""
    started, before = time.perf_counter(), _worked(server)
    ran = subprocess.run(
        [sys.executable, "-m", "strigil.cli", *map(str, words), "--json"],
        env=os.environ | {"STRIGIL_DATABASE": database},
        stdout=subprocess.PIPE,
        check=True,
    )
    report: dict[str, dict[str, int]] = json.loads(ran.stdout)
    return report, time.perf_counter() - started, _worked(server) - before


def _worked(server: int) -> float:
    """Seconds of the processor of every command that has ended, and of all that a server's ended processes did."""
    commands = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = commands.ru_utime + commands.ru_stime
    if server:
        fields = Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()
        seconds += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return seconds


if __name__ == "__main__":
    main()
