"""A letter to the patient's physician: what is asked, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from strigil.drawing.paper.blocks import (
    Block,
    Boxes,
    Bullets,
    Document,
    Heading,
    Paragraph,
    Rules,
    Sheet,
    Together,
)
from strigil.drawing.paper.press import day_in_words


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
    """All that stands in the letter, as people read it."""

    sheet: Sheet
    treatment: str
    sites: tuple[str, ...]
    grounds: tuple[Ground, ...]


def letter(given: Letter) -> Document:
    sheet = given.sheet
    sites = " and ".join(part for part in (", ".join(given.sites[:-1]), *given.sites[-1:]) if part)
    asked = Together(
        (
            Heading("What we ask"),
            Paragraph("Do you agree to this treatment? If so: until when, and under which conditions?"),
            Boxes(("I agree, until:", "I agree under these conditions:", "I do not agree.")),
            Rules(("Conditions", "Name, practice", "Date and signature")),
        )
    )
    blocks = (
        Paragraph(f"{sheet.clinic}\n{day_in_words(sheet.on)}"),
        Heading("Question before instrument-assisted soft tissue mobilization", 1),
        Paragraph(f"To the physician of {sheet.patient}, born {sheet.born}", "strong"),
        Paragraph(
            f"We would like to treat {sites} with {given.treatment}: skin, fascia and muscle are stroked and pressed "
            "with a hand-held instrument. It reddens the skin and may leave small marks or a bruise. We found what "
            "follows and treat nothing before you agree."
        ),
        Heading("What we found"),
        *(block for ground in given.grounds for block in _found(ground)),
        asked,
        Paragraph(f"With thanks,\n{sheet.writer}"),
    )
    return Document("Question before IASTM", sheet, blocks)


def _found(ground: Ground) -> Iterator[Block]:
    yield Heading(ground.title, 3)
    yield Paragraph(f"{ground.answered} {ground.why}")
    yield Bullets(tuple(f"{one.says} ({one.title}, {one.kind})" for one in ground.sources))
    agreement = f"How far the sources agree: {ground.agreement}."
    yield Paragraph(f"{agreement} That a physician is asked is proposed by the Strigil project.", "quiet")
