"""What the shelf says beside a decision: where to keep off at a site, and how a lower dose looks."""

from __future__ import annotations

from collections.abc import Iterable

from strigil.clinic.models import CourseSite
from strigil.clinic.tags import site_title
from strigil.knowledge import load
from strigil.knowledge.shapes import Gate, NoGoZone


def zones(sites: Iterable[CourseSite]) -> list[tuple[NoGoZone, list[str]]]:
    """The no-go zones at the sites of a course, each with the sites that it lies at."""
    found: dict[str, tuple[NoGoZone, list[str]]] = {}
    for site in sites:
        for zone in load().zones_at(site.region):
            found.setdefault(zone.id, (zone, []))[1].append(site_title(site))
    return list(found.values())


def lower_dose() -> list[Gate]:
    """The limits that go with ``modify``."""
    return [one for one in load().shelf(Gate).values() if one.group == "modify"]
