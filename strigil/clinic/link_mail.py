"""Sends an invitation or the way to a new password to the person it is for, where the clinic has mail."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.mail import EmailMessage

from strigil.accounts.models import User

log = logging.getLogger(__name__)


def mail_link(user: User, address: str) -> bool:
    """Whether it was sent. The address was built from STRIGIL_ADDRESS, never from what a browser said."""
    if not (settings.MAIL and user.email):
        return False
    body = (
        f"{user.display_name},\n\nchoose your password for Strigil at {user.clinic.name} here:\n\n{address}\n\n"
        f"Your username is {user.username}. The link works once, and not for long. If you did not expect this mail, "
        "tell the owner of the clinic.\n"
    )
    try:
        EmailMessage(subject="Choose your password for Strigil", body=body, to=[user.email]).send()
    except OSError:
        log.exception("mail with a link to a new password could not be sent")
        return False
    return True
