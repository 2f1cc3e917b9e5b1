"""Models, fields, constraints and classes."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from strigil.docs.markdown import table

if TYPE_CHECKING:
    from django.db import models

COMPARED: Mapping[str, str] = {"gte": "≥", "lte": "≤", "gt": ">", "lt": "<"}


def record_page() -> str:
    """Models, fields, constraints and classes."""
    use_django()
    from django.apps import apps

    found = [model for label in ("accounts", "clinic") for model in apps.get_app_config(label).get_models()]
    return "\n\n".join(
        [
            "# The record",
            "What is kept, as the database holds it. *Identifying* fields could tell who a person is; *shareable* ones "
            "may be shared without them. *Not classed*: the model does not say. An export tells the class of each "
            "column. Every record of care belongs to one clinic, names who made it, and has a version that each change "
            "raises.",
            *(_model_section(model) for model in found),
        ]
    )


def _model_section(model: type[models.Model]) -> str:
    from strigil.clinic.models.base import class_of

    rows = [
        (
            f"`{field.name}`",
            _column(field),
            "yes" if (field.null or field.blank) and field.editable else "no",
            class_of(model, field.name),
        )
        for field in model._meta.fields
    ]
    said = " ".join((model.__doc__ or "").split())
    rules = [(f"`{one.name}`", _constraint(one)) for one in model._meta.constraints]
    parts = [f"## {model.__name__}", said, table(("Field", "Holds", "May be empty", "Class"), rows)]
    return "\n\n".join([*parts, *([table(("Constraint", "Holds"), rules)] if rules else [])])


def _column(field: models.Field[Any, Any]) -> str:
    if field.related_model is not None and not isinstance(field.related_model, str):
        return f"one {field.related_model.__name__}"
    if field.choices:
        return ", ".join(f"`{word}`" for word, _ in field.flatchoices)
    kind = field.get_internal_type()
    words = {
        "DateField": "date",
        "DateTimeField": "instant, UTC",
        "UUIDField": "UUID",
        "JSONField": "JSON",
        "BooleanField": "yes, no or not known" if field.null else "yes or no",
        "DecimalField": f"number, {getattr(field, 'decimal_places', 0)} decimal places",
        "PositiveSmallIntegerField": "whole number, 0 or more",
        "PositiveIntegerField": "whole number, 0 or more",
    }
    text = f"text, up to {field.max_length}" if getattr(field, "max_length", None) else "text"
    return words.get(kind, text)


def _constraint(one: Any) -> str:
    fields = getattr(one, "fields", None)
    where = _query(one.condition) if getattr(one, "condition", None) is not None else ""
    if fields:
        return f"unique: {', '.join(fields)}" + (f", where {where}" if where else "")
    return where


def _query(one: Any) -> str:
    """A condition of the database in words."""
    parts = [_query(child) if hasattr(child, "children") else _lookup(*child) for child in one.children]
    parts = [f"({part})" if re.search(r" (or|and) ", part) else part for part in parts]
    joined = f" {one.connector.lower()} ".join(parts)
    return f"not ({joined})" if one.negated else joined


def _lookup(name: str, value: Any) -> str:
    field, _, kind = name.partition("__")
    shown = getattr(value, "name", None) or ('""' if value == "" else value)
    match kind:
        case "in":
            return f"{field} is one of {', '.join(str(word) or 'empty' for word in value)}"
        case "isnull":
            return f"{field} is {'not given' if value else 'given'}"
        case "gte" | "lte" | "gt" | "lt":
            return f"{field} {COMPARED[kind]} {shown}"
        case _:
            return f"{field} is {'empty' if value == '' else shown}"


def use_django() -> None:
    """Load the models without a database: the address given names a file that nothing opens."""
    from django.apps import apps

    if apps.ready:
        return
    nowhere = Path(tempfile.gettempdir()) / "strigil-docs-opens-no-database"
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "strigil.settings",
        "STRIGIL_DATA": str(nowhere),
        "STRIGIL_DATABASE": f"sqlite:{nowhere / 'none.sqlite3'}",
        "STRIGIL_SECRET_KEY": "only to write the documentation",
    }
    import django

    django.setup()
