"""The database connection of Strigil: before a transaction counts, its writes stand in the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.backends.base.base import BaseDatabaseWrapper

if TYPE_CHECKING:
    Base = BaseDatabaseWrapper
else:
    Base = object

TOUCHED = "accounts_touched"


class Sealing(Base):
    """Mixed into both database backends."""

    _has_log = False
    _sealing = False

    def mine(self) -> dict[str, Any]:
        """Which of the touched rows this transaction wrote."""
        raise NotImplementedError

    def _commit(self) -> None:
        if self.connection is not None and not self._sealing and self._keeps_log():
            self._seal()
        super()._commit()  # type: ignore[misc]

    def _seal(self) -> None:
        from strigil.accounts.audit import chain, keys
        from strigil.accounts.audit.models import Touched

        self._sealing = True
        try:
            if Touched.objects.using(self.alias).exists():
                chain.seal_touched(self, mine=self.mine())
        except chain.NotLogged:
            raise
        except (keys.NoKey, LookupError, TypeError, ValueError) as error:
            raise chain.NotLogged("The log could not be written, so nothing was saved.") from error
        finally:
            self._sealing = False

    def _keeps_log(self) -> bool:
        """Whether the log has its table; once it has, it is not asked again."""
        if not self._has_log:
            self._has_log = TOUCHED in self.introspection.table_names()
        return self._has_log
