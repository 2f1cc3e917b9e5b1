"""Scores of questionnaires, each rule with an example worked by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strigil.knowledge import load
from strigil.knowledge.shapes import Measure
from strigil.pathway.score import score

SHELF = load().shelf(Measure)
NONE = None


def answers(*given):
    return [None if one is None else Decimal(str(one)) for one in given]


WORKED = {
    # one mark is the score
    "nprs": [([7], "7")],
    "vas_pain": [([43.5], "43.5")],
    "groc": [([-7], "-7")],
    "groc_11": [([5], "5")],
    "groc_pgic": [([2], "2")],
    # mean of 3 to 5 activities: (2 + 3 + 6) / 3; (1 + 2 + 3 + 4) / 4
    "psfs": [([2, 3, 6], "3.666667"), ([1, 2, 3, 4], "2.5"), ([0, 0, 0, 0, 10], "2")],
    # the sum is ten fours and ten twos
    "lefs": [([4] * 10 + [2] * 10, "60"), ([4] * 20, "80")],
    # (mean - 1) * 25: (90 / 30 - 1) * 25; 27 answers that add up to 60: (60 / 27 - 1) * 25
    "dash": [([3] * 30, "50"), ([2] * 21 + [3] * 6 + [NONE] * 3, "30.555556")],
    # 11 answers that add up to 30: (30 / 11 - 1) * 25; 10 of 2: 25
    "quickdash": [([3] * 8 + [2] * 3, "43.181818"), ([2] * 10 + [NONE], "25")],
    # the four add up to 14, whose mean is 3.5: 2.5 * 25
    "dash_work": [([3, 3, 4, 4], "62.5")],
    "dash_sports_arts": [([5, 5, 5, 5], "100")],
    # 100 * sum / (4 * answered): 63 / 84; 19 answers: 57 / 76
    "faam_adl": [([3] * 21, "75"), ([3] * 19 + [NONE] * 2, "75"), ([4] * 20 + [0], "95.238095")],
    # 16 / 32; 7 answers: 14 / 28
    "faam_sports": [([2] * 8, "50"), ([2] * 7 + [NONE], "50")],
    # 100 * sum / (10 * those that apply): 115 / 230; 20 apply: 100 / 200; 45 / 90; 30 / 90; 10 / 50
    "ffi": [([5] * 23, "50"), ([5] * 20 + [NONE] * 3, "50")],
    "ffi_pain": [([5] * 9, "50"), ([2.5] * 9, "25")],
    "ffi_disability": [([10, 10, 10] + [0] * 6, "33.333333")],
    "ffi_activity": [([2] * 5, "20"), ([4, 4, NONE, NONE, NONE], "40")],
    # sum; one left open takes the mean of the nine others: 18 + 2
    "ndi": [([3] * 10, "30"), ([2] * 9 + [NONE], "20"), ([5] * 8 + [1, NONE], "45.555556")],
    # 100 * total / (5 * answered): 16 / 50; 9 sections: 16 / 45; 8: 16 / 40
    "odi": [([2] * 8 + [0] * 2, "32"), ([2] * 8 + [0, NONE], "35.555556"), ([2] * 8 + [NONE] * 2, "40")],
    # statements ticked
    "rmdq": [([1] * 9 + [0] * 15, "9"), ([1] * 9 + [NONE] * 15, "9"), ([0] * 24, "0")],
    # 100 - mean * 100 / 4: mean 1; 5 of 9 answered, mean 2; 100 - (1/5) * 25
    "koos_pain": [([1] * 9, "75"), ([2] * 5 + [NONE] * 4, "50")],
    "koos_symptoms": [([0] * 7, "100"), ([4] * 4 + [NONE] * 3, "0")],
    "koos_adl": [([2] * 17, "50"), ([1] * 9 + [NONE] * 8, "75")],
    "koos_sport_rec": [([1, 0, 0, 0, 0], "95"), ([4, 4, 4, NONE, NONE], "0")],
    "koos_qol": [([3] * 4, "25"), ([3, 1, NONE, NONE], "50")],
    # (10 - 4) * 5 + 5/3 * 20 = 30 + 33.33; pain 0 and all 3: 50 + 50; pain 10 and all 0
    "ases": [([4] + [2] * 10, "63.333333"), ([0] + [3] * 10, "100"), ([10] + [0] * 10, "0")],
    # eleven twos; four ones and four twos, 12 over 8
    "bctq_sss": [([2] * 11, "2")],
    "bctq_fss": [([1] * 4 + [2] * 4, "1.5")],
    # sum 14 is T 44.9 in the physical table and 48.3 in the mental one; 4 and 20 are the ends
    "promis_global_physical": [([4, 4, 3, 3], "44.9"), ([1] * 4, "16.2"), ([5] * 4, "67.7")],
    "promis_global_mental": [([4, 4, 3, 3], "48.3"), ([1] * 4, "21.1"), ([5] * 4, "67.6")],
    # 3 + 2 + 5 + 3
    "vancouver_scar_scale": [([3, 2, 5, 3], "13"), ([1, 0, 4, 2], "7")],
    "posas_observer": [([1] * 6, "6"), ([10] * 6, "60")],
    "posas_patient": [([2, 3, 4, 5, 6, 7], "27")],
}
CASES = [(name, given, value) for name, cases in WORKED.items() for given, value in cases]
SCORED = {name for name, one in SHELF.items() if one.score}


def test_every_rule_on_the_shelf_has_an_example_worked_by_hand():
    assert set(WORKED) == SCORED


@pytest.mark.parametrize(("name", "given", "value"), CASES)
def test_score_is_as_worked_by_hand(name, given, value):
    found = score(SHELF[name], answers(*given)).value
    assert found is not None
    assert round(found, 6) == Decimal(value)


@pytest.mark.parametrize(
    ("name", "given", "why"),
    [
        ("dash", [3] * 26 + [NONE] * 4, "26 of 30 items are answered; it needs 27 or more"),
        ("quickdash", [3] * 9 + [NONE] * 2, "it needs 10 or more"),
        ("dash_work", [3, 3, 3, NONE], "it needs 4 or more"),
        ("faam_adl", [3] * 18 + [NONE] * 3, "it needs 19 or more"),
        ("faam_sports", [3] * 6 + [NONE] * 2, "it needs 7 or more"),
        ("ndi", [3] * 8 + [NONE] * 2, "it needs 9 or more"),
        ("odi", [3] * 7 + [NONE] * 3, "it needs 8 or more"),
        ("koos_pain", [3] * 4 + [NONE] * 5, "it needs 5 or more"),
        ("koos_qol", [3] + [NONE] * 3, "it needs 2 or more"),
        ("lefs", [3] * 19 + [NONE], "it needs 20 or more"),
        ("psfs", [3, 3, NONE], "it needs 3 or more"),
        ("psfs", [3, 3, 3, NONE], "it needs 4 or more"),
        ("psfs", [3, 3], "2 answers were given; it has 3 to 5 items"),
        ("ases", [NONE] + [3] * 10, "it needs 11 or more"),
        ("rmdq", [NONE] * 24, "it needs 1 or more"),
        ("ffi", [NONE] * 23, "it needs 1 or more"),
        ("lefs", [3] * 21, "21 answers were given; it has 20 items"),
        ("dash", [0] + [3] * 29, "item 1 is 0; allowed: 1 to 5"),
        ("lefs", [4] * 19 + [5], "item 20 is 5; allowed: 0 to 4"),
        ("lefs", [4] * 19 + [1.5], "item 20 is 1.5; allowed: whole numbers"),
        ("vancouver_scar_scale", [0, 3, 0, 0], "item 2 is 3; allowed: 0 to 2"),
        ("ases", [0] + [3] * 9 + [4], "item 11 is 4; allowed: 0 to 3"),
        ("nprs", ["NaN"], "item 1 is NaN"),
        ("nprs", ["Infinity"], "item 1 is Infinity"),
    ],
)
def test_there_is_no_score_where_the_rule_asks_for_more(name, given, why):
    found = score(SHELF[name], answers(*given))
    assert found.value is None
    assert why in found.why


@pytest.mark.parametrize(
    "name",
    ["prtee", "visa_p", "visa_a", "koos_jr", "hoos_jr", "promis_physical_function", "promis_pain_interference",
     "sf12_pcs", "sf12_mcs", "akps", "hit6", "odi_modified"],
)  # fmt: skip
def test_where_the_rule_is_not_known_the_score_is_typed_in(name):
    found = score(SHELF[name], answers(1, 2, 3))
    assert found.value is None
    assert "the finished score is typed in" in found.why


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("odi", [2] * 8 + [NONE] * 2, "8 of 10 items are answered; the others are left out"),
        ("ndi", [2] * 9 + [NONE], "the mean of the others stands for what is missing"),
        ("rmdq", [1] + [NONE] * 23, "a statement not ticked counts as 0"),
    ],
)
def test_what_stands_for_a_missing_answer_is_said(name, given, said):
    assert said in score(SHELF[name], answers(*given)).why


@given(st.sampled_from(sorted(SCORED)), st.data())
def test_score_lies_on_the_scale_and_a_missing_answer_never_makes_it_up(name, data):
    measure = SHELF[name]
    rule = measure.score
    assert rule
    marks = [rule.marks_of(place) for place in range(rule.items)]
    drawn = [data.draw(st.none() | st.integers(int(one.low), int(one.high))) for one in marks]
    found = score(measure, answers(*drawn))
    if found.value is None:
        assert found.why
        assert sum(one is not None for one in drawn) < rule.items
    else:
        assert measure.low <= found.value <= measure.high
        assert sum(one is not None for one in drawn) >= rule.answered
