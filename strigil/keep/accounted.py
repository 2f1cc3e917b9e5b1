"""The log of a record that leaves, comes in or moves: it tells of it, it is anchored, and it comes along."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from uuid import UUID

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from strigil.accounts.audit import keys, triggers
from strigil.accounts.audit.chain import NotLogged, head, record
from strigil.accounts.audit.events import after_migrate
from strigil.accounts.audit.models import NOBODY, Touched, What
from strigil.accounts.audit.said import BY_COMMAND, Said
from strigil.accounts.audit.sealing import unsealed
from strigil.accounts.audit.verify import verify
from strigil.keep.archive import Head
from strigil.keep.faults import Unable

LINE = "accounts_logline"


def told(what: What, clinic: UUID | None = None) -> None:
    """A line in the log of a clinic, or of every one. A record from before the log has none.

    Raises:
        Unable: when it cannot be written; what it should tell is then not done.
    """
    if not has_log(connection):
        return
    every = [UUID(one) for one in head() if UUID(one) != NOBODY]
    try:
        for one in [clinic] if clinic else every:
            record(what, clinic=one, said=Said(role=BY_COMMAND), outcome="done")
    except NotLogged as error:
        raise Unable(f"{error} {error.__cause__ or ''}".strip()) from None


def has_log(database: BaseDatabaseWrapper) -> bool:
    return LINE in database.introspection.table_names()


def heads(database: BaseDatabaseWrapper) -> dict[str, Head]:
    """Where each chain stands at the moment that a connection sees."""
    if not has_log(database):
        return {}
    with database.cursor() as cursor:
        cursor.execute("SELECT clinic_id, seq, mac FROM accounts_chain ORDER BY clinic_id")
        return {str(UUID(str(clinic))): Head(seq=seq, mac=mac) for clinic, seq, mac in cursor.fetchall()}


def check_key(anchors: Mapping[str, Head]) -> None:
    """A log that was sealed goes on only with its key.

    Raises:
        Unable: when the key is not here.
    """
    if any(one.seq for one in anchors.values()):
        try:
            keys.known()
        except keys.NoKey as error:
            raise Unable(
                f"{error} If it is lost, run `strigil audit new-key`: the record comes back, and what its log "
                "says from before cannot be proven"
            ) from None


@contextmanager
def silent() -> Iterator[None]:
    """What is loaded inside is told by no trigger and sealed by nobody: its log comes with it, or begins after it."""
    triggers.remove(connection)
    with unsealed():
        yield


def going_on(what: What, anchors: Mapping[str, Head]) -> list[str]:
    """The triggers stand again, the log says what happened, and is held against where it was anchored.

    Gives what is wrong with it, in words.
    """
    if has_log(connection):
        Touched.objects.update(tx=0)  # of a transaction of the other database
    after_migrate(connection.alias)
    told(what)
    report = verify(anchors=[{clinic: one.model_dump() for clinic, one in anchors.items()}])
    return [str(one) for one in report.faults]
