"""The log as the database holds it."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

NOBODY = uuid.UUID(int=0)
"""In the place of a clinic: the chain of what belongs to no clinic."""


class What(models.TextChoices):
    OPENED = "opened", "Opened"
    PRINTED = "printed", "Opened to print"
    EXPORTED = "exported", "Exported"
    SENT = "sent", "Sent a form"
    ADDED = "added", "Added"
    CHANGED = "changed", "Changed"
    REMOVED = "removed", "Removed"
    EMPTIED = "emptied", "Emptied a whole table"
    SIGNED_IN = "signed_in", "Signed in"
    SIGN_IN_FAILED = "sign_in_failed", "Failed to sign in"
    SIGNED_OUT = "signed_out", "Signed out"
    SESSION_OVER = "session_over", "Signed out by Strigil, as the time was over"
    SESSIONS_ENDED = "sessions_ended", "Ended every session"
    PASSWORD = "password", "Chose a new password"
    FACTOR_ADDED = "factor_added", "Set up a second factor"
    FACTOR_REPLACED = "factor_replaced", "Set up a second factor in place of the one before"
    FACTOR_REMOVED = "factor_removed", "Removed a second factor"
    FACTOR_USED = "factor_used", "Gave a second factor"
    FACTOR_REFUSED = "factor_refused", "Failed at the second factor"
    BACKED_UP = "backed_up", "Made a backup of everything"
    RESTORED = "restored", "Restored everything from a backup"
    IMPORTED = "imported", "Brought everything in from another installation"
    KNOWLEDGE = "knowledge", "Works with this knowledge"
    BEGUN = "begun", "The log begins"
    KEY = "key", "The log has a new key"
    SHAPE = "shape", "The tables have a new shape"


class LogLine(models.Model):
    """One line of a clinic's log: a read, a change of one row, a refusal, somebody signing in. Never changed.

    It holds ids and no content. ``row`` is a keyed hash of the row as it was left. ``user_id`` empty and ``role`` empty
    is *not said*: somebody wrote past the application. ``mac`` seals the line together with ``prev``, the one before.
    """

    identifying: ClassVar[frozenset[str]] = frozenset({"user_id", "object_id", "patients"})
    shareable: ClassVar[frozenset[str]] = frozenset(
        {
            *("id", "clinic_id", "seq", "prev", "mac", "key", "at", "what", "outcome", "role", "route", "method"),
            *("request", "action", "table", "row", "details"),
        }
    )

    id = models.UUIDField(primary_key=True, editable=False)
    clinic_id = models.UUIDField()
    seq = models.BigIntegerField()
    prev = models.CharField(max_length=64, blank=True)
    mac = models.CharField(max_length=64)
    key = models.CharField(max_length=8)
    at = models.DateTimeField()
    what = models.CharField(max_length=20, choices=What.choices)
    outcome = models.CharField(max_length=12, blank=True)
    user_id = models.UUIDField(null=True)
    role = models.CharField(max_length=20, blank=True)
    route = models.CharField(max_length=60, blank=True)
    method = models.CharField(max_length=8, blank=True)
    request = models.UUIDField(null=True)
    action = models.CharField(max_length=200, blank=True)
    table = models.CharField(max_length=60, blank=True)
    object_id = models.CharField(max_length=64, blank=True)
    patients = models.TextField(blank=True)
    """Ids, as a JSON list."""
    row = models.CharField(max_length=64, blank=True)
    details = models.TextField(blank=True)

    class Meta:
        ordering = ["clinic_id", "seq"]
        constraints = [models.UniqueConstraint(fields=["clinic_id", "seq"], name="log_line_once_a_place")]
        indexes = [models.Index(fields=["table", "object_id", "clinic_id", "seq"], name="log_line_of_a_row")]


class LogPatient(models.Model):
    """Which lines of the log name a patient; the database writes it from the line itself."""

    identifying: ClassVar[frozenset[str]] = frozenset({"patient_id"})
    shareable: ClassVar[frozenset[str]] = frozenset({"pk", "clinic_id", "seq"})

    pk = models.CompositePrimaryKey("clinic_id", "patient_id", "seq")
    clinic_id = models.UUIDField()
    patient_id = models.UUIDField()
    seq = models.BigIntegerField()


class Chain(models.Model):
    """Where a clinic's log stands: its last line."""

    shareable: ClassVar[frozenset[str]] = frozenset({"clinic_id", "seq", "mac"})

    clinic_id = models.UUIDField(primary_key=True)
    seq = models.BigIntegerField(default=0)
    mac = models.CharField(max_length=64, blank=True)


class Touched(models.Model):
    """A row that was just written, as its table's trigger said. Becomes a line of the log before the write counts.

    ``via`` points towards the patient whose row it is, ``was`` where it pointed before; ``tx`` is the transaction.
    They are text, so that a row with an id that is none, written past the application, is told as well.
    """

    identifying: ClassVar[frozenset[str]] = frozenset({"object_id", "via", "was", "clinic_id"})
    shareable: ClassVar[frozenset[str]] = frozenset({"id", "at", "table", "what", "tx"})

    at = models.DateTimeField()
    table = models.CharField(max_length=60)
    what = models.CharField(max_length=20, choices=What.choices)
    object_id = models.CharField(max_length=64, blank=True)
    clinic_id = models.CharField(max_length=64, null=True)
    via = models.CharField(max_length=64, null=True)
    was = models.CharField(max_length=64, null=True)
    tx = models.BigIntegerField(default=0)
