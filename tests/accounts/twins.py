"""One clinic in two worlds: alone, and beside another. Whatever its people are told must be the same."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import models

from strigil.accounts import models as models_of_accounts
from strigil.accounts.models import Role
from strigil.accounts.policy import POLICY, may
from strigil.clinic.models import Record
from tests.accounts.asked import Asked, names_asked_for
from tests.accounts.worlds import Actor, World, answered, undone
from tests.clinic.cast import Story
from tests.clinic.work import WORK

Told = tuple[str, str, str]
"""Who asked, how, and where."""

ONE_OF_ITS_KIND = frozenset({"fill", "questionnaires", "confirm_request"})
"""A clinic that has it takes no other; what they answer is asked with forms of their own."""
WORDS = ("", "a", "é", "Zdenka", "zdenka ciz", "Éva", "tóth", "Marek", "%", "_", "0", "1", "zzzz", "'", "\\")


def record_ids(clinic_id: object) -> list[str]:
    """An id of each kind of thing that a clinic has."""
    found = []
    for model in kinds():
        key = model._default_manager.filter(clinic_id=clinic_id).values_list("pk", flat=True).first()
        found += [str(key)] if key else []
    return found


def kinds() -> list[type[models.Model]]:
    from strigil.accounts.models import User

    return [User, *sorted(_below(Record), key=lambda one: one.__name__)]


def _below(model: type[models.Model]) -> Iterable[type[models.Model]]:
    for one in model.__subclasses__():
        if not one._meta.abstract:
            yield one
        yield from _below(one)


def what_is_asked(places: dict[str, str], actors: Iterable[Actor]) -> Asked:
    """The names that each page looks for in its address."""
    with names_asked_for() as found:
        for actor in actors:
            for route, place in places.items():
                if may(route, "GET", actor.role):
                    with undone(actor.client):
                        actor.client.get(place)
    return found


def questions(
    asked: Asked, places: dict[str, str], mine: World, theirs: World, number: int, seed: int
) -> list[tuple[str, str]]:
    """Addresses with queries drawn from both clinics' ids and words: by route, so many for each page that takes any."""
    chance = random.Random(seed)
    on = mine.story.on
    days = [str(on + timedelta(days=one)) for one in (-30, -1, 0, 1, 3, 30)]
    ids = record_ids(mine.story.by.clinic_id) + record_ids(theirs.story.by.clinic_id)
    slots = [f"20261123T0900Z.30.{user.pk.hex}" for user in (mine.story.by, theirs.story.by)]
    cursors = [f"{word}/{one}" for word in ("eva", "zdenka") for one in ids[:6]]
    pool = [*WORDS, *days, *ids, *slots, *cursors]
    drawn = []
    for route in sorted(asked):
        names = sorted(asked[route])
        if not names or "GET" not in POLICY[route]:
            continue
        path = places[route].partition("?")[0]
        for _ in range(number):
            chosen = chance.sample(names, chance.randint(1, min(3, len(names))))
            drawn.append((route, f"{path}?{urlencode({name: chance.choice(pool) for name in chosen})}"))
    return drawn


def told(
    actors: Sequence[Actor],
    mine: World,
    asked: Iterable[tuple[str, str]],
    sent: Iterable[tuple[str, dict[str, Any]]],
) -> dict[Told, object]:
    """All that somebody of the clinic can learn: every page, every query, and the answer to every form."""
    found: dict[Told, object] = {}
    pages = [*mine.places.items(), *asked]
    forms = [*((route, {}) for route in mine.places if "POST" in POLICY[route]), *sent]
    for actor in actors:
        for route, place in pages:
            if may(route, "GET", actor.role):
                with undone(actor.client):
                    found[actor.name, "GET", place] = answered(actor.client.get(place))
        for route, given in forms:
            if may(route, "POST", actor.role):
                with undone(actor.client):
                    found[actor.name, "POST", f"{route} {given}"] = answered(
                        actor.client.post(mine.places[route], given)
                    )
    another = Story(mine.people[Role.CLINICIAN], mine.story.on)
    for route in set(WORK) - ONE_OF_ITS_KIND:
        least = next((one for one in reversed(actors) if may(route, "POST", one.role)), None)
        if least:
            with undone(least.client):
                found[least.name, "POST", f"{route}, as it should be"] = answered(
                    least.client.post(*WORK[route](another))
                )
    return found


@contextmanager
def numbered(first: int) -> Iterator[None]:
    """Ids in the order in which things are made, from a number on: where the clock stands, chance would order them."""
    number = itertools.count(first)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            models_of_accounts, "os", SimpleNamespace(urandom=lambda _: (next(number) * 4).to_bytes(8, "big"))
        )
        patch.setattr(models_of_accounts, "_last", time.time_ns() * models_of_accounts.TICKS // 1_000_000 + first)
        yield
