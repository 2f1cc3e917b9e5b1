"""Files and folders that appear whole or not at all."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from strigil.keep.faults import Unable


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file to write and read back that takes its name, and the place of an older one, only when all went well.

    A run that is killed leaves ``.NAME.part`` behind, which the next one takes over.
    """
    part = path.with_name(f".{path.name}.part")
    with _told(path), os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600), "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unable(f"{path}: another run is writing it; wait for it, or give another name") from None
        try:
            file.truncate()
            yield file
            settled(file)
            part.replace(path)
            settled_folder(path.parent)
        finally:
            part.unlink(missing_ok=True)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """What the disk refuses, in words."""
    try:
        yield
    except OSError as error:
        why = error.strerror or error
        raise Unable(
            f"{path}: cannot be written ({why}): make room there, or give another place; an older one stays"
        ) from None


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """A folder to fill that takes its name only when all went well. The name must be free, or an empty folder's."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise Unable(f"{path}: is there already; give the name of a new folder")
    part = path.with_name(f".{path.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        with _told(path):
            part.mkdir(mode=0o700)
            yield part
            for inside in part.rglob("*"):
                settled_folder(inside) if inside.is_dir() else _settled_file(inside)
            settled_folder(part)
            part.replace(path)
            settled_folder(path.parent)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def settled(file: IO[bytes]) -> None:
    """What was written is on the disk."""
    file.flush()
    os.fsync(file.fileno())


def _settled_file(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def settled_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
