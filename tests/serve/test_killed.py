"""Workers, the server and the database are killed while eight people write: nothing acknowledged is lost."""

from __future__ import annotations

import random
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from strigil.accounts.models import User
from strigil.clinic.models import Plan, Sent
from tests.clinic.cast import Story
from tests.clinic.work import PLAN
from tests.serve.hands import Person, Server, at_once, served, wait_for
from tests.serve.nemesis import WRITERS, History, Writers, judge, kept_alive, kill_something, looked_after, outcome
from tests.serve.plants import MARK

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS, ACKNOWLEDGED = 20, 1000
FEW = 60


@pytest.fixture
def users(someone: Callable[..., User]) -> list[User]:
    return [someone("clinician") for _ in range(WRITERS)]


def a_round(users: list[User], dice: random.Random, acknowledged: int, **given: Any) -> tuple[History, Counter[str]]:
    """Kill something about every third of the way until so many writes were acknowledged."""
    server, killed = [Server(2, **given)], Counter[str]()
    with kept_alive(server), Writers(server[0].port, users) as writers:
        history = writers.history
        for part in (1, 2, 3):
            target = acknowledged * part // 3 + dice.randint(0, acknowledged // 10)
            wait_for(lambda so_many=target: looked_after(server, **given) and history.acknowledged >= so_many, 600)
            killed[kill_something(server, dice, **given)] += 1
    return history, killed


def test_what_was_acknowledged_outlives_a_kill(users: list[User]) -> None:
    history, _ = a_round(users, random.Random(), FEW)
    assert judge(history)["acknowledged"] >= FEW


@pytest.mark.assure
def test_twenty_rounds_of_killing_lose_nothing(users: list[User], assurance: Callable[..., None]) -> None:
    counted, killed = Counter[str](), Counter[str]()
    for number in range(ROUNDS):
        history, deaths = a_round(users, random.Random(number), ACKNOWLEDGED)
        counted += Counter(judge(history))
        killed += deaths
    assurance(
        "killed_while_writing",
        rounds=ROUNDS,
        kills=killed.total(),
        acknowledged=counted["acknowledged"],
        lost=counted["lost"],
        partial=counted["partial"],
    )


def test_an_answer_before_the_commit_is_caught(users: list[User]) -> None:
    given = {"DJANGO_SETTINGS_MODULE": "tests.serve.planted", "STRIGIL_PLANT": "answer_before_commit"}
    server = [Server(2, **given)]
    with kept_alive(server), Writers(server[0].port, users) as writers:
        wait_for(lambda: writers.history.acknowledged >= WRITERS)
        server[0].kill()
    with pytest.raises(AssertionError, match="acknowledged and lost"):
        judge(writers.history)


# --- The same form again ----------------------------------------------------------------------------------------


def test_a_form_whose_answer_was_lost_is_answered_and_not_done_again(clinician: User, tmp_path: Path) -> None:
    course = Story(clinician, date.today()).course()
    mark = tmp_path / "mark"
    given = {"DJANGO_SETTINGS_MODULE": "tests.serve.planted", "STRIGIL_PLANT": "die_before_answering", MARK: str(mark)}
    page, sent = f"/courses/{course.pk}/plan", PLAN | {"once": str(uuid.uuid4())}
    with served(workers=1, **given) as server:
        person, colleague = Person(server.port, clinician), Person(server.port, clinician)
        mark.touch()
        assert outcome(lambda: person.post(page, sent))[0] == "unknown"
        assert Plan.objects.count() == 1
        wait_for(lambda: person.status("/ready") == 200)
        got = at_once([lambda: colleague.post(page, sent)] * 16)
    assert {(one.status, one.to) for one in got} == {(302, Sent.objects.get().to)}
    assert Plan.objects.count() == 1


def test_sixteen_of_one_form_at_once_are_done_once_and_another_persons_key_is_theirs(
    clinician: User, someone: Callable[..., User]
) -> None:
    course = Story(clinician, date.today()).course()
    page, sent = f"/courses/{course.pk}/plan", PLAN | {"once": str(uuid.uuid4())}
    with served(workers=2) as server:
        person = Person(server.port, clinician)
        got = at_once([lambda: person.post(page, sent)] * 16)
        assert {(one.status, one.to) for one in got} == {(302, Sent.objects.get().to)}
        assert Plan.objects.count() == 1
        assert Person(server.port, someone("clinician")).post(page, sent).status == 302
        assert Plan.objects.count() == 2, "a key of somebody else's is not replayed"
        connection.close()
