"""The letter to whoever referred the patient: how the course went, in a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass

from strigil.drawing.paper.blocks import Block, Bullets, Document, Heading, Paragraph, Sheet, Table
from strigil.drawing.paper.press import day_in_words
from strigil.drawing.paper.said import NO_CLAIM


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One measure: where it began, where it is, and what the difference is held against."""

    measure: str
    first: str
    latest: str
    change: str
    held_against: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Referral:
    sheet: Sheet
    problem: str
    went: tuple[str, ...]
    changes: tuple[ChangeLine, ...]
    reactions: tuple[str, ...]
    plan: tuple[str, ...]
    advice: str = ""


def referral(given: Referral) -> Document:
    return Document("Letter to the referrer", given.sheet, tuple(_blocks(given)))


def _blocks(given: Referral) -> Iterator[Block]:
    sheet = given.sheet
    yield Paragraph(f"{sheet.clinic}\n{day_in_words(sheet.on)}")
    yield Heading(f"How the course went: {given.problem}", 1)
    yield Paragraph(f"To whoever referred {sheet.patient}, born {sheet.born}", "strong")
    yield Bullets(given.went)
    yield Heading("What has changed")
    if given.changes:
        header = ("Measure", "At the start", "Latest", "Changed by", "Held against", "Verdict")
        yield Table(header, tuple(astuple(one) for one in given.changes), (5, 4, 4, 3, 6, 6))
        yield Paragraph(NO_CLAIM, "quiet")
    else:
        yield Paragraph("Nothing can be compared yet: no measure was read at the start and on a later day.")
    yield Heading("Skin and symptoms after the visits")
    yield Bullets(given.reactions)
    yield Heading("Plan")
    if given.advice:
        yield Paragraph(given.advice, "strong")
    yield Bullets(given.plan)
    yield Paragraph(f"With thanks,\n{sheet.writer}")
