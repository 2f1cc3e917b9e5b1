"""Clinics and the people who work in them."""

from __future__ import annotations

import os
import secrets
import threading
import time
import unicodedata
import uuid
from datetime import date
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac

from strigil.accounts.audit.models import Chain, LogLine, LogPatient, Touched
from strigil.accounts.sign_in.models import KnownPlace, LinkKind, OneTimeLink, Tries

__all__ = [
    "Chain",
    "Clinic",
    "KnownPlace",
    "LinkKind",
    "LogLine",
    "LogPatient",
    "OneTimeLink",
    "Role",
    "Touched",
    "Tries",
    "User",
    "uuid7",
]

TICKS = 4096
"""Parts of a millisecond that an id can tell apart."""
_one_at_a_time = threading.Lock()
_last = 0


def uuid7(after: uuid.UUID | None = None) -> uuid.UUID:
    """A UUID that sorts by when it was made, to a quarter of a microsecond (RFC 9562, version 7, method 3).

    Within a process each is larger than the one before, even where the clock was set back in between: the record is
    read in the order of its ids. With ``after`` it is larger than that one too, which another process may have made.
    """
    global _last
    with _one_at_a_time:
        _last = max(time.time_ns() * TICKS // 1_000_000, _last + 1)
        made = max(_last, _next(after)) if after else _last
    milliseconds, rest = divmod(made, TICKS)
    value = milliseconds << 80 | 0x7 << 76 | rest << 64
    return uuid.UUID(int=value | 0x2 << 62 | int.from_bytes(os.urandom(8)) >> 2)


def _next(to: uuid.UUID) -> int:
    """The tick after that of an id, which may have come from elsewhere and be of any kind."""
    return min((to.int >> 80) * TICKS + (to.int >> 64) % TICKS + 1, (TICKS << 48) - 1)


class Clinic(models.Model):
    """A practice; every record belongs to exactly one."""

    identifying: ClassVar[frozenset[str]] = frozenset({"name"})
    shareable: ClassVar[frozenset[str]] = frozenset({"id", "time_zone", "is_demo", "created_at"})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=200)
    time_zone = models.CharField(max_length=64, default="UTC")
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def today(self) -> date:
        """The day it is in the clinic."""
        return timezone.now().astimezone(self.zone).date()


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    CLINICIAN = "clinician", "Clinician"
    ASSISTANT = "assistant", "Assistant"
    FRONT_DESK = "front_desk", "Front desk"
    AUDITOR = "auditor", "Auditor"


def new_salt() -> str:
    return secrets.token_hex(16)


class User(AbstractUser):
    """Somebody who signs in. A user works in one clinic, in one role.

    Every session rests on ``password`` and ``session_salt``: a new one of either ends all of them.
    """

    identifying: ClassVar[frozenset[str]] = frozenset(
        {
            *("username", "password", "first_name", "last_name", "email", "display_name", "qualification"),
            *("last_login", "session_salt"),
        }
    )
    shareable: ClassVar[frozenset[str]] = frozenset(
        {"id", "clinic", "role", "is_active", "is_staff", "is_superuser", "date_joined"}
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="users")
    role = models.CharField(max_length=20, choices=Role.choices)
    display_name = models.CharField(max_length=200)
    qualification = models.CharField(max_length=100, blank=True)
    session_salt = models.CharField(max_length=64, default=new_salt, editable=False)

    REQUIRED_FIELDS = ["clinic_id", "role", "display_name"]

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="user_role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.display_name}, {self.qualification}" if self.qualification else self.display_name

    def get_full_name(self) -> str:
        return self.display_name

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(_typed(raw_password))

    def check_password(self, raw_password: str | None) -> bool:
        return super().check_password(_typed(raw_password))

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        rests_on = f"{self.password}\0{self.session_salt}"
        return salted_hmac("strigil.session", rests_on, secret=secret, algorithm="sha256").hexdigest()


def _typed(password: str | None) -> str | None:
    """The same letters from every keyboard: an é is one letter on some and two on others."""
    return unicodedata.normalize("NFKC", password) if password is not None else None
