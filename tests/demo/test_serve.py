"""The demo starts, answers, and leaves nothing running, however it is ended."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.ports import free_port

pytestmark = pytest.mark.same_on_both

COMMAND = [sys.executable, "-m", "strigil.cli", "demo", "--no-browser"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for the module: the first start makes the clinic, the others reuse it."""
    return tmp_path_factory.mktemp("demo")


@contextmanager
def demo(data: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """A demo in a session of its own, as a terminal would start it; ready when handed over."""
    command = [*COMMAND, "--data", str(data), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            assert process.stdout is not None
            lines = iter(process.stdout.readline, "")
            assert f"Strigil is ready at http://127.0.0.1:{port}/\n" in lines
            yield process
        finally:
            process.kill()


def session(leader: int) -> list[str]:
    """What still runs of a session."""
    shown = subprocess.run(["ps", "-eo", "sid=,stat=,pid=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(maxsplit=2) for line in shown.splitlines()]
    return [row[2] for row in rows if row[0] == str(leader) and not row[1].startswith("Z")]


def wait_until_gone(leader: int) -> list[str]:
    until = time.monotonic() + 3
    while (left := session(leader)) and time.monotonic() < until:
        time.sleep(0.05)
    return left


def status_of(port: int, path: str) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def test_it_says_when_it_is_ready_and_ctrl_c_leaves_nothing_running(data: Path) -> None:
    port = free_port()
    with demo(data, port) as process:
        assert status_of(port, "/live") == 200
        assert status_of(port, "/sign-in") == 200
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(60) == 0
        assert wait_until_gone(process.pid) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_the_main_process_takes_the_worker_with_it(data: Path, number: signal.Signals) -> None:
    port = free_port()
    with demo(data, port) as process:
        assert len(session(process.pid)) == 2
        process.send_signal(number)
        assert process.wait(60) == (-number if number is signal.SIGKILL else 0)
        assert wait_until_gone(process.pid) == []


def test_a_taken_port_is_said_in_one_line(data: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [*COMMAND, "--data", str(data), "--port", str(port)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert f"port {port} cannot be used" in done.stderr
    assert "strigil demo --port" in done.stderr
