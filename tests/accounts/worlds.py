"""Two clinics with a whole record each, everybody who could come to them, and whether the database stands as it did."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.test import Client

from strigil.accounts.audit.rows import OWN
from strigil.accounts.models import Role, User
from strigil.accounts.policy import HALF
from tests.clinic.cast import Story
from tests.clinic.page import without_tokens
from tests.clinic.work import addresses

# --- Who comes --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Actor:
    """Somebody with a browser. ``role`` is what the policy is asked about; None is nobody."""

    name: str
    role: str | None
    client: Client


def by_role(role: str) -> Callable[[World], Actor]:
    def make(world: World) -> Actor:
        client = Client()
        client.force_login(world.people[role])
        return Actor(role, role, client)

    return make


def signed_out(_: World) -> Actor:
    return Actor("signed out", None, Client())


def check_in_link(world: World) -> Actor:
    """A patient who opened the link of a check-in, and keeps what that left in the browser."""
    client = Client()
    assert client.get(world.places["check_in"]).status_code == 200
    return Actor("check-in link", None, client)


def half_way(world: World) -> Actor:
    """Who gave the password and not yet the second factor."""
    client = Client()
    return Actor("signed in without second factor", HALF, gave_a_password(client, world.people[Role.OWNER]))


def gave_a_password(client: Client, user: User) -> Client:
    session = client.session
    session["half"] = {"user": str(user.pk), "hash": user.get_session_auth_hash(), "at": time.time()}
    session.save()
    client.cookies["sessionid"] = session.session_key
    return client


def deactivated(world: World) -> Actor:
    """Who was signed in when the account was closed."""
    gone = User.objects.create(
        username=f"gone-{world.story.by.pk}", clinic=world.story.by.clinic, role=Role.OWNER, display_name="Gone"
    )
    client = Client()
    client.force_login(gone)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    return Actor("deactivated", None, client)


def purged(world: World) -> Actor:
    """Who holds a cookie of a session that is no more."""
    client = Client()
    client.force_login(world.people[Role.OWNER])
    client.session.flush()
    return Actor("session purged", None, client)


ACTORS: dict[str, Callable[[World], Actor]] = {
    **{role: by_role(role) for role in Role.values},
    "check-in link": check_in_link,
    "signed out": signed_out,
    "signed in without second factor": half_way,
    "deactivated": deactivated,
    "session purged": purged,
}


# --- What they come to ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class World:
    """One clinic: its people, one of each role, and an address for every route."""

    story: Story
    people: dict[str, User] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)


def bare(story: Story) -> World:
    """One of each role, and no record yet."""
    clinic = story.by.clinic
    people = {
        role: User.objects.create(
            username=f"{role}-of-{clinic.pk}", clinic=clinic, role=role, display_name=f"{role.title()} of {clinic.name}"
        )
        for role in Role.values
    }
    return World(story, people)


def world(story: Story) -> World:
    return replace(bare(story), places=addresses(story))


def gone(story: Story) -> dict[str, str]:
    """Addresses of a record that was there, was looked at, and is no more."""
    with undone():
        places = addresses(story)
        client = Client()
        client.force_login(story.by)
        for place in places.values():
            client.get(place)
    return places


@contextmanager
def undone(*clients: Client) -> Iterator[None]:
    """Whatever is done within is taken back, in the database and in browsers."""
    kept = [{name: held.value for name, held in client.cookies.items()} for client in clients]
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    for client, held in zip(clients, kept, strict=True):
        client.cookies.clear()
        client.cookies.load(held)


# --- Whether anything changed -----------------------------------------------------------------------------------

LEFT_BEHIND = frozenset({"django_session", "clinic_linkmiss", *(one._meta.db_table for one in OWN)})
"""What a refusal may leave: that somebody was there, as the log tells it too. Nothing of a record."""

WRITES = re.compile(
    r"^\s*(?:INSERT|UPDATE|DELETE|REPLACE|TRUNCATE|DROP|ALTER|CREATE|COPY|MERGE|WITH)\b(?P<rest>.*)", re.I | re.S
)
TABLE = re.compile(r'^\s*(?:OR\s+\w+\s+)?(?:INTO\s+|FROM\s+)?"?(?P<table>\w+)"?', re.I)


@dataclass
class Writing:
    """The tables to which statements wrote that went over the connection, whoever sent them."""

    tables: set[str] = field(default_factory=set)

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if found := WRITES.match(sql):
            named = TABLE.match(found["rest"])
            self.tables.add(named["table"].lower() if named else sql)
        return execute(sql, params, many, context)


@contextmanager
def watched() -> Iterator[Writing]:
    writing = Writing()
    with connection.execute_wrapper(writing):
        yield writing


def digest() -> dict[str, str]:
    """Every table of the database, as a checksum of its rows."""
    with connection.cursor() as cursor:
        tables = sorted(set(connection.introspection.table_names(cursor)) - LEFT_BEHIND)
        found = {}
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - the database's own names
            rows = sorted(map(repr, cursor.fetchall()))
            found[table] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


# --- What was answered ------------------------------------------------------------------------------------------

ONCE = re.compile(
    rb'name="once" value="[^"]*"|data-asks="[^"]*"|<code>[A-Z2-7 ]+</code>|<svg[^>]*class="qr".*?</svg>', re.S
)
"""What is drawn anew for each answer: keys of forms, and the secret of a second factor that is offered."""
DIFFERS_EACH_TIME = frozenset({"Set-Cookie", "Date", "Content-Length"})
"""The length follows what is drawn anew; the rest of the body is compared itself."""


def answered(response: Any, asked: str = "") -> tuple[int, dict[str, str], bytes]:
    """An answer, but for what differs each time it is given, and for the address that was asked for."""
    path = asked.partition("?")[0]
    headers = {
        name: value.replace(path, "") if path else value
        for name, value in response.items()
        if name not in DIFFERS_EACH_TIME
    }
    body = b"".join(response.streaming_content) if response.streaming else response.content
    body = ONCE.sub(b"", without_tokens(body))
    return response.status_code, headers, body.replace(path.encode(), b"") if path else body


UUIDS = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")


def ids_in(text: str) -> list[str]:
    return UUIDS.findall(text)


def many(words: Iterable[object], most: int = 12) -> str:
    """The first of many, to be read in a failure."""
    listed = list(words)
    return "\n".join(map(str, listed[:most])) + (f"\n… and {len(listed) - most} more" if len(listed) > most else "")


__all__ = ["ACTORS", "UUID", "Actor", "World", "Writing", "answered", "digest", "gone", "ids_in", "many", "undone"]
