"""Which measures a course offers, and in which order."""

from __future__ import annotations

import pytest

from strigil.knowledge import load
from strigil.knowledge.shapes import BodyRegion, Indication, Measure, MeasureSet
from strigil.pathway.offer import offered

SHELF = load()


def first(indication: str, *regions: str, treated: bool = False) -> list[str]:
    return [one.id for one in offered(indication, regions, treated, SHELF).first]


@pytest.mark.parametrize(
    ("indication", "region", "wanted"),
    [
        ("neck_pain", "neck_posterior", ["ndi", "cervical_flexion"]),
        ("low_back_pain", "trunk_posterior", ["rmdq", "straight_leg_raise", "modified_modified_schober"]),
        ("frozen_shoulder", "shoulder_anterior", ["quickdash", "shoulder_flexion"]),
        ("lateral_epicondylitis", "forearm_lateral", ["prtee", "pain_free_grip", "elbow_flexion"]),
        ("carpal_tunnel", "hand_fingers", ["bctq_sss", "bctq_fss", "grip_strength"]),
        ("hamstring_strain", "thigh_posterior", ["lefs", "hip_flexion"]),
        ("knee_oa", "knee", ["lefs", "knee_flexion", "knee_extension"]),
        ("patellar_tendinopathy", "knee", ["visa_p", "lefs"]),
        ("achilles_tendinopathy", "lower_leg_posterior", ["visa_a", "faam_adl", "faam_sports"]),
        ("scar_tissue", "forearm_anterior", ["posas_patient", "posas_observer", "vancouver_scar_scale", "bctq_sss"]),
        ("tension_type_headache", "head_jaw", ["hit6", "ndi"]),
    ],
)
def test_pain_and_own_activities_then_the_condition_then_the_region(indication, region, wanted):
    found = first(indication, region)
    assert found[:2] == ["nprs", "psfs"]
    assert found[2 : 2 + len(wanted)] == wanted


def test_a_rating_of_change_waits_for_a_treatment():
    assert "groc" not in first("neck_pain", "neck_posterior")
    assert "groc" in first("neck_pain", "neck_posterior", treated=True)


@pytest.mark.parametrize("indication", SHELF.shelf(Indication))
def test_every_measure_is_offered_exactly_once_whatever_the_course(indication):
    found = offered(indication, ["knee", "thigh_posterior"], False, SHELF)
    others = [one for _, part in found.others for one in part]
    every = [one.id for one in (*found.first, *found.of_regions, *others)]
    assert sorted(every) == sorted(SHELF.shelf(Measure))


def test_measures_of_the_regions_come_before_the_others():
    found = offered("knee_oa", ["knee"], False, SHELF)
    assert {"koos_pain", "akps"} <= {one.id for one in found.of_regions}
    parts = {title: {one.id for one in part} for title, part in found.others}
    assert {"ndi", "cervical_flexion"} <= parts["Neck"]
    assert {"limb_girth", "promis_pain_interference"} <= parts["Of no part of the body"]
    assert "Knee" not in parts


def test_no_region_of_the_body_has_a_wall_of_measures_first():
    for region in SHELF.shelf(BodyRegion):
        assert len(first("limited_rom_ted", region)) <= 12, region


def test_only_one_body_region_has_no_set_of_its_own():
    held = {region for one in SHELF.shelf(MeasureSet).values() for region in one.regions}
    assert set(SHELF.shelf(BodyRegion)) - held == {"trunk_anterior_lower"}
