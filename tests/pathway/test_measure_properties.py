"""What always holds of a change: like with like only, the same both ways, whatever the order of the lines."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strigil.knowledge import load
from strigil.knowledge.shapes import Measure
from strigil.pathway.facts import Moment, Reading, Side, Verdict
from strigil.pathway.measure import alike, changes, forecast, is_rating, judge, retention, threshold
from strigil.pathway.measure.report import report
from strigil.pathway.measure.rows import Rows

SHELF = load()
MEASURES = sorted(SHELF.shelf(Measure))
PLAIN = [key for key in MEASURES if not is_rating(key, SHELF)]
START = date(2026, 11, 2)
OTHERS = {
    "side": [Side.LEFT, Side.RIGHT, Side.MIDLINE, None],
    "method": ["", "active", "passive"],
    "device": ["", "universal goniometer", "phone inclinometer"],
    "version": ["", "2.1a", "modified"],
    "position": ["", "sitting", "supine"],
    "detail": ["", "open a jar", "lift a pan"],
    "unit": ["deg", "cm", "{score}", "%", "kgf", "m", "s", "N"],
}
words = st.fixed_dictionaries({name: st.sampled_from(held) for name, held in OTHERS.items()})


@st.composite
def readings(draw, measures=tuple(MEASURES)):
    key = draw(st.sampled_from(measures))
    measure = SHELF.shelf(Measure)[key]
    value = draw(st.integers(0, 1000)) * (measure.high - measure.low) / 1000 + measure.low
    on = START + timedelta(draw(st.integers(0, 40)))
    return Reading(key, value, on=on, moment=draw(st.sampled_from(list(Moment))), **draw(words))


@pytest.mark.parametrize("name", OTHERS)
@given(data=st.data())
def test_readings_that_differ_in_one_thing_are_never_judged_together(name, data):
    first = data.draw(readings(PLAIN))
    other = data.draw(st.sampled_from([one for one in OTHERS[name] if one != getattr(first, name)]))
    second = replace(first, on=first.on + timedelta(7), **{name: other})
    with pytest.raises(ValueError, match=r"alike|thresholds are in"):
        judge(first, second, SHELF)


@given(readings(PLAIN), readings(PLAIN))
def test_two_measures_are_never_judged_together(first, second):
    if first.measure != second.measure:
        with pytest.raises(ValueError, match="alike"):
            judge(first, replace(second, side=first.side, unit=first.unit), SHELF)


def in_own_units(found):
    return [replace(one, unit=SHELF.shelf(Measure)[one.measure].unit) for one in found]


@given(st.lists(readings(), max_size=12))
def test_every_change_is_between_readings_alike_in_all_but_day_and_value(found):
    for change in changes(in_own_units(found), SHELF):
        assert change.baseline is None or alike(change.baseline) == alike(change.latest)
        assert change.latest.moment is not Moment.AFTER


@given(st.lists(readings(), max_size=12), st.randoms())
def test_order_of_the_lines_changes_nothing(found, shuffle):
    """As the file allows it: one value for a series, day and moment."""
    found = list({(alike(one), one.on, one.moment): one for one in in_own_units(found)}.values())
    # a baseline and a value before treatment on one day are two moments of the same line; keep one of them
    found = list({(alike(one), one.on, one.moment is Moment.AFTER): one for one in found}.values())
    first = report(Rows(tuple(found), ()), SHELF), retention(found, SHELF)
    shuffle.shuffle(found)
    assert (report(Rows(tuple(found), ()), SHELF), retention(found, SHELF)) == first


MIRROR = {
    Verdict.IMPROVED: Verdict.WORSE,
    Verdict.WORSE: Verdict.IMPROVED,
    Verdict.WITHIN_ERROR: Verdict.WITHIN_ERROR,
    Verdict.UNKNOWN: Verdict.UNKNOWN,
}


def pair(key, first, last):
    unit = SHELF.shelf(Measure)[key].unit
    return [
        Reading(key, value, unit, START + timedelta(days), Moment.BEFORE) for days, value in ((0, first), (14, last))
    ]


@given(st.sampled_from(PLAIN), st.decimals(-500, 500, places=3), st.decimals(-500, 500, places=3))
def test_judging_backwards_is_the_mirror(key, first, last):
    there, back = judge(*pair(key, first, last), SHELF), judge(*pair(key, last, first), SHELF)
    assert back.change == -there.change
    assert back.verdict is MIRROR[there.verdict]
    assert back.threshold == there.threshold


JUDGED = [key for key in PLAIN if threshold(SHELF.shelf(Measure)[key])]


@given(st.sampled_from(JUDGED), st.decimals(-500, 500, places=3), st.integers(1, 10**6))
def test_exactly_the_amount_counts_and_a_millionth_less_does_not(key, first, millionths):
    measure = SHELF.shelf(Measure)[key]
    amount = threshold(measure).value if measure.better == "higher" else -threshold(measure).value
    less = Decimal(millionths) / 10**6 * (1 if amount > 0 else -1)
    less = less if abs(less) <= abs(amount) else amount / 2
    assert judge(*pair(key, first, first + amount), SHELF).verdict is Verdict.IMPROVED
    assert judge(*pair(key, first, first - amount), SHELF).verdict is Verdict.WORSE
    assert judge(*pair(key, first, first + amount - less), SHELF).verdict is Verdict.WITHIN_ERROR
    assert judge(*pair(key, first, first - amount + less), SHELF).verdict is Verdict.WITHIN_ERROR


@given(st.sampled_from(MEASURES), st.decimals(-500, 500, places=1), st.sampled_from(["3.0", "another form"]))
def test_amounts_of_one_version_judge_no_other(key, value, version):
    measure = SHELF.shelf(Measure)[key]
    first, last = (replace(one, version=version) for one in pair(key, value, value + 400))
    found = judge(None if is_rating(key, SHELF) else first, last, SHELF)
    if measure.version:
        assert found.verdict is Verdict.UNKNOWN
        assert found.threshold is None


@given(st.lists(readings(), min_size=2, max_size=6))
def test_a_forecast_is_never_made_across_differences(found):
    if len({alike(one) for one in found}) > 1:
        with pytest.raises(ValueError, match="alike"):
            forecast(found, START + timedelta(60), SHELF)


def walked(value, day, moment=Moment.BEFORE, **other):
    return Reading("elbow_flexion", Decimal(value), "deg", START + timedelta(day), moment, Side.LEFT, **other)


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        # gained 12, 9 of it there the next day: 75 %; both beyond 6°
        ([(120, 0, 1), (132, 0, 0), (129, 1, 1)], [(12, "improved", 9, "improved", 75)]),
        # gained 12, 3 left: within error
        ([(120, 0, 1), (132, 0, 0), (123, 7, 1)], [(12, "improved", 3, "within_error", 25)]),
        # nothing read later
        ([(120, 0, 1), (132, 0, 0)], [(12, "improved", None, None, None)]),
        # no gain: no share of one
        ([(120, 0, 1), (118, 0, 0), (130, 7, 1)], [(-2, "within_error", 10, "improved", None)]),
        # two treatments, each held against its own day; the value before the second is what was left of the first
        (
            [(120, 0, 1), (130, 0, 0), (125, 7, 1), (135, 7, 0), (135, 14, 1)],
            [(10, "improved", 5, "within_error", 50), (10, "improved", 10, "improved", 100)],
        ),
        # nothing read before on that day
        ([(120, 0, 1), (132, 3, 0), (129, 7, 1)], []),
    ],
)  # fmt: skip
def test_retention_is_what_was_left_of_a_gain_at_the_next_reading(given_, expected):
    rows = [walked(value, day, Moment.BEFORE if before else Moment.AFTER) for value, day, before in given_]
    (found,) = retention(rows, SHELF).values() or [[]]
    assert [
        (
            one.right_after.better_by,
            one.right_after.verdict,
            one.later.better_by if one.later else None,
            one.later.verdict if one.later else None,
            one.share,
        )
        for one in found
    ] == expected


def test_retention_never_looks_at_another_side_method_device_or_position():
    for other in ({"method": "passive"}, {"device": "phone inclinometer"}, {"position": "supine"}):
        rows = [walked(120, 0), walked(132, 0, Moment.AFTER, **other), walked(129, 1)]
        assert retention(rows, SHELF) == {}
    right = replace(walked(129, 1), side=Side.RIGHT)
    (found,) = retention([walked(120, 0), walked(132, 0, Moment.AFTER), right], SHELF).values()
    assert found[0].later is None
