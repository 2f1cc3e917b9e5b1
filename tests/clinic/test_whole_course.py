"""A whole course through the pages alone: seven steps, from registration to a measured change."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client

from strigil.accounts.models import User
from strigil.clinic.actions import treat
from strigil.clinic.models import Visit
from tests.clinic.cast import Story, everything
from tests.clinic.page import Page
from tests.clinic.work import JUDGED, PATIENT, PLAN, VISIT, no_to_all


def test_a_signed_in_clinician_sees_today(clinician: User, signed_in: Any) -> None:
    assert signed_in(clinician).get("/today").status_code == 200


class Walk:
    """One browser that goes on until it is refused."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def at(self, address: str) -> Page:
        response = self.client.get(address)
        assert response.status_code == 200, address
        return Page(response)

    def sends(self, address: str, **sent: Any) -> str:
        response = self.client.post(address, {name.replace("__", "-"): value for name, value in sent.items()})
        assert response.status_code == 302, Page(response).summary
        return str(response.url).split("#")[0]


def test_a_patient_is_taken_through_all_seven_steps(clinician: User) -> None:
    with time_machine.travel(datetime(2026, 11, 16, 9, tzinfo=UTC), tick=True) as clock:
        client = Client(raise_request_exception=True)
        client.force_login(clinician)
        walk = Walk(client)
        patient = walk.sends("/patients/new", **PATIENT)
        assert "No course of care yet." in walk.at(patient).text
        evaluate = walk.sends(
            patient + "/courses/new", indication="lateral_epicondylitis", side="right", regions=["forearm_lateral"]
        )
        course = evaluate.removesuffix("/evaluate")
        assert "Not screened yet: nothing is treated." in walk.at(course).text

        # Evaluate
        screen = walk.sends(
            evaluate,
            version=1,
            complaint="The kettle hurts",
            base__nprs="7",
            base__activity_0="lift a kettle",
            base__ability_0="3",
            base__wrist_flexion="50",
            base__method="active",
            base__device="universal goniometer",
            goal__measure="nprs",
            goal__value="2",
        )

        # Screen
        walk.sends(screen, none="emergency", **JUDGED)
        assert "Not yet known" in walk.at(screen).text
        walk.sends(screen, **no_to_all())
        assert "No restriction found" in walk.at(screen).text

        # Plan
        assert walk.sends(course + "/plan", **PLAN) == course

        # Treat
        first = walk.sends(course + "/visits/new")
        sign = walk.sends(first, **VISIT, version=1, measured__before_nprs="7", measured__after_nprs="5")
        page = walk.at(sign)
        assert "Is this what was done?" in page.text
        assert "1 min" in page.text
        walk.sends(sign, version=2, confirm_copied="on")
        assert "Signed by" in walk.at(first).text

        # Respond
        clock.move_to(datetime(2026, 11, 17, 9, tzinfo=UTC))
        client.force_login(clinician)
        assert "ask how skin and symptoms were" in walk.at("/today").text
        walk.sends(first + "/respond", when="next_day", reactions=["mild_bruise"], still_there="yes", larger="no")
        clock.move_to(datetime(2026, 11, 20, 9, tzinfo=UTC))
        client.force_login(clinician)
        walk.sends(first + "/respond", when="next_visit", reactions=["mild_bruise"], still_there="no")

        # The second visit is screened again on its own day
        second = walk.sends(course + "/visits/new")
        sent = VISIT | {"version": 1, "measured-before_nprs": "4"}
        sign = walk.sends(second, **sent)
        assert "The screen is from an earlier day" in walk.at(sign).text
        refused = client.post(sign, {"version": 2, "confirm_copied": "on"})
        assert refused.status_code == 422
        walk.sends(screen, **no_to_all())
        walk.sends(sign, version=2, confirm_copied="on")

        # Measure
        walk.sends(course + "/measure", **{"measured-before_nprs": "3"})
        measured = walk.at(course + "/measure").text
        assert "fell from 7 to 3 of 10" in measured
        assert "Changed by −4 of 10: better" in measured

        # The course on one page
        whole = walk.at(course).text
        for words in (
            "1, 16 Nov 2026",
            "2, 20 Nov 2026",
            "1 min",
            "Redness",
            "Next day: ",
            "bruis",
            "fell from 7 to 3 of 10",
            "Goal: ",
            "2 of 10",
            "The kettle hurts",
            "2 a week",
            "Proceed",
        ):
            assert words.lower() in whole.lower(), words
        assert "Marek Nowak" in whole
        assert "Not screened" not in whole

        # Learn
        assert "1 course is still open" in walk.at("/learn").text
        walk.sends(course + "/close", status="finished", version=2)
        assert "Finished on 20 November 2026" in walk.at(course).text


def test_a_contraindicated_patient_is_stopped_and_told_why(story: Story, tablet: Client) -> None:
    course = story.course()
    story.measured(course)
    story.planned(course)
    tablet.post(f"/courses/{course.pk}/screen", no_to_all() | {"red_flag_dvt": "yes"})
    page = Page(tablet.get(f"/courses/{course.pk}/screen"))
    assert "Send the patient to emergency care now" in page.text
    visit = story.written(story.draft(course))
    sign = f"/visits/{visit.pk}/sign"
    held = Page(tablet.get(sign))
    assert "says emergency. That is never overridden. Send the patient" in held.text_of["hindrance"]
    assert any("disabled" in one for tag, one in held.tags if tag == "button" and one.get("form") == "sign")
    before = everything()
    assert tablet.post(sign, {"version": 2}).status_code == 422
    refused = tablet.post(f"/visits/{visit.pk}/override", {"reason": "I am sure"})
    assert refused.status_code == 422
    assert "says emergency. That is never overridden. Send the patient" in Page(refused).text
    assert "You wrote: I am sure" in Page(refused).text
    for page in (Page(refused), Page(tablet.get(f"/visits/{visit.pk}/override"))):
        assert not page.controls("reason")
    assert everything() == before
    assert "Treat in spite of this screen" not in Page(tablet.get(f"/courses/{course.pk}/screen")).text


@pytest.mark.parametrize("days", [None, -1, -30])
def test_a_visit_without_a_screen_of_its_day_is_not_signed(days: int | None, story: Story, tablet: Client) -> None:
    course = story.days(-31).course()
    story.planned(course)
    if days is not None:
        story.days(days).screened(course)
    visit = story.written(story.draft(course))
    response = tablet.post(f"/visits/{visit.pk}/sign", {"version": 2})
    assert response.status_code == 422
    assert "screen" in Page(response).summary
    assert ("Not screened" if days is None else "The screen is from") in Page(tablet.get(f"/visits/{visit.pk}")).text
    visit.refresh_from_db()
    assert not visit.is_signed


def test_an_override_with_its_reason_stays_readable_on_the_signed_visit(story: Story, tablet: Client) -> None:
    course = story.ready()
    story.screened(course, yes=["malnourished_fatigued"])
    visit = story.written(story.draft(course))
    assert f"/visits/{visit.pk}/override" in Page(tablet.get(f"/courses/{course.pk}/screen")).links
    tablet.post(f"/visits/{visit.pk}/override", {"reason": "Ate since; well again."})
    tablet.post(f"/visits/{visit.pk}/sign", {"version": 2})
    page = Page(tablet.get(f"/visits/{visit.pk}"))
    assert "Overridden for this visit by Clinician on 20 November 2026: Ate since; well again." in page.text
    assert "The screen of 20 November 2026 says hold: " in page.text


def test_a_physicians_agreement_screens_again_at_a_lower_dose(story: Story, tablet: Client) -> None:
    course = story.course()
    story.screened(course, yes=["anticoagulants"])
    address = f"/courses/{course.pk}/clearance?finding=anticoagulants"
    assert address in Page(tablet.get(f"/courses/{course.pk}/screen")).links
    sent = {"physician": "Dr Adler", "agreed_on": "2026-11-19", "until": "2027-01-31", "note": "letter in the file"}
    tablet.post(address, sent)
    page = Page(tablet.get(f"/courses/{course.pk}/screen"))
    assert "Treat with a lower dose" in page.text
    assert "Dr Adler, 19 November 2026 until 31 January 2027; letter in the file" in page.text
    assert address not in page.links


def test_an_amended_visit_shows_both_readings_of_it(story: Story, tablet: Client) -> None:
    visit = story.signed(story.ready(), found="a ridge", exercise="eccentric lowering", other_care=())
    sent = VISIT | {
        "version": visit.version, "area-0-seconds": "90", "reactions": ["none"], "reason": "misread the clock",
        "measured-before_nprs": "6", "note": "As corrected.",
    }  # fmt: skip
    assert tablet.post(f"/visits/{visit.pk}/amend", sent).status_code == 302
    page = Page(tablet.get(f"/visits/{visit.pk}"))
    assert "Amended on 20 November 2026 by Clinician" in page.text
    assert "Why: misread the clock" in page.text
    lines = {name: (before, now, changed) for name, before, now, changed in beside(page)}
    for what, before, now in (
        ("Forearm, lateral (extensors), right", "1 min,", "1 min 30 s"),
        ("Skin and symptoms, at the end of the visit", "Redness", "none seen"),
        ("Pain 0–10, before treatment", "5 of 10", "6 of 10"),
        ("Note", "As planned.", "As corrected."),
        ("What the instrument found", "a ridge", "not recorded"),
        ("Exercise", "eccentric lowering", "not recorded"),
    ):
        assert before in lines[what][0], what
        assert now in lines[what][1], what
        assert lines[what][2], what
    assert lines["Technique"] == ("Graston Technique", "Graston Technique", False)
    assert f"{sum(changed for _, _, changed in lines.values())} lines changed" in page.text


def beside(page: Page) -> Iterator[tuple[str, str, str, bool]]:
    """The lines of an amended visit: what, before, after, and whether it is marked as changed."""
    rows = re.findall(r"<tr( class=\"is-changed\")?><th[^>]*>(.*?)</th><td>(.*?)</td><td>(.*?)</td></tr>", page.source)
    for mark, what, before, after in rows:
        words = [re.sub(r"<[^>]+>", "", unescape(one)).replace("changed", "").strip() for one in (what, before, after)]
        yield words[0], words[1], words[2], bool(mark)


def test_an_assistant_writes_and_a_clinician_signs(story: Story, someone: Any, signed_in: Any, tablet: Client) -> None:
    visit = story.draft(story.ready())
    assistant = signed_in(someone("assistant"))
    page = Page(assistant.get(f"/visits/{visit.pk}"))
    assert "go to signing" not in page.text
    landed = assistant.post(f"/visits/{visit.pk}", VISIT | {"version": 1}).url
    assert "A clinician reads and signs it" in Page(assistant.get(landed)).text
    assert tablet.post(f"/visits/{visit.pk}/sign", {"version": 2, "confirm_copied": "on"}).status_code == 302


def test_nothing_is_added_to_a_closed_course_through_its_pages(story: Story, tablet: Client) -> None:
    course = story.ready()
    tablet.post(f"/courses/{course.pk}/close", {"status": "stopped", "note": "moved away", "version": course.version})
    before = everything()
    sent = {
        "evaluate": {"version": 2, "base-nprs": "3"},
        "screen": no_to_all(),
        "plan": PLAN,
        "measure": {"measured-before_nprs": "3"},
        "close": {"status": "finished", "version": 2},
        "clearance?finding=anticoagulants": {"physician": "A", "agreed_on": "2026-11-19", "until": "2026-12-19"},
    }
    for page, data in sent.items():
        response = tablet.post(f"/courses/{course.pk}/{page}", data)
        assert response.status_code == 422, page
        assert "This course is closed" in Page(response).text, page
    assert tablet.post(f"/courses/{course.pk}/visits/new").status_code == 302
    assert everything() == before


def test_a_visit_waits_for_a_plan(story: Story, tablet: Client) -> None:
    course = story.course()
    response = tablet.post(f"/courses/{course.pk}/visits/new")
    assert response.url == f"/courses/{course.pk}/plan"
    assert "Make a plan first" in Page(tablet.get(response.url)).text
    assert not Visit.objects.exists()


def test_people_who_do_not_exist_are_marked_wherever_they_stand(story: Story, tablet: Client) -> None:
    patient = story.patient("Madeup Person", origin="synthetic")
    published = story.patient("Reported Case", origin="published", source="loghmani-2015")
    course = story.ready(patient=patient)
    visit = story.draft(course)
    for address in (
        f"/patients/{patient.pk}", f"/courses/{course.pk}", f"/courses/{course.pk}/screen", f"/visits/{visit.pk}",
    ):  # fmt: skip
        assert "made up" in Page(tablet.get(address)).text, address
    assert "Made up" in Page(tablet.get("/today")).text
    assert "Published case" in Page(tablet.get("/patients")).text
    assert "one person, no proof" in Page(tablet.get(f"/patients/{published.pk}")).text


def test_people_of_the_same_name_all_stand_in_the_list(story: Story, tablet: Client) -> None:
    for _ in range(43):
        story.patient("Anna Same")
    seen: set[str] = set()
    address = "/patients?q=anna"
    while address:
        page = Page(tablet.get(address))
        seen |= {one for one in page.links if one.startswith("/patients/0")}
        more = [one for one in page.links if "after=" in one]
        address = "/patients" + more[0] if more else ""
    assert len(seen) == 43


def test_old_versions_of_a_draft_are_not_in_two_places(story: Story) -> None:
    visit = story.draft(story.course())
    story.written(visit)
    story.written(visit)
    assert visit.treatments.count() == visit.readings.count() == visit.reaction_checks.count() == 1
    assert treat.snapshot(visit)["version"] == 3
