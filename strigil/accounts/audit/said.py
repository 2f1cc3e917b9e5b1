"""Who is at work, and whose records were read, as far as this process knows."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model

NOBODY_SIGNED_IN = "signed_out"
BY_COMMAND = "command"


Row = tuple[type[Model], Any]


@dataclass(slots=True)
class Said:
    """Empty fields are not said; nothing here is ever guessed."""

    user_id: uuid.UUID | None = None
    role: str = ""
    clinic_id: uuid.UUID | None = None
    route: str = ""
    method: str = ""
    request: uuid.UUID | None = None
    acts: list[str] = field(default_factory=list)
    read: dict[uuid.UUID, uuid.UUID] = field(default_factory=dict)
    """Patients whose rows were read, each with the clinic."""
    loaded: set[Row] = field(default_factory=set)
    owed: set[Row] = field(default_factory=set)
    """Rows that rows which were read point to, on the way to their patient."""


_now: ContextVar[Said | None] = ContextVar("said", default=None)


def now() -> Said | None:
    return _now.get()


@contextmanager
def saying(said: Said) -> Iterator[Said]:
    """Until the end of the block, this is who is at work."""
    token = _now.set(said)
    try:
        yield said
    finally:
        _now.reset(token)


@contextmanager
def acting(by: Any) -> Iterator[Said | None]:
    """An action is done. Outside a request it says itself by whom; inside one, the request has said it."""
    if _now.get() is not None or by is None:
        yield None
        return
    with saying(Said(by.pk, by.role, by.clinic_id)) as said:
        yield said


def name_act(name: str) -> None:
    if (said := _now.get()) and name not in said.acts:
        said.acts.append(name)


def has_read(model: type[Model], held: Mapping[str, Any]) -> None:
    """A row came out of the database: about which patient, or by which other row that is found out."""
    from strigil.accounts.audit import rows

    if (said := _now.get()) is None or (way := rows.path(model)) is None:
        return
    said.loaded.add((model, held.get("id")))
    to = held.get(way[0].attname if way else "id")
    if len(way) > 1:
        other = way[0].related_model
        if to is not None and isinstance(other, type) and issubclass(other, Model):
            said.owed.add((other, to))
    elif to is not None and (clinic := held.get("clinic_id")) is not None:
        said.read[to] = clinic
