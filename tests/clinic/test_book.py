"""The book: booked, moved, cancelled and undone; rules; who sees what."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from strigil.clinic.actions import Refused, StaleVersion, book
from strigil.clinic.models import Appointment, AuditEvent, BookableTime, ClosedDays, RequestPage
from strigil.clinic.slots import word_of
from tests.clinic.cast import Story, everything
from tests.clinic.page import Page

MONDAY = "2026-11-23"


def free_times(page: Page) -> list[str]:
    return re.findall(r"Free: </span>(\d\d:\d\d)", page.source)


def test_a_free_time_is_booked_for_somebody_found_by_name_and_undone(story: Story, tablet: Client) -> None:
    story.page()
    patient = story.patient()
    day = tablet.get(f"/book?on={MONDAY}")
    where = re.findall(r'href="(/book/new\?slot=[^"]+)"', day.content.decode())[2]
    asked = tablet.get(where, {"slot": where.split("=")[1], "q": "eva"})
    word = Page(asked).controls("slot")[-1]["value"]
    done = tablet.post(f"/patients/{patient.pk}/book", {"slot": word}, follow=True)
    assert "Booked: Éva Tóth , Monday 23 November, 10:00, with Clinician." in Page(done).text
    assert "10:00" not in free_times(Page(done))
    undo = re.search(r'action="(/appointments/[^"]+/undo)".*?name="was" value="([^"]+)"', done.content.decode(), re.S)
    assert undo
    back = Page(tablet.post(undo.group(1), {"was": undo.group(2)}, follow=True))
    assert "Undone." in back.text
    assert "10:00" in free_times(back)
    assert [one.action for one in AuditEvent.objects.filter(action__startswith="appointment")] == [
        "appointment.book",
        "appointment.put_back",
    ]


def test_from_a_patient_a_free_time_is_one_touch(story: Story, tablet: Client) -> None:
    story.page()
    patient = story.patient()
    held = tablet.get(f"/book?patient={patient.pk}&on={MONDAY}")
    assert "Éva Tóth" in Page(held).text
    assert f'action="/patients/{patient.pk}/book"' in held.content.decode()
    slot = Page(held).source.split('name="slot" value="')[1].split('"')[0]
    tablet.post(f"/patients/{patient.pk}/book", {"slot": slot})
    assert Appointment.objects.get().patient == patient
    assert "Monday 23 November 2026, 09:00" in Page(tablet.get(f"/patients/{patient.pk}")).text


def test_moved_and_put_back_where_it_was(story: Story, tablet: Client) -> None:
    story.page()
    found = story.booked()
    was = found.starts
    to = word_of(story.days(3).slot("11:00"))
    done = tablet.post(f"/appointments/{found.pk}/move", {"slot": to, "version": 1}, follow=True)
    assert "Moved: Éva Tóth" in Page(done).text
    found.refresh_from_db()
    assert found.starts == story.days(3).slot("11:00").starts
    was_word = re.search(r'name="was" value="([^"]+)"', done.content.decode())
    assert was_word
    tablet.post(f"/appointments/{found.pk}/undo", {"was": was_word.group(1)})
    found.refresh_from_db()
    assert (found.starts, found.version) == (was, 3)


def test_an_undo_that_comes_late_or_after_another_change_or_for_another_changes_nothing(
    story: Story, tablet: Client
) -> None:
    found, other = story.booked(), story.booked("10:00")
    cancelled = tablet.post(f"/appointments/{found.pk}", {"mark": "cancelled", "version": 1})
    word = cancelled.url.split("done=")[1]
    before = everything()
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        tablet.force_login(story.by)
        late = tablet.post(f"/appointments/{found.pk}/undo", {"was": word}, follow=True)
        assert "too long ago to undo" in Page(late).text
    assert tablet.post(f"/appointments/{other.pk}/undo", {"was": word}).status_code == 302
    assert {k: v for k, v in everything().items() if k != "User"} == {k: v for k, v in before.items() if k != "User"}
    story.booked()  # somebody else has the time now
    told = tablet.post(f"/appointments/{found.pk}/undo", {"was": word}, follow=True)
    assert f"Not undone. {book.TAKEN}" in Page(told).text
    found.refresh_from_db()
    assert found.status == "cancelled"


def test_a_time_that_is_taken_is_refused_in_words_and_what_was_typed_stays(story: Story, tablet: Client) -> None:
    story.booked("10:00")
    patient, before = story.patient("Ben"), everything()
    sent = {"clinician": str(story.by.pk), "on": "2026-11-20", "at": "10:15", "minutes": "20"}
    response = tablet.post(f"/patients/{patient.pk}/book", sent)
    assert response.status_code == 422
    page = Page(response)
    assert book.TAKEN in page.summary
    assert all(page.holds(name, value) for name, value in sent.items())
    slot = tablet.post(f"/patients/{patient.pk}/book", {"slot": word_of(story.slot("10:00"))})
    assert slot.status_code == 422
    assert Page(slot).holds("at", "10:00")
    assert everything() == before


@pytest.mark.parametrize(
    ("day", "at", "says"),
    [
        ("2027-03-28", "01:30", "forward, so it does not exist"),
        ("2027-10-31", "01:30", "back, so it comes twice"),
        ("2026-11-19", "10:00", "That day has passed."),
    ],
)
def test_a_time_that_cannot_be_is_refused_with_its_reason(
    day: str, at: str, says: str, story: Story, tablet: Client
) -> None:
    patient, before = story.patient(), everything()
    sent = {"clinician": str(story.by.pk), "on": day, "at": at, "minutes": "30"}
    response = tablet.post(f"/patients/{patient.pk}/book", sent)
    assert response.status_code == 422
    assert says in Page(response).text
    assert everything() == before


def asked_for(story: Story, day: str, **more: str) -> tuple[str, dict[str, str]]:
    sent = {"clinician": str(story.by.pk), "on": day, "at": "01:30", "minutes": "30"} | more
    return f"/patients/{story.patient().pk}/book", sent


def test_of_a_time_that_comes_twice_one_is_chosen_and_kept(story: Story, tablet: Client) -> None:
    place, sent = asked_for(story, "2027-10-31")
    asked = Page(tablet.post(place, sent))
    assert "Say which of the two." in asked.summary
    assert asked.says("which")
    assert "The first, UTC+01:00" in asked.text
    assert "The second, UTC+00:00" in asked.text
    assert all(asked.holds(name, value) for name, value in sent.items())
    assert not any("checked" in one for one in asked.controls("which")), "no default"
    for which in ("second", "first"):
        assert tablet.post(place, sent | {"which": which}).status_code == 302
    starts = list(Appointment.objects.order_by("starts").values_list("starts", flat=True))
    assert starts == [datetime(2027, 10, 31, 0, 30, tzinfo=UTC), datetime(2027, 10, 31, 1, 30, tzinfo=UTC)]
    assert tablet.post(place, sent | {"which": "first"}).status_code == 422


@pytest.mark.parametrize("which", ["", "third", "\0"])
def test_what_is_neither_of_the_two_books_nothing(which: str, story: Story, tablet: Client) -> None:
    place, sent = asked_for(story, "2027-10-31", which=which)
    assert tablet.post(place, sent).status_code == 422
    assert not Appointment.objects.exists()


def test_which_of_two_is_asked_of_no_other_time(story: Story, tablet: Client) -> None:
    for day, status in (("2027-10-30", 302), ("2027-03-28", 422)):
        place, sent = asked_for(story, day, which="second")
        answer = tablet.post(place, sent)
        assert answer.status_code == status
        assert "Which of the two" not in answer.content.decode()
    assert Appointment.objects.get().starts.hour == 0


def test_the_clock_on_the_page_is_the_clinics_in_summer_and_winter(story: Story, tablet: Client) -> None:
    patient = story.patient()
    for on in ("2027-03-26", "2027-03-29"):
        sent = {"clinician": str(story.by.pk), "on": on, "at": "09:00", "minutes": "30"}
        assert tablet.post(f"/patients/{patient.pk}/book", sent).status_code == 302
        assert "09:00 –09:30 Éva Tóth" in Page(tablet.get(f"/book?on={on}")).text
    hours = [one.starts.hour for one in Appointment.objects.order_by("starts")]
    assert hours == [9, 8]
    assert {one.time_zone for one in Appointment.objects.all()} == {"Europe/London"}


def test_two_pages_of_one_appointment_do_not_overwrite_each_other(story: Story, tablet: Client) -> None:
    found = story.booked()
    assert tablet.post(f"/appointments/{found.pk}", {"mark": "arrived", "version": 1}).status_code == 302
    stale = tablet.post(f"/appointments/{found.pk}", {"mark": "cancelled", "version": 1})
    assert stale.status_code == 409
    assert "Somebody else saved this" in Page(stale).text
    found.refresh_from_db()
    assert found.status == "arrived"
    with pytest.raises(StaleVersion):
        book.move(by=story.by, appointment=story.booked("15:00"), seen=7, slot=story.slot("16:00"), now=timezone.now())


@pytest.mark.parametrize(
    ("first", "then"),
    [("cancelled", "arrived"), ("missed", "cancelled"), ("arrived", "missed"), ("booked", "requested")],
)
def test_what_makes_no_sense_after_what_was_is_refused(first: str, then: str, story: Story) -> None:
    found = story.booked()
    if first != "booked":
        book.mark(by=story.by, appointment=found, seen=1, status=first)
    with pytest.raises(Refused, match="is marked"):
        book.mark(by=story.by, appointment=found, seen=found.version, status=then)


def test_who_did_not_come_frees_the_time(story: Story) -> None:
    book.mark(by=story.by, appointment=story.booked(), seen=1, status="missed")
    assert story.booked().pk


def test_only_people_who_treat_here_can_be_booked(story: Story, someone: Any, stranger: Any) -> None:
    left = someone("clinician")
    left.is_active = False
    left.save()
    for nobody in (someone("front_desk"), someone("auditor"), stranger, left):
        with pytest.raises(Refused, match="Choose who is to be booked"):
            book.book(by=story.by, patient=story.patient(), slot=story.slot(by=nobody), on=story.on)
    assert book.book(by=story.by, patient=story.patient(), slot=story.slot(by=someone("assistant")), on=story.on).pk


def test_an_appointment_takes_up_the_one_open_course_and_guesses_among_none(story: Story) -> None:
    course = story.course()
    assert story.booked(patient=course.patient).course == course
    story.course(course.patient)
    assert story.booked("10:00", course.patient).course is None


def test_the_week_counts_what_is_booked_and_what_is_free(story: Story, tablet: Client) -> None:
    story.page()
    story.days(3).booked("09:30")
    text = Page(tablet.get(f"/book/week?on={MONDAY}")).text
    assert "1 booked 5 free from 09:00" in text
    assert "0 booked 6 free from 09:00" in text


@pytest.mark.parametrize("day", ["", "soon", "9999-12-31", "0001-01-01", "\0", "2026-02-30"])
def test_any_day_that_is_none_is_today(day: str, story: Story, tablet: Client) -> None:
    assert "20 November 2026" in Page(tablet.get("/book", {"on": day})).text
    assert tablet.get("/book/week", {"on": day}).status_code == 200


def test_a_front_desk_sees_no_word_of_care(story: Story, someone: Any, signed_in: Any) -> None:
    course = story.days(-1).with_visits(3)
    found = story.booked(patient=course.patient)
    desk = signed_in(someone("front_desk"))
    for address in ("/today", "/book", "/book/week", f"/appointments/{found.pk}", f"/patients/{course.patient_id}"):
        page = Page(desk.get(address))
        assert "Éva Tóth" in page.text or "week" in address
        for word in ("epicondylitis", "elbow", "creen", "eaction to", "Visit 4", "visit 4"):
            assert word not in page.text_of["main"], (address, word)
        assert not [one for one in page.links if one.startswith(("/courses", "/visits"))], address


def test_an_auditor_reads_the_book_and_is_offered_nothing_to_do(story: Story, someone: Any, signed_in: Any) -> None:
    story.page()
    found = story.booked()
    auditor = signed_in(someone("auditor"))
    for address in ("/book", f"/appointments/{found.pk}", "/today"):
        page = Page(auditor.get(address))
        assert "Éva Tóth" in page.text
        forms = [held for tag, held in page.tags if tag == "form" and held.get("action") != "/sign-out"]
        assert forms == [], address


# --- Rules ------------------------------------------------------------------------------------------------------


def rules(tablet: Client, what: str, **sent: Any) -> Any:
    return tablet.post("/book/rules", {"what": what} | {f"{what}-{name}": value for name, value in sent.items()})


def test_hours_are_set_and_removed_and_offer_times(story: Story, tablet: Client) -> None:
    sent = {"clinician": str(story.by.pk), "weekdays": ["0", "1"], "begins": "08:00", "until": "10:00", "minutes": "40"}
    assert rules(tablet, "hours", **sent).status_code == 302
    assert free_times(Page(tablet.get(f"/book?on={MONDAY}"))) == ["08:00", "08:40", "09:20"]
    again = rules(tablet, "hours", **sent)
    assert again.status_code == 422
    assert "run into hours that are set already" in Page(again).text
    monday = BookableTime.objects.get(weekday=0)
    tablet.post("/book/rules", {"what": "remove", "kind": "hours", "key": str(monday.pk)})
    assert free_times(Page(tablet.get(f"/book?on={MONDAY}"))) == []
    assert BookableTime.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"until": "07:00"}, "until"),
        ({"until": "08:00"}, "until"),
        ({"minutes": "3"}, "minutes"),
        ({"minutes": "200"}, "minutes"),
        ({"begins": "25:00"}, "begins"),
        ({"weekdays": []}, "weekdays"),
        ({"clinician": "x"}, "clinician"),
    ],
)
def test_hours_that_are_none_are_refused(changes: dict[str, Any], field: str, story: Story, tablet: Client) -> None:
    sent = {"clinician": str(story.by.pk), "weekdays": ["0"], "begins": "08:00", "until": "10:00", "minutes": "40"}
    response = rules(tablet, "hours", **sent | changes)
    assert response.status_code == 422
    assert Page(response).says(f"hours-{field}")
    assert BookableTime.objects.count() == 0


def test_a_closed_day_offers_nothing_and_leaves_what_is_booked(story: Story, tablet: Client) -> None:
    story.page()
    story.days(3).booked("09:30")
    assert rules(tablet, "closed", clinician="all", first=MONDAY).status_code == 302
    page = Page(tablet.get(f"/book?on={MONDAY}"))
    assert free_times(page) == []
    assert "09:30" in page.text
    assert len(free_times(Page(tablet.get("/book?on=2026-11-24")))) == 6
    assert rules(tablet, "closed", clinician="all", first=MONDAY, last="2026-11-20").status_code == 422
    tablet.post("/book/rules", {"what": "remove", "kind": "closed", "key": str(ClosedDays.objects.get().pk)})
    assert len(free_times(Page(tablet.get(f"/book?on={MONDAY}")))) == 5


PAGE = {"is_open": "yes", "address": "northside", "phone": "", "notice_hours": "24", "days_ahead": "28"}


@pytest.mark.parametrize("address", ["ab", "North Side", "-x-", "a/b", "é" * 5, "x" * 61, ""])
def test_an_address_that_is_none_is_refused(address: str, tablet: Client) -> None:
    response = rules(tablet, "page", **PAGE | {"address": address, "version": 0})
    assert response.status_code == 422
    assert Page(response).says("page-address")
    assert not RequestPage.objects.exists()


def test_an_address_that_another_clinic_has_cannot_be_had(stranger: Any, story: Story, tablet: Client) -> None:
    Story(stranger, story.on).page(address="northside")
    response = rules(tablet, "page", **PAGE, version=0)
    assert response.status_code == 422
    assert "cannot be had" in Page(response).text
    assert rules(tablet, "page", **PAGE | {"address": "north-2"}, version=0).status_code == 302


def test_a_rule_of_another_clinic_is_not_removed(stranger: Any, story: Story, tablet: Client) -> None:
    Story(stranger, story.on).page()
    before = everything()
    key = str(BookableTime.objects.first().pk)  # type: ignore[union-attr]
    assert tablet.post("/book/rules", {"what": "remove", "kind": "hours", "key": key}).status_code == 404
    assert tablet.post("/book/rules", {"what": "remove", "kind": "clinic", "key": key}).status_code == 404
    assert tablet.post("/book/rules", {"what": "remove", "kind": "hours", "key": "x"}).status_code == 404
    assert everything() == before


def test_nobody_books_into_another_clinic(stranger: Any, story: Story, tablet: Client) -> None:
    theirs = Story(stranger, story.on)
    patient, found = theirs.patient(), theirs.booked()
    with pytest.raises(Refused, match="another clinic"):
        book.book(by=story.by, patient=patient, slot=story.slot(), on=story.on)
    with pytest.raises(Refused, match="another clinic"):
        book.mark(by=story.by, appointment=found, seen=1, status="cancelled")
    assert tablet.get(f"/book?patient={patient.pk}").status_code == 404
    assert tablet.get(f"/book?move={found.pk}").status_code == 404
    assert tablet.get(f"/book/new?slot={word_of(theirs.slot('15:00'))}").status_code == 404
    assert "Éva" not in Page(tablet.get("/book")).text
