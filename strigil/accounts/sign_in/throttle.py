"""Slows whoever guesses, and not the clinic. Counted in the database, so every process knows; counted before a password
is hashed, so a guess too many costs nothing.

A try is claimed by one statement that adds and answers at once: two guesses at the same moment never see the same
number. Whoever signs in gives the claim back.
"""

from __future__ import annotations

import time
import unicodedata
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac

from strigil.accounts.models import User
from strigil.accounts.sign_in.models import KnownPlace, Tries


@dataclass(frozen=True, slots=True)
class Limit:
    tries: int
    within: timedelta


FROM_ONE_PLACE = Limit(10, timedelta(minutes=15))
"""One name from one address."""
ONE_NAME = Limit(30, timedelta(hours=1))
"""One name from everywhere together."""
ONE_PLACE = Limit(100, timedelta(hours=1))
"""All names from one address."""
CODES = Limit(10, timedelta(minutes=15))
"""Codes of one person."""
KNOWN_FOR = timedelta(days=30)
MOST_ROWS = 10_000

CLAIM = """
INSERT INTO accounts_tries (key, number, until) VALUES (%s, 1, %s)
ON CONFLICT (key) DO UPDATE SET
    number = CASE WHEN accounts_tries.until <= %s THEN 1 ELSE accounts_tries.number + 1 END,
    until = CASE WHEN accounts_tries.until <= %s THEN excluded.until ELSE accounts_tries.until END
RETURNING number
"""


@dataclass(frozen=True, slots=True)
class Guess:
    """Somebody who gives a name at an address."""

    name: str
    place: str

    @property
    def keys(self) -> tuple[str, str, str]:
        name = unicodedata.normalize("NFKC", self.name)
        return _key("place", self.place), _key("name", name), _key("both", f"{name}\0{self.place}")


def claim(guess: Guess) -> bool:
    """Whether one more password may be tried; counts it in any case.

    Where somebody has signed in before, only wrong tries under that name from there count against them.
    """
    place, name, both = guess.keys
    known = _is_known(guess)
    if not _claimed(place, ONE_PLACE) and not known:
        return False
    return all([_claimed(both, FROM_ONE_PLACE), _claimed(name, ONE_NAME) or known])


def give_back(guess: Guess) -> None:
    """The password was right: it was no guess."""
    place, name, both = guess.keys
    Tries.objects.filter(key__in=[place, name], number__gt=0).update(number=F("number") - 1)
    Tries.objects.filter(key=both).delete()


def claim_code(user: User) -> bool:
    """Whether one more code of the second factor may be tried."""
    return _claimed(_key("code", str(user.pk)), CODES)


def give_back_codes(user: User) -> None:
    Tries.objects.filter(key=_key("code", str(user.pk))).delete()


def remember(user: User, place: str) -> None:
    """Somebody has signed in whole from here."""
    now = timezone.now()
    KnownPlace.objects.update_or_create(user=user, place=place, defaults={"seen_at": now})
    KnownPlace.objects.filter(user=user, seen_at__lt=now - KNOWN_FOR).delete()


def _is_known(guess: Guess) -> bool:
    since = timezone.now() - KNOWN_FOR
    return KnownPlace.objects.filter(user__username=guess.name, place=guess.place, seen_at__gte=since).exists()


def _key(kind: str, words: str) -> str:
    return salted_hmac(f"strigil.tries.{kind}", words, algorithm="sha256").hexdigest()


def _claimed(key: str, limit: Limit) -> bool:
    now = int(time.time())
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [key, now + int(limit.within.total_seconds()), now, now])
        number: int = cursor.fetchall()[0][0]
    if number == 1:
        _sweep(now)
    return number <= limit.tries


def _sweep(now: int) -> None:
    """However many names are invented, the table stays small; what goes first is what was tried least."""
    if Tries.objects.count() <= MOST_ROWS:
        return
    with transaction.atomic():
        free = Tries.objects.select_for_update(skip_locked=True)
        over = list(free.filter(until__lte=now).values_list("key", flat=True))
        least = over or list(free.order_by("number", "until").values_list("key", flat=True)[: MOST_ROWS // 10])
        Tries.objects.filter(key__in=least).delete()
