"""Treat: what must be looked at before the instrument is taken up again, and what the minutes of a visit come to."""

from strigil.pathway.treat.gate import (
    gate,
    gate_outcome,
    keeps_from_treating,
    same_site,
    spoken,
    unreviewed,
)
from strigil.pathway.treat.minutes import Units, by_hand, suggested_units, timed_units

__all__ = [
    "Units",
    "by_hand",
    "gate",
    "gate_outcome",
    "keeps_from_treating",
    "same_site",
    "spoken",
    "suggested_units",
    "timed_units",
    "unreviewed",
]
