"""A newcomer starts the demo, signs in with one touch, looks around, and ends it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.browser import Look
from tests.journeys.hands import follow, title
from tests.ports import free_port

STRIGIL = Path(sys.executable).with_name("strigil")
READY = "Strigil is ready at "


def test_a_newcomer_walks_through_the_demo_clinic(
    new_context: Callable[..., BrowserContext], looker: Look, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if request.config.getoption("--database") != "sqlite":
        pytest.skip("the demo brings a database of its own; it is walked through in the run on SQLite")
    port = free_port()
    with demo(port, tmp_path / "demo") as (process, address):
        assert address == f"http://127.0.0.1:{port}/"
        page = new_context(address).new_page()
        walk(page, looker)
        family = descendants(process.pid)
        process.send_signal(signal.SIGINT)
        assert process.wait() == 0
    assert [pid for pid in family if running(pid)] == []
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def walk(page: Page, look: Look) -> None:
    page.goto("/")
    expect(title(page)).to_have_text("Sign in")
    look(page, "sign in")
    page.get_by_role("listitem").filter(has_text="clinician").get_by_role("button", name="Sign in as").first.click()
    expect(title(page)).to_contain_text("Today")
    expect(page.get_by_text("Demo clinic: every person here is made up")).to_be_visible()
    look(page, "today")

    follow(page, "Patients")
    expect(page.get_by_role("main").get_by_text("Made up").first).to_be_visible()
    look(page, "patients")
    follow(page.get_by_role("main").get_by_role("listitem"), "")
    look(page, "patient")
    long_course(page)
    expect(page.get_by_role("region", name="Patient")).to_contain_text("made up")
    look(page, "course with many visits")
    for step in ("Evaluate", "Screen", "Plan", "Measure"):
        follow(page.get_by_role("navigation", name="Steps of care"), step)
        look(page, step)

    follow(page, "Knowledge")
    look(page, "knowledge")
    for shelf, item in (
        ("Conditions", "Plantar heel pain"),
        ("Techniques", "Graston Technique"),
        ("Instruments", "Graston"),
        ("Measures", "Numeric Pain Rating Scale (NPRS, NRS-11)"),
        ("Red flags", ""),
    ):
        follow(page, "Knowledge")
        follow(page.get_by_role("main"), shelf)
        look(page, shelf)
        follow(page.get_by_role("main").get_by_role("listitem"), item)
        expect(page.get_by_role("region", name="Sources")).to_be_visible()
        look(page, f"one of {shelf}")
    follow(page, "Knowledge")
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("link", name="Sources").last.click()
    look(page, "sources")
    follow(page.get_by_role("main").get_by_role("listitem"), "")
    look(page, "source")

    follow(page, "Learn")
    look(page, "learn")
    follow(page, "About Strigil")
    look(page, "about")
    follow(page, "The gallery of components")
    look(page, "gallery")
    page.get_by_role("button", name="Dark colours").click()
    expect(page.get_by_role("button", name="Light colours")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(title(page)).to_have_text("Sign in")


def long_course(page: Page) -> None:
    """The response to review with the most visits behind it, by way of Today."""
    follow(page, "Today")
    follow(page.get_by_role("region", name="Response to review"), "")
    follow(page.get_by_role("navigation", name="Steps of care"), "Treat")
    visits = page.get_by_role("table", name="Visits, dose and reaction")
    expect(visits).to_be_visible()
    assert visits.get_by_role("row").count() > 4


# --- The demo as a process ---


@contextmanager
def demo(port: int, data: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The demo in a session of its own, once it says that it is ready; killed if the journey breaks."""
    command = [STRIGIL, "demo", "--port", str(port), "--data", data, "--no-browser"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as process:
        assert process.stdout
        said: list[str] = []
        try:
            for line in process.stdout:
                said.append(line)
                if line.startswith(READY):
                    break
            else:
                pytest.fail("the demo never said that it is ready:\n" + "".join(said))
            yield process, line.removeprefix(READY).strip()
        finally:
            if process.poll() is None:
                process.kill()


def descendants(pid: int) -> list[int]:
    """The process and all below it."""
    parents: dict[int, int] = {}
    for one in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(one.parent.name)] = int(one.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    family = [pid]
    for member in family:
        family += [child for child, parent in parents.items() if parent == member]
    assert len(family) > 1
    return family


def running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
