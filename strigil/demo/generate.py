"""Makes the demo clinic: the same seed and the same day make the same clinic, but for the ids."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from random import Random

from django.db import transaction

from strigil.accounts.demo import SIGN_INS
from strigil.accounts.models import Clinic, Role, User
from strigil.demo import book, published
from strigil.demo.cast import CAST
from strigil.demo.story import Story
from strigil.demo.walk import Staff, Walk

Progress = Callable[[int, int], None]


def generate(*, seed: int, on: date, progress: Progress | None = None) -> Clinic:
    """A clinic with its users, about forty made-up people and the published cases, all of it or none.

    ``progress`` is told how many people are done, and of how many.
    """
    with transaction.atomic():
        clinic = Clinic.objects.create(name="Demo clinic", time_zone="Europe/London", is_demo=True)
        users = _users(clinic)
        staff = _staff(users)
        for done, story in enumerate(_in_order_of_arrival(CAST), start=1):
            # A generator of their own keeps one person's values the same when another's story changes.
            chance = Random(f"{seed} {story.key}")  # noqa: S311 - made-up people, no secrets
            Walk(story, staff, on, chance).go()
            if progress:
                progress(done, len(CAST))
        published.record(clinic=clinic, on=on)
        book.fill(staff, users["owner"], seed=seed, on=on)
    return clinic


def _users(clinic: Clinic) -> dict[str, User]:
    users = {}
    for one in SIGN_INS:
        user = User(
            clinic=clinic,
            username=one.username,
            display_name=one.display_name,
            qualification=one.qualification,
            role=Role(one.role),
        )
        user.set_password(one.password)
        user.save()
        users[one.username] = user
    return users


def _staff(users: dict[str, User]) -> Staff:
    clinicians = (users["clinician"], users["clinician2"])
    return Staff(clinicians, users["assistant"], users["front_desk"])


def _in_order_of_arrival(cast: Iterable[Story]) -> list[Story]:
    """Who came first is written first, as in a clinic that has grown."""
    return sorted(cast, key=lambda one: -(one.last + one.visits * one.gap))
