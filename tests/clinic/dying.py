"""``python -m tests.clinic.dying N``: a migration that is killed before its statement number N.

Faults that the test must catch, named after the number: ``torn`` takes the transaction away from each step, ``later``
is Django's own command, which writes a step down when it is over.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any


def dying(before: int) -> Callable[..., Any]:
    left = [before]

    def run(execute: Callable[..., Any], sql: str, *given: Any) -> Any:
        if sql.split(maxsplit=1)[0] in ("CREATE", "ALTER", "DROP", "INSERT", "UPDATE", "DELETE"):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, *given)

    return run


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "strigil.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.core.management.commands.migrate import Command
    from django.db import connection
    from django.db.migrations import Migration

    if "torn" in sys.argv:
        Migration.atomic = False
    with connection.execute_wrapper(dying(int(sys.argv[1]))):
        call_command(Command() if "later" in sys.argv else "migrate", verbosity=0, interactive=False)
