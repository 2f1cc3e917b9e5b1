from __future__ import annotations

import hashlib
from typing import ClassVar

from django.db import models
from django.db.models import Q

from strigil.accounts.models import User
from strigil.clinic.models.base import Record, Side, one_of
from strigil.clinic.models.reaction import When
from strigil.clinic.models.visit import Visit


class Photograph(Record):
    """A picture of the marks after a visit, taken with the patient's agreement. Strigil concludes nothing from it.

    Removing it takes the picture away and leaves this row, which says that there was one, who removed it and why.
    """

    identifying: ClassVar[frozenset[str]] = frozenset(
        {"note", "sha256", "original_sha256", "removed_by", "removed_because"}
    )
    shareable: ClassVar[frozenset[str]] = frozenset(
        {"visit", "when", "on", "region", "side", "agreed", "width", "height", "removed_on"}
    )

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="photographs")
    when = models.CharField(max_length=12, choices=When.choices)
    on = models.DateField()
    region = models.CharField(max_length=60)
    side = models.CharField(max_length=10, choices=Side.choices)
    agreed = models.BooleanField()
    note = models.CharField(max_length=300, blank=True)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    sha256 = models.CharField(max_length=64)
    original_sha256 = models.CharField(max_length=64)
    removed_on = models.DateField(null=True)
    removed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    removed_because = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["on", "id"]
        constraints = [
            one_of("when", When.values, "photograph_when_is_known_word"),
            one_of("side", Side.values, "photograph_side_is_known_word"),
            models.CheckConstraint(condition=Q(agreed=True), name="photograph_was_agreed_to"),
            models.CheckConstraint(
                condition=Q(removed_on__isnull=True, removed_by__isnull=True, removed_because="")
                | (Q(removed_on__isnull=False, removed_by__isnull=False) & ~Q(removed_because="")),
                name="photograph_removal_is_whole",
            ),
        ]


class PhotographContent(Record):
    """The picture itself, apart from its row so that no list reads it."""

    identifying: ClassVar[frozenset[str]] = frozenset({"content"})
    shareable: ClassVar[frozenset[str]] = frozenset({"photograph"})

    photograph = models.OneToOneField(Photograph, on_delete=models.PROTECT, related_name="kept")
    content = models.BinaryField()


def is_as_kept(content: bytes | memoryview, sha256: str) -> bool:
    """A disk may turn a bit of a picture; its row says what it was."""
    return hashlib.sha256(content).hexdigest() == sha256
