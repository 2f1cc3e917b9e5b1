"""What many courses add up to: counts with their denominators."""

from __future__ import annotations

from strigil.pathway.facts import CourseFacts, Verdict
from strigil.pathway.learn.summary import SMALLEST, summarise


def course(indication="tennis_elbow", verdict=Verdict.IMPROVED, **other):
    about = {
        "technique": "graston",
        "visits": 6,
        "finished": True,
        "stopped_early": False,
        "adverse": 0,
        "reactions_asked": 4,
        "seconds_recorded": 5,
        "treatments": 8,
        "force_measured": 1,
    }
    return CourseFacts(indication=indication, verdict=verdict, **(about | other))


def test_no_courses_add_up_to_nothing():
    assert summarise([]) == []


def test_counts_add_up():
    courses = [
        course(),
        course(),
        course(verdict=Verdict.WORSE, adverse=1, finished=False, stopped_early=True),
        course(verdict=Verdict.WITHIN_ERROR, visits=2),
        course(verdict=Verdict.UNKNOWN, reactions_asked=0),
    ]
    (one,) = summarise(courses)
    assert (one.courses, one.finished, one.stopped_early, one.adverse) == (5, 4, 1, 1)
    assert (one.visits, one.treatments, one.dose_recorded, one.force_measured, one.reactions_asked) == (
        26,
        40,
        25,
        5,
        16,
    )
    assert one.verdicts == {Verdict.IMPROVED: 2, Verdict.WORSE: 1, Verdict.WITHIN_ERROR: 1, Verdict.UNKNOWN: 1}
    assert one.small is False


def test_small_group_is_not_broken_down():
    (one,) = summarise([course()] * (SMALLEST - 1))
    assert (one.small, one.verdicts, one.courses) == (True, {}, SMALLEST - 1)


def test_published_course_is_nobody_of_the_clinic():
    assert summarise([course(published=True)] * 9) == []
    (one,) = summarise([course(), course(published=True)])
    assert one.courses == 1


def test_largest_group_comes_first_and_equal_ones_by_name():
    courses = [course("b"), course("a"), course("c"), course("c")]
    assert [one.indication for one in summarise(courses)] == ["c", "a", "b"]
