from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ClinicConfig(AppConfig):
    name = "strigil.clinic"
    verbose_name = "Clinic"

    def ready(self) -> None:
        post_migrate.connect(_count_closed, sender=self)


def _count_closed(**_: Any) -> None:
    """A record that is older than its tallies is counted once, when every table has its newest shape."""
    from strigil.clinic.models import Tally
    from strigil.clinic.tallies import count_all

    if not Tally.objects.exists():
        count_all()
