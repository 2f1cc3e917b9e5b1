"""A published course says what its report says, and nothing else."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from decimal import Decimal

import pytest

from strigil.accounts.models import Clinic
from strigil.clinic.gather import readings
from strigil.clinic.models import Course, Origin, Reading
from strigil.demo import published
from strigil.knowledge import load
from strigil.knowledge.shapes import Measure
from strigil.pathway.facts import Verdict
from strigil.pathway.measure import changes

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 20)


@pytest.fixture
def guitarist(db: None) -> Course:
    clinic = Clinic.objects.create(name="Demo clinic", time_zone="Europe/London", is_demo=True)
    (course,) = published.record(clinic=clinic, on=ON)
    return course


def pair(course: Course, measure: str) -> list[tuple[Decimal, str, date, str]]:
    return [(row.value, row.detail, row.on, row.moment) for row in course.readings.filter(measure=measure)]


def test_the_guitarist_is_a_published_case_without_a_date_of_birth(guitarist: Course) -> None:
    patient = guitarist.patient
    assert patient.name == "Guitarist, finger injury (Loghmani 2015)"
    assert (patient.origin, patient.source) == (Origin.PUBLISHED, "loghmani-2015")
    assert (patient.born, patient.sex) == (None, "male")
    assert "55 years old" in patient.note


def test_pain_on_playing_fell_from_5_to_1(guitarist: Course) -> None:
    first, last = date(2015, 1, 5), date(2015, 2, 9)
    assert pair(guitarist, "nprs") == [
        (Decimal(5), "Playing guitar", first, "baseline"),
        (Decimal(1), "Playing guitar", last, "before"),
    ]


def test_the_dash_module_fell_from_75_to_6_25(guitarist: Course) -> None:
    assert [value for value, *_ in pair(guitarist, "dash_sports_arts")] == [Decimal(75), Decimal("6.25")]
    assert not pair(guitarist, "dash")


def test_no_threshold_of_the_dash_judges_its_module(guitarist: Course) -> None:
    found = next(one for one in changes(readings(guitarist), load()) if one.measure == "dash_sports_arts")
    assert (found.change, found.verdict) == (Decimal("-68.75"), Verdict.UNKNOWN)
    assert load().shelf(Measure)["dash_sports_arts"].thresholds == ()


def test_nothing_else_was_measured(guitarist: Course) -> None:
    assert Reading.objects.count() == 4
    assert set(Reading.objects.values_list("rater", flat=True)) == {published.ENTERED_BY}


def test_there_were_six_signed_visits_a_week_apart(guitarist: Course) -> None:
    visits = list(guitarist.visits.all())
    assert [visit.status for visit in visits] == ["signed"] * 6
    assert {later.on - earlier.on for earlier, later in itertools.pairwise(visits)} == {timedelta(weeks=1)}


def test_what_the_report_does_not_give_is_absent(guitarist: Course) -> None:
    assert not guitarist.screenings.exists()
    assert not guitarist.findings.exists()
    assert not guitarist.plans.exists()
    assert guitarist.onset is None
    for visit in guitarist.visits.all():
        assert not visit.treatments.exists()
        assert not visit.reaction_checks.exists()
        assert "dose not reported" in visit.note
        assert "Dates not published; weeks counted from the first visit." in visit.note


def test_it_is_the_left_hand_and_the_course_is_finished(guitarist: Course) -> None:
    assert (guitarist.indication, guitarist.side, guitarist.status) == ("finger_hand_injury", "left", "finished")
    assert [(site.region, site.side) for site in guitarist.sites.all()] == [("hand_fingers", "left")]
