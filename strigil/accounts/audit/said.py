"""Who is at work, and whose records were read, as far as this process knows."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

NOBODY_SIGNED_IN = "signed_out"
BY_COMMAND = "command"


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


def has_read(patient: uuid.UUID | None, clinic: uuid.UUID | None) -> None:
    """A row about this patient came out of the database."""
    if patient is not None and clinic is not None and (said := _now.get()) is not None:
        said.read[patient] = clinic
