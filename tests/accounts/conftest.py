"""Who signs in, in the tests of signing in."""

from __future__ import annotations

from typing import Any

import pytest

from strigil.accounts.models import User
from tests.accounts.factors import PASSWORD


@pytest.fixture
def dana(clinician: User, settings: Any) -> User:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # only for speed
    clinician.username = "dana"
    clinician.set_password(PASSWORD)
    clinician.save()
    return clinician
