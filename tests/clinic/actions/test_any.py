"""Every write: its own clinic only, with its trace, all or nothing, and never over somebody else's."""

from __future__ import annotations

from typing import Any

import pytest

from strigil.accounts.models import User
from strigil.clinic.actions import Refused, StaleVersion, register, treat
from strigil.clinic.models import AuditEvent
from tests.clinic.actions.made import ACTIONS, PERSON, VERSIONED
from tests.clinic.cast import Story, everything


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_leaves_one_trace_of_who_did_what_to_whom(name: str, story: Story, someone: Any) -> None:
    act = ACTIONS[name](story)
    other = someone("owner")
    before = set(AuditEvent.objects.values_list("pk", flat=True))
    act(story, other)
    trace = AuditEvent.objects.exclude(pk__in=before).get()
    assert trace.action == name
    assert trace.user == other
    assert trace.clinic == other.clinic
    assert trace.patient_id is not None
    assert trace.object_id is not None


def test_registering_leaves_a_trace(story: Story) -> None:
    patient = story.patient()
    trace = AuditEvent.objects.get()
    assert (trace.action, trace.object_id, trace.patient_id) == ("patient.register", patient.pk, patient.pk)


@pytest.mark.parametrize("name", ACTIONS)
def test_nobody_writes_into_another_clinics_record(name: str, story: Story, stranger: User) -> None:
    act = ACTIONS[name](story)
    before = everything()
    with pytest.raises(Refused, match="another clinic"):
        act(story, stranger)
    assert everything() == before


@pytest.mark.parametrize("name", ACTIONS)
def test_a_write_whose_trace_cannot_be_kept_is_not_made(
    name: str, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    act = ACTIONS[name](story)
    before = everything()

    def fail(**_: object) -> None:
        raise RuntimeError("the audit table is gone")

    monkeypatch.setattr(AuditEvent.objects, "create", fail)
    with pytest.raises(RuntimeError):
        act(story, story.by)
    assert everything() == before


@pytest.mark.parametrize("name", sorted(VERSIONED))
def test_of_two_saves_from_the_same_page_exactly_one_wins(name: str, story: Story) -> None:
    act = ACTIONS[name](story)
    act(story, story.by)
    before = everything()
    with pytest.raises(Refused) as refusal:
        act(story, story.by)
    assert everything() == before
    if name in ("patient.correct", "course.describe", "visit.write", "visit.amend"):
        assert isinstance(refusal.value, StaleVersion)
        assert "Somebody else saved this" in str(refusal.value)


@pytest.mark.parametrize("seen", [0, 2, -1, 10**30])
def test_only_the_version_that_stands_can_be_saved_over(seen: int, story: Story) -> None:
    patient = story.patient()
    before = everything()
    with pytest.raises(StaleVersion):
        register.correct_patient(by=story.by, patient=patient, seen=seen, **PERSON)
    assert everything() == before


def test_a_draft_that_changed_meanwhile_is_not_thrown_away(story: Story) -> None:
    visit = story.draft(story.course())
    story.written(visit)
    before = everything()
    with pytest.raises(StaleVersion):
        treat.discard_visit(by=story.by, visit=visit, seen=1)
    assert everything() == before
