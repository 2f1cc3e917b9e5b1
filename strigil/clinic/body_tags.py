"""Figures of the body for templates that hold their rows already."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template

from strigil.clinic.bodies import Placed, areas_body, visit_body
from strigil.clinic.models import Visit

register = template.Library()


@register.inclusion_tag("_components/body.html")
def areas_figure(areas: Iterable[Placed]) -> dict[str, Any]:
    """The areas of a visit that is still being written."""
    return areas_body(areas)


@register.inclusion_tag("_components/body.html")
def visit_figure(visit: Visit) -> dict[str, Any]:
    """A visit as it was recorded: what was treated, and where skin and symptoms showed."""
    return visit_body(visit)
