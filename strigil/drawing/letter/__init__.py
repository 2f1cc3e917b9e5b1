"""A letter to the patient's physician: what is asked, and why. PDF/UA, byte for byte the same for the same input.

Everything typed by people travels as data, never as markup.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Source:
    """Who says so, what kind of source it is, and what it says."""

    title: str
    kind: str
    says: str


@dataclass(frozen=True, slots=True)
class Ground:
    """A finding that asks for the physician: what was answered, when, and why it matters."""

    title: str
    answered: str
    why: str
    agreement: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """All that stands in the letter, as people read it. ``mark`` names a patient who is made up."""

    clinic: str
    writer: str
    written_on: date
    patient: str
    born: str
    treatment: str
    sites: tuple[str, ...]
    grounds: tuple[Ground, ...]
    knowledge: str
    mark: str = ""


def pdf(letter: Letter) -> bytes:
    """The letter as PDF/UA-1, A4."""
    import typst

    data = asdict(letter) | {"written_on": f"{letter.written_on.day} {letter.written_on:%B %Y}"}
    return typst.compile(
        str(HERE / "letter.typ"),
        root=str(HERE),
        font_paths=[str(HERE / "fonts")],
        ignore_system_fonts=True,
        sys_inputs={"letter": json.dumps(data)},
        format="pdf",
        pdf_standards="ua-1",
        timestamp=datetime(letter.written_on.year, letter.written_on.month, letter.written_on.day, tzinfo=UTC),
    )
