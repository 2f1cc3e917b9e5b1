"""Bringing a database up to date, step by step: each whole, and quickly.

A step is written down as done in the transaction that does it. Django writes it down a moment later where it ends with
indexes; killed in that moment, the step stands done and not written down, and can be neither done again nor left out.

Most of the time went into making the classes of models anew that a new table or index only touches: here all belong to
a clinic and a user, so that each step made them all.
"""

from __future__ import annotations

from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState


class Light(ProjectState):
    """Makes only the model anew that changed; those it points to, and that point to it, stay as they were.

    To the database they are the same. A step that reads rows is given all of them made anew, as Django has it for what
    it puts off itself.
    """

    def _find_reload_model(self, app_label: str, model_name: str, delay: bool = False) -> set[tuple[str, str]]:
        if delay or model_name not in self.apps.all_models[app_label]:
            self.is_delayed = True
            return {(app_label, model_name)}
        found: set[tuple[str, str]] = super()._find_reload_model(app_label, model_name, delay)  # type: ignore[misc]
        return found


class WholeSteps(MigrationExecutor):
    def apply_migration(
        self, state: ProjectState, migration: Migration, fake: bool = False, fake_initial: bool = False
    ) -> ProjectState:
        if fake or fake_initial:
            return super().apply_migration(state, migration, fake=fake, fake_initial=fake_initial)
        state.__class__ = Light
        if self.progress_callback:
            self.progress_callback("apply_start", migration, fake)
        with self.connection.schema_editor(atomic=migration.atomic) as editor:
            state = migration.apply(state, editor)
            self.record_migration(migration)  # type: ignore[arg-type, call-arg]
        if self.progress_callback:
            self.progress_callback("apply_success", migration, fake)
        return state
