"""What is looked at before the application serves anybody."""

from __future__ import annotations

from django.db import connections

from strigil.accounts.audit import keys, triggers


class Unsafe(RuntimeError):
    """The database or the key is not as it must be; one sentence says what to do."""


def refuse_an_unsafe_database(using: str = "default") -> None:
    """Serve nobody from a database that would not tell what is written into it.

    Raises:
        Unsafe: with what is wrong.
    """
    keys.known()
    if found := triggers.faults(connections[using]):
        raise Unsafe(
            f"The database would not tell the log of every write: {'; '.join(found[:3])}"
            f"{f' and {len(found) - 3} more' if len(found) > 3 else ''}. Run `strigil audit verify --rows` to see what "
            "happened meanwhile, then `python -m strigil.manage migrate`, which puts the triggers back."
        )
