"""What to expect after a session and when to call, for the patient to take home."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from strigil.drawing.paper.blocks import Block, Document, Heading, Paragraph, Rules, Sheet, Told
from strigil.drawing.paper.said import Said


@dataclass(frozen=True, slots=True)
class AfterSession:
    """``treated`` says what was treated when. A yes to ``now`` means emergency, a yes to ``ask``: call the clinic."""

    sheet: Sheet
    treated: str
    normal: tuple[Said, ...]
    helps: tuple[Said, ...]
    now: tuple[Said, ...]
    call: tuple[Said, ...]
    ask: tuple[Said, ...]
    good_to_know: tuple[Said, ...]


def after_session(given: AfterSession) -> Document:
    return Document("After your session", given.sheet, tuple(_blocks(given)))


def _blocks(given: AfterSession) -> Iterator[Block]:
    yield Heading("After your session", 1)
    yield Paragraph(f"For {given.sheet.patient}. {given.treated}", "strong")
    yield Heading("Get emergency help at once if you say yes")
    yield Told(tuple(one.line for one in given.now))
    yield Heading("Call us")
    yield Told(tuple(one.line for one in given.call))
    yield Paragraph("Call us if you say yes to any of these. Nobody watches this paper: do not wait for us to ask.")
    yield Told(tuple(one.line for one in given.ask))
    yield Rules(("Telephone of the clinic",))
    yield Heading("What is normal")
    yield Told(tuple(one.line for one in given.normal))
    yield Heading("What you can do")
    yield Told(tuple(one.line for one in given.helps))
    yield Heading("Good to know")
    yield Told(tuple(one.line for one in given.good_to_know))
