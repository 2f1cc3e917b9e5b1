"""Keep what is typed and not saved yet, and let go of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from strigil.accounts.models import User
from strigil.clinic.actions.base import StaleVersion, action, audit
from strigil.clinic.models import Course, Draft, Visit

Values = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as it stands on somebody's screen; see ``Draft``."""

    values: Values
    began: Values = field(default_factory=dict)
    also: Mapping[str, Any] = field(default_factory=dict)
    based_on: int = 0


@action
def keep_draft(*, by: User, page: str, record: Visit | Course, seen: int, typed: Typed) -> Draft:
    """Keep a form as typed. ``seen`` is the version of the draft that the device knows, 0 where it knows none.

    Raises:
        StaleVersion: when the same person typed into the same form elsewhere meanwhile, or saved it.
    """
    kept = {"values": typed.values, "began": typed.began, "also": typed.also, "based_on": typed.based_on}
    now = timezone.now()
    if seen:
        own = _of(page, record.pk).filter(created_by=by)
        if own.filter(version=seen).update(**kept, saved_at=now, version=F("version") + 1) != 1:
            raise StaleVersion
        return own.get()
    course = record.course if isinstance(record, Visit) else record
    try:
        with transaction.atomic():
            draft = Draft.objects.create(
                clinic_id=by.clinic_id,
                created_by=by,
                patient_id=course.patient_id,
                page=page,
                about=record.pk,
                saved_at=now,
                **kept,
            )
    except IntegrityError:
        raise StaleVersion from None
    audit(by, "draft.begin", draft, course.patient_id)
    return draft


def own_draft(by: User, page: str, about: UUID) -> Draft | None:
    return _of(page, about).filter(created_by=by).first()


ALSO_OF: Mapping[str, tuple[str, ...]] = {"sign_visit": ("visit",), "amend_visit": ("amend_visit", "visit")}
"""Forms that settle what was typed into another: a signature, and an amendment with what was left over."""


@action
def forget_draft(*, by: User, page: str, about: UUID, seen: int | None = None) -> None:
    """What this person typed is saved, or is not wanted any more; what was typed after ``seen`` stays."""
    for draft in Draft.objects.filter(about=about, page__in=ALSO_OF.get(page, (page,)), created_by=by):
        if draft.page == page and seen not in (None, draft.version):
            continue
        audit(by, "draft.end", draft, draft.patient_id)
        draft.delete()


@action
def forget_drafts_of(*, by: User, about: UUID) -> None:
    """The record itself is thrown away, and with it what anybody typed about it."""
    for draft in Draft.objects.filter(clinic_id=by.clinic_id, about=about):
        audit(by, "draft.end", draft, draft.patient_id)
        draft.delete()


def _of(page: str, about: UUID) -> QuerySet[Draft]:
    return Draft.objects.filter(about=about, page=page)
