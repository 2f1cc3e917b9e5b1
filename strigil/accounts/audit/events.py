"""What the application itself tells the log: requests, people signing in and out, migrations."""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from dataclasses import replace
from typing import Any

from django.db import connections, transaction
from django.db.models import Model
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from strigil.accounts.audit import keys, rows, triggers
from strigil.accounts.audit.chain import last_shape, migrated, record
from strigil.accounts.audit.models import NOBODY, Chain, LogLine, What
from strigil.accounts.audit.said import NOBODY_SIGNED_IN, Said, now
from strigil.accounts.policy import needs_sign_in
from strigil.knowledge import load

KNOWLEDGE = "knowledge"
OUTCOMES = {401: "denied", 403: "denied", 404: "not_found", 405: "denied"}


def log_request(request: HttpRequest, response: HttpResponseBase, said: Said) -> None:
    """One line for a request that showed or refused something of a patient's, before its answer leaves.

    Raises:
        NotLogged: then nothing is shown.
    """
    match = request.resolver_match
    closed = bool(match and needs_sign_in(said.route))
    names = [str(value) for value in match.kwargs.values()] if match else []
    _find_out(said)
    if not said.read and not (closed and (said.user_id or names)):
        return
    patients: dict[uuid.UUID | None, list[uuid.UUID]] = defaultdict(list)
    for patient, clinic in said.read.items():
        patients[clinic].append(patient)
    for place, shown in (patients or {said.clinic_id: []}).items():
        record(
            _what(request, response),
            clinic=place,
            said=said,
            outcome=_outcome(request, response, said, closed),
            object_id=_key(names),
            patients=shown,
        )


def _find_out(said: Said) -> None:
    """Whose the rows were that were read without their patient, nor anything that names the patient."""
    owed: dict[type[Model], list[Any]] = defaultdict(list)
    for model, key in said.owed - said.loaded:
        owed[model].append(key)
    for model, wanted in owed.items():
        found = model._base_manager.filter(pk__in=wanted).values_list(rows.whose(model), "clinic_id")
        said.read |= {patient: clinic for patient, clinic in found if patient is not None}


def _what(request: HttpRequest, response: HttpResponseBase) -> What:
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    if request.method == "POST":
        return What.SENT
    if kind == "application/pdf":
        return What.PRINTED
    if kind in ("text/csv", "text/calendar", "application/zip") or response.has_header("Content-Disposition"):
        return What.EXPORTED
    return What.OPENED


def _outcome(request: HttpRequest, response: HttpResponseBase, said: Said, closed: bool) -> str:
    status = response.status_code
    if closed and said.user_id is None:
        return "denied"
    if status >= 500:
        return "failed"
    if status >= 400:
        return OUTCOMES.get(status, "refused")
    return "done" if request.method == "POST" else "shown"


def _key(names: list[str]) -> str:
    """The object in the address; a token, which would open something, is not kept."""
    try:
        return uuid.UUID(names[0]).hex if names else ""
    except ValueError:
        return ""


def of_user(user: Any, request: HttpRequest | None = None) -> Said:
    return Said(user.pk, user.role, user.clinic_id, method=(request.method or "") if request else "")


# --- Signing in and out -----------------------------------------------------------------------------------------


def signed_in(sender: Any, request: HttpRequest, user: Any, **_: Any) -> None:
    record(What.SIGNED_IN, clinic=user.clinic_id, said=of_user(user, request), outcome="done")


def signed_out(sender: Any, request: HttpRequest, user: Any, **_: Any) -> None:
    if user is not None:
        what = What.SESSION_OVER if getattr(request, "ended", False) else What.SIGNED_OUT
        record(what, clinic=user.clinic_id, said=of_user(user, request), outcome="done")


def sign_in_failed(sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """Whose name was given, where somebody has it; what was typed is not kept, for it may be a password."""
    from strigil.accounts.models import User

    user = User.objects.filter(username=str(credentials.get("username", ""))[:150].replace("\0", "")).first()
    said = of_user(user, request) if user else Said(role=NOBODY_SIGNED_IN)
    record(What.SIGN_IN_FAILED, clinic=said.clinic_id, said=said, outcome="denied")


def of_sign_in(what: What, user: Any, how: str = "", *, outcome: str = "done") -> None:
    """Of somebody's password, second factor or sessions: done by who is at work, at the door by who gave the name."""
    said = now() or Said()
    if said.role == NOBODY_SIGNED_IN:
        said = replace(said, user_id=user.pk, role=user.role)
    record(what, clinic=user.clinic_id, said=said, outcome=outcome, object_id=user.pk.hex, details=how)


# --- Setting up -------------------------------------------------------------------------------------------------


def after_migrate(using: str, **_: Any) -> None:
    """The key, the triggers, the chains; and what the log is to know of the tables and of rows older than itself."""
    connection = connections[using]
    migrated(using)
    if not triggers.wanted(connection):
        return
    if not keys.place().exists() and not LogLine.objects.using(using).exists():
        keys.make()
    triggers.install(connection)
    if (shape := _shape(connection)) != last_shape(using):
        record(What.SHAPE, clinic=None, using=using, details=json.dumps(shape, sort_keys=True))
    begin(using)
    knowledge_in_use(using)


def _shape(connection: Any) -> dict[str, list[str]]:
    """The columns that models and tables both have: a record is brought up to date in steps."""
    there = triggers.columns(connection)
    return {
        table: sorted(one.attname for one in model._meta.concrete_fields if one.column in there[table])
        for table, model in rows.watched().items()
        if table in there
    }


def knowledge_in_use(using: str = "default") -> None:
    """Each clinic's log says with which knowledge it works, whenever that is another than before."""
    shelf = load()
    for chain in Chain.objects.using(using).exclude(pk=NOBODY):
        told = LogLine.objects.using(using).filter(table=KNOWLEDGE, object_id="", clinic_id=chain.pk)
        last = told.order_by("-seq").values_list("details", flat=True).first()
        if last != (here := f"{shelf.version} {shelf.sha256}"):
            record(What.KNOWLEDGE, clinic=chain.pk, using=using, table=KNOWLEDGE, details=here)


def change_key(using: str = "default") -> tuple[str, str]:
    """A new key seals from here on; every chain says so. Gives the names of the old and the new one."""
    old, new = keys.add()
    with transaction.atomic(using=using):
        for chain in Chain.objects.using(using).order_by("clinic_id"):
            record(What.KEY, clinic=chain.clinic_id, using=using, details=f"{old} {new}")
    return old, new


def begin(using: str = "default") -> None:
    """A log that begins after its clinic says how many rows were there before it: they have no line of their own."""
    for chain in Chain.objects.using(using).filter(seq=0).exclude(pk=NOBODY):
        before = _older(chain.clinic_id, using)
        record(What.BEGUN, clinic=chain.clinic_id, using=using, details=json.dumps(before, sort_keys=True))


def _older(clinic: uuid.UUID, using: str) -> dict[str, int]:
    held = set(connections[using].introspection.table_names())
    counts: dict[str, int] = {}
    for table, model in rows.watched().items():
        if table in held and (query := of_clinic(model, clinic, using)) is not None and (count := query.count()):
            counts[table] = count
    return counts


def of_clinic(model: type[Model], clinic: uuid.UUID, using: str) -> Any:
    """The rows of a clinic in a table; None where the table belongs to none."""
    names = {one.attname for one in model._meta.concrete_fields}
    rows_of = model._base_manager.using(using)
    if model._meta.label_lower == "accounts.clinic":
        return rows_of.filter(pk=clinic)
    return rows_of.filter(clinic_id=clinic) if "clinic_id" in names else None
