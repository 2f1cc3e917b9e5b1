"""Measure: how far readings have moved, against what error and people's judgement would make of it.

``judge`` holds a change against its threshold and reviews a course, ``forecast`` looks ahead along one patient's own
readings, ``retention`` asks what was left of a gain, ``rows`` reads a file of readings and ``report`` carries the
verdicts on it.
"""

from strigil.pathway.measure.judge import (
    GroupKey,
    alike,
    basis,
    change_of,
    changes,
    is_rating,
    judge,
    missing,
    overall,
    review,
    sentence,
    series,
    threshold,
    with_unit,
    worse_days,
)

__all__ = [
    "GroupKey",
    "alike",
    "basis",
    "change_of",
    "changes",
    "is_rating",
    "judge",
    "missing",
    "overall",
    "review",
    "sentence",
    "series",
    "threshold",
    "with_unit",
    "worse_days",
]
