"""Which letters the bundled fonts have, read from the fonts themselves, so that no print shows a box for a letter."""

from __future__ import annotations

import struct
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

FONTS = Path(__file__).parent / "fonts"
GAP = "(…)"
"""Stands for letters that no bundled font has."""
STEERS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Turn the direction of all that follows on the line, a date of birth too; letters have their own direction."""
NEVER = frozenset("\0\ufeff")
"""What no PDF/UA may hold; nobody sees them."""
_ENDS = 0xFFFF


@cache
def printable() -> frozenset[int]:
    """Every code point that one of the fonts has a glyph for."""
    return frozenset().union(*(_mapped(path.read_bytes()) for path in sorted(FONTS.glob("*.[ot]tf"))))


@cache
def of_charts() -> frozenset[int]:
    """Every code point that the font of charts has a glyph for, in both its weights."""
    return frozenset.intersection(*(frozenset(_mapped(one.read_bytes())) for one in FONTS.glob("SourceSans3-*.otf")))


def shown(text: str, letters: frozenset[int] | None = None) -> str:
    """The text with every run of letters that cannot be printed replaced by a gap; line ends and tabs stay.

    What steers the direction of a line is left out. ``letters`` are those that can be printed, if not all.
    """
    if text.isascii() and text.isprintable():
        return text
    out: list[str] = []
    letters = printable() if letters is None else letters
    for letter in text:
        if letter in STEERS or letter in NEVER:
            continue
        if letter in "\n\t" or ord(letter) in letters:
            out.append(letter)
        elif not _is_unseen(letter) and out[-1:] != [GAP]:
            out.append(GAP)
    return "".join(out)


def shown_in(given: Any) -> Any:
    """The same for every text in lists and mappings."""
    if isinstance(given, str):
        return shown(given)
    if isinstance(given, dict):
        return {key: shown_in(value) for key, value in given.items()}
    if isinstance(given, list | tuple):
        return [shown_in(one) for one in given]
    return given


def _is_unseen(letter: str) -> bool:
    """Marks that only steer how others are set: leaving them out loses no letter."""
    return unicodedata.category(letter) in ("Cf", "Cc") or "\ufe00" <= letter <= "\ufe0f"


def _mapped(font: bytes) -> set[int]:
    """The code points of a font's character map that lead to a glyph."""
    start = _table(font, b"cmap")
    (count,) = struct.unpack_from(">H", font, start + 2)
    records = [struct.unpack_from(">HHI", font, start + 4 + 8 * n) for n in range(count)]
    places = {start + offset for platform, _, offset in records if platform in (0, 3)}
    found: set[int] = set()
    for place in places:
        (form,) = struct.unpack_from(">H", font, place)
        if form == 12:
            found |= _long_ranges(font, place)
        elif form == 4:
            found |= _short_ranges(font, place)
    return found


def _table(font: bytes, name: bytes) -> int:
    (count,) = struct.unpack_from(">H", font, 4)
    records = (struct.unpack_from(">4sIII", font, 12 + 16 * n) for n in range(count))
    return next(int(offset) for tag, _, offset, _ in records if tag == name)


def _long_ranges(font: bytes, place: int) -> set[int]:
    (groups,) = struct.unpack_from(">I", font, place + 12)
    found: set[int] = set()
    for n in range(groups):
        first, last, glyph = struct.unpack_from(">III", font, place + 16 + 12 * n)
        found.update(range(first + (glyph == 0), last + 1))
    return found


def _short_ranges(font: bytes, place: int) -> set[int]:
    (twice,) = struct.unpack_from(">H", font, place + 6)
    count = twice // 2
    at = place + 14

    def column(offset: int, kind: str) -> tuple[int, ...]:
        return struct.unpack_from(f">{count}{kind}", font, at + offset)

    lasts, firsts = column(0, "H"), column(twice + 2, "H")
    deltas, offsets = column(2 * twice + 2, "h"), column(3 * twice + 2, "H")
    found: set[int] = set()
    for n in range(count):
        for code in range(firsts[n], min(lasts[n], _ENDS - 1) + 1):
            glyph = code
            if offsets[n]:
                here = at + 3 * twice + 2 + 2 * n + offsets[n] + 2 * (code - firsts[n])
                (glyph,) = struct.unpack_from(">H", font, here)
                if not glyph:
                    continue
            if (glyph + deltas[n]) & _ENDS:
                found.add(code)
    return found
