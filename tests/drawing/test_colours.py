"""The colours of the charts can be seen, on the page by day and by night and on paper."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import strigil
from strigil.drawing import palette

CSS = (Path(strigil.__file__).parent / "static/strigil/css/charts.css").read_text()
LIGHT, DARK_BY_SYSTEM, DARK_BY_CHOICE = (
    dict(re.findall(r"--chart-(\w+): (#[0-9A-F]{6});", block))
    for block in re.findall(r"\{\s*(--chart-surface: #[^}]*)\}", CSS)
)
# What the pages lay under a chart, from tokens.css.
GROUNDS = {"light": ("#FFFFFF", "#F3F6F8"), "dark": ("#182229", "#0E161B")}


def ratio(a: str, b: str) -> float:
    """The contrast of two colours as WCAG 2 counts it."""
    light, dark = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(("theme", "colours"), [("light", LIGHT), ("dark", DARK_BY_CHOICE)])
def test_words_have_4_5_to_1_and_marks_3_to_1_on_every_ground_and_on_the_band(
    theme: str, colours: dict[str, str]
) -> None:
    for ground in (*GROUNDS[theme], colours["band"]):
        for name in ("text", "muted", "goal"):
            assert ratio(colours[name], ground) >= 4.5, (name, ground)
        for name in ("line", "second", "reaction", "visit", "axis"):
            assert ratio(colours[name], ground) >= 3, (name, ground)


def test_dark_is_the_same_whether_chosen_by_the_system_or_by_the_person() -> None:
    assert DARK_BY_SYSTEM == DARK_BY_CHOICE
    assert DARK_BY_SYSTEM.keys() == LIGHT.keys()


def test_paper_has_the_colours_of_the_light_page() -> None:
    paper = {
        "surface": palette.SURFACE,
        "muted": palette.MUTED,
        "grid": palette.GRID,
        "axis": palette.AXIS,
        "line": palette.LINES[0],
        "second": palette.LINES[1],
        "band": palette.BAND,
        "goal": palette.GOAL,
        "reaction": palette.BRONZE,
        "visit": palette.INK,
    }
    assert {name: LIGHT[name] for name in paper} == paper
