"""Questions that are asked again and again are put into words once: the compiler of both database backends.

A page asks the same few questions about another patient, and Django writes each one's SQL anew: nearly a quarter of
what a patient's page costs. Here the text around the condition is kept with each connection. The condition itself,
which says whose rows are asked for, is always written anew, and so are its values. Only plain questions are kept: rows
or columns of tables, joined and in an order by name. Each text is made twice, and counts only if both are the same.

Django calls these classes by their names (``DatabaseOperations.compiler_module``); what they stand on is internal to
Django 5.2, and ``tests/accounts/test_statements.py`` compares with Django's own text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db.models.expressions import Col
from django.db.models.sql import Query, compiler
from django.db.models.sql.compiler import (
    SQLAggregateCompiler,
    SQLDeleteCompiler,
    SQLInsertCompiler,
    SQLUpdateCompiler,
)

__all__ = ["SQLAggregateCompiler", "SQLCompiler", "SQLDeleteCompiler", "SQLInsertCompiler", "SQLUpdateCompiler"]

MOST: Final = 500
"""Texts of a connection; then it begins anew."""

Said = tuple[str, tuple[Any, ...]]


@dataclass(slots=True)
class Kept:
    """A text without its condition, and what the compiler finds out while writing it."""

    head: str
    tail: str
    found: dict[str, Any]
    converters: dict[int, Any] | None = None
    twice: bool = False

    def around(self, condition: str) -> str:
        return f"{self.head} WHERE {condition}{self.tail}" if condition else self.head + self.tail


FOUND: Final = ("select", "klass_info", "col_count", "has_extra_select")


class SQLCompiler(compiler.SQLCompiler):
    """Django's own, but for texts that are there already."""

    query: Any
    connection: Any
    _kept: Kept | None = None

    def as_sql(self, with_limits: bool = True, with_col_aliases: bool = False) -> Said:
        shape = shape_of(self.query) if with_limits and not with_col_aliases else None
        if shape is None:
            return self._anew(with_limits, with_col_aliases)
        try:
            condition, values = self.compile(self.query.where)
        except FullResultSet:
            condition, values = "", ()
        except EmptyResultSet:
            return self._anew()
        texts: dict[Any, Kept] = self.connection.texts
        key = (shape, bool(condition))
        kept = texts.get(key)
        if kept is None or not kept.twice:
            said = self._anew()
            made = self._split(said, condition, values)
            if made is not None:
                made.twice = kept is not None and (kept.head, kept.tail) == (made.head, made.tail)
                if len(texts) >= MOST:
                    texts.clear()
                texts[key] = made
            return said
        self._kept = kept
        for name, value in kept.found.items():
            setattr(self, name, value)
        return kept.around(condition), tuple(values)

    def _anew(self, *given: bool) -> Said:
        self._kept = None
        said: Said = super().as_sql(*given)
        return said

    def _split(self, said: Said, condition: str, values: Any) -> Kept | None:
        """None where the condition is not found once, or something else has values too."""
        sql, given = said
        if tuple(given) != tuple(values):
            return None
        head, tail = sql, ""
        if condition:
            head, *more = sql.split(f" WHERE {condition}")
            if len(more) != 1:
                return None
            tail = more[0]
        return Kept(head, tail, {name: getattr(self, name) for name in FOUND})

    def get_converters(self, expressions: Any) -> dict[int, Any]:
        if self._kept is None:
            found: dict[int, Any] = super().get_converters(expressions)
            return found
        if self._kept.converters is None:
            self._kept.converters = super().get_converters(expressions)
        return self._kept.converters


TOLD: Final = {
    *("model", "default_cols", "select", "selected", "deferred_loading", "distinct", "select_related", "order_by"),
    *("default_ordering", "standard_ordering", "low_mark", "high_mark", "alias_map", "alias_refcount"),
}
"""What a shape tells."""
SILENT: Final = {
    *("where", "alias_cols", "base_table", "filter_is_sticky", "table_map", "used_aliases", "subq_aliases"),
    *("values_select", "_lookup_joins"),
}
"""What a text does not depend on beyond that: the condition, and notes for whoever filters further."""
PLAIN: Final = TOLD | SILENT


def shape_of(query: Any) -> tuple[Any, ...] | None:
    """Everything that the text says, but for its condition; None where that is more than a plain question.

    Whatever else is set of a query, in a later version of Django too, makes it more than plain.
    """
    if (
        type(query) is not Query
        or any([vars(query)[name] for name in vars(query).keys() - PLAIN])
        or any([type(one) is not Col for one in query.select])
        or any([type(one) is not str for one in query.order_by])
        or query.where.contains_aggregate  # its condition would not stand under WHERE
        or query.where.contains_over_clause
    ):
        return None
    related, (named, deferred) = query.select_related, query.deferred_loading
    return (
        query.model,
        query.default_cols or _columns(query),
        frozenset(named),
        deferred,
        query.distinct,
        repr(related) if related else related,
        query.order_by,
        query.default_ordering,
        query.standard_ordering,
        query.low_mark,
        query.high_mark,
        tuple([_joined(alias, one) for alias, one in query.alias_map.items() if query.alias_refcount[alias]]),
    )


def _columns(query: Any) -> tuple[Any, ...]:
    return tuple([(one.alias, one.target) for one in query.select]), query.selected and tuple(query.selected.values())


def _joined(alias: str, table: Any) -> tuple[Any, ...]:
    return alias, table.table_name, table.parent_alias, table.join_type, getattr(table, "join_field", None)
