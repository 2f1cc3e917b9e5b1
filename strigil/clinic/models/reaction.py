from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from strigil.clinic.models.base import Record, Side, one_of
from strigil.clinic.models.visit import Visit


class When(models.TextChoices):
    END = "end", "At the end of the visit"
    NEXT_DAY = "next_day", "Next day"
    NEXT_VISIT = "next_visit", "At the next visit"


class ReactionCheck(Record):
    """Somebody asked how skin and symptoms were. Without this row nobody has; with it and no reaction, none was."""

    identifying: ClassVar[frozenset[str]] = frozenset({"note"})
    shareable: ClassVar[frozenset[str]] = frozenset({"visit", "when", "on", "none_seen"})

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="reaction_checks")
    when = models.CharField(max_length=12, choices=When.choices)
    on = models.DateField()
    none_seen = models.BooleanField()
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["on", "id"]
        constraints = [
            one_of("when", When.values, "reaction_check_when_is_known_word"),
            models.UniqueConstraint(fields=["visit"], condition=Q(when="end"), name="reaction_check_one_at_the_end"),
        ]


OF_A_REACTION = ("reaction", "region", "side", "still_present", "larger")
"""What is said of one."""


class Reaction(Record):
    """One reaction seen at a check."""

    shareable: ClassVar[frozenset[str]] = frozenset(
        {"check_made", "reaction", "region", "side", "still_present", "larger"}
    )

    check_made = models.ForeignKey(ReactionCheck, on_delete=models.CASCADE, related_name="reactions")
    reaction = models.CharField(max_length=60)
    region = models.CharField(max_length=60, blank=True)
    side = models.CharField(max_length=10, blank=True)
    still_present = models.BooleanField(null=True)
    larger = models.BooleanField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [one_of("side", ["", *Side.values], "reaction_side_is_known_word")]
