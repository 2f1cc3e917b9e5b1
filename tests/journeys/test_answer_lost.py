"""A save that was done and whose answer never came is not done again, and not taken for another."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from playwright.sync_api import Error, Page, expect

from strigil.clinic.models import Course, Plan
from tests.journeys.hands import box, press, save_bar_says, sign_in, tick, write
from tests.journeys.record import Record
from tests.journeys.rough import Bad, Make, crash, led_nowhere, outbox
from tests.journeys.steps import AREA


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


def test_a_server_that_forgets_its_keys_is_caught(rough: Make, record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer to a plan is lost, and the button pressed again."""
    course = record.screened()
    assert plans_after_a_lost_answer(rough, course) == 1
    monkeypatch.setattr("strigil.clinic.views.once._earlier", lambda *_: None)
    monkeypatch.setattr("strigil.clinic.views.once._claim", lambda *_: None)
    assert plans_after_a_lost_answer(rough, course) == 2
