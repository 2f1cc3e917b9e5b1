"""Follows docs/tutorials/first-course.md in a real browser, instruction by instruction.

What the tutorial may say stands in ``INSTRUCTIONS``. A numbered line that says none of it fails, so that no step goes
untried.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest

pytestmark = pytest.mark.same_on_both

TUTORIAL = Path(__file__).parents[2] / "docs/tutorials/first-course.md"
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 10_000
SCOPES = ("region", "group", "navigation")


class Instruction(NamedTuple):
    line: int
    verb: str
    under: str
    values: tuple[str, ...]


INSTRUCTIONS: dict[str, str] = {
    "press": r"press \*\*(.+?)\*\*",
    "fill": r"fill \*\*(.+?)\*\* with `(.+?)`",
    "choose": r"choose \*\*(.+?)\*\* in \*\*(.+?)\*\*",
    "tick": r"tick \*\*(.+?)\*\*",
    "see": r"you see \*(.+?)\*",
}
"""Each may follow ``Under **part of the page**,`` which names a section, a set of questions or a menu."""


def instructions(text: str) -> Iterator[Instruction]:
    """What the numbered lines tell the reader to do, in order."""
    for number, line in enumerate(text.splitlines(), start=1):
        if not re.match(r"\d+\. ", line):
            continue
        found = sorted(
            (match.start(), verb, match)
            for verb, pattern in INSTRUCTIONS.items()
            for match in re.finditer(rf"(?:under \*\*([^*]+)\*\*, )?{pattern}", line, flags=re.IGNORECASE)
        )
        if not found:
            raise AssertionError(f"{TUTORIAL.name}:{number}: nothing here that a test can follow: {line}")
        for _, verb, match in found:
            under, *values = match.groups()
            yield Instruction(number, verb, under or "", tuple(values))


class Reader:
    """Does on a page what the tutorial says, finding things by role and label."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def follow(self, one: Instruction) -> None:
        do: Callable[..., None] = getattr(self, one.verb)
        try:
            do(self._within(one.under), *one.values)
        except Exception as error:
            told = f"{TUTORIAL.name}:{one.line}: {one.verb} {' / '.join(one.values)}"
            shown = self.page.locator("main").inner_text()[:1500]
            raise AssertionError(f"{told}\n{error}\nat {self.page.url}:\n{shown}") from error

    def press(self, within: Any, name: str) -> None:
        begins = re.compile(rf"^{re.escape(name)}(?!\w)")
        within.get_by_role("button", name=begins).or_(within.get_by_role("link", name=begins)).first.click()
        self.page.locator("html[data-sending]").wait_for(state="detached")
        self.page.wait_for_load_state("domcontentloaded")

    def fill(self, within: Any, name: str, value: str) -> None:
        self._field(within, name).fill(value)

    def choose(self, within: Any, option: str, name: str) -> None:
        begins = re.compile(rf"^{re.escape(name)}(?![\w.])")
        group, select = within.get_by_role("group", name=begins), within.get_by_role("combobox", name=begins)
        group.or_(select).first.wait_for()
        if select.count():
            select.first.select_option(label=option)
            return
        word = re.compile(rf"^{re.escape(option)}(?!\w)")
        group.first.locator("label").filter(has_text=word).first.click()

    def tick(self, within: Any, name: str) -> None:
        within.locator("label").filter(has_text=name).first.click()

    def see(self, within: Any, text: str) -> None:
        within.get_by_text(text).filter(visible=True).first.wait_for()

    def _field(self, within: Any, name: str) -> Any:
        return within.get_by_label(re.compile(rf"^{re.escape(name)}(?!\w)")).first

    def _within(self, under: str) -> Any:
        if not under:
            return self.page
        begins = re.compile(rf"^{re.escape(under)}(?!\w)")
        named = [self.page.get_by_role(role, name=begins) for role in SCOPES]
        found = named[0].or_(named[1]).or_(named[2]).first
        found.wait_for()
        return found


@pytest.fixture
def browser_there(capsys: pytest.CaptureFixture[str]) -> None:
    """Skips where there is no Chromium, and says so in a run that hides what tests print."""
    if not CHROMIUM.exists():
        said = f"{CHROMIUM} is missing: the tutorial was NOT followed"
        with capsys.disabled():
            print(f"\n*** {said} ***")
        pytest.skip(said)


@pytest.fixture
def newcomer(browser_there: None, live_server: Any, transactional_db: None, settings: Any) -> Iterator[Reader]:
    """A browser at the front page of a fresh demo clinic."""
    from playwright.sync_api import sync_playwright

    from strigil.demo.generate import generate

    settings.DEMO, settings.SECOND_FACTOR = True, False
    generate(seed=1, on=date.today())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        page = browser.new_page(viewport={"width": 820, "height": 1180})
        page.set_default_timeout(PATIENCE)
        page.goto(live_server.url)
        yield Reader(page)
        browser.close()


def test_every_numbered_line_can_be_followed() -> None:
    assert len(list(instructions(TUTORIAL.read_text(encoding="utf-8")))) > 30


def test_the_tutorial_names_all_seven_steps_in_order() -> None:
    titles = re.findall(r"^## (.+)$", TUTORIAL.read_text(encoding="utf-8"), flags=re.MULTILINE)
    steps = [title.split(": ")[1] for title in titles if title.startswith("Step ")]
    assert steps == ["Evaluate", "Screen", "Plan", "Treat", "Respond", "Measure", "Learn"]


def test_a_newcomer_who_does_what_the_tutorial_says_sees_what_it_says(newcomer: Reader) -> None:
    for one in instructions(TUTORIAL.read_text(encoding="utf-8")):
        newcomer.follow(one)
