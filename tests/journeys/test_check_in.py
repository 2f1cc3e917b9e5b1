"""The check-in on a phone: few touches, no script, any zoom, either direction; and what a clinician makes of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Literal

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from strigil.clinic import check_ins
from strigil.clinic.models import CheckIn
from strigil.knowledge import load
from strigil.pathway.respond.check_in import window
from tests.journeys.browser import PHONE, WIDER_THAN_SEEN, Look
from tests.journeys.counting import COUNTING, counted
from tests.journeys.hands import group, press, sign_in, title
from tests.journeys.record import Record

MOST_TOUCHES = 5
MOST_BYTES = 100_000


@pytest.fixture
def link(record: Record) -> str:
    """A check-in that opened four hours ago."""
    found = CheckIn.objects.get(visit=record.signed())
    found.ended_at = timezone.now() - timedelta(hours=24)
    found.opens_at, found.closes_at = window(found.ended_at, load())
    found.save()
    return f"/check-in/{check_ins.token(found)}"


def tap(page: Page, role: Literal["radio", "checkbox", "button"], name: str) -> None:
    page.get_by_role(role, name=name, exact=True).tap()


def tap_in(page: Page, question: str, answer: str) -> None:
    group(page, question).get_by_role("radio", name=answer, exact=True).tap()


def nothing_to_report(page: Page) -> None:
    group(page, "How sore or painful is it now?").get_by_role("radio").first.tap()
    tap(page, "checkbox", "No marks")
    tap_in(page, "What you can do with it", "The same")
    tap_in(page, "Did you do your home exercises?", "All")
    tap(page, "button", "None of these signs: send")


def something_expected(page: Page) -> None:
    tap(page, "radio", "3")
    tap(page, "checkbox", "A slight bruise: purple, blue or darker")
    tap_in(page, "What you can do with it", "Better")
    tap_in(page, "Did you do your home exercises?", "Some")
    tap(page, "button", "None of these signs: send")


def something_adverse(page: Page) -> None:
    tap(page, "radio", "4")
    tap(page, "checkbox", "No marks")
    tap_in(page, "What you can do with it", "Worse")
    tap(page, "checkbox", "Sharp or shooting pain, numbness or weakness")
    tap(page, "button", "Send what I touched")


@pytest.mark.parametrize("path", [nothing_to_report, something_expected, something_adverse])
def test_the_usual_answers_take_five_touches_on_a_phone(
    path: Callable[[Page], None], link: str, address: str, new_context: Callable[..., BrowserContext]
) -> None:
    phone = new_context(address, viewport=PHONE, has_touch=True, is_mobile=True).new_page()
    phone.add_init_script(COUNTING)
    phone.goto(link)
    path(phone)
    expect(title(phone)).to_have_text("Thank you")
    hands = counted(phone)
    assert len(hands.touched) <= MOST_TOUCHES, hands.touched
    assert hands.typed == []
    found = CheckIn.objects.get()
    assert found.soreness is not None
    assert found.marks
    assert found.worries


def test_it_works_without_a_script_and_the_link_is_used_up(
    link: str, address: str, new_context: Callable[..., BrowserContext]
) -> None:
    context = new_context(address, viewport=PHONE, has_touch=True, is_mobile=True, java_script_enabled=False)
    phone = context.new_page()
    received: list[int] = []
    phone.on("response", lambda one: received.append(one.request.sizes()["responseBodySize"]))
    phone.goto(link)
    phone.wait_for_load_state("networkidle")
    assert 0 < sum(received) <= MOST_BYTES, received
    nothing_to_report(phone)
    expect(title(phone)).to_have_text("Thank you")
    assert CheckIn.objects.get().worries == ["none"]
    assert context.cookies() == []
    closed = new_context(address, viewport=PHONE, java_script_enabled=False).new_page()
    closed.request.get(link)
    assert closed.request.get(link).body() == closed.request.get("/check-in/guessed").body()


def test_every_state_is_accessible_and_fits(
    link: str, address: str, new_context: Callable[..., BrowserContext], page: Page, look: Look
) -> None:
    phone = new_context(address, viewport=PHONE).new_page()
    phone.goto(link)
    look(phone, "questions")
    press(phone, "Send what I touched")
    expect(phone.get_by_role("heading", name="Not sent yet. Your answers are still here.")).to_be_visible()
    look(phone, "nothing answered")
    phone.get_by_role("checkbox", name="One leg that is swollen, warm or red").check()
    press(phone, "Send what I touched")
    expect(phone.get_by_role("alert")).to_contain_text("somebody has to look at")
    look(phone, "thanks")
    assert phone.request.get(link).status == 404

    sign_in(page)
    expect(page.get_by_role("heading", name="To look at")).to_be_visible()
    look(page, "to look at")
    page.get_by_label("Note on Éva Tóth").fill("Called; seen by her GP today.")
    page.get_by_role("button", name=re.compile("^Looked at")).click()
    expect(page.get_by_role("status").filter(has_text="Looked at")).to_contain_text("seen by her GP today")
    look(page, "looked at")
    press(page, "Undo")
    page.get_by_role("link", name="Éva Tóth").first.click()
    expect(page.get_by_role("heading", name="Check-in on the day after")).to_be_visible()
    look(page, "visit with answer")


def test_what_opens_nothing_is_accessible(
    record: Record, address: str, new_context: Callable[..., BrowserContext], look: Look
) -> None:
    context = new_context(address, viewport=PHONE)
    context.route("**/check-in/**", lambda route: route.fulfill(response=route.fetch(), status=200))
    phone = context.new_page()
    phone.goto("/check-in/guessed")
    expect(title(phone)).to_have_text("There is nothing to answer here just now")
    look(phone, "nothing to answer")


def test_a_signed_visit_shows_the_code_to_take_along(page: Page, record: Record, look: Look) -> None:
    visit = record.signed()
    sign_in(page)
    page.goto(f"/visits/{visit.pk}")
    expect(page.get_by_role("img", name="QR code of the check-in link")).to_be_visible()
    look(page, "code")


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize("width", [390, 320, 195])
def test_nothing_lies_beside_the_edge_at_any_zoom_or_direction(
    direction: str, width: int, link: str, address: str, new_context: Callable[..., BrowserContext]
) -> None:
    """A phone of 390 px at 200 % shows what one of 195 px shows."""
    phone = new_context(address, viewport={"width": width, "height": 844}).new_page()
    phone.goto(link)
    phone.evaluate("direction => { document.documentElement.dir = direction; }", direction)
    phone.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert phone.evaluate(WIDER_THAN_SEEN) == []
    if direction == "rtl":
        first, last = (phone.locator(".scale__one").nth(number).bounding_box() for number in (0, 1))
        assert first
        assert last
        assert first["x"] > last["x"] or first["y"] < last["y"]


def test_a_screen_reader_hears_the_warning_before_the_questions_and_the_signs_before_the_buttons(
    link: str, address: str, new_context: Callable[..., BrowserContext]
) -> None:
    phone = new_context(address, viewport=PHONE).new_page()
    phone.goto(link)
    heard = phone.locator("main").aria_snapshot()
    order = [
        "How is it today?",
        "Nobody is watching this page",
        "call your emergency number now",
        "How sore or painful is it now?",
        "Do you see or feel any marks",
        "What you can do with it",
        "Did you do your home exercises?",
        "Is any of these true for you now?",
        "Send what I touched",
        "None of these signs",
    ]
    places = [heard.find(one) for one in order]
    assert -1 not in places, dict(zip(order, places, strict=True))
    assert places == sorted(places)
    assert "checked" not in heard, "nothing is chosen beforehand"
