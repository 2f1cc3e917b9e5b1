from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from strigil.accounts.models import User
from strigil.clinic.models.base import Record, Side, one_of
from strigil.clinic.models.visit import Visit


class When(models.TextChoices):
    END = "end", "At the end of the visit"
    NEXT_DAY = "next_day", "Next day"
    NEXT_VISIT = "next_visit", "At the next visit"


class SaidBy(models.TextChoices):
    STAFF = "staff", "Asked by somebody of the clinic"
    PATIENT = "patient", "Said by the patient"


def by_nobody_here() -> models.ForeignKey[User | None, User | None]:
    """Who wrote a row that a patient may have written by link: then empty."""
    return models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, db_index=False)


class ReactionCheck(Record):
    """Somebody asked how skin and symptoms were. Without this row nobody has; with ``none_seen``, there was nothing.

    What a patient said at a check-in nobody of the clinic has seen; it is not ``complete`` where a question was left
    open or not clear.
    """

    identifying: ClassVar[frozenset[str]] = frozenset({"created_by", "note"})
    shareable: ClassVar[frozenset[str]] = frozenset({"visit", "when", "on", "none_seen", "said_by", "complete"})

    created_by = by_nobody_here()  # type: ignore[assignment]
    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="reaction_checks")
    when = models.CharField(max_length=12, choices=When.choices)
    on = models.DateField()
    none_seen = models.BooleanField()
    note = models.CharField(max_length=500, blank=True)
    said_by = models.CharField(max_length=10, choices=SaidBy.choices, default=SaidBy.STAFF)
    complete = models.BooleanField(default=True)

    class Meta:
        ordering = ["on", "id"]
        constraints = [
            one_of("said_by", SaidBy.values, "reaction_check_said_by_is_known_word"),
            models.CheckConstraint(
                condition=Q(said_by="staff", created_by__isnull=False, complete=True)
                | Q(said_by="patient", created_by__isnull=True, when="next_day"),
                name="reaction_check_says_who",
            ),
            one_of("when", When.values, "reaction_check_when_is_known_word"),
            models.UniqueConstraint(fields=["visit"], condition=Q(when="end"), name="reaction_check_one_at_the_end"),
        ]


OF_A_REACTION = ("reaction", "region", "side", "still_present", "larger")
"""What is said of one."""


class Reaction(Record):
    """One reaction seen at a check."""

    identifying: ClassVar[frozenset[str]] = frozenset({"created_by"})
    shareable: ClassVar[frozenset[str]] = frozenset(
        {"check_made", "reaction", "region", "side", "still_present", "larger"}
    )

    created_by = by_nobody_here()  # type: ignore[assignment]
    check_made = models.ForeignKey(ReactionCheck, on_delete=models.CASCADE, related_name="reactions")
    reaction = models.CharField(max_length=60)
    region = models.CharField(max_length=60, blank=True)
    side = models.CharField(max_length=10, blank=True)
    still_present = models.BooleanField(null=True)
    larger = models.BooleanField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [one_of("side", ["", *Side.values], "reaction_side_is_known_word")]
