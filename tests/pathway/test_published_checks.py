"""Numbers that trials and reviews print, worked out again with the formulas of our pool; those that fail are named.

No published pool of IASTM trials can be worked out again: no page that was read shows what went into one.
"""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from strigil.knowledge import load
from strigil.knowledge.shapes import ForceStudy, Result, Review, Study
from strigil.pathway.learn.pool import pool
from strigil.pathway.learn.pool.effects import risk_ratio, smd_variance

PUBLISHED = Path(__file__).parents[1] / "reference" / "published"
Row = dict[str, str]


def rows(name: str) -> list[Row]:
    with (PUBLISHED / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def named(row: Row, *columns: str) -> str:
    return " · ".join(row[one] for one in columns)


# --- Seffrin 2019: 50 effects within an arm -----------------------------------------------------------------------

MISPRINTS = {
    "heinecke_2014 · GH ER left · 2 wk · IASTM": "the upper limit is printed as 1.36, the formula gives 1.38",
    "markovic_2015 · hip flexion · 24 h · comparator": "the interval is that of the other arm, and does not hold its d",
}


def seffrin_fails(held: list[Row], allowed: float = 0.015) -> set[str]:
    """Rows whose printed interval does not follow from d and n.

    The review takes before and after for two independent groups: its intervals are not those of a paired analysis,
    and the effects are changes within an arm.
    """
    found = set()
    for row in held:
        d, n = float(row["d"]), int(row["n"])
        effect = pool([d], smd_variance([d], [n], [n]))
        if max(abs(effect.ci_low - float(row["low"])), abs(effect.ci_high - float(row["high"]))) > allowed:
            found.add(named(row, "study", "outcome", "when", "arm"))
    return found


def test_48_of_50_intervals_of_seffrin_follow_from_d_and_n_and_the_other_two_are_misprints() -> None:
    held = rows("seffrin_2019_table_3")
    assert len(held) == 50
    assert seffrin_fails(held) == set(MISPRINTS)


def test_rows_of_seffrin_whose_people_were_read_in_an_abstract_all_follow() -> None:
    """They alone rest on no assumption: the others split a total in half, or take n from the interval."""
    held = [row for row in rows("seffrin_2019_table_3") if row["n_from"] == "abstract"]
    assert len(held) == 18
    assert seffrin_fails(held) == set()


def test_planted_digit_in_a_row_of_seffrin_is_caught() -> None:
    held = rows("seffrin_2019_table_3")
    spoiled = [{**row, "high": "1.25"} if row["high"] == "1.15" else row for row in held]
    assert seffrin_fails(spoiled) > seffrin_fails(held)


def test_rows_of_seffrin_are_those_on_the_shelf() -> None:
    shelf: dict[str, list[tuple[str | None, ...]]] = {}
    for name, study in load().shelf(Study).items():
        for outcome in study.outcomes:
            if outcome.read_in == "seffrin_table" and outcome.kind == "within_arm_effect":
                shelf.setdefault(name, []).extend(printed(one) for one in outcome.results)
    given: dict[str, list[tuple[str | None, ...]]] = {}
    for row in rows("seffrin_2019_table_3"):
        wrong = named(row, "study", "outcome", "when", "arm") == "markovic_2015 · hip flexion · 24 h · comparator"
        given.setdefault(row["study"], []).append((row["d"], *(None if wrong else row[end] for end in ("low", "high"))))
    assert shelf == given


def printed(one: Result) -> tuple[str | None, ...]:
    return tuple(None if each is None else str(each) for each in (one.within_d, one.ci_low, one.ci_high))


# --- Lee 2010: eight risk ratios ----------------------------------------------------------------------------------

TANG = {"gua sha": (29, 16, 10, 8), "other": (10, 8, 12, 20)}
"""Recovered, much better, improved, unchanged; 60 people in each arm."""


def lee_fails(held: list[Row], allowed: float = 0.025) -> set[str]:
    """Risk ratios that do not follow from their counts. An empty cell adds 1/2 to all four, as our pool does."""
    found = set()
    for row in held:
        if not row["a"]:
            found.add(named(row, "trial", "endpoint"))
            continue
        effect = risk_ratio(*([float(row[name])] for name in ("a", "n1", "c", "n2")))
        one = pool(effect.yi, effect.vi)
        again = [math.exp(each) for each in (one.estimate, one.ci_low, one.ci_high)]
        if max(abs(each - float(row[name])) for each, name in zip(again, ("rr", "low", "high"), strict=True)) > allowed:
            found.add(named(row, "trial", "endpoint"))
    return found


def test_7_of_8_risk_ratios_of_lee_follow_from_their_counts() -> None:
    held = rows("lee_2010_table_1")
    assert len(held) == 8
    assert lee_fails(held) == {"Tang 2008 · improved"}
    assert lee_fails(held, allowed=0.02) == {"Tang 2008 · improved", "Li 1996 · recovery"}


def test_row_of_tang_cannot_be_right() -> None:
    """Its counts are of 63 and 50 people instead of 60, and its interval does not hold its own ratio."""
    assert [sum(counts) for counts in TANG.values()] == [63, 50]
    (row,) = [one for one in rows("lee_2010_table_1") if named(one, "trial", "endpoint") == "Tang 2008 · improved"]
    assert not float(row["low"]) <= float(row["rr"]) <= float(row["high"])
    better = [sum(counts[:3]) for counts in TANG.values()]
    not_worse = [60 - counts[3] for counts in TANG.values()]
    for a, c in (better, not_worse):
        assert lee_fails([{**row, "a": str(a), "c": str(c)}])


def test_ratio_of_li_follows_only_with_a_half_in_every_cell() -> None:
    (row,) = [one for one in rows("lee_2010_table_1") if named(one, "trial", "endpoint") == "Li 1996 · improved"]
    assert row["a"] == row["n1"], "nobody without improvement: an empty cell"
    assert lee_fails([row]) == set()
    assert abs((30 / 30) / (28 / 30) - 1.0714) < 0.001
    assert math.log(1.2 / 1.07) / 1.96 > math.sqrt(1 / 28 - 1 / 30), "without the half the interval is narrower"


def test_planted_count_in_a_row_of_lee_is_caught() -> None:
    held = rows("lee_2010_table_1")
    spoiled = [{**row, "a": "14"} if row["trial"] == "Ma 2003" else row for row in held]
    assert lee_fails(spoiled) == lee_fails(held) | {"Ma 2003 · improved"}


# --- The rest -----------------------------------------------------------------------------------------------------


def of(study: str, measure: str) -> tuple[Result, ...]:
    return next(one for one in load().shelf(Study)[study].outcomes if one.measure == measure).results


def test_d_of_menek_is_the_change_over_its_own_spread_and_so_within_an_arm() -> None:
    for one in of("menek_2025", "pain at rest, VAS"):
        assert one.mean is not None
        assert one.sd is not None
        assert one.within_d is not None
        assert abs(abs(one.mean / one.sd) - one.within_d) <= 1 / 100


def test_f_of_kivlan_follows_from_its_rounded_means_within_their_rounding() -> None:
    held = of("kivlan_2015", "greatest force in a one-legged isometric squat")
    means, spreads = (np.array([float(getattr(one, name)) for one in held]) for name in ("mean", "sd"))
    assert f_of(means, spreads, 15) == pytest.approx(7.38, abs=0.005)
    apart = np.array([0.5, -0.5, 0])
    assert f_of(means + apart, spreads - 0.5, 15) > 7.91 > f_of(means - apart, spreads + 0.5, 15)


def f_of(means: Any, spreads: Any, n: int) -> float:
    return float(n * means.var(ddof=1) / (spreads**2).mean())


def test_error_of_tang_2025_is_that_of_arms_without_spread_between_trials() -> None:
    """Agreement in size alone: what went into the pool was not read, so the pool is not worked out again."""
    one = load().shelf(Review)["tang_2025"].results[0]
    assert one.ci_low is not None
    assert one.ci_high is not None
    assert one.estimate is not None
    error = float(one.ci_high - one.ci_low) / (2 * 1.96)
    assert error == pytest.approx(0.0995, abs=0.0001)
    theory = math.sqrt(float(smd_variance([float(one.estimate)], [427 / 2], [427 / 2])[0]))
    assert theory == pytest.approx(0.0989, abs=0.0001)


def test_variation_of_syeda_follows_from_its_table_but_for_one_day() -> None:
    table = load().shelf(ForceStudy)["syeda_2022"].table
    assert table is not None
    off = set()
    for one in table.rows:
        assert abs(one.day1_mean - one.day2_mean - one.mean_difference) <= 1 / 10 + 1e-9, one.id
        for day, mean, sd, cv in (
            ("day 1", one.day1_mean, one.day1_sd, one.day1_cv_percent),
            ("day 2", one.day2_mean, one.day2_sd, one.day2_cv_percent),
        ):
            assert abs(100 * sd / mean - cv) <= 3, (one.id, day)
            low, high = ((100 * (float(sd) + s * 0.05) / (float(mean) - s * 0.05)) for s in (-1, 1))
            if not low - 0.5 <= cv <= high + 0.5:
                off.add((one.id, day))
    assert off == {("F", "day 1")}, "0.4 N of 3.4 N is 12 %, printed 14 %"


def test_alshalla_cannot_be_worked_out_again() -> None:
    """The trial that is known was against exercise, not placebo; of the other no means after treatment were read."""
    result = load().shelf(Review)["alshalla_2025"].results[0]
    assert "placebo" in str(result.comparison)
    assert load().shelf(Study)["lee_2016"].comparator == "active"
    crothers = [one for one in load().shelf(Study)["crothers_2016"].outcomes if one.kind != "baseline"]
    assert all(each.mean is None for one in crothers for each in one.results)
