"""What is kept about signing in."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class Tries(models.Model):
    """How many tries one name, one address or both together have had until an instant, in seconds since 1970.

    ``key`` is a keyed hash: it counts, and tells nobody what was typed nor where.
    """

    identifying: ClassVar[frozenset[str]] = frozenset({"key"})
    shareable: ClassVar[frozenset[str]] = frozenset({"number", "until"})

    key = models.CharField(max_length=64, primary_key=True)
    number = models.PositiveIntegerField()
    until = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["number", "until"])]


class KnownPlace(models.Model):
    """An address, as a keyed hash, from which somebody has signed in; guesses from elsewhere do not close it."""

    identifying: ClassVar[frozenset[str]] = frozenset({"user", "place"})
    shareable: ClassVar[frozenset[str]] = frozenset({"id", "seen_at"})

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="known_places")
    place = models.CharField(max_length=64)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "place"], name="known_place_once_a_person")]


class LinkKind(models.TextChoices):
    INVITATION = "invitation", "Invitation"
    RESET = "reset", "New password"


class OneTimeLink(models.Model):
    """A link by which somebody chooses a password, once. The link is kept nowhere, only its hash."""

    identifying: ClassVar[frozenset[str]] = frozenset({"user", "made_by", "hash"})
    shareable: ClassVar[frozenset[str]] = frozenset({"id", "kind", "made_at", "ends_at", "used_at"})

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="one_time_links")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    kind = models.CharField(max_length=12, choices=LinkKind.choices)
    hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=LinkKind.values), name="one_time_link_kind_is_known"),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("made_at")), name="one_time_link_ends_after_it_was_made"
            ),
        ]
