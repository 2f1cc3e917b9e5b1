"""Journeys: a real browser, a live server, things found by role and label as a person finds them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.journeys.browser import ARGS, CHROMIUM, PATIENCE, TABLET, Look, Looker, Watch, put_away
from tests.journeys.record import Record
from tests.journeys.rough import Make

HERE = Path(__file__).parent
LEFT_OUT = pytest.StashKey[list[str]]()

NewPage = Callable[..., Page]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--shots", metavar="DIR", help="keep a picture of every page that a journey looks at")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if CHROMIUM:
        return
    journeys = [item for item in items if HERE in item.path.parents]
    config.stash[LEFT_OUT] = sorted({item.path.stem.removeprefix("test_").replace("_", " ") for item in journeys})
    for item in journeys:
        item.add_marker(pytest.mark.skip(reason="Chromium is missing"))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if left_out := config.stash.get(LEFT_OUT, []):
        terminalreporter.write_line(
            f"NO CHROMIUM: every journey was left out ({', '.join(left_out)}). "
            "Install it (Debian: apt-get install chromium) and run again.",
            red=True,
            bold=True,
        )


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for all journeys; it ends with them, and its event loop too.

    While that loop runs Django keeps other connections than before and after it: nobody could close them later.
    """
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield chromium
        chromium.close()
        connections.close_all()


@pytest.fixture(autouse=True)
def password_is_enough(settings: Any) -> None:
    """As in a demo. The journeys of the second factor ask for it themselves."""
    settings.SECOND_FACTOR = False


@pytest.fixture
def address(live_server: Any) -> str:
    """Where Strigil answers."""
    return str(live_server.url)


@pytest.fixture
def new_context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """A tablet that nobody has used before. At the end it must have nothing to complain of."""
    contexts: list[tuple[BrowserContext, Watch]] = []

    def make(address: str, **options: Any) -> BrowserContext:
        given = {"viewport": TABLET, "reduced_motion": "reduce", "color_scheme": "light", "locale": "en-GB"} | options
        context = browser.new_context(base_url=address, **given)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE)
        contexts.append((context, Watch(context, address)))
        return context

    expect.set_options(timeout=PATIENCE)
    yield make
    faults = [fault for _, watch in contexts for fault in watch.faults]
    put_away(context for context, _ in contexts)
    assert not faults, "\n".join(faults)


@pytest.fixture
def page(new_context: Callable[..., BrowserContext], address: str) -> Page:
    return new_context(address).new_page()


@pytest.fixture
def looker(request: pytest.FixtureRequest) -> Look:
    shots = request.config.getoption("--shots", default=None)
    return Looker(Path(shots) if shots else None, request.node.name.removeprefix("test_").removesuffix("[chromium]"))


@pytest.fixture
def look(request: pytest.FixtureRequest, looker: Look) -> Look:
    """Looks at a page, unless the run beside this one does: it is the same whatever its database."""
    beside = request.config.getoption("--but-looks") and not request.node.get_closest_marker("same_on_both")
    return (lambda page, name: None) if beside else looker


@pytest.fixture
def record(address: str) -> Record:
    """A clinic with somebody who signs in, written through the same actions as the pages use."""
    return Record()


@pytest.fixture
def rough(browser: Browser, address: str) -> Iterator[Make]:
    """A tablet on which things go wrong on purpose; only an error of a page's own script is a fault."""
    made: list[BrowserContext] = []
    faults: list[str] = []

    def make(where: str = address) -> BrowserContext:
        context = browser.new_context(base_url=where, viewport=TABLET, reduced_motion="reduce", locale="en-GB")
        context.set_default_timeout(PATIENCE)
        context.on("weberror", lambda error: faults.append(str(error.error)))
        made.append(context)
        return context

    yield make
    put_away(made)
    assert not faults, "\n".join(faults)
