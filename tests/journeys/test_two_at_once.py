"""Two people, two tabs or two patients at once: nothing is lost, nothing lands on another's record."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import BrowserContext, Route, expect

from strigil.clinic.models import Draft, Merge, Visit
from tests.journeys.browser import Look
from tests.journeys.hands import box, choose, press, save_bar_says, sign_in, title, write
from tests.journeys.record import Record
from tests.journeys.rough import Make, as_new, crash, first, outbox, spoilt
from tests.journeys.steps import before

DEVICE = "() => JSON.stringify(localStorage)"


def test_two_tablets_on_one_visit_end_in_a_choice_by_a_person(rough: Make, record: Record, look: Look) -> None:
    visit = record.draft()
    record.colleague()
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


def test_an_outbox_that_does_not_name_the_visit_is_caught(two_tabs: TwoTabs) -> None:
    spoilt(two_tabs.context, "outbox.js", "${own}${patient}/${page}/${about}", "${own}${page}")
    two_tabs.begin()
    expect.set_options(timeout=1500)
    with pytest.raises(AssertionError):  # noqa: PT012 - any of the moves may show it
        for move in [(0, "cut"), (0, "type"), (1, "reload")]:
            two_tabs.do(*move)
