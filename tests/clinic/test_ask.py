"""Patients ask for a time, signed out; their link shows, moves and cancels one appointment and opens nothing else."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail, signing
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from strigil.clinic import links
from strigil.clinic.actions import Refused, book
from strigil.clinic.models import Appointment, AuditEvent, Patient, RequestCount, RequestPage
from strigil.clinic.slots import slot_of, word_of
from tests.clinic.cast import Story, everything
from tests.clinic.page import Page
from tests.clinic.rfc5545 import read
from tests.clinic.test_few_bytes import MOST, Got, asked_for, fetched

PERSON = {"name": "Ada Fern", "phone": "07700 900123", "email": "ada@mail.example"}
MAILED = {"MAIL": "console", "MAIL_ADDRESS": "desk@clinic.example"}


@pytest.fixture
def request_page(story: Story) -> RequestPage:
    return story.page()


@pytest.fixture
def visitor(noon: None) -> Client:
    """Somebody's own telephone, signed out."""
    return Client()


def times(response: Any) -> list[str]:
    return re.findall(r'href="\?slot=([^"]+)"', response.content.decode())


def asked(visitor: Client, request_page: RequestPage, place: int = 0, **changes: str) -> Any:
    word = times(visitor.get(f"/ask/{request_page.address}"))[place]
    return visitor.post(f"/ask/{request_page.address}", PERSON | {"slot": word} | changes)


def requested(visitor: Client, request_page: RequestPage, **changes: Any) -> Appointment:
    response = asked(visitor, request_page, **changes)
    assert response.status_code == 302, Page(response).text
    return Appointment.objects.latest("id")


def booked(story: Story, visitor: Client, request_page: RequestPage) -> Appointment:
    found = requested(visitor, request_page)
    return book.confirm(by=story.by, appointment=found, seen=1, patient=story.patient("Ada Fern"))


def own(found: Appointment) -> str:
    return reverse("own_appointment", args=[links.token(found)])


# --- The request page -------------------------------------------------------------------------------------------


def test_a_clinic_has_no_request_page_until_it_switches_one_on(story: Story, visitor: Client, tablet: Client) -> None:
    assert visitor.get("/ask/northside").status_code == 404
    request_page = story.page(is_open=False)
    nowhere = visitor.get("/ask/nowhere-at-all")
    assert visitor.get("/ask/northside").content == nowhere.content
    assert visitor.post("/ask/northside", PERSON).content == visitor.post("/ask/nowhere-at-all", PERSON).content
    sent = {"page-is_open": "yes", "page-address": "northside", "page-phone": "1", "page-notice_hours": "24"}
    sent |= {"page-days_ahead": "28", "page-version": request_page.version, "what": "page"}
    assert tablet.post("/book/rules", sent).status_code == 302
    assert visitor.get("/ask/northside").status_code == 200


def test_times_are_offered_from_the_notice_to_the_last_day_and_only_in_the_hours(
    request_page: RequestPage, visitor: Client
) -> None:
    seen: set[str] = set()
    address = f"/ask/{request_page.address}"
    while address:
        response = visitor.get(address)
        seen |= set(times(response))
        later = re.search(r'href="(\?from=[^"]+)">Later', response.content.decode())
        address = f"/ask/{request_page.address}{later.group(1)}" if later else ""
    slots = sorted(one for one in map(slot_of, seen) if one)
    now = timezone.now()
    assert slots[0].starts - now >= timedelta(hours=24)
    assert slots[0].starts - now < timedelta(hours=48)
    assert timedelta(days=27) < slots[-1].starts - now < timedelta(days=29)
    assert {one.starts.astimezone(request_page.clinic.zone).hour for one in slots} == {9, 10, 11}
    assert len(slots) == 6 * len({one.starts.date() for one in slots})


def test_asking_asks_for_a_name_and_a_way_to_answer_and_for_nothing_else(
    request_page: RequestPage, visitor: Client
) -> None:
    form = visitor.get(f"/ask/{request_page.address}?slot={times(visitor.get(f'/ask/{request_page.address}'))[0]}")
    names = {held.get("name") for tag, held in Page(form).tags if tag in ("input", "textarea", "select")}
    assert names == {"csrfmiddlewaretoken", "slot", "name", "phone", "email"}


def test_a_request_waits_on_today_and_its_time_is_kept(
    request_page: RequestPage, visitor: Client, tablet: Client
) -> None:
    word = times(visitor.get(f"/ask/{request_page.address}"))[0]
    response = asked(visitor, request_page)
    assert "You have asked for a time" in Page(visitor.get(response.url)).text
    assert word not in times(visitor.get(f"/ask/{request_page.address}"))
    today = Page(tablet.get("/today"))
    assert "Ada Fern asks for Sunday 22 November, 09:00" in today.text
    assert AuditEvent.objects.filter(action="appointment.ask", user=None).count() == 1


def test_two_who_choose_one_time_are_both_told_the_truth(request_page: RequestPage, visitor: Client) -> None:
    word = times(visitor.get(f"/ask/{request_page.address}"))[0]
    requested(visitor, request_page)
    before = everything()
    late = Client().post(f"/ask/{request_page.address}", PERSON | {"slot": word, "name": "Ben"})
    assert late.status_code == 422
    assert "just been taken" in Page(late).text
    assert everything() == before


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "   "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"phone": "", "email": ""}, "phone"),
        ({"email": "nobody"}, "email"),
        ({"phone": "1" * 41}, "phone"),
    ],
)
def test_bad_input_is_given_back_with_what_to_mend(
    changes: dict[str, str], field: str, request_page: RequestPage, visitor: Client
) -> None:
    before = everything()
    response = asked(visitor, request_page, **changes)
    assert response.status_code == 422
    back = Page(response)
    assert back.says(field), back.text
    for name, value in (PERSON | changes).items():
        assert "\0" in value or back.holds(name, value), name
    assert everything() == before


@pytest.mark.parametrize("slot", ["", "x", "\0", "20261122T0900Z.30." + "0" * 32, "9" * 5000])
def test_a_time_that_was_never_offered_is_not_booked(slot: str, request_page: RequestPage, visitor: Client) -> None:
    before = everything()
    assert visitor.post(f"/ask/{request_page.address}", PERSON | {"slot": slot}).status_code in (200, 422)
    assert everything() == before


def test_a_time_of_another_clinic_or_length_or_outside_the_hours_is_not_booked(
    request_page: RequestPage, story: Story, stranger: Any, visitor: Client
) -> None:
    theirs = Story(stranger, story.on)
    theirs.page(address="southside")
    good = slot_of(times(visitor.get(f"/ask/{request_page.address}"))[0])
    assert good
    wrong = [
        type(good)(good.starts, good.ends, stranger.pk),
        type(good)(good.starts, good.ends + timedelta(hours=1), good.clinician),
        type(good)(good.starts + timedelta(hours=9), good.ends + timedelta(hours=9), good.clinician),
        type(good)(good.starts - timedelta(days=7), good.ends - timedelta(days=7), good.clinician),
        type(good)(good.starts + timedelta(days=70), good.ends + timedelta(days=70), good.clinician),
    ]
    before = everything()
    for one in wrong:
        assert visitor.post(f"/ask/{request_page.address}", PERSON | {"slot": word_of(one)}).status_code == 422
    assert everything() == before


# --- Not too many -----------------------------------------------------------------------------------------------


def test_a_fourth_request_within_a_day_is_asked_to_call(request_page: RequestPage, visitor: Client) -> None:
    for place in range(3):
        requested(visitor, request_page, name=f"Ada {place}")
    response = asked(visitor, request_page)
    assert response.status_code == 422
    assert "Please call 020 7946 0000 instead." in Page(response).text
    assert Appointment.objects.count() == 3
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert asked(elsewhere, request_page).status_code == 302
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        assert asked(visitor, request_page).status_code == 302
        assert RequestCount.objects.count() == 1, "what no longer counts is not kept"


def test_what_was_refused_does_not_count(request_page: RequestPage, visitor: Client) -> None:
    for _ in range(5):
        assert asked(visitor, request_page, name="").status_code == 422
    assert asked(visitor, request_page).status_code == 302


def test_a_book_full_of_unanswered_requests_takes_no_more(
    request_page: RequestPage, visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book, "REQUESTS_UNANSWERED", 1)
    requested(visitor, request_page)
    response = asked(Client(REMOTE_ADDR="192.0.2.7"), request_page)
    assert "has many requests to answer first" in Page(response).text


def test_no_network_address_is_kept(request_page: RequestPage, visitor: Client) -> None:
    requested(visitor, request_page)
    assert "127.0.0.1" not in str(everything()) + str(list(RequestCount.objects.values()))


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ({"REMOTE_ADDR": "2001:db8:1:1::1"}, {"REMOTE_ADDR": "2001:db8:1:1::2"}, True),
        ({"REMOTE_ADDR": "2001:db8:1:1::1"}, {"REMOTE_ADDR": "2001:db8:1:2::1"}, False),
        ({"HTTP_X_FORWARDED_FOR": "192.0.2.1"}, {"HTTP_X_FORWARDED_FOR": "192.0.2.2"}, True),
    ],
)
def test_a_household_counts_as_one_and_a_header_that_anybody_can_send_is_not_believed(
    first: dict[str, str], second: dict[str, str], same: bool, request_page: RequestPage, noon: None
) -> None:
    asked(Client(**first), request_page)
    asked(Client(**second), request_page)
    assert (RequestCount.objects.values("source").distinct().count() == 1) is same


def test_behind_a_proxy_the_last_address_counts(request_page: RequestPage, noon: None) -> None:
    with override_settings(SESSION_COOKIE_SECURE=True):
        for forwarded in ("192.0.2.9, 192.0.2.1", "192.0.2.8, 192.0.2.1", "192.0.2.9, 192.0.2.2"):
            asked(Client(HTTP_X_FORWARDED_FOR=forwarded), request_page)
    assert RequestCount.objects.values("source").distinct().count() == 2


# --- The link ---------------------------------------------------------------------------------------------------


def tampered(token: str) -> list[str]:
    parts = token.split(".")
    turned = [token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :] for place in range(len(token))]
    return [
        *turned,
        *("", ".", "..", "x", "é", "%00", "a" * 3000),
        parts[0],
        ".".join(parts[:2]),
        token + "x",
        token[:-1],
    ]


def test_a_link_that_is_altered_guessed_expired_or_for_another_purpose_says_the_same_nothing(
    story: Story, visitor: Client, request_page: RequestPage
) -> None:
    found = booked(story, visitor, request_page)
    token = links.token(found)
    assert visitor.get(f"/own/{token}").status_code == 200
    nothing = visitor.get("/own/nothing")
    assert nothing.status_code == 404
    other_purpose = signing.TimestampSigner(sep=".", salt="strigil.another").sign(token.split(".")[0])
    gone = Appointment(pk=story.patient().pk)
    for wrong in [*tampered(token), str(found.pk), other_purpose, links.token(gone)]:
        for ending in ("", ".ics"):
            response = visitor.get(f"/own/{wrong}{ending}")
            assert response.status_code == 404, wrong
            assert response.content == nothing.content, wrong
            assert dict(response.headers) == dict(nothing.headers), wrong
    with time_machine.travel(timezone.now() + timedelta(days=9)):
        assert visitor.get(f"/own/{token}").content == nothing.content, "its time is over"
    Appointment.objects.update(starts=found.starts + timedelta(days=900), ends=found.ends + timedelta(days=900))
    with time_machine.travel(timezone.now() + links.GOOD_FOR + timedelta(days=1)):
        assert visitor.get(f"/own/{token}").content == nothing.content, "the link itself is too old"


def test_a_wrong_link_changes_nothing_and_says_nothing(
    story: Story, visitor: Client, request_page: RequestPage
) -> None:
    token = links.token(booked(story, visitor, request_page))
    nothing, before = visitor.post("/own/nothing", {"cancel": "yes"}), everything()
    for wrong in tampered(token)[::7]:
        response = visitor.post(f"/own/{wrong}", {"cancel": "yes", "version": 2})
        assert (response.status_code, response.content) == (404, nothing.content)
    assert everything() == before


def test_the_link_shows_no_name_and_nothing_of_the_record(
    story: Story, visitor: Client, request_page: RequestPage
) -> None:
    found = requested(visitor, request_page)
    course = story.course(story.patient("Somebody Else"))
    book.confirm(by=story.by, appointment=found, seen=1, patient=course.patient)
    shown = Page(visitor.get(own(found))).text
    for word in ("Somebody", "Else", "Ada", "07700", "epicondylitis", "Patients"):
        assert word not in shown, word
    assert "Clinician" in shown


def test_by_link_it_is_cancelled_and_the_time_is_free_again(
    story: Story, visitor: Client, request_page: RequestPage
) -> None:
    found = booked(story, visitor, request_page)
    response = visitor.post(own(found), {"cancel": "yes", "version": found.version})
    assert "This appointment is cancelled" in Page(visitor.get(response.url)).text
    found.refresh_from_db()
    assert found.status == "cancelled"
    assert word_of(story.days(2).slot()) in times(visitor.get(f"/ask/{request_page.address}"))
    again = visitor.post(own(found), {"cancel": "yes", "version": found.version})
    assert again.status_code == 422


def test_by_link_it_is_moved_to_an_offered_time_and_to_no_other(
    story: Story, visitor: Client, request_page: RequestPage
) -> None:
    found = booked(story, visitor, request_page)
    moving = visitor.get(own(found) + "?move=1").content.decode()
    free = re.findall(r'name="slot" value="([^"]+)"', moving)
    sent = {"version": found.version}
    outside = word_of(story.days(3).slot("17:00"))
    for wrong in (outside, word_of(story.slot("09:00")), "", "x"):
        assert visitor.post(own(found), sent | {"slot": wrong}).status_code == 422
    assert visitor.post(own(found), sent | {"slot": free[4]}).status_code == 302
    found.refresh_from_db()
    assert word_of(slot_of(free[4])) == free[4]  # type: ignore[arg-type]
    assert found.starts == slot_of(free[4]).starts  # type: ignore[union-attr]
    assert AuditEvent.objects.get(action="appointment.move").user is None


def test_a_page_that_is_older_than_the_appointment_changes_nothing(
    story: Story, visitor: Client, request_page: RequestPage
) -> None:
    found = booked(story, visitor, request_page)
    response = visitor.post(own(found), {"cancel": "yes", "version": 1})
    assert response.status_code == 409
    found.refresh_from_db()
    assert found.status == "booked"


def test_what_has_begun_is_no_longer_changed_by_link(story: Story, visitor: Client, request_page: RequestPage) -> None:
    found = booked(story, visitor, request_page)
    with time_machine.travel(found.starts + timedelta(minutes=1)):
        shown = Page(visitor.get(own(found)))
        assert "Cancel it" not in shown.text
        assert visitor.post(own(found), {"cancel": "yes", "version": found.version}).status_code == 422
    found.refresh_from_db()
    assert found.status == "booked"


def test_where_the_page_is_off_a_link_still_shows_and_cancels(
    story: Story, visitor: Client, request_page: RequestPage
) -> None:
    found = booked(story, visitor, request_page)
    RequestPage.objects.update(is_open=False)
    assert "Move it" not in Page(visitor.get(own(found))).text
    assert visitor.post(own(found), {"cancel": "yes", "version": found.version}).status_code == 302


# --- Calendar and mail ------------------------------------------------------------------------------------------


def test_the_calendar_file_keeps_its_id_and_its_sequence_rises_with_every_change(
    story: Story, visitor: Client, request_page: RequestPage
) -> None:
    found = booked(story, visitor, request_page)
    address = reverse("own_calendar", args=[links.token(found)])
    first = read(visitor.get(address).content)
    assert (first["DTSTART"], first["DTEND"]) == (found.starts, found.ends)
    found = book.move(by=story.by, appointment=found, seen=2, slot=story.days(5).slot("15:00"), now=timezone.now())
    second = read(visitor.get(address).content)
    book.mark(by=story.by, appointment=found, seen=3, status="cancelled")
    third = read(visitor.get(address).content)
    assert first["UID"] == second["UID"] == third["UID"] == str(found.pk)
    assert first["SEQUENCE"] < second["SEQUENCE"] < third["SEQUENCE"]  # type: ignore[operator]
    assert [one["STATUS"] for one in (first, second, third)] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert second["DTSTART"] == story.days(5).slot("15:00").starts
    response = visitor.get(address)
    assert response.headers["Content-Type"].startswith("text/calendar")
    assert response.headers["Cache-Control"] == "no-store"


@override_settings(**MAILED)
def test_a_confirmation_goes_by_mail_with_link_and_file_and_no_clinical_word(
    story: Story, visitor: Client, request_page: RequestPage, tablet: Client
) -> None:
    found = requested(visitor, request_page)
    course = story.course(story.patient("Ada Fern"))
    sent = {"patient": str(course.patient.pk), "version": 1}
    landed = Page(tablet.post(f"/appointments/{found.pk}/confirm", sent, follow=True))
    assert "Sent to ada@mail.example." in landed.text
    (message,) = mail.outbox
    assert message.to == ["ada@mail.example"]
    link = re.search(r"http://testserver(/own/\S+)", message.body)
    assert link
    assert "It is confirmed." in Page(visitor.get(link.group(1))).text
    name, content, kind = message.attachments[0]
    calendar = read(content if isinstance(content, bytes) else content.encode())
    assert (name, kind) == ("appointment.ics", "text/calendar; method=PUBLISH")
    assert calendar["VCALENDAR.METHOD"] == "PUBLISH"
    assert calendar["UID"] == str(found.pk)
    whole = f"{message.subject}{message.body}{content}".lower()
    for word in ("epicondylitis", "elbow", "iastm", "pain", "treat", "therap", "screen", "ada fern", "strigil record"):
        assert word not in whole, word


@override_settings(**MAILED)
def test_mail_that_cannot_be_sent_is_told_and_the_confirmation_stands(
    story: Story, visitor: Client, request_page: RequestPage, tablet: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: object, *_: object, **__: object) -> int:
        raise ConnectionRefusedError("planted")

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", fail)
    found = requested(visitor, request_page)
    sent = {"patient": str(story.patient().pk), "version": 1}
    landed = Page(tablet.post(f"/appointments/{found.pk}/confirm", sent, follow=True))
    assert "could not be sent" in landed.text
    assert "/own/" in landed.text
    found.refresh_from_db()
    assert found.status == "booked"


def test_without_mail_the_front_desk_has_the_link_to_hand_out(
    story: Story, visitor: Client, request_page: RequestPage, tablet: Client
) -> None:
    found = requested(visitor, request_page)
    landed = tablet.post(
        f"/appointments/{found.pk}/confirm", {"patient": str(story.patient().pk), "version": 1}, follow=True
    )
    assert mail.outbox == []
    shown = re.search(r'href="http://testserver(/own/[^"]+)"', landed.content.decode())
    assert shown
    assert visitor.get(shown.group(1)).status_code == 200


# --- Who it is --------------------------------------------------------------------------------------------------


def test_a_request_is_matched_to_who_is_known_or_registered(
    story: Story, visitor: Client, request_page: RequestPage, tablet: Client
) -> None:
    by_phone = story.patient("Adelaide Fernandez", phone="07700 900123")
    story.patient("Nobody Alike")
    found = requested(visitor, request_page)
    shown = Page(tablet.get(f"/appointments/{found.pk}/confirm"))
    assert "Adelaide Fernandez" in shown.text
    assert "Nobody Alike" not in shown.text
    new = {"name": "Ada Fern", "sex": "female", "born": "1980-01-02", "phone": "1", "email": "", "version": 1}
    assert tablet.post(f"/appointments/{found.pk}/confirm", new).status_code == 302
    found.refresh_from_db()
    assert (found.status, found.patient) == ("booked", Patient.objects.get(name="Ada Fern"))
    assert found.patient != by_phone


def test_a_request_is_answered_once_and_nobody_is_registered_for_nothing(
    story: Story, visitor: Client, request_page: RequestPage, tablet: Client
) -> None:
    found = booked(story, visitor, request_page)
    before = everything()
    new = {"name": "Ada Fern", "sex": "female", "version": found.version}
    response = tablet.post(f"/appointments/{found.pk}/confirm", new)
    assert response.status_code == 422
    assert "answered already" in Page(response).text
    assert everything() == before


def test_a_patient_of_another_clinic_is_none(
    story: Story, stranger: Any, visitor: Client, request_page: RequestPage, tablet: Client
) -> None:
    found = requested(visitor, request_page)
    theirs = Story(stranger, story.on).patient("Ada Fern", phone="07700 900123")
    assert str(theirs.pk) not in tablet.get(f"/appointments/{found.pk}/confirm").content.decode()
    before = everything()
    sent = {"patient": str(theirs.pk), "version": 1}
    assert tablet.post(f"/appointments/{found.pk}/confirm", sent).status_code == 404
    assert everything() == before
    with pytest.raises(Refused, match="another clinic"):
        book.confirm(by=story.by, appointment=found, seen=1, patient=theirs)


# --- Bytes ------------------------------------------------------------------------------------------------------


def test_the_patients_pages_are_small_and_without_a_script(
    story: Story, visitor: Client, request_page: RequestPage
) -> None:
    found = booked(story, visitor, request_page)
    word = times(visitor.get(f"/ask/{request_page.address}"))[0]
    addresses = [f"/ask/{request_page.address}", f"/ask/{request_page.address}?slot={word}"]
    addresses += [own(found), own(found) + "?move=1"]
    pages = [visitor.get(one, headers={"accept-encoding": "gzip"}) for one in addresses]
    for address, page in zip(addresses, pages, strict=True):
        got = Got(page.status_code, page.headers, page.content)
        assert b"<script" not in gzip.decompress(got.body)
        parts = [got, *(fetched(visitor, one) for one in asked_for(got))]
        parts.append(fetched(visitor, "/static/strigil/fonts/source-sans-3-latin.woff2"))
        assert len(parts) > 7
        assert sum(len(one.body) for one in parts) < MOST, address
