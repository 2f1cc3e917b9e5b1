"""Every route, in every way, by everybody, on what is one's own, another clinic's, nobody's and no more."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

from django.urls import resolve, reverse

from strigil.accounts.policy import HALF, POLICY, may, needs_sign_in
from tests.accounts.worlds import LEFT_BEHIND, Actor, World, answered, digest, undone, watched

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
TAKEN = {"GET": (200, 302), "HEAD": (200, 302), "POST": (200, 302, 404, 409, 422)}
"""What a use that is allowed may come to. An empty form is no good one; it is never refused for who sent it."""
SECOND = "/sign-in/second"
FURTHER = ("sign_out", "home", "second_factor")
"""From here one is sent to a page of signing in, be it that no second factor is set up yet."""
BY_ADDRESS = ("own_appointment", "own_calendar", "check_in", "ask")
"""Whoever has the address may use it: it is itself the key, and it is of one clinic."""


@dataclass
class Sweep:
    tried: int = 0
    denied: int = 0
    faults: list[str] = field(default_factory=list)


Relation = tuple[str, str]
"""Whose it is, and which id of the address."""


def relations(mine: World, theirs: World, no_more: Mapping[str, str]) -> dict[str, dict[Relation, str]]:
    """For each route, what somebody may come to: by relation, the address."""
    found: dict[str, dict[Relation, str]] = {}
    for route, place in mine.places.items():
        found[route] = {("own", ""): place}
        if route in BY_ADDRESS:
            found[route] |= {("their", ""): theirs.places[route], ("nobody's", ""): nowhere(place)}
            continue
        for name in keys(place):
            swapped = {"their": keys(theirs.places[route])[name], "nobody's": str(uuid.uuid4())}
            swapped["no more"] = keys(no_more[route])[name]
            found[route] |= {(whose, name): with_key(place, name, key) for whose, key in swapped.items()}
    return found


def keys(place: str) -> dict[str, str]:
    """The ids that stand in an address, by the name that the route gives them."""
    held = resolve(place.split("?")[0]).kwargs
    return {name: str(value) for name, value in held.items() if isinstance(value, uuid.UUID)}


def with_key(place: str, name: str, key: str) -> str:
    path, mark, query = place.partition("?")
    match = resolve(path)
    return reverse(str(match.url_name), kwargs=match.kwargs | {name: key}) + mark + query


def nowhere(place: str) -> str:
    """A link or an address that was never given out, of the same shape."""
    head, tail = place.rsplit("/", 1)
    return f"{head}/{'z' if tail[0] != 'z' else 'y'}{tail[1:]}"


def sweep(actor: Actor, places: Mapping[str, Mapping[Relation, str]]) -> Sweep:
    """What an actor came to, and wherever it was not what the policy says."""
    done = Sweep()
    before = digest()
    for route, related in places.items():
        for method in METHODS:
            given = {relation: _send(done, actor, method, place, before) for relation, place in related.items()}
            where = f"{actor.name}: {method} {route}"
            for relation, response in given.items():
                if fault := _fault(actor, route, method, relation, response):
                    done.faults.append(f"{where}, {' '.join(relation).strip()}: {fault}")
            done.faults += [f"{where}, {' '.join(one)}: differs from what never was" for one in _unlike(related, given)]
    if digest() != before:
        done.faults.append(f"{actor.name}: the database is not as it was")
    return done


def _send(done: Sweep, actor: Actor, method: str, place: str, before: Mapping[str, str]) -> Any:
    """One request. What is allowed is taken back; what is refused must leave everything as it was."""
    done.tried += 1
    with undone(actor.client), watched() as writing:
        # A new address each time: how many links somebody may guess is asked elsewhere.
        response = actor.client.generic(method, place, REMOTE_ADDR=str(ip_address(0x0A000000 + done.tried)))
        if response.status_code not in (200, 302) or _to_sign_in(response):
            done.denied += 1
            if (changed := sorted(writing.tables - LEFT_BEHIND)) and digest() != before:
                done.faults.append(f"{actor.name}: {method} {place}: changed {changed} though refused")
    return response


def _to_sign_in(response: Any) -> bool:
    return response.status_code == 302 and str(response.headers["Location"]).startswith("/sign-in")


def _fault(actor: Actor, route: str, method: str, relation: Relation, response: Any) -> str:
    """What is wrong with an answer; empty where it is as the table says."""
    status = response.status_code
    if method not in POLICY[route]:
        right, said = status == 405, "405"
    elif not may(route, method, actor.role):
        right, said = status == 403, "403"
        if actor.role is None and needs_sign_in(route):
            right, said = _to_sign_in(response), "the sign-in page"
        elif actor.role == HALF and needs_sign_in(route):
            right, said = status == 302 and response.headers["Location"] == SECOND, "the second factor"
    elif relation[0] == "own" or (relation[0] == "their" and route in BY_ADDRESS):
        right = status in TAKEN[method] and (not _to_sign_in(response) or route in FURTHER)
        said = f"one of {TAKEN[method]}"
    else:
        right, said = status == 404, "404"
    return "" if right else f"answered {status}, and the table says {said}"


def _unlike(places: Mapping[Relation, str], given: Mapping[Relation, Any]) -> list[Relation]:
    """What is another clinic's, or no more, and does not answer to the byte as what never was."""
    found = []
    for relation, response in given.items():
        whose, name = relation
        if whose in ("own", "nobody's") or (whose == "their" and not name):
            continue
        never = ("nobody's", name)
        if answered(response, places[relation]) != answered(given[never], places[never]):
            found.append(relation)
    return found
