"""Two people changed one visit: keep both, and write what one of them decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from strigil.accounts.models import User
from strigil.clinic.actions.base import action, audit
from strigil.clinic.actions.treat import VisitInput, write_visit
from strigil.clinic.models import AuditEvent, Merge, Visit

Values = Mapping[str, Sequence[str]]


@action
def merge_visit(
    *, by: User, visit: Visit, seen: int, given: VisitInput, typed: Values, stood: Values, taken: Mapping[str, str]
) -> Visit:
    """Write a draft over the version ``seen``. What was typed, what stood and which was taken stay readable."""
    last = last_change(visit)
    write_visit(by=by, visit=visit, seen=seen, given=given)
    merge = Merge.objects.create(
        clinic_id=by.clinic_id,
        created_by=by,
        visit=visit,
        over=seen,
        stood_by=str(last.user) if last and last.user else "",
        typed=typed,
        stood=stood,
        taken=taken,
    )
    audit(by, "visit.merge", merge, visit.course.patient_id)
    return visit


def last_change(visit: Visit) -> AuditEvent | None:
    """Who wrote a visit last, and when."""
    events = AuditEvent.objects.filter(clinic_id=visit.clinic_id, patient_id=visit.course.patient_id)
    return events.filter(object_id=visit.pk).select_related("user").order_by("id").last()
