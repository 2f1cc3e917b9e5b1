"""A tablet that is handed on: after signing out nothing of a patient is left on it, and the way back shows nothing."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.journeys.hands import press, sign_in, title, write
from tests.journeys.record import Record

LEFT = """async () => {
  const kept = [...Object.entries(localStorage), ...Object.entries(sessionStorage)].flat();
  for (const one of await indexedDB.databases()) kept.push(`database ${one.name}`);
  for (const name of await caches.keys()) kept.push(`cache ${name}`);
  return kept.filter(one => one !== null).join("\\n");
}"""
PLANT = "() => localStorage.setItem('strigil-planted', 'Éva Tóth')"
NAME, TYPED = "Tóth", "Half a sentence"


def test_nothing_of_a_patient_is_left_after_signing_out(page: Page, record: Record) -> None:
    visit = record.draft()
    sign_in(page)
    page.goto(f"/patients/{visit.course.patient_id}")
    page.goto(f"/visits/{visit.pk}")
    write(page, "Note", TYPED)
    press(page, "Save as draft")
    page.evaluate(PLANT)
    assert NAME in page.evaluate(LEFT), "what would be left is seen"
    press(page, "Sign out")
    expect(title(page)).to_have_text("Sign in")
    left = page.evaluate(LEFT)
    assert NAME not in left
    assert TYPED not in left
    cookies = " ".join(str(one) for one in page.context.cookies())
    assert NAME not in cookies
    assert "sessionid" not in cookies
    for _ in range(3):
        page.go_back()
        expect(title(page)).to_have_text("Sign in")
        assert NAME not in page.content()
        assert TYPED not in page.content()
