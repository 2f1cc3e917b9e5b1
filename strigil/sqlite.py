"""The SQLite that Strigil accepts.

SQLite 3.7.0 to 3.51.2 can corrupt a WAL database when two connections write and checkpoint at once (fixed in 3.51.3);
Debian 12 ships 3.40.1. ``pysqlite3`` bundles a fixed one, and must stand in for ``sqlite3`` before Django imports it.
"""

from __future__ import annotations

import sys

SAFE = (3, 51, 3)


def use_safe_sqlite() -> None:
    """Put a safe SQLite in place of the interpreter's own.

    Raises:
        RuntimeError: when neither the bundled nor the system SQLite is recent enough.
    """
    import pysqlite3  # type: ignore[import-untyped]
    from pysqlite3 import dbapi2

    if pysqlite3.sqlite_version_info < SAFE:
        wanted = ".".join(str(part) for part in SAFE)
        raise RuntimeError(
            f"SQLite {pysqlite3.sqlite_version} can corrupt a database in WAL mode. "
            f"Strigil needs {wanted} or newer: run `make setup` to install the pysqlite3 of requirements.lock."
        )
    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = dbapi2
