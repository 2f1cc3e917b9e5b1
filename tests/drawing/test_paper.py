"""Documents for paper, read back with pypdf as another program would read them, and looked into letter by letter."""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from functools import cache
from typing import Any

import pytest
from fontTools.ttLib import TTFont
from pypdf import PdfReader

from strigil.drawing.palette import FONTS as FAMILY
from strigil.drawing.paper import Document, VisitNote, pdf, pictures, visit_note
from strigil.drawing.paper.blocks import Heading, Paragraph, Picture
from strigil.drawing.paper.letters import FONTS, GAP, printable, shown
from strigil.drawing.paper.press import NAME_LACKS, TEXT_LACKS
from tests.drawing.names import LONG, NAMES, TYPED, UNKNOWN
from tests.drawing.papers import SHEET, documents, pages, squeezed

KINDS = tuple(documents())
each = pytest.mark.parametrize("kind", KINDS)
every_name = pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)


def plain(name: str) -> Document:
    return Document("Visit note", replace(SHEET, patient=name), (Heading(name, 1), Paragraph(name)))


def words_of(given: Any) -> Iterator[str]:
    """Every text of a document's blocks, but the drawings, the words that stand for them, and how a block is set."""
    if isinstance(given, dict):
        for key, value in given.items():
            if key not in ("kind", "tone", "svg", "alt", "level", "numbered", "width", "marked"):
                yield from words_of(value)
    elif isinstance(given, list | tuple):
        for one in given:
            yield from words_of(one)
    elif isinstance(given, str):
        yield given


# What it says


@each
def test_every_value_of_a_document_can_be_read_in_it(kind: str) -> None:
    document = documents()[kind]
    read = " ".join(pages(document)).replace(" ", "")
    missing = [one for one in words_of(asdict(document)["blocks"]) if squeezed(one).replace(" ", "") not in read]
    assert missing == []


@each
def test_who_when_what_to_mind_and_what_it_rests_on_stand_on_every_page(kind: str) -> None:
    found = pages(documents()[kind])
    for page in found:
        for words in (
            f"{SHEET.patient}, born {SHEET.born}",
            "20 November 2026",
            *SHEET.warnings,
            SHEET.mark,
            f"Strigil knowledge {SHEET.knowledge}",
            f"of {len(found)}",
        ):
            assert words in page, (kind, words)


def test_documents_that_grow_have_a_second_page_to_check() -> None:
    assert {kind for kind, document in documents().items() if len(pages(document)) > 1} >= {
        "course report", "home programme", "after the session", "letter to a physician",
    }  # fmt: skip


@each
def test_a_sheet_without_warnings_has_none_and_a_real_patient_no_mark(kind: str) -> None:
    sheet = replace(SHEET, warnings=(), mark="")
    found = " ".join(pages(documents(sheet)[kind]))
    assert "Do not send" not in found
    assert "Not recorded as settled" not in found
    assert "cannot show" not in found.replace("it cannot show that the treatment caused a change", "")


@pytest.mark.parametrize("kind", ["course report", "letter to the referrer"])
def test_wherever_a_change_is_told_it_is_said_that_it_proves_no_effect(kind: str) -> None:
    assert "cannot show that the treatment caused a change" in " ".join(pages(documents()[kind]))


def test_an_amended_note_shows_both_versions_and_says_when_by_whom_and_why() -> None:
    (found,) = pages(documents()["visit note"])
    for words in ("amended on 21 November 2026 by Bo Example", "typing mistake", "As planned.", "Other note."):
        assert words in found


def test_copied_and_estimated_values_say_so() -> None:
    (found,) = pages(documents()["visit note"])
    assert "Copied from an earlier visit and not confirmed • The visit: technique" in found
    assert "4.5 N, estimated" in found


# What is typed stays what it is


@each
def test_what_people_typed_is_never_markup(kind: str) -> None:
    document = documents(replace(SHEET, patient=TYPED, warnings=(TYPED,), clinic=TYPED, mark=TYPED))[kind]
    typed = replace(document, blocks=(*document.blocks, Paragraph(TYPED), Heading(TYPED)))
    wanted = TYPED.replace(" ", "")
    assert all(page.replace(" ", "").count(wanted) >= 4 for page in pages(typed))


def test_a_very_long_name_is_whole_and_lies_on_nothing() -> None:
    document = plain(LONG.strip())
    for words in pages(document):
        assert words.replace(" ", "").count(LONG.replace(" ", "")) >= 3


# Letters


@every_name
def test_every_letter_of_every_name_is_in_a_bundled_font(name: str) -> None:
    assert {letter for letter in name if ord(letter) not in in_fonts()} == set()
    assert shown(name) == name


@every_name
def test_a_name_in_any_script_is_printed_with_our_fonts_and_without_a_box(name: str) -> None:
    made = pdf(plain(name))
    fonts = embedded(made)
    assert len(used_glyphs(made)) > 5
    assert fonts <= {path.stem for path in FONTS.glob("*.[ot]tf")} | {"NotoSansCJKsc-Regular"}, fonts
    assert 0 not in used_glyphs(made)
    assert NAME_LACKS[:40] not in " ".join(pages(plain(name)))


@pytest.mark.parametrize("name", UNKNOWN.values(), ids=UNKNOWN)
def test_a_name_that_cannot_be_printed_says_so_on_every_page_and_shows_no_box(name: str) -> None:
    made = pdf(plain(name))
    (page,) = pages(plain(name))
    assert NAME_LACKS in page
    assert GAP in page
    assert 0 not in used_glyphs(made)


def test_other_text_that_cannot_be_printed_says_so_too() -> None:
    document = replace(plain("Ann"), blocks=(Paragraph("fine 🎈🎈 again"),))
    (page,) = pages(document)
    assert TEXT_LACKS in page
    assert f"fine {GAP} again" in page


def charted(label: str) -> Document:
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 40" font-family="{FAMILY}">'
        f'<text x="5" y="20">{label}</text></svg>'
    )
    return replace(plain("Ann"), blocks=(Paragraph(label), Picture(svg, "A chart")))


@pytest.mark.parametrize("label", ["Kettle 茶壶 office", "李 a\u200bb", "e\u0301 李", "กำ office"])
def test_a_chart_of_which_a_letter_cannot_be_set_is_printed_and_says_so(label: str) -> None:
    (page,) = pages(charted(label))
    assert TEXT_LACKS in page


@pytest.mark.parametrize("label", ["Kettle", "Éva, pain 0–10", "茶壶", "שלום", "शक्ति", "สวัสดี 李"])
def test_a_chart_whose_letters_can_be_set_lacks_none(label: str) -> None:
    (page,) = pages(charted(label))
    assert GAP not in page


@pytest.mark.parametrize("letter", ["\ufeff", "\0"])
def test_what_no_document_may_hold_is_left_out(letter: str) -> None:
    texts = (letter, f"李{letter}b", f"ش{letter}", f"fine{letter} again")
    (page,) = pages(replace(plain("Ann"), blocks=tuple(map(Paragraph, texts))))
    assert "fine again" in page


def test_our_reading_of_the_fonts_is_that_of_fonttools() -> None:
    assert printable() == in_fonts()


# The file


@each
def test_the_file_is_tagged_titled_in_english_and_holds_no_font_but_ours(kind: str) -> None:
    made = pdf(documents()[kind])
    reader = PdfReader(io.BytesIO(made))
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712 - a PDF's own boolean
    assert root["/Lang"] == "en-GB"
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    assert reader.metadata is not None
    assert reader.metadata.title == f"{documents()[kind].title}: {SHEET.patient}"
    assert {name for name in embedded(made) if not name.startswith(("SourceSans3", "NotoSans"))} == set()


@each
def test_the_same_document_is_the_same_file_from_any_thread(kind: str) -> None:
    document = documents()[kind]
    with ThreadPoolExecutor(4) as threads:
        made = set(threads.map(pdf, [document] * 8))
    assert made == {pdf(document)}
    assert pdf(replace(document, sheet=replace(SHEET, writer="Another", patient="Someone else"))) not in made


@each
def test_the_time_in_the_file_is_the_day_of_the_document(kind: str) -> None:
    made = PdfReader(io.BytesIO(pdf(documents()[kind]))).metadata
    assert made is not None
    assert made.creation_date is not None
    assert made.creation_date.date() == SHEET.on


@each
def test_each_page_can_be_looked_at(kind: str) -> None:
    document = documents()[kind]
    drawn = pictures(document, 40)
    assert len(drawn) == len(pages(document))
    assert all(one.startswith(b"\x89PNG") for one in drawn)


def test_a_note_without_amendment_says_nothing_of_one() -> None:
    note = VisitNote(SHEET, "Visit 1", "Tennis elbow, right", "Signed by Ana", (("Note", "As planned."),))
    assert "mended" not in " ".join(pages(visit_note(note)))


@cache
def in_fonts() -> set[int]:
    """The code points of the bundled fonts, as fontTools reads them."""
    found: set[int] = set()
    for path in FONTS.glob("*.[ot]tf"):
        with TTFont(path) as font:
            found |= set(font.getBestCmap())
    return found


def embedded(made: bytes) -> set[str]:
    """The names of the fonts in a file."""
    return {font["/BaseFont"].split("+")[-1].removesuffix("-Identity-H") for font in _fonts(made)}


def _fonts(made: bytes) -> Iterator[Any]:
    for page in PdfReader(io.BytesIO(made)).pages:
        for font in page["/Resources"].get("/Font", {}).values():  # type: ignore[union-attr]
            yield font.get_object()


def used_glyphs(made: bytes) -> set[int]:
    """The numbers of the glyphs that the text of a file draws; 0 is the box of a letter that is not there."""
    found: set[int] = set()
    for page in PdfReader(io.BytesIO(made)).pages:
        content: Any = page.get_contents()
        for operands, operator in content.operations:
            shown_here = operands[0] if operator == b"TJ" else operands[:1] if operator == b"Tj" else []
            for piece in shown_here:
                raw = getattr(piece, "original_bytes", None)
                if raw is not None:
                    found |= {int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2)}
    return found
