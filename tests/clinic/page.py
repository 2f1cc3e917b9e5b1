"""A page as somebody reads it, rather than as a string of bytes."""

from __future__ import annotations

import re
from functools import cached_property
from html.parser import HTMLParser
from typing import Any

VOID = {"input", "link", "meta", "br", "hr", "img", "path", "circle", "line", "rect", "use", "wbr"}


FOLDED = "(folded)"


class Page(HTMLParser):
    """Tags, words, links, controls and messages of one answer."""

    def __init__(self, response: Any) -> None:
        super().__init__(convert_charrefs=True)
        self.source = response.content.decode()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text_of: dict[str, str] = {}
        self.words: list[str] = []
        self.areas: dict[str, str] = {}
        self.links_of: dict[str, list[str]] = {}
        self.folded: set[str] = set()
        self._within: list[str] = []
        self._area: str | None = None
        self.feed(self.source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        self.tags.append((tag, held))
        if "id" in held and FOLDED in self._within:
            self.folded.add(held["id"] or "")
        if tag == "a" and held.get("href"):
            for inside in {one for one in self._within if one}:
                self.links_of.setdefault(inside, []).append(held["href"] or "")
        if tag not in VOID:
            shut = tag == "details" and "open" not in held
            self._within.append(held.get("id") or (FOLDED if shut else ""))
        if tag == "textarea":
            self._area = held.get("name") or ""
            self.areas[self._area] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self._within:
            self._within.pop()
        if tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self.areas[self._area] += data
            return
        self.words.append(data)
        for inside in {one for one in self._within if one}:
            self.text_of[inside] = self.text_of.get(inside, "") + data

    @cached_property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))

    @cached_property
    def ids(self) -> list[str]:
        return [held["id"] or "" for _, held in self.tags if "id" in held]

    @cached_property
    def links(self) -> list[str]:
        return [held["href"] or "" for tag, held in self.tags if tag == "a" and "href" in held]

    def controls(self, name: str) -> list[dict[str, str | None]]:
        return [held for tag, held in self.tags if tag in ("input", "textarea", "select") and held.get("name") == name]

    def checked(self) -> list[tuple[str, str]]:
        """Name and value of every box and radio that is ticked."""
        return [
            (held.get("name") or "", held.get("value") or "on")
            for tag, held in self.tags
            if tag == "input" and "checked" in held
        ]

    def chosen(self) -> list[str]:
        """Values of the options that are selected."""
        return [held.get("value") or "" for tag, held in self.tags if tag == "option" and "selected" in held]

    def holds(self, name: str, value: str) -> bool:
        """Whether what was typed into a field is still in it."""
        area = self.areas.get(name)
        if area is not None:
            return area.removeprefix("\n").replace("\r\n", "\n").strip() == value.replace("\r\n", "\n").strip()
        if (name, value) in self.checked():
            return True
        texts = [one for one in self.controls(name) if one.get("type") not in ("radio", "checkbox")]
        return any((one.get("value") or "").strip() == value.strip() for one in texts) or value in self.chosen()

    def says(self, name: str) -> str:
        """The message beside a field; empty where there is none."""
        return re.sub(r"\s+", " ", self.text_of.get(f"id_{name}_error", "") or self.text_of.get(f"{name}-error", ""))

    @property
    def summary(self) -> str:
        """What the box on top says."""
        boxes = [one for one in self.text_of if one.endswith("-errors") or one == "errors-title"]
        return re.sub(r"\s+", " ", " ".join(self.text_of[one] for one in boxes))


def without_tokens(content: bytes) -> bytes:
    """A page without what differs each time it is drawn: its token, and how long the session lives still."""
    return re.sub(rb'name="csrfmiddlewaretoken" value="[^"]*"|data-left="\d+"', b"", content)
