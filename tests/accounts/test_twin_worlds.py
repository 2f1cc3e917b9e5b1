"""What another clinic has cannot be learnt from anything one's own clinic is told: no list, count, search or error."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest
import time_machine

from strigil.accounts.models import User
from strigil.clinic.actions.register import folded
from strigil.clinic.models import Patient
from strigil.clinic.views import patients
from tests.accounts.twins import numbered, questions, told, what_is_asked
from tests.accounts.worlds import ACTORS, many, undone, world
from tests.clinic.cast import Story

QUERIES = 3
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
    with time_machine.travel(f"{story.on}T12:00:00+00:00", tick=False), numbered(1):
        mine = world(story)
        actors = [ACTORS[name](mine) for name in names]
        forms = [
            *NAMESAKES,
            ("fill", {f"item_{place}": "2" for place in range(10)}),
            ("confirm_request", {"patient": str(mine.story.patient().pk), "version": 1}),
        ]
        asked_for = what_is_asked(mine.places, actors)
        with undone(), numbered(10**9):
            theirs = world(Foreign(stranger, story.on))
            Story(stranger, story.on).patient()
            asked = questions(asked_for, mine.places, mine, theirs, number, seed=6)
            with numbered(10**12):
                beside = told(actors, mine, asked, forms)
        with numbered(10**12):
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


# --- The harness catches what it is for -------------------------------------------------------------------------


def test_a_list_that_counts_everybodys_is_caught(story: Story, stranger: User, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = patients.answer

    def counting(request: Any, template: str, context: dict[str, Any], **more: Any) -> Any:
        return honest(request, template, context | {"more": str(Patient.objects.count())}, **more)

    monkeypatch.setattr("strigil.clinic.views.patients.answer", counting)
    done = compare(story, stranger, 1, ["front_desk"])
    assert ("front_desk", "GET", "/patients") in done.differ


def test_a_search_that_looks_everywhere_first_is_caught(
    story: Story, stranger: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No row of another clinic is shown; only whether there is one can be told."""
    same_name = patients._same_name
    known = lambda name: Patient.objects.filter(search=folded(name)).exists()  # noqa: E731 - read at a glance
    monkeypatch.setattr(
        "strigil.clinic.views.patients._same_name",
        lambda request, name: same_name(request, "Éva Tóth" if known(name) else name),
    )
    done = compare(story, stranger, 1, ["front_desk"])
    assert [where for _, _, where in done.differ if "Zdenka" in where], many(done.differ)
