from __future__ import annotations

from typing import ClassVar

from django.db import models

from strigil.clinic.models.base import Record, one_of
from strigil.clinic.models.patient import Patient
from strigil.clinic.models.visit import Visit


class DraftPage(models.TextChoices):
    """The forms that keep drafts, by the name of their route."""

    VISIT = "visit", "Visit"
    AMEND = "amend_visit", "Amendment"
    EVALUATE = "evaluate", "Evaluation"
    SCREEN = "screen", "Screen"
    PLAN = "plan", "Plan"


class Draft(Record):
    """What one person typed into one form of one record and has not saved, exactly as it stands: half a word as well.

    ``about`` is the visit or the course of the form. ``began`` is what the form held before anything was typed,
    ``based_on`` the version that was drawn. ``also`` keeps what was typed into the same field on another device.
    """

    identifying: ClassVar[frozenset[str]] = frozenset({"patient", "about", "began", "values", "also"})
    shareable: ClassVar[frozenset[str]] = frozenset({"page", "based_on", "saved_at"})

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+", db_index=False)
    page = models.CharField(max_length=20, choices=DraftPage.choices)
    about = models.UUIDField()
    based_on = models.PositiveIntegerField(default=0)
    began = models.JSONField(default=dict)
    values = models.JSONField(default=dict)
    also = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["saved_at", "id"]
        constraints = [
            one_of("page", DraftPage.values, "draft_page_is_known_word"),
            models.UniqueConstraint(fields=["about", "page", "created_by"], name="draft_one_an_author"),
        ]


class Sent(Record):
    """A form that was taken: its key, made when the page was drawn, and where its answer led.

    Written in the transaction of the write itself, so that the same form sent again is answered and not done again.
    """

    identifying: ClassVar[frozenset[str]] = frozenset({"to"})
    shareable: ClassVar[frozenset[str]] = frozenset({"key", "action", "sha256"})

    key = models.UUIDField()
    action = models.CharField(max_length=60)
    sha256 = models.CharField(max_length=64)
    to = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["created_by", "key"], name="sent_key_once_an_author")]


class Merge(Record):
    """Two people changed one visit, and one of them decided: what was typed, what stood, and which was taken."""

    identifying: ClassVar[frozenset[str]] = frozenset({"typed", "stood", "taken", "stood_by"})
    shareable: ClassVar[frozenset[str]] = frozenset({"visit", "over"})

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="merges")
    over = models.PositiveIntegerField()
    """The version that stood."""
    stood_by = models.CharField(max_length=200, blank=True)
    typed = models.JSONField()
    stood = models.JSONField()
    taken = models.JSONField()

    class Meta:
        ordering = ["id"]
