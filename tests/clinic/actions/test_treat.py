"""A visit is started, written, signed, amended and discarded."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from strigil.clinic.actions import Refused, evaluate, respond, screen, treat
from strigil.clinic.models import Override, Reading, Treatment, Visit
from strigil.pathway.facts import Moment
from tests.clinic.actions.made import held, overridden
from tests.clinic.cast import AREA, FOREARM, TREATED, UPPER_ARM, Story, everything


def test_starting_again_returns_to_the_draft(story: Story) -> None:
    course = story.course()
    first = story.draft(course)
    assert story.draft(course).pk == first.pk
    assert story.days(2).draft(course).pk == first.pk


def test_visits_are_numbered_and_do_not_go_back_in_time(story: Story) -> None:
    course = story.with_visits(2)
    assert [one.number for one in course.visits.all()] == [1, 2]
    with pytest.raises(Refused, match="already recorded"):
        story.days(-1).draft(course)
    with pytest.raises(Refused, match="a visit cannot lie before it"):
        story.days(-1).draft(story.course())


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"technique": "magic"}, "'magic' is not a technique"),
        ({"phases_done": ("levitate",)}, "no phase 'levitate'"),
        ({"treatments": (AREA, AREA)}, "recorded twice"),
        ({"treatments": (replace(AREA, instrument="spoon"),)}, "'spoon' is not an instrument"),
        ({"treatments": (replace(AREA, force_newton=Decimal(5), force_method="measured"),)}, "names its device"),
        ({"readings": (evaluate.ReadingInput("nprs", Decimal(11), Moment.BEFORE),)}, "allowed 0 to 10"),
        ({"reactions": (respond.ReactionInput("glow"),)}, "'glow' is not a reaction"),
        ({"reactions": (respond.ReactionInput("gate_48h"),)}, "'gate_48h' is not a reaction"),
    ],
)
def test_a_visit_that_is_refused_leaves_the_draft_as_it_was(changes: dict[str, Any], why: str, story: Story) -> None:
    visit = story.written(story.draft(story.course()))
    before = everything()
    with pytest.raises(Refused, match=why):
        story.written(visit, **changes)
    assert everything() == before


def sign(story: Story, visit: Visit, **more: Any) -> None:
    treat.sign_visit(by=story.by, visit=visit, seen=visit.version, **more)


def test_a_visit_is_signed_only_when_it_is_whole(story: Story, someone: Any) -> None:
    course = story.course()
    visit = story.draft(course)
    with pytest.raises(Refused, match="Nothing was treated: say why in the note"):
        sign(story, visit)
    story.written(visit, treatments=(replace(AREA, seconds=None),))
    with pytest.raises(Refused, match="Give the time for each area"):
        sign(story, visit)
    story.written(visit)
    with pytest.raises(Refused, match="No screen is recorded"):
        sign(story, visit)
    story.days(-1).screened(course)
    with pytest.raises(Refused, match=r"from an earlier day .* Confirm it"):
        sign(story, visit)
    story.screened(course, yes=["red_flag_dvt"])
    with pytest.raises(Refused, match=r"says emergency. That is never overridden. Send the patient"):
        sign(story, visit)
    story.screened(course, unasked=[])
    story.written(visit, reactions_asked=False, reactions=())
    with pytest.raises(Refused, match="Say how skin and symptoms were at the end"):
        sign(story, visit)
    story.written(visit, unconfirmed=("area-0-seconds",))
    with pytest.raises(Refused, match="Copied is not confirmed"):
        sign(story, visit)
    with pytest.raises(Refused, match="Only an owner or a clinician"):
        treat.sign_visit(by=someone("assistant"), visit=visit, seen=visit.version, confirmed=True)
    sign(story, visit, confirmed=True)
    visit.refresh_from_db()
    assert (visit.status, visit.signed_by, visit.unconfirmed) == ("signed", story.by, [])
    with pytest.raises(Refused, match="already signed"):
        sign(story, visit)


def test_a_screen_that_is_not_complete_does_not_permit_treatment(story: Story) -> None:
    course = story.course()
    assert story.screened(course, unasked=["crps"]).outcome == "incomplete"
    visit = story.written(story.draft(course))
    with pytest.raises(Refused, match="is not complete: 1 question open"):
        sign(story, visit)


def test_an_area_to_avoid_or_not_looked_at_is_not_signed(story: Story) -> None:
    course = story.course(regions=(FOREARM, UPPER_ARM))
    story.screened(course)
    evaluate.record_answers(
        by=story.by, course=course, on=story.on, answers=[evaluate.AnswerInput("open_wound", "yes", FOREARM, "right")]
    )
    screen.store_screening(by=story.by, course=course, on=story.on)
    visit = story.written(story.draft(course))
    with pytest.raises(Refused, match=r"says avoid at Forearm, lateral .extensors., right: "):
        sign(story, visit)
    story.written(visit, treatments=(replace(AREA, region="knee"),))
    with pytest.raises(Refused, match=r"the screen did not look at it. Add the site and screen it"):
        sign(story, visit)
    story.written(visit, treatments=(replace(AREA, region=UPPER_ARM),))
    sign(story, visit)


def test_a_visit_without_treatment_needs_a_note_but_no_screen(story: Story) -> None:
    visit = story.draft(story.course())
    story.written(visit, treatments=(), reactions_asked=False, reactions=(), note="Fever; sent home.")
    sign(story, visit)


def test_a_signed_visit_is_neither_written_nor_discarded(story: Story) -> None:
    visit = story.signed(story.course())
    before = everything()
    with pytest.raises(Refused, match="amend it, with a reason"):
        story.written(visit)
    with pytest.raises(Refused, match="never discarded"):
        treat.discard_visit(by=story.by, visit=visit, seen=visit.version)
    assert everything() == before


def test_an_amendment_keeps_the_visit_as_it_read_before(story: Story) -> None:
    area = replace(AREA, force_newton=Decimal("4.5"), force_method="measured", force_device="load cell")
    red = respond.ReactionInput("redness_heat", FOREARM, "right", still_present=True, larger=False)
    visit = story.signed(story.course(), treatments=(area,), found="a ridge", reactions=(red,))
    grown = [replace(red, larger=True)]
    respond.record_reaction(by=story.by, visit=visit, when="next_day", on=story.on, reactions=grown, note="rang")
    given = replace(TREATED, treatments=(replace(AREA, seconds=90),), reactions=(), readings=(), note="Was 90 s.")
    treat.amend_visit(by=story.by, visit=visit, seen=visit.version, given=given, reason="misread the clock")
    before = visit.amendments.get().before
    assert before["treatments"][0]["seconds"] == 60
    assert before["treatments"][0]["force_newton"] == "4.5"
    assert before["treatments"][0]["force_device"] == "load cell"
    assert before["readings"][0]["value"] == "5"
    assert before["readings"][0]["rater"] == "Clinician"
    seen = {"reaction": "redness_heat", "region": FOREARM, "side": "right", "still_present": True, "larger": False}
    assert before["reactions"] == [
        {"when": "end", "on": "2026-11-20", "none_seen": False, "note": "", "said_by": "staff", "seen": [seen]},
        {
            "when": "next_day", "on": "2026-11-20", "none_seen": False, "note": "rang", "said_by": "staff",
            "seen": [seen | {"larger": True}],
        },
    ]  # fmt: skip
    kept = {field.name for field in Reading._meta.fields} - {"id", "clinic", "created_at", "created_by", "version"}
    assert set(before["readings"][0]) == kept - {"course", "visit"}
    assert before["found"] == "a ridge"
    assert visit.treatments.get().seconds == 90
    visit.refresh_from_db()
    assert (visit.status, visit.signed_by, visit.note) == ("signed", story.by, "Was 90 s.")
    treat.amend_visit(by=story.by, visit=visit, seen=visit.version, given=TREATED, reason="misread again")
    assert [one.before["treatments"][0]["seconds"] for one in visit.amendments.all()] == [60, 90]


@pytest.mark.parametrize(
    ("changes", "reason", "why"),
    [
        ({}, " ", "Say why the visit is amended"),
        ({"treatments": (replace(AREA, seconds=None),)}, "typo", "Give the time"),
        ({"treatments": (), "note": ""}, "typo", "say why in the note"),
        ({"reactions_asked": False, "reactions": ()}, "typo", "Say how skin and symptoms were"),
    ],
)
def test_an_amendment_may_not_take_away_what_signing_asked_for(
    changes: dict[str, Any], reason: str, why: str, story: Story
) -> None:
    visit = story.signed(story.course())
    before = everything()
    with pytest.raises(Refused, match=why):
        treat.amend_visit(
            by=story.by, visit=visit, seen=visit.version, given=replace(TREATED, **changes), reason=reason
        )
    assert everything() == before


def test_only_a_clinician_amends_and_only_what_is_signed(story: Story, someone: Any) -> None:
    visit = story.signed(story.course())
    with pytest.raises(Refused, match="Only an owner or a clinician"):
        treat.amend_visit(by=someone("assistant"), visit=visit, seen=3, given=TREATED, reason="x")
    draft = story.draft(story.course())
    with pytest.raises(Refused, match="still a draft"):
        treat.amend_visit(by=story.by, visit=draft, seen=1, given=TREATED, reason="x")


def test_discarding_takes_the_draft_and_all_that_hung_on_it_and_frees_its_number(story: Story) -> None:
    course = story.course()
    visit = held(story, course)
    overridden(story, visit)
    treat.discard_visit(by=story.by, visit=visit, seen=visit.version)
    assert not Visit.objects.exists()
    assert not Treatment.objects.exists()
    assert not Override.objects.exists()
    assert not course.readings.exists()
    assert story.draft(course).number == 1
