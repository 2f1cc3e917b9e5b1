"""Sessions that end and people who take turns on one tablet: what was typed stays, and is its author's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Route, expect

from strigil.clinic.models import Draft, Visit
from strigil.pathway.treat import spoken
from tests.journeys.hands import choose, press, save_bar_says, sign_in, title, write
from tests.journeys.record import PASSWORD, Record
from tests.journeys.rough import BACK, Make, all_sent, crash, outbox, stands
from tests.journeys.steps import note

YESTERDAY = """() => {
  const key = Object.keys(localStorage).find(one => one.startsWith("strigil-draft/"));
  const entry = JSON.parse(localStorage[key]);
  localStorage[key] = JSON.stringify({ ...entry, at: new Date(Date.now() - 86400000).toISOString() });
}"""
NO_TIME = YESTERDAY.replace("new Date(Date.now() - 86400000).toISOString()", "undefined")


def test_a_session_that_ends_keeps_the_text_until_its_author_is_back(rough: Make, record: Record) -> None:
    visit = record.draft()
    record.colleague()
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
