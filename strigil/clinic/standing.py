"""What a screen means on a day: what it permitted holds on its own day alone, what it forbade stands."""

from __future__ import annotations

from datetime import date

from strigil.accounts.models import Clinic
from strigil.clinic.clock import in_doubt
from strigil.clinic.models import Screening
from strigil.pathway.facts import Outcome


def stands(outcome: str, screened_on: date | None, on: date) -> Outcome:
    """An outcome on a day: what an earlier day, or none that is certain, permitted is not yet known."""
    found = Outcome(outcome)
    return Outcome.INCOMPLETE if screened_on != on and found.permits_treatment else found


def standing(screening: Screening | None, on: date, doubt: str) -> Outcome:
    """What the newest screen of a course means on a day; ``doubt`` as `doubt_of` says it."""
    if screening is None:
        return Outcome.INCOMPLETE
    return stands(screening.outcome, None if doubt else screening.on, on)


def doubt_of(screening: Screening | None, on: date, clinic: Clinic) -> str:
    """Why a screen that says it is of a day may be of another; empty where nothing says so."""
    return in_doubt(screening, clinic) if screening and screening.on == on else ""
