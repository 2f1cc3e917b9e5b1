"""What is said of a condition: only what may stand together is pooled, and the plain line says what there is."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strigil.knowledge import Knowledge, load
from strigil.knowledge.shapes import Indication, Review, Study
from strigil.pathway.learn.evidence import Contrast, Picture, Pooling, contrasts, of_condition, pools, seen, why_not
from strigil.pathway.learn.pool import pool
from strigil.pathway.learn.pool.effects import mean_difference

SHELF = load()
HERE = "carpal_tunnel"


def study(name: str, /, **changes: Any) -> Study:
    """A trial of two arms that was read in full, unless ``changes`` say otherwise."""
    mean, sd, n = changes.pop("mean", "30"), changes.pop("sd", "8"), changes.pop("n", 20)
    outcome = {
        "of": "pain",
        "measure": "pain",
        "on_shelf": "vas_pain",
        "unit": "mm",
        "better": "lower",
        "when": "4 weeks",
        "kind": "post",
        "read_in": "table",
        "results": [
            {"arm": "iastm", "n": n, "mean": mean, "sd": sd},
            {"arm": "other", "n": n, "mean": "40", "sd": "8"},
        ],
        **changes.pop("outcome", {}),
    }
    comparator = changes.pop("comparator", "sham")
    who = changes.pop("who", "patients")
    held = {
        "id": name,
        "title": name,
        "year": "2024",
        "pages": [{"id": "table", "depth": changes.pop("depth", "text"), "url": "https://trial.example"}],
        "depth": "text",
        "design": "rct",
        "conditions": [HERE],
        "condition": "anything",
        "region": "wrist",
        "population": {"who": who, "n": 2 * n, "says": "people", "read_in": "table"},
        "technique": "Graston",
        "comparator": comparator,
        "arms": [{"id": "iastm", "label": "Tool"}, {"id": "other", "label": "Other", "comparator": comparator}],
        "outcomes": [outcome],
        "verdict": "mixed",
        **changes,
    }
    return Study.model_validate(held)


def shelf(*studies: Study) -> Knowledge:
    held = MappingProxyType({one.id: one for one in studies})
    return Knowledge(SHELF.version, SHELF.sha256, MappingProxyType({**SHELF.shelves, "studies": held}))


def picture(*studies: Study) -> Picture:
    return of_condition(HERE, shelf(*studies))


def all_poolings(*studies: Study) -> list[Pooling]:
    return [one for group in picture(*studies).groups for one in group.poolings]


def pooled(*studies: Study) -> list[Pooling]:
    return [one for one in all_poolings(*studies) if one.pooled]


# --- What may be pooled -------------------------------------------------------------------------------------------


def test_two_comparable_trials_are_pooled_by_reml_and_hartung_knapp_with_a_prediction_interval() -> None:
    (one,) = pooled(study("a", mean="30"), study("b", mean="34", n=30))
    effect = mean_difference([30, 34], [8, 8], [20, 30], [40, 40], [8, 8], [20, 30])
    expected = pool(-effect.yi, effect.vi, method="REML", test="knha")
    assert one.pooled is not None
    assert (one.measure, one.unit, one.pooled.k, one.pooled.method, one.pooled.test) == ("MD", "mm", 2, "REML", "knha")
    assert one.pooled.estimate == expected.estimate > 0, "less pain is better, so above 0"
    assert (one.pooled.ci_low, one.pooled.ci_high) == (expected.ci_low, expected.ci_high)
    assert one.pooled.pi_low is not None


def test_pain_on_two_scales_is_pooled_as_standardised() -> None:
    other = study("b", outcome={"on_shelf": "nprs", "measure": "NPRS", "unit": "points, 0 to 10"})
    (one,) = pooled(study("a"), other)
    assert (one.measure, one.unit) == ("SMD", "")


def test_changes_and_values_at_the_end_are_not_standardised_together() -> None:
    other = study("b", outcome={"on_shelf": "nprs", "unit": "points, 0 to 10", "kind": "change"})
    (one,) = all_poolings(study("a"), other)
    assert one.pooled is None
    assert one.why_not is not None
    assert "cannot be standardised alike" in one.why_not


def counted(name: str, treated: int, other: int, better: str = "higher") -> Study:
    rows = [{"arm": "iastm", "n": 20, "events": treated}, {"arm": "other", "n": 20, "events": other}]
    success = {"of": "success", "measure": "resolved", "on_shelf": None, "unit": "people", "kind": "responders"}
    return study(name, outcome={**success, "better": better, "results": rows})


def test_counts_are_pooled_as_a_ratio_of_risks() -> None:
    (one,) = pooled(counted("a", 12, 6), counted("b", 10, 8))
    assert one.pooled is not None
    assert (one.measure, one.pooled.k) == ("RR", 2)
    assert one.pooled.estimate > 0, "more with the tool"


def test_counts_of_what_is_wanted_and_of_what_is_not_stay_apart() -> None:
    assert not pooled(counted("a", 12, 6), counted("b", 10, 8, better="lower"))


def test_one_trial_is_no_pool_and_says_so() -> None:
    (one,) = all_poolings(study("a"))
    assert one.why_not == "Of 1 study, one can be used; 2 comparable ones are needed."


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"depth": "abstract"}, "only an abstract was read"),
        ({"depth": "secondary"}, "it was read only on another page about it"),
        ({"depth": "registry"}, "only its registration was read"),
        ({"who": "animals"}, "it is of animals"),
        ({"design": "randomisation_not_stated"}, "it is not said that people were allocated at random"),
        ({"design": "crossover"}, "each person had both, which needs a paired analysis"),
        ({"conditions": [HERE, "neck_pain"]}, "people with different conditions stand in one row"),
        ({"outcome": {"of": "several"}}, "several outcomes stand in one row"),
        ({"outcome": {"kind": "between"}}, "no means of the arms are given"),
        ({"outcome": {"when": "1 week, 1, 3, 6 and 12 months"}}, "it does not say one time"),
        ({"outcome": {"better": "none"}}, "it is not said which way is better"),
        ({"sd": None}, "the mean or the spread of an arm was not read"),
        ({"sd": "0"}, "the mean or the spread of an arm was not read"),
        ({"n": 1}, "how many people an arm had was not read"),
    ],
)
def test_what_cannot_be_pooled_says_why(changes: dict[str, Any], reason: str) -> None:
    (one,) = contrasts(study("a", **changes))
    assert why_not(one) == reason


def test_a_change_within_an_arm_is_no_effect_of_the_treatment() -> None:
    rows = [{"arm": "iastm", "n": 20, "within_d": "3.28"}, {"arm": "other", "n": 20, "within_d": "2.12"}]
    (one,) = contrasts(study("a", outcome={"kind": "within_arm_effect", "results": rows}))
    assert "no effect of the treatment" in str(why_not(one))
    assert seen(one) is None


def test_a_test_within_an_arm_is_no_effect_of_the_treatment() -> None:
    within = {"comparison": "within", "type": "difference between groups", "value": "9", "ci_low": "8", "ci_high": "10"}
    (one,) = contrasts(study("a", outcome={"effect": within}))
    assert "no effect of the treatment" in str(why_not(one))
    assert seen(one) is None


def test_an_arm_is_not_compared_with_itself_at_another_time() -> None:
    sevier = SHELF.shelf(Study)["sevier_2015"]
    assert not [one for one in contrasts(sevier) if "changed over" in one.outcome.measure]


# --- Never, whatever the studies ----------------------------------------------------------------------------------

SPECS = st.fixed_dictionaries(
    {
        "comparator": st.sampled_from(["sham", "active", "add_on", "waiting_list"]),
        "who": st.sampled_from(["patients", "patients", "healthy", "animals"]),
        "depth": st.sampled_from(["text", "text", "text", "abstract", "secondary"]),
        "design": st.sampled_from(["rct", "rct", "rct", "crossover", "randomisation_not_stated"]),
        "mean": st.integers(20, 60).map(str),
        "sd": st.sampled_from(["4", "8.5", None]),
        "n": st.integers(1, 60),
        "outcome": st.fixed_dictionaries(
            {
                "kind": st.sampled_from(["post", "post", "change", "within_arm_effect"]),
                "when": st.sampled_from(["4 weeks", "4 weeks", "2 weeks", "12 weeks"]),
                "unit": st.sampled_from(["mm", "points"]),
            }
        ),
    }
)


def made(specs: Sequence[dict[str, Any]]) -> list[Study]:
    return [study(f"s{place}", **{**one, "outcome": dict(one["outcome"])}) for place, one in enumerate(specs)]


def offences(poolings: Sequence[Pooling]) -> Iterator[str]:
    """What no pool may ever hold."""
    for one in (each for each in poolings if each.pooled):
        depths = [page.depth for each in one.used for page in each.study.pages]
        yield from (f"read as {depth}" for depth in depths if depth != "text")
        yield from ("within an arm" for each in one.used if each.outcome.kind == "within_arm_effect")
        yield from (f"design {each.study.design}" for each in one.used if each.study.design != "rct")
        for name, values in {
            "comparator": {each.comparator for each in one.used},
            "people": {each.study.population.who for each in one.used},
            "time": {each.when for each in one.used},
        }.items():
            if len(values) > 1:
                yield f"more than one {name}"
        if len({each.study.id for each in one.used}) < max(2, len(one.used)):
            yield "fewer than two studies, or one twice"
        if "animals" in {each.study.population.who for each in one.used}:
            yield "animals"


@given(st.lists(SPECS, max_size=8))
def test_no_pool_holds_what_must_not_stand_together(specs: list[dict[str, Any]]) -> None:
    assert list(offences(all_poolings(*made(specs)))) == []


@given(st.lists(SPECS, min_size=2, max_size=6), st.integers(0, 5))
def test_a_change_in_a_study_that_is_used_changes_the_pool(specs: list[dict[str, Any]], which: int) -> None:
    studies = made(specs)
    for before in pooled(*studies):
        used = before.used[which % len(before.used)].study
        moved = {**specs[int(used.id[1:])], "mean": str(int(specs[int(used.id[1:])]["mean"]) + 7)}
        after = [made([moved])[0].model_copy(update={"id": used.id}) if one is used else one for one in studies]
        (same,) = [one for one in pooled(*after) if used.id in {each.study.id for each in one.used}]
        assert before.pooled is not None
        assert same.pooled is not None
        assert same.pooled.estimate != before.pooled.estimate


@given(st.lists(SPECS, max_size=6))
def test_every_comparison_is_used_or_left_out_with_a_reason(specs: list[dict[str, Any]]) -> None:
    for group in picture(*made(specs)).groups:
        told = [each for one in group.poolings for each in (*one.used, *(left for left, _ in one.left_out))]
        assert sorted(one.study.id for one in told) == sorted(one.study.id for one in group.contrasts)
        assert all(one.pooled or one.why_not for one in group.poolings)


def drawn(chance: random.Random) -> dict[str, Any]:
    return {
        "comparator": chance.choice(["sham", "sham", "active", "add_on"]),
        "who": chance.choice(["patients", "patients", "patients", "healthy", "animals"]),
        "depth": chance.choice(["text", "text", "text", "abstract", "secondary"]),
        "design": chance.choice(["rct", "rct", "rct", "crossover", "randomisation_not_stated"]),
        "mean": str(chance.randint(20, 60)),
        "sd": chance.choice(["4", "6", "8.5", None]),
        "n": chance.randint(1, 60),
        "outcome": {
            "kind": chance.choice(["post", "post", "change", "within_arm_effect"]),
            "when": chance.choice(["4 weeks", "4 weeks", "2 weeks", "12 weeks"]),
        },
    }


def many_shelves(number: int, assurance: Callable[..., None]) -> None:
    """Shelves of 6 to 16 studies at random; no pool of any may hold what must not stand together."""
    chance, pools_made, wrong = random.Random(20261121), 0, 0
    for _ in range(number):
        found = all_poolings(*made([drawn(chance) for _ in range(chance.randint(6, 16))]))
        pools_made += sum(one.pooled is not None for one in found)
        wrong += len(list(offences(found)))
    assurance("trials_never_mixed", shelves=number, pools=pools_made, offences=wrong)
    assert pools_made > number / 10, "pools were made"
    assert wrong == 0


def test_many_shelves_at_random_pool_nothing_that_must_not_stand_together(assurance: Callable[..., None]) -> None:
    many_shelves(100, assurance)


@pytest.mark.assure
def test_five_thousand_shelves_pool_nothing_that_must_not_stand_together(assurance: Callable[..., None]) -> None:
    many_shelves(5000, assurance)


MIXED = [
    {"comparator": "sham", "who": "patients", "depth": depth, "design": design, "outcome": {"kind": kind}}
    for depth, design, kind in (("text", "rct", "post"), ("abstract", "rct", "post"), ("text", "crossover", "post"))
]


def test_planted_a_pool_that_takes_what_was_not_read_in_full_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not list(offences(all_poolings(*made(MIXED))))
    monkeypatch.setattr(pools, "why_not", lambda contrast: None)
    assert {"read as abstract", "design crossover"} <= set(offences(all_poolings(*made(MIXED))))


def test_planted_a_pool_of_two_comparators_or_of_animals_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    studies = [study("a"), study("b", comparator="active"), study("c", who="animals")]
    held = [one for each in studies for one in contrasts(each)]
    assert not list(offences(pools.poolings(held)))
    monkeypatch.setattr(pools, "why_not", lambda contrast: None)
    monkeypatch.setattr(pools, "_clash", lambda contrast, used: None)
    caught = set(offences(pools.poolings(held)))
    assert {"more than one comparator", "more than one people", "animals"} <= caught


def test_planted_a_study_counted_twice_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    held = [one for each in (study("a"), study("a")) for one in contrasts(each)]
    monkeypatch.setattr(pools, "_clash", lambda contrast, used: None)
    assert "fewer than two studies, or one twice" in set(offences(pools.poolings(held)))


# --- What is seen of one trial ------------------------------------------------------------------------------------

DERIVED = {
    ("lee_2016", "pain, VAS"): (19.1, 11.6, 26.6),
    ("lee_2016", "lumbar flexion"): (13.8, 3.47, 24.13),
    ("lee_2016", "lumbar extension"): (5.2, 3.52, 6.88),
    ("lee_2016", "lumbar side bending, right"): (2.0, -0.91, 4.91),
    ("lee_2016", "lumbar side bending, left"): (1.5, -1.37, 4.37),
    ("lee_2016", "hip flexion"): (6.3, 1.35, 11.26),
    ("menek_2025", "pain at rest, VAS"): (1.87, 1.09, 2.65),
    ("cho_kim_2025", "pain while running, VAS"): (0.27, -0.58, 1.12),
    ("kivlan_2015", "greatest force in a one-legged isometric squat"): (21, 10.32, 31.68),
}
"""Worked out by hand from the means of the arms when the facts were gathered; above 0 is better with the tool."""


@pytest.mark.parametrize(("name", "measure"), DERIVED)
def test_difference_between_the_arms_is_the_one_worked_out_before(name: str, measure: str) -> None:
    found = [one for one in contrasts(SHELF.shelf(Study)[name]) if one.outcome.measure == measure and one.treated.sd]
    one = seen(found[0])
    assert one is not None
    assert (one.value, one.ci_low, one.ci_high) == pytest.approx(DERIVED[name, measure], abs=0.011)
    assert one.how == "worked_out"


def test_difference_that_is_printed_is_given_as_printed_and_turned_so_that_more_is_better() -> None:
    (one,) = [seen(each) for each in contrasts(SHELF.shelf(Study)["braun_2011"]) if seen(each)]
    assert one is not None
    assert (one.value, one.ci_low, one.ci_high, one.how) == (29.9, 16.6, 43.3, "reported")


# --- The picture of a condition -----------------------------------------------------------------------------------


def test_groups_stand_in_order_and_apart() -> None:
    held = picture(study("a", comparator="active"), study("b"), study("c", who="healthy"), study("d", who="animals"))
    assert [(one.who, one.comparator) for one in held.groups] == [
        ("patients", "sham"),
        ("patients", "active"),
        ("healthy", "sham"),
        ("animals", "sham"),
    ]


def test_a_trial_with_two_comparators_stands_in_both_groups() -> None:
    groups = of_condition("thoracic_pain", SHELF).groups
    assert [(one.comparator, [each.id for each in one.studies]) for one in groups] == [
        ("sham", ["crothers_2016"]),
        ("active", ["crothers_2016"]),
    ]


def test_only_a_study_that_compares_with_nothing_stands_without_a_comparison() -> None:
    without = {"case_series", "case_report", "uncontrolled", "physiology_uncontrolled"}
    pictures = [of_condition(one, SHELF) for one in SHELF.shelf(Indication)]
    alone = {
        each.design
        for held in pictures
        for group in (*held.groups, *held.near)
        if group.comparator is None
        for each in group.studies
    }
    assert alone <= without


def test_what_stands_near_is_never_pooled() -> None:
    near = [study(name, conditions=[], related=[HERE], who="healthy") for name in "ab"]
    held = picture(*near)
    assert held.groups == ()
    assert [one.poolings for one in held.near] == [()]


def test_reviews_that_disagree_are_named_on_both_sides_with_their_certainty() -> None:
    said = of_condition("neck_pain", SHELF).general.disagreement
    assert said is not None
    favour, against = said.split("Not for:")
    assert "Tang 2025 (pain and function, 11 studies, certainty moderate and low)" in favour
    assert "Nazari 2022 (function and pain, 46 studies, certainty very low)" in against


def test_a_number_that_is_not_to_be_used_speaks_for_nobody() -> None:
    assert SHELF.shelf(Review)["shin_2022"].verdict == "unreliable"
    assert "Shin" not in str(of_condition("neck_pain", SHELF).general.disagreement)


def test_reviews_of_one_mind_do_not_disagree() -> None:
    assert of_condition("knee_oa", SHELF).reviews.disagreement is None


def test_silence_on_harm_is_counted_apart_from_none() -> None:
    told = {"looked_for": "yes", "count": "0", "says": "No harm.", "read_in": "table"}
    harms = picture(study("a", adverse_events=told), study("b"), study("c", who="animals")).harms
    assert (harms.trials, harms.looked, [one.id for one in harms.said], harms.silent) == (2, 1, ["a"], 1)


@pytest.mark.parametrize(
    ("studies", "line"),
    [
        ((), "No controlled trial in people with this condition is on the shelf."),
        (
            (study("a", comparator="active", depth="abstract").model_copy(update={"depth": "abstract"}),),
            "One controlled trial with 40 people. None against a sham; one against another treatment. None was read "
            "beyond the abstract. No pooled estimate: fewer than two comparable trials were read in full with the "
            "numbers it needs. Nothing was read on harm.",
        ),
        (
            (study("a"), study("b")),
            "Two controlled trials with 80 people. Two against a sham. Two of two were read beyond the abstract. "
            "One pooled estimate. Nothing was read on harm.",
        ),
        ((study("a", who="animals"),), "No controlled trial in people with this condition is on the shelf."),
    ],
)
def test_plain_line_is_made_from_the_studies(studies: tuple[Study, ...], line: str) -> None:
    assert picture(*studies).line == line


@pytest.mark.parametrize("condition", sorted(SHELF.shelf(Indication)))
def test_every_condition_has_a_picture_and_pools_nothing_that_must_not_be(condition: str) -> None:
    held = of_condition(condition, SHELF)
    assert list(offences([one for group in held.groups for one in group.poolings])) == []
    assert held.line.endswith(".")
    assert {one.id for group in held.groups for one in group.studies} == {
        one.id for one in SHELF.shelf(Study).values() if condition in one.conditions
    }


def test_a_contrast_keeps_amounts_exact() -> None:
    (one, *_) = [each for each in contrasts(SHELF.shelf(Study)["lee_2016"]) if isinstance(each, Contrast)]
    assert one.treated.mean == Decimal("25.5")
