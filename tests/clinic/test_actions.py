"""Every write: its own clinic only, with its trace, all or nothing, and never over somebody else's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from strigil.accounts.models import User
from strigil.clinic import gather, hindrances
from strigil.clinic.actions import Refused, StaleVersion, evaluate, papers, plan, register, respond, screen, treat
from strigil.clinic.actions.medicines import record_medicines
from strigil.clinic.models import AuditEvent, Course, Override, Reaction, Reading, Screening, Treatment, Visit
from strigil.knowledge import load
from strigil.pathway import screen as pathway
from strigil.pathway.facts import Moment
from strigil.pathway.screen.json import case_from_json, decision_to_json
from tests.clinic.cast import AREA, FOREARM, PLAN, TREATED, UPPER_ARM, Story, everything

Call = Callable[[Story, User], Any]
PERSON = {"name": "B", "born": None, "sex": "male", "phone": "", "email": "", "may_mail": "", "note": ""}
TEXT = {"complaint": "it hurts", "history": "", "assessment": "", "onset": None}


def correct(story: Story) -> Call:
    patient = story.patient()
    return lambda _, by: register.correct_patient(by=by, patient=patient, seen=1, **PERSON)


def open_course(story: Story) -> Call:
    patient = story.patient()
    return lambda then, by: replace(then, by=by).course(patient)


def add_site(story: Story) -> Call:
    course = story.course()
    return lambda _, by: evaluate.add_site(by=by, course=course, site=evaluate.SiteInput(UPPER_ARM, "right"))


def remove_site(story: Story) -> Call:
    site = story.course(regions=(FOREARM, UPPER_ARM)).sites.get(region=UPPER_ARM)
    return lambda _, by: evaluate.remove_site(by=by, site=site)


def describe(story: Story) -> Call:
    course = story.course()
    return lambda _, by: evaluate.describe_course(by=by, course=course, seen=1, **TEXT)


def answer(story: Story) -> Call:
    course = story.course()
    given = [evaluate.AnswerInput("cancer", "no")]
    return lambda then, by: evaluate.record_answers(by=by, course=course, on=then.on, answers=given)


def read(story: Story) -> Call:
    course = story.course()
    given = [evaluate.ReadingInput("nprs", Decimal(3), Moment.BEFORE)]
    return lambda then, by: evaluate.record_readings(by=by, course=course, on=then.on, readings=given)


def goal(story: Story) -> Call:
    course = story.course()
    return lambda _, by: evaluate.set_goal(by=by, course=course, measure="nprs", value=Decimal(2), by_day=None)


def close(story: Story) -> Call:
    course = story.course()
    return lambda then, by: evaluate.close_course(by=by, course=course, seen=1, on=then.on, status="finished", note="")


def screening(story: Story) -> Call:
    course = story.course()
    return lambda then, by: screen.store_screening(by=by, course=course, on=then.on)


def clear(story: Story) -> Call:
    patient = story.patient()
    return lambda then, by: screen.record_clearance(
        by=by, patient=patient, finding="anticoagulants", physician="Dr A", agreed_on=then.on, until=then.on, on=then.on
    )


def override(story: Story) -> Call:
    visit = held(story)
    return lambda _, by: overridden(replace(story, by=by), visit)


def held(story: Story, course: Course | None = None) -> Visit:
    """A written draft of a patient whom the screen holds back for the day."""
    course = course or story.course()
    story.screened(course, yes=["malnourished_fatigued"])
    return story.written(story.draft(course))


def in_the_way(visit: Visit) -> list[hindrances.Hindrance]:
    sites = [gather.site(one.region, one.side) for one in visit.course.sites.all()]
    return hindrances.still_open(Visit.objects.get(pk=visit.pk), sites)


def overridden(story: Story, visit: Visit, reason: str = "ate meanwhile", **more: Any) -> Override:
    """All that stands in the way of a visit, overridden with one reason."""
    given = {"overriding": [one.key for one in in_the_way(visit)]} | more
    return treat.override_for_visit(by=story.by, visit=visit, reason=reason, **given)


def make_plan(story: Story) -> Call:
    course = story.course()
    return lambda then, by: plan.make_plan(by=by, course=course, on=then.on, plan=PLAN)


def start(story: Story) -> Call:
    course = story.course()
    return lambda then, by: treat.start_visit(by=by, course=course, on=then.on, technique="graston")


def write(story: Story) -> Call:
    visit = story.draft(story.course())
    return lambda _, by: treat.write_visit(by=by, visit=visit, seen=1, given=TREATED)


def sign(story: Story) -> Call:
    course = story.course()
    story.screened(course)
    visit = story.written(story.draft(course))
    return lambda _, by: treat.sign_visit(by=by, visit=visit, seen=2)


def amend(story: Story) -> Call:
    visit = story.signed(story.course())
    return lambda _, by: treat.amend_visit(by=by, visit=visit, seen=3, given=TREATED, reason="typing mistake")


def discard(story: Story) -> Call:
    visit = story.written(story.draft(story.course()))
    return lambda _, by: treat.discard_visit(by=by, visit=visit, seen=2)


def react(story: Story) -> Call:
    visit = story.signed(story.course())
    return lambda then, by: respond.record_reaction(by=by, visit=visit, when="next_day", on=then.on, reactions=[])


def judge(story: Story) -> Call:
    course = story.course()
    return lambda then, by: screen.record_assessment(by=by, course=course, on=then.on, outcome="proceed")


def take(story: Story) -> Call:
    course = story.course()
    return lambda then, by: record_medicines(by=by, course=course, on=then.on, typed="paracetamol")


def send_letter(story: Story) -> Call:
    course = story.course()
    held = story.screened(course, yes=["anticoagulants"])
    return lambda _, by: screen.write_letter(by=by, course=course, screening=held)


def print_note(story: Story) -> Call:
    visit = story.signed(story.course())
    return lambda _, by: papers.print_note(by=by, visit=visit, copied=[])


def print_after_session(story: Story) -> Call:
    visit = story.signed(story.course())
    return lambda _, by: papers.print_after_session(by=by, visit=visit)


def print_report(story: Story) -> Call:
    course = story.ready()
    return lambda _, by: papers.print_report(by=by, course=course)


def print_referral(story: Story) -> Call:
    course = story.with_visits(1)
    return lambda _, by: papers.print_referral(by=by, course=course)


ACTIONS = {
    "note.print": print_note,
    "after_session.print": print_after_session,
    "report.print": print_report,
    "referral.print": print_referral,
    "assessment.record": judge,
    "medicines.record": take,
    "letter.write": send_letter,
    "patient.correct": correct,
    "course.open": open_course,
    "course.add_site": add_site,
    "course.remove_site": remove_site,
    "course.describe": describe,
    "finding.answer": answer,
    "reading.record": read,
    "goal.set": goal,
    "course.close": close,
    "screening.store": screening,
    "clearance.record": clear,
    "visit.override": override,
    "plan.make": make_plan,
    "visit.start": start,
    "visit.write": write,
    "visit.sign": sign,
    "visit.amend": amend,
    "visit.discard": discard,
    "reaction.record": react,
}
VERSIONED = {"patient.correct", "course.describe", "course.close", "visit.write", "visit.sign", "visit.amend"}


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


# --- Evaluate ---


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"indication": "tennis"}, "'tennis' is not an indication"),
        ({"sites": []}, "at least one site"),
        ({"sites": [evaluate.SiteInput("elbow_pit", "left")]}, "'elbow_pit' is not a region"),
        ({"onset": date(2026, 11, 21)}, "cannot begin after"),
    ],
)
def test_a_course_that_says_nonsense_is_not_opened(changes: dict[str, Any], why: str, story: Story) -> None:
    patient = story.patient()
    given = {
        "indication": "lateral_epicondylitis",
        "side": "right",
        "sites": [evaluate.SiteInput(FOREARM, "right")],
    }
    before = everything()
    with pytest.raises(Refused, match=why):
        evaluate.open_course(by=story.by, patient=patient, on=story.on, **given | changes)
    assert everything() == before


@pytest.mark.parametrize(
    ("region", "side", "why"),
    [
        ("elbow_pit", "left", "'elbow_pit' is not a region"),
        (UPPER_ARM, "", "which side"),
        (FOREARM, "right", "already"),
    ],
)
def test_a_site_that_is_none_or_is_there_is_not_added(region: str, side: str, why: str, story: Story) -> None:
    course = story.course()
    with pytest.raises(Refused, match=why):
        evaluate.add_site(by=story.by, course=course, site=evaluate.SiteInput(region, side))
    assert course.sites.count() == 1


def test_a_site_stays_that_was_treated_or_is_the_last_or_while_a_draft_is_open(story: Story) -> None:
    course = story.course(regions=(FOREARM, UPPER_ARM))
    forearm, upper = course.sites.order_by("id")
    draft = story.written(story.draft(course))
    for site, why in ((forearm, "was treated, so it stays"), (upper, "still a draft")):
        with pytest.raises(Refused, match=why):
            evaluate.remove_site(by=story.by, site=site)
    treat.discard_visit(by=story.by, visit=draft, seen=draft.version)
    evaluate.remove_site(by=story.by, site=upper)
    with pytest.raises(Refused, match="the only site"):
        evaluate.remove_site(by=story.by, site=forearm)
    assert [one.region for one in course.sites.all()] == [FOREARM]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (evaluate.AnswerInput("toothache", "no"), "not a question"),
        (evaluate.AnswerInput("cancer", "perhaps"), "not an answer"),
        (evaluate.AnswerInput("cancer", "yes", since=date(2026, 11, 21)), "cannot have begun after today"),
    ],
)
def test_one_bad_answer_keeps_none_of_them(given: evaluate.AnswerInput, why: str, story: Story) -> None:
    course = story.course()
    before = everything()
    with pytest.raises(Refused, match=why):
        evaluate.record_answers(
            by=story.by, course=course, on=story.on, answers=[evaluate.AnswerInput("crps", "no"), given]
        )
    assert everything() == before


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (evaluate.ReadingInput("happiness", Decimal(1), Moment.BEFORE), "not a measure"),
        (evaluate.ReadingInput("nprs", Decimal(11), Moment.BEFORE), "allowed 0 to 10"),
        (evaluate.ReadingInput("wrist_flexion", Decimal(20), Moment.BEFORE), "say which side"),
    ],
)
def test_a_reading_off_the_shelf_is_refused(given: evaluate.ReadingInput, why: str, story: Story) -> None:
    course = story.course()
    before = everything()
    with pytest.raises(Refused, match=why):
        evaluate.record_readings(by=story.by, course=course, on=story.on, readings=[given])
    assert everything() == before


def test_a_reading_goes_to_a_visit_of_its_own_course_only(story: Story) -> None:
    visit = story.draft(story.course())
    with pytest.raises(Refused, match="another course"):
        evaluate.record_readings(by=story.by, course=story.course(), on=story.on, readings=[], visit=visit)


def test_nothing_is_added_to_a_closed_course(story: Story) -> None:
    course = story.ready()
    evaluate.close_course(by=story.by, course=course, seen=course.version, on=story.on, status="finished", note="")
    before = everything()
    for add in (
        lambda: story.measured(course),
        lambda: story.screened(course),
        lambda: story.planned(course),
        lambda: story.draft(course),
        lambda: evaluate.set_goal(by=story.by, course=course, measure="nprs", value=Decimal(1), by_day=None),
        lambda: evaluate.add_site(by=story.by, course=course, site=evaluate.SiteInput(UPPER_ARM, "right")),
        lambda: evaluate.describe_course(by=story.by, course=course, seen=course.version, **TEXT),
    ):
        with pytest.raises(Refused, match="closed"):
            add()
    assert everything() == before


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"status": "open"}, "finished or was stopped"),
        ({"status": "stopped", "note": " "}, "why the course was stopped"),
        ({"on": date(2026, 11, 19)}, "cannot end before"),
    ],
)
def test_a_course_is_closed_only_with_what_closing_needs(changes: dict[str, Any], why: str, story: Story) -> None:
    course = story.course()
    given = {"on": story.on, "status": "finished", "note": ""} | changes
    with pytest.raises(Refused, match=why):
        evaluate.close_course(by=story.by, course=course, seen=1, **given)


def test_a_course_with_a_draft_is_not_closed(story: Story) -> None:
    course = story.ready()
    story.draft(course)
    with pytest.raises(Refused, match="sign or discard it first"):
        evaluate.close_course(by=story.by, course=course, seen=course.version, on=story.on, status="finished", note="")


# --- Screen ---


@pytest.mark.parametrize("yes", [[], ["anticoagulants"], ["red_flag_dvt", "open_wound"], ["pregnancy", "diabetes"]])
def test_a_stored_screen_can_be_decided_again_from_its_own_inputs(yes: list[str], story: Story) -> None:
    course = story.course()
    stored = story.screened(course, yes=yes, unasked=["crps"])
    case = case_from_json(stored.inputs, load())
    again = decision_to_json(pathway.screen(case, load()), load())
    for name in ("outcome", "complete", "sites", "reasons", "unasked"):
        assert again[name] == getattr(stored, name), name
    assert again["knowledge"] == {"version": stored.knowledge_version, "sha256": stored.knowledge_sha256}


def test_a_screen_with_places_days_and_clearances_can_be_decided_again(story: Story) -> None:
    course = story.course(regions=(FOREARM, UPPER_ARM))
    story.screened(course, unasked=["surgical_incision", "anticoagulants"])
    given = [
        evaluate.AnswerInput("surgical_incision", "yes", FOREARM, "right", since=date(2026, 10, 1)),
        evaluate.AnswerInput("anticoagulants", "yes"),
    ]
    evaluate.record_answers(by=story.by, course=course, on=story.on, answers=given)
    cleared(story, course)
    stored = screen.store_screening(by=story.by, course=course, on=story.on, technique="graston")
    stored.refresh_from_db()
    again = decision_to_json(pathway.screen(case_from_json(stored.inputs, load()), load()), load())
    assert {name: again[name] for name in ("outcome", "sites", "reasons")} == {
        "outcome": stored.outcome,
        "sites": stored.sites,
        "reasons": stored.reasons,
    }
    assert [one["outcome"] for one in stored.sites] == ["clearance", "modify"]


def cleared(story: Story, course: Course, **changes: Any) -> None:
    given = {"agreed_on": story.on, "until": story.on + timedelta(days=10)} | changes
    screen.record_clearance(
        by=story.by, patient=course.patient, finding="anticoagulants", physician="Dr Adler", on=story.on, **given
    )


def test_a_physicians_agreement_turns_clearance_into_modify_until_it_ends(story: Story) -> None:
    course = story.course()
    assert story.screened(course, yes=["anticoagulants"]).outcome == "clearance"
    cleared(story, course)
    now = screen.store_screening(by=story.by, course=course, on=story.on)
    assert now.outcome == "modify"
    assert [one["cleared"] for one in now.reasons if one["rule"] == "anticoagulants"] == [True]
    assert story.days(11).screened(course, yes=["anticoagulants"]).outcome == "clearance"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"finding": "red_flag_dvt"}, "does not change"),
        ({"finding": "open_wound"}, "does not change"),
        ({"finding": "nonsense"}, "does not change"),
        ({"physician": "  "}, "Name the physician"),
        ({"agreed_on": date(2026, 11, 21), "until": date(2026, 11, 30)}, "in the future"),
        ({"until": date(2026, 11, 1)}, "end after it begins"),
    ],
)
def test_an_agreement_that_is_none_is_refused(changes: dict[str, Any], why: str, story: Story) -> None:
    given = {"finding": "anticoagulants", "physician": "Dr A", "agreed_on": story.on, "until": story.on} | changes
    patient = story.patient()
    with pytest.raises(Refused, match=why):
        screen.record_clearance(by=story.by, patient=patient, on=story.on, **given)


@pytest.mark.parametrize(
    ("yes", "why"),
    [
        ("red_flag_dvt", "says emergency. That is never overridden"),
        ("osteomyelitis", "says refer. That is never overridden"),
        ("", "nothing needs overriding"),
        ("diabetes", "nothing needs overriding"),
    ],
)
def test_what_may_not_or_need_not_be_overridden_is_not(yes: str, why: str, story: Story) -> None:
    course = story.course()
    story.screened(course, yes=[yes])
    visit = story.draft(course)
    before = everything()
    with pytest.raises(Refused, match=why):
        overridden(story, visit)
    assert everything() == before


def test_an_engine_that_could_not_decide_is_never_overridden(story: Story) -> None:
    visit = held(story)
    Screening.objects.update(outcome="error")
    with pytest.raises(Refused, match="could not decide, and that is never overridden"):
        overridden(story, visit)


def test_an_override_needs_a_reason_something_in_the_way_a_clinician_and_a_draft(story: Story, someone: Any) -> None:
    visit = held(story)
    before = everything()
    with pytest.raises(Refused, match="Give the reason"):
        overridden(story, visit, " ")
    for keys in ([], ["nonsense"], [*(one.key for one in in_the_way(visit)), "nonsense"]):
        with pytest.raises(Refused, match="has changed since"):
            overridden(story, visit, overriding=keys)
    assistant = replace(story, by=someone("assistant"))
    with pytest.raises(Refused, match="Only an owner or a clinician"):
        overridden(assistant, visit)
    assert Override.objects.count() == len(before["Override"]) == 0
    signed = story.signed(story.course())
    with pytest.raises(Refused, match="signed"):
        overridden(story, signed, "after the fact")


def test_an_override_permits_its_own_visit_and_no_other(story: Story) -> None:
    course = story.course()
    first = held(story, course)
    with pytest.raises(Refused, match="says hold"):
        treat.sign_visit(by=story.by, visit=first, seen=2)
    overridden(story, first)
    treat.sign_visit(by=story.by, visit=first, seen=2)
    story.asked_after(first)
    later = story.days(3)
    second = held(later, course)
    with pytest.raises(Refused, match="says hold"):
        treat.sign_visit(by=story.by, visit=second, seen=2)
    assert [one.visit for one in Override.objects.all()] == [first]


def test_an_override_of_an_older_screen_does_not_permit_after_a_worse_one(story: Story) -> None:
    course = story.course()
    visit = held(story, course)
    overridden(story, visit)
    story.screened(course, yes=["red_flag_dvt"])
    with pytest.raises(Refused, match="says emergency"):
        treat.sign_visit(by=story.by, visit=visit, seen=2)


def test_a_mistaken_yes_can_be_corrected_the_same_day(story: Story) -> None:
    course = story.course()
    story.screened(course)
    for given, outcome in (
        (evaluate.AnswerInput("open_wound", "yes", FOREARM, "right"), "avoid"),
        (evaluate.AnswerInput("open_wound", "no"), "proceed"),
        (evaluate.AnswerInput("open_wound", "yes", FOREARM, "right"), "avoid"),
        (evaluate.AnswerInput("open_wound", "unknown"), "incomplete"),
    ):
        evaluate.record_answers(by=story.by, course=course, on=story.on, answers=[given])
        assert screen.store_screening(by=story.by, course=course, on=story.on).outcome == outcome, given


def test_answers_of_two_courses_that_disagree_leave_the_question_open(story: Story) -> None:
    patient = story.patient()
    one, other = story.course(patient), story.course(patient)
    story.screened(one, unasked=["cancer"])
    for course, word in ((one, "yes"), (other, "no")):
        evaluate.record_answers(
            by=story.by, course=course, on=story.on, answers=[evaluate.AnswerInput("crps", word, FOREARM, "right")]
        )
    stored = screen.store_screening(by=story.by, course=one, on=story.on)
    assert "crps" in [each["finding"] for each in stored.unasked]


# --- Plan ---


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"technique": "magic"}, "'magic' is not a technique"),
        ({"phases": ("levitate",)}, "no phase 'levitate'"),
        ({"areas": ()}, "at least one area"),
        ({"areas": PLAN.areas * 2}, "planned twice"),
        ({"consent_given": False}, "was told what may follow and agreed"),
        ({"areas": (replace(PLAN.areas[0], region="elbow_pit"),)}, "'elbow_pit' is not a region"),
        ({"areas": (replace(PLAN.areas[0], instrument="spoon"),)}, "'spoon' is not an instrument"),
        ({"areas": (replace(PLAN.areas[0], strokes=("swirl",)),)}, "'swirl' is not a stroke"),
    ],
)
def test_a_plan_off_the_shelf_is_refused(changes: dict[str, Any], why: str, story: Story) -> None:
    course = story.course()
    before = everything()
    with pytest.raises(Refused, match=why):
        story.planned(course, **changes)
    assert everything() == before


# --- Treat ---


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


# --- Respond ---


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
