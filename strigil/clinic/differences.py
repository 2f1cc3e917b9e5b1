"""Where what somebody typed and what stands in the record part, field by field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

Values = Mapping[str, Sequence[str]]
TYPED, STANDS = "typed", "stands"
NOT_GIVEN = "not recorded"


@dataclass(frozen=True, slots=True)
class Difference:
    """A field in which two people part. ``taken``: the side that alone changed it; empty where a person decides."""

    name: str
    label: str
    typed: str
    stands: str
    began: str
    taken: str


def drawn(fields: Iterable[forms.BoundField]) -> dict[str, list[str]]:
    """What a form shows when it opens, as the browser would send it."""
    return {field.html_name: _as_sent(field) for field in fields}


def differences(
    fields: Iterable[tuple[str, forms.BoundField]], typed: Values, stands: Values, began: Values | None
) -> list[Difference]:
    """Each field that differs; ``fields`` are those of the page as it stands, each with the place it belongs to.

    Without ``began``, or where it lacks a field, nobody knows who changed what, and a person decides.
    """
    found = []
    for place, field in fields:
        name = field.html_name
        mine, theirs = _meant(field, typed), _meant(field, stands)
        if mine == theirs:
            continue
        taken = ""
        if began is not None and name in began:
            first = _meant(field, began)
            taken = STANDS if mine == first else TYPED if theirs == first else ""
        label = f"{place}: {field.label}" if place else str(field.label)
        said = [_words(field, one) for one in (typed, stands, began or {})]
        found.append(Difference(name, label, said[0], said[1], said[2], taken))
    return found


def merged(typed: QueryDict, stands: Values, take_from_record: Iterable[str]) -> QueryDict:
    """What was typed, with the named fields as they stand in the record."""
    result = typed.copy()
    for name in take_from_record:
        result.setlist(name, list(stands.get(name, [])))
        result.pop(f"{name}-confirmed", None)
    return result


def _as_sent(field: forms.BoundField) -> list[str]:
    value = field.value()
    if value in (None, "", False):
        return []
    if value is True:
        return ["on"]
    if isinstance(value, list | tuple):
        return [str(one) for one in value]
    return [str(field.field.widget.format_value(value) if not _choices(field) else value)]


def _meant(field: forms.BoundField, values: Values) -> Any:
    """A value as the form would read it, so that ``5`` and ``5.0`` are one; as typed where it cannot be read."""
    given = list(values.get(field.html_name, []))
    read = field.field.widget.value_from_datadict(MultiValueDict({field.html_name: given}), {}, field.html_name)
    try:
        meant = field.field.clean(read)
    except ValidationError:
        return [one for one in given if one]
    if isinstance(meant, str):
        return meant.replace("\r\n", "\n")
    return sorted(meant) if isinstance(meant, list) else meant


def _words(field: forms.BoundField, values: Values) -> str:
    given = [one for one in values.get(field.html_name, []) if one]
    if isinstance(field.field, forms.BooleanField):
        return "yes" if given else "no"
    titles = {str(key): str(title) for key, title in _choices(field)}
    return ", ".join(titles.get(one, one) for one in given) or NOT_GIVEN


def _choices(field: forms.BoundField) -> list[tuple[Any, Any]]:
    return list(getattr(field.field, "choices", None) or [])
