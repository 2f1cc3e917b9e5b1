"""What the database does by itself: every write of a watched table is told, and the log is only ever added to.

The statements are made from the models, so a new table has its triggers as soon as it is migrated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import ForeignKey, Model, UUIDField

from strigil.accounts.audit import rows
from strigil.accounts.audit.models import NOBODY, Chain, LogLine, LogPatient, Touched, What
from strigil.accounts.audit.sealing import unsealed

LINE, NAMED, CHAIN, TOUCHED = (one._meta.db_table for one in (LogLine, LogPatient, Chain, Touched))
CLINIC = "accounts_clinic"
NEXT = "strigil: this is not the next line of the log"
WRITES = ((What.ADDED, "INSERT", "NEW"), (What.CHANGED, "UPDATE", "NEW"), (What.REMOVED, "DELETE", "OLD"))
NEVER = "strigil: the log is only added to"


@dataclass(frozen=True, slots=True)
class Trigger:
    """``event`` as the database itself words it; ``does`` is the body, on PostgreSQL of a function of its own."""

    name: str
    table: str
    event: str
    does: str
    by_statement: bool = False

    def sqlite(self) -> str:
        return f"CREATE TRIGGER {self.name} {self.event} ON {self.table} BEGIN {self.does} END"

    def postgresql(self) -> str:
        each = "STATEMENT" if self.by_statement else "ROW"
        return f"CREATE TRIGGER {self.name} {self.event} ON {self.table} FOR EACH {each} EXECUTE FUNCTION {self.name}()"


def wanted(connection: BaseDatabaseWrapper) -> dict[str, Trigger]:
    """Every trigger this database must have, by its name."""
    held = columns(connection)
    if LINE not in held:
        return {}
    make = _postgresql if connection.vendor == "postgresql" else _sqlite
    return {one.name: one for one in make(held)}


def faults(connection: BaseDatabaseWrapper) -> list[str]:
    """Triggers that are missing, changed, switched off or not ours, in words."""
    due, held = _due(connection)
    said = [f"{name} is {'changed' if name in held else 'missing'}" for name in due]
    return sorted(said + [f"{name} is not Strigil's" for name in held.keys() - wanted(connection).keys()])


def install(connection: BaseDatabaseWrapper) -> list[str]:
    """Make what is missing or different; gives the names."""
    due, held = _due(connection)
    every = wanted(connection)
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for name in held.keys() - every.keys() | (due.keys() & held.keys()):
            cursor.execute(_drop(connection, name, held[name][0]))
        for one in due.values():
            if connection.vendor == "postgresql":
                cursor.execute(_function(one))
                cursor.execute(one.postgresql())
            else:
                cursor.execute(one.sqlite())
        if every:
            _chains(connection)
    return sorted(due)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take all away: for loading many rows at once into a database that is not in use yet.

    What was told before and waits for its line gets it when they are there again.
    """
    with unsealed(connection.alias), transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for name, (table, _) in _held(connection).items():
            cursor.execute(_drop(connection, name, table))


def _due(connection: BaseDatabaseWrapper) -> tuple[dict[str, Trigger], dict[str, tuple[str, str]]]:
    held = _held(connection)
    due = {
        name: one
        for name, one in wanted(connection).items()
        if name not in held or held[name][1] != _as_held(connection, one)
    }
    return due, held


def _chains(connection: BaseDatabaseWrapper) -> None:
    """One for each clinic, and one for what belongs to none."""
    from strigil.accounts.models import Clinic

    using = connection.alias
    missing = {NOBODY, *Clinic.objects.using(using).values_list("pk", flat=True)}
    missing -= set(Chain.objects.using(using).values_list("pk", flat=True))
    Chain.objects.using(using).bulk_create(Chain(clinic_id=one) for one in sorted(missing))


# --- What stands in the database --------------------------------------------------------------------------------


def columns(connection: BaseDatabaseWrapper) -> Mapping[str, set[str]]:
    """What each table has."""
    statement = (
        "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
        "WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND a.attnum > 0 "
        "AND NOT a.attisdropped"
        if connection.vendor == "postgresql"
        else "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'"
    )
    found: dict[str, set[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement)
        for table, column in cursor.fetchall():
            found.setdefault(table, set()).add(column)
    return found


def _held(connection: BaseDatabaseWrapper) -> dict[str, tuple[str, str]]:
    """The triggers there are by their name: their table, and what they do."""
    statement = (
        "SELECT t.tgname, c.relname, t.tgenabled::text || ' ' || pg_get_triggerdef(t.oid, true) || ' ' || p.prosrc "
        "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
        "WHERE NOT t.tgisinternal AND t.tgname LIKE 'log\\_%%' AND c.relnamespace = current_schema()::regnamespace"
        if connection.vendor == "postgresql"
        else "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'log\\_%%' ESCAPE '\\'"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [])
        return {name: (table, text) for name, table, text in cursor.fetchall()}


def _as_held(connection: BaseDatabaseWrapper, one: Trigger) -> str:
    return f"O {one.postgresql()} {_body(one)}" if connection.vendor == "postgresql" else one.sqlite()


def _drop(connection: BaseDatabaseWrapper, name: str, table: str) -> str:
    return f"DROP TRIGGER {name}" + (f' ON "{table}"' if connection.vendor == "postgresql" else "")


def _body(one: Trigger) -> str:
    return f"BEGIN {one.does} RETURN {'NULL' if one.event.startswith('AFTER') else 'NEW'}; END"


def _function(one: Trigger) -> str:
    return f"CREATE OR REPLACE FUNCTION {one.name}() RETURNS trigger LANGUAGE plpgsql AS $strigil${_body(one)}$strigil$"


# --- What each does ---------------------------------------------------------------------------------------------


def _watched(columns: Mapping[str, set[str]]) -> Iterator[tuple[str, str, str | None, str | None]]:
    """Tables that are there: name, key, the column of the clinic, the column that points towards the patient."""
    for table, model in rows.watched().items():
        if table not in columns:
            continue
        key = model._meta.pk.column or ""
        clinic = key if table == CLINIC else "clinic_id" if "clinic_id" in columns[table] else None
        way = _towards(model)
        yield table, key, clinic, way if way in columns[table] else None


def _towards(model: type[Model]) -> str | None:
    way = rows.path(model)
    if not way:
        return None
    held = way[0].target_field if isinstance(way[0], ForeignKey) else way[0]
    return way[0].column if isinstance(held, UUIDField) else None


def _telling(now: str, table: str, what: What, key: str, clinic: str, via: str, was: str, tx: str) -> str:
    return (
        f'INSERT INTO {TOUCHED} (at, "table", what, object_id, clinic_id, via, was, tx) '  # noqa: S608 - our own names
        f"VALUES ({now}, '{table}', '{what.value}', {key}, {clinic}, {via}, {was}, {tx});"
    )


def _hex(row: str, column: str | None) -> str:
    return f"""replace({row}."{column}"::text, '-', '')""" if column else "NULL"


def _sqlite(columns: Mapping[str, set[str]]) -> Iterator[Trigger]:
    now = "strftime('%Y-%m-%d %H:%M:%f', 'now')"
    for table, key, clinic, via in _watched(columns):
        for what, event, row in WRITES:
            was = "NULL"
            if what is What.CHANGED and via:
                was = f'CASE WHEN OLD."{via}" IS NOT NEW."{via}" THEN OLD."{via}" END'
            told = _telling(
                now,
                table,
                what,
                f'CAST({row}."{key}" AS text)',
                f'{row}."{clinic}"' if clinic else "NULL",
                f'{row}."{via}"' if via else "NULL",
                was,
                "0",
            )
            yield Trigger(f"log_{what.value}_{table}", table, f"AFTER {event}", told)
    yield Trigger(
        "log_next",
        LINE,
        "BEFORE INSERT",
        f"SELECT RAISE(ABORT, '{NEXT}') WHERE NOT EXISTS (SELECT 1 FROM {CHAIN} "  # noqa: S608 - our own names
        "WHERE clinic_id = NEW.clinic_id AND seq = NEW.seq - 1 AND mac = NEW.prev); "
        f"UPDATE {CHAIN} SET seq = NEW.seq, mac = NEW.mac WHERE clinic_id = NEW.clinic_id; "
        f"INSERT INTO {NAMED} (clinic_id, patient_id, seq) SELECT NEW.clinic_id, value, NEW.seq "
        "FROM json_each(CASE NEW.patients WHEN '' THEN '[]' ELSE NEW.patients END);",
    )
    for table in (LINE, NAMED):
        for event in ("UPDATE", "DELETE"):
            does = f"SELECT RAISE(ABORT, '{NEVER}');"
            yield Trigger(f"log_never_{event.lower()}_{table}", table, f"BEFORE {event}", does)
    does = f"INSERT OR IGNORE INTO {CHAIN} (clinic_id, seq, mac) VALUES (NEW.id, 0, '');"  # noqa: S608 - our own names
    yield Trigger("log_of_clinic", CLINIC, "AFTER INSERT", does)


def _postgresql(columns: Mapping[str, set[str]]) -> Iterator[Trigger]:
    for table, key, clinic, via in _watched(columns):
        parts = []
        for what, event, row in WRITES:
            was = "NULL"
            if what is What.CHANGED and via:
                was = f'CASE WHEN OLD."{via}" IS DISTINCT FROM NEW."{via}" THEN {_hex("OLD", via)} END'
            told = _telling(
                "clock_timestamp()",
                table,
                what,
                _hex(row, key),
                _hex(row, clinic),
                _hex(row, via),
                was,
                "txid_current()",
            )
            parts.append(f"IF TG_OP = '{event}' THEN {told} END IF;")
        yield Trigger(f"log_row_{table}", table, "AFTER INSERT OR DELETE OR UPDATE", " ".join(parts))
        told = _telling("clock_timestamp()", table, What.EMPTIED, "''", "NULL", "NULL", "NULL", "txid_current()")
        yield Trigger(f"log_emptied_{table}", table, "AFTER TRUNCATE", told, by_statement=True)
    yield Trigger(
        "log_next",
        LINE,
        "BEFORE INSERT",
        f"UPDATE {CHAIN} SET seq = NEW.seq, mac = NEW.mac "  # noqa: S608 - our own names
        "WHERE clinic_id = NEW.clinic_id AND seq = NEW.seq - 1 AND mac = NEW.prev; "
        f"IF NOT FOUND THEN RAISE EXCEPTION '{NEXT}'; END IF; "
        f"INSERT INTO {NAMED} (clinic_id, patient_id, seq) SELECT NEW.clinic_id, one::uuid, NEW.seq "
        "FROM jsonb_array_elements_text((CASE NEW.patients WHEN '' THEN '[]' ELSE NEW.patients END)::jsonb) AS one;",
    )
    for table in (LINE, NAMED):
        does = f"RAISE EXCEPTION '{NEVER}';"
        yield Trigger(f"log_never_{table}", table, "BEFORE DELETE OR UPDATE", does)
        yield Trigger(f"log_never_emptied_{table}", table, "BEFORE TRUNCATE", does, by_statement=True)
    does = f"INSERT INTO {CHAIN} (clinic_id, seq, mac) VALUES (NEW.id, 0, '') ON CONFLICT DO NOTHING;"  # noqa: S608
    yield Trigger("log_of_clinic", CLINIC, "AFTER INSERT", does)
