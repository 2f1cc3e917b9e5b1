"""Links that work once: an invitation, or the way to a new password. They sign nobody in."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from strigil.accounts.models import LinkKind, OneTimeLink, User
from strigil.accounts.sign_in.session import end_all

GOOD_FOR = {LinkKind.INVITATION: timedelta(days=3), LinkKind.RESET: timedelta(hours=1)}


def make(user: User, kind: LinkKind, by: User | None) -> str:
    """The token of a new link. Links made for the same person before open nothing any more."""
    token, now = secrets.token_urlsafe(32), timezone.now()
    with transaction.atomic():
        OneTimeLink.objects.filter(user=user, used_at=None).delete()
        OneTimeLink.objects.create(
            user=user, made_by=by, kind=kind, hash=_hash(token), made_at=now, ends_at=now + GOOD_FOR[kind]
        )
    return token


def opened_by(token: str) -> OneTimeLink | None:
    """The link of a token, while it works."""
    links = OneTimeLink.objects.filter(hash=_hash(token), used_at=None, ends_at__gt=timezone.now())
    return links.filter(user__is_active=True).select_related("user__clinic").first()


def use(link: OneTimeLink, password: str) -> bool:
    """Take a new password, once; every session of that person ends. False where somebody was faster."""
    with transaction.atomic():
        now = timezone.now()
        if not OneTimeLink.objects.filter(pk=link.pk, used_at=None, ends_at__gt=now).update(used_at=now):
            return False
        link.user.set_password(password)
        link.user.save(update_fields=["password"])
        end_all(link.user)
        return True


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
