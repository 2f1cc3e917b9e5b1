"""What every record has in common."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar, Self

from django.db import models

from strigil.accounts.audit import said
from strigil.accounts.models import Clinic, User, uuid7


class Record(models.Model):
    """A row of one clinic's record, with who made it and a version that every change raises.

    Nothing is looked for by clinic or author alone, so neither has an index of its own; a list has one together with
    what it is ordered by. A reference that leads another index or a unique constraint has none of its own either.

    Every field is classed by the model that declares it: ``identifying`` names those that could tell who a person is,
    in care or at work, ``shareable`` those that may be shared without them. Whatever is typed freely is identifying.
    """

    identifying: ClassVar[frozenset[str]] = frozenset({"created_by"})
    shareable: ClassVar[frozenset[str]] = frozenset({"id", "clinic", "created_at", "version"})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **more: Any) -> Self:
        """Whatever is read from a patient's record is noted for the log."""
        found = super().from_db(db, field_names, values, **more)
        said.has_read(cls, found.__dict__)
        return found


def class_of(model: type[models.Model], field: str) -> str:
    """``identifying`` or ``shareable``; ``not classed`` where neither the model nor what it builds on says."""
    for one in model.__mro__:
        for word in ("identifying", "shareable"):
            if field in vars(one).get(word, ()):
                return word
    return "not classed"


def one_of(field: str, values: list[str], name: str) -> models.CheckConstraint:
    """The column holds one of the words; blank columns must list the empty word themselves."""
    return models.CheckConstraint(condition=models.Q(**{f"{field}__in": values}), name=name)


class Side(models.TextChoices):
    """Of the patient."""

    LEFT = "left", "Left"
    RIGHT = "right", "Right"
    MIDLINE = "midline", "Midline"
