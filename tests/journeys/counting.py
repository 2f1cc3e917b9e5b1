"""Counts what hands do on a page, in the browser: every press of the pointer, and every field that is typed into."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page

COUNTING = """
const count = () => JSON.parse(sessionStorage.hands || '{"touched": [], "typed": []}');
const keep = found => { sessionStorage.hands = JSON.stringify(found); };
const named = one => one?.labels?.[0]?.innerText || one?.innerText || one?.ariaLabel || one?.tagName || "";
addEventListener("pointerdown", event => {
  const found = count();
  found.touched.push(named(event.target.closest("button, a, input, select, textarea, summary")).split("\\n")[0].trim());
  keep(found);
}, true);
addEventListener("keydown", event => {
  const found = count();
  if (!found.typed.includes(event.target.name)) found.typed.push(event.target.name);
  keep(found);
}, true);
"""
"""The press that only puts the cursor into a field counts too."""


@dataclass(frozen=True)
class Hands:
    touched: list[str]
    typed: list[str]


def count_from_here(page: Page) -> None:
    page.add_init_script(COUNTING)
    page.reload()


def counted(page: Page) -> Hands:
    return Hands(**page.evaluate("JSON.parse(sessionStorage.hands)"))
