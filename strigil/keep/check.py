"""Whether the database is sound: its contents, its settings, its schema."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader

from strigil.clinic.models import PhotographContent
from strigil.clinic.models.photograph import is_as_kept
from strigil.keep.loading import asked
from strigil.keep.tables import FEW, Key
from strigil.sqlite import SAFE

SAFE_SQLITE = {
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "recursive_triggers": 1,
    "trusted_schema": 0,
    "mmap_size": 0,
}
SAFE_POSTGRESQL = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
MORE_THAN_ON = ("remote_write", "remote_apply")
MOUNTS = Path("/proc/self/mountinfo")
NETWORK = frozenset(
    {"9p", "afs", "ceph", "cifs", "davfs", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "smb3", "smbfs", "vboxsf"}
) | {"fuse.ceph", "fuse.davfs2", "fuse.glusterfs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs", "virtiofs"}
"""File systems over which several processes do not lock a file, or not for certain."""


@dataclass(frozen=True, slots=True)
class Looked:
    """One thing that was looked at, and what is wrong with it; nothing where it is sound."""

    at: str
    wrong: str = ""


def check_database() -> list[Looked]:
    """Everything about the database of the settings that has to be so."""
    found = [*settings_looked_at(), schema_looked_at()]
    try:
        return [*found, *(_sqlite() if connection.vendor == "sqlite" else _postgresql()), photographs_looked_at()]
    except Error as error:
        return [*found, Looked("contents", f"cannot be read: {error}. Restore the last backup into a new database")]


def settings_looked_at() -> Iterator[Looked]:
    """The settings without which a crash may lose what was saved."""
    if connection.vendor == "sqlite":
        from sqlite3 import sqlite_version_info

        wanted = ".".join(map(str, SAFE))
        yield Looked("SQLite", "" if sqlite_version_info >= SAFE else f"{sqlite_version_info}: needs {wanted} or newer")
        for name, safe in SAFE_SQLITE.items():
            ((given,),) = asked(f"PRAGMA {name}")
            yield Looked(name, "" if given == safe else f"is {given}: has to be {safe}")
        kind = file_system(Path(str(connection.settings_dict["NAME"])))
        far = f"lies on {kind}, over a network: move the database to a disk of this machine, or use PostgreSQL"
        yield Looked("file system", far if kind in NETWORK else "")
        return
    for name, wanted in SAFE_POSTGRESQL.items():
        ((given,),) = asked(f"SHOW {name}")
        sound = given == wanted or (name == "synchronous_commit" and given in MORE_THAN_ON)
        yield Looked(name, "" if sound else f"is {given}: has to be {wanted}, or a power cut loses what was saved")


def file_system(path: Path) -> str:
    """The kind of file system that holds a file, as Linux names it; empty where the system does not say."""
    if not MOUNTS.exists():
        return ""
    found = ("", "")
    for line in MOUNTS.read_text().splitlines():
        mount, kind = line.split()[4].encode().decode("unicode_escape"), line.partition(" - ")[2].split()[0]
        if path.resolve().is_relative_to(mount) and len(mount) >= len(found[0]):
            found = (mount, kind)
    return found[1]


@cache
def migrations_of_the_code() -> frozenset[Key]:
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


def schema_looked_at() -> Looked:
    """Whether the database has had just the migrations that this Strigil has."""
    done = {(app, name) for app, name in asked("SELECT app, name FROM django_migrations")}
    if newer := sorted(done - migrations_of_the_code()):
        return Looked("schema", f"is of a newer Strigil ({'.'.join(newer[0])}): install that version")
    if older := sorted(migrations_of_the_code() - done):
        lacks = ".".join(older[0])
        return Looked("schema", f"lacks {lacks}: make a backup, then run python -m strigil.manage migrate")
    return Looked("schema")


def photographs_looked_at() -> Looked:
    """Whether each picture is the one whose hash its row has."""
    held = PhotographContent.objects.order_by("pk").values_list("photograph_id", "photograph__sha256", "content")
    spoilt = [key for key, was, content in held.iterator(FEW) if not is_as_kept(content, was)]
    more = f"{len(spoilt)} are not as they were kept, the first that of {spoilt[0]}" if spoilt else ""
    return Looked("photographs", f"{more}: bring them back from a backup of before" if more else "")


def _sqlite() -> Iterator[Looked]:
    broken = [line for (line,) in asked("PRAGMA integrity_check") if line != "ok"]
    yield Looked("contents", f"{broken[0]}: restore the last backup into a new database" if broken else "")
    lost = asked("PRAGMA foreign_key_check")
    yield Looked("references", f"a row of {lost[0][0]} points to a row of {lost[0][2]} that is gone" if lost else "")


def _postgresql() -> Iterator[Looked]:
    loose = asked("SELECT conname FROM pg_constraint WHERE NOT convalidated")
    yield Looked("constraints", f"{loose[0][0]} was never proven: run VALIDATE CONSTRAINT" if loose else "")
    broken = asked("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid")
    yield Looked("indexes", f"{broken[0][0]} is not valid: run REINDEX INDEX" if broken else "")
    for (table,) in asked(
        "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace::regnamespace::text = 'public'"
    ):
        asked(f"SELECT count(t.*::text) FROM {table} t")  # noqa: S608 - a name from the catalogue
    yield Looked("contents")
