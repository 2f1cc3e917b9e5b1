"""A clinic's whole record as a folder of CSV, JSON lines and photographs with a codebook, and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import IO, Any, Literal

from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, models
from django.db.backends.base.base import BaseDatabaseWrapper
from pydantic import BaseModel, ConfigDict, ValidationError

from strigil.accounts.audit.models import What
from strigil.accounts.audit.rows import OWN
from strigil.accounts.models import Clinic
from strigil.keep import accounted
from strigil.keep.codebook import codebook
from strigil.keep.faults import Damaged, Unable
from strigil.keep.files import whole_folder
from strigil.keep.loading import loading, said
from strigil.keep.restore import check_mark, new_database
from strigil.keep.tables import FEW, LEFT_OUT, Column, Key, Table, applied, lines, snapshot, table_of, write
from strigil.knowledge import load

MANIFEST, CODEBOOK = "manifest.json", "README.md"
AT_ONCE = 1000
APPS = ("accounts", "clinic")
SECRETS = frozenset({("accounts_user", "password"), ("accounts_user", "session_salt")})
"""Columns that an export leaves out; what an import writes there is made anew."""
PICTURE = ".jpg"
"""All that a record keeps as bytes are photographs, made anew as JPEG."""
IN_PLACE_OF_BYTES = ("file", "sha256")
CHANGED = "was changed after it was exported: its SHA-256 is another"
RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r", "'")


class ExportedFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    sha256: str
    rows: int


class ExportManifest(BaseModel):
    """What an export holds. It tells no time, so that the same record makes the same export."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[2]
    version: str
    clinic: str
    demo: bool
    knowledge_version: str
    migrations: tuple[Key, ...]
    files: tuple[ExportedFile, ...]

    @property
    def rows(self) -> dict[str, int]:
        return {one.name.removesuffix(".jsonl"): one.rows for one in self.files if one.name.endswith(".jsonl")}


def exported_models() -> list[type[models.Model]]:
    """Everything a clinic's record is made of, in the order of its tables. Its log moves with a backup alone."""
    found = (model for label in APPS for model in apps.get_app_config(label).get_models() if model not in OWN)
    return sorted((one for one in found if one._meta.db_table not in LEFT_OUT), key=lambda one: one._meta.db_table)


def _table(model: type[models.Model]) -> Table:
    whole = table_of(model)
    kept = tuple(one for one in whole.columns if (whole.name, one.name) not in SECRETS)
    return whole.model_copy(update={"columns": kept})


# --- Out --------------------------------------------------------------------------------------------------------


def export(to: Path, clinic: Clinic) -> ExportManifest:
    """Write everything of one clinic into a new folder, as it is at one moment."""
    with whole_folder(to) as folder, snapshot() as database:
        files, held = [], []
        for model in exported_models():
            table = _table(model)
            made = _write(folder, table, lines(database, table, *_of_clinic(database, model, clinic)))
            files += made
            held.append((model, _shown(table), made[0].rows))
        shelf = load()
        manifest = ExportManifest(
            format=2,
            version=version("strigil"),
            clinic=str(clinic.pk),
            demo=clinic.is_demo,
            knowledge_version=shelf.version,
            migrations=_of_apps(applied(database)),
            files=tuple(files),
        )
        (folder / CODEBOOK).write_text(codebook(manifest.version, shelf.version, held), encoding="utf-8")
        (folder / MANIFEST).write_text(manifest.model_dump_json(indent=1) + "\n", encoding="utf-8")
        accounted.told(What.EXPORTED, clinic.pk)
    return manifest


def _of_clinic(
    database: BaseDatabaseWrapper, model: type[models.Model], clinic: Clinic
) -> tuple[str, tuple[object, ...]]:
    """Which rows of a model are one clinic's; of what belongs to no clinic, all."""
    names = {field.name for field in model._meta.local_concrete_fields}
    column = "id" if model is Clinic else "clinic_id" if "clinic" in names else ""
    if not column:
        return "", ()
    return f"WHERE {column} = %s", (Clinic._meta.pk.get_db_prep_value(clinic.pk, database),)


def _of_apps(done: list[Key]) -> tuple[Key, ...]:
    return tuple((app, name) for app, name in done if app in APPS)


def _write(folder: Path, table: Table, rows: Iterator[str]) -> list[ExportedFile]:
    count, shown = 0, _shown(table)
    names = (f"{table.name}.jsonl", f"{table.name}.csv")
    with _Hashed(folder / names[0]) as exact, _Hashed(folder / names[1]) as plain:
        plain.write(",".join(one.name for one in shown.columns))
        for row in rows:
            held = _put_beside(folder, table, json.loads(row))
            values = [_read(one, value) for one, value in zip(shown.columns, held, strict=True)]
            exact.write(_object(shown, values))
            plain.write(",".join(_cell(one, value) for one, value in zip(shown.columns, values, strict=True)))
            count += 1
    return [
        ExportedFile(name=name, sha256=file.sha256, rows=count)
        for name, file in zip(names, (exact, plain), strict=True)
    ]


def _shown(table: Table) -> Table:
    """As its rows are written: in the place of bytes, the file that holds them and its SHA-256."""
    columns: list[Column] = []
    for one in table.columns:
        if one.kind == "bytes":
            columns += [Column(name=f"{one.name}_{what}", kind="text") for what in IN_PLACE_OF_BYTES]
        else:
            columns.append(one)
    return table.model_copy(update={"columns": tuple(columns)})


def _put_beside(folder: Path, table: Table, values: Sequence[Any]) -> list[Any]:
    name = _beside(table, dict(zip((one.name for one in table.columns), values, strict=True)))
    held: list[Any] = []
    for column, value in zip(table.columns, values, strict=True):
        if column.kind != "bytes":
            held.append(value)
        elif value is None:
            held += [None, None]
        else:
            data = bytes.fromhex(value)
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(data)
            held += [name, hashlib.sha256(data).hexdigest()]
    return held


def _beside(table: Table, row: Mapping[str, Any]) -> str:
    """The file of a row's bytes, by its table and key."""
    return f"{table.name}/{row[table.key]}{PICTURE}"


class _Hashed:
    """A file of lines and its SHA-256."""

    def __init__(self, path: Path) -> None:
        self._file: IO[bytes] = path.open("xb")
        self._digest = hashlib.sha256()

    def __enter__(self) -> _Hashed:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, line: str) -> None:
        data = line.encode() + b"\n"
        self._digest.update(data)
        self._file.write(data)

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


def _read(column: Column, value: Any) -> Any:
    if value is None:
        return None
    if column.kind == "json":
        return json.loads(value)
    return bool(value) if column.kind == "boolean" else value


def _object(table: Table, values: list[Any]) -> str:
    pairs = (f"{_json(one.name)}: {_json(value)}" for one, value in zip(table.columns, values, strict=True))
    return "{" + ", ".join(pairs) + "}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _cell(column: Column, value: Any) -> str:
    if value is None:
        return ""
    if column.kind not in ("text", "json"):
        return _json(value) if column.kind == "boolean" else str(value)
    text = _json(value) if column.kind == "json" else value
    guarded = f"'{text}" if text.startswith(RUN_BY_SPREADSHEETS) else text
    return '"' + guarded.replace('"', '""') + '"'


# --- In ---------------------------------------------------------------------------------------------------------


def bring_in(folder: Path) -> ExportManifest:
    """Read an export into a new database: all of it or nothing.

    Raises:
        Damaged: when a file is not as it was exported.
        Unable: when it may not or cannot go into this database; nothing was written.
    """
    manifest = _verified(folder)
    check_mark(demo=manifest.demo)
    with new_database():
        call_command("migrate", verbosity=0, interactive=False)
        _check_same(manifest)
        with accounted.silent(), loading():
            for model in exported_models():
                _load(folder / f"{model._meta.db_table}.jsonl", model)
        accounted.going_on(What.IMPORTED, {})
    return manifest


def _verified(folder: Path) -> ExportManifest:
    try:
        manifest = ExportManifest.model_validate_json((folder / MANIFEST).read_bytes())
    except (FileNotFoundError, ValidationError):
        raise Damaged(MANIFEST, f"is missing or unknown, so {folder} is no export of this Strigil") from None
    for one in manifest.files:
        try:
            with (folder / one.name).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            raise Damaged(one.name, "is missing") from None
        if found != one.sha256:
            raise Damaged(one.name, CHANGED)
    return manifest


def _check_same(manifest: ExportManifest) -> None:
    wanted = {f"{model._meta.db_table}.jsonl" for model in exported_models()}
    if manifest.migrations != _of_apps(applied(connection)) or wanted != {f"{one}.jsonl" for one in manifest.rows}:
        raise Unable(
            f"it was exported by another version ({manifest.version}): import it with that version, "
            "or move the clinic by a backup, which is brought up to date"
        )


def _load(file: Path, model: type[models.Model]) -> None:
    table = table_of(model)
    with file.open("rb") as reading:
        rows = (_row(file.parent, table, json.loads(line)) for line in reading)
        at_once = FEW if any(one.kind == "bytes" for one in table.columns) else AT_ONCE
        try:
            while some := list(islice(rows, at_once)):
                write(table, some)
        except IntegrityError:
            raise
        except DatabaseError as error:
            raise Unable(f"{file.name}: this database cannot hold it, so nothing was imported: {said(error)}") from None


def _row(folder: Path, table: Table, given: dict[str, Any]) -> list[Any]:
    return [_value(folder, table, one, given) for one in table.columns]


def _value(folder: Path, table: Table, column: Column, given: dict[str, Any]) -> Any:
    if (table.name, column.name) in SECRETS:
        return make_password(None)
    if column.kind == "bytes":
        return _fetched(folder, _beside(table, given), *(given[f"{column.name}_{what}"] for what in IN_PLACE_OF_BYTES))
    return _written(column, given[column.name])


def _fetched(folder: Path, name: str, said: str | None, sha256: str | None) -> str | None:
    """The bytes of a row, from the file that belongs to it and no other."""
    if said is None:
        return None
    if said != name or Path(name).parts != (Path(name).parent.name, Path(name).name):
        raise Damaged(said, "is not the file of its row")
    try:
        data = (folder / name).read_bytes()
    except FileNotFoundError:
        raise Damaged(name, "is missing") from None
    if hashlib.sha256(data).hexdigest() != sha256:
        raise Damaged(name, CHANGED)
    return data.hex()


def _written(column: Column, value: Any) -> Any:
    return json.dumps(value) if column.kind == "json" and value is not None else value
