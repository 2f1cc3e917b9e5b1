"""What another clinic has cannot be learnt from anything one's own clinic is told: no list, count, search or error."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest
import time_machine

from strigil.accounts.models import User
from strigil.clinic.models import Patient
from tests.accounts.twins import questions, told, what_is_asked
from tests.accounts.worlds import ACTORS, many, undone, world
from tests.clinic.cast import Story

QUERIES = 6
"""For each page that takes any; 200 with ``-m assure``."""
NAMES = ("Zdenka Cizí", "zdenka  CIZÍ", "Éva Tóth")
NAMESAKES: list[tuple[str, dict[str, Any]]] = [("register", {"name": name, "sex": "female"}) for name in NAMES]


class Foreign(Story):
    """The other clinic's people: some with names of their own, some namesakes."""

    def patient(self, name: str = "Zdenka Cizí", **more: Any) -> Patient:
        return super().patient(name, **more)


@dataclass(frozen=True)
class Compared:
    answers: int
    queries: int
    differ: list[object]


def compare(story: Story, stranger: User, number: int, names: Iterable[str] = ACTORS) -> Compared:
    with time_machine.travel(f"{story.on}T12:00:00+00:00", tick=False):
        mine = world(story)
        actors = [ACTORS[name](mine) for name in names]
        forms = [
            *NAMESAKES,
            ("fill", {f"item_{place}": "2" for place in range(10)}),
            ("confirm_request", {"patient": str(mine.story.patient().pk), "version": 1}),
        ]
        asked_for = what_is_asked(mine.places, actors)
        with undone():
            theirs = world(Foreign(stranger, story.on))
            Story(stranger, story.on).patient()
            asked = questions(asked_for, mine.places, mine, theirs, number, seed=6)
            beside = told(actors, mine, asked, forms)
        alone = told(actors, mine, asked, forms)
    assert set(alone) == set(beside)
    return Compared(len(alone), len(asked), [one for one in alone if alone[one] != beside[one]])


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, "django.request")


def test_two_worlds_answer_alike(story: Story, stranger: User) -> None:
    done = compare(story, stranger, QUERIES)
    assert done.differ == [], many(done.differ)
    assert done.queries > QUERIES * 10


@pytest.mark.assure
def test_two_worlds_answer_alike_to_very_many_queries(story: Story, stranger: User, assurance: Any) -> None:
    done = compare(story, stranger, 200)
    assert done.differ == [], many(done.differ)
    assurance("twin_worlds", answers=done.answers, queries=done.queries, differences=0)
