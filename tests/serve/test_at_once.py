"""Sixteen people save the same version at the same moment: one has it, the others are told, and keep their text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import pytest

from strigil.accounts.models import Clinic, User
from strigil.clinic import actions
from strigil.clinic.models import Appointment, CheckIn, Course, Draft, Patient, Photograph, Record, RequestPage, Visit
from strigil.clinic.slots import word_of
from tests.clinic.cast import Story
from tests.clinic.work import WORK
from tests.serve.hands import Answer, Person, Server, at_once, served

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 16
DONE, GONE, CONFLICT, REFUSED = 302, 404, 409, 422
ROUNDS = 200


class Kind(NamedTuple):
    """What can be edited, and the field that takes a sentence, where there is one."""

    model: type[Record]
    text: str = ""


KINDS: dict[str, Kind] = {
    "edit_patient": Kind(Patient, "note"),
    "evaluate": Kind(Course, "complaint"),
    "close_course": Kind(Course, "note"),
    "visit": Kind(Visit, "note"),
    "merge_visit": Kind(Visit),
    "sign_visit": Kind(Visit),
    "amend_visit": Kind(Visit, "note"),
    "discard_visit": Kind(Visit),
    "appointment": Kind(Appointment),
    "move_appointment": Kind(Appointment),
    "confirm_request": Kind(Appointment),
    "look_at_check_in": Kind(CheckIn, "note"),
    "remove_photograph": Kind(Photograph, "because"),
    "book_rules": Kind(RequestPage, "page-phone"),
    "draft": Kind(Draft, "note"),
}


@pytest.fixture
def today(clinician: User) -> Story:
    """The server has the true day."""
    return Story(clinician, date.today())


@pytest.fixture(scope="module")
def server(django_db_setup: None) -> Iterator[Server]:
    with served(workers=2) as made:
        yield made


def work(kind: str, story: Story) -> tuple[str, dict[str, Any]]:
    if kind == "book_rules":
        page = RequestPage.objects.filter(clinic=story.by.clinic).first() or story.page(f"ask-{story.by.pk.hex[-12:]}")
        given = {"is_open": "yes", "address": page.address, "notice_hours": "24", "days_ahead": "28"}
        return "/book/rules", {"what": "page"} | {
            f"page-{n}": v for n, v in (given | {"version": page.version}).items()
        }
    address, given = WORK[kind](story)
    if "on" in given:
        given = {**given, "on": (story.on + timedelta(days=3)).isoformat()}
    return address, given


def race(server: Server, story: Story, kind: str) -> list[tuple[str, Answer]]:
    """What each had typed, and what each was answered."""
    address, given = work(kind, story)
    person, this_time = Person(server.port, story.by), uuid4().hex[:8]  # an earlier race left its winner's words

    def save(words: str) -> tuple[str, Answer]:
        sent = given | ({text: words} if (text := KINDS[kind].text) else {})
        return words, person.post(address, sent)

    return at_once([partial(save, f"typed by number {number:02} of {this_time}") for number in range(MANY)])


def winners(got: list[tuple[str, Answer]]) -> list[str]:
    return [words for words, answer in got if answer.status == DONE]


def judge(kind: str, got: list[tuple[str, Answer]]) -> None:
    """One has it; the others are told and keep what they typed, and nothing of theirs is held."""
    text, held = KINDS[kind].text, str(list(KINDS[kind].model._default_manager.values()))
    won = winners(got)
    assert (len(got), len(won)) == (MANY, 1), sorted(answer.status for _, answer in got)
    for words, answer in got:
        if words in won:
            assert not text or words in held
            continue
        # A draft that is thrown away is gone for whoever comes a moment later.
        assert answer.status == CONFLICT or (kind, answer.status) == ("discard_visit", GONE), answer
        assert words not in held
        assert not text or kind == "draft" or words in answer.text, "what was typed is not on the page any more"


def test_every_kind_that_is_claimed_by_its_version_is_raced() -> None:
    claimed = {
        found
        for file in Path(actions.__file__).parent.glob("*.py")
        for found in re.findall(r"raise_version\((\w+),", file.read_text())
    }
    raced = {one.model.__name__.lower() for one in KINDS.values()}
    assert {{"check_in": "checkin", "page": "requestpage"}.get(one, one) for one in claimed} <= raced


@pytest.mark.parametrize("kind", KINDS)
def test_one_of_sixteen_has_it_and_fifteen_are_told(kind: str, server: Server, today: Story) -> None:
    judge(kind, race(server, today, kind))


@pytest.mark.assure
def test_two_hundred_rounds_have_one_winner_each(
    server: Server, someone: Callable[..., User], assurance: Callable[..., None]
) -> None:
    for number, kind in enumerate(islice(cycle(KINDS), ROUNDS)):
        elsewhere = Clinic.objects.create(name=f"Round {number}")  # hours and appointments of no earlier round
        judge(kind, race(server, Story(someone("clinician", at=elsewhere), date.today()), kind))
    assurance("same_version", rounds=ROUNDS, at_once=MANY, winners_each=1, server_errors=0)


def test_of_sixteen_who_book_one_time_one_has_it(server: Server, today: Story) -> None:
    patient, slot = today.patient(), word_of(today.days(1).slot())
    person = Person(server.port, today.by)
    got = at_once([lambda: person.post(f"/patients/{patient.pk}/book", {"slot": slot}).status] * MANY)
    assert sorted(got) == [DONE, *[REFUSED] * (MANY - 1)]
    assert Appointment.objects.count() == 1


def test_a_version_that_is_compared_before_it_is_claimed_is_caught(today: Story) -> None:
    with served(workers=2, DJANGO_SETTINGS_MODULE="tests.serve.planted", STRIGIL_PLANT="check_then_save") as planted:
        rounds = (race(planted, today, "edit_patient") for _ in range(20))
        assert any(len(winners(got)) > 1 for got in rounds)
