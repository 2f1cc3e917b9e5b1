"""``strigil walls``: as the owner of the tables, after each migration."""

from __future__ import annotations

import argparse

from strigil.cli.base import BadInput, print_json, use_django, use_record


def run(arguments: argparse.Namespace) -> int:
    """Have PostgreSQL itself show each clinic's rows to that clinic alone, when the web serves as this role."""
    use_django()
    from django.db import DatabaseError, connection

    if connection.vendor != "postgresql":
        raise BadInput("no walls here; where: STRIGIL_DATABASE; given: SQLite; allowed: postgresql://user@host/name")
    use_record()
    from strigil.accounts.walls import raise_walls

    try:
        tables = raise_walls(arguments.role)
    except DatabaseError as error:
        said = str(error).splitlines()[0]
        raise BadInput(f"not raised; where: {arguments.role}; given: {said}; allowed: a role that exists") from None
    if arguments.json:
        print_json({"role": arguments.role, "tables": list(tables)})
    else:
        print(f"{len(tables)} tables are walled for {arguments.role}.")
    return 0
