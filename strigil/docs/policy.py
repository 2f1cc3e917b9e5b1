"""Who may do what."""

from __future__ import annotations

from collections.abc import Callable

from strigil.docs.markdown import table, yes
from strigil.docs.record import use_django


def policy_page() -> str:
    """Route by role."""
    use_django()
    from strigil.accounts.models import Role
    from strigil.accounts.policy import (
        ACTIONS,
        BY_ITSELF,
        BY_LINK,
        COMMANDS,
        HALF,
        POLICY,
        TASKS,
        may,
        may_act,
        way_of,
    )
    from strigil.urls import urlpatterns

    addresses = {str(one.name): f"/{one.pattern}" for one in urlpatterns}
    columns: list[str | None] = [None, HALF, *Role.values]
    rows = [(f"`{route}`", f"`{addresses[route]}`", *(_uses(route, role, may) for role in columns)) for route in POLICY]
    tasks = [(words, *(yes(may(route, way_of(route), role)) for role in Role.values)) for route, words in TASKS.items()]
    actions = [
        (
            f"`{name}`",
            *(yes(bool(roles & way)) for way in (BY_LINK, BY_ITSELF)),
            *(yes(may_act(name, role)) for role in Role.values),
        )
        for name, roles in ACTIONS.items()
    ]
    return "\n\n".join(
        [
            "# Who may do what",
            "One table in `strigil/accounts/policy.py`, read by the gate before any view. A route that is not in it "
            "cannot be reached. Within a route, people see and change the record of their own clinic only. "
            "*read* is GET, *write* is POST; a dash is a refusal.",
            table(("Route", "Address", "Signed out", "Second factor missing", *Role.labels), rows),
            "## What each role can do",
            f"{len(TASKS)} tasks. Each is done in the tests by every role that has a yes.",
            table(("Task", *Role.labels), tasks),
            "## What may be done to the record",
            "Every write, and every document that leaves a trace, is one action. It asks the same table, whichever "
            "page or program calls it, and refuses another clinic's record. An action without a row cannot be made.",
            table(("Action", "By link", "By itself", *Role.labels), actions),
            "## What each command can reach",
            "Whoever runs a command on the server can read the database's files without it.",
            table(("Command", "Reaches"), [(f"`strigil {name}`", reach) for name, reach in COMMANDS.items()]),
        ]
    )


def _uses(route: str, role: str | None, may: Callable[[str, str, str | None], bool]) -> str:
    words = [word for word, method in (("read", "GET"), ("write", "POST")) if may(route, method, role)]
    return ", ".join(words) or "–"
