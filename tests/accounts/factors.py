"""A phone with an app for codes, and a person who has one."""

from __future__ import annotations

import base64
import time

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import encrypt
from django.http import HttpResponse
from django.test import Client

from strigil.accounts.models import User

PASSWORD = "warm hands, cold steel"
HALF_A_MINUTE = 30


class Phone:
    """Shows the code of this half minute, or of one so many before or after."""

    def __init__(self, secret: str = base64.b32encode(b"a made-up secret 001").decode()) -> None:
        self.secret = secret

    def code(self, later: int = 0) -> str:
        return format_hotp_value(hotp_value(self.secret, int(time.time()) // HALF_A_MINUTE + later))


def with_phone(user: User) -> Phone:
    """Somebody whose app was set up long ago."""
    phone = Phone()
    data = {"secret": encrypt(phone.secret), "last": 0}
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data=data)
    return phone


def first_step(browser: Client, user: User, password: str = PASSWORD, onward: str = "") -> HttpResponse:
    sent = {"username": user.username, "password": password, "next": onward}
    answer: HttpResponse = browser.post("/sign-in", sent)
    return answer


def signs_in(browser: Client, user: User, phone: Phone, onward: str = "") -> HttpResponse:
    """Both steps."""
    assert first_step(browser, user, onward=onward).url == "/sign-in/second"
    answer: HttpResponse = browser.post("/sign-in/second", {"code": phone.code()})
    return answer
