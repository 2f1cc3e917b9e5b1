"""What a reader notices on the small charts that share one time line, and in the sentence on pairs."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strigil.drawing import (
    Goal,
    Multiples,
    Panel,
    Point,
    multiples,
    multiples_rows,
    multiples_sentence,
    pairs_of,
    pairs_sentence,
)
from tests.drawing.seen import Seen, on, overlaps, place, point

both = pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
PAIN = Panel("Pain 0–10", "of 10", Decimal(0), Decimal(10), (point(0, 7), point(21, 3)), goal=Goal(Decimal(2)))
FLEXION = Panel("Wrist flexion", "°", Decimal(0), Decimal(90), (point(7, 50), point(14, 55)), zoom=True)
AREA = Panel(
    "Forearm, right: time treated", "s", Decimal(0), Decimal(1), (point(0, 60), point(7, 120)), "bars",
    unknown=(on(14),),
)  # fmt: skip
THREE = Multiples("overview", "All on one time line", (PAIN, FLEXION, AREA), "Words.")


def look(drawn: Multiples, *, narrow: bool = False) -> Seen:
    return Seen(multiples(drawn, narrow=narrow))


def bars(seen: Seen) -> list[tuple[float, float]]:
    return [place(path) for group in seen.group("chart-dose") for path in group]


@both
def test_all_panels_share_one_time_axis(narrow: bool) -> None:
    seen = look(THREE, narrow=narrow)
    (pain_0, pain_21), (flexion_7, flexion_14) = (
        [place(path)[0] for path in group] for group in seen.group("chart-mark")
    )
    (first, second), (unknown,) = ([place(path)[0] for path in group] for group in seen.group("chart-dose"))
    per_day = (pain_21 - pain_0) / 21
    assert first == pain_0
    for x, days in ((flexion_7, 7), (second, 7), (flexion_14, 14), (unknown, 14)):
        assert x - pain_0 == pytest.approx(days * per_day, abs=0.15)


@both
def test_each_panel_has_its_name_unit_scale_goal_and_last_value_in_words(narrow: bool) -> None:
    text = look(THREE, narrow=narrow).text()
    for words in ("Wrist flexion, °", "3", "55", "120", "0", "10", "1 Sep", "2026"):
        assert words in text, words
    assert "Pain 0–10, of 10; Goal 2 of 10, broken line" in " ".join(text)


def test_bars_are_as_high_as_they_were_long_and_a_time_not_recorded_is_a_broken_outline() -> None:
    seen = look(THREE)
    known, unknown = seen.group("chart-dose")
    heights = [max(float(n) for n in re.findall(r" (-?[\d.]+)", path.attrib["d"])) for path in known]
    assert heights[1] == pytest.approx(2 * heights[0], abs=0.2)
    assert unknown.attrib["fill"] == "none" != known.attrib["fill"]
    assert "stroke-dasharray" in unknown.attrib


@both
def test_it_has_a_title_and_a_description_and_no_id_twice(narrow: bool) -> None:
    seen = look(THREE, narrow=narrow)
    named = {node.get("id"): node.text for node in seen.root}
    assert [named[key] for key in seen.root.attrib["aria-labelledby"].split()] == ["All on one time line", "Words."]
    ids = re.findall(r' id="([^"]+)"', multiples(THREE) + multiples(THREE, narrow=True))
    assert len(ids) == len(set(ids))


def test_the_table_has_every_reading_and_every_time_that_is_not_known() -> None:
    header, rows = multiples_rows(THREE)
    assert header == ("Reading", "Date", "Value", "How known")
    assert rows == (
        ("Pain 0–10", "1 Sep 2026", "7 of 10", "measured"),
        ("Pain 0–10", "22 Sep 2026", "3 of 10", "measured"),
        ("Wrist flexion", "8 Sep 2026", "50°", "measured"),
        ("Wrist flexion", "15 Sep 2026", "55°", "measured"),
        ("Forearm, right: time treated", "1 Sep 2026", "60 s", "measured"),
        ("Forearm, right: time treated", "8 Sep 2026", "120 s", "measured"),
        ("Forearm, right: time treated", "15 Sep 2026", "time not recorded", "time not recorded"),
    )


def test_the_sentence_is_made_from_the_data() -> None:
    assert multiples_sentence(THREE) == "1 Sep 2026 to 22 Sep 2026. Pain 0–10: 7 to 3 of 10; Wrist flexion: 50 to 55°."
    assert multiples_sentence(replace(THREE, panels=(replace(PAIN, readings=()),))) == "No reading yet."


def test_a_panel_without_a_reading_says_so() -> None:
    assert "No reading yet" in look(replace(THREE, panels=(PAIN, replace(FLEXION, readings=())))).text()


def test_hostile_text_stays_text() -> None:
    hostile = "<script>alert(\"1\")</script> & 'x' ]]> \x00"
    seen = look(replace(THREE, title=hostile, panels=(replace(PAIN, title=hostile, unit=hostile),)))
    assert not [node for node in seen.root.iter() if node.tag.endswith("script")]


# Pairs


def test_pairs_are_told_by_how_often_and_how_much_and_not_by_why() -> None:
    before = (point(0, 40), point(0, 50), point(7, 50), point(14, 60), point(21, 60))
    after = (point(0, 53), point(7, 55), point(14, 58), point(21, 60), point(30, 70))
    assert [(one.value, two.value) for one, two in pairs_of(before, after)] == [(50, 53), (50, 55), (60, 58), (60, 60)]
    assert pairs_sentence(before, after, "°") == (
        "Read before and right after treatment on 4 days: higher on 2 by 3 to 5°, lower on 1 by 2°, the same on 1. "
        "Whether that lasts, the next visit shows."
    )
    assert pairs_of((point(0, 50),), (point(0, 53), point(0, 60)))[0][1].value == 60, "the last of the day"
    assert pairs_sentence(before, (), "°") == "On no day was it read both before and right after treatment."


# What always holds

a_point = st.builds(
    lambda day, value, estimated: Point(on(day), value, "", estimated),
    st.integers(0, 900),
    st.decimals(-20, 200, places=1),
    st.booleans(),
)
a_panel = st.builds(
    lambda title, unit, readings, kind, goal, zoom, unknown: Panel(
        title,
        unit,
        Decimal(0),
        Decimal(90),
        tuple(replace(one, value=abs(one.value)) for one in readings) if kind == "bars" else tuple(readings),
        kind,
        Goal(goal) if goal is not None else None,
        zoom,
        tuple(on(day) for day in unknown) if kind == "bars" else (),
    ),
    st.sampled_from(["Pain", "Forearm, lateral (extensors), right: time treated " * 2, "Übung <b>&", "手首"]),
    st.sampled_from(["", "of 10", "°"]),
    st.lists(a_point, max_size=20),
    st.sampled_from(["line", "bars"]),
    st.none() | st.decimals(0, 90, places=0),
    st.booleans(),
    st.lists(st.integers(0, 900), max_size=4),
)
some = st.builds(
    lambda panels, title: Multiples("m", title, tuple(panels)), st.lists(a_panel, max_size=6), st.just("T")
)
often = settings(max_examples=150, deadline=None)


@often
@given(some, st.booleans())
def test_no_word_lies_on_another_on_a_mark_or_off_the_sheet(drawn: Multiples, narrow: bool) -> None:
    seen = look(drawn, narrow=narrow)
    words, (width, height) = seen.words(), seen.size
    assert not overlaps(words)
    assert all(word.box[0] >= -0.2 and word.box[2] <= width + 0.2 for word in words)
    assert all(word.box[1] >= -0.2 and word.box[3] <= height + 0.2 for word in words)
    marks = [place(path) for group in seen.group("chart-mark") for path in group]
    for x0, y0, x1, y1 in (word.box for word in words):
        assert not [at for at in marks if x0 < at[0] < x1 and y0 < at[1] < y1]


@often
@given(some)
def test_every_reading_is_a_mark_or_a_bar_and_a_row(drawn: Multiples) -> None:
    seen = look(drawn)
    readings = sum(len(panel.readings) for panel in drawn.panels)
    unknown = sum(len(panel.unknown) for panel in drawn.panels)
    marks = sum(len(group) for group in seen.group("chart-mark"))
    assert marks + len(bars(seen)) == readings + unknown == len(multiples_rows(drawn)[1])


@given(st.dates(date(1, 1, 1), date(9999, 12, 31)), st.dates(date(1, 1, 1), date(9999, 12, 31)))
def test_any_two_days_can_be_drawn(a: date, b: date) -> None:
    assert look(Multiples("m", "T", (replace(PAIN, readings=(Point(a, Decimal(3)), Point(b, Decimal(4)))),)))
