"""What to measure, and whether a site fits its indication."""

from __future__ import annotations

import pytest

from strigil.knowledge import load
from strigil.knowledge.shapes import BodyRegion, Indication
from strigil.pathway.evaluate import check_site, measures_for, needs_side
from tests.pathway.cases import site

SHELF = load()


def test_pain_and_own_activities_come_first_and_then_the_motions_of_the_region():
    found = [one.id for one in measures_for("lateral_epicondylitis", (), SHELF)]
    assert found[:2] == ["nprs", "psfs"]
    assert "wrist_extension" in found
    assert "elbow_flexion" in found
    assert "knee_flexion" not in found


def test_treated_region_adds_its_motions():
    found = {one.id for one in measures_for("lateral_epicondylitis", (site("knee/left"),), SHELF)}
    assert {"knee_flexion", "wrist_extension"} <= found


@pytest.mark.parametrize("indication", SHELF.shelf(Indication))
def test_no_measure_is_asked_twice(indication):
    found = [one.id for one in measures_for(indication, (), SHELF)]
    assert len(found) == len(set(found)) >= 2


def test_region_of_the_indication_is_nothing_odd():
    assert check_site("lateral_epicondylitis", site("forearm_lateral/right"), SHELF) == []


def test_region_that_no_source_names_is_said():
    (advice,) = check_site("lateral_epicondylitis", site("knee/left"), SHELF)
    assert "Knee is not a region listed for Tennis elbow" in advice.what
    assert advice.knowledge == ("indications/lateral_epicondylitis",)


@pytest.mark.parametrize("region", SHELF.shelf(BodyRegion))
def test_side_is_needed_where_the_body_has_two(region):
    assert needs_side(region, SHELF) is (SHELF.shelf(BodyRegion)[region].paired == "yes")
