"""The measure page: what a review advises, going on in spite of it, what was left of a gain, and the forecast."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from strigil.clinic.actions import Refused, evaluate
from strigil.clinic.actions.measure import go_on
from strigil.clinic.models import AuditEvent, Course, Reading, ReviewDecision
from strigil.clinic.reviews import review_of
from strigil.knowledge import load
from strigil.knowledge.shapes import Gate
from strigil.pathway.facts import Moment
from tests.clinic.cast import Story
from tests.clinic.page import Page

FOUR, SIX = (load().shelf(Gate)[key].statement for key in ("review_at_four", "stop_at_six"))
PROPOSED = "Proposed by this project; no study has tested it."


def words(client: Client, address: str) -> str:
    return " ".join(" ".join(Page(client.get(address)).words).split())


def sent(tablet: Client, course: Course, **given: str) -> str:
    """What the page says after a touch."""
    response = tablet.post(f"/courses/{course.pk}/go-on", {"gate": "review_at_four"} | given, follow=True)
    return " ".join(" ".join(Page(response).words).split())


def test_advice_stands_on_the_course_the_measure_page_and_the_visit(story: Story, tablet: Client) -> None:
    course = story.unchanged()
    visit = story.days(1).draft(course)
    for address in (f"/courses/{course.pk}", f"/courses/{course.pk}/measure", f"/visits/{visit.pk}"):
        said = words(tablet, address)
        assert f"Advice: {FOUR}" in said, address
        assert PROPOSED in said, address


def test_no_advice_before_the_fourth_visit_nor_where_something_is_better(story: Story, tablet: Client) -> None:
    early, better = story.unchanged(3), story.with_visits(4)
    for course in (early, better):
        assert review_of(course).advice is None
        assert "Advice:" not in words(tablet, f"/courses/{course.pk}")


def test_one_touch_goes_on_and_says_who_when_and_why(story: Story, tablet: Client, on: date) -> None:
    course = story.unchanged()
    page = Page(tablet.get(f"/courses/{course.pk}/measure"))
    (touch, *_) = [held["value"] for tag, held in page.tags if tag == "button" and held.get("name") == "because"]
    said = sent(tablet, course, because=str(touch))
    assert f"The course goes on: Clinician, 20 November 2026: \u201c{touch}\u201d It is asked again at visit 6." in said
    assert FOUR in said
    assert PROPOSED in said
    assert "Advice:" not in said
    decision = ReviewDecision.objects.get()
    assert (decision.on, decision.gate, decision.treated_visits, decision.reason) == (on, "review_at_four", 4, touch)
    assert AuditEvent.objects.filter(action="review.go_on", object_id=decision.pk, user=story.by).count() == 1


def test_own_words_are_kept_beside_a_touched_reason(story: Story, tablet: Client) -> None:
    course = story.unchanged()
    sent(tablet, course, because="Visits were missed: too early to tell.", reason="Flu for two weeks.")
    assert ReviewDecision.objects.get().reason == "Visits were missed: too early to tell. Flu for two weeks."


def test_going_on_without_a_reason_is_refused(story: Story, tablet: Client) -> None:
    course = story.unchanged()
    response = tablet.post(f"/courses/{course.pk}/go-on", {"gate": "review_at_four", "reason": "  "})
    assert response.status_code == 422
    assert "Say why the course goes on" in response.content.decode()
    assert not ReviewDecision.objects.exists()


def test_it_is_asked_again_at_the_next_review_only(story: Story) -> None:
    course = story.unchanged()
    go_on(by=story.by, course=course, on=story.on, gate="review_at_four", reason="Too early to tell.")
    assert not review_of(course).asks
    story.again(course, 6, 3)
    assert not review_of(course).asks, "the fifth visit is no review"
    story.again(course, 6, 6)
    review = review_of(course)
    assert (review.asks, review.gate) == (True, "stop_at_six")
    go_on(by=story.by, course=course, on=story.days(6).on, gate="stop_at_six", reason="The patient wishes it.")
    assert (review_of(course).asks, review_of(course).again_at) == (False, 8)
    story.again(course, 6, 9)
    assert not review_of(course).asks
    story.again(course, 6, 12)
    assert review_of(course).asks


def test_more_pain_on_two_days_is_said_though_somebody_went_on(story: Story) -> None:
    course = story.unchanged()
    go_on(by=story.by, course=course, on=story.on, gate="review_at_four", reason="Too early to tell.")
    story.again(course, 9, 3)
    assert not review_of(course).asks
    story.again(course, 9, 6)
    assert (review_of(course).asks, review_of(course).gate) == (True, "worse_twice")


def test_more_pain_on_a_further_day_is_asked_about_again(story: Story) -> None:
    course = story.ready()
    for day in (3, 6):
        story.again(course, 9, day)
    go_on(by=story.by, course=course, on=story.days(6).on, gate="worse_twice", reason="Fell at home.")
    assert not review_of(course).asks
    story.again(course, 9, 9)
    assert review_of(course).asks


@pytest.mark.parametrize(
    ("gate", "why"), [("stop_at_six", "The advice has changed"), ("review_at_four", "decided on 20 November 2026")]
)
def test_going_on_against_something_else_or_twice_is_refused(story: Story, gate: str, why: str) -> None:
    course = story.unchanged()
    if gate == "review_at_four":
        go_on(by=story.by, course=course, on=story.on, gate=gate, reason="Too early.")
    with pytest.raises(Refused, match=why):
        go_on(by=story.by, course=course, on=story.on, gate=gate, reason="Too early.")


def test_there_is_nothing_to_go_on_against_without_advice(story: Story) -> None:
    with pytest.raises(Refused, match="Nothing is advised"):
        go_on(by=story.by, course=story.unchanged(2), on=story.on, gate="review_at_four", reason="Too early.")


def test_an_assistant_and_an_auditor_see_the_advice_and_cannot_go_on(
    story: Story, someone: object, signed_in: object
) -> None:
    course = story.unchanged()
    for role in ("assistant", "auditor"):
        client = signed_in(someone(role))  # type: ignore[operator]
        page = client.get(f"/courses/{course.pk}").content.decode()
        assert "Advice:" in page
        assert "/go-on" not in page
        assert client.post(f"/courses/{course.pk}/go-on", {"gate": "review_at_four", "reason": "x"}).status_code == 403


def test_what_was_left_of_a_gain_is_a_table_and_never_an_effect(story: Story, tablet: Client) -> None:
    course = story.days(-7).ready()
    story.again(course, 7, -6, after=3)
    story.again(course, 5, 0, after=4)
    said = words(tablet, f"/courses/{course.pk}/measure")
    assert "Right after, and what was left" in said
    assert (
        "14 November 2026 7 of 10 3 of 10 −4 of 10: more than error 5 of 10 on 20 November 2026 "
        "−2 of 10, 50% of the gain: more than error"
    ) in said
    assert "20 November 2026 5 of 10 4 of 10 −1 of 10: within error not measured since" in said
    assert "What changed it, one course cannot show." in said
    assert "effect" not in said.lower()


def test_forecast_comes_with_its_interval_and_what_it_assumes(story: Story, tablet: Client) -> None:
    """Pain 7, 6, 6, 4 a week apart falls by 0.9 a week from a fitted 7.1; five weeks on it is 2.6, give or take 4.9."""
    course = story.days(-21).ready()
    for day, pain in ((-14, 6), (-7, 6), (0, 4)):
        story.again(course, pain, day)
    said = words(tablet, f"/courses/{course.pk}/measure")
    assert "Forecast for 4 December 2026: 2.6, 95% interval 0.0 to 7.5 of 10, cut where the scale ends." in said
    assert "through this patient’s own readings of 4 days; it assumes that the line goes on." in said


def test_no_forecast_says_why(story: Story, tablet: Client) -> None:
    course = story.days(-7).ready()
    story.again(course, 6, 0)
    assert "No forecast for 4 December 2026: A forecast needs readings on 3 days or more; there are 2." in words(
        tablet, f"/courses/{course.pk}/measure"
    )


def test_positions_and_versions_are_kept_and_part_the_series(story: Story, tablet: Client) -> None:
    course = story.days(-7).course()
    given = {"moment": Moment.BASELINE, "side": "right", "method": "active", "device": "universal goniometer"}
    start = [
        evaluate.ReadingInput("knee_flexion", Decimal(value), position=position, **given)  # type: ignore[arg-type]
        for value, position in ((100, "sitting"), (120, "supine"))
    ]
    evaluate.record_readings(by=story.by, course=course, on=story.days(-7).on, readings=start)
    later = evaluate.ReadingInput("knee_flexion", Decimal(112), position="sitting", **given)  # type: ignore[arg-type]
    evaluate.record_readings(by=story.by, course=course, on=story.on, readings=[later])
    assert set(Reading.objects.values_list("position", flat=True)) == {"sitting", "supine"}
    said = words(tablet, f"/courses/{course.pk}/measure")
    assert "Knee flexion, right, active, sitting, universal goniometer" in said
    assert "Changed by +12°" in said
    assert "+8" not in said
    assert "−8" not in said


def test_a_position_that_the_measure_does_not_know_is_refused(story: Story) -> None:
    given = evaluate.ReadingInput("knee_flexion", Decimal(100), Moment.BASELINE, "right", position="on a ball")
    with pytest.raises(Refused, match="allowed: sitting, supine"):
        evaluate.record_readings(by=story.by, course=story.course(), on=story.on, readings=[given])
