"""One visit, typed field by field."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from strigil.clinic.models import AuditEvent, Draft, Visit
from tests.journeys.hands import choose, press, tick, title, write

AREA = "Forearm, lateral (extensors), right"


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
