"""The folder a demo clinic is kept in: its key, its lock, its database and the databases moved aside.

Imports no Django: a warm start decides here whether anything has to be made, before the application is loaded.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from io import TextIOWrapper
from pathlib import Path

PACKAGE = Path(__file__).parent.parent
KEPT_ASIDE = 3
LOCK_PATIENCE = 2.0


class InUse(Exception):
    """Another demo runs on this folder."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a demo database was made from; a database made from anything else is not reused."""

    seed: int
    on: date
    migrations: str

    def rows(self) -> list[tuple[str, str]]:
        return [("seed", str(self.seed)), ("on", self.on.isoformat()), ("migrations", self.migrations)]


class Place:
    """A data folder, private to its user. ``lock`` before anything is changed in it."""

    def __init__(self, home: Path) -> None:
        self.home = home.resolve()
        self.database = self.home / "demo.sqlite3"
        self.part = self.home / "demo.sqlite3.part"
        self._lock: TextIOWrapper | None = None

    def prepare(self) -> None:
        """Create the folder for this user alone. A folder full of other things keeps its mode."""
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._key.exists() or not any(self.home.iterdir()):
            self.home.chmod(0o700)
        # whitenoise warns about a missing folder of collected files; a demo serves them from the package.
        (self.home / "static").mkdir(mode=0o700, exist_ok=True)

    def lock(self) -> None:
        """Hold the folder until this process ends; the one before may need a moment to let go.

        Raises:
            InUse: when another demo holds it.
        """
        self._lock = (self.home / "lock").open("w")
        until = time.monotonic() + LOCK_PATIENCE
        while True:
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > until:
                    raise InUse from None
                time.sleep(0.1)
            else:
                return

    def unlock(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    @property
    def _key(self) -> Path:
        return self.home / "secret-key"

    def secret_key(self) -> str:
        """The key of this folder, made once: sessions outlive a restart."""
        if not self._key.exists():
            new = self._key.with_suffix(".part")
            new.touch(mode=0o600)
            new.write_text(secrets.token_urlsafe(50))
            new.replace(self._key)
        return self._key.read_text().strip()

    # --- The database ---

    def made(self) -> Made | None:
        """What the database here was made from; None where there is none or it cannot be read."""
        if not self.database.exists():
            return None
        from pysqlite3 import dbapi2  # type: ignore[import-untyped]

        try:
            connection = dbapi2.connect(str(self.database))
            try:
                found = dict(connection.execute("SELECT name, value FROM strigil_demo"))
                return Made(int(found["seed"]), date.fromisoformat(found["on"]), found["migrations"])
            finally:
                connection.close()
        except (dbapi2.Error, KeyError, ValueError):
            return None

    def move_aside(self) -> Path | None:
        """Keep the database under the day it was for; of those kept, only the newest few stay."""
        if not self.database.exists():
            return None
        made = self.made()
        day = made.on if made else date.fromtimestamp(self.database.stat().st_mtime)
        names = (f"demo-{day}{'' if number == 1 else f'-{number}'}.sqlite3" for number in range(1, 1000))
        kept = next(self.home / name for name in names if not (self.home / name).exists())
        for old, new in zip(_files(self.database), _files(kept), strict=True):
            if old.exists():
                old.replace(new)
        os.utime(kept)
        for old in sorted(self._aside(), key=lambda one: one.stat().st_mtime, reverse=True)[KEPT_ASIDE:]:
            _remove(old)
        return kept

    def _aside(self) -> Iterator[Path]:
        return self.home.glob("demo-*.sqlite3")

    def drop_part(self) -> None:
        """Remove what an interrupted making has left."""
        _remove(self.part)

    def accept_part(self) -> None:
        """The database is whole: give it its name."""
        self.part.replace(self.database)


def wanted(seed: int, on: date) -> Made:
    return Made(seed, on, migrations())


def migrations() -> str:
    """A hash of every migration that shapes the database, read from files so that Django need not be loaded."""
    digest = hashlib.sha256(version("django").encode())
    for path in sorted(PACKAGE.glob("*/migrations/*.py")):
        digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _files(database: Path) -> list[Path]:
    """A database and what SQLite keeps beside it."""
    return [database, database.with_name(f"{database.name}-wal"), database.with_name(f"{database.name}-shm")]


def _remove(database: Path) -> None:
    for one in _files(database):
        one.unlink(missing_ok=True)
