"""A planned dose, held against what has been published."""

from __future__ import annotations

from decimal import Decimal

import pytest

from strigil.knowledge import load
from strigil.knowledge.shapes import Technique
from strigil.pathway.facts import Outcome
from strigil.pathway.plan import check_dose, limits, propose, reviews

SHELF = load()


def check(technique="graston", seconds=(45,), per_week="2", in_all=8, outcome=Outcome.PROCEED):
    return [
        one.what
        for one in check_dose(
            technique=technique,
            seconds=seconds,
            visits_per_week=Decimal(per_week),
            visits_in_all=in_all,
            outcome=outcome,
            knowledge=SHELF,
        )
    ]


def test_graston_as_its_sources_give_it():
    proposal = propose("graston", Outcome.PROCEED, SHELF)
    assert (proposal.seconds_per_area.low, proposal.seconds_per_area.high) == (30, 60)
    assert (proposal.visits_per_week.low, proposal.visits_per_week.high) == (1, 2)
    assert (proposal.visits_in_all.low, proposal.visits_in_all.high) == (6, 12)
    assert proposal.phases
    assert proposal.reviews == (4, 6)
    assert proposal.care == ()


@pytest.mark.parametrize("technique", SHELF.shelf(Technique))
def test_every_technique_can_be_planned_and_what_is_not_published_is_absent(technique):
    proposal = propose(technique, Outcome.MODIFY, SHELF)
    found = SHELF.shelf(Technique)[technique]
    assert proposal.seconds_per_area == found.seconds_per_area
    assert len(proposal.care) == 5


def test_modify_brings_its_limits_and_nothing_else_does():
    assert {one.knowledge for one in limits(Outcome.MODIFY, SHELF)} == {
        ("gates/first_dose_seconds",),
        ("gates/discomfort_limit",),
        ("gates/shallow_angle",),
        ("gates/light_strokes",),
        ("gates/stop_signs",),
    }
    assert all(one.proposed for one in limits(Outcome.MODIFY, SHELF))
    assert all(limits(one, SHELF) == () for one in Outcome if one is not Outcome.MODIFY)


def test_reviews_are_at_visit_four_and_six():
    assert reviews(SHELF) == (4, 6)


@pytest.mark.parametrize(
    ("dose", "said"),
    [
        ({}, []),
        ({"seconds": (30, 60)}, []),
        ({"seconds": (29,)}, ["Time for an area: 29 s lies outside the published 30 to 60 s."]),
        ({"seconds": (61,)}, ["Time for an area: 61 s lies outside the published 30 to 60 s."]),
        ({"seconds": (90, 90, 45)}, ["Time for an area: 90 s lies outside the published 30 to 60 s."]),
        ({"per_week": "2.5"}, ["Visits a week: 2.5 lies outside the published 1 to 2."]),
        ({"in_all": 13}, ["Visits in all: 13 lies outside the published 6 to 12."]),
        ({"in_all": 5}, ["Visits in all: 5 lies outside the published 6 to 12."]),
        ({"seconds": (30,), "outcome": Outcome.MODIFY}, []),
        (
            {"seconds": (31,), "outcome": Outcome.MODIFY},
            ["31 s for an area is above the 30 s that goes with a lower dose."],
        ),
        ({"seconds": (31,), "outcome": Outcome.AVOID}, []),
        (
            {"technique": "gua_sha", "seconds": (60,), "in_all": 99, "per_week": "7"},
            ["Time for an area: 60 s lies outside the published 600 s."],
        ),
    ],
)
def test_dose_outside_what_is_published_is_said(dose, said):
    assert check(**dose) == said


def test_technique_that_publishes_no_figure_is_held_against_none():
    silent = next(
        key
        for key, one in SHELF.shelf(Technique).items()
        if not (one.seconds_per_area or one.visits_per_week or one.visits_in_all)
    )
    assert check(technique=silent, seconds=(1, 9999), per_week="50", in_all=500) == []


def test_what_is_published_is_not_called_proposed_and_the_lower_dose_is():
    advice = check_dose(
        technique="graston",
        seconds=(90,),
        visits_per_week=Decimal(1),
        visits_in_all=6,
        outcome=Outcome.MODIFY,
        knowledge=SHELF,
    )
    assert [(one.knowledge, one.proposed) for one in advice] == [
        (("techniques/graston",), False),
        (("gates/first_dose_seconds",), True),
    ]
