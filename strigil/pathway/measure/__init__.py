"""Measure: how far readings have moved, against what error and people's judgement would make of it.

``judge`` holds a change against its threshold, ``review`` says what a course asks for, ``forecast`` looks ahead along
one patient's own readings, ``retention`` asks what was left of a gain, ``rows`` reads a file of readings and ``report``
carries the verdicts on it.
"""

from strigil.pathway.measure.forecast import Forecast, NoForecast, forecast
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
    sentence,
    series,
    threshold,
    with_unit,
    worse_days,
)
from strigil.pathway.measure.retention import Retained, retention
from strigil.pathway.measure.review import GoneOn, holds, next_review, review

__all__ = [
    "Forecast",
    "GoneOn",
    "GroupKey",
    "NoForecast",
    "Retained",
    "alike",
    "basis",
    "change_of",
    "changes",
    "forecast",
    "holds",
    "is_rating",
    "judge",
    "missing",
    "next_review",
    "overall",
    "retention",
    "review",
    "sentence",
    "series",
    "threshold",
    "with_unit",
    "worse_days",
]
