from __future__ import annotations

from typing import ClassVar

from django.db import models


class KeptShelf(models.Model):
    """The rules that decisions rest on, as they were: one row for each state of the knowledge. Never changed."""

    shareable: ClassVar[frozenset[str]] = frozenset({"sha256", "knowledge_version", "created_at", "content"})

    sha256 = models.CharField(max_length=64, primary_key=True)
    knowledge_version = models.CharField(max_length=40)
    created_at = models.DateTimeField(auto_now_add=True)
    content = models.JSONField()
