"""The table says what the chart shows."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given

from strigil.drawing import Band, Goal, ResponseChart, Series, Visit, notes_of, rows_of, with_unit
from tests.drawing.seen import START, chart, falling, on, point
from tests.drawing.test_response import a_chart


def test_a_row_says_when_which_visit_what_how_known_and_what_followed() -> None:
    header, rows = rows_of(falling())
    assert header == ("Date", "Visit", "Value", "How known", "Reaction")
    assert rows[0] == ("1 Sep 2026", "1, treated", "7 of 10", "measured", "none")
    assert rows[3] == ("14 Sep 2026", "4, treated", "5 of 10", "measured", "adverse")
    assert rows[4][-1] == "not known"
    assert rows[6][1] == "7, not treated"


def test_readings_with_names_get_a_column_for_them() -> None:
    drawn = chart(
        Series("before", (point(0, 7, "baseline"),)), Series("after", (point(0, 5, "after", estimated=True),))
    )
    header, rows = rows_of(drawn)
    assert header[2] == "Reading"
    assert rows == (
        ("1 Sep 2026", "no visit", "before, baseline", "7 of 10", "measured", "no visit"),
        ("1 Sep 2026", "no visit", "after", "5 of 10", "estimated", "no visit"),
    )


def test_a_visit_without_a_reading_is_not_left_out() -> None:
    drawn = replace(falling(), series=(), visits=(Visit(START, 1, True, "expected"),))
    assert rows_of(drawn)[1] == (("1 Sep 2026", "1, treated", "no reading", "no reading", "expected"),)


def test_the_time_treated_has_a_column_where_it_is_known_of_any_visit() -> None:
    first, second, third, *rest = falling().visits
    visits = (replace(first, seconds=60), second, replace(third, treated=False, seconds=None), *rest)
    header, rows = rows_of(replace(falling(), visits=visits))
    assert header[-2:] == ("Treated for", "Reaction")
    assert [row[-2] for row in rows[:3]] == ["60 s", "time not recorded", "not treated"]


def test_two_visits_on_one_day_keep_their_own_reactions() -> None:
    visits = (Visit(START, 2, False, None), Visit(START, 1, True, "adverse"))
    _, rows = rows_of(replace(falling(), visits=visits))
    assert rows[0][1] == "1, treated; 2, not treated"
    assert rows[0][-1] == "1: adverse; 2: not known"


def test_the_band_and_the_goal_are_told_with_their_values() -> None:
    drawn = falling(band=Band(Decimal(5), Decimal(9), "Error"), goal=Goal(Decimal(2)))
    assert notes_of(drawn) == ("Error: 5 to 9 of 10", "Goal 2 of 10")
    assert notes_of(replace(drawn, band=None, goal=Goal(Decimal(2), "Agreed"))) == ("Agreed: 2 of 10",)
    assert notes_of(falling()) == ()


def test_rows_run_by_day() -> None:
    drawn = chart(Series("", (point(9, 3), point(0, 7))), visits=(Visit(on(4), 1, True),))
    assert [row[0] for row in rows_of(drawn)[1]] == ["1 Sep 2026", "5 Sep 2026", "10 Sep 2026"]


@given(a_chart)
def test_every_reading_is_in_the_table_and_no_cell_is_empty(drawn: ResponseChart) -> None:
    header, rows = rows_of(drawn)
    column = header.index("Value")
    told = sorted(row[column] for row in rows if row[column] != "no reading")
    assert told == sorted(with_unit(value, drawn.unit) for value in drawn.values)
    assert all(len(row) == len(header) and all(row) for row in rows)
    assert {visit.on for visit in drawn.visits} <= {at.on for at in drawn.visits}
