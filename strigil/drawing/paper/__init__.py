"""Documents for paper: each one says what it holds as blocks, and one press prints them all."""

from strigil.drawing.paper.after_session import AfterSession, after_session
from strigil.drawing.paper.blocks import Document, Sheet
from strigil.drawing.paper.course_report import CourseReport, FigureOnPaper, course_report
from strigil.drawing.paper.letter import Ground, Letter, Source, letter
from strigil.drawing.paper.press import pdf, pictures
from strigil.drawing.paper.programme import ExerciseLine, Programme, programme
from strigil.drawing.paper.referral import ChangeLine, Referral, referral
from strigil.drawing.paper.said import Said
from strigil.drawing.paper.visit_note import Version, VisitNote, visit_note

__all__ = [
    "AfterSession",
    "ChangeLine",
    "CourseReport",
    "Document",
    "ExerciseLine",
    "FigureOnPaper",
    "Ground",
    "Letter",
    "Programme",
    "Referral",
    "Said",
    "Sheet",
    "Source",
    "Version",
    "VisitNote",
    "after_session",
    "course_report",
    "letter",
    "pdf",
    "pictures",
    "programme",
    "referral",
    "visit_note",
]
