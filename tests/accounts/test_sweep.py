"""Each route × method × person × object answers as the one table says, and a refusal changes nothing."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from strigil.accounts.gate import PolicyGate, own, user_of
from strigil.accounts.models import User
from strigil.accounts.policy import POLICY, may
from tests.accounts.sweep import METHODS, Relation, relations, sweep
from tests.accounts.worlds import ACTORS, Actor, World, gone, many, undone, world
from tests.clinic.cast import Story

Related = dict[str, dict[Relation, str]]


@pytest.fixture
def places(story: Story, stranger: User, caplog: pytest.LogCaptureFixture) -> Any:
    caplog.set_level(logging.ERROR, "django.request")
    no_more = gone(story)
    mine, theirs = world(story), world(Story(stranger, story.on))
    assert set(mine.places) == set(theirs.places) == set(POLICY)
    return mine, relations(mine, theirs, no_more)


def test_everything_answers_as_the_table_says(places: Any, assurance: Any) -> None:
    mine, related = places
    done = [sweep(make(mine), related) for make in ACTORS.values()]
    faults = [fault for one in done for fault in one.faults]
    assert faults == [], many(faults)
    tried, denied = sum(one.tried for one in done), sum(one.denied for one in done)
    assert tried == len(ACTORS) * len(METHODS) * sum(map(len, related.values()))
    assert denied > tried / 2
    assurance("sweep", people=len(ACTORS), routes=len(related), requests=tried, denied=denied, not_as_the_table_says=0)


# --- The harness catches what it is for -------------------------------------------------------------------------


def unscoped(request: HttpRequest, model: Any, key: object, *related: str) -> Any:
    return get_object_or_404(model.objects.select_related(*related), pk=key)


def told(request: HttpRequest, model: Any, key: object, *related: str) -> Any:
    found = unscoped(request, model, key)
    if found.clinic_id != user_of(request).clinic_id:
        raise PermissionDenied
    return found


def counted(request: HttpRequest, model: Any, key: object, *related: str) -> Any:
    """Refuses as it should, but not without leaving a mark."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE clinic_patient SET note = note || '.'")
    return own(request, model, key, *related)


HOLES = [
    (unscoped, "owner: GET patient, their key: answered 200, and the table says 404"),
    (told, "owner: GET patient, their key: answered 403, and the table says 404"),
    (counted, "changed ['clinic_patient'] though refused"),
    (told, "owner: GET patient, their key: differs from what never was"),
]


def a_view_with_a_hole(mine: World, related: Related, plant: pytest.MonkeyPatch) -> None:
    for planted, said in HOLES:
        with undone():
            plant.setattr("strigil.clinic.views.patients.own", planted)
            found = sweep(ACTORS["owner"](mine), {"patient": related["patient"]})
            assert [one for one in found.faults if said in one], many(found.faults)


def a_gate_that_lets_one_role_more(mine: World, related: Related, plant: pytest.MonkeyPatch) -> None:
    lax = lambda route, method, role: may(route, method, role) or (route, role) == ("course", "front_desk")  # noqa: E731
    plant.setattr("strigil.accounts.gate.may", lax)
    faults = [fault for name in ("front_desk", "auditor") for fault in sweep(ACTORS[name](mine), related).faults]
    assert {fault.split(",")[0] for fault in faults} == {"front_desk: GET course", "front_desk: HEAD course"}


def a_gate_that_forgets_methods(mine: World, related: Related, plant: pytest.MonkeyPatch) -> None:
    gate = PolicyGate.process_view

    def lax(self: PolicyGate, request: HttpRequest, *rest: Any) -> Any:
        return None if request.method == "DELETE" else gate(self, request, *rest)

    plant.setattr(PolicyGate, "process_view", lax)
    done = sweep(ACTORS["clinician"](mine), {"today": related["today"]})
    assert done.faults == ["clinician: DELETE today, own: answered 200, and the table says 405"]


def somebody_who_should_be_signed_out_and_is_not(mine: World, related: Related, _: pytest.MonkeyPatch) -> None:
    owner = ACTORS["owner"](mine)
    done = sweep(Actor("deactivated", None, owner.client), {"patients": related["patients"]})
    assert "deactivated: GET patients, own: answered 200, and the table says the sign-in page" in done.faults


PLANTED = (
    a_view_with_a_hole,
    a_gate_that_lets_one_role_more,
    a_gate_that_forgets_methods,
    somebody_who_should_be_signed_out_and_is_not,
)


def test_whatever_is_planted_is_caught(places: Any) -> None:
    """One after the other, in the same two clinics: making those takes longest."""
    mine, related = places
    for planted in PLANTED:
        with undone(), pytest.MonkeyPatch.context() as plant:
            planted(mine, related, plant)
