"""Every route in one record, and every route that writes with what a person would send there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from strigil.clinic import check_ins
from strigil.clinic.slots import word_of
from tests.clinic.cast import Story
from tests.clinic.work import WORK, addresses

Pairs = list[tuple[str, str | bytes]]


@dataclass(frozen=True)
class Place:
    """A route, where it is reached, and what a person would send there."""

    route: str
    address: str
    right: Pairs = field(default_factory=list)
    files: Mapping[str, bytes] = field(default_factory=dict)


def places(story: Story) -> list[Place]:
    """Every route, and every route that writes with what works there."""
    found = addresses(story)
    beside = {
        "ask": {"name": "Ada Fern", "phone": "07700 900123", "slot": word_of(story.days(2).slot("11:00"))},
        "own_appointment": {"cancel": "yes", "version": "1"},
        "check_in": {"felt": "same", "form": check_ins.form_token(found["check_in"].removeprefix("/check-in/"))},
        "sign_in": {"username": "nobody", "password": "a long pass phrase", "next": "/today"},
        "fill": {f"item_{place}": "2" for place in range(10)},
        "confirm_request": {"patient": str(story.patient().pk), "version": "1"},
    }
    made = [Place(route, address) for route, address in found.items()]
    made += [Place(route, found[route], list(sent.items())) for route, sent in beside.items()]
    for day, (route, work) in enumerate(WORK.items(), 1):
        if route in beside:
            continue
        address, sent = work(story.days(day) if "appointment" in route else story)
        pairs = [(name, str(one)) for name, one in each_of(sent)]
        files = {name: one.read() for name, one in sent.items() if isinstance(one, UploadedFile)}
        made.append(Place(route, address, pairs, files))
    return made


def each_of(sent: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in sent.items():
        if not isinstance(value, UploadedFile):
            yield from ((name, one) for one in (value if isinstance(value, list) else [value]))
