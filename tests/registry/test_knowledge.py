"""Knowledge that anybody can read: every page answers, names its sources and their kind, and leads on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import resolve

from strigil.accounts.models import Role
from strigil.clinic.tags import source_kind
from strigil.knowledge import load
from strigil.knowledge.load import HOME
from strigil.knowledge.shapes import Item
from strigil.registry.views import SHELVES
from tests.clinic.cast import Story
from tests.clinic.page import Page
from tests.clinic.work import addresses

pytestmark = pytest.mark.same_on_both

ROLES = sorted(set(Role.values) - {"owner"})
"""An owner may what a clinician may."""

ITEMS = [(folder, key) for folder in SHELVES for key in load().shelves[folder]]
CITING = [(folder, key) for folder, key in ITEMS if isinstance(load().shelves[folder][key], Item)]
"""What rests on sources; evidence names the pages that were read instead."""


NO_EVIDENCE = {
    "maker", "course", "clinic_page", "slide_deck", "flashcard", "founding_brief", "news", "secondary"
}  # fmt: skip
CLASSES = {
    None: "",
    "absolute": "Absolute contraindication",
    "relative": "Relative contraindication",
    "precaution": "Precaution",
    "contraindication_unspecified": "Contraindication, degree not stated",
    "not_a_good_candidate": "Not a good candidate",
    "physician_permission": "With a physician",
    "trial_exclusion": "Excluded from a trial",
}
CHECKED = {
    None: "Not checked again",
    "confirmed": "Checked again, confirmed",
    "corrected": "Checked again, corrected",
    "added": "Added on checking",
    "not_refound": "Not found again on checking",
    "doubtful": "Doubtful on checking",
}
A_FEW = 6


class Crawl:
    """Every page that can be reached by links from where it starts, and every link on them that leads nowhere.

    A page that a question mark varies, as a day of the book does without end, is read a few times.
    """

    def __init__(self, client: Client, starts: list[str], leave: str = "\0") -> None:
        self.pages: dict[str, Page] = {}
        self.dead: list[tuple[str, str, int | str]] = []
        varied: Counter[str] = Counter()
        waiting = [("", start) for start in starts]
        while waiting:
            found_on, address = waiting.pop()
            path = address.split("#")[0]
            if path in self.pages or path.startswith(leave):
                continue
            bare, _, asked = path.partition("?")
            varied[bare] += bool(asked)
            if varied[bare] > A_FEW:
                continue
            response = client.get(path, follow=True)
            if response.status_code != 200:
                self.dead.append((found_on, address, response.status_code))
                continue
            if not response["Content-Type"].startswith("text/html"):
                continue  # a letter
            page = self.pages[path] = Page(response)
            waiting += [(path, link) for link in self.internal(page, path)]
        for path, page in self.pages.items():
            for link in self.internal(page, path):
                target, _, fragment = link.partition("#")
                if fragment and target in self.pages and fragment not in self.pages[target].ids:
                    self.dead.append((path, link, "no such place on the page"))

    @staticmethod
    def internal(page: Page, path: str) -> Iterator[str]:
        for link in page.links:
            if not urlsplit(link).netloc:
                yield urljoin(path, link)


@pytest.fixture(scope="module")
def shelf_seen_signed_out(django_db_setup: None, django_db_blocker: Any) -> Crawl:
    with django_db_blocker.unblock():
        return Crawl(Client(raise_request_exception=True), ["/", "/knowledge", "/about"])


def test_no_link_of_the_open_pages_is_dead(shelf_seen_signed_out: Crawl) -> None:
    assert shelf_seen_signed_out.dead == []


def test_every_item_and_every_source_can_be_reached_without_signing_in(shelf_seen_signed_out: Crawl) -> None:
    seen = set(shelf_seen_signed_out.pages)
    assert {f"/knowledge/{folder}/{key}" for folder, key in ITEMS} <= seen
    assert {f"/knowledge/sources/{key}" for key in load().sources} <= seen
    assert {f"/knowledge/{folder}" for folder in SHELVES} <= seen


def test_every_shelf_is_shown() -> None:
    folders = {path.name for path in HOME.iterdir() if path.is_dir() and any(path.glob("*.yaml"))}
    assert set(SHELVES) | {"sources"} == set(load().shelves) == folders


def test_every_item_lists_its_sources_with_what_they_say_and_their_kind(shelf_seen_signed_out: Crawl) -> None:
    for folder, key in CITING:
        found = load().shelves[folder][key]
        page = shelf_seen_signed_out.pages[f"/knowledge/{folder}/{key}"]
        listed = page.text_of.get("h-sources") and page.source.split('id="h-sources"')[1].split("</section>")[0]
        assert listed, (folder, key)
        assert listed.count('class="source"') == len(found.sources), (folder, key)
        assert bool(found.sources) != ("Nothing that was read says it" in listed), (folder, key)
        assert "Kind not known" not in listed, (folder, key)
        for one in found.sources:
            assert " ".join(one.says.split()) in page.text, (folder, key)
            assert " ".join(load().source_of(one).title.split()) in page.text, (folder, key)
        assert "Agreement not known" not in page.text, (folder, key)
        assert ("Sources differ:" in page.text) == bool(found.conflict), (folder, key)
        assert "No clinician has signed this page yet" in page.text or found.reviewed_by, (folder, key)


def test_weak_kinds_are_marked_as_no_evidence_and_only_they(shelf_seen_signed_out: Crawl) -> None:
    for folder, key in CITING:
        found = load().shelves[folder][key]
        page = shelf_seen_signed_out.pages[f"/knowledge/{folder}/{key}"]
        listed = page.source.split('id="h-sources"')[1].split("</section>")[0]
        kinds = [load().source_of(one).kind for one in found.sources]
        assert [">No evidence<" in one for one in listed.split('class="source"')[1:]] == [
            kind in NO_EVIDENCE for kind in kinds
        ], (folder, key)


@pytest.mark.parametrize(("folder", "key"), [item for item in ITEMS if item[0] in ("contraindications", "red_flags")])
def test_page_of_a_rule_says_the_class_and_the_check_of_every_source_in_words(
    folder: str, key: str, shelf_seen_signed_out: Crawl
) -> None:
    page = shelf_seen_signed_out.pages[f"/knowledge/{folder}/{key}"]
    listed = page.source.split('id="h-sources"')[1].split("</section>")[0].split('class="source"')[1:]
    for one, shown in zip(load().shelves[folder][key].sources, listed, strict=True):
        assert CLASSES[one.class_] in shown, one.source
        assert CHECKED[one.audited] in shown, one.source
    for word in ("not_refound", "contraindication_unspecified", "none_found", "single_source"):
        assert word not in page.text


def test_every_source_says_its_kind_and_who_cites_it(shelf_seen_signed_out: Crawl) -> None:
    for key, found in load().sources.items():
        page = shelf_seen_signed_out.pages[f"/knowledge/sources/{key}"]
        assert source_kind(found.kind) in page.text, key
    for folder, key in CITING:
        for one in load().shelves[folder][key].sources:
            page = shelf_seen_signed_out.pages[f"/knowledge/sources/{one.source}"]
            assert f"/knowledge/{folder}/{key}" in page.links, (folder, key, one.source)


def test_no_page_shows_a_key_where_a_title_belongs_nor_a_python_value(shelf_seen_signed_out: Crawl) -> None:
    for path, page in shelf_seen_signed_out.pages.items():
        for slip in ("Decimal(", "Citation(", "Range(", "None,", "datetime.", "&amp;amp;", "{{", "{%", "object at 0x"):
            assert slip not in page.text, (path, slip)


@pytest.mark.parametrize(
    "address",
    ["nonsense", "nonsense/graston", "techniques/nonsense", "sources/nonsense", "techniques/GRASTON", "sources/"],
)
@pytest.mark.django_db
def test_what_is_not_on_the_shelf_is_not_found(address: str) -> None:
    assert Client(raise_request_exception=True).get(f"/knowledge/{address}").status_code == 404


@pytest.mark.parametrize("role", ROLES)
def test_no_link_that_a_role_is_shown_is_dead_or_forbidden_to_it(
    role: str, story: Story, someone: Any, signed_in: Any
) -> None:
    course = story.days(-1).with_visits(2)
    story.screened(course, yes=["anticoagulants", "diabetes"])
    story.draft(course)
    stopped = story.ready()
    story.screened(stopped, yes=["malnourished_fatigued"], unasked=["crps"])
    story.draft(stopped)
    starts = ["/", "/today", "/patients", "/patients?q=nobody", "/about", "/gallery"]
    crawl = Crawl(signed_in(someone(role)), starts, leave="/knowledge/")
    assert crawl.dead == []
    assert len(crawl.pages) > (8 if role == "front_desk" else 22)
    known = {f"/knowledge/{folder}/{key}" for folder, key in ITEMS} | {f"/knowledge/{folder}" for folder in SHELVES}
    known |= {f"/knowledge/sources/{key}" for key in load().sources} | {"/knowledge/sources"}
    for path, page in crawl.pages.items():
        led = {one.split("#")[0] for one in crawl.internal(page, path) if one.startswith("/knowledge/")}
        assert led <= known, (path, led - known)


def sending(page: Page) -> Iterator[dict[str, str | None]]:
    """Buttons that send a form; not those of a form that only asks, such as a search."""
    asks = False
    for tag, held in page.tags:
        if tag == "form":
            asks = held.get("method") != "post"
        elif tag == "button" and held.get("type") != "button" and (not asks or {"form", "formaction"} & set(held)):
            yield held


@pytest.mark.parametrize("role", ROLES)
def test_no_button_that_a_role_is_shown_is_forbidden_to_it(
    role: str, story: Story, someone: Any, signed_in: Any
) -> None:
    from strigil.accounts.policy import may

    client = signed_in(someone(role))
    for route, address in addresses(story).items():
        if not may(route, "GET", role):
            continue
        answer = client.get(address)
        if not answer["Content-Type"].startswith("text/html"):
            continue  # a letter, a photograph
        page = Page(answer)
        buttons = list(sending(page))
        sends = [one for one in buttons if one.get("class") != "site__out" and "formaction" not in one]
        elsewhere = {resolve(one["formaction"]).url_name for one in buttons if one.get("formaction")}
        assert all(may(name, "POST", role) for name in elsewhere), (route, elsewhere)
        posts = {held.get("action") for tag, held in page.tags if tag == "form" and held.get("method") == "post"}
        posts -= {"/sign-out"}
        if route in ("gallery", "sign_in", "book_time"):
            continue
        allowed = may(route, "POST", role) or (posts - {None} and may("start_visit", "POST", role))
        assert not sends or allowed, (route, sends)
