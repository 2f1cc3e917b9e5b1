"""The home programme: each exercise with its dose, its steps, its drawing and when to stop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from strigil.drawing.paper.blocks import Block, Bullets, Document, Heading, Paragraph, Picture, Sheet, Together


@dataclass(frozen=True, slots=True)
class ExerciseLine:
    """One exercise as the patient does it; ``drawing_svg`` may be empty, ``sources`` may not."""

    title: str
    dose: str
    steps: tuple[str, ...]
    stop_if: tuple[str, ...]
    drawing_svg: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Programme:
    """``goal`` in the patient's words; ``stop_if`` and ``pain`` hold for the programme as a whole."""

    sheet: Sheet
    problem: str
    exercises: tuple[ExerciseLine, ...]
    goal: str = ""
    stop_if: tuple[str, ...] = ()
    pain: tuple[str, ...] = ()
    note: str = ""


def programme(given: Programme) -> Document:
    return Document("Home programme", given.sheet, tuple(_blocks(given)))


def _blocks(given: Programme) -> Iterator[Block]:
    yield Heading("Your exercises at home", 1)
    yield Paragraph(f"For {given.sheet.patient}. {given.problem}.", "strong")
    if given.goal:
        yield Paragraph(f"Your goal: {given.goal}")
    if given.stop_if:
        yield Together((Heading("Stop and get help"), Bullets(given.stop_if)))
    if given.pain:
        yield Together((Heading("How much pain is all right?"), Bullets(given.pain)))
    for place, one in enumerate(given.exercises, 1):
        yield Together(tuple(_exercise(place, one)))
    if given.note:
        yield Together((Heading("Also"), Paragraph(given.note)))


def _exercise(place: int, one: ExerciseLine) -> Iterator[Block]:
    yield Heading(f"{place}. {one.title}")
    yield Paragraph(one.dose or "How often and how much: not said. Ask us.", "strong")
    if one.drawing_svg:
        yield Picture(one.drawing_svg, f"Drawing: {one.title}", 45)
    yield Bullets(one.steps, numbered=True)
    yield Paragraph(f"Stop if: {'; '.join(one.stop_if) or 'not said. Ask us.'}")
    yield Paragraph(f"Sources: {'; '.join(one.sources)}", "quiet")
