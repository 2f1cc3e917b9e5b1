"""The units of systemd are whole, keep Strigil in its place, and start commands that exist."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.reading import DEPLOY, INSTALLED, UNITS, is_command, unit

SERVICES = sorted(UNITS.glob("*.service"))
TIMERS = sorted(UNITS.glob("*.timer"))
WALLS = UNITS / "strigil-.service.d/walls.conf"
MOST_EXPOSED = 2.0
"""Of ten, as systemd counts; a service without walls has 9.6."""

analyze = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze")


@pytest.mark.parametrize("file", SERVICES, ids=lambda file: file.name)
def test_a_service_starts_a_command_of_ours(file: Path) -> None:
    commands = unit(file)["Service"]["ExecStart"]
    assert commands
    for command in commands:
        program, *words = command.split()
        assert program == INSTALLED
        assert is_command(words), command


def test_a_command_that_is_not_ours_is_caught() -> None:
    assert not is_command(["back-up", "/var/backups/strigil"])
    assert not is_command(["backup"])


def test_every_timer_has_its_service_and_every_service_but_the_server_its_timer() -> None:
    assert {file.stem for file in TIMERS} == {file.stem for file in SERVICES} - {"strigil-serve"}


def test_every_service_stands_within_the_walls() -> None:
    """systemd takes ``strigil-.service.d`` for every service whose name begins so."""
    assert all(file.name.startswith("strigil-") for file in SERVICES)
    walls = unit(WALLS)["Service"]
    assert walls["User"] == ["strigil"]
    assert not [file.name for file in SERVICES if walls.keys() & unit(file)["Service"].keys()]


def installed(folder: Path) -> Path:
    """The units as on a clinic's machine, with this environment's command in place of the installed one."""
    shutil.copytree(UNITS, folder)
    command = str(Path(sys.executable).with_name("strigil"))
    for file in folder.glob("*.service"):
        file.write_text(file.read_text().replace(INSTALLED, command))
    return folder


def analyzed(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"SYSTEMD_UNIT_PATH": f"{folder}:", "LC_ALL": "C.UTF-8"}
    return subprocess.run(["systemd-analyze", *words], env=env, capture_output=True, text=True)


def verified(folder: Path) -> str:
    names = [str(file) for file in folder.iterdir() if file.is_file()]
    done = analyzed(folder, "verify", "--man=no", *names)
    return done.stdout + done.stderr


@analyze
def test_systemd_understands_every_unit(tmp_path: Path) -> None:
    assert verified(installed(tmp_path / "units")) == ""


@analyze
@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("NoNewPrivileges=yes", "NoNewPrivilege=yes", "NoNewPrivilege"),
        ("/strigil check", "/strigilo check", "strigilo"),
        ("OnCalendar=*-*-* 02:30", "OnCalendar=every night", "every night"),
    ],
)
def test_a_slip_in_a_unit_is_caught(right: str, wrong: str, said: str, tmp_path: Path) -> None:
    units = installed(tmp_path / "units")
    slipped = [file for file in units.rglob("strigil*/*") if right in file.read_text()]
    slipped += [file for file in units.iterdir() if file.is_file() and right in file.read_text()]
    slipped[0].write_text(slipped[0].read_text().replace(right, wrong))
    assert said in verified(units)


def exposure(folder: Path, name: str) -> float:
    done = analyzed(folder, "security", "--offline=true", "--no-pager", str(folder / name))
    found = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
    assert found, done.stderr
    return float(found[1])


@analyze
def test_systemd_finds_little_that_a_service_could_reach(tmp_path: Path) -> None:
    units = installed(tmp_path / "units")
    assert [file.name for file in SERVICES if exposure(units, file.name) > MOST_EXPOSED] == []


@analyze
def test_walls_that_are_gone_are_caught(tmp_path: Path) -> None:
    units = installed(tmp_path / "units")
    shutil.rmtree(units / "strigil-.service.d")
    assert exposure(units, "strigil-serve.service") > MOST_EXPOSED


NO_MEMORY_TO_WRITE_AND_RUN = (
    "import ctypes, os, sys; ctypes.CDLL(None).prctl(65, 1, 0, 0, 0) and sys.exit(77); os.execv(sys.executable, "
    "[sys.executable, '-c', sys.argv[1]])"
)
"""What MemoryDenyWriteExecute does, asked of the kernel itself (Linux 6.3 and newer)."""


def run_within(script: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", NO_MEMORY_TO_WRITE_AND_RUN, script]
    done = subprocess.run(command, env=os.environ | {"PYTHONPATH": "."}, capture_output=True, text=True)
    if done.returncode == 77:
        pytest.skip("this kernel cannot refuse memory that is written and run")
    return done


def test_memory_that_is_written_and_run_is_not_needed() -> None:
    """Each library that has machine code of its own does its work: a database, numbers, a document, a password."""
    assert unit(WALLS)["Service"]["MemoryDenyWriteExecute"] == ["yes"]
    script = (
        "import duckdb, numpy, typst, granian._granian, argon2, cryptography.fernet; from pysqlite3 import dbapi2;"
        "duckdb.sql('select sum(x*x) from range(9) t(x)').fetchall(); numpy.linalg.inv(numpy.eye(9));"
        "typst.compile(b'= A page', format='pdf'); argon2.PasswordHasher().hash('x');"
        "dbapi2.connect(':memory:').create_function('f', 1, str); cryptography.fernet.Fernet.generate_key()"
    )
    done = run_within(script)
    assert done.returncode == 0, done.stderr


def test_a_library_that_needs_such_memory_is_caught() -> None:
    done = run_within("import mmap; mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC)")
    assert "PermissionError" in done.stderr


# --- What the proxies say ---------------------------------------------------------------------------------------


def proxies() -> list[str]:
    return [(DEPLOY / name).read_text(encoding="utf-8") for name in ("Caddyfile", "nginx.conf")]


def test_a_proxy_speaks_to_the_port_on_which_the_service_listens() -> None:
    words = unit(UNITS / "strigil-serve.service")["Service"]["ExecStart"][0].split()
    listens = f"{words[words.index('--host') + 1]}:{words[words.index('--port') + 1]}"
    assert all(listens in text for text in proxies())


def test_a_proxy_says_itself_where_a_request_came_from() -> None:
    """Strigil believes the last address; one that the browser made up must not stand before it either."""
    caddy, nginx = proxies()
    assert "header_up X-Forwarded-For {remote_host}" in caddy
    assert "header_up X-Forwarded-Proto {scheme}" in caddy
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in nginx
    assert "proxy_set_header X-Forwarded-Proto $scheme;" in nginx
    assert not any("proxy_add_x_forwarded_for" in text for text in (caddy, nginx))


def test_a_proxy_hands_on_whole_requests_of_a_size_that_is_bound() -> None:
    """A worker reads one form at a time; four that dribble in would hold four workers."""
    caddy, nginx = proxies()
    assert "request_buffers 12MB" in caddy
    assert "max_size 12MB" in caddy
    assert "proxy_request_buffering on;" in nginx
    assert "client_max_body_size 12m;" in nginx


def test_a_log_of_a_proxy_holds_no_address_of_a_page() -> None:
    """The address of a check-in is a patient's key to it."""
    caddy, nginx = proxies()
    assert not re.search(r"^\s*log\b", caddy, re.MULTILINE)
    shown = re.search(r"log_format strigil '([^']+)'", nginx)
    assert shown
    assert not re.search(r"\$(request|request_uri|uri|args|http_referer)\b", shown[1])
    assert re.findall(r"access_log (.+);", nginx) == ["off", "/var/log/nginx/strigil.log strigil"]
