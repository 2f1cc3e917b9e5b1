"""Documents with a value in every place, and what a reader finds in them again."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date

from pypdf import PdfReader

from strigil.drawing import response_chart
from strigil.drawing.paper import (
    AfterSession,
    ChangeLine,
    CourseReport,
    Document,
    ExerciseLine,
    FigureOnPaper,
    Ground,
    Letter,
    Programme,
    Referral,
    Said,
    Sheet,
    Source,
    Version,
    VisitNote,
    after_session,
    course_report,
    letter,
    pdf,
    programme,
    referral,
    visit_note,
)
from tests.drawing.seen import falling

SHEET = Sheet(
    patient="Zoë Łukasz",
    born="2 March 1971",
    on=date(2026, 11, 20),
    clinic="Clinic at the Bridge",
    writer="Ana Example",
    knowledge="2026.11.1",
    warnings=("Screen of 20 November 2026: avoid. Open wound.", "Not recorded as settled: Haematoma after visit 3."),
    mark="This patient is made up. Do not send this on.",
)
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 30"><path d="M5 15H55" stroke="#000"/></svg>'


def documents(sheet: Sheet = SHEET) -> dict[str, Document]:
    """One of each kind, long enough for a second page where the kind grows with the record."""
    note = VisitNote(
        sheet,
        "Visit 3, 20 November 2026",
        "Tennis elbow, right",
        "Signed by Ana Example on 20 November 2026; amended on 21 November 2026 by Bo Example",
        (("Forearm, right", "1 min 30 s, light pressure"), ("Forearm, right: force", "4.5 N, estimated")),
        ("The visit: technique",),
        ("Overridden by Ana Example: the wound is far away",),
        (Version("21 November 2026", "Bo Example", "typing mistake", (("Note", "As planned.", "Other note."),)),),
    )
    figure = FigureOnPaper(
        "Pain 0–10",
        response_chart(falling()),
        "Pain 0–10 fell from 7 to 2 of 10.",
        "Changed by −5 of 10: better.",
        "Held against 2 of 10, found in: low back pain.",
        ("Date", "Value"),
        tuple((f"{day} Sep 2026", f"{day % 10} of 10") for day in range(1, 31)),
        ("Goal 2 of 10",),
    )
    report = CourseReport(
        sheet,
        (("Treated for", "Tennis elbow, right"), ("Began", "not known")),
        (figure,),
        tuple((f"{n}, {n} September 2026", "Forearm, right: 60 s", "not asked", "signed by Ana") for n in range(1, 31)),
        ("Graston Technique: 2 a week, 8 visits in all",),
        ("Goal: Pain 0–10, 2 of 10",),
        ("20 November 2026: avoid.",),
        "After 4 visits nobody can say whether anything has changed.",
    )
    told = Referral(
        sheet,
        "Tennis elbow, right",
        ("Signed visits: 12, from 1 to 30 September 2026.",),
        (ChangeLine("Pain 0–10", "7 of 10", "2 of 10", "−5 of 10", "2 of 10, found in: low back pain", "better"),),
        ("Asked after 11 of 12 visits; not asked after 1.", "Adverse, visit 4: Haematoma, gone."),
        ("Goal: Pain 0–10, 2 of 10",),
        "Nothing meaningful changed: stop.",
    )
    exercise = ExerciseLine(
        "Wrist lowering", "3 sets of 15, once a day", ("Hold the weight.", "Lower it slowly."), ("Pain over 5 of 10",),
        DRAWING, ("Trial of 2015",),
    )  # fmt: skip
    home = Programme(
        sheet, "Tennis elbow, right", tuple(replace(exercise, title=f"Wrist lowering {n}") for n in range(1, 8)),
        "lift a kettle", ("A fever",), ("6 to 10 of 10: stop",), "Bring this sheet.",
    )  # fmt: skip
    say = Said("A bruise may show.", "Deck of slides: sources differ")
    after = AfterSession(
        sheet,
        "Treated on 20 November 2026: Forearm, right.",
        (say,),
        (Said("Drink water.", "A clinic: a single source"),),
        (Said("Is it hard to breathe?", "A form: a single source", proposed=True),),
        (Said("Call us about fever.", "A review: three or more sources agree"),),
        (Said("Do you have chest pain?", "A form: a single source", proposed=True),),
        (Said("Marks last for days.", "A form: a single source"),) * 30,
    )
    ground = Ground(
        "Medicine against clotting", "Answered yes.", "Bleeding is likelier.", "mixed",
        (Source("Deck of slides", "slide deck", "A yellow flag."),) * 60,
    )  # fmt: skip
    asks = Letter(sheet, "Graston Technique", ("right forearm", "left knee"), (ground,))
    return {
        "visit note": visit_note(note),
        "course report": course_report(report),
        "letter to the referrer": referral(told),
        "home programme": programme(home),
        "after the session": after_session(after),
        "letter to a physician": letter(asks),
    }


def pages(document: Document) -> list[str]:
    """What another program reads on each page, with single spaces."""
    return [squeezed(page.extract_text()) for page in PdfReader(io.BytesIO(pdf(document))).pages]


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text)
