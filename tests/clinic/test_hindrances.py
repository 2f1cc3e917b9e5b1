"""What stands in the way of signing, what a reason overrides, and what no reason does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from strigil.clinic import hindrances
from strigil.clinic.actions import Refused, evaluate, respond, screen, treat
from strigil.clinic.hindrances import Way
from strigil.clinic.models import AuditEvent, Course, Override, Screening, Visit
from tests.clinic.cast import AREA, FOREARM, UPPER_ARM, Story, everything
from tests.clinic.page import Page
from tests.clinic.work import PLAN


def hindering(visit: Visit) -> list[hindrances.Hindrance]:
    return hindrances.still_open(Visit.objects.get(pk=visit.pk))


def sign(story: Story, visit: Visit, reason: str = "", keys: list[str] | None = None) -> Visit:
    """Sign, with a reason for all that stands in the way; without one, with nothing overridden."""
    given = [one.key for one in hindering(visit)] if reason and keys is None else keys or []
    return treat.sign_visit(by=story.by, visit=visit, seen=visit.version, overriding=given, reason=reason)


def wound(story: Story, course: Course, region: str) -> Screening:
    answers = [evaluate.AnswerInput("open_wound", "yes", region, "right")]
    evaluate.record_answers(by=story.by, course=course, on=story.on, answers=answers)
    return screen.store_screening(by=story.by, course=course, on=story.on)


def after(story: Story, days: int, *reactions: respond.ReactionInput, asked: bool = True, **more: Any) -> Visit:
    """A written draft of today in a course that was treated so many days ago."""
    then = story.days(-days)
    course = then.course(**more)
    visit = then.signed(course)
    if asked:
        respond.record_reaction(by=story.by, visit=visit, when="next_day", on=story.on, reactions=reactions)
    story.screened(course)
    return story.written(story.draft(course))


STILL = respond.ReactionInput("mild_bruise", FOREARM, "right", still_present=True)
GATES = {
    "nobody asked": (lambda story: after(story, 3, asked=False), "Nobody has asked how the skin"),
    "marks": (lambda story: after(story, 3, STILL), "can still be seen"),
    "two days": (lambda story: after(story, 1), "less than 48 hours ago"),
}


@pytest.mark.parametrize("name", GATES)
def test_what_an_earlier_visit_left_hinders_until_a_reason_is_given(name: str, story: Story, tablet: Client) -> None:
    make, says = GATES[name]
    visit = make(story)
    address = f"/visits/{visit.pk}/sign"
    before = everything()
    with pytest.raises(Refused, match=says):
        sign(story, visit)
    page = Page(tablet.get(address))
    assert says in page.text_of["hindrance"]
    sent = {"version": visit.version, "overriding": page.controls("overriding")[0]["value"]}
    refused = Page(tablet.post(address, sent | {"reason": "  "}))
    assert "Fill this in" in refused.says("reason")
    assert everything() == before
    assert tablet.post(address, sent | {"reason": "Seen and felt, all calm."}).status_code == 302
    kept = Override.objects.get()
    assert (kept.visit, kept.reason, kept.created_by) == (visit, "Seen and felt, all calm.", story.by)
    assert [(one["kind"], says in one["what"]) for one in kept.overridden] == [("gate", True)]
    trace = list(AuditEvent.objects.order_by("id").values_list("action", flat=True))[-2:]
    assert trace == ["visit.override", "visit.sign"]
    read = Page(tablet.get(f"/visits/{visit.pk}")).text
    assert "Seen and felt, all calm." in read
    assert says in read


def test_a_bruise_after_each_of_two_visits_asks_for_a_physician_or_a_reason(story: Story) -> None:
    course = story.days(-10).course()
    for days in (-10, -5):
        then = story.days(days)
        visit = then.signed(course, reactions=(respond.ReactionInput("mild_bruise"),))
        then.days(1).asked_after(visit, "mild_bruise")
    story.screened(course)
    visit = story.written(story.draft(course))
    assert [(one.outcome, one.way) for one in hindering(visit)] == [("clearance", Way.REASON)]
    with pytest.raises(Refused, match="bruise after each of two"):
        sign(story, visit)
    sign(story, visit, "Medicines asked again; lighter.")


def test_a_mark_that_grew_is_referred_and_never_overridden(story: Story, tablet: Client) -> None:
    visit = after(story, 3, replace(STILL, larger=True))
    before = everything()
    with pytest.raises(Refused, match=r"has grown or stayed. That is never overridden. Refer the patient"):
        sign(story, visit, "I am sure")
    page = Page(tablet.get(f"/visits/{visit.pk}/sign"))
    assert not page.controls("reason")
    assert not Page(tablet.get(f"/visits/{visit.pk}/override")).controls("reason")
    assert tablet.post(f"/visits/{visit.pk}/override", {"reason": "I am sure"}).status_code == 422
    assert everything() == before


def test_a_site_that_the_mark_does_not_touch_may_be_treated(story: Story) -> None:
    visit = after(story, 3, STILL, regions=(FOREARM, UPPER_ARM))
    story.written(visit, treatments=(replace(AREA, region=UPPER_ARM),))
    assert hindering(visit) == []
    sign(story, visit)


def test_a_visit_that_treats_nothing_is_hindered_by_nothing(story: Story) -> None:
    visit = after(story, 1, asked=False)
    story.written(visit, treatments=(), note="Sent home.")
    assert hindering(visit) == []
    sign(story, visit)


def test_a_visit_without_treatment_in_between_does_not_hide_that_nobody_asked(story: Story, tablet: Client) -> None:
    course = story.days(-6).course()
    first = story.days(-6).signed(course)
    sign(story.days(-3), story.days(-3).written(story.days(-3).draft(course), treatments=(), note="Only exercise."))
    story.screened(course)
    visit = story.written(story.draft(course))
    assert [one.visit for one in hindering(visit)] == [first.pk]
    assert f"/visits/{first.pk}/respond" in Page(tablet.get(f"/visits/{visit.pk}/sign")).links
    story.asked_after(first, "redness_heat")
    assert hindering(visit) == []


def test_every_visit_that_nobody_asked_about_is_named(story: Story) -> None:
    course = story.days(-9).course()
    first = story.days(-9).signed(course)
    story.days(-6).screened(course)
    second = sign(story.days(-6), story.days(-6).written(story.days(-6).draft(course)), "Patient was in a hurry.")
    story.screened(course)
    visit = story.written(story.draft(course))
    assert [one.visit for one in hindering(visit)] == [first.pk, second.pk]


# --- Overrides ---


def test_an_override_of_the_screen_does_not_open_a_site_that_the_screen_never_saw(story: Story) -> None:
    course = story.course()
    story.screened(course, yes=["malnourished_fatigued"])
    visit = story.written(story.draft(course), treatments=(AREA, replace(AREA, region=UPPER_ARM)))
    hold = [one.key for one in hindering(visit) if one.way is Way.REASON]
    assert [one.way for one in hindering(visit)] == [Way.FIRST, Way.REASON]
    before = everything()
    with pytest.raises(Refused, match=r"the screen did not look at it. Add the site and screen it"):
        sign(story, visit, "ate meanwhile", hold)
    assert everything() == before


def test_a_site_that_was_never_screened_is_told_late_with_a_reason(story: Story) -> None:
    course = story.days(-2).course()
    story.days(-2).screened(course)
    visit = story.written(story.days(-2).draft(course), treatments=(AREA, replace(AREA, region=UPPER_ARM)))
    late = hindering(visit)
    assert [(one.kind, one.way) for one in late] == [("late", Way.REASON)]
    assert "Upper arm" in late[0].what
    assert "the screen of 18 November 2026 did not look at it" in late[0].what
    with pytest.raises(Refused):
        sign(story, visit)
    assert sign(story, visit, "Skin was sound; noted on paper.", [late[0].key]).is_signed


def test_an_override_lifts_what_it_names_and_no_other_site(story: Story) -> None:
    course = story.course(regions=(FOREARM, UPPER_ARM))
    story.screened(course, yes=["malnourished_fatigued"])
    wound(story, course, UPPER_ARM)
    visit = story.written(story.draft(course))
    (hold,) = hindering(visit)
    treat.override_for_visit(by=story.by, visit=visit, overriding=[hold.key], reason="ate meanwhile")
    assert hindering(visit) == []
    story.written(visit, treatments=(AREA, replace(AREA, region=UPPER_ARM)))
    assert [one.outcome for one in hindering(visit)] == ["avoid"]
    with pytest.raises(Refused, match="says avoid at"):
        sign(story, visit)


def test_a_second_override_stands_beside_the_first(story: Story, tablet: Client) -> None:
    visit = after(story, 1, asked=False)
    assert len(hindering(visit)) == 2
    for one, reason in zip(hindering(visit), ("rang, no answer", "only the far end"), strict=True):
        treat.override_for_visit(by=story.by, visit=visit, overriding=[one.key], reason=reason)
    assert [one.reason for one in visit.overrides.all()] == ["rang, no answer", "only the far end"]
    sign(story, visit)
    text = Page(tablet.get(f"/visits/{visit.pk}")).text
    assert "rang, no answer" in text
    assert "only the far end" in text


def test_of_several_things_in_the_way_none_is_chosen_beforehand(story: Story, tablet: Client) -> None:
    visit = after(story, 1, asked=False)
    address = f"/visits/{visit.pk}/override"
    page = Page(tablet.get(address))
    assert page.checked() == []
    refused = tablet.post(address, {"reason": "seen"})
    assert refused.status_code == 422
    assert "Choose at least one" in Page(refused).says("overriding")
    assert Page(tablet.post(address, {})).says("reason")
    assert tablet.post(address, {"reason": "seen", "overriding": hindering(visit)[0].key}).status_code == 302
    assert len(hindering(visit)) == 1


def test_what_came_up_after_the_page_was_opened_is_not_overridden_by_it(story: Story, tablet: Client) -> None:
    visit = after(story, 1)
    address = f"/visits/{visit.pk}/sign"
    seen = Page(tablet.get(address)).controls("overriding")[0]["value"]
    wound(story, visit.course, FOREARM)
    before = everything()
    response = tablet.post(address, {"version": visit.version, "overriding": seen, "reason": "far end only"})
    assert response.status_code == 422
    assert "says avoid at" in Page(response).text
    assert Page(response).holds("reason", "far end only")
    assert everything() == before


def test_all_that_is_wrong_is_said_at_once(story: Story, tablet: Client) -> None:
    visit = after(story, 1, asked=False)
    story.written(visit, treatments=(replace(AREA, seconds=None),), reactions_asked=False, reactions=())
    page = Page(tablet.get(f"/visits/{visit.pk}/sign"))
    for words in ("Give the time", "Say how skin", "Nobody has asked", "48 hours"):
        assert words in page.text, words


@pytest.mark.parametrize("outcome", ["emergency", "refer", "error"])
def test_what_is_never_overridden_says_so_and_what_to_do(outcome: str, story: Story, tablet: Client) -> None:
    course = story.course()
    story.screened(course)
    Screening.objects.update(outcome=outcome)
    visit = story.written(story.draft(course))
    for page in ("sign", "override"):
        read = Page(tablet.get(f"/visits/{visit.pk}/{page}"))
        assert f"says {outcome}" in read.text_of["hindrance"]
        assert "never overridden" in read.text_of["hindrance"]
        assert "Take the treated areas out of this visit" in read.text_of["hindrance"]
        assert not read.controls("reason")
    with pytest.raises(Refused, match="never overridden"):
        sign(story, visit, "I am sure")


# --- Recorded late ---


def late(story: Story, days: int = 2) -> Visit:
    """A draft of an earlier day that was never screened that day."""
    course = story.days(-9).course()
    story.days(-9).screened(course)
    return story.days(-days).written(story.days(-days).draft(course))


def test_a_visit_of_a_day_without_a_screen_is_signed_only_as_recorded_late(story: Story, tablet: Client) -> None:
    visit = late(story)
    story.screened(visit.course)
    assert "No screen of that day exists" in Page(tablet.get(f"/visits/{visit.pk}")).text
    address = f"/visits/{visit.pk}/sign"
    page = Page(tablet.get(address))
    assert "Recorded late: no screen of 18 November 2026 exists" in page.text_of["hindrance"]
    with pytest.raises(Refused, match="Recorded late"):
        sign(story, visit)
    sent = {"version": visit.version, "overriding": page.controls("overriding")[0]["value"]}
    assert tablet.post(address, sent | {"reason": "Power was out; asked by word of mouth."}).status_code == 302
    kept = Override.objects.get()
    assert (kept.screening, kept.outcome, kept.overridden[0]["kind"]) == (None, "incomplete", "late")
    assert "no screen of 18 November 2026 exists" in Page(tablet.get(f"/visits/{visit.pk}")).text


def test_a_visit_of_today_is_screened_not_recorded_late(story: Story, tablet: Client) -> None:
    visit = late(story, 0)
    assert [(one.way, one.page) for one in hindering(visit)] == [(Way.FIRST, "screen")]
    with pytest.raises(Refused, match="from an earlier day"):
        sign(story, visit, "was in a hurry")
    assert not Page(tablet.get(f"/visits/{visit.pk}/sign")).controls("reason")


@pytest.mark.parametrize(
    ("yes", "says"), [("red_flag_dvt", "never overridden"), ("malnourished_fatigued", "says hold")]
)
def test_recorded_late_does_not_lift_what_the_last_screen_forbade(yes: str, says: str, story: Story) -> None:
    course = story.days(-9).course()
    story.days(-9).screened(course, yes=[yes])
    visit = story.days(-2).written(story.days(-2).draft(course))
    keys = [one.key for one in hindering(visit) if one.kind == "late"]
    with pytest.raises(Refused, match=says):
        sign(story, visit, "recorded late", keys)


# --- What an earlier day permitted ---

LOOKS = ("outcome--proceed", "outcome--modify", "outcome--avoid")


@pytest.mark.parametrize("yes", ["", "diabetes", "open_wound"])
def test_what_an_earlier_day_permitted_has_lost_its_look_everywhere(yes: str, story: Story, tablet: Client) -> None:
    then = story.days(-1)
    course = then.ready()
    then.screened(course, yes=[yes])
    draft = story.draft(course)
    pages = [f"/courses/{course.pk}", f"/courses/{course.pk}/screen", f"/visits/{draft.pk}", "/today"]
    for address in [*pages, f"/visits/{draft.pk}/sign", f"/courses/{course.pk}/plan"]:
        source = Page(tablet.get(address)).source
        assert [look for look in LOOKS if look in source] == [], address
        assert "outcome--incomplete" in source or "sign" in address or address == "/today", address
    assert "outcome--incomplete" in Page(tablet.get("/today")).source
    story.screened(course, yes=[yes])
    for address in pages[:2] + pages[3:]:
        assert [look for look in LOOKS if look in Page(tablet.get(address)).source], address


def test_a_screen_of_an_earlier_day_says_that_it_waits_to_be_confirmed(story: Story, tablet: Client) -> None:
    course = story.days(-1).ready()
    story.draft(course)
    page = Page(tablet.get(f"/courses/{course.pk}/screen"))
    assert "Nothing is treated until it is confirmed for today." in page.text
    assert "It came to “proceed” that day." in page.text
    assert [held.get("name") for tag, held in page.tags if tag == "button" and held.get("form") == "screen"] == [None]


def test_what_an_earlier_day_forbade_stands(story: Story, tablet: Client) -> None:
    course = story.days(-1).ready()
    story.days(-1).screened(course, yes=["red_flag_dvt"])
    story.draft(course)
    for address in (f"/courses/{course.pk}", f"/courses/{course.pk}/screen", "/today"):
        assert "outcome--emergency" in Page(tablet.get(address)).source, address


def test_an_engine_that_could_not_decide_says_so_on_every_page(story: Story, tablet: Client) -> None:
    course = story.ready()
    Screening.objects.update(outcome="error")
    draft = story.draft(course)
    for address in (f"/courses/{course.pk}", f"/courses/{course.pk}/screen", f"/visits/{draft.pk}", "/today"):
        page = Page(tablet.get(address))
        assert "Could not decide" in page.text, address
        assert "outcome--error" in page.source, address
        assert "Treat nothing" in page.text or address == "/today", address


# --- Sites ---


def test_a_site_is_added_screened_and_treated_through_the_pages(story: Story, tablet: Client) -> None:
    course = story.ready()
    address = f"/courses/{course.pk}/sites"
    draft = story.draft(course)
    for page in (f"/courses/{course.pk}/screen", f"/visits/{draft.pk}", f"/courses/{course.pk}"):
        assert address in Page(tablet.get(page)).links, page
    assert tablet.post(address, {"region": UPPER_ARM, "side": "right"}).status_code == 302
    story.written(draft, treatments=(AREA, replace(AREA, region=UPPER_ARM)))
    sign_page = Page(tablet.get(f"/visits/{draft.pk}/sign"))
    assert "the screen did not look at it" in sign_page.text
    assert address in sign_page.links
    screen.store_screening(by=story.by, course=course, on=story.on)
    assert hindering(draft) == []


def test_only_a_site_that_may_go_has_a_button_to_remove_it(story: Story, tablet: Client) -> None:
    course = story.with_visits(1, regions=(FOREARM, UPPER_ARM))
    forearm, upper = course.sites.order_by("id")
    address = f"/courses/{course.pk}/sites"
    page = Page(tablet.get(address))
    assert [held["value"] for tag, held in page.tags if held.get("name") == "remove"] == [str(upper.pk)]
    assert "This site was treated, so it stays." in page.text
    refused = tablet.post(address, {"remove": str(forearm.pk)})
    assert refused.status_code == 422
    assert "was treated" in Page(refused).text
    assert tablet.post(address, {"remove": str(upper.pk)}).status_code == 302
    assert tablet.post(address, {"remove": str(upper.pk)}).status_code == 404
    assert list(course.sites.all()) == [forearm]


def test_a_dose_is_never_planned_for_another_site_than_it_was_typed_for(story: Story, tablet: Client) -> None:
    course = story.course(regions=(FOREARM, UPPER_ARM))
    address = f"/courses/{course.pk}/plan"
    opened = Page(tablet.get(address + "?technique=graston")).controls("sites")[0]["value"]
    evaluate.remove_site(by=story.by, site=course.sites.get(region=FOREARM))
    response = tablet.post(address, PLAN | {"sites": opened})
    assert response.status_code == 422
    assert "A site was added to this course or removed" in Page(response).text
    assert not course.plans.exists()
