"""What every record has in common."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

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
