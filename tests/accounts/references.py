"""Every id that a page sends along, exchanged for another clinic's: one at a time, the rest as it was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin

from django.contrib.messages import get_messages
from django.urls import Resolver404, resolve

from strigil.accounts.policy import POLICY, may
from strigil.clinic.actions.book import Before
from strigil.clinic.models import Appointment
from strigil.clinic.views.book import undo_word
from tests.accounts.asked import Asked
from tests.accounts.forms import Forms, Values
from tests.accounts.twins import kinds
from tests.accounts.worlds import LEFT_BEHIND, Actor, World, answered, digest, ids_in, undone, watched
from tests.clinic.cast import Story
from tests.clinic.work import WORK

NOBODY = "01900000-0000-7000-8000-00000000dead"
REFUSED = (400, 403, 404, 409, 422)
SIGNED = (("undo_appointment", "was"), ("today", "done"), ("book", "done"))
"""Routes and names whose value is signed and holds an id: another clinic's is the one that its own pages were given."""


@dataclass(frozen=True, order=True)
class Reference:
    """An id in something that a page sends: where to, how, under which name."""

    route: str
    method: str
    where: str
    """``path``, ``query`` or ``body``."""
    name: str
    place: str = field(compare=False)
    sent: tuple[tuple[str, str], ...] = field(compare=False)
    value: str


@dataclass
class Swapped:
    tried: int = 0
    faults: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    def __iadd__(self, other: Swapped) -> Swapped:
        return Swapped(self.tried + other.tried, self.faults + other.faults, self.names | other.names)


def counterparts(mine: Story, theirs: Story) -> dict[str, str]:
    """For each id of the one clinic, as it is written, one of the same kind of the other."""
    here, there = mine.by.clinic_id, theirs.by.clinic_id
    found = {str(here): str(there)}
    for model in kinds():
        rows = model._default_manager.order_by("pk")
        other = rows.filter(clinic_id=there).values_list("pk", flat=True).last()
        found |= {str(key): str(other) for key in rows.filter(clinic_id=here).values_list("pk", flat=True) if other}
    return found | {key.replace("-", ""): other.replace("-", "") for key, other in found.items()}


def collected(actor: Actor, mine: World, known: Mapping[str, str]) -> list[Reference]:
    """The ids in links and forms of all pages that somebody can reach."""
    found: dict[Reference, None] = {}
    seen: set[tuple[str, ...]] = set()
    waiting = [place for route, place in mine.places.items() if may(route, "GET", actor.role)]
    while waiting:
        place = waiting.pop()
        route, shape = _route(place)
        if not may(route, "GET", actor.role) or (route, *shape) in seen:
            continue
        seen.add((route, *shape))
        with undone(actor.client):
            page = Forms(actor.client.get(place), place)
        found |= dict.fromkeys(_in_address(place, known))
        waiting += [urljoin(place, link).partition("#")[0] for link in page.links]
        for form in page.found:
            to = urljoin(place, form.action)
            found |= dict.fromkeys(_in_form(form.method, to, form.sent, form.offered, known))
    return sorted(one for one in found if may(one.route, one.method, actor.role))


def _route(place: str) -> tuple[str, tuple[str, ...]]:
    """The route of an address, and what makes two addresses of it alike."""
    path, _, query = place.partition("?")
    try:
        match = resolve(path)
    except Resolver404:
        return "", ()
    return str(match.url_name), tuple(sorted({name for name, _ in parse_qsl(query)}))


def _in_address(place: str, known: Mapping[str, str]) -> Iterable[Reference]:
    route, _ = _route(place)
    query = parse_qsl(place.partition("?")[2])
    for name, value in query:
        if (route, name) in SIGNED or any(one in known for one in ids_in(value)):
            yield Reference(route, "GET", "query", name, place, (), value)


def _in_form(method: str, to: str, sent: Values, offered: Values, known: Mapping[str, str]) -> Iterable[Reference]:
    route, _ = _route(to)
    if method not in POLICY.get(route, {}):
        return
    for key in ids_in(to.partition("?")[0]):
        if key in known:
            yield Reference(route, method, "path", "key", to, tuple(sent), key)
    for name, value in dict.fromkeys([*sent, *offered]):
        if (route, name) in SIGNED or any(one in known for one in ids_in(value)):
            yield Reference(route, method, "body" if method == "POST" else "query", name, to, tuple(sent), value)


def of_work(story: Story, theirs: Story, role: str) -> Iterator[tuple[Reference, dict[str, str]]]:
    """The ids in forms that are filled in well, with nothing wrong but the one id; each in a record of its own."""
    for route, make in WORK.items():
        if may(route, "POST", role):
            with undone():
                place, given = make(story)
                listed = {name: held if isinstance(held, list) else [held] for name, held in given.items()}
                sent = [(name, str(one)) for name, held in listed.items() for one in held]
                known = counterparts(story, theirs)
                for one in _in_form("POST", place, sent, [], known):
                    yield one, known


def of_names(places: Mapping[str, str], asked: Asked, known: Mapping[str, str], role: str) -> Iterator[Reference]:
    """Every name that a page looks for in its address, holding an id of every kind, whether or not it could be one."""
    one_of_each = {other: key for key, other in known.items() if "-" in key}.values()
    for route, names in asked.items():
        if may(route, "GET", role):
            path = places[route].partition("?")[0]
            for name in sorted(names):
                for key in one_of_each:
                    yield Reference(route, "GET", "query", name, f"{path}?{urlencode({name: key})}", (), key)


def signed_by(theirs: Story) -> str:
    """What their own page was given, to undo what was done last."""
    found = Appointment.objects.filter(clinic_id=theirs.by.clinic_id).order_by("pk")[0]
    return undo_word(found, "Booked", Before(found.clinician_id, found.starts, found.ends, "cancelled"))


def swap(
    actor: Actor, references: Iterable[Reference], known: Mapping[str, str], theirs: Story, secret: bytes
) -> Swapped:
    """Send each with another clinic's id, and see that it is refused, changes nothing and tells nothing."""
    done, before, signed = Swapped(), digest(), signed_by(theirs)
    to_never: dict[object, object] = {}
    for one in references:
        foreign, never = _exchanged(one, known), _exchanged(one, {})
        if (one.route, one.name) in SIGNED:
            foreign, never = signed, "never"
        done.names.add(f"{one.method} {one.route}, {one.name} in the {one.where}")
        done.tried += 1
        with undone(actor.client), watched() as writing:
            response = _send(actor, one, foreign)
            changed = bool(writing.tables - LEFT_BEHIND) and digest() != before
        fault = ""
        if changed:
            fault = f"changed {sorted(writing.tables)}"
        elif secret in response.content:
            fault = "tells what is another clinic's"
        elif one.method == "POST":
            fault = "" if response.status_code in REFUSED or _said_no(response) else "was not refused"
        else:
            asked = (one.route, one.name, one.place.replace(one.value, never), one.sent)
            if asked not in to_never:
                with undone(actor.client):
                    to_never[asked] = _without(_send(actor, one, never), never)
            alike = _without(response, foreign) == to_never[asked]
            fault = "" if alike else "answers otherwise than to what nobody has"
        if fault:
            told = f"{one.method} {one.route}, {one.name} in the {one.where}"
            done.faults.append(f"{actor.name}: {told}: {response.status_code}, {fault}")
    return done


def _exchanged(one: Reference, known: Mapping[str, str]) -> str:
    value = one.value
    for key in ids_in(value):
        nobody = NOBODY if "-" in key else NOBODY.replace("-", "")
        value = value.replace(key, known.get(key, nobody))
    return value


def _send(actor: Actor, one: Reference, value: str) -> Any:
    path, _, query = one.place.partition("?")
    asked, sent = parse_qsl(query, keep_blank_values=True), list(one.sent)
    if one.where == "path":
        path = path.replace(one.value, value)
    elif one.method == "GET" and not one.sent:
        asked = _with(asked, one, value)
    else:
        sent = _with(sent, one, value)
    place = f"{path}?{urlencode(asked)}" if asked else path
    body: dict[str, list[str]] = {}
    for name, held in sent:
        body.setdefault(name, []).append(held)
    return actor.client.get(place, body or None) if one.method == "GET" else actor.client.post(place, body)


def _with(pairs: Values, one: Reference, value: str) -> Values:
    """The one pair with another value; a choice that was not made is made."""
    stands = (one.name, one.value)
    if stands in pairs:
        return [(one.name, value) if pair == stands else pair for pair in pairs]
    return [pair for pair in pairs if pair[0] != one.name] + [(one.name, value)]


def _said_no(response: Any) -> bool:
    return any(one.level_tag == "error" for one in get_messages(response.wsgi_request))


def _without(response: Any, value: str) -> object:
    """An answer without what was sent: pages say it again in their links."""
    status, headers, body = answered(response)
    for one in [*ids_in(value), value]:
        body = body.replace(one.encode(), b"")
    return status, {name: held.replace(value, "") for name, held in headers.items()}, body
