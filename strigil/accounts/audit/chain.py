"""How lines get into the log: each sealed with the one before, in the transaction of what it tells."""

from __future__ import annotations

import hmac
import json
import uuid
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, Model
from django.utils import timezone

from strigil.accounts.audit import keys, rows, triggers
from strigil.accounts.audit.models import NOBODY, Chain, LogLine, Touched, What
from strigil.accounts.audit.said import Said, now
from strigil.accounts.audit.sealing import Sealing, sealing

TOLD = (
    *("id", "clinic_id", "key", "at", "what", "outcome", "user_id", "role", "route", "method", "request", "action"),
    *("table", "object_id", "patients", "row", "details"),
)
"""What a line tells, in the order in which it is sealed."""
PLACED = ("seq", "prev", "mac")
AT_ONCE = 500
NO_CHAIN = "The log has no chain for this clinic, so nothing is shown or saved. Run `strigil audit verify`."


class NotLogged(DatabaseError):
    """The log could not be written, so what it should have told was not done either."""


def body(line: dict[str, Any]) -> str:
    """What a line tells, as it is sealed."""
    return json.dumps([_plain(line[name]) for name in TOLD], ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return value.hex
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value


def seal(key: bytes, line: dict[str, Any], seq: int, prev: str) -> str:
    once = keys.once(key, line["id"].hex)
    return hmac.digest(once, f"{seq}\n{prev}\n{body(line)}".encode(), "sha256").hex()


def line_of(what: str, *, clinic: uuid.UUID | None, said: Said | None = None, **told: Any) -> dict[str, Any]:
    """A line that is not sealed yet. ``clinic`` none: it belongs to none."""
    said = said or now() or Said()
    patients = sorted({one.hex for one in told.pop("patients", ())})
    line = dict.fromkeys(TOLD, "") | {
        "id": _id(),
        "clinic_id": clinic or NOBODY,
        "key": keys.current()[0],
        "at": timezone.now(),
        "what": str(what),
        "user_id": said.user_id,
        "role": said.role,
        "route": said.route[:60],
        "method": said.method[:8],
        "request": said.request,
        "patients": json.dumps(patients) if patients else "",
    }
    return line | {name: value for name, value in told.items() if value}


def _id() -> uuid.UUID:
    from strigil.accounts.models import uuid7

    return uuid7()


# --- One line, in one statement ---------------------------------------------------------------------------------


def record(
    what: str, *, clinic: uuid.UUID | None, using: str = "default", said: Said | None = None, **told: Any
) -> None:
    """Write one line and seal it, in a single statement.

    Raises:
        NotLogged: when the line could not be written; whoever asked must then not go on.
    """
    connection = sealing(using)
    try:
        line = line_of(what, clinic=clinic, said=said, **told)
        with _refusing():
            connection.place([_statement(connection, line, keys.current()[1])], last=connection.get_autocommit())
    except NotLogged:
        raise
    except (DatabaseError, keys.NoKey) as error:
        raise NotLogged("The log could not be written, so nothing is shown or done.") from error


@contextmanager
def _refusing() -> Iterator[None]:
    """A line without a chain has no place, so the database refuses it."""
    try:
        yield
    except DatabaseError as error:
        if triggers.NEXT in str(error) or f"{triggers.LINE}.seq" in str(error):
            raise NotLogged(NO_CHAIN) from error
        raise


def _statement(connection: BaseDatabaseWrapper, line: dict[str, Any], key: bytes) -> tuple[str, list[Any]]:
    """The line is sealed by the statement that writes it, with a key for this line alone."""
    once = keys.once(key, line["id"].hex)
    given = [_stored(connection, name, line[name]) for name in TOLD]
    secret: list[Any] = [once]
    if connection.vendor == "postgresql":
        secret = [bytes(one ^ pad for one in once.ljust(64, b"\0")) for pad in (0x5C, 0x36)]
    return _sealing_statement(connection.vendor), [*given, *secret, body(line), given[TOLD.index("clinic_id")]]


@cache
def _sealing_statement(vendor: str) -> str:
    message = "CAST(h.seq + 1 AS text) || {0} || h.mac || {0} || %s"
    if vendor == "postgresql":
        message = message.format("chr(10)")
        mac = f"encode(sha256(%s::bytea || sha256(%s::bytea || convert_to({message}, 'UTF8'))), 'hex')"
        locked = " FOR UPDATE"
    else:
        mac, locked = f"strigil_hmac(%s, {message.format('char(10)')})", ""
    return (
        f"INSERT INTO {LogLine._meta.db_table} ({_names((*TOLD, *PLACED))}) "  # noqa: S608 - our own names
        f"SELECT {', '.join(['%s'] * len(TOLD))}, h.seq + 1, h.mac, {mac} FROM (SELECT 1) AS one "
        f"LEFT JOIN (SELECT seq, mac FROM {Chain._meta.db_table} WHERE clinic_id = %s{locked}) AS h ON true"
    )


def _names(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _stored(connection: BaseDatabaseWrapper, name: str, value: Any, model: type[Model] = LogLine) -> Any:
    field = model._meta.get_field(name)
    assert isinstance(field, Field)  # noqa: S101 - for the types
    return field.get_db_prep_save(value, connection)


# --- While the tables themselves are being changed ---------------------------------------------------------------

_migrating: set[str] = set()


def before_migrate(using: str, **_: Any) -> None:
    """From here on the tables may lack columns that the models have."""
    _migrating.add(using)


def migrated(using: str) -> None:
    _migrating.discard(using)


def shape_while_migrating(using: str) -> rows.Shape | None:
    if using not in _migrating:
        return None
    return rows.Shape(last_shape(using) or {}, triggers.columns(connections[using]))


def last_shape(using: str) -> dict[str, list[str]] | None:
    """The columns that the tables had when the log was last told of them."""
    found = LogLine.objects.using(using).filter(clinic_id=NOBODY, what=What.SHAPE).order_by("-seq").first()
    return json.loads(found.details) if found else None


# --- What the triggers said, before a transaction counts --------------------------------------------------------


class Note(NamedTuple):
    """A row of ``Touched``, and whether it is of this transaction."""

    pk: int
    at: datetime
    table: str
    what: str
    object_id: str
    clinic_id: str | None
    via: str | None
    was: str | None
    mine: bool


def seal_touched(connection: Sealing, *, spoken: Sequence[tuple[int, Said]] = ()) -> None:
    """Make lines of the rows that were written: those of this transaction with who is at work, older ones without.

    ``spoken`` says up to which row who was at work, where several actions share the transaction. The chains are held
    last, in the order of the clinics, so that nobody waits for more than the writing of the lines.
    """
    more = True
    while more and (found := _taken(connection)):
        lines = sorted(_lines(found, spoken, connection.alias), key=lambda line: line["clinic_id"])
        more = len(found) == AT_ONCE
        known = keys.known()
        with _refusing():
            connection.place([_statement(connection, line, known[line["key"]]) for line in lines], last=not more)
    if (said := now()) is not None:
        said.acts.clear()


def _taken(connection: Sealing) -> list[Note]:
    """The oldest notes, which are then gone; what another transaction is just taking is left to it."""
    table = Touched._meta.db_table
    skip = " FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    oldest = f"SELECT id FROM {table} ORDER BY id LIMIT {AT_ONCE}{skip}"  # noqa: S608 - our own names
    with connection.cursor() as cursor:
        cursor.execute(
            f'DELETE FROM {table} WHERE id IN ({oldest}) RETURNING id, at, "table", what, object_id, clinic_id, '  # noqa: S608
            f"via, was, {connection.mine()}"
        )
        found = [Note(pk, _instant(at), *rest) for pk, at, *rest in cursor.fetchall()]
    return sorted(found, key=lambda one: one.pk)


def _instant(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _lines(found: Sequence[Note], spoken: Sequence[tuple[int, Said]], using: str) -> Iterator[dict[str, Any]]:
    standing = _standing(found, using)
    name, key = keys.current()
    last = {(one.table, one.object_id): one.pk for one in found}
    gone = {(one.table, one.object_id): one for one in found if one.what == What.REMOVED}
    for one in found:
        said = _speaker(one.pk, spoken) if one.mine else Said()
        kept = standing.get((one.table, one.object_id))
        row = ""
        if kept and kept[0] is not None and last[one.table, one.object_id] == one.pk:
            row = rows.hashed(key, one.table, one.object_id, kept[0])
        patients = {kept[1] if kept else _patient(one.table, one.object_id, one.via, gone, using)}
        if one.was:
            patients.add(_patient(one.table, one.object_id, one.was, gone, using))
        yield line_of(
            one.what,
            clinic=_uuid(one.clinic_id),
            said=said,
            at=one.at,
            key=name,
            action=", ".join(said.acts)[:200],
            table=one.table,
            object_id=one.object_id,
            patients=patients - {None},
            row=row,
        )


def _speaker(pk: int, spoken: Sequence[tuple[int, Said]]) -> Said:
    place = bisect_left(spoken, pk, key=lambda one: one[0])
    return spoken[place][1] if place < len(spoken) else now() or Said()


Standing = dict[tuple[str, str], tuple[tuple[Any, ...] | None, uuid.UUID | None]]


def _standing(found: Sequence[Note], using: str) -> Standing:
    by_table: dict[str, set[str]] = defaultdict(set)
    for one in found:
        if one.table in rows.watched() and one.object_id:
            by_table[one.table].add(one.object_id)
    standing: Standing = {}
    shape = shape_while_migrating(using)
    for table, pks in by_table.items():
        with suppress(ValueError, ValidationError):  # an id that is none: the line then has no hash of the row
            held = rows.read(rows.watched()[table], list(pks), using, shape)
            standing |= {(table, pk): kept for pk, kept in held.items()}
    return standing


def _patient(table: str, pk: str, via: str | None, gone: dict[tuple[str, str], Note], using: str) -> uuid.UUID | None:
    """Whose row it was: along its references, also over rows that were removed with it."""
    model = rows.watched().get(table)
    way = rows.path(model) if model else None
    if way is None:
        return None
    if not way:
        return _uuid(pk)
    if len(way) == 1 or _uuid(via) is None:
        return _uuid(via)
    parent = way[0].related_model
    if not isinstance(parent, type) or not issubclass(parent, Model):
        return None
    if (other := gone.get((parent._meta.db_table, via or ""))) is not None:
        return _patient(other.table, other.object_id, other.via, gone, using)
    found = rows.read(parent, [via], using, shape_while_migrating(using))
    return next((one for _, one in found.values()), None)


def _uuid(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None


def head(using: str = "default") -> dict[str, dict[str, Any]]:
    """Where each chain stands, to be kept outside: ``{clinic: {"seq": …, "mac": …}}``."""
    return {
        str(one.clinic_id): {"seq": one.seq, "mac": one.mac} for one in Chain.objects.using(using).order_by("clinic_id")
    }
