"""Django's own command, with each step written down as done in the transaction that does it.

Django writes it down a moment later where a step ends with indexes. Killed in that moment, the step stands done and not
written down, and can be neither done again nor left out.
"""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState

from strigil.accounts.audit import chain


class WholeSteps(MigrationExecutor):
    def apply_migration(
        self, state: ProjectState, migration: Migration, fake: bool = False, fake_initial: bool = False
    ) -> ProjectState:
        if fake or fake_initial:
            return super().apply_migration(state, migration, fake=fake, fake_initial=fake_initial)
        if self.progress_callback:
            self.progress_callback("apply_start", migration, fake)
        with self.connection.schema_editor(atomic=migration.atomic) as editor:
            state = migration.apply(state, editor)
            self.record_migration(migration)  # type: ignore[arg-type, call-arg]
        if self.progress_callback:
            self.progress_callback("apply_success", migration, fake)
        return state


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
