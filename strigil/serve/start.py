"""``python -m strigil.serve.start``: whether a live clinic may be served from these settings and this database.

A process of its own, so that the one that looks after the workers carries neither Django nor a connection.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

WEAK = 50
FEW = 5
"""Characters in the secret key, and different ones among them, as Django's own check has them."""


def refusals() -> Iterator[str]:
    """Each reason not to serve, with what to do about it."""
    import django

    for step in (_settings, django.setup, _database, _application):
        if found := list(step() or ()):
            yield from found
            return


def _settings() -> Iterator[str]:
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured

    try:
        demo = settings.DEMO
    except RuntimeError as error:
        yield str(error)
        return
    try:
        key = settings.SECRET_KEY
    except ImproperlyConfigured:
        key = ""
    if demo:
        yield "STRIGIL_DEMO is yes, and this serves a live clinic: take it out of the environment, or run strigil demo"
    if settings.DEBUG:
        yield "DEBUG is on, which shows strangers the inside of Strigil: turn it off in your settings"
    if len(key) < WEAK or len(set(key)) < FEW:
        yield (
            f"STRIGIL_SECRET_KEY is {'too easily guessed' if key else 'not set'}: make one with "
            "python3 -c 'import secrets; print(secrets.token_urlsafe(50))' and keep it where only Strigil reads it"
        )
    if not settings.SESSION_COOKIE_SECURE:
        yield "STRIGIL_TLS is not yes: put a proxy that speaks https before Strigil, then set it"
    if "*" in settings.ALLOWED_HOSTS:
        yield "STRIGIL_HOSTS allows every name: list the names under which the clinic is reached"


def _database() -> Iterator[str]:
    from django.db import Error

    from strigil.keep.backup import is_demo
    from strigil.keep.check import schema_looked_at, settings_looked_at
    from strigil.keep.faults import Unable
    from strigil.keep.tables import check_there
    from strigil.serve.absent import wait_for_database

    wait_for_database()
    try:
        check_there()
        from django.db import connection

        yield from (f"{one.at} {one.wrong}" for one in settings_looked_at() if one.wrong)
        schema = schema_looked_at()
        if schema.wrong:
            yield f"the schema of the database {schema.wrong}"
        elif is_demo(connection):
            yield "the database holds a demo clinic, where nobody is real: name another one in STRIGIL_DATABASE"
    except Unable as error:
        yield str(error)
    except Error as error:
        yield f"the database cannot be read ({str(error).splitlines()[0]}): look at STRIGIL_DATABASE"


def _application() -> Iterator[str]:
    """What the application itself refuses as it is loaded, and Django's checks."""
    from django.core.checks import Error, run_checks

    yield from (str(one) for one in run_checks() if isinstance(one, Error))
    try:
        import strigil.wsgi  # noqa: F401 - loading it is the test
    except Exception as error:
        yield str(error)


if __name__ == "__main__":
    refused = list(refusals())
    for why in refused:
        print(f"strigil: {why}", file=sys.stderr)
    sys.exit(2 if refused else 0)
