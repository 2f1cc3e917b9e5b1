"""Who is signed in, together with the clinic, which every page asks for: one question to the database, not two."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend

from strigil.accounts.models import User


class WithClinic(ModelBackend):
    def get_user(self, user_id: Any) -> User | None:
        user = User.objects.select_related("clinic").filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None
