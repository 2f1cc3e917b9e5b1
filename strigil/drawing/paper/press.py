"""The press: a document of blocks becomes PDF/UA-1, byte for byte the same for the same input.

Everything typed by people travels as data, never as markup. Only the bundled fonts are used; what they lack is said.
"""

from __future__ import annotations

import json
import threading
from dataclasses import asdict
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from strigil.drawing.paper.blocks import Document
from strigil.drawing.paper.letters import FONTS, GAP, of_charts, shown, shown_in

if TYPE_CHECKING:
    import typst

HERE = Path(__file__).parent
NAME_LACKS = (
    f"This name has letters that this print cannot show; they stand as {GAP}. Compare it with the screen, and write it "
    "in by hand."
)
TEXT_LACKS = f"Some letters in this document cannot be printed; they stand as {GAP}. They are whole on the screen."
CHART_LACKS = "could not be displayed with font"
"""Said of a chart's label that needs two fonts which join its letters into different numbers of glyphs."""
_here = threading.local()


def pdf(document: Document) -> bytes:
    """The document as PDF/UA-1, A4."""
    import typst

    try:
        return _pdf(**_given(document))
    except typst.TypstError as why:
        if CHART_LACKS not in str(why):
            raise
    return _pdf(**_given(document, plain_charts=True))


def _pdf(**given: Any) -> bytes:
    return cast(bytes, _compiler().compile(format="pdf", pdf_standards="ua-1", **given))


def pictures(document: Document, dots_per_inch: float = 100) -> list[bytes]:
    """Each page as PNG, for looking at."""
    made = _compiler().compile(format="png", ppi=dots_per_inch, **_given(document))
    return made if isinstance(made, list) else [cast(bytes, made)]


def _given(document: Document, *, plain_charts: bool = False) -> dict[str, Any]:
    on = document.sheet.on
    return {
        "sys_inputs": {"document": json.dumps(_data(document, plain_charts=plain_charts))},
        "timestamp": datetime(on.year, on.month, on.day, tzinfo=UTC),
    }


def _data(document: Document, *, plain_charts: bool) -> dict[str, Any]:
    """The document as plain data, with days in words and only letters that can be printed."""
    sheet = document.sheet
    given = asdict(document)
    given["sheet"]["on"] = day_in_words(sheet.on)
    data = cast(dict[str, Any], shown_in(_with_plain_charts(given) if plain_charts else given))
    if shown(sheet.patient) != sheet.patient and GAP in data["sheet"]["patient"]:
        data["sheet"]["warnings"].insert(0, NAME_LACKS)
    elif _gaps(data) > _gaps(given):
        data["sheet"]["warnings"].insert(0, TEXT_LACKS)
    return data


def _with_plain_charts(given: Any) -> Any:
    """The same, with only letters of one font in its charts."""
    if isinstance(given, dict):
        return {key: shown(one, of_charts()) if key == "svg" else _with_plain_charts(one) for key, one in given.items()}
    return [_with_plain_charts(one) for one in given] if isinstance(given, list | tuple) else given


def _gaps(data: dict[str, Any]) -> int:
    return json.dumps(data, ensure_ascii=False).count(GAP)


def day_in_words(on: date) -> str:
    return f"{on.day} {on:%B} {on.year}"


def _compiler() -> typst.Compiler:
    """One for each thread: a compiler serves one caller at a time, and keeps what it has read."""
    if not hasattr(_here, "compiler"):
        import typst

        _here.compiler = typst.Compiler(str(HERE / "paper.typ"), root=str(HERE), font_paths=_fonts())
    return cast("typst.Compiler", _here.compiler)


@cache
def _fonts() -> typst.Fonts:
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])
