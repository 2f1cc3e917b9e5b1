"""A demo never becomes a clinic, nor a clinic a demo."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection

from strigil.accounts.models import Clinic

DEMO_IN_EARNEST = (
    "The database holds a demo clinic, whose passwords everybody knows, and STRIGIL_DEMO is not yes. Name the database "
    "of your clinic in STRIGIL_DATABASE; to look at the demo, run strigil demo."
)
CLINIC_AS_DEMO = (
    "The database holds a live clinic, and STRIGIL_DEMO is yes: a demo asks for no second factor. Take STRIGIL_DEMO "
    "out of the environment."
)


def check_kind() -> None:
    """Refuse to serve a database of the other kind. One without tables is somebody else's to refuse.

    Raises:
        ImproperlyConfigured: with what to do.
        django.db.OperationalError: where the database cannot be asked; then nobody knows what it holds.
    """
    connection.ensure_connection()
    try:
        kinds = set(Clinic.objects.values_list("is_demo", flat=True))
    except DatabaseError:
        return
    finally:
        connection.close()
    if not settings.DEMO and True in kinds:
        raise ImproperlyConfigured(DEMO_IN_EARNEST)
    if settings.DEMO and False in kinds:
        raise ImproperlyConfigured(CLINIC_AS_DEMO)
