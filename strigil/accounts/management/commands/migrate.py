"""Django's own command, with steps that are whole, in a log that stays sealed."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate

from strigil.accounts.audit import chain
from strigil.accounts.steps import WholeSteps


class Command(migrate.Command):
    def execute(self, *args: Any, **options: Any) -> str | None:
        """What stands unsealed when it begins is sealed by its first look, already over the columns that there are."""
        using = options["database"]
        chain.before_migrate(using)
        try:
            return super().execute(*args, **options)
        finally:
            chain.migrated(using)

    def handle(self, *args: Any, **options: Any) -> str | None:
        migrate.MigrationExecutor = WholeSteps  # type: ignore[attr-defined]
        return super().handle(*args, **options)
