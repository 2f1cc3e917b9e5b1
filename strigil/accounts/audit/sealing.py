"""The database connection of Strigil: before a transaction counts, its writes stand in the log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from strigil.accounts.audit.said import Said

if TYPE_CHECKING:
    from strigil.accounts.statements import Kept

    Base = BaseDatabaseWrapper
else:
    Base = object

TOUCHED = "accounts_touched"


def sealing(using: str) -> Sealing:
    """The connection of that name, which is one of ours."""
    connection = connections[using]
    assert isinstance(connection, Sealing)  # noqa: S101 - for the types
    return connection


def spoken(said: Said, using: str = "default") -> None:
    """An action that is part of a larger transaction says who did it, before the next one writes."""
    connection = connections[using]
    if isinstance(connection, Sealing) and (connection.savepoint_ids or settings.WALLS):
        connection.speak(said)


@contextmanager
def unsealed(using: str = "default") -> Iterator[None]:
    """Nothing is made of what was touched until later: for a database that is being filled."""
    connection = sealing(using)
    connection._sealing = True
    try:
        yield
    finally:
        connection._sealing = False


class Sealing(Base):
    """Mixed into both database backends."""

    _has_log = False
    _sealing = False

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self._spoken: list[tuple[int, Said]] = []
        self.texts: dict[Any, Kept] = {}
        self.ops.compiler_module = "strigil.accounts.statements"

    def mine(self) -> str:
        """Whether a note is of this transaction, in SQL."""
        raise NotImplementedError

    def place(self, statements: Sequence[tuple[str, list[Any]]], *, last: bool) -> None:
        """Put sealed lines into the log. ``last``: the transaction then counts."""
        with self.cursor() as cursor:
            for statement, given in statements:
                cursor.execute(statement, given)

    def settle(self) -> None:
        """What was seen of others is on the disk."""

    def _commit(self) -> None:
        if self.connection is not None and not self._sealing and self._keeps_log():
            self._seal()
        super()._commit()  # type: ignore[misc]

    def _seal(self) -> None:
        from strigil.accounts.audit import chain, keys

        self._sealing = True
        try:
            chain.seal_touched(self, spoken=self._spoken)
        except chain.NotLogged:
            raise
        except (keys.NoKey, LookupError, TypeError, ValueError) as error:
            raise chain.NotLogged("The log could not be written, so nothing was saved.") from error
        finally:
            self._sealing = False
            self._spoken.clear()

    def _rollback(self) -> None:
        self._spoken.clear()
        super()._rollback()  # type: ignore[misc]

    def speak(self, said: Said) -> None:
        """Whatever was touched so far and not spoken for was done by this one."""
        from strigil.accounts.audit.models import Touched

        newest = Touched.objects.using(self.alias).order_by("-pk").values_list("pk", flat=True).first()
        if newest is not None:
            self._spoken.append((newest, said))

    def _keeps_log(self) -> bool:
        """Whether the log has its table; once it has, it is not asked again."""
        if not self._has_log:
            self._has_log = TOUCHED in self.introspection.table_names()
        return self._has_log
