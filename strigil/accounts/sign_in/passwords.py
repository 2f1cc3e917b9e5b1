"""How a password is kept, and what one must be."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.exceptions import ValidationError

SHORTEST, LONGEST = 8, 128


class Argon2id(Argon2PasswordHasher):
    """With the figures of OWASP's Password Storage Cheat Sheet: 19 MiB, two rounds, one lane. See ADR 0020.

    A hash takes so little memory that every thread of the server may make one at the same time.
    """

    memory_cost = 19 * 1024
    time_cost = 2
    parallelism = 1


class Length:
    """Long enough, and no longer than a form takes; every letter of it counts."""

    def validate(self, password: str, user: Any = None) -> None:
        if not SHORTEST <= len(password) <= LONGEST:
            raise ValidationError(f"Choose {SHORTEST} to {LONGEST} characters; any characters will do.")

    def password_changed(self, password: str, user: Any = None) -> None:
        """Whichever way a new one was kept, the log is told; Django asks this of every validator."""
        from strigil.accounts.audit.events import of_sign_in
        from strigil.accounts.audit.models import What

        of_sign_in(What.PASSWORD, user)

    def get_help_text(self) -> str:
        return (
            f"{SHORTEST} to {LONGEST} characters. Several words that do not belong together are easy to keep in mind."
        )
