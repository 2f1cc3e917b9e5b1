"""A reaction is looked at, asked about, or not known; and a name is found as it is written."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from strigil.clinic import gather
from strigil.clinic.actions import Refused, respond
from strigil.clinic.models import Reaction, Visit
from tests.clinic.cast import Story, everything


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"when": "end"}, "recorded in the visit"),
        ({"when": "someday"}, "recorded in the visit"),
        ({"on": date(2026, 11, 19)}, "cannot be noted before the visit"),
        ({"reactions": [respond.ReactionInput("glow")]}, "'glow' is not a reaction"),
    ],
)
def test_a_reaction_that_cannot_be_is_refused(changes: dict[str, Any], why: str, story: Story) -> None:
    visit = story.signed(story.course())
    before = everything()
    given = {"when": "next_day", "on": story.on, "reactions": []} | changes
    with pytest.raises(Refused, match=why):
        respond.record_reaction(by=story.by, visit=visit, **given)
    assert everything() == before


def test_a_mark_that_was_larger_and_has_gone_keeps_nobody_from_treating(story: Story) -> None:
    visit = story.signed(story.course(), reactions=(respond.ReactionInput("mild_bruise"),))
    for seen in ([respond.ReactionInput("mild_bruise", still_present=True, larger=True)], []):
        respond.record_reaction(by=story.by, visit=visit, when="next_day", on=story.on, reactions=seen)
    (fact,) = gather.visit_facts(gather.with_doses(Visit.objects.all()).get()).reactions
    assert (fact.still_present, fact.larger) == (False, False)


def test_asked_and_none_is_another_thing_than_not_asked(story: Story) -> None:
    visit = story.signed(story.course(), reactions=())
    assert visit.reaction_checks.get().none_seen
    story.asked_after(visit, "soreness")
    assert [one.none_seen for one in visit.reaction_checks.all()] == [True, False]
    assert Reaction.objects.get().reaction == "soreness"


def test_a_name_is_kept_as_written_and_found_without_case_or_accents(story: Story) -> None:
    patient = story.patient("  Éva   TÓTH ")
    assert (patient.name, patient.search) == ("Éva TÓTH", "eva toth")
    with pytest.raises(Refused, match="Give the patient's name"):
        story.patient("   ")
