"""The check-in: a link that works once, tells nothing about the patient, and brings what was said to a clinician."""

from __future__ import annotations

import gzip
import logging
import re
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import time_machine
import zxingcpp
from django.db import IntegrityError, connection, transaction
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from strigil.accounts.logs import NoLinks
from strigil.accounts.models import Clinic
from strigil.clinic import check_ins, gather, hindrances
from strigil.clinic.actions import Refused, book, treat
from strigil.clinic.actions import check_in as actions
from strigil.clinic.actions.evaluate import close_course
from strigil.clinic.actions.respond import ReactionInput
from strigil.clinic.models import AuditEvent, CheckIn, LinkMiss, ReactionCheck, Tally, Visit
from strigil.knowledge import load
from strigil.pathway.respond.check_in import Said, look_by
from tests.clinic.cast import TREATED, Story, everything
from tests.clinic.page import Page
from tests.clinic.test_few_bytes import MOST, asked_for, fetched
from tests.oracle import ORACLE

NOTHING = {"soreness": "0", "marks": "none", "function": "same", "exercises_done": "all", "nothing": "yes"}


@pytest.fixture
def visit(story: Story) -> Visit:
    """Treated and signed; the skin was red at the end."""
    return story.signed(story.ready())


@pytest.fixture
def phone(db: None, noon: None) -> Client:
    """Somebody's own telephone, signed out. The page is as safe without Django's token: nothing else would do."""
    return Client(enforce_csrf_checks=True)


def address(found: CheckIn) -> str:
    return f"/check-in/{check_ins.token(found)}"


def form_of(phone: Client, found: CheckIn) -> str:
    return str(Page(phone.get(address(found))).controls("form")[0]["value"])


def sent(phone: Client, found: CheckIn, **given: Any) -> Any:
    return phone.post(address(found), {"form": form_of(phone, found)} | given)


# --- One page for every link that opens nothing -----------------------------------------------------------------


def shown(response: Any) -> tuple[int, dict[str, str], bytes]:
    return response.status_code, dict(response.headers), response.content


@pytest.fixture
def closed_page(phone: Client) -> tuple[int, dict[str, str], bytes]:
    return shown(phone.get("/check-in/" + "A" * 43))


def early(story: Story, visit: Visit) -> str:
    return address(story.check_in(visit, hours_ago=19.99))


def expired(story: Story, visit: Visit) -> str:
    return address(story.check_in(visit, hours_ago=30))


def used(story: Story, visit: Visit) -> str:
    return address(story.answered(visit, soreness=2))


def altered(story: Story, visit: Visit) -> str:
    good = address(story.check_in(visit))
    return good[:-1] + ("A" if good[-1] != "A" else "E")


def longer(story: Story, visit: Visit) -> str:
    return address(story.check_in(visit)) + "A"


def shorter(story: Story, visit: Visit) -> str:
    return address(story.check_in(visit))[:-1]


def of_another_kind(story: Story, visit: Visit) -> str:
    """The hash that the database keeps, and the number that the link is made of, are no links."""
    return f"/check-in/{story.check_in(visit).link_hash}"


def its_nonce(story: Story, visit: Visit) -> str:
    return f"/check-in/{story.check_in(visit).nonce}"


def its_key(story: Story, visit: Visit) -> str:
    return f"/check-in/{story.check_in(visit).pk}"


ODD = [
    "x",
    "A" * 5000,
    "../../today",
    "a/b/c",
    "%00",
    "%ff%fe",
    "é",
    "'; DROP TABLE",
    "<script>",
    "%2e%2e",
    " ",
    ".",
]
BAD = [early, expired, used, altered, longer, shorter, of_another_kind, its_nonce, its_key]


@pytest.mark.parametrize("made", BAD)
@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_every_link_that_opens_nothing_gets_the_same_bytes(
    made: Any, method: str, story: Story, visit: Visit, phone: Client, closed_page: Any
) -> None:
    link = made(story, visit)
    given: dict[str, Any] = {"soreness": "3"}
    if method == "post":
        given["form"] = check_ins.form_token(link.removeprefix("/check-in/"))
    before = everything()
    status, headers, body = shown(getattr(phone, method)(link, given if method == "post" else None))
    if method == "head":
        assert (status, headers, body) == shown(phone.head("/check-in/" + "A" * 43))
    else:
        assert (status, headers, body) == closed_page
    assert changed(before) == {"LinkMiss"}


def changed(before: dict[str, list[dict[str, Any]]]) -> set[str]:
    after = everything()
    return {name for name in after if after[name] != before[name]}


@pytest.mark.parametrize("odd", ODD)
def test_a_guessed_or_odd_link_gets_the_same_bytes(odd: str, phone: Client, closed_page: Any) -> None:
    assert shown(phone.get(f"/check-in/{odd}")) == closed_page
    assert shown(phone.post(f"/check-in/{odd}", {"form": odd})) == closed_page


def test_a_good_link_with_a_form_that_no_page_of_ours_made_gets_the_same_bytes(
    story: Story, visit: Visit, phone: Client, closed_page: Any
) -> None:
    found = story.check_in(visit)
    for form in ("", "x", "0" * 64, check_ins.form_token("another"), "é"):
        assert shown(phone.post(address(found), NOTHING | {"form": form})) == closed_page
    assert shown(phone.post(address(found), NOTHING)) == closed_page
    assert sent(phone, found, **NOTHING).status_code == 200, "the link was not used up by them"


def test_a_link_of_a_deleted_key_or_a_closed_course_is_no_other_page(
    story: Story, visit: Visit, phone: Client, closed_page: Any
) -> None:
    good = address(story.check_in(visit))
    CheckIn.objects.all().delete()
    assert shown(phone.get(good)) == closed_page


@pytest.mark.parametrize("made", [early, expired, used, altered])
def test_every_link_asks_the_database_the_same(made: Any, story: Story, visit: Visit, phone: Client) -> None:
    link = made(story, visit)
    guessed = shapes(phone, "/check-in/" + "A" * 43)
    assert len(guessed) == 4
    assert shapes(phone, link) == guessed


def shapes(phone: Client, link: str) -> list[str]:
    """What a page asks the database, without the values; what the oracle asks beside it is not the page's."""
    with CaptureQueriesContext(connection) as queries:
        phone.get(link)
    asked = [one["sql"] for one in queries if not one["sql"].endswith(ORACLE)]
    return [re.sub(r"'[^']*'|\d+", "…", one) for one in asked]


def test_other_ways_to_use_the_address_are_refused_alike(story: Story, visit: Visit, phone: Client) -> None:
    good = address(story.check_in(visit))
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
        assert shown(phone.generic(method, good)) == shown(phone.generic(method, "/check-in/x"))


# --- What the pages tell ----------------------------------------------------------------------------------------


def test_no_page_tells_anything_about_the_patient(story: Story, phone: Client) -> None:
    course = story.ready(complaint="It hurts when I lift a kettle.")
    visit = story.signed(course)
    found = story.check_in(visit)
    pages = [phone.get(address(found)), sent(phone, found), sent(phone, found, **NOTHING), phone.get(address(found))]
    assert [one.status_code for one in pages] == [200, 422, 200, 404]
    held = [story.by.display_name, str(visit.pk), str(course.pk), str(course.patient_id), str(found.pk), "kettle"]
    held += ["Tóth", "Éva", "1971", "elbow", "epicondyl", "forearm", "Graston", "tendon", "right ", "November", "2026"]
    for page in pages:
        text = page.content.decode()
        assert [one for one in held if one.lower() in text.lower()] == []
        assert "Set-Cookie" not in page.headers
        assert not page.cookies


def test_the_page_that_opens_nothing_does_not_even_say_which_clinic(visit: Visit, closed_page: Any) -> None:
    assert b"Northside" not in closed_page[2]
    assert b"Call your clinic" in closed_page[2]
    assert b"call your emergency number now" in closed_page[2]


def test_no_page_is_kept_indexed_or_passed_on(story: Story, visit: Visit, phone: Client) -> None:
    found = story.check_in(visit)
    for response in (
        phone.get(address(found)),
        sent(phone, found),
        sent(phone, found, **NOTHING),
        phone.get("/check-in/x"),
    ):
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Robots-Tag"] == "noindex"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "Content-Security-Policy" in response.headers
        assert "<script" not in response.content.decode()


def test_no_log_holds_a_link(story: Story, visit: Visit, phone: Client) -> None:
    link = early(story, visit)
    line = logging.LogRecord("django.request", logging.WARNING, "", 1, "Not Found: %s", (link,), None)
    assert NoLinks().filter(line)
    assert line.getMessage() == "Not Found: /check-in/…"


def test_a_member_of_staff_who_opens_it_is_nobody_here(story: Story, visit: Visit, tablet: Client) -> None:
    found = story.check_in(visit)
    assert sent(tablet, found, **NOTHING).status_code == 200
    assert AuditEvent.objects.get(action="check_in.answer").user is None


def test_the_page_recommends_nothing_and_says_what_needs_help_with_its_sources(
    story: Story, visit: Visit, phone: Client
) -> None:
    page = Page(phone.get(address(story.check_in(visit))))
    assert "Nobody is watching this page" in page.text
    assert "call your emergency number now" in page.text
    assert "Chest pain, or trouble breathing" in page.text
    linked = {one for one in page.links if one.startswith("/knowledge/")}
    assert {
        "/knowledge/patient_education/when_call",
        "/knowledge/reactions/emboli",
        "/knowledge/red_flags/dvt",
    } <= linked
    for word in ("ice", "drink", "stretch", "keep moving", "massage"):
        assert not re.search(rf"\b{word}\b", page.text), word


def test_the_page_with_everything_it_needs_is_under_a_hundred_kilobytes(
    story: Story, visit: Visit, phone: Client
) -> None:
    page = fetched(phone, address(story.check_in(visit)))
    parts = [page, *(fetched(phone, one) for one in asked_for(page))]
    assert {part.status for part in parts} == {200}
    assert sum(len(part.body) for part in parts) < MOST
    assert not re.findall(r'src="[^"]*\.js"', gzip.decompress(page.body).decode())


# --- When it is open --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "status"),
    [(19.999, 404), (20, 200), (25, 200), (29.999, 200), (30, 404), (400, 404)],
)
def test_it_is_open_from_twenty_hours_until_thirty(
    hours: float, status: int, story: Story, visit: Visit, phone: Client
) -> None:
    ended = CheckIn.objects.get(visit=visit).ended_at
    with time_machine.travel(ended + timedelta(hours=hours), tick=False):
        assert phone.get(address(CheckIn.objects.get(visit=visit))).status_code == status


@pytest.mark.parametrize(
    ("zone", "signed"),
    [
        ("Europe/London", datetime(2026, 3, 28, 15, tzinfo=UTC)),
        ("Europe/London", datetime(2026, 10, 24, 15, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 3, 7, 20, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2026, 4, 4, 5, tzinfo=UTC)),
    ],
)
def test_hours_are_hours_where_the_clocks_change_in_between(
    zone: str, signed: datetime, clinic: Clinic, clinician: Any, phone: Client
) -> None:
    Clinic.objects.filter(pk=clinic.pk).update(time_zone=zone)
    clinician.clinic.time_zone = zone
    there = ZoneInfo(zone)
    offsets = {(signed + timedelta(hours=hours)).astimezone(there).utcoffset() for hours in (0, 24)}
    assert len(offsets) == 2, "the clocks change in between"
    with time_machine.travel(signed, tick=False) as clock:
        story = Story(clinician, signed.astimezone(there).date())
        found = CheckIn.objects.get(visit=story.signed(story.ready()))
        for hours, status in ((19.99, 404), (20, 200), (29.99, 200), (30, 404)):
            clock.move_to(signed + timedelta(hours=hours))
            assert phone.get(address(found)).status_code == status, hours


def test_a_visit_ends_with_its_appointment_where_the_note_is_signed_later(story: Story) -> None:
    course = story.ready()
    story.booked("09:00", course.patient)
    found = CheckIn.objects.get(visit=story.signed(course))
    assert found.ended_at == datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    assert found.opens_at == datetime(2026, 11, 21, 5, 30, tzinfo=UTC)


def test_a_visit_signed_before_its_appointment_is_over_ended_then(story: Story) -> None:
    course = story.ready()
    story.booked("11:45", course.patient)
    visit = story.signed(course)
    assert CheckIn.objects.get(visit=visit).ended_at == visit.signed_at


def test_there_is_no_check_in_where_nobody_knows_when_the_visit_ended_or_nothing_was_treated(story: Story) -> None:
    course = story.ready()
    story.screened(course)
    draft = story.written(story.draft(course))
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        treat.sign_visit(by=story.by, visit=draft, seen=draft.version, **late(draft))
    assert not CheckIn.objects.exists()
    other = story.ready()
    story.signed(other, treatments=(), reactions_asked=False, reactions=())
    assert not CheckIn.objects.exists()


def late(draft: Visit) -> dict[str, Any]:
    return {"overriding": [one.key for one in hindrances.still_open(draft)], "reason": "Written up the next day."}


# --- Answered once ----------------------------------------------------------------------------------------------


def test_what_was_said_is_kept_and_what_was_left_open_stays_open(story: Story, visit: Visit, phone: Client) -> None:
    found = story.check_in(visit)
    response = sent(phone, found, soreness="4", marks=["mild_bruise"], exercises_done="some")
    assert "Thank you" in Page(response).text
    found.refresh_from_db()
    assert (found.soreness, found.marks, found.exercises_done) == (4, ["mild_bruise"], "some")
    assert (found.function, found.worries, found.mark_size, found.words) == ("", [], "", "")
    assert found.look_by is None
    check = ReactionCheck.objects.get(said_by="patient")
    assert (check.when, check.none_seen, check.complete, check.created_by) == ("next_day", False, False, None)
    assert {one.reaction: one.still_present for one in check.reactions.all()} == {"soreness": True, "mild_bruise": True}


def test_nothing_at_all_is_none_only_where_the_patient_said_so(story: Story, visit: Visit, phone: Client) -> None:
    sent(phone, story.check_in(visit), **NOTHING)
    check = ReactionCheck.objects.get(said_by="patient")
    assert (check.none_seen, check.complete) == (True, True)
    facts = gather.visit_facts(gather.with_doses(Visit.objects.filter(pk=visit.pk)).get())
    assert [(one.reaction, one.still_present) for one in facts.reactions] == [("redness_heat", False)]
    assert facts.reaction_reviewed


@pytest.mark.parametrize("left", ["soreness", "marks", "nothing"])
def test_one_question_left_open_is_not_none_and_nobody_has_asked_yet(
    left: str, story: Story, visit: Visit, phone: Client, tablet: Client
) -> None:
    sent(phone, story.check_in(visit), **{name: value for name, value in NOTHING.items() if name != left})
    check = ReactionCheck.objects.get(said_by="patient")
    assert (check.none_seen, check.complete) == (False, False)
    facts = gather.visit_facts(gather.with_doses(Visit.objects.filter(pk=visit.pk)).get())
    assert not facts.reaction_reviewed
    text = Page(tablet.get(f"/visits/{visit.pk}")).text
    assert "said by the patient, not looked at; not answered or not clear:" in text
    later = story.days(1).draft(visit.course)
    assert "The patient left questions open about skin and symptoms" in Page(tablet.get(f"/visits/{later.pk}")).text


def test_an_answer_with_nothing_in_it_is_given_back_and_the_link_stays(
    story: Story, visit: Visit, phone: Client
) -> None:
    found = story.check_in(visit)
    before = everything()
    back = sent(phone, found)
    assert back.status_code == 422
    assert "Touch at least one answer." in Page(back).summary
    assert everything() == before
    assert sent(phone, found, soreness="0").status_code == 200


@pytest.mark.parametrize(
    "given",
    [
        {"soreness": "11"},
        {"soreness": "-1"},
        {"marks": "dvt"},
        {"function": "x"},
        {"worries": "none"},
        {"words": "x" * 501},
    ],
)
def test_bad_input_is_given_back_with_what_was_answered(
    given: dict[str, str], story: Story, visit: Visit, phone: Client
) -> None:
    found = story.check_in(visit)
    before = everything()
    back = sent(phone, found, **({"exercises_done": "some"} | given))
    assert back.status_code == 422
    assert Page(back).holds("exercises_done", "some")
    assert everything() == before


def test_nothing_but_the_answers_can_be_written(story: Story, visit: Visit, phone: Client) -> None:
    found = story.check_in(visit)
    sneaked = {"looked_at": "2026-11-20", "looked_by": story.by.pk, "look_by": "", "closes_at": "2030-01-01"}
    sent(phone, found, **NOTHING, **sneaked, visit="x", said_by="staff", complete="on", none_seen="on")
    kept = CheckIn.objects.get()
    assert (kept.looked_at, kept.closes_at, kept.visit_id) == (None, found.closes_at, visit.pk)


@pytest.mark.django_db(transaction=True)
def test_answered_twice_at_once_is_kept_once(story: Story) -> None:
    found = story.check_in(story.signed(story.ready()))
    start, outcomes = Barrier(4), []

    def answer(soreness: int) -> None:
        try:
            start.wait()
            given = Said(soreness=soreness)
            actions.answer_check_in(check_in=CheckIn.objects.get(pk=found.pk), said=given, now=timezone.now())
            outcomes.append("kept")
        except Refused as refusal:
            outcomes.append(type(refusal).__name__)
        finally:
            connection.close()

    threads = [Thread(target=answer, args=(number,)) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(outcomes) == ["Closed", "Closed", "Closed", "kept"]
    assert ReactionCheck.objects.filter(said_by="patient").count() == 1


def test_the_record_says_who_said_it_and_cannot_say_otherwise(story: Story, visit: Visit) -> None:
    story.answered(visit, soreness=3)
    check = ReactionCheck.objects.get(said_by="patient")
    for wrong in ({"said_by": "staff"}, {"created_by": story.by}, {"when": "next_visit"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ReactionCheck.objects.filter(pk=check.pk).update(**wrong)


# --- Not too many -----------------------------------------------------------------------------------------------


def test_somebody_who_tries_many_links_waits_and_the_neighbours_do_not(
    story: Story, visit: Visit, phone: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_ins, "MISSES_AN_HOUR", 5)
    found = story.check_in(visit)
    for number in range(5):
        assert phone.get(f"/check-in/{number}").status_code == 404
    refused = phone.get("/check-in/6")
    assert refused.status_code == 429
    assert shown(phone.get(address(found))) == shown(refused), "which link was good is not told either"
    assert Client(REMOTE_ADDR="192.0.2.7").get(address(found)).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert phone.get(address(found)).status_code == 200
        phone.get("/check-in/7")
        assert LinkMiss.objects.count() == 1, "what no longer counts is not kept"


def test_a_household_with_a_good_link_each_is_never_told_to_wait(story: Story, phone: Client) -> None:
    for _ in range(8):
        found = story.check_in(story.signed(story.ready()))
        for _ in range(10):
            assert phone.get(address(found)).status_code == 200
        assert sent(phone, found, **NOTHING).status_code == 200
    assert LinkMiss.objects.count() == 0


def test_a_clinic_that_gets_too_many_answers_takes_no_more_and_uses_up_no_link(
    story: Story, visit: Visit, phone: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = story.check_in(visit)
    monkeypatch.setattr(actions, "ANSWERS_AN_HOUR", 0)
    back = sent(phone, found, **NOTHING)
    assert back.status_code == 422
    assert "call the clinic" in Page(back).text
    monkeypatch.setattr(actions, "ANSWERS_AN_HOUR", 1)
    assert sent(phone, found, **NOTHING).status_code == 200


def test_no_network_address_and_no_link_is_kept(story: Story, visit: Visit, phone: Client) -> None:
    found = story.check_in(visit)
    phone.get("/check-in/guessed-link")
    kept = str(everything())
    assert "127.0.0.1" not in kept
    assert "guessed-link" not in kept
    assert check_ins.token(found) not in kept


# --- The link ---------------------------------------------------------------------------------------------------


def test_links_are_long_unlike_each_other_and_hang_on_the_servers_key(story: Story, visit: Visit) -> None:
    found = story.check_in(visit)
    made = {check_ins.token_of(f"{number:x}") for number in range(1000)}
    assert len(made) == 1000
    assert {len(one) for one in made} == {43}
    with override_settings(SECRET_KEY="another key that nobody has"):
        assert check_ins.token(found) == ""
        assert check_ins.link(found) == ""


def test_the_code_on_the_signed_visit_reads_as_the_link_beside_it(visit: Visit, tablet: Client) -> None:
    page = tablet.get(f"/visits/{visit.pk}").content.decode()
    link = re.search(r'class="check-in-code__link address">([^<]+)<', page)
    assert link
    assert link[1] == "http://testserver" + address(CheckIn.objects.get(visit=visit))
    drawn = re.search(r'<svg[^>]*class="qr".*?</svg>', page, re.S)
    assert drawn
    assert read_code(drawn[0]) == link[1]


def read_code(svg: str) -> str:
    """What a phone reads: the squares of the path, painted and given to another program's reader."""
    size = int(re.search(r'viewBox="0 0 (\d+)', svg)[1])  # type: ignore[index]
    image = np.full((size, size), 255, dtype=np.uint8)
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", svg):
        image[int(y), int(x) : int(x) + int(length)] = 0
    found = zxingcpp.read_barcodes(np.kron(image, np.ones((4, 4), dtype=np.uint8)))
    return str(found[0].text)


def test_the_clinics_own_address_stands_in_the_link_whatever_the_page_was_asked_as(
    visit: Visit, tablet: Client
) -> None:
    with override_settings(ADDRESS="https://strigil.clinic.example"):
        page = tablet.get(f"/visits/{visit.pk}", headers={"host": "127.0.0.1"}).content.decode()
    assert "https://strigil.clinic.example" + address(CheckIn.objects.get(visit=visit)) in page
    assert "127.0.0.1/check-in" not in page


# --- What comes of it -------------------------------------------------------------------------------------------


def test_an_adverse_answer_is_a_task_with_a_time_and_is_done_with_one_touch_and_undone(
    story: Story, visit: Visit, phone: Client, tablet: Client
) -> None:
    sent(phone, story.check_in(visit), soreness="2", marks="none", worries=["nerve"])
    found = CheckIn.objects.get()
    today = Page(tablet.get("/today"))
    assert "To look at" in today.text
    assert "Signs from a nerve" in today.text
    assert "look by Friday 20 November, 13:00" in today.text
    where = f"/check-ins/{found.pk}/looked"
    done = tablet.post(where, {"version": found.version, "note": "Called: better already."}, follow=True)
    assert "Looked at: Éva Tóth , Called: better already." in Page(done).text
    assert "look by" not in Page(done).text
    assert "looked at by Clinician" in Page(tablet.get(f"/visits/{visit.pk}")).text
    undone = tablet.post(where, {"version": found.version + 1, "again": "yes"}, follow=True)
    assert "It is still to be looked at." in Page(undone).text
    assert "look by Friday 20 November, 13:00" in Page(undone).text


def test_an_expected_answer_is_no_task(story: Story, visit: Visit, phone: Client, tablet: Client) -> None:
    sent(phone, story.check_in(visit), **(NOTHING | {"soreness": "3", "marks": "petechiae"}))
    assert CheckIn.objects.get().look_by is None
    assert "To look at" not in Page(tablet.get("/today")).text


@pytest.mark.parametrize(
    "given",
    [
        {"worries": "hematoma"},
        {"worries": "red_flag_dvt"},
        {"words": "My arm looks odd."},
        {"marks": "other"},
        {"marks": "mild_bruise", "mark_change": "larger"},
        {"soreness": "7"},
        {"worries": "nerve", "nothing": "yes"},
    ],
)
def test_whatever_is_not_expected_is_a_task_and_stands_at_the_next_visits_gate(
    given: dict[str, str], story: Story, visit: Visit, phone: Client, tablet: Client
) -> None:
    answer = sent(phone, story.check_in(visit), **given)
    assert "You told us of something that somebody has to look at" in Page(answer).text
    found = CheckIn.objects.get()
    assert found.look_by is not None
    later = story.days(3).draft(visit.course)
    assert "The patient said something after visit 1 that nobody has looked at." in gate(later, tablet)
    actions.look_at(by=story.by, check_in=found, seen=found.version, note="", now=timezone.now())
    assert "nobody has looked at" not in gate(later, tablet)


def gate(draft: Visit, tablet: Client) -> str:
    return Page(tablet.get(f"/visits/{draft.pk}")).text


def test_no_answer_is_shown_as_not_answered_and_never_as_none(story: Story, visit: Visit, tablet: Client) -> None:
    story.check_in(visit, hours_ago=31)
    for address in (f"/visits/{visit.pk}", f"/courses/{visit.course_id}"):
        text = Page(tablet.get(address)).text
        assert "not answered; it closed on" in text.lower() or "Not answered; it closed on" in text
        assert "Next day" not in text
    later = story.days(3).draft(visit.course)
    assert "Nobody has asked how the skin and the symptoms were" in gate(later, tablet)


def test_the_course_shows_what_was_said_beside_the_dose(story: Story, visit: Visit, tablet: Client) -> None:
    story.answered(visit, soreness=3, marks=["mild_bruise"], worries=["none"])
    row = Page(tablet.get(f"/courses/{visit.course_id}")).text
    assert "Next day: Soreness (still there); Mild bruise (still there) (said by the patient, not looked at)" in row


def test_a_red_flag_alone_stands_on_the_record_in_words(story: Story, visit: Visit, tablet: Client) -> None:
    story.answered(visit, worries=["red_flag_dvt"])
    for address in (f"/visits/{visit.pk}", f"/courses/{visit.course_id}", f"/visits/{visit.pk}/respond"):
        text = Page(tablet.get(address)).text
        assert "Deep vein thrombosis or pulmonary embolism suspected (said by the patient, not looked at" in text


def test_an_amended_visit_still_says_that_the_patient_said_it(story: Story, visit: Visit, tablet: Client) -> None:
    story.answered(visit, soreness=2, marks=["none"], worries=["none"])
    visit.refresh_from_db()
    treat.amend_visit(by=story.by, visit=visit, seen=visit.version, given=TREATED, reason="Time was wrong.")
    text = Page(tablet.get(f"/visits/{visit.pk}")).text
    assert text.count("said by the patient") >= 3, "as it reads, before the amendment and after it"


def test_the_patients_word_never_settles_what_is_adverse(story: Story) -> None:
    visit = story.signed(story.ready(), reactions=(ReactionInput("hematoma"), ReactionInput("redness_heat")))
    story.answered(visit, soreness=0, marks=["none"], worries=["none"])
    facts = gather.visit_facts(gather.with_doses(Visit.objects.filter(pk=visit.pk)).get())
    assert {one.reaction: one.still_present for one in facts.reactions} == {"hematoma": None, "redness_heat": False}


def test_a_closed_course_is_counted_again(story: Story, visit: Visit) -> None:
    found = story.check_in(visit)
    close_course(by=story.by, course=visit.course, seen=1, on=story.on, status="finished", note="")
    assert Tally.objects.get().adverse == 0
    actions.answer_check_in(
        check_in=found,
        said=Said(soreness=1, marks=frozenset({"none"}), worries=frozenset({"nerve"})),
        now=timezone.now(),
    )
    assert (Tally.objects.get().adverse, Tally.objects.get().reactions_asked) == (1, 1)


# --- By when ----------------------------------------------------------------------------------------------------

FRIDAY_NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "by"),
    [
        (FRIDAY_NOON, datetime(2026, 11, 20, 13, tzinfo=UTC)),
        (datetime(2026, 11, 20, 7, tzinfo=UTC), datetime(2026, 11, 20, 10, tzinfo=UTC)),
        (datetime(2026, 11, 20, 17, tzinfo=UTC), datetime(2026, 11, 23, 10, tzinfo=UTC)),
        (datetime(2026, 11, 21, 12, tzinfo=UTC), datetime(2026, 11, 23, 10, tzinfo=UTC)),
        (datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 26, 10, tzinfo=UTC)),
    ],
)
def test_somebody_looks_within_an_hour_of_being_at_work(said: datetime, by: datetime, clinic: Clinic) -> None:
    assert look_by(check_ins.at_work(clinic, said), load()) == by


def test_the_clinics_own_hours_and_closed_days_count(story: Story) -> None:
    story.page()
    assert check_ins.at_work(story.by.clinic, FRIDAY_NOON) == datetime(2026, 11, 21, 9, tzinfo=UTC)
    book.add_closed_days(by=story.by, first=date(2026, 11, 21), last=date(2026, 11, 24))
    assert check_ins.at_work(story.by.clinic, FRIDAY_NOON) == datetime(2026, 11, 25, 9, tzinfo=UTC)
