"""The forms of a page, as a browser would send them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

Values = list[tuple[str, str]]


@dataclass
class Form:
    method: str
    action: str
    sent: Values = field(default_factory=list)
    """What goes along as the page stands."""
    offered: Values = field(default_factory=list)
    """Every value that some choice or button could send."""


class Forms(HTMLParser):
    """Fields belong to the form around them, or to the one that they name."""

    def __init__(self, response: Any, here: str) -> None:
        super().__init__(convert_charrefs=True)
        self.here = here
        self.by_id: dict[str, Form] = {}
        self.links: list[str] = []
        self.found: list[Form] = []
        self._open: Form | None = None
        self._select: tuple[Form | None, str, bool] = (None, "", False)
        self._area: tuple[Form, str] | None = None
        self._text = ""
        self._later: list[tuple[str, str, dict[str, str]]] = []
        if response.headers.get("Content-Type", "").startswith("text/html"):
            self.feed(response.content.decode())
        for form, tag, held in self._later:
            if form in self.by_id:
                self._field(self.by_id[form], tag, held)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        if tag == "a" and held.get("href", "").startswith(("/", "?")):
            self.links.append(held["href"])
        if tag == "form":
            self._open = Form(held.get("method", "get").upper(), held.get("action") or self.here)
            self.found.append(self._open)
            self.by_id[held.get("id", "")] = self._open
        elif tag == "option":
            form, name, _ = self._select
            if form:
                form.offered.append((name, held.get("value", "")))
                if "selected" in held:
                    form.sent.append((name, held.get("value", "")))
        elif tag in ("input", "button", "select", "textarea") and "name" in held:
            if "form" in held and held["form"] not in self.by_id:
                self._later.append((held["form"], tag, held))
            elif form := self.by_id.get(held.get("form", "")) if "form" in held else self._open:
                self._field(form, tag, held)

    def _field(self, form: Form, tag: str, held: dict[str, str]) -> None:
        name, value = held["name"], held.get("value", "")
        if tag == "select":
            self._select = (form, name, False)
            return
        if tag == "textarea":
            self._area, self._text = (form, name), ""
            return
        kind = held.get("type", "submit" if tag == "button" else "text")
        form.offered.append((name, value))
        if kind not in ("radio", "checkbox", "submit", "button", "file") or "checked" in held:
            form.sent.append((name, value or ("on" if kind == "checkbox" else "")))

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = (None, "", False)
        elif tag == "textarea" and self._area:
            form, name = self._area
            form.sent.append((name, self._text.removeprefix("\n")))
            form.offered.append((name, self._text))
            self._area = None


def forms_of(response: Any, here: str) -> Iterator[Form]:
    yield from Forms(response, here).found
