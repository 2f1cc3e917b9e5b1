"""The calendar file, read by a reader of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strigil.clinic.icalendar import Event, write
from tests.clinic.rfc5545 import Malformed, lines, read

AT = datetime(2026, 11, 20, 9, tzinfo=ZoneInfo("Europe/London"))
EVENT = Event(
    uid=UUID(int=7),
    sequence=2,
    stamp=AT - timedelta(days=1),
    starts=AT,
    ends=AT + timedelta(minutes=30),
    status="CONFIRMED",
    summary="Appointment",
    place="Northside; the clinic, by the river",
    about="With Dana.\nCall us \\ write.",
)


def test_the_file_says_what_the_event_says() -> None:
    found = read(write(EVENT))
    assert found["UID"] == "00000000-0000-0000-0000-000000000007"
    assert found["SEQUENCE"] == 2
    assert (found["DTSTART"], found["DTEND"]) == (EVENT.starts, EVENT.ends)
    assert found["DTSTAMP"] == EVENT.stamp
    assert (found["LOCATION"], found["DESCRIPTION"]) == (EVENT.place, EVENT.about)
    assert found["STATUS"] == "CONFIRMED"
    assert found["VCALENDAR.VERSION"] == "2.0"


def test_a_method_comes_with_an_organiser_and_only_with_one() -> None:
    assert "VCALENDAR.METHOD" not in read(write(EVENT))
    asked = read(write(replace(EVENT, organiser="desk@clinic.example")))
    assert (asked["VCALENDAR.METHOD"], asked["ORGANIZER"]) == ("PUBLISH", "mailto:desk@clinic.example")
    cancelled = read(write(replace(EVENT, organiser="desk@clinic.example", status="CANCELLED")))
    assert (cancelled["VCALENDAR.METHOD"], cancelled["STATUS"]) == ("CANCEL", "CANCELLED")


def test_summer_and_winter_are_told_by_the_instant() -> None:
    summer = datetime(2026, 7, 1, 9, tzinfo=ZoneInfo("Europe/London"))
    found = read(write(replace(EVENT, starts=summer, ends=summer + timedelta(hours=1))))
    assert found["DTSTART"] == datetime(2026, 7, 1, 8, tzinfo=UTC)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=400))
def test_any_text_is_read_back_from_short_lines(text: str) -> None:
    found = read(write(replace(EVENT, place=text, about=text + "x")))
    assert (found["LOCATION"], found["DESCRIPTION"]) == (text, text + "x")


@given(st.text(max_size=100))
def test_characters_that_the_format_cannot_hold_do_not_break_it(text: str) -> None:
    read(write(replace(EVENT, place=text.encode(errors="ignore").decode())))


def test_no_name_can_add_a_line() -> None:
    found = read(write(replace(EVENT, place="Evil\r\nATTENDEE:mailto:x@example.org\rBEGIN:VALARM")))
    assert found["LOCATION"] == "Evil\nATTENDEE:mailto:x@example.org\nBEGIN:VALARM"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"\r\n", b"\n"),
        (b"DTSTART:20261120T090000Z", b"DTSTART:20261120T090000"),
        (b"\\;", b";"),
        (b"END:VEVENT\r\n", b""),
        (b"UID:", b"X-UID:"),
        (b"LOCATION:", b"LOCATION:" + b"x" * 70),
    ],
)
def test_the_reader_sees_a_file_that_is_wrong(old: bytes, new: bytes) -> None:
    good = write(EVENT)
    assert old in good
    with pytest.raises(Malformed):
        read(good.replace(old, new))


def test_lines_are_cut_between_characters() -> None:
    data = write(replace(EVENT, place="ż" * 200))
    assert max(len(one) for one in data.split(b"\r\n")) == 75
    assert any("ż" * 200 in one for one in lines(data))
