"""A disk of the tests' own, whose power is cut; and databases that lie on it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.keep.hands import address_of
from tests.serve.hands import wait_for

SIZE = 400 * 2**20
WHERE = ("NAME", "HOST", "USER", "PASSWORD", "PORT")
NEEDS = ("xfs_io", "mkfs.ext4", "losetup", "mount")


def run(*command: object, **given: Any) -> str:
    ran = subprocess.run([str(one) for one in command], capture_output=True, text=True, check=False, **given)
    assert ran.returncode == 0, (command, ran.stderr)
    return str(ran.stdout)


class Disk:
    """An ext4 file system in a file. ``cut`` drops what was not flushed, as a power cut does; ``mount`` replays it."""

    held: OnPostgresql | None = None

    def __init__(self, home: Path) -> None:
        self.image, self.at = home / "disk.img", home / "disk"
        self.at.mkdir()
        self._ballast = self.at / "ballast"
        with self.image.open("wb") as file:
            file.truncate(SIZE)
        run("mkfs.ext4", "-q", self.image)
        self.mount()

    def mount(self) -> None:
        run("mount", "-o", "loop", self.image, self.at)
        self.at.chmod(0o755)

    def settle(self) -> None:
        run("sync", "-f", self.at)

    def cut(self) -> None:
        run("xfs_io", "-x", "-c", "shutdown", self.at)

    def fill(self) -> None:
        """To the last block, those that are kept for root as well."""
        with self._ballast.open("wb", buffering=0) as file, suppress(OSError):
            while file.write(bytes(2**16)) > 0:
                pass
        self.settle()

    def empty(self) -> None:
        self._ballast.unlink()

    def wipe(self) -> None:
        for one in self.at.iterdir():
            shutil.rmtree(one) if one.is_dir() else one.unlink()
        shutil.rmtree(self.image.parent / "socket", ignore_errors=True)

    def unmount(self) -> None:
        wait_for(lambda: subprocess.run(["umount", self.at], capture_output=True, check=False).returncode == 0)


@pytest.fixture
def disk() -> Iterator[Disk]:
    """Skipped, with the reason, where it cannot be had. Its home is open to the user that PostgreSQL runs as."""
    if os.geteuid() != 0:
        pytest.skip("a disk of one's own needs root")
    if missing := [one for one in NEEDS if shutil.which(one) is None]:
        pytest.skip(f"needs {', '.join(missing)} (Debian: apt install xfsprogs e2fsprogs mount)")
    home = Path(tempfile.mkdtemp(prefix="strigil-disk-"))
    home.chmod(0o755)
    try:
        made = Disk(home)
    except AssertionError as error:
        pytest.skip(f"no loop device here: {error}")
    yield made
    if made.held is not None:
        made.held.kill()
    if os.path.ismount(made.at):
        made.unmount()
    shutil.rmtree(home)


class OnSqlite:
    """The record of the tests, copied onto the disk."""

    def __init__(self, disk: Disk) -> None:
        self.file = disk.at / "strigil.sqlite3"
        self.address = f"sqlite:{self.file}"
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(self.file)])

    def start(self) -> None: ...

    def kill(self) -> None: ...


class OnPostgresql:
    """A PostgreSQL whose files lie on the disk, with a copy of the record of the tests."""

    def __init__(self, disk: Disk) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT setting FROM pg_config WHERE name = 'BINDIR'")
            self.bin = Path(cursor.fetchone()[0])
        self.user = "pgserver"
        self.files, self.socket = disk.at / "postgres", disk.image.parent / "socket"
        for one in (self.files, self.socket):
            one.mkdir()
            shutil.chown(one, self.user)
        run(self.bin / "initdb", "-D", self.files, "-U", "postgres", "--auth=trust", user=self.user, cwd="/")
        self.address = f"postgresql://postgres@/strigil?host={self.socket}"
        self.start()
        disk.held = self
        run(self.bin / "createdb", "-h", self.socket, "-U", "postgres", "strigil")
        name, host = address_of().split("/")[3].split("?")[0], connection.settings_dict["HOST"]
        dump = run(self.bin / "pg_dump", "-h", host, "-U", "postgres", name)
        run(self.bin / "psql", "-q", "-h", self.socket, "-U", "postgres", "strigil", input=dump)

    def start(self) -> None:
        with (self.socket / "log").open("a") as log:
            self.process = subprocess.Popen(
                [self.bin / "postgres", "-D", self.files, "-k", self.socket, "-c", "listen_addresses="],
                user=self.user, cwd="/", stderr=log, start_new_session=True,
            )  # fmt: skip
        ready = [self.bin / "pg_isready", "-q", "-h", self.socket]
        wait_for(lambda: subprocess.run(ready, check=False).returncode == 0, within=60)

    def kill(self) -> None:
        """At once, with everything it has started."""
        session = subprocess.run(["pgrep", "-s", str(self.process.pid)], capture_output=True, text=True, check=False)
        for pid in session.stdout.split():
            subprocess.run(["kill", "-9", pid], check=False, capture_output=True)
        self.process.wait()


Held = OnSqlite | OnPostgresql


def on(disk: Disk) -> Held:
    return OnSqlite(disk) if connection.vendor == "sqlite" else OnPostgresql(disk)


@contextmanager
def looking_at(address: str) -> Iterator[None]:
    """The tests' own connection looks into another database."""
    from strigil.settings import _database

    before = dict(connection.settings_dict)
    connection.close()
    wanted = _database(address)
    connection.settings_dict.update({name: wanted[name] for name in WHERE if name in wanted})  # type: ignore[arg-type]
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)
