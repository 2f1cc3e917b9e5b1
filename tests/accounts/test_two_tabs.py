"""Two tabs of one browser, two patients: whatever is opened and saved in whichever order lands where its page was."""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client

from strigil.accounts.gate import own
from strigil.clinic.models import Course, Patient
from tests.accounts.forms import Form, forms_of
from tests.clinic.cast import Story

SEQUENCES = 25
"""10,000 with ``-m assure``."""


def crossed(story: Story, client: Client, number: int) -> list[str]:
    """Saves that did not land on the record of their own page, in random orders of opening and saving."""
    courses = [story.course(story.patient(name)) for name in ("Ada Eigen", "Bea Anders")]
    places = [f"/patients/{one.patient_id}/edit" for one in courses] + [
        f"/courses/{one.pk}/evaluate" for one in courses
    ]
    found, chance = [], random.Random(4)
    for turn in range(number):
        tabs: dict[int, Form] = {}
        for step in range(chance.randint(3, 8)):
            tab = chance.randrange(len(places))
            if tab not in tabs or chance.random() < 0.3:
                forms = forms_of(client.get(places[tab]), places[tab])
                tabs[tab] = next(one for one in forms if any(name == FIELD[tab // 2] for name, _ in one.sent))
                continue
            form, word = tabs.pop(tab), f"{turn}.{step} in tab {tab}"
            before = _written(courses)
            sent = dict(form.sent) | {FIELD[tab // 2]: word}
            status = client.post(form.action, sent).status_code
            after = _written(courses)
            if after != before | {tab: word} or status != 302:
                found.append(f"{word}: {status}, {after}")
    return found


FIELD = ("note", "complaint")


def _written(courses: list[Course]) -> dict[int, str]:
    notes = [Patient.objects.get(pk=one.patient_id).note for one in courses]
    return dict(enumerate(notes + [Course.objects.get(pk=one.pk).complaint for one in courses]))


def test_what_is_saved_lands_where_its_page_was(story: Story, tablet: Client) -> None:
    assert crossed(story, tablet, SEQUENCES) == []


@pytest.mark.assure
def test_ten_thousand_orders_of_two_tabs(story: Story, tablet: Client, assurance: Any) -> None:
    found = crossed(story, tablet, 10_000)
    assert found == []
    assurance("two_tabs", sequences=10_000, crossed=0)


def test_a_current_patient_would_be_caught(story: Story, tablet: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    last: dict[type, Any] = {}

    def current(request: HttpRequest, model: Any, key: object, *related: str) -> Any:
        """The record that was opened last, whichever page is sent."""
        found = own(request, model, key, *related)
        if request.method == "GET":
            last[model] = key
            return found
        return own(request, model, last[model], *related)

    monkeypatch.setattr("strigil.clinic.views.patients.own", current)
    assert crossed(story, tablet, SEQUENCES)
