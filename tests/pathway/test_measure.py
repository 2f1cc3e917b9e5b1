"""How far a reading has moved, with numbers worked by hand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from strigil.knowledge import load
from strigil.knowledge.shapes import Measure
from strigil.pathway.facts import Change, Moment, Reading, Side, Verdict
from strigil.pathway.measure import (
    basis,
    changes,
    judge,
    overall,
    review,
    sentence,
    series,
    threshold,
    with_unit,
    worse_days,
)

SHELF = load()
START = date(2026, 11, 2)


def reading(measure, value, days=0, **other):
    about = {"unit": SHELF.shelf(Measure)[measure].unit, "moment": Moment.BASELINE if days == 0 else Moment.BEFORE}
    return Reading(measure=measure, value=Decimal(str(value)), on=START + timedelta(days), **(about | other))


def moved(measure, start, end, **other):
    return judge(reading(measure, start, **other), reading(measure, end, 14, **other), SHELF)


@pytest.mark.parametrize(
    ("measure", "start", "end", "better_by", "threshold_used", "verdict"),
    [
        # NPRS: MDC 1.77, MCID 2, so 2 is the amount; less pain is better
        ("nprs", 7, 3, "4", "2", "improved"),
        ("nprs", 7, 5, "2", "2", "improved"),
        ("nprs", 7, 6, "1", "2", "within_error"),
        ("nprs", 7, 7, "0", "2", "within_error"),
        ("nprs", 6, 7, "-1", "2", "within_error"),
        ("nprs", 5, 7, "-2", "2", "worse"),
        # PSFS: MCID 2.3, no MDC found; more is better
        ("psfs", "3.0", "5.3", "2.3", "2.3", "improved"),
        ("psfs", "3.0", "5.2", "2.2", "2.3", "within_error"),
        ("psfs", "5.3", "3.0", "-2.3", "2.3", "worse"),
        # DASH: MDC 16.3 is above its MCID 12.4; less disability is better
        ("dash", 50, 36, "14", "16.3", "within_error"),
        ("dash", 50, "33.7", "16.3", "16.3", "improved"),
        # elbow flexion: MDC 6 degrees
        ("elbow_flexion", 120, 126, "6", "6", "improved"),
        ("elbow_flexion", 120, 125, "5", "6", "within_error"),
        # knee to wall: MDC 1.9 cm
        ("ankle_dorsiflexion_wblt", "8.0", "9.9", "1.9", "1.9", "improved"),
        ("ankle_dorsiflexion_wblt", "8.0", "9.8", "1.8", "1.9", "within_error"),
    ],
)
def test_change_is_held_against_the_larger_of_error_and_importance(
    measure, start, end, better_by, threshold_used, verdict
):
    change = moved(measure, start, end)
    assert change.better_by == Decimal(better_by)
    assert change.change == Decimal(str(end)) - Decimal(str(start))
    assert change.threshold == Decimal(threshold_used)
    assert change.verdict == verdict


def test_amounts_are_exact():
    """In binary fractions 8.4 - 6.5 is less than 1.9."""
    assert moved("ankle_dorsiflexion_wblt", "6.5", "8.4").verdict is Verdict.IMPROVED


@pytest.mark.parametrize(
    ("measure", "kind"), [("nprs", "mcid"), ("psfs", "mcid"), ("dash", "mdc"), ("elbow_flexion", "mdc")]
)
def test_threshold_says_which_kind_it_is_and_in_whom(measure, kind):
    change = moved(measure, 5, 5)
    assert change.threshold_kind == kind
    assert change.population in {row.population for row in SHELF.shelf(Measure)[measure].thresholds}


def test_measure_without_a_published_amount_is_unknown_however_far_it_moves():
    change = moved("wrist_extension", 10, 80)
    assert (change.verdict, change.threshold, change.threshold_kind) == (Verdict.UNKNOWN, None, None)
    assert "No amount of change is published for this measure." in change.why


def test_published_amounts_that_do_not_suit_are_not_called_missing():
    assert "found not to suit" in moved("cervical_extension", 40, 60).why


@pytest.mark.parametrize(
    "measure", [one for one in SHELF.shelf(Measure).values() if not threshold(one)], ids=lambda m: m.id
)
def test_unknown_amount_is_never_a_verdict(measure):
    first = None if measure.rates_change == "yes" else reading(measure.id, measure.low)
    assert judge(first, reading(measure.id, measure.high, 14), SHELF).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"side": Side.LEFT}, {"side": Side.RIGHT}),
        ({"side": Side.LEFT}, {}),
        ({"method": "active"}, {"method": "passive"}),
        ({"device": "goniometer"}, {"device": "phone"}),
        ({"version": "2.0"}, {"version": "3.0"}),
        ({"position": "sitting"}, {"position": "supine"}),
        ({"detail": "open a jar"}, {"detail": "lift a pan"}),
        ({"unit": "deg"}, {"unit": "rad"}),
    ],
)
def test_readings_that_differ_are_never_compared(one, other):
    first, second = reading("elbow_flexion", 120, **one), reading("elbow_flexion", 130, 14, **other)
    with pytest.raises(ValueError, match="only readings alike"):
        judge(first, second, SHELF)


def test_two_measures_are_never_compared():
    with pytest.raises(ValueError, match="only readings alike"):
        judge(reading("nprs", 7), reading("groc", 3, 14), SHELF)


def test_readings_in_another_unit_than_the_measure_are_refused():
    with pytest.raises(ValueError, match="read in mm, its thresholds are in cm"):
        moved("ankle_dorsiflexion_wblt", 80, 99, unit="mm")


def test_raters_may_differ():
    first, second = reading("elbow_flexion", 120, rater="A"), reading("elbow_flexion", 130, 14, rater="B")
    assert judge(first, second, SHELF).verdict is Verdict.IMPROVED


def test_each_side_method_and_device_has_a_series_of_its_own():
    readings = [
        reading("elbow_flexion", 120, side=Side.LEFT),
        reading("elbow_flexion", 140, side=Side.RIGHT),
        reading("elbow_flexion", 121, 14, side=Side.LEFT),
        reading("elbow_flexion", 130, 14, side=Side.LEFT, method="passive"),
    ]
    assert sorted(len(one) for one in series(readings).values()) == [1, 1, 2]
    (change,) = changes(readings, SHELF)
    assert (change.baseline.side, change.better_by) == (Side.LEFT, 1)


def test_series_runs_from_the_oldest_to_the_newest_whatever_the_order_given():
    readings = [reading("nprs", 3, 14), reading("nprs", 7), reading("nprs", 5, 7)]
    (only,) = series(readings).values()
    assert [one.value for one in only] == [7, 5, 3]
    (change,) = changes(readings, SHELF)
    assert (change.baseline.value, change.latest.value) == (7, 3)


def test_value_right_after_treatment_is_no_change_since_the_start():
    readings = [reading("nprs", 7), reading("nprs", 6, 7), reading("nprs", 2, 7, moment=Moment.AFTER)]
    (change,) = changes(readings, SHELF)
    assert (change.latest.value, change.verdict) == (6, Verdict.WITHIN_ERROR)


def test_single_reading_and_two_of_one_day_are_no_change():
    assert changes([reading("nprs", 7)], SHELF) == []
    assert changes([reading("nprs", 7), reading("nprs", 3, moment=Moment.BEFORE)], SHELF) == []
    assert changes([], SHELF) == []


def test_baseline_may_not_be_missing():
    with pytest.raises(ValueError, match="every other measure from its baseline"):
        judge(None, reading("nprs", 3, 14), SHELF)


@pytest.mark.parametrize(
    ("device", "end", "amount", "verdict"),
    [
        ("long-arm goniometer", 110, 10, "improved"),
        ("Phone inclinometer", 111, 12, "within_error"),
        ("phone inclinometer", 112, 12, "improved"),
        ("digital inclinometer", 106, 6, "improved"),
        ("by eye", 110, 10, "improved"),
        ("", 110, 10, "improved"),
    ],
)
def test_error_found_with_the_device_of_the_readings_is_the_one_that_counts(device, end, amount, verdict):
    change = moved("knee_flexion", 100, end, device=device)
    assert (change.threshold, change.verdict) == (amount, verdict)


def test_an_error_that_was_found_not_to_suit_does_not_count_with_its_own_device_either():
    assert moved("cervical_extension", 40, 60, device="CROM").verdict is Verdict.UNKNOWN


# --- A rating of change -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ratings", "rated", "verdict"),
    [
        ((3,), 3, "improved"),
        ((2,), 2, "within_error"),
        ((0,), 0, "within_error"),
        ((-2,), -2, "within_error"),
        ((-3,), -3, "worse"),
        # subtracted, 6 to 4 would be worse by 2 and 0 to 4 better by 4
        ((6, 4), 4, "improved"),
        ((0, 4), 4, "improved"),
        ((5, 1), 1, "within_error"),
    ],
)
def test_rating_of_change_is_judged_by_its_newest_value_alone(ratings, rated, verdict):
    (change,) = changes([reading("groc", value, 7 * place) for place, value in enumerate(ratings, 1)], SHELF)
    assert (change.baseline, change.change, change.threshold, change.verdict) == (None, rated, 3, verdict)


def test_two_ratings_are_never_subtracted():
    with pytest.raises(ValueError, match="a rating of change is judged alone"):
        moved("groc", 2, 6)


# --- One verdict for a course -----------------------------------------------------------------------------------


def having(*verdicts: Verdict) -> list[Change]:
    base = moved("nprs", 7, 6)
    return [Change(**{name: getattr(base, name) for name in base.__slots__} | {"verdict": one}) for one in verdicts]


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([], "unknown"),
        (["unknown"], "unknown"),
        (["within_error", "unknown"], "within_error"),
        (["improved", "within_error", "unknown"], "improved"),
        (["worse", "improved"], "worse"),
    ],
)
def test_worse_in_anything_is_worse_and_unknown_is_never_improved(verdicts, expected):
    assert overall(having(*(Verdict(one) for one in verdicts))) == expected


@pytest.mark.parametrize(
    ("visits", "verdict", "worse_visits", "gate"),
    [
        (3, "within_error", 0, None),
        (4, "within_error", 0, "review_at_four"),
        (5, "within_error", 0, "review_at_four"),
        (6, "within_error", 0, "stop_at_six"),
        (12, "within_error", 0, "stop_at_six"),
        (4, "improved", 0, None),
        (12, "improved", 0, None),
        (4, "unknown", 0, "review_at_four"),
        (6, "unknown", 0, "stop_at_six"),
        (6, "worse", 0, "stop_at_six"),
        (2, "worse", 1, None),
        (2, "worse", 2, "worse_twice"),
        (2, "improved", 2, "worse_twice"),
        (6, "within_error", 2, "worse_twice"),
        (0, "unknown", 0, None),
    ],
)
def test_review_comes_at_visit_four_and_six_and_after_two_worse_visits(visits, verdict, worse_visits, gate):
    advice = review(visits, having(Verdict(verdict)), worse_visits, SHELF)
    assert (advice.knowledge if advice else None) == ((f"gates/{gate}",) if gate else None)
    assert advice is None or (advice.proposed and advice.what)


def test_review_says_when_nothing_was_measured_twice():
    advice = review(4, [], 0, SHELF)
    assert "nobody can say whether anything has changed" in advice.what
    assert "no measure has a reading from the start and one from a later day" in advice.what
    assert "nothing meaningful has changed" not in advice.what.lower()


def test_review_says_when_there_is_no_amount_to_hold_the_change_against():
    advice = review(6, having(Verdict.UNKNOWN), 0, SHELF)
    assert "there is no published amount to hold it against" in advice.what
    assert advice.why == SHELF.shelves["gates"]["stop_at_six"].statement


def test_review_does_not_say_that_nothing_changed_when_something_is_worse():
    assert "worse than at the start" in review(6, having(Verdict.WORSE), 0, SHELF).what


def test_review_uses_the_words_of_the_shelf_when_nothing_meaningful_changed():
    assert review(4, having(Verdict.WITHIN_ERROR), 0, SHELF).what == SHELF.shelves["gates"]["review_at_four"].statement


@pytest.mark.parametrize(
    ("pain", "days"),
    [
        ([(0, 5)], 0),
        ([(0, 5), (3, 7)], 1),
        ([(0, 5), (3, 7), (6, 7)], 2),
        ([(0, 5), (3, 7), (6, 6)], 0),
        ([(0, 5), (3, 6), (6, 8)], 1),
        # two readings of one day are one day, and the last of it counts
        ([(0, 5), (3, 7), (3, 8)], 1),
        ([(0, 5), (3, 7), (3, 5)], 0),
        ([(0, 5), (0, 9)], 0),
    ],
)
def test_worse_days_are_days_not_readings(pain, days):
    assert worse_days([reading("nprs", value, day) for day, value in pain], SHELF) == days


# --- In words ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("measure", "start", "end", "other", "words"),
    [
        ("nprs", 7, 3, {}, "Pain 0–10 fell from 7 to 3 of 10, more than error alone explains."),
        (
            "nprs", 7, 6, {},
            "Pain 0–10 fell from 7 to 6 of 10, which measurement error or an unimportant change could explain.",
        ),
        ("nprs", 5, 8, {}, "Pain 0–10 rose from 5 to 8 of 10: worse, by more than error alone explains."),
        ("nprs", 5, 5, {}, "Pain 0–10 is unchanged at 5 of 10."),
        (
            "wrist_extension", 40, 60, {"side": Side.LEFT},
            "Wrist extension, left rose from 40 to 60°; how much of that is error is not known.",
        ),
    ],
)  # fmt: skip
def test_sentence_is_made_from_the_data(measure, start, end, other, words):
    assert sentence(moved(measure, start, end, **other), SHELF) == words


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [("12", "°", "12°"), ("3", "of 10", "3 of 10"), ("4.50", "cm", "4.50 cm"), ("1E+1", "%", "10%")],
)
def test_value_is_written_with_its_unit(value, unit, words):
    assert with_unit(Decimal(value), unit) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (4, "Change −7 to +7 is rated 4 points: better, by what counts as important."),
        (-5, "Change −7 to +7 is rated -5 points: worse, by what counts as important."),
        (1, "Change −7 to +7 is rated 1 points, less than what counts as important."),
    ],
)
def test_rating_is_not_said_to_have_risen_or_fallen(value, words):
    assert sentence(judge(None, reading("groc", value, 14), SHELF), SHELF) == words


def under(measure, first=None, last=None):
    """What stands under the chart, of two readings."""
    found = SHELF.shelf(Measure)[measure]
    if first is None:
        return " ".join(basis(found, None))
    middle = (found.low + found.high) / 2
    change = judge(reading(measure, middle, **first), reading(measure, middle, 14, **last), SHELF)
    return " ".join(basis(found, change))


ONE, TWO = {"rater": "A"}, {"rater": "B"}
GONIOMETER, PHONE = {"device": "universal goniometer"}, {"device": "phone inclinometer"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (under("nprs"), "Held against 2 of 10, the smallest important change found in: low back pain."),
        (under("nprs"), "Published amounts differ, from 1 to 3.5 of 10."),
        (under("wrist_extension"), "No amount of change is published for this measure."),
        (under("cervical_extension"), "were found not to suit it"),
        (under("shoulder_flexion"), "Its confidence is 90%, not 95%."),
        (under("elbow_flexion", GONIOMETER | ONE, GONIOMETER | TWO), "these readings are by two"),
        (under("elbow_flexion", PHONE, PHONE), "with: universal goniometer; this was read with: phone inclinometer."),
    ],
)
def test_what_is_doubtful_about_the_amount_is_said(text, words):
    assert words in text


def test_what_is_not_doubtful_is_not_said():
    text = under("elbow_flexion", GONIOMETER | ONE, GONIOMETER | ONE)
    assert not any(words in text for words in ("by two", "read with", "90%"))
