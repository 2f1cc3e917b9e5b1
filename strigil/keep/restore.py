"""Restore a backup into an empty database, of either kind, whichever it came from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.management import call_command
from django.db import Error, IntegrityError, connection, transaction

from strigil.accounts.audit.models import What
from strigil.accounts.audit.sealing import unsealed
from strigil.accounts.steps import WholeSteps
from strigil.keep import accounted
from strigil.keep.archive import MANIFEST, KeptTable, Manifest, beside, lines_of, parts, verified
from strigil.keep.faults import Unable
from strigil.keep.files import settled, settled_folder
from strigil.keep.loading import loading, run, said
from strigil.keep.tables import Key, check_known, of_counter, write


def restore(file: Path, passphrase: bytes) -> tuple[Manifest, list[str]]:
    """Verify a whole backup, then write it: all of it or nothing. Gives what is wrong with the log that it held, too.

    Raises:
        Damaged: when the backup is not as it was written.
        Unable: when it may not or cannot go into this database; nothing was written.
    """
    with file.open("rb") as reading:
        manifest = verified(reading, passphrase, counted=False)
        check_known(manifest.migrations, "The backup")
        check_mark(demo=manifest.demo)
        accounted.check_key(manifest.log)
        with new_database():
            _fill(reading, passphrase, manifest)
            wrong = accounted.going_on(What.RESTORED, manifest.log)
    return manifest, wrong


def check_mark(*, demo: bool) -> None:
    """A demo never becomes a clinic, nor a clinic a demo."""
    if demo and not settings.DEMO:
        raise Unable(
            "this holds a demo clinic, where nobody is real: it cannot become a live one. To look at it, set "
            "STRIGIL_DEMO=yes"
        )
    if settings.DEMO and not demo:
        raise Unable("this holds a live clinic: it cannot become a demo. Take STRIGIL_DEMO out of the environment")


# --- Where it goes ----------------------------------------------------------------------------------------------


@contextmanager
def new_database() -> Iterator[None]:
    """The database of the settings, without a table, to be filled; it is there afterwards whole or not at all."""
    check_new()
    if connection.vendor == "postgresql":
        with transaction.atomic():
            yield
        return
    path = Path(str(connection.settings_dict["NAME"]))
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    _use(part)
    _remove(part)
    try:
        yield
        _settle(part)
        _remove_beside(path)
        part.replace(path)
        settled_folder(path.parent)
    finally:
        _use(path)
        _remove(part)


def check_new() -> None:
    """Raises Unable where the database of the settings has a table."""
    if connection.vendor == "sqlite" and not Path(str(connection.settings_dict["NAME"])).exists():
        return
    with connection.cursor() as cursor:
        found = connection.introspection.table_names(cursor)
    if found:
        raise Unable(
            "the database is not empty, and nothing in it is overwritten: move its file away, or make a new database, "
            "and name it in STRIGIL_DATABASE"
        )


def _use(path: Path) -> None:
    connection.close()
    connection.settings_dict["NAME"] = str(path)


def _settle(part: Path) -> None:
    """One plain file, on the disk."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    with part.open("rb+") as file:
        settled(file)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    _remove_beside(path)


def _remove_beside(path: Path) -> None:
    for end in ("-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)


# --- What goes in -----------------------------------------------------------------------------------------------


def _fill(reading: IO[bytes], passphrase: bytes, manifest: Manifest) -> None:
    """The tables as they were then, their rows, and then what later versions made of them."""
    executor = WholeSteps(connection)
    executor.migrate(_ends(manifest.migrations, executor))
    with accounted.silent(), loading():
        for one in manifest.tables:
            run(f"DELETE FROM {connection.ops.quote_name(one.table.name)}")  # noqa: S608 - proven names
        reading.seek(0)
        _load(reading, passphrase, manifest)
        _check(manifest)
        if connection.vendor == "postgresql":
            _set_counters(manifest)
    if set(manifest.migrations) != executor.loader.disk_migrations.keys():
        with unsealed():  # until its triggers stand, a chain does not move
            call_command("migrate", verbosity=0, interactive=False)


def _set_counters(manifest: Manifest) -> None:
    """New rows get keys after those that came."""
    for table in (one.table for one in manifest.tables if one.rows and of_counter(one.table)):
        name, key = connection.ops.quote_name(table.name), connection.ops.quote_name(table.key)
        run(f"SELECT setval(pg_get_serial_sequence('{name}', '{table.key}'), (SELECT max({key}) FROM {name}))")  # noqa: S608


def _ends(done: tuple[Key, ...], executor: WholeSteps) -> list[Key]:
    """The last migrations of those that were done."""
    graph, had = executor.loader.graph, set(done)
    return [key for key in done if not any(child.key in had for child in graph.node_map[key].children)]


def _load(reading: IO[bytes], passphrase: bytes, manifest: Manifest) -> None:
    of_part: dict[str, KeptTable] = {name: one for one in manifest.tables for name in one.parts}
    for name, lines in beside(_unpacked, parts(reading, passphrase)):
        if name == MANIFEST:
            continue
        rows = json.loads(b"[" + lines.rstrip(b"\n").replace(b"\n", b",") + b"]")
        try:
            write(of_part[name].table, rows)
        except IntegrityError:
            raise
        except Error as error:
            raise Unable(f"{name}: this database cannot hold it, so nothing was restored: {said(error)}") from None


def _unpacked(part: tuple[str, bytes]) -> tuple[str, bytes]:
    name, content = part
    return name, content if name == MANIFEST else lines_of(name, content)


def _check(manifest: Manifest) -> None:
    for one in manifest.tables:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(one.table.name)}")  # noqa: S608
            (count,) = cursor.fetchone()
        if count != one.rows:
            raise Unable(f"{one.table.name}: {one.rows} rows were kept and {count} came back, so nothing was restored")
