"""A strict reader of iCalendar files, written from RFC 5545 alone. What it does not know it refuses."""

from __future__ import annotations

import re
from datetime import UTC, datetime

NAME = re.compile(rb"[A-Za-z0-9-]+")
ESCAPES = {"\\\\": "\\", "\\;": ";", "\\,": ",", "\\n": "\n", "\\N": "\n"}
TEXTS = {"SUMMARY", "LOCATION", "DESCRIPTION", "UID", "PRODID", "STATUS", "CLASS", "METHOD", "VERSION"}
ONCE = {"UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "STATUS", "SUMMARY", "LOCATION", "DESCRIPTION", "CLASS"}


class Malformed(Exception):
    pass


def lines(data: bytes) -> list[str]:
    """Content lines, unfolded (section 3.1)."""
    if not data.endswith(b"\r\n"):
        raise Malformed("the last line is not ended by CRLF")
    physical = data[:-2].split(b"\r\n")
    for one in physical:
        if len(one) > 75:
            raise Malformed(f"a line of {len(one)} octets: {one!r}")
        if re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", one):
            raise Malformed(f"a control character: {one!r}")
        one.decode()  # a line is never cut inside a character
    whole: list[bytes] = []
    for one in physical:
        if one[:1] in (b" ", b"\t"):
            if not whole:
                raise Malformed("begins with a folded line")
            whole[-1] += one[1:]
        else:
            whole.append(one)
    return [one.decode() for one in whole]


def read(data: bytes) -> dict[str, object]:
    """The properties of the calendar (``VCALENDAR.X``) and of its one event."""
    found: dict[str, object] = {}
    open_parts: list[str] = []
    for line in lines(data):
        head, colon, value = line.partition(":")
        if not colon or not NAME.fullmatch(head.encode()):
            raise Malformed(f"no content line: {line!r}")
        if head == "BEGIN":
            open_parts.append(value)
            if open_parts not in (["VCALENDAR"], ["VCALENDAR", "VEVENT"]):
                raise Malformed(f"{value} stands inside {open_parts[:-1]}")
        elif head == "END":
            if not open_parts or open_parts.pop() != value:
                raise Malformed(f"END of {value} which is not open")
        else:
            name = head if open_parts == ["VCALENDAR", "VEVENT"] else f"VCALENDAR.{head}"
            if name in found or (head in ONCE and not open_parts):
                raise Malformed(f"{head} twice")
            found[name] = _value(head, value)
    if open_parts:
        raise Malformed(f"not ended: {open_parts}")
    for needed in ("VCALENDAR.VERSION", "VCALENDAR.PRODID", "UID", "DTSTAMP", "DTSTART"):
        if needed not in found:
            raise Malformed(f"{needed} is missing")
    return found


def _value(name: str, value: str) -> object:
    if name in ("DTSTAMP", "DTSTART", "DTEND"):
        if not re.fullmatch(r"\d{8}T\d{6}Z", value):
            raise Malformed(f"{name} is no instant in UTC: {value}")
        return datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    if name == "SEQUENCE":
        return int(value)
    if name == "ORGANIZER":
        if not re.fullmatch(r"mailto:[^\s:;,]+@[^\s:;,]+", value):
            raise Malformed(f"no organiser: {value}")
        return value
    if name not in TEXTS:
        raise Malformed(f"a property that this reader does not know: {name}")
    if re.search(r"(?<!\\)(?:\\\\)*(?:[;,]|\\(?![\\;,nN]))", value):
        raise Malformed(f"not escaped: {value!r}")
    return re.sub(r"\\[\\;,nN]", lambda one: ESCAPES[one.group()], value)
