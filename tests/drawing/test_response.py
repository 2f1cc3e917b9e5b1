"""What a reader notices on the response chart."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strigil.drawing import Band, Goal, Point, ResponseChart, Series, Visit, response_chart
from tests.drawing.seen import START, Seen, chart, falling, look, on, overlaps, place, point

BAND = Band(Decimal(5), Decimal(9), "Error alone could explain this")
GOAL = Goal(Decimal(2))
ROOT = Path(__file__).parents[2]
both = pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])


def sixty() -> ResponseChart:
    before = tuple(point(9 * n, str(round(7 - n / 12 + (n * 7 % 5) / 2.5, 1))) for n in range(60))
    after = tuple(
        point(9 * n, str(round(5.5 - n / 12 + (n * 11 % 5) / 2.5, 1)), estimated=n % 9 == 0) for n in range(60)
    )
    visits = tuple(Visit(on(9 * n), n + 1, n % 7 != 3, "adverse" if n == 22 else None) for n in range(60))
    return chart(Series("before", before), Series("after", after), visits=visits, band=BAND, goal=GOAL)


# What it says


@both
def test_the_title_and_the_description_name_the_figure_for_whoever_cannot_see_it(narrow: bool) -> None:
    seen = look(falling(description="Pain fell from 7 to 2 of 10."), narrow=narrow)
    named = {node.get("id"): node.text for node in seen.root}
    ids = seen.root.attrib["aria-labelledby"].split()
    assert seen.root.attrib["role"] == "img"
    assert [named[key] for key in ids] == ["Right ankle: worst pain", "Pain fell from 7 to 2 of 10."]
    assert all(key.startswith("pain") for key in ids)


def test_wide_and_narrow_drawings_of_one_chart_share_no_id() -> None:
    drawn = falling(description="Words.")
    ids = re.findall(r' id="([^"]+)"', response_chart(drawn) + response_chart(drawn, narrow=True))
    assert len(ids) == len(set(ids)) == 6


@both
def test_first_last_and_extreme_readings_have_their_numbers(narrow: bool) -> None:
    seen = look(
        chart(Series("", tuple(point(n * 7, v) for n, v in enumerate((5, 8, 6, 1, 3)))), goal=GOAL), narrow=narrow
    )
    values = [word.text for word in seen.words() if "chart-value" in word.class_]
    assert {"5", "8", "1", "3"} <= set(values)


def test_every_reading_has_its_number_where_there_is_room() -> None:
    values = Counter(word.text for word in look(falling()).words() if "chart-value" in word.class_)
    assert values == Counter(["7", "6", "6", "5", "4", "3", "3", "2"])


@both
def test_every_reading_says_its_value_its_day_and_how_it_is_known_when_pointed_at(narrow: bool) -> None:
    hints = [
        node.text for group in look(falling(), narrow=narrow).group("chart-mark") for node in group.iter() if node.text
    ]
    assert len(hints) == 8
    assert hints[0] == "7 of 10, 1 Sep 2026, measured"


@both
def test_the_unit_stands_at_the_axis_and_which_way_is_better_is_a_word(narrow: bool) -> None:
    lower, higher = look(falling(better="lower"), narrow=narrow), look(falling(better="higher"), narrow=narrow)
    assert "of 10; lower is better" in lower.text()
    assert "of 10; higher is better" in higher.text()
    assert lower.marks("chart-mark") == higher.marks("chart-mark")


@both
def test_the_band_and_the_goal_say_what_they_are(narrow: bool) -> None:
    text = " ".join(look(falling(band=BAND, goal=GOAL), narrow=narrow).text())
    assert "Error alone could explain this" in text
    assert "Goal 2 of 10" in text


@both
def test_a_goal_or_band_off_the_axis_is_told_and_not_drawn_in_the_wrong_place(narrow: bool) -> None:
    drawn = falling(goal=Goal(Decimal(12)), band=Band(Decimal(11), Decimal(14), "Far off"))
    seen = look(drawn, narrow=narrow)
    assert {"Goal 12 of 10", "Far off"} <= set(seen.text())
    bottom = seen.plot()[3]
    assert all(float(re.search(r"M\S+ ([\d.]+)", node.attrib["d"])[1]) > bottom for node in seen.group("chart-goal"))  # type: ignore[index]


def test_a_band_must_say_what_it_is() -> None:
    with pytest.raises(ValueError, match="says what it is"):
        Band(Decimal(1), Decimal(2), " ")


@both
def test_two_series_are_named_beside_their_lines_and_differ_by_shape(narrow: bool) -> None:
    days = range(0, 40, 8)
    before = Series("before", tuple(point(d, 8) for d in days))
    after = Series("after", tuple(point(d, 3) for d in days))
    seen = look(chart(before, after), narrow=narrow)
    shapes = [{path.attrib["d"] for path in group.iter() if "d" in path.attrib} for group in seen.group("chart-mark")]
    assert {"before", "after"} <= set(seen.text())
    assert len(shapes) == 2
    assert shapes[0].isdisjoint(shapes[1])


def test_an_estimated_reading_looks_hatched_and_hollow_without_any_colour() -> None:
    seen = look(chart(Series("", (point(0, 7), point(7, 5, estimated=True)))))
    (measured,), (estimated, *_) = [*seen.group("chart-measured")], [*seen.group("chart-estimated")]
    assert measured[0].attrib["d"] != estimated[0].attrib["d"]
    assert estimated[0].attrib["d"].count("M") == 4, "an outline and three strokes"
    assert estimated.attrib["fill"] == "#FFFFFF" != measured.attrib["fill"]
    assert "estimated" in seen.text()


@both
def test_visits_stand_under_their_day_with_number_treatment_and_reaction_in_shapes(narrow: bool) -> None:
    seen = look(falling(), narrow=narrow)
    xs = [x for x, _ in sorted(seen.marks("chart-mark"))]
    assert sorted(x for x, _ in seen.marks("chart-visit")) == xs
    assert sorted(x for x, _ in seen.marks("chart-reaction")) == xs
    assert [x for x, _ in seen.marks("chart-untreated")] == [xs[6]]
    assert [x for x, _ in seen.marks("chart-adverse")] == [xs[3]]
    assert [x for x, _ in seen.marks("chart-unknown")] == [xs[4]]
    assert {str(n) for n in range(1, 9)} <= set(seen.text())
    kinds = [next(iter(seen.group(f"chart-{kind}"))) for kind in ("none", "expected", "adverse", "unknown")]
    assert len({kind[0].attrib["d"] for kind in kinds}) == 4
    assert {"none", "expected", "adverse", "not known", "treated", "not treated"} <= set(seen.text())


def test_an_unknown_reaction_never_looks_like_none() -> None:
    known = replace(falling(), visits=(Visit(START, 1, True, "none"),))
    unknown = replace(falling(), visits=(Visit(START, 1, True, None),))
    assert "not known" in look(unknown).text()
    assert "none" not in look(unknown).text()
    assert "not known" not in look(known).text()


def test_of_sixty_visits_the_adverse_one_keeps_its_number() -> None:
    for narrow in (False, True):
        numbers = [word.text for word in look(sixty(), narrow=narrow).words() if "chart-number" in word.class_]
        assert {"1", "23", "60"} <= set(numbers)
        assert len(numbers) == len(set(numbers)) >= 8


def timed(*seconds: int | None) -> ResponseChart:
    """The falling course with the time treated at each of its first visits."""
    given = (*seconds, *(None,) * (8 - len(seconds)))
    drawn = falling()
    visits = (replace(visit, seconds=of) for visit, of in zip(drawn.visits, given, strict=True))
    return replace(drawn, visits=tuple(visits))


@both
def test_doses_stand_under_their_visit_as_bars_with_their_number_and_unit(narrow: bool) -> None:
    seen = look(timed(60, 120, 90, 30, 60, 60, None, 60), narrow=narrow)
    bars = [path for group in seen.group("chart-dose") for path in group]
    visits = sorted(x for x, _ in seen.marks("chart-visit"))
    assert sorted(place(bar)[0] for bar in bars) == [x for n, x in enumerate(visits) if n != 6], "7 was not treated"
    heights = [max(float(n) for n in re.findall(r" (-?[\d.]+)", bar.attrib["d"])) for bar in bars]
    assert heights[1] == pytest.approx(2 * heights[0], abs=0.2)
    assert heights[0] == pytest.approx(2 * heights[3], abs=0.2)
    told = [word.text for word in seen.words() if "chart-seconds" in word.class_]
    assert {"120", "30"} <= set(told)
    assert "Time, s" in seen.text()
    assert "time not recorded" not in seen.text()


@both
def test_a_time_that_nobody_recorded_is_no_bar_and_has_its_word(narrow: bool) -> None:
    seen = look(timed(60, None, 60, 60, 60, 60, None, 60), narrow=narrow)
    (unknown,) = [group for group in seen.group("chart-dose", "chart-unknown") if place(group[0])[1] < seen.key_top()]
    (known,) = [group for group in seen.group("chart-dose") if "chart-unknown" not in group.attrib["class"]]
    assert len(unknown) == 1
    assert len(known) == 6
    assert unknown.attrib["fill"] == "none" != known.attrib["fill"]
    assert unknown.attrib["stroke-dasharray"]
    assert "time not recorded" in seen.text()


def test_where_no_time_is_known_there_is_no_strip_of_doses() -> None:
    assert "Time, s" not in look(falling()).text()
    assert not [*look(falling()).group("chart-dose")]


def paired() -> ResponseChart:
    before = tuple(point(day, value) for day, value in ((0, 4), (0, 5), (7, 5), (14, 6)))
    after = tuple(point(day, value) for day, value in ((0, 7), (7, 6), (21, 8)))
    return chart(Series("Before", before), Series("Right after", after), paired=True)


@both
def test_pairs_are_joined_on_their_day_and_days_are_not(narrow: bool) -> None:
    seen = look(paired(), narrow=narrow)
    (stems,) = seen.group("chart-stem")
    rows = re.findall(r"M(\S+) (\S+?)L(\S+) ([\d.]+)", stems.attrib["d"])
    joined = [tuple(float(n) for n in row) for row in rows]
    marks = seen.marks("chart-mark")
    per_unit = (seen.plot()[3] - seen.plot()[1]) / 10
    assert [round((y0 - y1) / per_unit) for _, y0, _, y1 in joined] == [2, 1], "5 to 7, 5 to 6"
    assert all((x0, y0) in marks and (x1, y1) in marks for x0, y0, x1, y1 in joined)
    assert not [node for node in seen.root.iter() if node.tag.endswith("polyline")]
    assert {"Before", "Right after"} <= set(seen.text())


def test_before_and_after_differ_by_shape_where_they_are_equal() -> None:
    drawn = chart(Series("Before", (point(0, 5),)), Series("Right after", (point(0, 5),)), paired=True)
    shapes = [group[0] for group in look(drawn).group("chart-mark")][:2]
    assert len({shape.attrib["d"] for shape in shapes}) == 2
    assert len({place(shape) for shape in shapes}) == 2


def test_today_is_a_word_on_the_figure() -> None:
    assert "today" in look(falling(today=on(50))).text()


# Where it stands


@both
def test_time_runs_in_days_and_not_in_visits(narrow: bool) -> None:
    seen = look(falling(), narrow=narrow)
    xs = [x for x, _ in seen.marks("chart-mark")]
    per_day = (xs[-1] - xs[0]) / 46
    for x, day in zip(xs, (0, 4, 8, 13, 18, 25, 32, 46), strict=True):
        assert x - xs[0] == pytest.approx(day * per_day, abs=0.15)


@both
def test_a_date_stands_under_the_reading_of_that_day(narrow: bool) -> None:
    seen = look(falling(), narrow=narrow)
    word = next(word for word in seen.words() if word.text == "1 Sep")
    assert (word.box[0] + word.box[2]) / 2 == pytest.approx(seen.marks("chart-mark")[0][0], abs=0.2)
    assert "2026" in seen.text()


@both
def test_a_scale_from_0_to_10_always_shows_0_to_10(narrow: bool) -> None:
    seen = look(chart(Series("", (point(0, 5), point(7, 6))), zoom=True), narrow=narrow)
    _, top, _, bottom = seen.plot()
    ys = [y for _, y in seen.marks("chart-mark")]
    assert {"0", "10"} <= set(seen.text())
    assert ys[0] == pytest.approx((top + bottom) / 2, abs=0.2)
    assert ys[0] - ys[1] == pytest.approx((bottom - top) / 10, abs=0.2)


def test_a_motion_may_zoom_to_the_part_in_use_and_numbers_its_axis() -> None:
    drawn = chart(Series("", (point(0, 21), point(7, 34))), low=Decimal(0), high=Decimal(180), unit="°")
    wide, near = look(drawn), look(replace(drawn, zoom=True))
    assert "180" in wide.text()
    assert "180" not in near.text()
    assert _rise(near) > 2 * _rise(wide)


def _rise(seen: Seen) -> float:
    (_, first), (_, last) = seen.marks("chart-mark")
    return first - last


@both
def test_the_band_spans_its_values(narrow: bool) -> None:
    seen = look(falling(band=BAND), narrow=narrow)
    left, top, right, bottom = seen.plot()
    area = next(seen.group("chart-band")).attrib
    unit = (bottom - top) / 10
    assert float(area["y"]) == pytest.approx(bottom - 9 * unit, abs=0.2)
    assert float(area["height"]) == pytest.approx(4 * unit, abs=0.2)
    assert float(area["x"]) == left
    assert float(area["width"]) == pytest.approx(right - left, abs=0.2)


def test_a_band_over_the_end_of_the_scale_stops_there_and_has_no_edge_there() -> None:
    seen = look(falling(band=Band(Decimal(7), Decimal(11), "Error")))
    assert float(next(seen.group("chart-band")).attrib["y"]) == seen.plot()[1]
    assert next(seen.group("chart-band-edge")).attrib["d"].count("M") == 1


def test_a_reading_beyond_the_stated_range_widens_the_axis_and_is_not_hidden() -> None:
    seen = look(chart(Series("", (point(0, 7), point(7, 13)))))
    left, top, right, bottom = seen.plot()
    assert "13" in seen.text()
    assert all(left <= x <= right and top <= y <= bottom for x, y in seen.marks("chart-mark"))


def test_readings_of_one_day_that_would_hide_each_other_stand_side_by_side() -> None:
    equal = look(chart(Series("before", (point(0, 5), point(7, 4))), Series("after", (point(0, 5), point(7, 2)))))
    assert len(set(equal.marks("chart-mark"))) == 4
    twice = look(chart(Series("", (point(0, 5, "before"), point(0, 5, "after"), point(14, 3)))))
    assert len(set(twice.marks("chart-mark"))) == 3


# Odd cases


@both
def test_no_reading_is_a_calm_sentence(narrow: bool) -> None:
    for drawn in (chart(goal=GOAL), chart(Series("pain", ())), falling(visits=True, today=on(3))):
        empty = replace(drawn, series=())
        seen = look(empty, narrow=narrow)
        assert "No reading yet" in seen.text()
        assert not overlaps(seen.words())
        assert not seen.marks("chart-mark")


@both
def test_one_reading_stands_alone_with_its_number(narrow: bool) -> None:
    seen = look(chart(Series("", (point(0, 6, "baseline"),)), band=BAND), narrow=narrow)
    assert len(seen.marks("chart-mark")) == 1
    assert "6 baseline" in seen.text()
    assert not [*seen.group("chart-line")]


@both
def test_equal_values_and_negative_values_are_drawn_level(narrow: bool) -> None:
    seen = look(
        chart(Series("", tuple(point(n, -2) for n in (0, 9, 20))), low=Decimal(-7), high=Decimal(7)), narrow=narrow
    )
    assert len({y for _, y in seen.marks("chart-mark")}) == 1
    assert "\u22122" in seen.text()
    assert {"\u22127", "0", "7"} <= set(seen.text())


def test_decimals_are_written_as_they_are() -> None:
    assert {"7.5", "6.25"} <= set(look(chart(Series("", (point(0, "7.50"), point(9, "6.25"))))).text())


HOSTILE = "<script>alert(\"1\")</script> & 'x' ]]> \x00\ud800"


@both
def test_hostile_text_stays_text(narrow: bool) -> None:
    drawn = replace(
        falling(),
        title=HOSTILE,
        unit=HOSTILE,
        description=HOSTILE,
        band=Band(Decimal(5), Decimal(9), HOSTILE),
        goal=Goal(Decimal(2), HOSTILE),
        series=(Series(HOSTILE, (point(0, 7, HOSTILE), point(9, 5))), Series("b<b>&", (point(0, 6), point(9, 4)))),
    )
    seen = look(drawn, narrow=narrow)
    allowed = {"svg", "title", "desc", "g", "path", "rect", "line", "polyline", "text"}
    assert {node.tag.split("}")[1] for node in seen.root.iter()} <= allowed
    assert seen.title().startswith('<script>alert("1")</script> & ')


@both
def test_nothing_a_strict_page_would_refuse_is_written(narrow: bool) -> None:
    for drawn in (falling(band=BAND, goal=GOAL, today=on(60)), sixty()):
        seen = look(drawn, narrow=narrow)
        for node in seen.root.iter():
            assert not {key for key in node.attrib if key == "style" or key.startswith("on") or "href" in key}
        assert "<style" not in seen.svg
        assert "url(" not in seen.svg


def test_words_hold_letters_and_no_symbols_that_a_font_may_lack() -> None:
    for drawn in (falling(band=BAND, goal=GOAL, better="lower", today=on(60)), sixty()):
        assert all(letter.isascii() or letter in "°\u2212–…" for word in look(drawn).words() for letter in word.text)


@both
def test_equal_charts_are_equal_bytes_whatever_order_the_readings_come_in(narrow: bool) -> None:
    drawn = falling(band=BAND)
    turned = replace(drawn, series=(Series("", drawn.series[0].points[::-1]),), visits=drawn.visits[::-1])
    assert response_chart(drawn, narrow=narrow) == response_chart(turned, narrow=narrow)


def test_another_process_writes_the_same_bytes() -> None:
    code = "from tests.drawing.test_response import *; import sys; sys.stdout.write(response_chart(sixty()))"
    for seed in ("0", "7"):
        run = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
            cwd=ROOT,
        )
        assert run.stdout == response_chart(sixty())


def test_colour_is_never_the_only_difference() -> None:
    """With every colour taken away, no two kinds of sign look the same."""
    drawn = falling()
    first, *rest = drawn.series[0].points
    guessed = (Series("a", (replace(first, estimated=True), *rest)), Series("b", (point(0, 1), point(30, 1))))
    seen = look(replace(drawn, series=guessed))
    kinds = {}
    for name in ("chart-mark", "chart-visit", "chart-reaction"):
        for group in seen.group(name):
            hollow = group.attrib["fill"] in ("none", "#FFFFFF")
            kinds.setdefault(group.attrib["class"], set()).add((re.sub(r"[\d.]+", "n", group[0].attrib["d"]), hollow))
    looks = [frozenset(shape) for shape in kinds.values()]
    assert len(looks) == len(set(looks)) >= 7


def test_an_axis_or_a_reading_without_meaning_is_refused() -> None:
    with pytest.raises(ValueError, match="high end above"):
        chart(low=Decimal(10), high=Decimal(0))
    with pytest.raises(ValueError, match="finite"):
        Point(START, Decimal("NaN"))
    with pytest.raises(ValueError, match="not above"):
        Band(Decimal(3), Decimal(2), "Error")
    with pytest.raises(ValueError, match="An id"):
        chart(id="1 b")


def test_a_title_too_long_for_the_figure_is_whole_in_its_name() -> None:
    title = "worst pain in the last twenty-four hours " * 8
    seen = look(replace(falling(), title=title), narrow=True)
    assert seen.title() == title
    assert any(word.text.endswith("…") for word in seen.words() if word.class_ == "chart-title")


# What always holds

values = st.decimals(0, 10, places=1)
labels = st.sampled_from(["", "", "before", "after", "baseline", "a rather long label of a reading", "Übung <b>&"])
a_point = st.builds(
    lambda day, value, label, estimated: Point(on(day), value, label, estimated),
    st.integers(0, 400),
    values,
    labels,
    st.booleans(),
)
a_visit = st.builds(
    lambda day, number, treated, reaction, seconds: Visit(on(day), number, treated, reaction, seconds),
    st.integers(0, 400),
    st.integers(1, 120),
    st.booleans(),
    st.sampled_from(["none", "expected", "adverse", None]),
    st.none() | st.integers(0, 3600),
)
a_chart = st.builds(
    lambda series, band, goal, visits, today, title, low, better, paired: chart(
        *(Series(label, tuple(points)) for label, points in series),
        band=Band(min(band[:2]), max(band[:2]), band[2]) if band else None,
        goal=Goal(*goal) if goal else None,
        visits=tuple(visits),
        today=on(today) if today is not None else None,
        title=title,
        better=better,
        low=low,
        zoom=low < 0,
        paired=paired,
    ),
    st.lists(st.tuples(labels, st.lists(a_point, max_size=25)), max_size=3),
    st.none() | st.tuples(values, values, st.sampled_from(["Error", "Within the smallest change that matters " * 3])),
    st.none() | st.tuples(values, st.sampled_from(["", "Goal: as good as the other side", "G"])),
    st.lists(a_visit, max_size=25),
    st.none() | st.integers(0, 500),
    st.sampled_from(["Pain", "A long title that needs more than one line to be written in full " * 2]),
    st.sampled_from([Decimal(0), Decimal(-20)]),
    st.sampled_from([None, "lower", "higher"]),
    st.booleans(),
)
often = settings(max_examples=150, deadline=None)


@often
@given(a_chart, st.booleans())
def test_every_reading_lies_inside_the_plot(drawn: ResponseChart, narrow: bool) -> None:
    seen = look(drawn, narrow=narrow)
    left, top, right, bottom = seen.plot()
    marks = [at for at in seen.marks("chart-mark") if at[1] <= bottom + 0.2]
    assert len(marks) == len(drawn.values)
    assert all(left <= x <= right and top - 0.2 <= y for x, y in marks)


@often
@given(a_chart, st.booleans())
def test_no_word_lies_on_another_or_off_the_sheet(drawn: ResponseChart, narrow: bool) -> None:
    seen = look(drawn, narrow=narrow)
    words = seen.words()
    width, height = seen.size
    assert not overlaps(words)
    assert all(word.box[0] >= -0.2 and word.box[2] <= width + 0.2 for word in words)
    assert all(word.box[1] >= -0.2 and word.box[3] <= height + 0.2 for word in words)


@often
@given(a_chart, st.booleans())
def test_numbers_do_not_lie_on_marks(drawn: ResponseChart, narrow: bool) -> None:
    seen = look(drawn, narrow=narrow)
    marks = seen.marks("chart-mark")
    for word in (word for word in seen.words() if "chart-value" in word.class_):
        x0, y0, x1, y1 = word.box
        assert not [at for at in marks if x0 < at[0] < x1 and y0 < at[1] < y1]


@given(st.dates(date(1, 1, 1), date(9999, 12, 31)), st.dates(date(1, 1, 1), date(9999, 12, 31)))
def test_any_two_days_can_be_drawn(a: date, b: date) -> None:
    assert look(chart(Series("", (Point(a, Decimal(3)), Point(b, Decimal(4))))))
