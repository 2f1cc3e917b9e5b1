from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class ClinicConfig(AppConfig):
    name = "strigil.clinic"
    verbose_name = "Clinic"

    def ready(self) -> None:
        post_migrate.connect(_count_closed, sender=self)


def _count_closed(using: str, **_: Any) -> None:
    """A record that is older than its tallies is counted once, when they have their table."""
    from strigil.clinic.models import Tally
    from strigil.clinic.tallies import count_all

    held = Tally._meta.db_table in connections[using].introspection.table_names()
    if held and not Tally.objects.exists():
        count_all()
