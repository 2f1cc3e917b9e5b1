from __future__ import annotations

import secrets
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from strigil.accounts.models import User
from strigil.clinic.models.base import Record, one_of
from strigil.clinic.models.reaction import ReactionCheck
from strigil.clinic.models.visit import Visit


class MarkSize(models.TextChoices):
    COIN = "coin", "As small as a coin"
    PALM = "palm", "Up to the size of my palm"
    MORE = "more", "Larger than my palm"


class MarkChange(models.TextChoices):
    SMALLER = "smaller", "Smaller than yesterday"
    SAME = "same", "The same"
    LARGER = "larger", "Larger than yesterday"


class Function(models.TextChoices):
    BETTER = "better", "Better"
    SAME = "same", "The same"
    WORSE = "worse", "Worse"


class ExercisesDone(models.TextChoices):
    ALL = "all", "All"
    SOME = "some", "Some"
    NONE = "none", "None"
    NOT_GIVEN = "not_given", "I was given none"


def nonce() -> str:
    return secrets.token_hex(32)


class CheckIn(Record):
    """The questions that a patient is asked the day after a signed visit, by a link that works once.

    The link itself is kept nowhere: it follows from ``nonce`` and the server's key, and is known again by its hash.
    An answer that is empty was not given; a ``"none"`` in ``marks`` or ``worries`` was.
    """

    identifying: ClassVar[frozenset[str]] = frozenset({"nonce", "link_hash", "words", "looked_by", "looked_note"})
    shareable: ClassVar[frozenset[str]] = frozenset(
        {
            *("visit", "ended_at", "opens_at", "closes_at", "time_zone"),
            *("mail_tries", "mail_tried_at", "mailed_at", "answered_at"),
            *("soreness", "marks", "mark_size", "mark_change", "function", "exercises_done", "worries"),
            *("check_made", "look_by", "looked_at"),
        }
    )

    visit = models.OneToOneField(Visit, on_delete=models.PROTECT, related_name="check_in")
    nonce = models.CharField(max_length=64, default=nonce, editable=False)
    link_hash = models.CharField(max_length=64, unique=True)
    ended_at = models.DateTimeField()
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    time_zone = models.CharField(max_length=64)
    mail_tries = models.PositiveSmallIntegerField(default=0)
    """Mails begun whose end nobody knows; see ADR 0015."""
    mail_tried_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    soreness = models.PositiveSmallIntegerField(null=True, blank=True)
    marks = models.JSONField(default=list)
    mark_size = models.CharField(max_length=10, choices=MarkSize.choices, blank=True)
    mark_change = models.CharField(max_length=10, choices=MarkChange.choices, blank=True)
    function = models.CharField(max_length=10, choices=Function.choices, blank=True)
    exercises_done = models.CharField(max_length=10, choices=ExercisesDone.choices, blank=True)
    worries = models.JSONField(default=list)
    words = models.CharField(max_length=500, blank=True)
    check_made = models.OneToOneField(
        ReactionCheck, on_delete=models.PROTECT, related_name="check_in", null=True, blank=True
    )
    look_by = models.DateTimeField(null=True, blank=True)
    """Set where an answer is not expected: until when somebody is to look at it."""
    looked_at = models.DateTimeField(null=True, blank=True)
    looked_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_index=False
    )
    looked_note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["opens_at", "id"]
        indexes = [
            models.Index(fields=["clinic", "answered_at"]),
            models.Index(
                fields=["clinic", "look_by"],
                condition=Q(look_by__isnull=False, looked_at__isnull=True),
                name="check_in_to_look_at",
            ),
            models.Index(
                fields=["opens_at"],
                condition=Q(mailed_at__isnull=True, answered_at__isnull=True),
                name="check_in_to_mail",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(opens_at__gt=F("ended_at"), closes_at__gt=F("opens_at")), name="check_in_opens_then_closes"
            ),
            models.CheckConstraint(
                condition=Q(soreness__isnull=True) | Q(soreness__lte=10), name="check_in_soreness_0_to_10"
            ),
            one_of("mark_size", ["", *MarkSize.values], "check_in_mark_size_is_known_word"),
            one_of("mark_change", ["", *MarkChange.values], "check_in_mark_change_is_known_word"),
            one_of("function", ["", *Function.values], "check_in_function_is_known_word"),
            one_of("exercises_done", ["", *ExercisesDone.values], "check_in_exercises_is_known_word"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, check_made__isnull=True, look_by__isnull=True)
                | Q(answered_at__isnull=False, check_made__isnull=False),
                name="check_in_answered_iff_check",
            ),
            models.CheckConstraint(
                condition=Q(looked_at__isnull=True, looked_by__isnull=True, looked_note="")
                | Q(looked_at__isnull=False, looked_by__isnull=False, look_by__isnull=False),
                name="check_in_looked_at_iff_somebody_did",
            ),
        ]

    @property
    def waits(self) -> bool:
        """Whether somebody is still to look at the answer."""
        return self.look_by is not None and self.looked_at is None


class LinkMiss(models.Model):
    """That a check-in link opened nothing, so that nobody can try many. Kept for an hour.

    ``source`` is a keyed hash of the network address: it counts, and tells nobody where it was.
    """

    identifying: ClassVar[frozenset[str]] = frozenset({"source"})
    shareable: ClassVar[frozenset[str]] = frozenset({"id", "at"})

    at = models.DateTimeField()
    source = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=["source", "at"]), models.Index(fields=["at"])]
