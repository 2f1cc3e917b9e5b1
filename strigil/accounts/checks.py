"""System checks: every route stands in the policy, and the knowledge holds together."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.urls import URLPattern, URLResolver, get_resolver

from strigil.accounts.policy import POLICY


def routes(resolver: URLResolver | None = None) -> list[str]:
    """The names of all routes."""
    names: list[str] = []
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            names += routes(entry)
        elif isinstance(entry, URLPattern):
            names.append(entry.name or f"(unnamed) {entry.pattern}")
    return names


@register()
def every_route_has_a_policy(**_: Any) -> list[CheckMessage]:
    names = set(routes())
    unlisted = [
        Error(f"Route {name!r} is not in the policy.", hint="List it in strigil/accounts/policy.py.", id="strigil.E001")
        for name in sorted(names - set(POLICY))
    ]
    unused = [
        Error(f"The policy lists {name!r}, which is no route.", hint="Remove it.", id="strigil.E002")
        for name in sorted(set(POLICY) - names)
    ]
    return [*unlisted, *unused]


@register()
def knowledge_holds_together(**_: Any) -> list[CheckMessage]:
    from strigil.knowledge import KnowledgeError, load

    try:
        load()
    except KnowledgeError as error:
        return [Error(str(fault), id="strigil.E003") for fault in error.faults]
    return []
