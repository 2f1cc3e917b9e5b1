"""Many rows into empty tables, quickly: indexes and foreign keys come back when the rows are in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, models

BATCH = 20_000
Row = tuple[Any, ...]


class Bulk:
    """Rows of text, whole numbers and None, in batches. Fields that are not named get their model's default."""

    def __init__(self, shapes: dict[type[models.Model], Sequence[str]]) -> None:
        self._insert = {model: _Insert(model, fields) for model, fields in shapes.items()}
        self._waiting: dict[type[models.Model], list[Row]] = {model: [] for model in shapes}

    def add(self, model: type[models.Model], row: Row) -> None:
        waiting = self._waiting[model]
        waiting.append(row)
        if len(waiting) >= BATCH:
            self._send(model)

    def flush(self) -> None:
        for model in self._waiting:
            self._send(model)

    def _send(self, model: type[models.Model]) -> None:
        rows = self._waiting[model]
        self._insert[model].send(rows)
        rows.clear()


class _Insert:
    """How the rows of one table are sent."""

    def __init__(self, model: type[models.Model], fields: Sequence[str]) -> None:
        meta = model._meta
        named = [meta.get_field(name) for name in fields]
        self._rest = [one for one in meta.local_concrete_fields if one not in named and not one.null]
        if without := [one.name for one in self._rest if not one.has_default() and not one.empty_strings_allowed]:
            raise TypeError(f"{model.__name__}: the benchmark names no value for {', '.join(without)}")
        self._tail = tuple(_plain(one) for one in self._rest)
        columns = [connection.ops.quote_name(one.column) for one in (*named, *self._rest)]
        table = connection.ops.quote_name(meta.db_table)
        places = ", ".join(["%s"] * len(columns))
        self._into = f"{table} ({', '.join(columns)})"
        self._values = f"INSERT INTO {self._into} VALUES ({places})"  # noqa: S608  (names come from the models)

    def send(self, rows: Sequence[Row]) -> None:
        whole = [(*row, *self._tail) for row in rows] if self._tail else rows
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY {self._into} FROM STDIN") as copy:
                    for row in whole:
                        copy.write_row(row)
            else:
                cursor.executemany(self._values, whole)


def _plain(field: models.Field[Any, Any]) -> Any:
    default = field.get_default()
    if isinstance(field, models.JSONField):
        return "[]" if default == [] else "{}"
    return int(default) if isinstance(default, bool) else default


def repeat(
    models_of: Sequence[type[models.Model]], copies: int, once: Sequence[str], names: Sequence[tuple[str, str]]
) -> None:
    """Every row so many times, in the order of its days, but for those that stay the only ones.

    The place of a copy stands in its id and in each id of the record that it points to, so that copies hold together.
    """
    with connection.cursor() as cursor:
        uuid = "uuid" if connection.vendor == "postgresql" else "text"
        _temporary(cursor, f"once (id {uuid} PRIMARY KEY)", [(one,) for one in once])
        _temporary(cursor, "copies (k int, mark text)", [(k, f"{k:04x}") for k in range(copies)])
        _temporary(
            cursor, "names (n int PRIMARY KEY, name text, search text)", [(n, *one) for n, one in enumerate(names)]
        )
        for model in models_of:
            table = connection.ops.quote_name(model._meta.db_table)
            fields = [one for one in model._meta.local_concrete_fields if not getattr(one, "generated", False)]
            into = ", ".join(connection.ops.quote_name(one.column) for one in fields)
            values = ", ".join(_copied(one, len(names)) for one in fields)
            cursor.execute(
                "CREATE TEMP TABLE base AS SELECT one.*, row_number() OVER (ORDER BY id) AS place,"  # noqa: S608
                f" id IN (SELECT id FROM once) AS stays FROM {table} one"
            )
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
            cursor.execute(
                f"INSERT INTO {table} ({into}) SELECT {values}"  # noqa: S608 - our own names
                " FROM base CROSS JOIN copies WHERE k = 0 OR NOT stays"
            )
            cursor.execute("DROP TABLE base")


def _temporary(cursor: Any, shape: str, rows: Sequence[Row]) -> None:
    cursor.execute(f"CREATE TEMP TABLE {shape}")
    name, places = shape.partition(" ")[0], ", ".join(["%s"] * len(rows[0]))
    cursor.executemany(f"INSERT INTO {name} VALUES ({places})", rows)  # noqa: S608  (our own names)


def _copied(field: models.Field[Any, Any], names: int) -> str:
    """What a column of a copy holds: ids of the record say which copy, patients have another name."""
    column = f"base.{connection.ops.quote_name(field.column)}"
    if field.model._meta.model_name == "patient" and field.column in ("name", "search"):
        another = f"(SELECT {field.column} FROM names WHERE n = (place * 31 + k * 17) % {names})"  # noqa: S608  (our own names)
        return f"CASE WHEN k = 0 THEN {column} ELSE {another} END"
    to = field.related_model
    if not isinstance(field, (models.UUIDField, models.ForeignKey)) or (to and to._meta.app_label != "clinic"):
        return column
    if connection.vendor == "postgresql":
        return f"overlay({column}::text PLACING mark FROM 25 FOR 4)::uuid"
    return f"substr({column}, 1, 20) || mark || substr({column}, 25)"


def counted(models_of: Sequence[type[models.Model]]) -> dict[str, int]:
    return {one.__name__: one._base_manager.count() for one in models_of}


@contextmanager
def loading() -> Iterator[None]:
    """Rows go in without indexes and without foreign keys being looked up; afterwards both are there again."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
            cursor.execute("SET maintenance_work_mem = '512MB'")
        else:
            for pragma in ("foreign_keys=OFF", "journal_mode=OFF", "synchronous=OFF", "cache_size=-1000000"):
                cursor.execute(f"PRAGMA {pragma}")
        indexes = _indexes(cursor)
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        if connection.vendor != "postgresql":
            cursor.execute("BEGIN")
        yield
        if connection.vendor != "postgresql":
            cursor.execute("COMMIT")
        for _, create in indexes:
            cursor.execute(create)
    settle()


def _indexes(cursor: Any) -> list[tuple[str, str]]:
    """Indexes of the record that no constraint rests on."""
    if connection.vendor == "postgresql":
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename LIKE 'clinic_%%'"
            " AND indexname NOT IN (SELECT conname FROM pg_constraint)"
        )
    else:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name LIKE 'clinic_%%'"
        )
    return list(cursor.fetchall())


def settle() -> None:
    """What time would have done: PostgreSQL knows its tables, SQLite is back in its usual mode."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    connection.close()
