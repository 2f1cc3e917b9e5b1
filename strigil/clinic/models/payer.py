from __future__ import annotations

from typing import ClassVar

from django.db import models

from strigil.clinic.models.base import Record


class PayerSetting(Record):
    """By which payer's rule a clinic wants units suggested, and which minutes it counts. Without a row, by none."""

    shareable: ClassVar[frozenset[str]] = frozenset({"rule", "counted"})

    rule = models.CharField(max_length=60, blank=True)
    counted = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clinic"], name="payer_setting_one_a_clinic")]
