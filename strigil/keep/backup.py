"""Make a backup: everything the database holds at one moment, sealed, in one file, read back before it is named."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from django.db.backends.base.base import BaseDatabaseWrapper

from strigil.accounts.audit.models import What
from strigil.keep.accounted import heads, told
from strigil.keep.archive import FORMAT, Manifest, Writer, verified
from strigil.keep.faults import Unable
from strigil.keep.files import settled, whole_file
from strigil.keep.health import note_backup
from strigil.keep.seal import WORK, Sealer
from strigil.keep.tables import CLINICS, applied, lines, models_at, snapshot, tables
from strigil.knowledge import load


def back_up(to: Path, passphrase: bytes, *, work: int = WORK) -> tuple[Path, Manifest]:
    """Write a backup, consistent while others write. Into a folder it goes under a name that tells the moment.

    An older backup of the same name stays until the new one is whole, on the disk, and read back.
    """
    now = datetime.now(UTC)
    path = to / f"strigil-{now:%Y-%m-%dT%H%M%SZ}.age" if to.is_dir() else to
    with whole_file(path) as file:
        sealer = Sealer(file, passphrase, work)
        writer = Writer(sealer)
        with snapshot() as database:
            manifest = _write(database, writer, now)
        writer.close(manifest)
        sealer.close()
        settled(file)
        file.seek(0)
        if verified(file, passphrase) != manifest:
            raise Unable(f"{path}: what was written does not read back the same: the disk may be failing")
        told(What.BACKED_UP)
    note_backup(now)
    return path, manifest


def _write(database: BaseDatabaseWrapper, writer: Writer, now: datetime) -> Manifest:
    done = applied(database)
    found = tables(models_at(done))
    kept = [writer.add_table(one, lines(database, one)) for one in found]
    shelf = load()
    return Manifest(
        format=FORMAT,
        made_at=f"{now:%Y-%m-%dT%H:%M:%SZ}",
        version=version("strigil"),
        database=database.vendor,
        demo=is_demo(database),
        knowledge_version=shelf.version,
        knowledge_sha256=shelf.sha256,
        migrations=tuple(done),
        log=heads(database),
        tables=tuple(kept),
        parts=tuple(writer.parts),
    )


def is_demo(database: BaseDatabaseWrapper) -> bool:
    """Whether any clinic of a database is a demo."""
    with database.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {CLINICS} WHERE is_demo LIMIT 1")  # noqa: S608 - our own name
        return cursor.fetchone() is not None
