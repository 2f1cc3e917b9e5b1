"""The second factor: an app that shows codes, passkeys, and recovery codes for when neither is at hand.

Rows, codes and ceremonies are allauth's. Ours is that a code works once, whichever process sees it, and that recovery
codes are kept as hashes.
"""

from __future__ import annotations

import base64
import json
import secrets
from typing import Any

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt, encrypt
from allauth.mfa.webauthn.internal import auth as webauthn
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from strigil.accounts.audit.events import of_sign_in
from strigil.accounts.audit.models import What
from strigil.accounts.models import User

Type = Authenticator.Type
STRONG = (Type.TOTP, Type.WEBAUTHN)
"""What one can sign in with day by day; recovery codes alone are no second factor."""
HOW_MANY_CODES = 10
APP, PASSKEY, CODE, CODES = "an app that shows codes", "a passkey", "a recovery code", "recovery codes"
"""What the log calls them."""


def is_set_up(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type__in=STRONG).exists())


def has_app(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type=Type.TOTP).exists())


def passkeys(user: User) -> list[Authenticator]:
    return list(Authenticator.objects.filter(user=user, type=Type.WEBAUTHN).order_by("pk"))


def codes_left(user: User) -> int:
    kept = Authenticator.objects.filter(user=user, type=Type.RECOVERY_CODES).first()
    return len(kept.data["hashes"]) if kept else 0


# --- An app that shows codes ---


def new_secret() -> str:
    return str(totp.generate_totp_secret())


def app_address(user: User, secret: str) -> str:
    """What the square of dots says to the app."""
    return str(get_adapter().build_totp_url(user, secret))


def add_app(user: User, secret: str, code: str) -> bool:
    """Keep the app, where the code that it shows is right. It takes the place of the one before."""
    counter = _counter(secret, code)
    if counter is None:
        return False
    _keep_one(user, Type.TOTP, {"secret": encrypt(secret), "last": counter}, APP)
    return True


def _keep_one(user: User, kind: str, data: dict[str, Any], how: str) -> None:
    with transaction.atomic():
        before, _ = Authenticator.objects.filter(user=user, type=kind).delete()
        Authenticator.objects.create(user=user, type=kind, data=data)
        of_sign_in(What.FACTOR_REPLACED if before else What.FACTOR_ADDED, user, how)


def _counter(secret: str, code: str) -> int | None:
    """Which half minute a code is of; None where it is of none near now."""
    if not secret:
        return None
    for counter in totp.yield_hotp_counters_from_time():
        if compare_user_code(actual=code, expected=totp.format_hotp_value(totp.hotp_value(secret, counter))):
            return int(counter)
    return None


# --- Codes, of the app or on paper ---


def uses_code(user: User, code: str) -> bool:
    """Whether a code is right and was never used; it is used now."""
    with transaction.atomic():
        kept = {
            one.type: one
            for one in Authenticator.objects.select_for_update().filter(
                user=user, type__in=[Type.TOTP, Type.RECOVERY_CODES]
            )
        }
        if _uses_app(kept.get(Type.TOTP), code):
            return _told(user, APP)
        return _told(user, CODE if _uses_recovery_code(kept.get(Type.RECOVERY_CODES), code) else "")


def _told(user: User, how: str) -> bool:
    if how:
        of_sign_in(What.FACTOR_USED, user, how)
    else:
        of_sign_in(What.FACTOR_REFUSED, user, outcome="denied")
    return bool(how)


def _uses_app(kept: Authenticator | None, code: str) -> bool:
    if kept is None:
        return False
    counter = _counter(decrypt(kept.data["secret"]), code)
    if counter is None or counter <= kept.data["last"]:
        return False
    kept.data["last"] = counter
    _used(kept)
    return True


def _uses_recovery_code(kept: Authenticator | None, code: str) -> bool:
    if kept is None:
        return False
    given = _hash(code)
    left = [one for one in kept.data["hashes"] if not constant_time_compare(one, given)]
    if len(left) == len(kept.data["hashes"]):
        return False
    kept.data["hashes"] = left
    _used(kept)
    return True


def _used(kept: Authenticator) -> None:
    kept.last_used_at = timezone.now()
    kept.save(update_fields=["data", "last_used_at"])


def new_recovery_codes(user: User) -> list[str]:
    """Ten codes, to be shown once; those from before end."""
    codes = [_spaced(base64.b32encode(secrets.token_bytes(10)).decode()) for _ in range(HOW_MANY_CODES)]
    _keep_one(user, Type.RECOVERY_CODES, {"hashes": [_hash(one) for one in codes]}, CODES)
    return codes


def _spaced(code: str) -> str:
    return "-".join(code[place : place + 4] for place in range(0, len(code), 4))


def _hash(code: str) -> str:
    bare = "".join(one for one in code.upper() if one.isalnum())
    return salted_hmac("strigil.recovery-code", bare, algorithm="sha256").hexdigest()


# --- Passkeys ---


def ask_for_new_passkey(user: User) -> str:
    """What the browser needs to make one, as JSON; the session keeps the challenge."""
    return json.dumps(webauthn.begin_registration(user, passwordless=True))


def add_passkey(user: User, name: str, given: str) -> bool:
    """Keep a passkey that the browser has just made."""
    try:
        credential = json.loads(given)
        webauthn.parse_registration_response(credential)
        made = webauthn.complete_registration(credential)
    except (ValidationError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return False
    if not made.is_user_verified():
        return False
    with transaction.atomic():
        webauthn.WebAuthn.add(user, name, credential)
        of_sign_in(What.FACTOR_ADDED, user, PASSKEY)
    return True


def ask_for_passkey(user: User) -> str:
    return json.dumps(webauthn.begin_authentication(user))


def uses_passkey(user: User, given: str) -> bool:
    """Whether one of somebody's passkeys has signed the challenge of this session."""
    try:
        credential: Any = json.loads(given)
        webauthn.parse_authentication_response(credential)
        kept = webauthn.complete_authentication(user, credential)
    except (ValidationError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return _told(user, "")
    with transaction.atomic():
        kept.record_usage()
        return _told(user, PASSKEY)


def remove(user: User, passkey: Authenticator) -> None:
    with transaction.atomic():
        passkey.delete()
        of_sign_in(What.FACTOR_REMOVED, user, PASSKEY)


def forget_all(user: User) -> None:
    """At the next sign-in a second factor is set up anew."""
    with transaction.atomic():
        Authenticator.objects.filter(user=user).delete()
        of_sign_in(What.FACTOR_REMOVED, user, "all of them")
