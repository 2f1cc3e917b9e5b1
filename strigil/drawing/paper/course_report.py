"""A course on paper: how each measure went, what was done at each visit and how the skin took it, the plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from strigil.drawing.paper.blocks import (
    Block,
    Bullets,
    Document,
    Facts,
    Heading,
    Paragraph,
    Picture,
    Sheet,
    Table,
    Together,
)
from strigil.drawing.paper.said import NO_CLAIM

WIDTH = 88
"""Of a figure, in hundredths of the line: two fit on a page."""


@dataclass(frozen=True, slots=True)
class FigureOnPaper:
    """A drawing with what it shows in words, and the same as a table.

    Without a drawing, words and table alone; without rows, what it shows stands in other tables of the document.
    """

    title: str
    svg: str
    sentence: str
    judged: str
    basis: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CourseReport:
    sheet: Sheet
    course: tuple[tuple[str, str], ...]
    figures: tuple[FigureOnPaper, ...]
    visits: tuple[tuple[str, str, str, str], ...]
    plan: tuple[str, ...]
    goals: tuple[str, ...]
    screen: tuple[str, ...]
    advice: str = ""


def course_report(report: CourseReport) -> Document:
    return Document("Course report", report.sheet, tuple(_blocks(report)))


def _blocks(report: CourseReport) -> Iterator[Block]:
    sheet = report.sheet
    yield Heading("Course report", 1)
    yield Facts((("Patient", f"{sheet.patient}, born {sheet.born}"), *report.course, ("Written by", sheet.writer)))
    if report.advice:
        yield Paragraph(report.advice, "strong")
    yield Heading("What has changed")
    yield Paragraph(NO_CLAIM, "quiet")
    if not report.figures:
        yield Paragraph("Nothing has been measured yet.")
    for figure in report.figures:
        yield _figure(figure)
    yield Heading("Visits, dose and reaction")
    if report.visits:
        yield Table(("Visit", "Dose", "Skin and symptoms", "State"), report.visits, (3, 8, 5, 3))
    else:
        yield Paragraph("No visit yet.")
    yield Heading("Plan")
    yield Bullets((*report.plan, *report.goals)) if report.plan or report.goals else Paragraph("No plan yet.")
    yield Heading("Screen")
    yield Bullets(report.screen)
    if report.figures:
        yield Heading("The figures as tables")
    for figure in (one for one in report.figures if one.rows):
        yield Heading(". ".join((figure.title, *figure.notes)), 3)
        yield Table(figure.header, figure.rows)


def _figure(figure: FigureOnPaper) -> Together:
    drawn = (
        (Picture(figure.svg, f"{figure.title}. {figure.sentence}", WIDTH),)
        if figure.svg
        else (Heading(figure.title, 3),)
    )
    said = (figure.sentence, figure.judged)
    basis = (Paragraph(figure.basis, "quiet"),) if figure.basis else ()
    return Together((*drawn, *(Paragraph(one) for one in said if one), *basis))
