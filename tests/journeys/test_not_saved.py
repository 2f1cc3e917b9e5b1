"""What was not saved is said to be not saved, with what was typed and a way on."""

from __future__ import annotations

import uuid
from typing import Any

from playwright.sync_api import Page, expect

from strigil.clinic.models import CheckIn, Plan
from tests.clinic.work import PLAN
from tests.journeys.browser import Look
from tests.journeys.hands import follow, sign_in, title
from tests.journeys.record import Record
from tests.journeys.rough import Make

SEND = """([to, values]) => {
  const form = document.createElement("form");
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  form.method = "post";
  form.action = to;
  for (const [name, value] of [["csrfmiddlewaretoken", token], ...values]) {
    const held = document.createElement("input");
    Object.assign(held, { type: "hidden", name, value });
    form.append(held);
  }
  document.body.append(form);
  form.submit();
}"""
"""As a browser without a script sends a form, or a page that was kept open."""


def send(page: Page, to: str, values: dict[str, Any]) -> None:
    pairs = [[name, one] for name, held in values.items() for one in (held if isinstance(held, list) else [held])]
    with page.expect_navigation():
        page.evaluate(SEND, [to, pairs])


def test_a_page_that_was_sent_before_says_what_it_was_sent_with(page: Page, record: Record, look: Look) -> None:
    course = record.screened()
    sign_in(page)
    to, sent = f"/courses/{course.pk}/plan", PLAN | {"once": str(uuid.uuid4())}
    send(page, to, sent)
    page.goto("/today")
    send(page, to, sent | {"visits_in_all": "12"})
    expect(title(page)).to_have_text("Not saved again")
    expect(page.get_by_role("alert")).to_contain_text("What came now was not saved.")
    expect(page.get_by_role("definition").filter(has_text="12")).to_have_count(1)
    look(page, "sent before")
    assert Plan.objects.get().visits_in_all == 8
    follow(page, "See what was saved")
    expect(title(page)).not_to_have_text("Not saved again")


def test_a_note_that_somebody_was_faster_with_is_given_back(rough: Make, record: Record, look: Look) -> None:
    page = rough().new_page()
    found = CheckIn.objects.get(visit=record.signed())
    sign_in(page)
    note = "Rang: the mark is fading.\nSees us on Thursday."
    send(page, f"/check-ins/{found.pk}/looked", {"version": "0", "note": note})
    expect(title(page)).to_have_text("Not saved")
    expect(page.get_by_role("alert")).to_contain_text("Somebody else saved this")
    expect(page.get_by_role("definition")).to_contain_text("Sees us on Thursday.")
    look(page, "somebody was faster")
    follow(page, "To Today")
    expect(title(page)).to_contain_text("Today")


def test_the_owner_reads_on_today_that_a_backup_is_late(page: Page, record: Record, look: Look) -> None:
    from strigil.keep import health

    (health.settings.DATA / health.LAST_BACKUP).unlink(missing_ok=True)
    record.user.role = "owner"
    record.user.save()
    sign_in(page)
    expect(page.get_by_text("No backup was made and read back yet.")).to_be_visible()
    look(page, "late backup")
    follow(page, "How to back up")
    expect(page.get_by_role("heading", name="Backups")).to_be_in_viewport()
