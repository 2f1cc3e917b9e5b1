"""What stands in a row, and whose it is: read from the models, so that a new one is covered without being named."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connections, models

from strigil.accounts.audit.models import Chain, LogLine, LogPatient, Touched

OWN = (LogLine, LogPatient, Chain, Touched)
UNTOLD = frozenset({"accounts_tries", "accounts_knownplace"})
"""Counts of guesses, by hash: whoever guesses at a password could fill the log with them."""
PATIENT = "clinic.patient"
ONE = "IN (%s)"


@dataclass(frozen=True, slots=True)
class Shape:
    """The columns of tables that are just being changed."""

    before: Mapping[str, list[str]]
    now: Mapping[str, set[str]]

    def there(self, model: type[models.Model]) -> set[str]:
        return self.now.get(model._meta.db_table, set())


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
    model: type[models.Model], keys: Sequence[Any], using: str, shape: Shape | None = None
) -> dict[str, tuple[tuple[Any, ...] | None, uuid.UUID | None]]:
    """The rows with these keys as they stand: values in the order of ``columns``, and the patient.

    While the tables are being changed, ``shape`` says what they had when that began, and which columns are there now;
    where one of those is gone, there are no values to compare later.
    """
    if not keys:
        return {}
    if shape is None:
        return {word(pk): (tuple(rest[:-1]), rest[-1]) for pk, *rest in _standing(model, keys, using)}
    wanted = shape.before.get(model._meta.db_table, [])
    held = {one.attname: one.column for one in model._meta.concrete_fields}
    if not all(held.get(one) in shape.there(model) for one in wanted):
        wanted = []
    found = model._base_manager.using(using).filter(pk__in=keys).values_list("pk", *wanted, whose(model, shape))
    return {word(pk): (tuple(rest[:-1]) if wanted else None, rest[-1]) for pk, *rest in found}


def _standing(model: type[models.Model], keys: Sequence[Any], using: str) -> Iterator[list[Any]]:
    connection, key = connections[using], model._meta.pk
    sql, converters = _question(model, connection.vendor, using)
    given = [key.get_db_prep_value(key.to_python(one), connection) for one in keys]
    with connection.cursor() as cursor:
        cursor.execute(sql.replace(ONE, f"IN ({', '.join(['%s'] * len(given))})"), given)
        for row in map(list, cursor.fetchall()):
            for at, (convert, expression) in converters.items():
                for one in convert:
                    row[at] = one(row[at], expression, connection)
            yield row


@cache
def _question(model: type[models.Model], vendor: str, using: str) -> tuple[str, Mapping[int, Any]]:
    """How the rows with given keys are asked for, and how their values are read: worked out once for each table,
    as every write asks it."""
    some = model._meta.pk.to_python(uuid.UUID(int=0) if isinstance(model._meta.pk, models.UUIDField) else "0")
    rows = model._base_manager.using(using).filter(pk__in=[some])
    compiler = rows.values_list("pk", *columns(model), whose(model)).query.get_compiler(using)
    sql, _ = compiler.as_sql()
    if sql.count(ONE) != 1 or sql.count("%s") != 1:
        raise LookupError(f"The rows of {model._meta.label} cannot be asked for by their keys.")
    return sql, compiler.get_converters([one for one, *_ in compiler.select])


def whose(model: type[models.Model], shape: Shape | None = None) -> Any:
    """The patient of a row, as a query asks for it."""
    way = path(model)
    if way and shape is not None and not all(one.column in shape.there(one.model) for one in way):
        way = None
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
    if isinstance(value, bytes | memoryview):
        return hashlib.sha256(value).hexdigest()
    raise TypeError(type(value))


def hashed(key: bytes, table: str, pk: str, values: Iterable[Any]) -> str:
    """A keyed hash of one row; alike on every database."""
    text = json.dumps([table, pk, list(values)], sort_keys=True, default=settled, ensure_ascii=False)
    return hmac.digest(key, text.encode(), hashlib.sha256).hex()
