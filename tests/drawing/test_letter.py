"""The letter to a physician, read back with pypdf as another program would read it."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

from pypdf import PdfReader

from strigil.drawing.paper import Ground, Letter, Sheet, Source, letter, pdf

LETTER = Letter(
    sheet=Sheet(
        patient="Zoë Łukasz",
        born="2 March 1971",
        on=date(2026, 11, 20),
        clinic="Clinic at the Bridge",
        writer="Ana Example",
        knowledge="2026.11.1",
    ),
    treatment="Graston Technique",
    sites=("right lateral forearm", "left knee"),
    grounds=(
        Ground(
            "Medicine against clotting",
            "Answered yes on 20 November 2026.",
            "Bleeding under the skin is likelier.",
            "mixed",
            (Source("Deck of slides", "slide deck", "A yellow flag."),),
        ),
    ),
)


def sheet(**changes: str) -> Letter:
    return replace(LETTER, sheet=replace(LETTER.sheet, **changes))


def text(given: Letter) -> str:
    words = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf(letter(given)))).pages)
    return " ".join(words.split())


def test_letter_states_the_question_and_every_reason_with_its_sources() -> None:
    read = text(LETTER)
    for words in (
        "Clinic at the Bridge",
        "20 November 2026",
        "Zoë Łukasz , born 2 March 1971",
        "right lateral forearm and left knee with Graston Technique",
        "Medicine against clotting",
        "Answered yes on 20 November 2026.",
        "A yellow flag. (Deck of slides, slide deck)",
        "How far the sources agree: mixed",
        "Do you agree to this treatment?",
        "Ana Example",
        "Strigil knowledge 2026.11.1",
    ):
        assert words.replace(" ,", ",") in read.replace(" ,", ","), words


def test_what_people_typed_is_never_markup() -> None:
    typed = '#panic("no") *bold* $x$ // = heading \\ "quoted" `code` @ref <label>'
    assert typed in text(sheet(patient=typed))


def test_made_up_patient_is_marked_and_no_other() -> None:
    mark = "This patient is made up. Do not send this on."
    assert mark in text(sheet(mark=mark))
    assert "Do not send" not in text(LETTER)


def test_same_letter_is_the_same_file() -> None:
    assert pdf(letter(LETTER)) == pdf(letter(LETTER))


def test_file_is_tagged_has_a_title_and_holds_no_font_but_ours() -> None:
    reader = PdfReader(io.BytesIO(pdf(letter(LETTER))))
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"] == True  # noqa: E712 - a PDF's own boolean
    assert reader.metadata is not None
    assert reader.metadata.title == "Question before IASTM: Zoë Łukasz"
    fonts = {
        font.get_object()["/BaseFont"].split("+")[-1]
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert fonts
    assert all(name.startswith("SourceSans3") for name in fonts)
