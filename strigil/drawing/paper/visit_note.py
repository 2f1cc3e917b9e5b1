"""A visit as it reads, and how it read before where it was amended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from strigil.drawing.paper.blocks import Block, Bullets, Document, Facts, Heading, Paragraph, Sheet, Table


@dataclass(frozen=True, slots=True)
class Version:
    """An amendment: when, by whom and why; and each line that changed as it read before and after."""

    on: str
    by: str
    why: str
    lines: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class VisitNote:
    """``copied`` names values carried over from an earlier visit that nobody has confirmed."""

    sheet: Sheet
    visit: str
    course: str
    state: str
    lines: tuple[tuple[str, str], ...]
    copied: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    versions: tuple[Version, ...] = ()


def visit_note(note: VisitNote) -> Document:
    return Document("Visit note", note.sheet, tuple(_blocks(note)))


def _blocks(note: VisitNote) -> Iterator[Block]:
    sheet = note.sheet
    yield Heading(note.visit, 1)
    patient = f"{sheet.patient}, born {sheet.born}"
    yield Facts((("Patient", patient), ("Treated for", note.course), ("Clinic", sheet.clinic), ("State", note.state)))
    for one in note.overrides:
        yield Paragraph(one, "strong")
    yield Heading("What was done and found")
    yield Facts(note.lines)
    if note.copied:
        yield Heading("Copied from an earlier visit and not confirmed")
        yield Bullets(note.copied)
    for place, version in enumerate(note.versions):
        yield Heading(f"Amended on {version.on} by {version.by}")
        yield Paragraph(f"Why: {version.why}")
        if version.lines:
            since = "As it read then" if place else "As it reads now"
            yield Table(("What", "As it read before", since), version.lines)
            yield Paragraph("Lines that did not change are left out of this table.", "quiet")
