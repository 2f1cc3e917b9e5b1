"""A small writer of SVG elements that cannot be talked into writing anything else.

Text and attribute values are escaped here and nowhere else; only ``Markup``, which this module alone makes, is passed
through. Names of elements come from a closed list, and nothing that styles, links or runs is ever written.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache

Value = str | int | float | Decimal | None

ELEMENTS = frozenset(
    {"svg", "g", "defs", "clipPath", "pattern", "title", "desc", "path", "rect", "line", "polyline", "text"}
)
_ATTRIBUTE = re.compile(r"[a-zA-Z][a-zA-Z0-9-]*\Z")
_REFUSED = re.compile(r"(?i)(style|href|on.*)\Z")
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")
# What XML 1.0 cannot hold, even escaped.
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PLAIN = re.compile("[ \\w.,;:()/%°+–−-]*\\Z", re.ASCII)

_names: dict[str, str] = {}


class Markup(str):
    """Text that is already SVG. Joined with plain text it becomes plain text again, and is escaped."""

    __slots__ = ()


@lru_cache(maxsize=4096)
def escape(text: str) -> str:
    """Text safe between tags and inside double-quoted attributes; what XML cannot hold becomes U+FFFD."""
    if _PLAIN.match(text):
        return text
    text = _UNWRITABLE.sub("\ufffd", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def number(value: float | Decimal) -> str:
    """A length to a tenth, without padding and without minus zero, so that equal charts are equal bytes."""
    text = f"{value:.1f}"
    if text[-2:] == ".0":
        return "0" if text == "-0.0" else text[:-2]
    if not math.isfinite(value):
        raise ValueError(f"A drawing needs finite numbers; given: {value}")
    return text


def points(pairs: Iterable[tuple[float, float]]) -> str:
    """The ``points`` of a polyline."""
    return " ".join([f"{number(x)},{number(y)}" for x, y in pairs])


def checked_id(text: str) -> str:
    """An id that other attributes may refer to: a letter, then letters, digits, ``-`` and ``_``."""
    if not _ID.match(text):
        raise ValueError(f"An id starts with a letter and holds letters, digits, - and _; given: {text!r}")
    return text


def element(name: str, *children: str, **attributes: Value) -> Markup:
    """One element. ``_`` in an attribute's name is written ``-``, a last ``_`` is dropped; ``None`` leaves it out."""
    if name not in ELEMENTS:
        raise ValueError(f"Not an element of our drawings: {name!r}; allowed: {', '.join(sorted(ELEMENTS))}")
    tag = name
    for key, value in attributes.items():
        if value is not None:
            text = escape(value) if type(value) is str else number(value)  # type: ignore[arg-type]
            tag += f' {_names.get(key) or _name(key)}="{text}"'
    if not children:
        return Markup(f"<{tag}/>")
    inside = "".join([child if type(child) is Markup else escape(child) for child in children])
    return Markup(f"<{tag}>{inside}</{name}>")


def text_at(x: float, y: float, text: str) -> Markup:
    """Words at a place; a chart has so many that they are written directly."""
    return Markup(f'<text x="{number(x)}" y="{number(y)}">{escape(text)}</text>')


def hint(text: str) -> Markup:
    """What pointing at a mark says; written directly, as words are."""
    return Markup(f"<title>{escape(text)}</title>")


def path_at(x: float, y: float, d: str, inside: Markup | None = None) -> Markup:
    """A path moved to a place, with a piece inside if there is one; written directly, as words are."""
    head = f'<path transform="translate({number(x)} {number(y)})" d="{escape(d)}"'
    return Markup(f"{head}>{inside}</path>" if inside else f"{head}/>")


def use(id: str, **attributes: Value) -> Markup:
    """What stands in the same page under an id, drawn again; nothing outside the page can be named."""
    return Markup(f'<use href="#{checked_id(id)}"{element("g", **attributes)[2:]}')


def join(pieces: Iterable[Markup]) -> Markup:
    """Several elements as one piece."""
    return Markup("".join(pieces))


def _name(key: str) -> str:
    name = key.rstrip("_").replace("_", "-")
    if not _ATTRIBUTE.match(name) or _REFUSED.match(name):
        raise ValueError(f"Not an attribute of our drawings: {name!r}")
    _names[key] = name
    return name
