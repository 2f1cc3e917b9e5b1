"""One appointment as an iCalendar file (RFC 5545): pure.

Instants are UTC, so no time zone table travels along and a clock change cannot move the appointment. ``METHOD`` needs
an organiser (RFC 5546); without one the file is a plain calendar object, which every calendar takes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

PRODUCT = "-//Strigil//Appointments//EN"
OCTETS = 75
Status = Literal["TENTATIVE", "CONFIRMED", "CANCELLED"]


@dataclass(frozen=True, slots=True)
class Event:
    uid: UUID
    sequence: int
    """Raised by every change; a calendar keeps the highest."""
    stamp: datetime
    starts: datetime
    ends: datetime
    status: Status
    summary: str
    place: str
    about: str = ""
    organiser: str = ""
    """Mail address of the clinic."""


def write(event: Event) -> bytes:
    return b"".join(_folded(line) for line in _lines(event))


def _lines(event: Event) -> Iterator[str]:
    yield "BEGIN:VCALENDAR"
    yield "VERSION:2.0"
    yield f"PRODID:{PRODUCT}"
    if event.organiser:
        yield f"METHOD:{'CANCEL' if event.status == 'CANCELLED' else 'PUBLISH'}"
    yield "BEGIN:VEVENT"
    yield f"UID:{event.uid}"
    yield f"DTSTAMP:{_instant(event.stamp)}"
    yield f"SEQUENCE:{event.sequence}"
    yield f"DTSTART:{_instant(event.starts)}"
    yield f"DTEND:{_instant(event.ends)}"
    yield f"STATUS:{event.status}"
    yield "CLASS:PRIVATE"
    if event.organiser:
        yield f"ORGANIZER:mailto:{event.organiser}"
    yield f"SUMMARY:{_text(event.summary)}"
    yield f"LOCATION:{_text(event.place)}"
    if event.about:
        yield f"DESCRIPTION:{_text(event.about)}"
    yield "END:VEVENT"
    yield "END:VCALENDAR"


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(value: str) -> str:
    """Escaped as TEXT; control characters, which the format cannot hold, are left out."""
    value = re.sub(r"\r\n?", "\n", value)
    value = re.sub(r"[\x00-\x09\x0b-\x1f\x7f]", " ", value)
    for mark in ("\\", ";", ","):
        value = value.replace(mark, "\\" + mark)
    return value.replace("\n", "\\n")


def _folded(line: str) -> bytes:
    """At most 75 octets a line, never cut inside a character."""
    parts, now = [], b""
    for character in line:
        octets = character.encode()
        if len(now) + len(octets) > OCTETS:
            parts.append(now)
            now = b" "
        now += octets
    return b"\r\n".join([*parts, now]) + b"\r\n"
