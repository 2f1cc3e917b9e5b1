"""What somebody types is text on every page, on paper and in a document, whatever it looks like.

Each text of the corpus goes into each field that a form has, and into each column that holds what somebody typed.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.http import HttpResponse
from django.template import engines
from playwright.sync_api import Browser
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject

from tests.clinic.cast import Story
from tests.clinic.page import Page
from tests.fuzz.hostile import ASKED
from tests.fuzz.places import Place, places
from tests.journeys.glass import BETWEEN, Glass

pytestmark = pytest.mark.same_on_both

PAYLOADS = [
    one for one in (Path(__file__).parent / "payloads.txt").read_text().split("\n") if one and not one.startswith("# ")
]
TYPED_KINDS = {"text", "search", "tel", "email", "url", None}
NOT_TYPED = {
    "Patient.search", "RequestPage.address", "RequestCount.source", "CheckIn.nonce", "CheckIn.link_hash",
    "LinkMiss.source", "Sent.to", "QuestionnaireFile.content", "QuestionnaireFile.url", "User.password",
    "User.username", "User.session_salt", "Clinic.time_zone", "Tries.key", "KnownPlace.place", "OneTimeLink.hash",
    "LogLine.object_id", "LogLine.patients", "Touched.object_id", "Touched.clinic_id", "Touched.via", "Touched.was",
    "Photograph.sha256",
}  # fmt: skip
"""Columns that Strigil writes itself, or whose shape a form has seen to."""


LONGEST = 600
"""Letters that a field is sent at once, whatever its own limit."""


class Corpus:
    """Hands out texts to fields, each the next of its own row, until every field has had every one."""

    def __init__(self) -> None:
        self.place: dict[str, int] = {}

    def text(self, name: str, most: int) -> str:
        at = self.place.setdefault(name, len(self.place) * 7)
        taken = [PAYLOADS[at % len(PAYLOADS)][:most]]
        while len(" ".join(taken)) + len(nxt := PAYLOADS[(at + len(taken)) % len(PAYLOADS)]) < min(most, LONGEST):
            taken.append(nxt)
        self.place[name] = at + len(taken)
        return " ".join(taken)

    def wants(self, start: str = "") -> bool:
        """Whether any field whose name begins so has yet to have some of the texts."""
        counts = {
            name: at - number * 7 for number, (name, at) in enumerate(self.place.items()) if name.startswith(start)
        }
        return not counts or min(counts.values()) < len(PAYLOADS)


@pytest.fixture
def glass(browser: Browser, signed_in: Any, someone: Any) -> Iterator[Glass]:
    made = Glass(browser, signed_in(someone("owner")))  # who sees every page
    yield made
    made.close()


def typed_columns() -> Iterator[tuple[type[models.Model], models.Field[Any, Any]]]:
    for name in ("clinic", "accounts"):
        for model in apps.get_app_config(name).get_models():
            for one in model._meta.concrete_fields:
                is_text = isinstance(one, (models.CharField, models.TextField)) and not one.choices
                if (
                    is_text
                    and one.name in getattr(model, "identifying", ())
                    and f"{model.__name__}.{one.name}" not in NOT_TYPED
                ):
                    yield model, one


def stuff(corpus: Corpus) -> None:
    """Every column that holds what somebody typed, in every row; SQLite takes more than a form lets in."""
    for model, column in typed_columns():
        name = f"{model.__name__}.{column.name}"
        if not corpus.wants(name):
            continue
        most = LONGEST if connection.vendor == "sqlite" else column.max_length or LONGEST
        text = corpus.text(name, most)
        rows = model._default_manager.all()
        try:
            with transaction.atomic():
                rows.update(**{column.name: text})
        except IntegrityError:  # words that stand only beside something else
            rows.exclude(**{column.name: ""}).update(**{column.name: text})


def sent_to_sign_in(response: Any) -> bool:
    """Whoever is signed out sees, and saves, nothing."""
    return str(response.get("Location", "")).startswith("/sign-in?")


def look_at_every_page(glass: Glass, found: dict[str, str], corpus: Corpus, *, asked: bool) -> None:
    """``asked``: with the corpus in whatever a page looks for in its address, too."""
    with transaction.atomic():
        stuff(corpus)
        for route, address in found.items():
            if asked:
                query = urlencode({name: corpus.text(f"?{name}", 200) for name in ASKED})
                address += ("&" if "?" in address else "?") + query
            response = glass.client.get(address)
            assert response.status_code in ((403,) if route in BETWEEN else (200, 302, 404, 405)), route
            assert not sent_to_sign_in(response), route
            glass.look(response, route)
            check_document(response, route)
        transaction.set_rollback(True)


def check_document(response: Any, where: str) -> None:
    """A document runs nothing and leads nowhere."""
    if response.get("Content-Type") != "application/pdf":
        return
    reader = PdfReader(io.BytesIO(response.content))
    names = {name for one in every_dictionary(reader.trailer) for name in one}
    assert not names & {"/JS", "/JavaScript", "/OpenAction", "/AA", "/Launch", "/URI", "/EmbeddedFiles"}, where


def every_dictionary(root: Any) -> Iterator[DictionaryObject]:
    waiting, seen = [root], set[int]()
    while waiting:
        one = waiting.pop()
        if isinstance(one, IndirectObject):
            if one.idnum in seen:
                continue
            seen.add(one.idnum)
            one = one.get_object()
        if isinstance(one, DictionaryObject):
            yield one
            waiting += list(one.values())
        elif isinstance(one, ArrayObject):
            waiting += list(one)


def fields_of(page: Page) -> dict[str, int]:
    """Name and longest text of each field that somebody types into."""
    return {
        held["name"] or "": int(held.get("maxlength") or 2000)
        for tag, held in page.tags
        if tag in ("input", "textarea") and held.get("name") and (tag == "textarea" or held.get("type") in TYPED_KINDS)
    }


def send(glass: Glass, place: Place, changes: dict[str, str]) -> Any:
    data: dict[str, list[Any]] = {}
    for name, value in place.right:
        data.setdefault(name, []).append(value)
    return glass.client.post(place.address, data | {name: [text] for name, text in changes.items()})


def fill_in(glass: Glass, place: Place, corpus: Corpus) -> bool:
    """Send a form with the corpus in each of its fields, longer than it lets in, then as long as it does.

    What it refuses is looked at, then left as it was.
    """
    shown = glass.client.get(place.address)
    typed = fields_of(Page(shown)) if shown.status_code == 200 else {}
    hidden = {name for name, _ in place.right} - typed.keys()
    given = {name: corpus.text(f"{place.route}/{name}", LONGEST) for name in typed.keys() | hidden}
    for attempt in range(5):
        with transaction.atomic():
            response = send(glass, place, given | BESIDE.get(place.route, {}))
            if response.status_code in (302, 303):
                glass.look(glass.client.get(response.url), f"{place.route}, saved")
            else:
                glass.look(response, f"{place.route}, refused")
            transaction.set_rollback(True)
        assert response.status_code < 500, place.route
        assert not sent_to_sign_in(response), place.route
        if response.status_code in (302, 303):
            return True
        page = Page(response)
        given = {name: text[: typed[name]] for name, text in given.items() if name in typed}
        if attempt:
            given = {name: text for name, text in given.items() if not page.says(name)}
    return False


BESIDE = {"evaluate": {f"base-ability_{place}": "4" for place in range(5)}}
"""What some words are not taken without."""
SAVED = {
    "register", "edit_patient", "open_course", "close_course", "evaluate", "clearance", "override", "plan", "visit",
    "amend_visit", "respond", "go_on", "home_programme", "ask", "look_at_check_in", "reading", "draft",
}  # fmt: skip
"""Forms with words of their own: what is typed there must come to be kept, not only refused."""


def one_round(glass: Glass, found: list[Place], corpus: Corpus, *, asked: bool = False) -> set[str]:
    """The forms that took what was typed; a form whose fields have had every text is not sent again."""
    glass.client.get("/today")  # what a round does is undone, the note that somebody works here with it
    first = {one.route: one.address for one in reversed(found)}
    look_at_every_page(glass, first, corpus, asked=asked)
    forms = [one for one in found if one.right and one.route != "sign_in" and corpus.wants(f"{one.route}/")]
    return {one.route for one in forms if fill_in(glass, one, corpus)}


def test_what_is_typed_stays_text(glass: Glass, story: Story) -> None:
    saved = one_round(glass, places(story), Corpus())
    assert not glass.faults, "\n".join(glass.faults[:20])
    assert saved >= SAVED, SAVED - saved
    assert glass.looks > 100


@pytest.mark.assure
def test_all_that_is_typed_stays_text(glass: Glass, story: Story, assurance: Any) -> None:
    corpus, found = Corpus(), places(story)
    one_round(glass, found, corpus)
    while corpus.wants():
        one_round(glass, found, corpus, asked=True)
    fields = len(corpus.place)
    assurance("scripts", payloads=len(PAYLOADS), fields=fields, pages=glass.looks, executions=len(glass.faults))
    assert not glass.faults, "\n".join(glass.faults[:20])


def test_there_are_three_hundred_and_none_twice() -> None:
    assert len(PAYLOADS) >= 300
    assert len(set(PAYLOADS)) == len(PAYLOADS)


# --- What is planted is found ---


@pytest.mark.parametrize(
    ("markup", "typed"),
    [
        ("<p>{{ typed|safe }}</p>", "<img src=x onerror=xss()>"),
        ("<p>{{ typed|safe }}</p>", "<script>xss()</script>"),
        ('<p title="{{ typed|safe }}">x</p>', '" onmouseover=xss() x="'),
        ('<a href="{{ typed }}">x</a>', "javascript:xss()"),
        ("<p>{{ typed|safe }}</p>", "<img src=//evil.example/pixel>"),
        ("<p>{{ typed|safe }}</p>", "<meta http-equiv=refresh content=0;url=//evil.example>"),
        ('<script src="/static/x.js"></script><p>{{ typed|safe }}</p>', "<svg/onload=xss()>"),
    ],
)
def test_a_page_that_forgets_to_escape_is_found(markup: str, typed: str, glass: Glass) -> None:
    glass.look(HttpResponse(engines["django"].from_string(markup).render({"typed": typed})), "planted")
    assert glass.faults


def test_a_document_that_leads_somewhere_is_found() -> None:
    from django.http import HttpResponse

    writer, kept = PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    action = {NameObject("/S"): NameObject("/JavaScript")}
    writer._root_object[NameObject("/OpenAction")] = DictionaryObject(action)
    writer.write(kept)
    with pytest.raises(AssertionError, match="planted"):
        check_document(HttpResponse(kept.getvalue(), content_type="application/pdf"), "planted")
