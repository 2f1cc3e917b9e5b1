"""Rows of any table as lines of JSON, and back, the same from SQLite and PostgreSQL.

The databases make the lines themselves. A line is an array with one value a column; what each kind of column is
written as stands in docs/reference/backup-format.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from django.apps.registry import Apps
from django.db import DatabaseError, connection, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import StateApps
from pydantic import BaseModel, ConfigDict

from strigil.keep.faults import Unable

Kind = Literal["text", "integer", "real", "decimal", "boolean", "date", "time", "instant", "uuid", "json", "bytes"]
Key = tuple[str, str]
LEFT_OUT = frozenset(
    {"django_session", "django_migrations", "accounts_tries", "accounts_knownplace", "accounts_onetimelink"}
)
"""Tables without a part: after a restore everybody signs in anew, and what was migrated stands in the manifest."""
AT_ONCE = 2000
FEW = 20
"""Where each row brings a photograph."""
CLINICS = "accounts_clinic"

KINDS: dict[str, Kind] = {
    "CharField": "text",
    "SlugField": "text",
    "TextField": "text",
    "AutoField": "integer",
    "BigAutoField": "integer",
    "BigIntegerField": "integer",
    "IntegerField": "integer",
    "PositiveBigIntegerField": "integer",
    "PositiveIntegerField": "integer",
    "PositiveSmallIntegerField": "integer",
    "SmallIntegerField": "integer",
    "FloatField": "real",
    "DecimalField": "decimal",
    "BooleanField": "boolean",
    "DateField": "date",
    "TimeField": "time",
    "DateTimeField": "instant",
    "UUIDField": "uuid",
    "JSONField": "json",
    "BinaryField": "bytes",
}
OUT = {
    "sqlite": {
        "decimal": "CASE WHEN {c} IS NOT NULL THEN printf('%.{p}f', {c}) END",
        "instant": "substr({c}, 1, 10) || 'T' || substr({c}, 12, 8) || '.' || substr(substr({c}, 21) || '000000', 1, 6)"
        " || 'Z'",
        "uuid": "substr({c}, 1, 8) || '-' || substr({c}, 9, 4) || '-' || substr({c}, 13, 4) || '-'"
        " || substr({c}, 17, 4) || '-' || substr({c}, 21)",
        "bytes": "CASE WHEN {c} IS NOT NULL THEN lower(hex({c})) END",
    },
    "postgresql": {
        "decimal": "{c}::text",
        "boolean": "{c}::int",
        "instant": """to_char({c} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
        "json": "{c}::text",
        "bytes": "encode({c}, 'hex')",
    },
}
IN_SQLITE = {
    "instant": "replace(replace(replace(%s, 'T', ' '), 'Z', ''), '.000000', '')",
    "uuid": "replace(%s, '-', '')",
    "bytes": "unhex(%s)",
}


class Column(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    kind: Kind
    places: int = 0


class Table(BaseModel):
    """``key`` names its column, or several with commas between."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    key: str
    columns: tuple[Column, ...]

    @property
    def keys(self) -> list[str]:
        return self.key.split(",")


def table_of(model: type[models.Model]) -> Table:
    """A model's table as it is kept; what the database computes by itself is not."""
    columns = [_column(field) for field in model._meta.local_concrete_fields if not getattr(field, "generated", False)]
    key = ",".join(str(field.column) for field in model._meta.pk_fields)
    return Table(name=model._meta.db_table, key=key, columns=tuple(columns))


def _column(field: models.Field[Any, Any]) -> Column:
    end = field
    while end.remote_field is not None:
        end = end.target_field  # type: ignore[attr-defined]
    kind = KINDS.get(end.get_internal_type())
    if kind is None:
        raise Unable(f"{field}: a {end.get_internal_type()} cannot be kept yet; add its kind to strigil/keep/tables.py")
    return Column(name=field.column, kind=kind, places=getattr(end, "decimal_places", 0) or 0)


def tables(apps: Apps | StateApps) -> list[Table]:
    """Every table that some models have, in the order of their names."""
    found = (one for one in apps.get_models(include_auto_created=True) if one._meta.managed and not one._meta.proxy)
    return sorted((table_of(one) for one in found if one._meta.db_table not in LEFT_OUT), key=lambda one: one.name)


def check_there() -> None:
    """Looking for a record makes no database.

    Raises:
        Unable: when the settings name none.
    """
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite" and not Path(name).exists():
        raise Unable(f"there is no database {name}: look at STRIGIL_DATABASE")
    try:
        found = connection.introspection.table_names()
    except DatabaseError as error:
        raise Unable(f"the database cannot be read ({str(error).splitlines()[0]}): look at STRIGIL_DATABASE") from None
    if CLINICS not in found:
        raise Unable("the database holds no record yet: look at STRIGIL_DATABASE")


# --- What was migrated ------------------------------------------------------------------------------------------


def applied(database: BaseDatabaseWrapper) -> list[Key]:
    """The migrations that a database has had.

    Raises:
        Unable: when this Strigil does not know one of them.
    """
    loader = MigrationLoader(database)
    done = sorted(loader.applied_migrations)
    check_known(done, "The database")
    return done


def check_known(done: Sequence[Key], what: str) -> None:
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    if missing := [f"{app}.{name}" for app, name in done if (app, name) not in known]:
        raise Unable(f"{what} is of a newer Strigil (it has {missing[0]}): install that version or a newer one")


def models_at(done: Sequence[Key]) -> StateApps:
    """The models as they were when just these migrations had been done."""
    return MigrationLoader(None, ignore_no_migrations=True).project_state(list(done)).apps


# --- Reading ----------------------------------------------------------------------------------------------------


@contextmanager
def snapshot() -> Iterator[BaseDatabaseWrapper]:
    """A connection of its own that sees the database as it is now, whatever others write meanwhile."""
    own = connection.copy()
    try:
        with own.cursor() as cursor:
            if own.vendor == "postgresql":
                cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            else:
                cursor.execute("BEGIN")
                cursor.execute("SELECT count(*) FROM sqlite_master")
            yield own
            cursor.execute("ROLLBACK")
    finally:
        own.close()


def lines(database: BaseDatabaseWrapper, table: Table, where: str = "", given: Sequence[Any] = ()) -> Iterator[str]:
    """The rows of a table, in the order of their keys."""
    quote = database.ops.quote_name
    values = ", ".join(_out(database.vendor, one, quote(one.name)) for one in table.columns)
    made = f"json_array({values})" if database.vendor == "sqlite" else f"json_build_array({values})::text"
    by_bytes = ' COLLATE "C"' if database.vendor == "postgresql" else ""
    order = ", ".join(quote(one) + (by_bytes if kind_of(table, one) == "text" else "") for one in table.keys)
    sql = f"SELECT {made} FROM {quote(table.name)} {where} ORDER BY {order}"  # noqa: S608 - our own names
    with database.chunked_cursor() as cursor:
        cursor.execute(sql.replace("%.", "%%.") if given else sql, tuple(given) or None)
        while rows := cursor.fetchmany(FEW if any(one.kind == "bytes" for one in table.columns) else AT_ONCE):
            yield from (line for (line,) in rows)


def _out(vendor: str, column: Column, quoted: str) -> str:
    return OUT[vendor].get(column.kind, "{c}").format(c=quoted, p=column.places)


def kind_of(table: Table, name: str) -> Kind:
    return next(one.kind for one in table.columns if one.name == name)


def of_counter(table: Table) -> bool:
    """Whether the database numbers its rows."""
    return [kind_of(table, one) for one in table.keys] == ["integer"]


# --- Writing ----------------------------------------------------------------------------------------------------


def write(table: Table, rows: Sequence[Sequence[Any]]) -> None:
    """Put rows into a table, as they came out of ``lines``."""
    quote = connection.ops.quote_name
    into = f"{quote(table.name)} ({', '.join(quote(one.name) for one in table.columns)})"
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            places = ", ".join(IN_SQLITE.get(one.kind, "%s") for one in table.columns)
            cursor.executemany(f"INSERT INTO {into} VALUES ({places})", rows)  # noqa: S608 - our own names
            return
        binary = [place for place, one in enumerate(table.columns) if one.kind == "bytes"]
        with connection.wrap_database_errors, cursor.copy(f"COPY {into} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(_with_bytes(row, binary) if binary else row)


def _with_bytes(row: Sequence[Any], binary: Sequence[int]) -> list[Any]:
    return ["\\x" + value if place in binary and value is not None else value for place, value in enumerate(row)]
