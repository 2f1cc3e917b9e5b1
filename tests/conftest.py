"""The cast that tests share."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from strigil.accounts.models import Clinic, User

@pytest.fixture
def clinic(db: None) -> Clinic:
    from strigil.accounts.models import Clinic

    return Clinic.objects.create(name="Northside", time_zone="Europe/London")


@pytest.fixture
def other_clinic(db: None) -> Clinic:
    from strigil.accounts.models import Clinic

    return Clinic.objects.create(name="Southside", time_zone="Europe/London")


@pytest.fixture
def someone(clinic: Clinic) -> Any:
    """``someone("clinician")`` works in the clinic; ``someone("clinician", at=other_clinic)`` elsewhere."""
    from strigil.accounts.models import User

    def make(role: str, at: Clinic | None = None) -> User:
        where = at or clinic
        return User.objects.create(
            username=f"{role}-{where.name}-{User.objects.count()}", clinic=where, role=role, display_name=role.title()
        )

    return make


@pytest.fixture
def clinician(someone: Any) -> User:
    made: User = someone("clinician")
    return made


@pytest.fixture
def on() -> date:
    return date(2026, 11, 20)
