"""What hands do on Strigil's pages, in the words that stand on them."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.accounts.factors import Phone
from tests.journeys.record import PASSWORD, USERNAME

MADE_OF_GROUPS = (
    "Could be an emergency",
    "Would need a physician first",
    "Today",
    "Health and medicines",
    "Skin and tissue where you would treat",
)


def sign_in(page: Page, username: str = USERNAME, password: str = PASSWORD, phone: Phone | None = None) -> None:
    page.goto("/sign-in")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(password)
    press(page, "Sign in")
    if phone:
        expect(title(page)).to_contain_text("Is it you")
        write(page, "Code", phone.code())
        press(page, "Sign in with the code")
    expect(title(page)).to_contain_text("Today")


def title(page: Page) -> Locator:
    """The page's one question."""
    return page.get_by_role("heading", level=1)


def press(within: Page | Locator, name: str) -> None:
    """Until the page that follows is there, to its last line, or the button may be pressed again."""
    page = within if isinstance(within, Page) else within.page
    within.get_by_role("button", name=name, exact=True).click()
    page.locator("html[data-sending]").wait_for(state="detached")
    page.wait_for_load_state("domcontentloaded")


def follow(within: Page | Locator, name: str, *, exact: bool = False) -> None:
    """Until the page that it leads to is there, or the one before would be looked at."""
    page = within if isinstance(within, Page) else within.page
    with page.expect_navigation():
        within.get_by_role("link", name=name, exact=exact).first.click()


def group(within: Page | Locator, name: str) -> Locator:
    """A set of choices, by its question."""
    return within.get_by_role("group", name=name)


def box(within: Page | Locator, label: str) -> Locator:
    """A box to write in or to choose from, by its label."""
    page = within if isinstance(within, Page) else within.page
    return within.get_by_label(label).and_(page.locator("input:not([type=radio], [type=checkbox]), select, textarea"))


def write(within: Page | Locator, label: str, words: str) -> None:
    box(within, label).fill(words)


def choose(within: Page | Locator, question: str, answer: str) -> None:
    """One of a set of radios."""
    group(within, question).get_by_role("radio", name=re.compile(f"^{re.escape(answer)}(,|$)")).check()


def tick(within: Page | Locator, *names: str) -> None:
    for name in names:
        within.get_by_role("checkbox", name=name, exact=True).check()


def save_bar_says(page: Page, words: str) -> None:
    expect(page.get_by_role("status").filter(has_text=words)).to_be_visible()


def judge(page: Page, word: str = "Treat as usual") -> None:
    """What the clinician would do, said before the first screen of a course."""
    choose(page, "What would you do today?", word)


def none_of(page: Page, title: str) -> None:
    """ "I asked each of these: none", for one group of the screen."""
    press(page, f"I asked each of these: none of {title}")
