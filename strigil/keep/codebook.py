"""What each column of an export means, from the models themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import models

from strigil.clinic.models.base import class_of
from strigil.keep.tables import Column, Table

UNITS: Mapping[str, str] = {
    "degrees": "deg",
    "days": "d",
    "hours": "h",
    "minutes": "min",
    "newton": "N",
    "seconds": "s",
    "week": "/wk",
}
"""UCUM units, by the last word of a column's name."""
HELD: Mapping[str, str] = {
    "text": "text",
    "integer": "whole number",
    "real": "number",
    "decimal": "number, kept exactly; text in JSON",
    "boolean": "`true` or `false`",
    "date": "date, `2026-11-20`",
    "time": "time of day in the clinic, `09:30:00`",
    "instant": "instant in UTC, `2026-11-20T12:00:00.000000Z`",
    "uuid": "UUID",
    "json": "JSON",
}

OPENING = """# A clinic's record

Exported by Strigil {version}, knowledge {knowledge}. Each kind of record is two files with the same rows: `.csv` for
spreadsheets and statistics, `.jsonl` with one JSON object a line, exact, which `strigil import` reads. All are UTF-8.
`manifest.json` holds the SHA-256 of each of these. A photograph is a JPEG file in a folder beside them, named by
the row that holds its SHA-256. **Whoever has this folder has the clinic's patients: it is not sealed.**

- Nothing is not the empty text: in CSV nothing stands between the commas for what is not known, and `""` for a text
  that is empty; in JSON, `null` and `""`.
- In CSV, a text that begins with `=`, `+`, `-`, `@`, `'`, a tab or a carriage return has a `'` before it, so that no
  spreadsheet runs it. Take one `'` away from the front to have the text as it was.
- Passwords are not exported. After an import everybody needs a new one.
- The log of who saw and changed what is not exported: it is sealed for its installation. A backup holds it.
- *Identifying* columns could tell who a person is; *shareable* ones may be shared without them.
"""


def codebook(version: str, knowledge: str, held: list[tuple[type[models.Model], Table, int]]) -> str:
    """A page that explains every file and every column."""
    parts = [OPENING.format(version=version, knowledge=knowledge)]
    for model, table, rows in held:
        said = " ".join((model.__doc__ or "").split())
        parts.append(f"## {table.name}\n\n{rows:,} rows. {said}\n\n{_columns(model, table)}\n")
    return "\n".join(parts)


def _columns(model: type[models.Model], table: Table) -> str:
    head = "| Column | Holds | Unit | May be unknown | Class |\n| --- | --- | --- | --- | --- |\n"
    return head + "\n".join(_rows(model, table))


def _rows(model: type[models.Model], table: Table) -> Iterator[str]:
    by_column = {field.column: field for field in model._meta.local_concrete_fields}
    units = {column.name for column in table.columns} & {"unit"}
    for column in table.columns:
        field = by_column.get(column.name) or by_column[column.name.rpartition("_")[0]]
        unit = "in `unit`" if column.name == "value" and units else UNITS.get(column.name.rsplit("_", 1)[-1], "")
        empty = "yes" if field.null else "no"
        yield (
            f"| `{column.name}` | {_holds(field, column)} | {unit if column.kind in ('integer', 'decimal') else ''} "
            f"| {empty} | {class_of(model, field.name)} |"
        )


def _holds(field: models.Field[Any, Any], column: Column) -> str:
    if column.name != field.column:
        return "SHA-256 of that file" if column.name.endswith("_sha256") else "name of a file beside this one: a JPEG"
    if isinstance(field.related_model, type):
        return f"key of `{field.related_model._meta.db_table}`"
    if field.choices:
        return ", ".join(f"`{word}` ({label})" for word, label in field.flatchoices)
    said = HELD[column.kind]
    return f"{said}, {column.places} decimal places" if column.kind == "decimal" else said
