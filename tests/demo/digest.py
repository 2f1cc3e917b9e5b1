"""One short word for a whole clinic, to tell whether two are alike."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from django.db import transaction
from django.db.models import Model

from strigil.accounts.models import User
from strigil.clinic import models as record
from strigil.clinic.models import CheckIn, Visit
from strigil.demo.generate import generate

MADE_UP_ANEW = frozenset({"id", "clinic", "created_at", "at", "object_id", "patient_id", "nonce", "link_hash"})
OF_THE_CLOCK = frozenset({"signed_at", "ended_at", "opens_at", "closes_at"})
"""What follows from the moment at which a visit of today was signed."""
MODELS = [
    getattr(record, name)
    for name in sorted(record.__all__)
    if isinstance(getattr(record, name), type)
    and issubclass(getattr(record, name), Model)
    and not getattr(record, name)._meta.abstract
]


def digest(on: date) -> str:
    """Everything in the record but ids and the moments at which rows were made; what a row points to, by its values."""
    rows = {(model, row.pk): row for model in MODELS for row in model._default_manager.all()}
    users = dict(User.objects.values_list("pk", "username"))

    @cache
    def values(model: type[Model], key: object) -> str:
        row, kept = rows[model, key], {}
        for field in model._meta.concrete_fields:
            value = getattr(row, field.attname)
            visit = row.visit if isinstance(row, CheckIn) else row
            today = isinstance(visit, Visit) and visit.on == on
            if field.name in MADE_UP_ANEW or (field.name in OF_THE_CLOCK and today):
                continue
            if field.related_model is not None and value is not None:
                value = users[value] if field.related_model is User else values(field.related_model, value)
            kept[field.name] = settled(value)
        return json.dumps(kept, sort_keys=True, default=str)

    lines = sorted(f"{model.__name__} {values(model, key)}" for model, key in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def settled(value: Any) -> Any:
    """Lists in an order of their own: rows of one millisecond have no order by id."""
    if isinstance(value, list):
        return sorted((settled(one) for one in value), key=lambda one: json.dumps(one, sort_keys=True, default=str))
    if isinstance(value, dict):
        return {key: settled(one) for key, one in value.items()}
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


def made_and_undone(*, seed: int, on: date) -> str:
    """The digest of a clinic that is not kept."""
    with transaction.atomic():
        generate(seed=seed, on=on)
        found = digest(on)
        transaction.set_rollback(True)
    return found
