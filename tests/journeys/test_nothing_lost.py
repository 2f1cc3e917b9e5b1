"""What was typed stays: tabs that die, networks that go, servers that are killed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from strigil.clinic.models import AuditEvent, Visit
from tests.accounts.factors import with_phone
from tests.journeys.hands import box, press, save_bar_says, sign_in, tick, title
from tests.journeys.record import Record
from tests.journeys.rough import BACK, Bad, Make, Server, all_sent, crash, led_nowhere, outbox, reach, spoilt, stands
from tests.journeys.steps import STEPS, note, sign, signed_as_typed

LATER = "On this tablet, not saved; will be sent when the network is back"


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


# --- The harness sees what it is there to see ---


def test_a_script_that_writes_only_in_time_to_send_is_caught(rough: Make, record: Record) -> None:
    visit = record.draft()
    context = rough()
    spoilt(
        context, "draft.js", "    this.hold();\n    if (!this.entry.pending) say(", "    if (!this.entry.pending) say("
    )
    page = context.new_page()
    sign_in(page)
    page.goto(f"/visits/{visit.pk}")
    note(page)
    page = crash(page)
    page.goto(f"/visits/{visit.pk}")
    assert box(page, "Note").input_value() == ""
