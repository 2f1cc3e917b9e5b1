"""What the sub-commands share."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO

MOST_BYTES = 16 * 1024 * 1024
"""Of one case, and so of one line of cases."""


class BadInput(Exception):
    """What was given cannot be used; one line says why."""


def use_django() -> None:
    """Load the application; a setting that is wrong is wrong input."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "strigil.settings")
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
    except (ImproperlyConfigured, RuntimeError) as error:
        raise BadInput(str(error)) from None


def use_record(*, of_any_version: bool = False) -> None:
    """Load the application, for a command that works on the record that the settings name.

    ``of_any_version``: the command knows what to do with the record of another Strigil.

    Raises:
        BadInput: a setting is wrong.
        Unable: there is no record, it cannot be read, or it is not of this version.
    """
    use_django()
    from strigil.keep.check import schema_looked_at
    from strigil.keep.faults import Unable
    from strigil.keep.tables import check_there

    check_there()
    if not of_any_version and (schema := schema_looked_at()).wrong:
        raise Unable(f"the schema of the database {schema.wrong}")


def database_fault(error: Exception) -> str:
    """One line where the database could not work or the log could not be written; empty for any other error."""
    django, chain = sys.modules.get("django.db"), sys.modules.get("strigil.accounts.audit.chain")
    if chain and isinstance(error, chain.NotLogged):
        return " ".join(str(one).partition("\n")[0] for one in (error, error.__cause__) if one)
    if django and isinstance(error, django.OperationalError):
        said = str(error).partition("\n")[0]
        return f"the database cannot do this ({said}): see what strigil check says"
    return ""


def print_json(value: object) -> None:
    utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    print(json.dumps(value, ensure_ascii=not utf8, indent=2))


def shown(name: str) -> str:
    """A file's name on one line, shortened from the front."""
    text = "".join(mark if mark.isprintable() else "?" for mark in name)
    return text if len(text) <= 200 else "…" + text[-200:]


@contextmanager
def opened(name: str, allowed: str) -> Iterator[IO[bytes]]:
    """A file, or standard input for ``-``, to read."""
    try:
        file = nullcontext(sys.stdin.buffer) if name == "-" else Path(name).open("rb")  # noqa: SIM115 - closed below
    except (OSError, ValueError) as error:
        given = getattr(error, "strerror", None) or error
        raise BadInput(f"cannot be read; where: {shown(name)}; given: {given}; allowed: {allowed}") from None
    with file as reading:
        yield reading


def there(file: Path, allowed: str, *, pipe: bool = False) -> Path:
    """A file that something else opens. ``pipe``: it is read once, so what another program writes will do."""
    if not (file.is_file() or (pipe and file.is_fifo())):
        given = "a folder" if file.is_dir() else "not a plain file" if file.exists() else "no such file"
        raise BadInput(f"cannot be read; where: {shown(str(file))}; given: {given}; allowed: {allowed}")
    return file


def read_small(name: str, allowed: str) -> bytes:
    """A whole file, or standard input for ``-``, up to a size that nothing real needs."""
    with opened(name, allowed) as file:
        raw = file.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise BadInput(
            f"too large; where: {shown(name)}; given: more than {MOST_BYTES} bytes; allowed: {MOST_BYTES} bytes"
        )
    return raw
