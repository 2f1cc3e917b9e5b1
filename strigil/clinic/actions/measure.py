"""Go on in spite of what a review advises."""

from __future__ import annotations

from datetime import date

from strigil.accounts.models import User
from strigil.clinic.actions.base import Refused, action, audit
from strigil.clinic.actions.evaluate import check_open
from strigil.clinic.models import Course, ReviewDecision
from strigil.clinic.reviews import Review, review_of
from strigil.pathway.treat import spoken


def check_can_go_on(review: Review, gate: str) -> None:
    """
    Raises:
        Refused: when nothing is advised, something else is, or somebody has decided already.
    """
    if review.advice is None:
        raise Refused("Nothing is advised against going on now, so nothing was kept.")
    if review.gone_on:
        who, when = review.gone_on.created_by.display_name, spoken(review.gone_on.on)
        raise Refused(f"{who} decided on {when} to go on; it is asked again at visit {review.again_at}.")
    if review.gate != gate:
        raise Refused("The advice has changed since you opened the page. Read it, and decide again.")


@action
def go_on(*, by: User, course: Course, on: date, gate: str, reason: str) -> ReviewDecision:
    """Keep who goes on, when and why, though a review advised a change or a stop; it holds until the next review."""
    check_open(course)
    review = review_of(course)
    check_can_go_on(review, gate)
    if not reason.strip():
        raise Refused("Say why the course goes on.", "reason")
    decision = ReviewDecision.objects.create(
        clinic_id=by.clinic_id,
        created_by=by,
        course=course,
        on=on,
        gate=gate,
        treated_visits=review.treated_visits,
        worse_days=review.worse_days,
        reason=reason.strip(),
    )
    audit(by, "review.go_on", decision, course.patient_id)
    return decision
