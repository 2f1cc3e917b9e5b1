"""With the keyboard alone: sign in, screen one group, save. Where the focus is can always be seen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.hands import sign_in, title
from tests.journeys.record import PASSWORD, USERNAME, Record

pytestmark = pytest.mark.same_on_both

FOCUS = """() => {
  const one = document.activeElement;
  if (!one || one === document.body || one.id === "main") return "";
  const rings = [one, one.nextElementSibling, one.closest(".stepper__box")].filter(Boolean);
  if (!rings.some(each => parseFloat(getComputedStyle(each).outlineWidth) > 0
      && getComputedStyle(each).outlineStyle !== "none")) return "no ring: " + one.outerHTML.slice(0, 150);
  const area = one.getBoundingClientRect();
  const [x, y] = [area.left + area.width / 2, area.top + Math.min(area.height / 2, 24)];
  const top = document.elementFromPoint(x, y);
  const seen = top && (one.contains(top) || top.contains(one) || one.labels?.[0]?.contains(top));
  const told = each => each?.outerHTML.slice(0, 150);
  return seen ? "" : `hidden at ${Math.round(x)},${Math.round(y)} by ${told(top)}: ${told(one)}`;
}"""
"""What keeps the focus from being seen: no ring around it, or something of the page over it."""


def test_signing_in_and_screening_a_group_by_keyboard(page: Page, record: Record) -> None:
    course = record.course()
    page.goto(f"/courses/{course.pk}/screen")
    expect(title(page)).to_have_text("Sign in")
    keys = page.keyboard
    expect(page.get_by_label("Username")).to_be_focused()
    keys.type(USERNAME)
    keys.press("Tab")
    expect(page.get_by_label("Password")).to_be_focused()
    keys.type(PASSWORD)
    keys.press("Enter")

    expect(title(page)).to_have_text("May this patient be treated today?")
    keys.press("Tab")
    skip = page.get_by_role("link", name="Go to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    keys.press("Enter")
    judged = page.get_by_role("group", name="What would you do today?").get_by_role("radio")
    tab_to(page, judged.first)
    keys.press("Space")
    group = page.get_by_role("group", name="Could be an emergency")
    first = group.get_by_role("group").first.get_by_role("radio", name="Yes")
    tab_to(page, first)
    keys.press("Space")
    expect(first).to_be_checked()
    keys.press("ArrowRight")
    expect(group.get_by_role("group").first.get_by_role("radio", name="No", exact=True)).to_be_checked()
    none = page.get_by_role("button", name="I asked each of these: none of Could be an emergency")
    tab_to(page, none)
    keys.press("Enter")
    expect(page.get_by_text("answered, and the answer still counts: Could be an emergency")).to_be_visible()

    thinner = page.get_by_role("group", name="Do you take a blood thinner")
    tab_to(page, thinner.get_by_role("radio", name="Yes"))
    keys.press("ArrowLeft")
    expect(thinner.get_by_role("radio", name="Not known")).to_be_checked()
    keys.press("ArrowRight")
    expect(thinner.get_by_role("radio", name="Yes")).to_be_checked()
    tab_to(page, page.get_by_role("button", name="Save answers and decide"))
    keys.press("Enter")
    expect(page.get_by_role("region", name="Outcome").get_by_text("Clearance", exact=True).first).to_be_visible()


def test_the_way_to_the_content_is_seen_wherever_the_page_stands(page: Page, record: Record) -> None:
    """A page that goes to a place of its own while somebody is at its first link must not take that out of sight."""
    sign_in(page)
    page.goto(f"/courses/{record.course().pk}/screen")
    skip = page.get_by_role("link", name="Go to the content")
    expect(skip).not_to_be_in_viewport()
    skip.focus()
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(skip).to_be_in_viewport()


def tab_to(page: Page, wanted: Locator, limit: int = 300) -> None:
    """Tab until it has the focus; at every stop on the way the focus can be seen."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        hidden = page.evaluate(FOCUS)
        assert not hidden, hidden
        if wanted.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"not reached by {limit} presses of Tab: {wanted}")
