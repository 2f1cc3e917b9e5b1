"""Sessions in the database. One that goes on is saved by a single statement, which needs no transaction around it."""

from __future__ import annotations

from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as InDatabase


class SessionStore(InDatabase):
    def save(self, must_create: bool = False) -> None:
        if must_create or self.session_key is None:
            super().save(must_create)
            return
        held = self.create_model_instance(self._get_session())  # type: ignore[attr-defined]
        if not self.model.objects.filter(pk=held.pk).update(
            session_data=held.session_data, expire_date=held.expire_date
        ):
            raise UpdateError
