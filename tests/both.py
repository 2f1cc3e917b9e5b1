"""``python -m tests.both``: the whole suite on SQLite and on PostgreSQL, side by side, one core each.

Each run has its own folders, ports and PostgreSQL (tests/environment.py), so neither sees the other: in the folder that
pytest shares between runs, each would tidy away the other's. Every line says which database it is of; the exit code is
0 only where both are. What asks no database is tested once, in the run on SQLite, and so is what a page does in the
browser alone; how the pages of the other journeys look, in the run on PostgreSQL.
Words are handed on: ``python -m tests.both tests/keep``.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from threading import Thread

DATABASES = {"sqlite": ("--but-looks",), "postgresql": ("--but-pure",)}


def side_by_side(commands: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Run all at once; gives each one's exit code."""
    width = max(map(len, commands))
    running = {
        name: subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        for name, command in commands.items()
    }
    readers = [Thread(target=_pass_on, args=(f"{name:<{width}} | ", one)) for name, one in running.items()]
    for reader in readers:
        reader.start()
    try:
        return {name: one.wait() for name, one in running.items()}
    finally:
        for one in running.values():
            one.terminate() if one.poll() is None else None
        for reader in readers:
            reader.join()


def _pass_on(label: str, process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    with process.stdout as lines:
        for line in lines:
            sys.stdout.write(label + line)
            sys.stdout.flush()


def main() -> int:
    given = sys.argv[1:]
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # both runs end with this one
    with tempfile.TemporaryDirectory(prefix="strigil-both-") as folder:
        pytest = [sys.executable, "-m", "pytest", *given]
        try:
            codes = side_by_side(
                {
                    name: [*pytest, "--database", name, *more, "--basetemp", f"{folder}/{name}"]
                    for name, more in DATABASES.items()
                }
            )
        except KeyboardInterrupt:
            return 130
    print(", ".join(f"{name}: {'passed' if code == 0 else f'exit code {code}'}" for name, code in codes.items()))
    return max(codes.values(), key=abs)


if __name__ == "__main__":
    sys.exit(main())
