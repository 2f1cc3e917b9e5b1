"""The tests' own PostgreSQL ends with the last that uses it, also after one that was killed."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

STARTED = "import sys, os, signal, pathlib, tests.postgres as it; it.start(pathlib.Path(sys.argv[1]), keep=True); "


def used(place: Path, *, killed: bool) -> None:
    end = "os.kill(os.getpid(), signal.SIGKILL)" if killed else ""
    ran = subprocess.run([sys.executable, "-c", STARTED + end, str(place)], check=False, capture_output=True, text=True)
    assert ran.returncode == (-9 if killed else 0), ran.stderr


def test_one_that_was_killed_does_not_count() -> None:
    place = Path(tempfile.mkdtemp(prefix="strigil-tests-"))  # short, for its socket, and open to the user it runs as
    place.chmod(0o755)
    pid = place / "postgres" / "postmaster.pid"
    try:
        used(place, killed=True)
        assert pid.exists(), "there is nothing to end"
        used(place, killed=False)
        assert not pid.exists()
    finally:
        if pid.exists():
            subprocess.run(["kill", "-9", pid.read_text().split()[0]], check=False)
        shutil.rmtree(place)
