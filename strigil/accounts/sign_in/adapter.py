"""What allauth asks of a project."""

from __future__ import annotations

import base64
import hashlib

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from strigil.accounts.models import User


class SecondFactors(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets stand in the database under the server's key; a copy of the database alone makes no code."""

    def encrypt(self, text: str) -> str:
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Empty where the server's key has changed: no code is right then."""
        try:
            return _box().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return ""

    def get_totp_label(self, user: User) -> str:
        return user.username

    def get_totp_issuer(self) -> str:
        return "Strigil"

    def _get_site_name(self) -> str:
        return "Strigil"


def _box() -> Fernet:
    key = hashlib.sha256(b"strigil.second-factor\0" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
