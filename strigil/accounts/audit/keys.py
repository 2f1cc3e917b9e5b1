"""The keys that seal the log. They stand in a file outside the database, one a line; the last one seals."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from functools import lru_cache
from pathlib import Path

from django.conf import settings


class NoKey(Exception):
    """The log cannot be sealed or read without its key."""


def place() -> Path:
    return Path(settings.AUDIT_KEY)


def make() -> None:
    """A first key, for its owner alone; one that stands is left alone."""
    try:
        _write(os.O_EXCL)
    except FileExistsError:
        return


def add() -> tuple[str, str]:
    """Put a new key behind the old ones. Gives the names of the old and of the new one: *none*, where it was lost."""
    old = current()[0] if place().exists() else "none"
    _write(os.O_APPEND)
    return old, current()[0]


def _write(how: int) -> None:
    place().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = os.open(place(), os.O_WRONLY | os.O_CREAT | how, 0o600)
    try:
        os.write(file, f"{secrets.token_hex(32)}\n".encode())
        os.fsync(file)
    finally:
        os.close(file)


def current() -> tuple[str, bytes]:
    """The name and the key that seals now."""
    return list(known().items())[-1]


def known() -> dict[str, bytes]:
    """Every key by its name, oldest first.

    Raises:
        NoKey: when there is no file, or what it holds is no key.
    """
    try:
        stat = place().stat()
    except OSError as error:
        raise NoKey(
            f"The key of the log cannot be read ({error.strerror}); where: {place()}; "
            "put the key back from where you keep it, or name its place in STRIGIL_AUDIT_KEY."
        ) from None
    return _read(place(), stat.st_mtime_ns, stat.st_size, stat.st_ino)


@lru_cache(maxsize=4)
def _read(path: Path, *_: int) -> dict[str, bytes]:
    try:
        keys = [bytes.fromhex(line) for line in path.read_text().split()]
    except (OSError, ValueError):
        keys = []
    if not keys or any(len(one) != 32 for one in keys):
        raise NoKey(f"This is no key of the log; where: {path}; allowed: lines of 64 hexadecimal digits.")
    return {hashlib.sha256(one).hexdigest()[:8]: one for one in keys}


def once(key: bytes, name: str) -> bytes:
    """A key for one line alone. What leaks of it seals no other line."""
    return hmac.digest(key, name.encode(), "sha256")
