"""What stands in a row, and whose it is: read from the models, so that a new one is covered without being named."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models

from strigil.accounts.audit.models import Chain, LogLine, LogPatient, Touched

OWN = (LogLine, LogPatient, Chain, Touched)
UNTOLD = frozenset({"accounts_tries", "accounts_knownplace"})
"""Counts of guesses, by hash: whoever guesses at a password could fill the log with them."""
PATIENT = "clinic.patient"


@cache
def watched() -> dict[str, type[models.Model]]:
    """Every table of Strigil by its name; the log itself is guarded in another way."""
    found = [
        model
        for model in apps.get_models(include_auto_created=True)
        if apps.get_app_config(model._meta.app_label).name.startswith("strigil.")
        and model._meta.managed
        and not model._meta.proxy
        and model not in OWN
        and model._meta.db_table not in UNTOLD
    ]
    return {model._meta.db_table: model for model in found}


@cache
def path(model: type[models.Model]) -> tuple[models.Field[Any, Any], ...] | None:
    """The shortest way from a model over its references to the patient: none for the patient, None where there is no
    way."""
    waiting: deque[tuple[type[models.Model], tuple[models.Field[Any, Any], ...]]] = deque([(model, ())])
    seen = {model}
    while waiting:
        here, so_far = waiting.popleft()
        if here._meta.label_lower == PATIENT:
            return so_far
        if named := [one for one in here._meta.concrete_fields if one.attname == "patient_id"]:
            return (*so_far, *named)
        for one in here._meta.concrete_fields:
            other = one.related_model
            if isinstance(other, type) and issubclass(other, models.Model) and other not in seen:
                seen.add(other)
                waiting.append((other, (*so_far, one)))
    return None


def columns(model: type[models.Model]) -> list[str]:
    return sorted(one.attname for one in model._meta.concrete_fields)


def read(
    model: type[models.Model], keys: Sequence[Any], using: str
) -> dict[str, tuple[tuple[Any, ...], uuid.UUID | None]]:
    """The rows with these keys as they stand: values in the order of ``columns``, and the patient."""
    wanted = columns(model)
    query = model._base_manager.using(using).filter(pk__in=keys)
    return {word(pk): (tuple(rest[:-1]), rest[-1]) for pk, *rest in query.values_list("pk", *wanted, _way(model))}


def _way(model: type[models.Model]) -> Any:
    way = path(model)
    if way is None:
        return models.Value(None, output_field=models.UUIDField())
    return models.F("__".join([*(one.name for one in way[:-1]), way[-1].attname]) if way else "pk")


def word(key: Any) -> str:
    return key.hex if isinstance(key, uuid.UUID) else str(key)


def settled(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, uuid.UUID):
        return value.hex
    raise TypeError(type(value))


def hashed(key: bytes, table: str, pk: str, values: Iterable[Any]) -> str:
    """A keyed hash of one row; alike on every database."""
    text = json.dumps([table, pk, list(values)], sort_keys=True, default=settled, ensure_ascii=False)
    return hmac.digest(key, text.encode(), hashlib.sha256).hex()
