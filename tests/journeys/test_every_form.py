"""Every form that writes, and whatever can go wrong on its way: it says that it was not saved and what to do, what was
typed still stands, and however often it is sent it is done once.

The forms are found on the pages themselves; one that the table does not have fails the build.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Model, Sum
from django.urls import resolve, reverse
from playwright.sync_api import Browser, ElementHandle, Error, TimeoutError

from strigil.accounts.policy import POLICY
from strigil.clinic.slots import word_of
from tests.accounts.forms import Form, forms_of
from tests.accounts.worlds import undone
from tests.clinic.cast import Story
from tests.clinic.work import PLAN
from tests.fuzz.places import Place, each_of, places
from tests.journeys.browser import UNFOLD
from tests.journeys.rough import BACK
from tests.journeys.wire import FAULTS, WRITE, Wire, no_network, signed_in_as

PLAIN = {
    "sign_in", "second_factor", "set_up_second_factor", "one_time_link", "check_in", "ask", "own_appointment",
}  # fmt: skip
"""Pages that nobody is signed in on have no script of ours: the browser sends their forms, and says what failed."""
FORMS = {
    "account name", "amend_visit", "appointment mark", "book_patient", "book_rules closed", "book_rules hours",
    "book_rules page", "book_rules remove", "book_time > book_patient slot", "check_in", "clearance",
    "close_course note status", "confirm_request", "confirm_request > appointment mark", "confirm_request patient",
    "course > start_visit", "course_sites region side", "discard_visit", "edit_patient", "evaluate", "fill",
    "home_programme prescribe", "home_programme progress", "home_programme report", "home_programme stop", "incline",
    "measure", "measure > go_on", "move_appointment", "one_time_link", "open_course", "override overriding reason",
    "override reason", "payer_rule counted rule", "people", "person change", "person link", "photographs", "plan",
    "questionnaires", "questionnaires put_away", "reading", "register", "remove_photograph because", "respond",
    "screen", "sign_in password username", "sign_visit", "today > look_at_check_in note", "today arrived", "visit",
    "visit > respond",
}  # fmt: skip
"""Every form that writes: its page, the route that it is sent to where that is another, and which of several it is."""
REFUSED = {"book_rules closed", "book_rules hours", "confirm_request", "override overriding reason", "questionnaires"}
"""Sent here, as those without any values, with too little in them to be taken; they say so."""
SHOWN_ONCE = {"people", "person link"}
"""Answered by a link that nobody can show again, so the browser sends them too."""
NO_FORM = {"sign_out", "session", "draft", "merge_visit", "undo_appointment"}
"""Sent by a script, or from the answer to another form."""
NO_NAME = {"csrfmiddlewaretoken", "once", "author", "version", "what", "act", "next"}
NOT_SAVED = re.compile(r"(?i)\bnot (kept|[a-z]+ed)\b|On this tablet")
"""A form that keeps drafts says where what was typed is."""

Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Sending:
    """One form: the page it stands on, its place among that page's forms, and what a person would send by it."""

    key: str
    address: str
    place: int
    pairs: Pairs
    files: dict[str, bytes]


def name_of(route: str, form: Form) -> str:
    """From which page to which route, and which form of it."""
    path = urlsplit(form.action).path
    to = (resolve(path).url_name or "") if path else route
    sort = [value for name, value in form.sent if name in ("what", "act")]
    names = sorted({name for name, _ in form.offered} - NO_NAME)
    return " ".join([route if route == to else f"{route} > {to}", *(sort or (names if len(names) < 3 else []))])


def more_places(story: Story) -> list[Place]:
    """Pages whose forms stand there only in a certain state."""
    ready = story.ready()
    slot = word_of(story.slot("16:00"))
    booked = story.booked(at="15:00")
    return [
        Place("course", reverse("course", args=[ready.pk])),
        Place("plan", reverse("plan", args=[ready.pk]) + "?technique=graston", list(each_of(PLAN))),
        Place("measure", reverse("measure", args=[story.unchanged().pk])),
        Place("book_time", reverse("book_time") + f"?slot={slot}&q=t"),
        Place("book", reverse("book") + f"?on={booked.starts.date()}&for={ready.patient_id}"),
    ]


def sendings(story: Story, client: Any) -> list[Sending]:
    """Every form of every page, once; with what a person would send, where the record knows it."""
    found: dict[str, Sending] = {}
    for one in [*places(story), *more_places(story)]:
        for place, form in enumerate(
            form for form in forms_of(client.get(one.address), one.address) if form.method == "POST"
        ):
            key = name_of(one.route, form)
            if "sign_out" in key:
                continue
            offered = {name for name, _ in form.offered}
            fits = [(name, str(value)) for name, value in one.right if name in offered]
            if key not in found or (fits and not found[key].pairs):
                found[key] = Sending(key, one.address, place, fits, dict(one.files))
    return list(found.values())


FILL = """([form, pairs, files]) => {
  const given = name => pairs.filter(([one]) => one === name).map(([, value]) => value);
  for (const one of form.elements) {
    if (!one.name || ["hidden", "submit"].includes(one.type) || one.tagName === "FIELDSET") continue;
    const wanted = given(one.name);
    if (one.type === "file") {
      const held = new DataTransfer();
      const bytes = Uint8Array.from(atob(files[one.name] ?? ""), letter => letter.charCodeAt(0));
      held.items.add(new File([bytes], "given"));
      one.files = held.files;
    } else if (["radio", "checkbox"].includes(one.type)) {
      if (wanted.length) one.checked = wanted.includes(one.value);
    } else if (one.options) {
      if (wanted.length) for (const option of one.options) option.selected = wanted.includes(option.value);
    } else if (wanted.length) one.value = wanted.shift();
    else if (one.tagName === "TEXTAREA" && !one.value) one.value = "Half a sentence";
    else continue;
    for (const kind of ["input", "change"]) one.dispatchEvent(new Event(kind, { bubbles: true }));
  }
}"""
STANDS = """form => {
  const found = [];
  for (const one of form.elements) {
    if (!one.name || ["hidden", "submit"].includes(one.type) || one.tagName === "FIELDSET") continue;
    if (["radio", "checkbox"].includes(one.type)) { if (one.checked) found.push([one.name, one.value]); }
    else if (one.type === "file") found.push([one.name, [...one.files].map(file => file.size).join()]);
    else found.push([one.name, one.value]);
  }
  return found;
}"""
BUTTON = """([form, pairs]) => {
  const all = [...form.elements].filter(one => one.type === "submit");
  return all.find(one => pairs.some(([name, value]) => one.name === name && one.value === value)) ?? all.at(-1);
}"""
SAID = """() => [...document.querySelectorAll("[role=status], [role=alert]")]
  .filter(one => one.checkVisibility()).map(one => one.textContent).join(" | ")"""

MOMENTS = 500


def rows() -> dict[str, tuple[int, int]]:
    """How many rows each table of the record holds, and how often they were changed."""
    kept: dict[str, tuple[int, int]] = {}
    for model in apps.get_app_config("clinic").get_models():
        if model.__name__ not in ("Sent", "Draft"):
            kept[model.__name__] = model._default_manager.count(), _versions(model)
    return kept


def changed(before: dict[str, tuple[int, int]]) -> dict[str, Any]:
    return {table: (before[table], now) for table, now in rows().items() if now != before[table]}


def _versions(model: type[Model]) -> int:
    if not any(one.name == "version" for one in model._meta.concrete_fields):
        return 0
    return model._default_manager.aggregate(all=Sum("version"))["all"] or 0


class Hand:
    """Types into one form and sends it, whatever happens to the wire."""

    def __init__(self, wire: Wire, sending: Sending) -> None:
        self.wire, self.page, self.sending, self.wrong = wire, wire.page, sending, list[str]()
        self.before = len(wire.answers)
        self.open()
        files = {name: base64.b64encode(content).decode() for name, content in sending.files.items()}
        self.page.evaluate(FILL, [self.form, sending.pairs, files])
        self.typed = self.stands()

    def open(self) -> None:
        self.page.goto(self.sending.address)
        self.page.evaluate(UNFOLD)

    @property
    def form(self) -> ElementHandle | None:
        """The form, unless the page was left."""
        found = self.page.query_selector_all("form[method=post]")
        return found[self.sending.place] if self.sending.place < len(found) else None

    def stands(self) -> Any:
        return self.page.evaluate(STANDS, self.form) if self.form else None

    def press(self) -> None:
        found = self.page.evaluate_handle(BUTTON, [self.form, self.sending.pairs]).as_element()
        assert found, self.sending.key
        found.click()

    def meets(self, name: str) -> None:
        """Send it into a fault; the page stays, says so, and holds what was typed."""
        fault, words = FAULTS[name]
        before, was, answered = rows(), self.page.url, len(self.wire.answers)
        self.wire.fault = fault
        try:
            self.page.evaluate("hurry(false)")
            self.press()
            for _ in range(MOMENTS if name in WRITE else 0):  # its draft may fail before the form itself is on its way
                if len(self.wire.answers) > answered:
                    break
                self.page.wait_for_timeout(20)
            if name == "no answer":
                self.page.evaluate("hurry(true)")
            if not self.says(words):
                self.wrong.append(f"{name}: says {self.page.evaluate(SAID)!r}")
            if self.page.url != was or self.stands() != self.typed:
                self.wrong.append(f"{name}: does not hold what was typed; {self.wire.answers[-1:]!r:.300}")
                self.open()
            if name not in WRITE and rows() != before:
                self.wrong.append(f"{name}: something was written")
        except Error as error:
            self.wrong.append(f"{name}: {str(error).splitlines()[0]}")
        finally:
            self.wire.let_go()
            self.wire.fault = no_network  # what the page sends again by itself does not come through either

    def says(self, words: str) -> bool:
        self.page.locator("html[data-sending]").wait_for(state="detached")
        with suppress(TimeoutError):
            self.page.wait_for_function(f"words => ({SAID})().includes(words)", arg=words)
        said = self.page.evaluate(SAID)
        return words in said and bool(NOT_SAVED.search(said))

    def comes_through(self) -> None:
        """The answer is lost, then the wire whole again: what was asked, and perhaps done already, is done once."""
        self.meets("answer lost")
        done = rows()
        try:
            with self.page.expect_navigation():
                self.wire.fault = None
                if self.form and self.form.get_attribute("data-later") is not None:
                    self.page.evaluate(BACK)
                else:
                    self.press()
        except Error as error:
            self.wrong.append(f"sent again: {str(error).splitlines()[0]}; says {self.page.evaluate(SAID)!r}")
            return
        status, _, body = self.wire.answers[-1]
        if self.sending.pairs and self.sending.key not in REFUSED and (status != 200 or not body.startswith(b'{"to"')):
            self.wrong.append(f"sent again: answered with {status}")
        if twice := changed(done):
            self.wrong.append(f"sent again: done twice: {twice}")

    def was_taken(self) -> bool:
        return any(status == 200 and body.startswith(b'{"to"') for status, _, body in self.wire.answers[self.before :])

    def keeps_drafts(self) -> bool:
        return bool(self.form and self.form.get_attribute("data-draft") is not None)

    def reopened(self) -> None:
        """A form that keeps drafts holds it beyond the page."""
        self.open()
        if self.stands() != self.typed:
            self.wrong.append("opened again: does not hold what was typed")

    def learns_that_it_was_saved(self) -> None:
        """The answer was lost and the page is opened again: it asks, and has nothing left to save."""
        done, self.wire.fault = rows(), None
        self.page.goto(self.sending.address)
        for _ in range(MOMENTS):
            self.page.wait_for_timeout(20)
            with suppress(Error):  # on its way to the next page
                if not self.page.evaluate("Object.keys(localStorage).filter(one => one.startsWith('strigil-draft/'))"):
                    break
        else:
            self.wrong.append("opened again: does not know that it was saved")
        if twice := changed(done):
            self.wrong.append(f"opened again: done twice: {twice}")


@pytest.fixture
def wire(browser: Browser, someone: Any) -> Iterator[Wire]:
    from django.test import Client

    owner, colleague = someone("owner"), someone("clinician")
    made = Wire(browser, signed_in_as(owner), {"signed out": Client(), "colleague": signed_in_as(colleague)})
    yield made
    made.close()


def by_script(found: list[Sending]) -> list[Sending]:
    return [one for one in found if one.key.partition(" ")[0] not in PLAIN and one.key not in SHOWN_ONCE]


def go_through(wire: Wire, found: list[Sending], each: int) -> tuple[int, list[str]]:
    """``each`` faults for every form, in turn, so that every fault meets many forms."""
    names, wrong, met = list(FAULTS), list[str](), 0
    for place, one in enumerate(by_script(found)):
        with undone(wire.client, *wire.others.values()):
            hand = Hand(wire, one)
            for step in range(each):
                hand.meets(names[(place * each + step) % len(names)])
                met += 1
            if hand.keeps_drafts() and hand.was_taken():
                hand.learns_that_it_was_saved()
            else:
                if hand.keeps_drafts():
                    hand.reopened()
                hand.comes_through()
            wrong += [f"{one.key}: {what}" for what in hand.wrong]
    return met, wrong


def unknown(found: list[Sending]) -> list[str]:
    """Forms that the table does not have, those that it has in vain, and routes that no form was found for."""
    keys = {one.key for one in found}
    reached = {key.partition(" ")[2].removeprefix("> ").partition(" ")[0] for key in keys if " > " in key}
    reached |= {key.partition(" ")[0] for key in keys} | PLAIN | NO_FORM
    routes = {route for route, rule in POLICY.items() if "POST" in rule}
    said = [f"{one}: a form that is not in FORMS" for one in sorted(keys - FORMS)]
    said += [f"{one}: in FORMS, and on no page" for one in sorted(FORMS - keys)]
    return said + [f"{one}: takes a form, and no page has one" for one in sorted(routes - reached)]


def test_whatever_goes_wrong_a_form_says_so_keeps_all_and_is_done_once(wire: Wire, story: Story) -> None:
    found = sendings(story, wire.client)
    assert not unknown(found), "\n".join(unknown(found))
    sent = found if connection.vendor == "sqlite" else []  # the pages' scripts are the same on both databases
    _, wrong = go_through(wire, sent, each=1)
    assert not wrong, "\n".join(wrong)


@pytest.mark.assure
def test_every_form_meets_every_fault(wire: Wire, story: Story, assurance: Any) -> None:
    found = sendings(story, wire.client)
    met, wrong = go_through(wire, found, each=len(FAULTS))
    assurance("faults", forms=len(by_script(found)), faults=len(FAULTS), sent=met, not_told_or_lost_or_twice=len(wrong))
    assert not wrong, "\n".join(wrong)


# --- What is planted is caught ----------------------------------------------------------------------------------

REGISTER = Sending(
    "register", "/patients/new", 1, [("name", "Marek Nowak"), ("sex", "male"), ("born", "1980-05-06")], {}
)


@pytest.mark.parametrize(
    ("script", "right", "wrong", "fault", "said"),
    [
        ("form.js", "aloud(form, submitter, `${what}: ${because", "say(`Saved ${because", "500", "500: says"),
        ("send.js", "if (ok) return", "if (ok || status === 500) return", "500", "500: says"),
        ("form.js", "form.dispatchEvent(", "form.reset(); form.dispatchEvent(", "no network", "does not hold"),
        ("send.js", "if (ok) return", "if (ok) return 'ok'; if (ok) return", "a portal's page", "a portal's page"),
    ],
)
def test_a_script_that_hides_a_fault_is_caught(
    script: str, right: str, wrong: str, fault: str, said: str, wire: Wire
) -> None:
    wire.planted[script] = right, wrong
    wire.context.set_default_timeout(3_000)
    hand = Hand(wire, REGISTER)
    hand.meets(fault)
    assert any(said in one for one in hand.wrong), hand.wrong


def test_a_form_that_the_browser_sends_itself_is_caught(wire: Wire) -> None:
    wire.planted["form.js"] = "event.preventDefault();", "return;"
    wire.context.set_default_timeout(3_000)
    hand = Hand(wire, REGISTER)
    hand.meets("no network")
    assert hand.wrong


def test_a_server_that_forgets_its_keys_is_caught(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    hand = Hand(wire, REGISTER)
    hand.comes_through()
    assert hand.wrong == []
    monkeypatch.setattr("strigil.clinic.views.once._key", lambda _: None)
    other = [(name, "Ewa Nowak" if name == "name" else value) for name, value in REGISTER.pairs]
    hand = Hand(wire, replace(REGISTER, pairs=other))
    hand.comes_through()
    assert hand.wrong == ["sent again: answered with 422"], "it is asked whether these are two people"


def test_a_new_form_that_writes_is_caught() -> None:
    rest = [Sending(key, "/", 0, [], {}) for key in FORMS - {"register"}]
    new = [Sending("patient > merge_patients", "/", 0, [], {})]
    assert [one.partition(":")[0] for one in unknown(rest + new)] == [
        "patient > merge_patients",
        "register",
        "register",
    ]
