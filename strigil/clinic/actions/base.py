"""What every action shares: the transaction, the audit event, the refusal, the version."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.models import F, QuerySet, Subquery

from strigil.accounts.audit import said
from strigil.accounts.audit.sealing import spoken
from strigil.accounts.models import Role, User, uuid7
from strigil.accounts.policy import ACTIONS, may_act
from strigil.clinic.models import AuditEvent, Record
from strigil.clinic.models.audit import written_ahead

P = ParamSpec("P")
T = TypeVar("T")


class Refused(Exception):
    """The action may not be done; the sentence says why and what to do. ``field`` names the input it is about."""

    def __init__(self, why: str, field: str | None = None) -> None:
        super().__init__(why)
        self.field = field


class StaleVersion(Refused):
    """Somebody changed the record since this page was opened."""

    def __init__(self) -> None:
        super().__init__(
            "Somebody else saved this since you opened it, so nothing was saved now. What you typed is still here; "
            "open the page again in another tab, compare, and save."
        )


def action(function: Callable[P, T]) -> Callable[P, T]:
    """All of it or none of it, by somebody whom the policy names, within one clinic. Unlisted, it cannot be made."""
    name = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
    if name not in ACTIONS:
        raise ImproperlyConfigured(f"The action {name!r} is not in strigil/accounts/policy.py.")

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        by = kwargs.get("by")
        _check_may(name, by if isinstance(by, User) else None, *kwargs.values())
        with said.acting(by) as speaker, transaction.atomic():
            done = function(*args, **kwargs)
            if speaker is not None:
                spoken(speaker)
            return done

    return run


def _listed(roles: Iterable[str]) -> str:
    words = [
        f"an {role.label.lower()}" if role[0] in "aeiou" else f"a {role.label.lower()}"
        for role in Role
        if role in roles
    ]
    return " or ".join(words) or "a patient, by link,"


def _check_may(name: str, by: User | None, *given: object) -> None:
    if not may_act(name, by.role if by else None):
        raise Refused(f"Only {_listed(ACTIONS[name])} may do this.")
    if by is not None:
        same_clinic(by, *(one for one in given if isinstance(one, Record)))


def audit(by: User | None, name: str, record: Record | User, patient_id: UUID | None) -> None:
    """Leave the trace of a write; call it inside the action that writes. Nobody: a patient did, by page or link."""
    said.name_act(name)
    AuditEvent.objects.create(
        clinic_id=record.clinic_id,
        ahead=Subquery(written_ahead(record.clinic_id).values("at")[:1]),
        user=by,
        action=name,
        object_type=type(record).__name__,
        object_id=record.pk,
        patient_id=patient_id,
    )


def id_after(rows: QuerySet[Any]) -> UUID:
    """An id for a row that is added to these: it is the newest of them, whatever the clock said when they were made."""
    return uuid7(after=rows.order_by("id").values_list("id", flat=True).last())


def same_clinic(by: User, *records: Record) -> None:
    """Nobody writes into another clinic's record, whatever the caller passed."""
    if any(record.clinic_id != by.clinic_id for record in records):
        raise Refused("This record belongs to another clinic.")


def raise_version(record: Record, seen: int) -> None:
    """Claim the next version of a record, or say that somebody was faster. One UPDATE decides.

    Raises:
        StaleVersion: when the record is no longer at the version that was seen.
    """
    changed = type(record)._default_manager.filter(pk=record.pk, version=seen).update(version=F("version") + 1)
    if changed != 1:
        raise StaleVersion
    record.version = seen + 1
