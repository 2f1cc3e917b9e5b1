"""What was typed stays: tabs that die, networks that go, servers that are killed, sessions that end, two at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, BrowserContext, Error, Page, Route, expect

from strigil.accounts.models import User
from strigil.clinic.models import AuditEvent, Course, Draft, Merge, Plan, Visit
from strigil.pathway.treat import spoken
from tests.accounts.factors import with_phone
from tests.journeys.browser import PATIENCE, TABLET, Look, put_away
from tests.journeys.hands import box, choose, press, save_bar_says, sign_in, tick, title, write
from tests.journeys.record import PASSWORD, Record
from tests.journeys.rough import BACK, Bad, Server, all_sent, as_new, crash, first, led_nowhere, outbox, reach, stands

Make = Callable[..., BrowserContext]
AREA = "Forearm, lateral (extensors), right"
YESTERDAY = """() => {
  const key = Object.keys(localStorage).find(one => one.startsWith("strigil-draft/"));
  const entry = JSON.parse(localStorage[key]);
  localStorage[key] = JSON.stringify({ ...entry, at: new Date(Date.now() - 86400000).toISOString() });
}"""
NO_TIME = YESTERDAY.replace("new Date(Date.now() - 86400000).toISOString()", "undefined")
DEVICE = "() => JSON.stringify(localStorage)"
LATER = "On this tablet, not saved; will be sent when the network is back"


@pytest.fixture
def rough(browser: Browser, address: str) -> Iterator[Make]:
    """A tablet on which things go wrong on purpose; only an error of a page's own script is a fault."""
    made: list[BrowserContext] = []
    faults: list[str] = []

    def make(where: str = address) -> BrowserContext:
        context = browser.new_context(base_url=where, viewport=TABLET, reduced_motion="reduce", locale="en-GB")
        context.set_default_timeout(PATIENCE)
        context.on("weberror", lambda error: faults.append(str(error.error)))
        made.append(context)
        return context

    yield make
    put_away(made)
    assert not faults, "\n".join(faults)


def before(page: Page) -> None:
    choose(page.get_by_role("region", name="Before treatment"), "Pain 0–10", "5")


def motion(page: Page) -> None:
    write(page.get_by_role("region", name="Before treatment"), "Wrist flexion", "58")


def dose(page: Page) -> None:
    write(page.get_by_role("region", name=AREA), "Time", "50")


def discomfort(page: Page) -> None:
    choose(page.get_by_role("region", name=AREA), "Discomfort while treated", "2")


def after(page: Page) -> None:
    choose(page.get_by_role("region", name="After treatment"), "Pain 0–10", "4")


def reaction(page: Page) -> None:
    tick(page.get_by_role("region", name="After treatment"), "None seen")


def note(page: Page) -> None:
    write(page, "Note", "Half a sentence that must not")


STEPS = (before, motion, dose, discomfort, after, reaction, note)


def signed_as_typed(visit: Visit) -> None:
    """Exactly one visit, with every value of the steps, written once and signed once."""
    visit.refresh_from_db()
    assert visit.is_signed
    assert visit.note == "Half a sentence that must not"
    assert sorted((one.measure, one.value, one.moment) for one in visit.readings.all()) == [
        ("nprs", 4, "after"), ("nprs", 5, "before"), ("wrist_flexion", 58, "before")
    ]  # fmt: skip
    treated = visit.treatments.get()
    assert (treated.seconds, treated.discomfort) == (50, 2)
    assert visit.reaction_checks.get().none_seen
    assert Visit.objects.count() == 1
    done = list(AuditEvent.objects.filter(action__startswith="visit.").values_list("action", flat=True))
    assert sorted(done) == ["visit.sign", "visit.start", "visit.write"]
    assert not Draft.objects.exists()


def sign(page: Page) -> None:
    expect(title(page)).to_have_text("Is this what was done?")
    tick(page, "The copied values above are right for today")
    press(page, "Sign the visit")


# --- Tabs, networks, servers ---


def test_a_tab_killed_at_every_step_loses_nothing(rough: Make, record: Record) -> None:
    course = record.planned()
    page = rough().new_page()
    sign_in(page)
    page = crash(page)
    page.goto(f"/courses/{course.pk}")
    press(page, "Start today’s visit")
    expect(title(page)).to_contain_text("Visit 1")
    visit = course.visits.get()
    page = crash(page)
    page.goto(f"/visits/{visit.pk}")
    for step in STEPS:
        step(page)
        typed = stands(page)
        page = crash(page)
        page.goto(f"/visits/{visit.pk}")
        expect(page.get_by_text("not yet saved.")).to_be_visible()
        assert stands(page) == typed, step.__name__
    press(page, "Save and go to signing")
    expect(title(page)).to_have_text("Is this what was done?")
    page = crash(page)
    page.goto(f"/visits/{visit.pk}/sign")
    sign(page)
    expect(page.get_by_text("Visit 1 is signed.")).to_be_visible()
    page = crash(page)
    page.goto(f"/visits/{visit.pk}")
    assert outbox(page) == []
    signed_as_typed(visit)


@pytest.mark.parametrize("mode", ["request lost", "answer lost"])
def test_a_network_cut_at_every_request_loses_nothing(mode: str, rough: Make, record: Record) -> None:
    course = record.planned()
    context = rough()
    page = context.new_page()
    sign_in(page)
    bad = Bad(context, mode)
    reach(page, f"/courses/{course.pk}")
    press(page, "Start today’s visit")
    expect(page.get_by_text("Not started: this needs the network")).to_be_visible()
    assert course.visits.count() == (mode == "answer lost")
    with led_nowhere(page):
        press(page, "Start today’s visit")
    visit = course.visits.get()
    reach(page, f"/visits/{visit.pk}")
    for step in STEPS:
        step(page)
    typed = stands(page)
    save_bar_says(page, "On this tablet; will be sent when the network is back")
    bad.away = True
    press(page, "Save and go to signing")
    save_bar_says(page, LATER)
    assert stands(page) == typed
    with led_nowhere(page):
        bad.away = False
        page.evaluate(BACK)
    reach(page, f"/visits/{visit.pk}/sign")
    tick(page, "The copied values above are right for today")
    press(page, "Sign the visit")
    expect(page.get_by_role("status").filter(has_text="Not signed: this needs the network")).to_be_visible()
    press(page, "Sign the visit")
    expect(title(page)).to_contain_text("Tennis elbow")
    reach(page, f"/visits/{visit.pk}")
    expect(page.get_by_text("Signed by Dana Reed, PT")).to_be_visible()
    assert len(bad.failed) >= 7, bad.failed
    signed_as_typed(visit)


def test_a_visit_saved_offline_is_sent_once_even_where_its_tab_is_gone(rough: Make, record: Record) -> None:
    visit = record.draft()
    context = rough()
    page = context.new_page()
    sign_in(page)
    page.goto(f"/visits/{visit.pk}")
    context.set_offline(True)
    for step in STEPS:
        step(page)
    press(page, "Save and go to signing")
    save_bar_says(page, LATER)
    page = crash(page)
    context.set_offline(False)
    two = context.new_page()
    page.goto("/patients")
    two.goto("/today")
    all_sent(two)
    assert outbox(page) == []
    page.goto(f"/visits/{visit.pk}/sign")
    assert AuditEvent.objects.filter(action="visit.write").count() == 1
    assert not Visit.objects.get().is_signed, "a signature is never sent behind anybody's back"
    sign(page)
    expect(page.get_by_text("Visit 1 is signed.")).to_be_visible()
    signed_as_typed(visit)


@pytest.mark.parametrize("moment", ["in the middle of the save", "after it, before the answer"])
def test_a_server_killed_while_it_saves_loses_nothing(moment: str, rough: Make, record: Record) -> None:
    visit = record.draft()
    phone = with_phone(record.user)
    server = Server()
    server.start()
    try:
        page = rough(server.address).new_page()
        sign_in(page, phone=phone)
        page.goto(f"/visits/{visit.pk}")
        for step in STEPS:
            step(page)
        save_bar_says(page, "Saved as a draft")
        typed = stands(page)
        if moment == "in the middle of the save":
            with server.held_up():
                with page.expect_request(f"**/visits/{visit.pk}"):
                    page.get_by_role("button", name="Save and go to signing").click()
                assert server.answers(), "it serves others while the save waits"
                server.kill()
        else:
            page.route(f"**/visits/{visit.pk}", lambda route: _answered_then_killed(route, server))
            press(page, "Save and go to signing")
        save_bar_says(page, LATER)
        assert stands(page) == typed
        page.unroute_all()
        server.start()
        page.evaluate(BACK)
        sign(page)
        expect(page.get_by_text("Visit 1 is signed.")).to_be_visible()
        signed_as_typed(visit)
    finally:
        server.kill()


def _answered_then_killed(route: Route, server: Server) -> None:
    if route.request.method == "POST":
        route.fetch(max_redirects=0)
        server.kill()
        route.abort("connectionreset")
    else:
        route.continue_()


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (500, "Not saved: something failed on our side. What you typed is kept on this tablet"),
        (413, "Not saved: this is more text than a form takes. What you typed is kept on this tablet"),
        (403, "Not saved: your role may not do this. What you typed is kept on this tablet"),
        (503, LATER),
    ],
)
def test_an_answer_that_is_no_save_is_said_and_keeps_all(status: int, says: str, rough: Make, record: Record) -> None:
    visit = record.draft()
    page = rough().new_page()
    sign_in(page)
    page.goto(f"/visits/{visit.pk}")
    page.route(
        lambda address: "/drafts/" in address or address.endswith(str(visit.pk)),
        lambda route: route.fulfill(status=status) if route.request.method == "POST" else route.continue_(),
    )
    note(page)
    press(page, "Save as draft")
    save_bar_says(page, says)
    page.unroute_all()
    reach(page, f"/visits/{visit.pk}")
    expect(box(page, "Note")).to_have_value("Half a sentence that must not")


def test_a_portal_that_answers_everything_is_not_taken_for_a_save(rough: Make, record: Record) -> None:
    visit = record.draft()
    page = rough().new_page()
    sign_in(page)
    page.goto(f"/visits/{visit.pk}")
    page.route("**/*", lambda route: route.fulfill(status=200, content_type="text/html", body="Welcome to our Wi-Fi"))
    note(page)
    press(page, "Save as draft")
    save_bar_says(page, LATER)
    assert len(outbox(page)) == 1


# --- Sessions and people on one device ---


def test_a_session_that_ends_keeps_the_text_until_its_author_is_back(rough: Make, record: Record) -> None:
    visit = record.draft()
    colleague(record)
    context = rough()
    page = context.new_page()
    sign_in(page)
    page.goto(f"/visits/{visit.pk}")
    Session.objects.all().delete()
    note(page)
    save_bar_says(page, "On this tablet. Sign in again to save it.")
    typed = stands(page)
    assert not Draft.objects.exists()

    other = context.new_page()
    sign_in(other, "anna")
    other.goto(f"/visits/{visit.pk}")
    expect(title(other)).to_contain_text("Visit 1")
    assert stands(other) != typed
    assert "Half a sentence" not in other.content()
    page.evaluate(BACK)
    save_bar_says(page, "Anna Kowalska is signed in now")
    press(page, "Save as draft")
    save_bar_says(page, "Not saved: Anna Kowalska is signed in now")
    press(other, "Sign out")
    expect(title(other)).to_have_text("Sign in")
    assert not Draft.objects.exists()
    assert Visit.objects.get().note == ""
    other.close()

    page.evaluate(BACK)
    save_bar_says(page, "Sign in again to save it.")
    page.get_by_role("status").get_by_role("link", name="Sign in").click()
    write(page, "Username", "dana")
    write(page, "Password", PASSWORD)
    press(page, "Sign in")
    expect(page.get_by_text("not yet saved.")).to_be_visible()
    assert stands(page) == typed
    all_sent(page)
    assert Draft.objects.get().created_by == record.user


@pytest.mark.parametrize("kept_by", ["server", "tablet", "a tablet that kept no time"])
def test_answers_of_an_earlier_day_come_back_to_be_read_not_to_be_dated_today(
    kept_by: str, rough: Make, record: Record
) -> None:
    course = record.course()
    context = rough()
    page = context.new_page()
    sign_in(page)
    page.goto(f"/courses/{course.pk}/screen")
    empty = stands(page)
    if kept_by != "server":
        context.set_offline(True)
    choose(page, "Which medicines are taken?", "Takes no medicine")
    if kept_by == "server":
        save_bar_says(page, "Saved as a draft")
        Draft.objects.update(saved_at=timezone.now() - timedelta(days=1))
    else:
        save_bar_says(page, "On this tablet")
        page.evaluate(YESTERDAY if kept_by == "tablet" else NO_TIME)
        context.set_offline(False)
    page = crash(page)
    page.goto(f"/courses/{course.pk}/screen")
    told = page.locator("[data-draft-told]")
    expect(told).to_contain_text("It is of an earlier day and would be dated today, so nothing is filled in.")
    expect(told).to_contain_text("Which medicines are taken?")
    when = (
        f" on {spoken(timezone.localdate() - timedelta(days=1))}" if "no time" not in kept_by else "at a time not known"
    )
    expect(told).to_contain_text(f"{when}, not yet saved.")
    assert stands(page) == empty


def colleague(record: Record) -> User:
    anna = User(username="anna", clinic=record.clinic, role="clinician", display_name="Anna Kowalska")
    anna.set_password(PASSWORD)
    anna.save()
    return anna


def test_a_page_drawn_before_its_draft_arrived_finds_what_was_typed_on_the_tablet(rough: Make, record: Record) -> None:
    """The next page is answered, then the draft of the one that is left; both before the next page is there."""
    visit = record.draft()
    page = rough().new_page()
    sign_in(page)
    page.goto(f"/visits/{visit.pk}")
    on_the_road: list[Route] = []
    page.route("**/drafts/**", lambda route: on_the_road.append(route))
    with page.expect_request("**/drafts/**"):
        note(page)
    typed = stands(page)

    def overtaken(route: Route) -> None:
        drawn = route.fetch()
        sent = on_the_road.pop(0)
        sent.fulfill(response=sent.fetch())
        for _ in range(5):
            route.fetch()  # the page that is left has the time to hear of it
        route.fulfill(response=drawn)

    page.route(f"**/visits/{visit.pk}", overtaken)
    page.reload()
    assert Draft.objects.get().values["note"] == typed["note"]
    assert stands(page)["note"] == typed["note"] != [""]


def test_signing_out_sends_what_it_can_and_empties_the_device(rough: Make, record: Record) -> None:
    visit = record.draft()
    context = rough()
    page = context.new_page()
    sign_in(page)
    page.goto(f"/visits/{visit.pk}")
    page.route("**/drafts/**", lambda route: route.abort())
    note(page)
    save_bar_says(page, "On this tablet; will be sent")
    press(page, "Sign out")
    alert = page.get_by_role("alert").filter(has_text="Not signed out")
    expect(alert).to_be_focused()
    press(alert, "Stay signed in")
    assert len(outbox(page)) == 1
    page.unroute_all()
    press(page, "Sign out")
    expect(title(page)).to_have_text("Sign in")
    assert outbox(page) == []
    assert Draft.objects.get().values["note"] == ["Half a sentence that must not"]
    sign_in(page)
    page.goto(f"/visits/{visit.pk}")
    page.route("**/drafts/**", lambda route: route.abort())
    write(page, "Note", "never mind")
    press(page, "Sign out")
    press(page, "Lose it and sign out")
    expect(title(page)).to_have_text("Sign in")
    assert outbox(page) == []


# --- Two at once ---


def test_two_tablets_on_one_visit_end_in_a_choice_by_a_person(rough: Make, record: Record, look: Look) -> None:
    visit = record.draft()
    colleague(record)
    one, two = rough().new_page(), rough().new_page()
    sign_in(one)
    sign_in(two, "anna")
    for page in (one, two):
        page.goto(f"/visits/{visit.pk}")
    write(one, "Note", "Tolerated well.")
    before(one)
    save_bar_says(one, "Saved as a draft")
    write(two, "Note", "Stopped early.")
    choose(two.get_by_role("region", name="After treatment"), "Pain 0–10", "6")
    press(two, "Save as draft")
    expect(two.get_by_text("Saved as a draft.", exact=True)).to_be_visible()
    expect(two.get_by_text("Dana Reed has unsaved changes from")).to_be_visible()
    assert "Tolerated well." not in two.content()

    press(one, "Save and go to signing")
    expect(title(one)).to_have_text("Which is right?")
    expect(one.get_by_role("alert")).to_contain_text("Anna Kowalska saved this visit at")
    parted = one.get_by_role("group", name="Note")
    expect(parted.get_by_role("radio", checked=True)).to_have_count(0)
    taken = one.get_by_role("region", name="Changed by one of you, taken over")
    expect(taken).to_contain_text("Before treatment: Pain 0–10")
    expect(taken).to_contain_text("After treatment: Pain 0–10")
    expect(one.get_by_role("button", name="Save")).to_have_count(1)
    look(one, "two versions")
    press(one, "Save what is chosen")
    expect(one.get_by_role("group", name="Not saved yet.")).to_be_focused()
    parted.get_by_role("radio", name="Tolerated well.").check()
    press(one, "Save what is chosen")
    expect(one.get_by_text("Both versions are kept.")).to_be_visible()
    visit.refresh_from_db()
    assert visit.note == "Tolerated well."
    assert sorted((row.value, row.moment) for row in visit.readings.all()) == [(5, "before"), (6, "after")]
    kept = Merge.objects.get()
    assert (kept.typed["note"], kept.stood["note"], kept.taken["note"]) == (
        ["Tolerated well."], ["Stopped early."], "typed"
    )  # fmt: skip
    assert not Draft.objects.filter(created_by=record.user).exists()


def test_one_person_in_two_tabs_of_one_visit_loses_neither(rough: Make, record: Record) -> None:
    visit = record.draft()
    context = rough()
    one, two = context.new_page(), context.new_page()
    sign_in(one)
    for page in (one, two):
        page.goto(f"/visits/{visit.pk}")
    write(one, "Note", "from one")
    write(two, "Exercise done", "from two")
    save_bar_says(two, "Saved as a draft")
    press(two, "Save as draft")
    expect(two.get_by_text("Saved as a draft.", exact=True)).to_be_visible()
    visit.refresh_from_db()
    assert (visit.note, visit.exercise) == ("from one", "from two")


def test_what_is_typed_while_another_tab_sends_what_was_there_stays_on_the_tablet(rough: Make, record: Record) -> None:
    """The other tab hears that the older words arrived, and must not take the newer ones off the device."""
    visit = record.draft()
    context = rough()
    typing, other = context.new_page(), context.new_page()
    sign_in(typing)
    held = list[Route]()
    context.route(
        "**/drafts/**", lambda route: held.append(route) if route.request.frame.page == other else route.abort()
    )
    typing.goto(f"/visits/{visit.pk}")
    write(typing, "Note", "older")
    other.goto("/about")
    asked = first(other, held)
    write(typing, "Note", "older and newer")
    with other.expect_response("**/drafts/**") as answer:
        asked.continue_()
    assert answer.value.ok
    answer.value.finished()
    other.evaluate("() => new Promise(done => setTimeout(done))")  # its page has heard the answer
    typing = crash(typing)
    context.unroute_all()
    typing.goto(f"/visits/{visit.pk}")
    expect(box(typing, "Note")).to_have_value("older and newer")


def test_a_page_drawn_before_the_draft_of_another_tab_arrived_shows_it(rough: Make, record: Record) -> None:
    visit = record.draft()
    context = rough()
    typing, other = context.new_page(), context.new_page()
    sign_in(typing)
    typing.goto(f"/visits/{visit.pk}")
    other.goto("/about")
    held = list[Route]()
    other.route(f"**/visits/{visit.pk}", lambda route: held.append(route), times=1)
    other.evaluate("address => { location.href = address }", f"/visits/{visit.pk}")
    asked = first(other, held)
    drawn = asked.fetch(max_retries=3)
    write(typing, "Note", "since")
    save_bar_says(typing, "Saved as a draft")
    asked.fulfill(response=drawn)
    expect(box(other, "Note")).to_have_value("since")
    assert outbox(other) == []


FIELDS = ("Note", "Exercise done")
MOVES = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from(["type", "type", "save", "reload", "switch", "cut", "mend", "kill"])),
    min_size=3,
    max_size=7,
)


class TwoTabs:
    """Two tabs of one tablet on the visits of two patients, and what each visit must hold."""

    def __init__(self, context: BrowserContext, visits: list[Visit]) -> None:
        self.context, self.visits = context, visits
        self.tabs = [context.new_page(), context.new_page()]
        self.at = [0, 1]
        self.cut = False
        context.route("**/drafts/**", lambda route: route.abort() if self.cut else route.continue_())

    def begin(self) -> None:
        self.cut, self.at, self.typed = False, [0, 1], 0
        self.tabs[0].goto("/about")
        self.tabs[1].goto("/about")
        self.tabs[0].evaluate("() => localStorage.clear()")
        as_new(*self.visits)
        self.expected: list[dict[str, str]] = [dict.fromkeys(FIELDS, "") for _ in self.visits]
        for tab in (0, 1):
            self.open(tab)

    def open(self, tab: int) -> None:
        self.tabs[tab].goto(f"/visits/{self.visits[self.at[tab]].pk}")

    def do(self, tab: int, move: str) -> None:
        page = self.tabs[tab]
        if move == "type":
            field = FIELDS[self.typed % 2]
            self.typed += 1
            words = f"patient {self.at[tab]}, words {self.typed}"
            self.expected[self.at[tab]][field] = words
            write(page, field, words)
        elif move == "save":
            press(page, "Save as draft")
            expect(page.get_by_text("Saved as a draft.", exact=True)).to_be_visible()
        elif move == "reload":
            page.reload()
        elif move == "switch":
            self.at = [1 - one for one in self.at]
            for one in (0, 1):
                self.open(one)
        elif move == "kill":
            self.tabs[tab] = crash(page)
            self.open(tab)
        else:
            self.cut = move == "cut"
        for one in (0, 1):
            for field, words in self.expected[self.at[one]].items():
                try:
                    expect(box(self.tabs[one], field)).to_have_value(words)
                except AssertionError as error:
                    kept = [(draft.about, draft.version, draft.values) for draft in Draft.objects.all()]
                    error.add_note(f"on the device: {self.tabs[one].evaluate(DEVICE)}\non the server: {kept}")
                    raise

    def end(self) -> None:
        """Everything saved: each value in its own visit, in no other, and no visit more than there was."""
        self.cut = False
        for tab in (0, 1):
            self.open(tab)
            self.do(tab, "save")
        for visit, expected in zip(self.visits, self.expected, strict=True):
            visit.refresh_from_db()
            assert (visit.note, visit.exercise) == (expected["Note"], expected["Exercise done"])
        assert Visit.objects.count() == 2


@pytest.fixture
def two_tabs(rough: Make, record: Record) -> TwoTabs:
    visits = [record.draft(), record.draft()]
    context = rough()
    sign_in(context.new_page())
    return TwoTabs(context, visits)


def in_any_order(two_tabs: TwoTabs, examples: int) -> None:
    @settings(
        max_examples=examples, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(MOVES)
    def run(moves: list[tuple[int, str]]) -> None:
        two_tabs.begin()
        for tab, move in moves:
            two_tabs.do(tab, move)
        two_tabs.end()

    run()


def test_two_tabs_on_two_patients_never_lose_or_cross_a_value(two_tabs: TwoTabs) -> None:
    in_any_order(two_tabs, 3)


@pytest.mark.assure
def test_two_tabs_on_two_patients_never_lose_or_cross_a_value_in_many_orders(two_tabs: TwoTabs) -> None:
    in_any_order(two_tabs, 30)


# --- The harness sees what it is there to see ---


def planted(context: BrowserContext, script: str, right: str, wrong: str) -> None:
    """One of the page's scripts with a fault in it."""
    source = (Path(__file__).parents[2] / "strigil/static/strigil/js" / script).read_text()
    assert right in source
    context.route(
        f"**/{script}",
        lambda route: route.fulfill(body=source.replace(right, wrong), content_type="text/javascript"),
    )


def test_an_outbox_that_does_not_name_the_visit_is_caught(two_tabs: TwoTabs) -> None:
    planted(two_tabs.context, "outbox.js", "${own}${patient}/${page}/${about}", "${own}${page}")
    two_tabs.begin()
    expect.set_options(timeout=1500)
    with pytest.raises(AssertionError):  # noqa: PT012 - any of the moves may show it
        for move in [(0, "cut"), (0, "type"), (1, "reload")]:
            two_tabs.do(*move)


def test_a_script_that_writes_only_in_time_to_send_is_caught(rough: Make, record: Record) -> None:
    visit = record.draft()
    context = rough()
    planted(
        context, "draft.js", "    this.hold();\n    if (!this.entry.pending) say(", "    if (!this.entry.pending) say("
    )
    page = context.new_page()
    sign_in(page)
    page.goto(f"/visits/{visit.pk}")
    note(page)
    page = crash(page)
    page.goto(f"/visits/{visit.pk}")
    assert box(page, "Note").input_value() == ""


def test_a_server_that_forgets_its_keys_is_caught(rough: Make, record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer to a plan is lost, and the button pressed again."""
    course = record.screened()
    assert plans_after_a_lost_answer(rough, course) == 1
    monkeypatch.setattr("strigil.clinic.views.once._earlier", lambda *_: None)
    monkeypatch.setattr("strigil.clinic.views.once._claim", lambda *_: None)
    assert plans_after_a_lost_answer(rough, course) == 2


def plan_whose_answer_is_lost(rough: Make, course: Course) -> Page:
    Plan.objects.all().delete()
    context = rough()
    page = context.new_page()
    sign_in(page)
    page.goto(f"/courses/{course.pk}/plan?technique=graston")
    write(page, "Visits a week", "2")
    write(page, "Visits in all", "8")
    write(page.get_by_role("region", name=AREA), "Time", "30")
    tick(page, "The patient was told what may follow and agreed")
    Bad(context, "answer lost")
    press(page, "Save the plan")
    save_bar_says(page, "On this tablet, not saved: no answer from the server.")
    return page


def plans_after_a_lost_answer(rough: Make, course: Course) -> int:
    page = plan_whose_answer_is_lost(rough, course)
    with led_nowhere(page):
        press(page, "Save the plan")
    return Plan.objects.count()


def test_a_page_opened_again_after_a_lost_answer_learns_that_it_was_saved(
    rough: Make, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = record.screened()
    page = crash(plan_whose_answer_is_lost(rough, course))
    page.context.unroute_all()
    with suppress(Error):  # it goes on by itself
        page.goto(f"/courses/{course.pk}/plan?technique=graston")
    expect(page).to_have_url(re.compile(f"/courses/{course.pk}(#.*)?$"))
    assert Plan.objects.count() == 1
    assert outbox(page) == []
    monkeypatch.setattr("strigil.clinic.views.draft.taken_before", lambda *_: None)
    page = crash(plan_whose_answer_is_lost(rough, course))
    page.context.unroute_all()
    page.goto(f"/courses/{course.pk}/plan?technique=graston")
    expect(page.get_by_text("not yet saved.")).to_be_visible()  # a server that does not say so is seen here


def test_after_two_saves_without_an_answer_neither_is_taken_for_the_one_that_arrived(
    rough: Make, record: Record
) -> None:
    """The first arrived, the second did not: the page must not take the second for saved and drop it."""
    course = record.screened()
    page = plan_whose_answer_is_lost(rough, course)
    page.context.unroute_all()
    page.context.route("**/*", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    write(page, "Visits in all", "9")
    for _ in range(2):
        with page.expect_event("requestfailed", lambda request: f"/courses/{course.pk}/plan" in request.url):
            press(page, "Save the plan")
        save_bar_says(page, "On this tablet, not saved: no answer from the server.")
    page = crash(page)
    page.context.unroute_all()
    with suppress(Error):  # it is drawn anew
        page.goto(f"/courses/{course.pk}/plan?technique=graston")
    expect(page.get_by_text("not yet saved.")).to_be_visible()
    expect(box(page, "Visits in all")).to_have_value("9")
    assert Plan.objects.get().visits_in_all == 8
