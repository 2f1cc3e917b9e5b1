"""``python -m tests.both``: the whole suite on SQLite and on PostgreSQL, side by side, one core each.

Each run has its own folders, ports and PostgreSQL (tests/environment.py), so neither sees the other: in the folder that
pytest shares between runs, each would tidy away the other's. Every line says which database it is of; the exit code is
0 only where both are. What is the same whatever the database is tested once: what is marked so in the run on SQLite,
what asks no database and how the pages of journeys look in the run on PostgreSQL, so that both take about as long.
What failed is named again at the very end, a line each: what a failed test prints can be long, and of a long run often
only the last lines are kept. Words are handed on: ``python -m tests.both tests/keep``.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Thread

DATABASES = {"sqlite": ("--but-looks", "--but-pure"), "postgresql": ("--but-same",)}

MOST_NAMED, WIDEST = 10, 200


@dataclass
class Ended:
    code: int
    failed: list[str]
    """The lines of pytest's summary, one for each test that failed."""


def side_by_side(commands: Mapping[str, Sequence[str]]) -> dict[str, Ended]:
    """Run all at once; gives how each one ended."""
    width = max(map(len, commands))
    running = {
        name: subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        for name, command in commands.items()
    }
    failed: dict[str, list[str]] = {name: [] for name in running}
    readers = [
        Thread(target=_pass_on, args=(f"{name:<{width}} | ", one, failed[name])) for name, one in running.items()
    ]
    for reader in readers:
        reader.start()
    try:
        codes = {name: one.wait() for name, one in running.items()}
    finally:
        for one in running.values():
            one.terminate() if one.poll() is None else None
        for reader in readers:
            reader.join()
    return {name: Ended(code, failed[name]) for name, code in codes.items()}


def _pass_on(label: str, process: subprocess.Popen[str], failed: list[str]) -> None:
    assert process.stdout is not None
    with process.stdout as lines:
        for line in lines:
            sys.stdout.write(label + line)
            sys.stdout.flush()
            if line.startswith(("FAILED tests/", "ERROR tests/")):
                failed.append(line.rstrip())


def told(runs: Mapping[str, Ended]) -> str:
    """What failed, and in the last line how each run ended."""
    named = [f"{name}: {line}"[:WIDEST] for name, one in runs.items() for line in one.failed]
    more = [f"and {len(named) - MOST_NAMED} more"] if len(named) > MOST_NAMED else []
    ends = ", ".join(f"{name}: {f'exit code {one.code}' if one.code else 'passed'}" for name, one in runs.items())
    return "\n".join([*named[:MOST_NAMED], *more, ends])


def main() -> int:
    given = sys.argv[1:]
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # both runs end with this one
    with tempfile.TemporaryDirectory(prefix="strigil-both-") as folder:
        pytest = [sys.executable, "-m", "pytest", *given]
        try:
            runs = side_by_side(
                {
                    name: [*pytest, "--database", name, *more, "--basetemp", f"{folder}/{name}"]
                    for name, more in DATABASES.items()
                }
            )
        except KeyboardInterrupt:
            return 130
    print(told(runs))
    return max((one.code for one in runs.values()), key=abs)


if __name__ == "__main__":
    sys.exit(main())
