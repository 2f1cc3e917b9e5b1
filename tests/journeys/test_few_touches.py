"""A follow-up visit costs a tired clinician few touches: counted in the browser, not promised."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from strigil.accounts.demo import SIGN_INS
from strigil.accounts.models import Clinic, User
from strigil.clinic.actions.evaluate import AnswerInput, record_answers
from strigil.clinic.actions.screen import store_screening
from strigil.clinic.models import Course
from strigil.demo.cast import CAST
from strigil.demo.generate import generate
from strigil.knowledge import load
from strigil.pathway.screen import questions
from tests.journeys.counting import count_from_here, counted
from tests.journeys.hands import box, choose, press, sign_in, tick, title

pytestmark = pytest.mark.same_on_both

MOST_TOUCHES, MOST_TYPED, MOST_FOR_THE_DOSE = 10, 2, 4
WHO = "İpek Ilıcasu"
"""Of the demo clinic: a frozen shoulder, two areas, two motions, eight visits; asked after the last one."""
POSTERIOR, ANTERIOR = "Shoulder, posterior and scapula, right", "Shoulder, anterior and pectoral, right"


@pytest.fixture
def follow_up(address: str, monkeypatch: pytest.MonkeyPatch) -> Course:
    """Somebody of the demo clinic, alone in it, who is here for a follow-up and has been screened today."""
    monkeypatch.setattr("strigil.demo.generate.CAST", [one for one in CAST if one.name == WHO])
    with transaction.atomic():
        clinic = generate(seed=1, on=timezone.localdate(timezone=Clinic(time_zone="Europe/London").zone))
    course = Course.objects.get(clinic=clinic, patient__name=WHO)
    by = User.objects.get(username="clinician")
    answers = [AnswerInput(name, "no") for name, _ in questions(load(), "female")]
    record_answers(by=by, course=course, on=clinic.today, answers=answers)
    store_screening(by=by, course=course, on=clinic.today)
    return course


@pytest.fixture
def at_the_course(page: Page, follow_up: Course) -> Page:
    """Signed in, with the course open and every touch counted from here on."""
    clinician = next(one for one in SIGN_INS if one.username == "clinician")
    sign_in(page, clinician.username, clinician.password)
    page.goto(f"/courses/{follow_up.pk}")
    count_from_here(page)
    return page


def test_a_follow_up_visit_takes_ten_touches_and_two_typed_numbers(
    at_the_course: Page, follow_up: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the course to the signature: pain before and after, two motions, the dose of two areas repeated with one
    change, minutes, and the reaction."""
    page, last = at_the_course, follow_up.visits.get(number=8)
    was = {one.region: one for one in last.treatments.all()}
    press(page, "Start today’s visit")
    before = page.get_by_role("region", name="Before treatment")
    choose(before, "Pain 0–10", "3")
    type_into(box(before, "Shoulder abduction"), "120")
    type_into(box(before, "Shoulder external rotation"), "40")
    area = page.get_by_role("region", name=POSTERIOR)
    seconds = was["shoulder_posterior"].seconds or 0
    expect(box(area, "Time")).to_have_value(str(seconds))
    area.get_by_role("button", name="More: Time").click()
    after = page.get_by_role("region", name="After treatment")
    choose(after, "Pain 0–10", "2")
    tick(after, "None seen")
    press(page, "Save and go to signing")
    expect(title(page)).to_have_text("Is this what was done?")
    tick(page, "The copied values above are right for today")
    press(page, "Sign the visit")
    expect(page.get_by_text("Visit 9 is signed.")).to_be_visible()

    hands = counted(page)
    with capsys.disabled():
        print(f"\nclicks: {len(hands.touched)}\ntyped: {len(hands.typed)}")
        print("\n".join(f"  {place}. {what}" for place, what in enumerate(hands.touched, start=1)))
    assert 0 < len(hands.touched) <= MOST_TOUCHES
    assert 0 < len(hands.typed) <= MOST_TYPED
    visit = follow_up.visits.get(number=9)
    assert visit.is_signed
    assert sorted((one.measure, one.value, one.moment) for one in visit.readings.all()) == [
        ("nprs", 2, "after"),
        ("nprs", 3, "before"),
        ("shoulder_abduction", 120, "before"),
        ("shoulder_external_rotation", 40, "before"),
    ]
    now = {one.region: one for one in visit.treatments.all()}
    assert now["shoulder_posterior"].seconds == seconds + 10
    assert now["shoulder_anterior"].seconds == was["shoulder_anterior"].seconds
    for region, one in now.items():
        for name in ("instrument", "edge", "strokes", "pressure", "angle_degrees", "position", "motion"):
            here, there = getattr(one, name), getattr(was[region], name)
            assert here == there or sorted(here) == sorted(there), (region, name)
        assert one.discomfort is None, "today's own, and nobody said"
    assert visit.minutes == {"exercise": last.minutes["exercise"]}
    assert visit.exercise == last.exercise
    assert visit.reaction_checks.get().none_seen


def test_the_dose_alone_takes_four_touches(
    at_the_course: Page, follow_up: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two areas as last time but for one time, every value of them confirmed."""
    page = at_the_course
    press(page, "Start today’s visit")
    expect(title(page)).to_contain_text("Visit 9")
    before = len(counted(page).touched)
    area = page.get_by_role("region", name=POSTERIOR)
    area.get_by_role("button", name="More: Time").click()
    for name in (POSTERIOR, ANTERIOR):
        page.get_by_role("region", name=name).get_by_role("checkbox", name="As last time").check()
    used = len(counted(page).touched) - before
    with capsys.disabled():
        print(f"\ndose: {used}")
    assert 0 < used <= MOST_FOR_THE_DOSE
    press(page, "Save as draft")
    expect(page.get_by_text("Saved as a draft.")).to_be_visible()
    visit = follow_up.visits.get(number=9)
    assert visit.treatments.count() == 2
    assert {name for name in visit.unconfirmed if name.startswith("area-")} == set()


def type_into(field: Locator, number: str) -> None:
    field.click()
    field.press_sequentially(number)
