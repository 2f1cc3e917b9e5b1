"""The database of a test run: ``--database sqlite`` (default) or ``--database postgresql``.

Loaded with ``-p`` so that the environment stands before anything imports the settings.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

SCRATCH = Path(tempfile.mkdtemp(prefix="strigil-tests-"))
HERE = Path(__file__).parent
PURE = ("pathway", "knowledge", "drawing", "scan", "deploy", "docs", "safety")
"""Folders whose tests ask no database, unless they say so."""
DATABASE = {"db", "transactional_db", "live_server"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.addoption("--but-pure", action="store_true", help="leave out what asks no database; another run has it")
    parser.addoption(
        "--but-same", action="store_true", help="leave out what is marked same_on_both; another run has it"
    )
    parser.addoption("--but-looks", action="store_true", help="look at no page that another run looks at as well")
    parser.addoption("--record", action="store_true", help="keep the figures of long runs for the assurance page")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    atexit.register(shutil.rmtree, SCRATCH, ignore_errors=True)  # first in, last out: its PostgreSQL has ended by then
    os.environ["STRIGIL_DATA"] = str(SCRATCH)
    os.environ["STRIGIL_AUDIT_KEY"] = str(SCRATCH / "audit-key")
    os.environ["STRIGIL_SECRET_KEY"] = "only for tests, " + "0123456789abcdef" * 3
    os.environ["STRIGIL_HOSTS"] = "127.0.0.1,localhost,testserver"
    os.environ["STRIGIL_DATABASE"] = _address(early_config.known_args_namespace.database)
    # Playwright's sync API runs an event loop in the test's own thread; the database is not shared with it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    os.environ.setdefault("XDG_RUNTIME_DIR", str(SCRATCH))
    (SCRATCH / "static").mkdir()
    for one in (signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(one) is signal.SIG_IGN:
            # Run in the background or under nohup: what a test starts shall hear signals all the same.
            signal.signal(one, lambda *_: None)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends it, its PostgreSQL ends too
    return (yield)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    leaves = [test for option, test in LEFT_OUT.items() if config.getoption(option)]
    left_out = [item for item in items if any(leave(item) for leave in leaves)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def is_same_on_both(item: pytest.Item) -> bool:
    return bool(item.get_closest_marker("same_on_both"))


def asks_no_database(item: pytest.Item) -> bool:
    """Without these fixtures pytest-django lets nobody at a database."""
    pure = any(item.path.is_relative_to(HERE / one) for one in PURE)
    asks = DATABASE & set(getattr(item, "fixturenames", ())) or item.get_closest_marker("django_db")
    return pure and not asks and not is_same_on_both(item)


LEFT_OUT = {"--but-pure": asks_no_database, "--but-same": is_same_on_both}


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and any(map(session.config.getoption, LEFT_OUT)):
        session.exitstatus = pytest.ExitCode.OK


def _address(database: str) -> str:
    if database == "sqlite":
        return f"sqlite:{SCRATCH / 'tests.sqlite3'}"
    from tests.postgres import start

    os.environ.setdefault("XDG_RUNTIME_DIR", str(SCRATCH))
    return start(SCRATCH)
