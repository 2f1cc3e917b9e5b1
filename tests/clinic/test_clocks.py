"""Clocks that change, clocks that are wrong, and dates that belong to no clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from strigil.accounts import models as accounts
from strigil.accounts.models import Clinic, LogLine, User
from strigil.clinic import gather, hindrances
from strigil.clinic.actions import evaluate, exercise, medicines, screen
from strigil.clinic.forms.fields import OLDEST
from strigil.clinic.medicines import latest
from strigil.clinic.models import Appointment, AuditEvent, Course, Patient
from strigil.clinic.programmes import current
from strigil.clinic.sheets import sheet
from strigil.clinic.slots import NoSuchTime, instant
from strigil.knowledge import load
from strigil.pathway.respond.check_in import window
from strigil.pathway.screen import age_on
from tests.clinic.cast import Story
from tests.clinic.page import Page

ZONES = ("America/New_York", "Europe/London", "Australia/Lord_Howe")
NIGHTS = {
    "America/New_York": (date(2027, 3, 14), date(2027, 11, 7)),
    "Europe/London": (date(2027, 3, 28), date(2027, 10, 31)),
    "Australia/Lord_Howe": (date(2027, 10, 3), date(2027, 4, 4)),
}
"""Clocks forward, clocks back."""
EVERY_15 = [time(hour, minute) for hour in range(5) for minute in (0, 15, 30, 45)]
JUMPS = {"America/New_York": 60, "Europe/London": 60, "Australia/Lord_Howe": 30}


def changes(zone: ZoneInfo) -> list[date]:
    """Every night from 2026 to 2030 on which the clocks change."""
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(5 * 365)]
    offsets = [datetime.combine(day, time(12), zone).utcoffset() for day in days]
    return [day for day, was, now in zip(days[1:], offsets, offsets[1:], strict=False) if was != now]


def refused(day: date, zone: ZoneInfo) -> list[time]:
    found = []
    for at in EVERY_15:
        try:
            instant(day, at, zone)
        except NoSuchTime:
            found.append(at)
    return found


@pytest.mark.parametrize("name", ZONES)
def test_on_every_night_only_the_times_that_are_not_or_come_twice_are_refused(name: str) -> None:
    zone = ZoneInfo(name)
    nights = changes(zone)
    assert len(nights) == 10
    for day in nights:
        wrong = refused(day, zone)
        assert len(wrong) == JUMPS[name] // 15, day
        right = [instant(day, at, zone) for at in EVERY_15 if at not in wrong]
        assert right == sorted(set(right)), "in order, and none the same as another"
        assert [one.astimezone(zone).time() for one in right] == [at for at in EVERY_15 if at not in wrong]


def test_a_clock_that_is_read_without_its_change_would_be_seen() -> None:
    """Two readings of one night are one instant apart for Python, and an hour for everybody else."""
    zone, day = ZoneInfo("America/New_York"), NIGHTS["America/New_York"][1]
    first, second = (datetime.combine(day, time(1, 30), zone).replace(fold=fold) for fold in (0, 1))
    assert second - first == timedelta(0)
    assert second.astimezone(UTC) - first.astimezone(UTC) == timedelta(hours=1)
    assert time(1, 30) in refused(day, zone)


def in_zone(story: Story, name: str) -> None:
    Clinic.objects.filter(pk=story.by.clinic_id).update(time_zone=name)
    story.by.refresh_from_db()


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("night", [0, 1])
def test_an_appointment_over_the_change_lasts_as_long_as_it_says(
    name: str, night: int, story: Story, tablet: Client
) -> None:
    in_zone(story, name)
    day, patient = NIGHTS[name][night], story.patient()
    sent = {"clinician": str(story.by.pk), "on": day.isoformat(), "minutes": "30"}
    address = reverse("book_patient", args=[patient.pk])
    for at in ("00:30", "01:30", "02:15", "03:30", "04:30"):
        response = tablet.post(address, sent | {"at": at})
        wrong = time.fromisoformat(at) in refused(day, ZoneInfo(name))
        assert response.status_code == (422 if wrong else 302), at
        if wrong:
            page = Page(response)
            assert "the clocks go" in (page.says("at") or page.says("which")), at
            assert page.holds("at", at)
    kept = list(Appointment.objects.order_by("starts"))
    assert {one.ends - one.starts for one in kept} == {timedelta(minutes=30)}
    shown = Page(tablet.get(reverse("book") + f"?on={day}")).text
    for one in kept:
        assert f"{one.starts.astimezone(ZoneInfo(name)):%H:%M}" in shown


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("night", [0, 1])
def test_a_check_in_opens_after_hours_of_the_sun_and_not_of_the_clock(name: str, night: int) -> None:
    ended = datetime.combine(NIGHTS[name][night], time(0, 30), ZoneInfo(name)).astimezone(UTC)
    opens, closes = window(ended, load())
    plain, until = window(datetime(2027, 6, 15, 12, tzinfo=UTC), load())
    assert (opens - ended, closes - ended) == (
        plain - datetime(2027, 6, 15, 12, tzinfo=UTC),
        until - datetime(2027, 6, 15, 12, tzinfo=UTC),
    )


# --- Dates ---


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        (date(2000, 2, 29), date(2027, 2, 28), 26),
        (date(2000, 2, 29), date(2027, 3, 1), 27),
        (date(2000, 2, 29), date(2028, 2, 28), 27),
        (date(2000, 2, 29), date(2028, 2, 29), 28),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
    ],
)
def test_who_was_born_on_29_february_is_a_year_older_on_1_march(born: date, on: date, age: int) -> None:
    assert age_on(born, on) == age


FAR = ("Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu", "America/New_York", "UTC")


def test_a_date_of_birth_is_the_same_day_everywhere(story: Story, tablet: Client) -> None:
    @settings(max_examples=20, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.dates(OLDEST, date(2026, 11, 18)), st.sampled_from(FAR), st.integers(0, 23))
    def one(born: date, zone: str, hour: int) -> None:
        in_zone(story, zone)
        with time_machine.travel(datetime(2026, 11, 20, hour, tzinfo=UTC), tick=False):
            client = Client()
            client.force_login(story.by)
            sent = {"name": f"Ada {Patient.objects.count()}", "sex": "female", "born": born.isoformat()}
            response: Any = client.post(reverse("register"), sent)
            assert response.status_code == 302, Page(response).summary
            kept = Patient.objects.latest("id")
            assert kept.born == born
            assert Page(client.get(reverse("edit_patient", args=[kept.pk]))).holds("born", born.isoformat())
            spoken = f"{born.day} {born:%B} {born.year}"
            assert spoken in Page(client.get(reverse("patient", args=[kept.pk]))).text

    one()


# --- A clock that is wrong ---


@pytest.mark.parametrize("back", [timedelta(minutes=1), timedelta(hours=1), timedelta(hours=11)])
def test_a_clock_that_is_set_back_does_not_reorder_what_was_written(back: timedelta, story: Story) -> None:
    course = story.course()
    first = story.screened(course)
    with time_machine.travel(datetime(2026, 11, 20, 12, tzinfo=UTC) - back, tick=True):
        answers = [evaluate.AnswerInput("cancer", "yes")]
        evaluate.record_answers(by=story.by, course=course, on=story.on, answers=answers)
        second = screen.store_screening(by=story.by, course=course, on=story.on, technique="graston")
    assert list(course.screenings.all()) == [first, second]


@pytest.mark.parametrize("at", [datetime(2016, 1, 1), datetime(2038, 1, 20), datetime(2028, 2, 29, 23, 59, 59)])
def test_a_page_is_shown_whatever_the_clock_says(at: datetime, story: Story, clinician: User) -> None:
    course = story.ready()
    with time_machine.travel(at.replace(tzinfo=UTC), tick=False):
        client = Client()
        client.force_login(clinician)
        for address in ("/today", "/book", f"/courses/{course.pk}", f"/courses/{course.pk}/screen"):
            assert client.get(address).status_code == 200, address


@pytest.mark.django_db(transaction=True)
def test_a_clock_that_is_set_back_is_told_and_asks_for_another_screen(
    story: Story, signed_in: Any, someone: Any
) -> None:
    """By that clock the screen of a day before is of today again; one that is made since is not in doubt."""
    course = story.ready()
    visit = story.written(story.draft(course))
    said = "The clock of the server stands before 20 November 2026, "
    page, sign = f"/visits/{visit.pk}", {"version": 2}
    with time_machine.travel(datetime(2026, 11, 20, 11, 59, tzinfo=UTC), tick=False):
        assert said not in Page(signed_in(story.by).get("/today")).text, "clocks are put right by seconds"
        assert said not in Page(signed_in(story.by).get(page)).text
    with time_machine.travel(datetime(2026, 11, 20, 9, tzinfo=UTC), tick=False):
        for role in ("clinician", "assistant", "front_desk", "owner"):
            assert said in Page(signed_in(someone(role)).get("/today")).text
        client = signed_in(story.by)
        refused = client.post(f"{page}/sign", sign)
        assert refused.status_code == 422
        assert said in Page(refused).text
        assert f"/courses/{course.pk}/screen" in Page(refused).links
        before = Page(client.get(page)).text
        assert said in before
        assert "Screened today" not in before
        for address in (page, f"/courses/{course.pk}", f"/courses/{course.pk}/screen"):
            shown = Page(client.get(address)).text
            assert "No restriction found today" not in shown, address
            assert "The screen may be of an earlier day; confirm for today." in shown, address
        story.screened(course)
        after = Page(client.get(page)).text
        assert said not in after
        assert "Screened today" in after
        assert "No restriction found today" in after
        assert client.post(f"{page}/sign", sign).status_code == 302
    assert said not in Page(signed_in(story.by).get("/today")).text


def test_a_screen_of_which_the_log_does_not_tell_is_in_doubt_while_the_clock_is_behind(story: Story) -> None:
    visit = story.written(story.draft(story.ready()))
    assert hindrances.still_open(visit) == []
    assert not LogLine.objects.filter(table="clinic_screening").exists(), "it tells of what is kept, at its end"
    with time_machine.travel(datetime(2026, 11, 20, 9, tzinfo=UTC), tick=False):
        assert [one.way for one in hindrances.still_open(visit)] == [hindrances.Way.FIRST]


def test_what_a_screen_in_doubt_forbids_is_still_told(story: Story, signed_in: Any) -> None:
    course = story.course()
    story.measured(course)
    story.screened(course, yes=["easy_bruising"])
    story.planned(course)
    visit = story.draft(course)
    with time_machine.travel(datetime(2026, 11, 20, 9, tzinfo=UTC), tick=False):
        page = Page(signed_in(story.by).get(f"/visits/{visit.pk}")).text
    assert "The screen may be of an earlier day. Ask what has changed" in page
    assert f"It says: {course.screenings.get().outcome.capitalize()}" in page
    assert "Screened today" not in page


@pytest.mark.django_db(transaction=True)
def test_neither_todays_list_nor_the_home_programme_believes_a_screen_in_doubt(story: Story, signed_in: Any) -> None:
    listed, plain = story.ready(patient=story.patient("Bo")), story.ready(patient=story.patient("Cy"))
    story.booked("15:00", listed.patient)
    story.draft(plain)
    with time_machine.travel(datetime(2026, 11, 20, 9, tzinfo=UTC), tick=False):
        client = signed_in(story.by)
        before = Page(client.get("/today")).text
        assert "Screen again: the clock was set back" in before
        assert "Draft · Not yet known" in before
        for course in (listed, plain):
            assert "No complete screen of today" in Page(client.get(f"/courses/{course.pk}/home")).text
            story.screened(course)
            assert "No complete screen of today" not in Page(client.get(f"/courses/{course.pk}/home")).text
        after = Page(client.get("/today")).text
        assert "Screen again" not in after
        assert "Draft · Proceed" in after


@pytest.mark.django_db(transaction=True)
def test_a_clock_that_is_set_back_again_puts_a_screen_made_between_in_doubt(story: Story) -> None:
    visit = story.written(story.draft(story.ready()))
    nine, eleven = (datetime(2026, 11, 20, hour, tzinfo=UTC) for hour in (9, 11))
    with time_machine.travel(nine, tick=False):
        story.screened(visit.course)
        assert hindrances.still_open(visit) == []
    with time_machine.travel(eleven, tick=False):
        story.course(story.patient("Bo"))
        assert hindrances.still_open(visit) == []
    with time_machine.travel(nine, tick=False):
        assert [one.way for one in hindrances.still_open(visit)] == [hindrances.Way.FIRST]
        story.screened(visit.course)
        assert hindrances.still_open(visit) == []


# --- A clock that ran ahead, and was put right ---

RIGHT = datetime(2026, 11, 20, 13, tzinfo=UTC)
AHEAD = timedelta(days=3)


@contextmanager
def another_server(story: Story, at: datetime) -> Iterator[Story]:
    """Started anew, it knows of no id that was made before."""
    with patch.object(accounts, "_last", 0), time_machine.travel(at, tick=True):
        yield Story(story.by, story.by.clinic.today)


def text_of(client: Client, address: str) -> str:
    return Page(client.get(address)).text


@pytest.mark.django_db(transaction=True)
def test_a_screen_made_while_the_clock_ran_ahead_is_not_believed_on_the_day_it_names(
    story: Story, signed_in: Any
) -> None:
    with another_server(story, RIGHT + AHEAD) as then:
        course = then.ready()
        visit = then.written(then.draft(course))
    with another_server(story, RIGHT) as then:
        assert "The last screen names a day that is yet to come" in text_of(
            signed_in(then.by), f"/courses/{course.pk}/screen"
        )
        then.patient("Bo")
    with another_server(story, RIGHT + AHEAD - timedelta(hours=2)) as then:
        assert not AuditEvent.objects.filter(at__gt=RIGHT + AHEAD + timedelta(minutes=2)).exists()
    with another_server(story, RIGHT + AHEAD + timedelta(hours=1)) as then:
        client = signed_in(then.by)
        assert [one.way for one in hindrances.still_open(visit)] == [hindrances.Way.FIRST]
        before = text_of(client, f"/visits/{visit.pk}")
        assert "The clock of the server was set back after the screen was made." in before
        assert "No restriction found today" not in before
        assert "Draft · Not yet known" in text_of(client, "/today")
        assert "The last screen may be of an earlier day" in text_of(client, f"/courses/{course.pk}/screen")
        warned = "The clock of the server was set back after the screen was made. The screen may be of an earlier day."
        assert warned in sheet(by=then.by, course=course, on=then.on).warnings
        then.screened(course)
        assert warned not in sheet(by=then.by, course=course, on=then.on).warnings
        assert hindrances.still_open(visit) == []
        assert "No restriction found today" in text_of(client, f"/visits/{visit.pk}")
        assert "Draft · Proceed" in text_of(client, "/today")


@pytest.mark.django_db(transaction=True)
def test_a_visit_recorded_late_does_not_rest_on_a_screen_in_doubt(story: Story, signed_in: Any) -> None:
    with another_server(story, RIGHT + AHEAD) as then:
        visit = then.written(then.draft(then.ready()))
    with another_server(story, RIGHT) as then:
        then.patient("Bo")
    with another_server(story, RIGHT + AHEAD + timedelta(days=1)) as then:
        [late] = hindrances.still_open(visit)
        assert late.way is hindrances.Way.REASON
        assert "The screen may be of an earlier day. None can be made for a day that has passed." in late.what
        shown = text_of(signed_in(then.by), f"/visits/{visit.pk}")
        assert "The screen of that day says: proceed. The clock of the server was set back" in shown


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ahead", [timedelta(days=1), AHEAD, timedelta(days=3652)])
def test_the_screen_made_last_counts_whatever_day_a_wrong_clock_gave_the_one_before(
    ahead: timedelta, story: Story, signed_in: Any
) -> None:
    with another_server(story, RIGHT + ahead) as then:
        course = then.ready()
    with another_server(story, RIGHT) as then:
        client = signed_in(then.by)
        forbidding = then.screened(course, yes=["red_flag_cancer"])
        assert forbidding.outcome == "refer"
        for address in (f"/courses/{course.pk}", f"/courses/{course.pk}/screen"):
            assert "Refer" in text_of(client, address), address
        assert [one.pk for one in course.screenings.all()][-1] == forbidding.pk
    with another_server(story, RIGHT + ahead) as then:
        shown = text_of(signed_in(then.by), f"/courses/{course.pk}")
        assert "Refer" in shown
        assert "No restriction found today" not in shown
        visit = then.written(then.draft(course))
        assert hindrances.Way.FIRST in {one.way for one in hindrances.still_open(visit)}


@pytest.mark.django_db(transaction=True)
def test_a_clock_that_ran_ahead_by_years_keeps_nobody_from_care(story: Story, signed_in: Any) -> None:
    course = story.ready()
    with another_server(story, RIGHT + timedelta(days=3652)) as then:
        then.screened(course)
    with another_server(story, RIGHT) as then:
        visit = then.signed(course)
        assert visit.status == "signed"
    with another_server(story, RIGHT + timedelta(days=3)) as then:
        visit = then.draft(course)
        then.screened(course)
        assert "screen" not in {one.kind for one in hindrances.still_open(then.written(visit))}
        assert "No restriction found today" in text_of(signed_in(then.by), f"/courses/{course.pk}")


@pytest.mark.django_db(transaction=True)
def test_a_no_in_doubt_does_not_count_and_a_yes_does(story: Story) -> None:
    """Asked while the clock ran ahead, it would pass for one of the day it names; before it was set back, of today."""

    def told(course: Course, on: date) -> set[str]:
        return {f"{one.finding} {one.answer.value}" for one in gather.answers(course.patient_id, on)}

    with another_server(story, RIGHT + AHEAD) as then:
        course = then.course()
        then.screened(course, yes=["easy_bruising"])
    with another_server(story, RIGHT) as then:
        assert told(course, then.on) == set()
        then.patient("Bo")
    for at in (RIGHT + AHEAD, RIGHT + AHEAD + timedelta(days=2)):
        with another_server(story, at) as then:
            assert told(course, then.on) == {"easy_bruising yes"}
    with another_server(story, RIGHT + AHEAD - timedelta(hours=3)) as then:
        assert screen.store_screening(by=then.by, course=course, on=then.on).outcome == "incomplete"
        then.screened(course)
        assert {one.partition(" ")[2] for one in told(course, then.on)} == {"no"}
    with another_server(story, RIGHT + AHEAD + timedelta(hours=2)) as then:
        then.patient("Cy")
    with another_server(story, RIGHT + AHEAD + timedelta(hours=1)) as then:
        assert told(course, then.on) == {"easy_bruising yes"}, "the clock stands before what was last written down"
        then.screened(course)
        assert {one.partition(" ")[2] for one in told(course, then.on)} == {"no"}


@pytest.mark.django_db(transaction=True)
def test_what_is_not_known_any_more_stays_so_where_its_day_is_in_doubt(story: Story) -> None:
    """Were it left out, the no of before would stand in its place."""
    with another_server(story, RIGHT - timedelta(days=10)) as then:
        course = then.course()
        then.screened(course)
    with another_server(story, RIGHT) as then:
        given = [evaluate.AnswerInput("varicose_veins", "unknown")]
        evaluate.record_answers(by=then.by, course=course, on=then.on, answers=given)
    with another_server(story, RIGHT - timedelta(hours=1)) as then:
        assert load().rules["varicose_veins"].valid_days > 10
        asked = [one for one in gather.answers(course.patient_id, then.on) if one.finding == "varicose_veins"]
        assert max(asked, key=lambda one: one.asked_on).answer == "unknown"
        stored = screen.store_screening(by=then.by, course=course, on=then.on)
        assert "varicose_veins" in {one["finding"] for one in stored.unasked}


@pytest.mark.django_db(transaction=True)
def test_answers_and_the_screen_that_rests_on_them_may_be_of_one_transaction(story: Story) -> None:
    with another_server(story, RIGHT + timedelta(hours=1)) as then:
        course = then.course()
    with another_server(story, RIGHT) as then, transaction.atomic():
        assert then.screened(course).outcome == "proceed"


@pytest.mark.django_db(transaction=True)
def test_what_was_said_last_holds_once_the_clock_has_caught_up(story: Story, signed_in: Any) -> None:
    """A server that was started anew after the clock was set back an hour gives ids of an hour ago."""
    with another_server(story, RIGHT) as then:
        course = then.course()
        then.screened(course)
        medicines.record_medicines(by=then.by, course=course, on=then.on, none_taken=True)
        then.planned(course, note="first")
        then.prescribed(course)
    with another_server(story, RIGHT - timedelta(hours=1)) as then:
        then.planned(course, note="second")
        exercise.stop(by=then.by, course=course, on=then.on, reason="Pain at night.")
        medicines.record_medicines(by=then.by, course=course, on=then.on, typed="warfarin")
        answers = [evaluate.AnswerInput("red_flag_cancer", "yes")]
        evaluate.record_answers(by=then.by, course=course, on=then.on, answers=answers)
        screen.store_screening(by=then.by, course=course, on=then.on)
    with another_server(story, RIGHT + timedelta(hours=1)) as then:
        said = {one.finding: one.answer for one in gather.answers(course.patient_id, then.on)}
        assert (said["red_flag_cancer"], said["anticoagulants"]) == ("yes", "yes")
        assert screen.store_screening(by=then.by, course=course, on=then.on).outcome == "refer"
        assert latest(course.patient_id).typed == "warfarin"
        assert "second" in text_of(signed_in(then.by), f"/courses/{course.pk}")
        assert current(course) is None
