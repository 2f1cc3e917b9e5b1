"""The small figure in a list."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from strigil.drawing import Band, Goal, Point, sparkline
from tests.drawing.seen import Seen, overlaps, point
from tests.drawing.test_response import a_point


def small(*readings: Point, **more: Band | Goal) -> Seen:
    drawn = sparkline(
        readings,
        id="row1",
        title="Pain",
        low=Decimal(0),
        high=Decimal(10),
        unit="of 10",
        **more,  # type: ignore[arg-type]
    )
    return Seen(drawn)


def test_it_says_first_and_last_in_words_and_the_last_in_a_number() -> None:
    seen = small(point(0, 7), point(9, 5), point(21, "2.5", estimated=True))
    assert seen.root.findtext("{http://www.w3.org/2000/svg}desc") == (
        "7 of 10, 1 Sep 2026, measured to 2.5 of 10, 22 Sep 2026, estimated"
    )
    assert seen.text() == ["2.5"]
    assert seen.size == (120, 32)


def test_without_a_reading_it_says_so() -> None:
    assert small().text() == ["No reading yet"]


def test_an_estimated_last_reading_looks_different() -> None:
    assert [*small(point(0, 7, estimated=True)).group("chart-estimated")]
    assert not [*small(point(0, 7)).group("chart-estimated")]


@given(st.lists(a_point, min_size=1, max_size=40))
def test_the_course_stays_in_the_figure_and_clear_of_the_number(readings: list[Point]) -> None:
    seen = small(*readings, band=Band(Decimal(5), Decimal(9), "Error"), goal=Goal(Decimal(2)))
    (word,) = seen.words()
    line = [node.attrib["points"] for node in seen.group("chart-line")]
    places = [tuple(map(float, pair.split(","))) for points in line for pair in points.split()]
    assert all(0 <= x <= word.box[0] and 0 <= y <= 32 for x, y in places)
    assert all(a[0] <= b[0] for a, b in pairwise(places))
    assert not overlaps(seen.words())
