"""What many courses add up to: counts with their denominators, none so small that it tells of one person."""

from __future__ import annotations

from itertools import product

import pytest

from strigil.pathway.facts import CourseFacts, Verdict
from strigil.pathway.learn.disclosure import HIDDEN, SMALLEST, count, parts
from strigil.pathway.learn.summary import HEADS, row, summarise


def course(indication="tennis_elbow", verdict=Verdict.IMPROVED, **other):
    about = {
        "finished": True,
        "visits": 6,
        "reactions_asked": 4,
        "adverse": 0,
        "treatments": 8,
        "seconds_recorded": 5,
        "force_measured": 1,
    }
    return CourseFacts(indication=indication, verdict=verdict, **(about | other))


def cells(*courses):
    (one,) = summarise(courses)
    return dict(zip(HEADS, row(one).cells, strict=True))


def test_no_courses_add_up_to_nothing():
    assert summarise([]) == []


def test_counts_add_up():
    courses = [
        course(),
        course(),
        course(verdict=Verdict.WORSE, adverse=1, finished=False),
        course(verdict=Verdict.WITHIN_ERROR, visits=2, reactions_asked=2),
        course(verdict=Verdict.UNKNOWN, reactions_asked=0),
    ]
    (one,) = summarise(courses)
    assert (one.courses, one.finished, one.adverse) == (5, 4, 1)
    assert (one.visits, one.reactions_asked) == (26, 14)
    assert (one.treatments, one.seconds_recorded, one.force_measured) == (40, 25, 5)
    assert one.verdicts == {Verdict.IMPROVED: 2, Verdict.WORSE: 1, Verdict.WITHIN_ERROR: 1, Verdict.UNKNOWN: 1}


def test_courses_counted_together_add_up_to_the_same():
    alike = course(courses=3, visits=18, reactions_asked=12, treatments=24, seconds_recorded=15, force_measured=3)
    assert summarise([alike]) == summarise([course()] * 3)


@pytest.mark.parametrize("number", range(1, SMALLEST))
def test_small_group_is_neither_counted_nor_broken_down(number):
    (one,) = summarise([course()] * number)
    assert (row(one).courses, row(one).cells) == ("under 5", ())


def test_what_is_not_known_has_a_column_of_its_own():
    shown = cells(*[course(verdict=Verdict.UNKNOWN, reactions_asked=0, seconds_recorded=2)] * 6)
    assert shown["Pain not known"] == "6"
    assert shown["Visits where nobody asked"] == "36 of 36"
    assert shown["Areas without a time"] == "36 of 48"
    assert shown["Pain better"] == shown["Pain worse"] == "0"


def test_small_number_of_harmed_is_said_to_be_some():
    assert cells(*[course()] * 5, course(adverse=1))["Visits with an adverse reaction"] == "under 5"
    assert cells(*[course()] * 6)["Visits with an adverse reaction"] == "0"


@pytest.mark.parametrize(("number", "shown"), [(0, "0"), (1, "under 5"), (4, "under 5"), (5, "5"), (123, "123")])
def test_count_under_five_is_not_told(number, shown):
    assert count(number) == shown


@pytest.mark.parametrize(
    ("numbers", "shown"),
    [
        ((9, 0), ("9", "0")),
        ((9, 5), ("9", "5")),
        ((9, 1), (HIDDEN, HIDDEN)),
        ((20, 7, 1, 0), ("20", HIDDEN, HIDDEN, "0")),
        ((20, 7, 1, 1), ("20", HIDDEN, HIDDEN, HIDDEN)),
        ((20, 3, 2, 0), ("20", HIDDEN, HIDDEN, "0")),
    ],
)
def test_small_part_takes_the_next_with_it(numbers, shown):
    assert parts(numbers) == shown


def test_no_hidden_part_can_be_worked_out():
    """Of the parts that a reader could still think of, more than one value remains for each hidden one."""
    for numbers in (one for one in product(range(12), repeat=3) if sum(one) >= SMALLEST):
        shown = parts(numbers)
        assert not any(word.isdigit() and 0 < int(word) < SMALLEST for word in shown), numbers
        left = sum(numbers) - sum(int(word) for word in shown if word.isdigit())
        thought = [one for one in product(range(1, left + 1), repeat=shown.count(HIDDEN)) if sum(one) == left]
        assert all(len(set(values)) > 1 for values in zip(*thought, strict=True)), numbers


def test_largest_group_comes_first_and_equal_ones_by_name():
    courses = [course("b"), course("a"), course("c"), course("c")]
    assert [one.indication for one in summarise(courses)] == ["c", "a", "b"]
