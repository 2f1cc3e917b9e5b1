"""What a reader sees of a forest and of a funnel."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strigil.drawing.trials import Forest, Group, Row, Summary, forest_plot, forest_rows, funnel_plot, funnel_rows
from tests.drawing.seen import SVG, Seen, overlaps

LONG = "A trial of scraping with a steel instrument against light touch in people with pain at the elbow, second report"
both = pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
plots = pytest.mark.parametrize("plot", [forest_plot, funnel_plot], ids=["forest", "funnel"])


def row(label: str, effect: float, reach: float = 0.5, weight: float = 10) -> Row:
    return Row(label, effect, effect - reach, effect + reach, weight, reach / 1.96)


def forest(*rows: Row, groups: tuple[Group, ...] = (), scale: str = "plain", **more: object) -> Forest:
    summary = Summary("Pooled (REML, knha)", 0.4, 0.1, 0.7, -0.3, 1.1)
    given: dict[str, object] = {
        "id": "elbow",
        "title": "Pain at the elbow: standardised mean difference",
        "measure": "Standardised mean difference",
        "scale": scale,
        "groups": groups or (Group("", rows, None),),
        "summary": summary,
        "heterogeneity": "I² 40 %, tau² 0.1",
    }
    return Forest(**(given | more))  # type: ignore[arg-type]


def two() -> Forest:
    return forest(row("Hahn 2020", 0.2), row("Lee 2016", 0.7, 0.3, 90))


def forty() -> Forest:
    rows = tuple(
        row(f"{LONG} {n}" if n % 3 else f"Trial {n}", (n % 9) / 4 - 1, 0.2 + (n % 5) / 3, 2.5) for n in range(40)
    )
    return forest(
        groups=(
            Group("Against sham", rows[:20], Summary("Against sham: REML", 0.2, -0.2, 0.6, -1, 1.4)),
            Group(LONG, rows[20:], Summary(f"{LONG}: REML", 0.3, 0.1, 0.5)),
        )
    )


@both
@plots
@pytest.mark.parametrize("drawn", [two, forty], ids=["two", "forty"])
def test_no_word_lies_on_another_or_leaves_the_sheet(
    drawn: Callable[[], Forest], plot: Callable[..., str], narrow: bool
) -> None:
    seen = Seen(plot(drawn(), narrow=narrow))
    words = seen.words()
    assert overlaps(words) == []
    width, height = seen.size
    for word in words:
        assert word.box[0] >= -0.5, word
        assert word.box[2] <= width + 0.5, word
        assert word.box[3] <= height, word


@both
@pytest.mark.parametrize("drawn", [two, forty], ids=["two", "forty"])
def test_no_word_lies_on_an_interval_or_a_line(drawn: Callable[[], Forest], narrow: bool) -> None:
    seen = Seen(forest_plot(drawn(), narrow=narrow))
    lines = [
        *(_spans(r"M(\S+) (\S+?)H([\d.-]+)", node, level=True) for node in seen.group("chart-line")),
        *(_spans(r"M(\S+) (\S+?)V([\d.-]+)", node, level=False) for node in seen.group("chart-grid")),
    ]
    boxes = [box for found in lines for box in found]
    assert len(boxes) > 4
    for word in seen.words():
        for x0, y0, x1, y1 in boxes:
            across = min(word.box[2], x1) - max(word.box[0], x0)
            down = min(word.box[3], y1) - max(word.box[1], y0)
            assert across <= 0.5 or down <= 0.5, (word, (x0, y0, x1, y1))


def _spans(pattern: str, node: ET.Element, *, level: bool) -> list[tuple[float, float, float, float]]:
    """The boxes of a path's level or upright strokes, two wide."""
    found = [tuple(float(n) for n in one) for one in re.findall(pattern, node.attrib["d"])]
    if level:
        return [(x, y - 1, end, y + 1) for x, y, end in found]
    return [(x - 1, y, x + 1, end) for x, y, end in found]


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.text(min_size=1, max_size=90), st.floats(-50, 50), st.floats(0.01, 30)), min_size=1, max_size=12
    ),
    st.sampled_from(["plain", "log", "fisher_z"]),
    st.booleans(),
)
def test_whatever_the_studies_are_words_keep_apart(
    rows: list[tuple[str, float, float]], scale: str, narrow: bool
) -> None:
    made = forest(*[row(label, effect, reach) for label, effect, reach in rows], scale=scale)
    for plot in (forest_plot, funnel_plot):
        assert overlaps(Seen(plot(made, narrow=narrow)).words()) == []


@both
@plots
def test_title_and_description_say_what_the_drawing_shows(plot: Callable[..., str], narrow: bool) -> None:
    seen = Seen(plot(two(), narrow=narrow))
    named = {node.get("id"): node.text for node in seen.root}
    title, about = (named[key] for key in seen.root.attrib["aria-labelledby"].split())
    assert title == "Pain at the elbow: standardised mean difference"
    assert about == (
        "2 studies. Pooled (REML, knha): 0.40 [0.10, 0.70]. Prediction interval [\u22120.30, 1.10]. I² 40 %, tau² 0.1"
    )
    assert seen.root.attrib["role"] == "img"


@both
def test_every_study_is_named_with_its_numbers_and_pooled_ones_are_set_apart(narrow: bool) -> None:
    seen = Seen(forest_plot(two(), narrow=narrow))
    text = seen.text()
    assert {"Hahn 2020", "0.20 [\u22120.30, 0.70]", "Pooled (REML, knha)", "0.40 [0.10, 0.70]"} <= set(text)
    assert {"Prediction interval", "[\u22120.30, 1.10]"} <= set(text)


def test_the_square_grows_with_the_weight_and_stands_at_its_effect() -> None:
    seen = Seen(forest_plot(two()))
    squares = [node for node in seen.group("chart-series-1") if node.tag == f"{SVG}path"]
    sizes = [float(re.search(r"h([\d.]+)", node.attrib["d"])[1]) for node in squares]  # type: ignore[index]
    left = [float(re.search(r"\(([\d.]+)", node.attrib["transform"])[1]) for node in squares]  # type: ignore[index]
    assert sizes[1] == pytest.approx(3 * sizes[0], rel=0.1)
    assert left[0] < left[1]


def test_an_interval_that_leaves_the_plot_ends_in_an_arrow_and_its_numbers_stay() -> None:
    made = forest(row("A", 0.2), row("B", 0.3), row("C", 0.1), row("Wild", 0.4, 90))
    lines = [node.attrib["d"] for node in Seen(forest_plot(made)).group("chart-line")]
    assert [line.count("L") for line in lines[:4]] == [0, 0, 0, 4]
    assert "0.40 [\u221289.60, 90.40]" in Seen(forest_plot(made)).text()


def test_a_ratio_is_written_as_a_ratio_on_a_scale_of_ratios() -> None:
    made = forest(row("A", -0.6931471805599453, 0.7), row("B", 0.6931471805599453, 0.7), scale="log")
    text = Seen(forest_plot(made)).text()
    assert "0.50 [0.25, 1.01]" in text
    assert {"0.5", "1", "2"} <= set(text)


def test_tables_hold_what_the_drawings_hold() -> None:
    head, rows = forest_rows(forty())
    assert head == ("Study", "Group", "Standardised mean difference [95 % interval]", "Weight")
    assert len(rows) == 40 + 2 + 1 + 2
    assert all(all(cell for cell in one) for one in rows)
    drawn = Seen(forest_plot(forty())).text()
    assert all(one[2] in drawn for one in rows)
    head, rows = funnel_rows(two())
    assert [one[0] for one in rows] == ["Lee 2016", "Hahn 2020"]


def test_wide_and_narrow_forest_and_funnel_share_no_id() -> None:
    drawn = [plot(two(), narrow=narrow) for plot in (forest_plot, funnel_plot) for narrow in (False, True)]
    ids = re.findall(r' id="([^"]+)"', "".join(drawn))
    assert len(ids) == len(set(ids)) == 12


def test_a_name_cannot_write_markup() -> None:
    drawn = forest_plot(forest(row("<script>&\"'", 0.2)))
    assert "<script" not in drawn
    assert "<script>&\"'" in Seen(drawn).text()


# --- Beside each other, not pooled ---------------------------------------------------------------------------------


def beside() -> Forest:
    rows = row("Braun 2011, abstract: neck pain, VAS", 29.9, 13.4), row(LONG, 12.0, 20)
    groups = Group("Pain, up to 6 weeks", rows, None), Group(LONG, rows[1:], None)
    return forest(groups=groups, summary=None, heterogeneity="")


@both
def test_without_a_pool_there_is_no_diamond_no_weight_and_the_drawing_says_so(narrow: bool) -> None:
    drawing = forest_plot(beside(), narrow=narrow)
    said = [word.text for word in Seen(drawing).words()]
    assert "Squares: studies, each by itself. Not pooled." in said
    assert not {"Weight", "10.0 %"} & set(said)
    assert "chart-series-2" not in drawing
    assert "3 studies. Not pooled. Braun 2011" in drawing
    assert drawing.count("chart-mark chart-series-1") == 3
    assert forest_rows(beside())[0] == ("Study", "Group", "Standardised mean difference [95 % interval]")
    assert all(len(cells) == 3 for cells in forest_rows(beside())[1])


@both
def test_without_a_pool_words_keep_apart_and_no_effect_is_in_sight(narrow: bool) -> None:
    seen = Seen(forest_plot(beside(), narrow=narrow))
    assert overlaps(seen.words()) == []
    assert "0" in [word.text for word in seen.words()]


def test_a_funnel_without_a_pool_is_refused() -> None:
    with pytest.raises(ValueError, match="a funnel stands around a pooled estimate"):
        funnel_plot(beside())
