"""A new clinic and its first owner, in an empty database: all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import DatabaseError

from strigil.accounts.audit.said import BY_COMMAND, Said, saying
from strigil.accounts.models import Clinic, Role, User
from strigil.keep.faults import Unable
from strigil.keep.loading import said
from strigil.keep.restore import check_new, new_database


@dataclass(frozen=True, slots=True)
class Owner:
    """Who signs in first, and lets others in."""

    sign_in: str
    name: str
    qualification: str = ""


def check_may_begin() -> None:
    """Raises Unable where no clinic can begin here."""
    if settings.DEMO:
        raise Unable(
            "a demo never becomes a clinic: take STRIGIL_DEMO out of the environment. For a demo: strigil demo"
        )
    try:
        check_new()
    except DatabaseError as error:
        raise Unable(f"the database cannot be reached: {said(error)}. Look at STRIGIL_DATABASE") from None


def begin(clinic: str, time_zone: str, owner: Owner, password: str) -> None:
    """Make the tables, the clinic and its owner. Nobody else can sign in."""
    with new_database():
        call_command("migrate", verbosity=0, interactive=False)
        with saying(Said(role=BY_COMMAND)):
            made = Clinic.objects.create(name=clinic, time_zone=time_zone)
            user = _user(owner)
            user.clinic = made
            user.set_password(password)
            user.save(force_insert=True)


# --- What may be given; each gives what is wrong, nothing where it will do ---------------------------------------


def wrong_with_name(name: str) -> Sequence[str]:
    """A name of a clinic or of somebody."""
    if not name or name != name.strip() or not name.isprintable() or len(name) > 200:
        return ["allowed: 1 to 200 letters on one line"]
    return []


def wrong_with_zone(zone: str) -> Sequence[str]:
    return [] if zone in available_timezones() else ["allowed: a name such as Europe/London or America/New_York"]


def wrong_with_sign_in(sign_in: str) -> Sequence[str]:
    return _faults(lambda: User(username=sign_in).clean_fields(exclude=_all_but("username")))


def wrong_with_password(password: str, owner: Owner) -> Sequence[str]:
    return _faults(lambda: validate_password(password, _user(owner)))


def _user(owner: Owner) -> User:
    return User(username=owner.sign_in, display_name=owner.name, qualification=owner.qualification, role=Role.OWNER)


def _all_but(name: str) -> set[str]:
    return {field.name for field in User._meta.fields if field.name != name}


def _faults(check: Callable[[], object]) -> Sequence[str]:
    try:
        check()
    except ValidationError as error:
        return error.messages
    return []
