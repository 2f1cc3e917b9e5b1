"""Makes a demo database: ``python -m strigil.demo.build SEED DAY PARENT``, the file given by ``STRIGIL_DATABASE``.

A process of its own, so that the server never carries a connection to the unfinished file, and so that stopping the
demo halfway is stopping this.
"""

from __future__ import annotations

import signal
import sys
import time
from datetime import date

from strigil.serve.leash import die_with_parent


def main(seed: int, on: date) -> None:
    """Migrate, generate, write down what from, and leave one plain file behind."""
    started = time.monotonic()
    _say(f"Making the demo clinic of {on.day} {on:%B %Y} (seed {seed}) …")

    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from strigil.demo.generate import generate
    from strigil.demo.place import wanted

    call_command("migrate", verbosity=0, interactive=False)
    generate(seed=seed, on=on, progress=_count if sys.stderr.isatty() else None)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE strigil_demo (name text PRIMARY KEY, value text NOT NULL)")
        cursor.executemany("INSERT INTO strigil_demo VALUES (%s, %s)", wanted(seed, on).rows())
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    _say(f"\rMade in {time.monotonic() - started:.1f} s.       ")


def _count(done: int, of: int) -> None:
    print(f"\r{done} of {of} people", end="", file=sys.stderr, flush=True)


def _say(text: str) -> None:
    print(text if sys.stderr.isatty() else text.strip(), file=sys.stderr, flush=True)


if __name__ == "__main__":
    # Ctrl-C and a closed terminal reach this process too; whoever started it hears them and ends it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    die_with_parent(int(sys.argv[3]))
    main(int(sys.argv[1]), date.fromisoformat(sys.argv[2]))
