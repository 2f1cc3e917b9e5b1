"""The same numbers as R's metafor 3.8-1, stored by tests/reference/pool/make.R, and never a lower likelihood."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import Any

import numpy as np
import pytest

from strigil.pathway.learn.pool import (
    METHODS,
    TESTS,
    begg,
    cumulative,
    egger,
    influence,
    leave_one_out,
    pool,
    pool_levels,
    pool_many,
    regress,
    tau2_interval,
    trim_and_fill,
)
from strigil.pathway.learn.pool.effects import (
    mean_change,
    ratio_of_means_change,
    standardised_change,
    standardised_difference,
)
from strigil.pathway.learn.pool.levels import ROBUST
from strigil.pathway.learn.pool.table import COLUMNS, effects_of
from tests.pathway.pool.expected import close, data, rows

OWN_TOLERANCE = 1e-6
"""Relative, of tau²: there metafor's own root finders stop."""


@cache
def effects() -> dict[tuple[str, str], tuple[np.ndarray, np.ndarray]]:
    found: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for row in rows("effects"):
        if row["yi"] is not None and row["vi"] is not None:
            found[row["set"], row["measure"]].append((row["yi"], row["vi"]))
    return {key: (np.array(pairs)[:, 0], np.array(pairs)[:, 1]) for key, pairs in found.items()}


def test_there_are_eight_data_sets_and_more_and_every_measure_of_the_command() -> None:
    assert len({name for name, _ in effects()}) >= 13
    assert {measure for _, measure in effects()} == set(COLUMNS)


@pytest.mark.parametrize(("name", "measure"), sorted(effects()))
def test_effects_and_variances_are_those_of_escalc(name: str, measure: str) -> None:
    table = data(name)
    with np.errstate(all="ignore"):
        given = effects_of(measure, [table[column].astype(float) for column in COLUMNS[measure]])
    wanted = [row for row in rows("effects") if (row["set"], row["measure"]) == (name, measure)]
    assert len(wanted) == given.yi.size
    for row, y, v in zip(wanted, given.yi, given.vi, strict=True):
        assert close(float(y), row["yi"], 1e-12, 1e-13)
        assert close(float(v), row["vi"], 1e-12, 1e-15)


@pytest.mark.parametrize(("name", "measure"), sorted(effects()))
def test_every_method_and_test_gives_the_numbers_of_metafor(name: str, measure: str) -> None:
    y, v = effects()[name, measure]
    profile = tau2_interval(y, v)
    seen = 0
    for row in rows("fits"):
        if (row["set"], row["measure"]) != (name, measure):
            continue
        one = pool(y, v, method=row["method"], test=row["test"])
        assert row["converged"], row
        same = {
            "b": one.estimate,
            "se": one.se,
            "ci_low": one.ci_low,
            "ci_high": one.ci_high,
            "p": one.p,
            "pi_low": one.pi_low,
            "pi_high": one.pi_high,
            "i2": one.i2,
            "h2": one.h2,
            "q": one.q,
            "q_p": one.q_p,
            "ll": one.log_likelihood,
        }
        for key, given in same.items():
            assert close(given, row[key], 1e-8), (row["method"], row["test"], key, given, row[key])
        ends = profile if row["method"] != "EE" and profile else (None, None)
        for key, end in zip(("tau2_low", "tau2_high"), ends, strict=True):
            assert close(end, row[key], OWN_TOLERANCE, 1e-8), (row["method"], key, end, row[key])
        assert close(one.tau2, row["tau2"], OWN_TOLERANCE), (row["method"], one.tau2, row["tau2"])
        seen += 1
    assert seen == 27


@cache
def random_sets() -> list[tuple[np.ndarray, np.ndarray]]:
    found: dict[float, list[tuple[float, float]]] = defaultdict(list)
    for row in rows("random_data"):
        found[row["set"]].append((row["yi"], row["vi"]))
    return [(np.array(found[one])[:, 0], np.array(found[one])[:, 1]) for one in sorted(found)]


@cache
def random_fits() -> dict[tuple[int, str], dict[str, Any]]:
    return {(int(row["set"]) - 1, row["method"]): row for row in rows("random_fits")}


def pooled_at_once(method: str, test: str) -> Any:
    sets = random_sets()
    y, v = (np.concatenate([one[i] for one in sets]) for i in (0, 1))
    return pool_many(y, v, [one[0].size for one in sets], method=method, test=test)


@pytest.mark.parametrize("method", METHODS)
def test_a_thousand_random_data_sets_give_the_numbers_of_metafor(method: str) -> None:
    """Where metafor did not converge (ML and REML once each, EB five times), ours must still have an answer."""
    z, knha, adhoc = (pooled_at_once(method, test) for test in TESTS)
    for place in range(1000):
        row = random_fits()[place, method]
        y, v = random_sets()[place]
        if not row["converged"]:
            assert method in ("ML", "REML", "EB")
            assert np.isfinite(z.ci_low[place])
            continue
        if method in ("ML", "REML"):
            assert pool(y, v, method=method).log_likelihood >= row["ll"] - 1e-9 * abs(row["ll"]), place
        same = {
            "b": z.estimate,
            "se_z": z.se,
            "se_knha": knha.se,
            "se_adhoc": adhoc.se,
            "low_z": z.ci_low,
            "low_knha": knha.ci_low,
            "low_adhoc": adhoc.ci_low,
        }
        for key, given in same.items():
            assert close(float(given[place]), row[key], 1e-8, 1e-9 * float(z.se[place])), (place, key, row)
        assert close(float(z.tau2[place]), row["tau2"], OWN_TOLERANCE, 1e-7 * float(v.min())), (place, row)


def test_a_thousand_random_data_sets_agree_in_heterogeneity_and_prediction_too() -> None:
    for place, (y, v) in enumerate(random_sets()):
        row, of_data = random_fits()[place, "SJ"], random_fits()[place, "DL"]
        z, knha = (pool(y, v, method="SJ", test=test) for test in ("z", "knha"))
        scale = 1e-9 * z.se
        for given, wanted in ((z.i2, row["i2"]), (z.q, of_data["q"]), (z.q_p, of_data["q_p"]), (knha.p, row["p_knha"])):
            assert close(given, wanted, 1e-8), (place, given, wanted)
        assert close(z.pi_low, row["pi_z"], 1e-8, scale)
        assert close(knha.pi_low, row["pi_knha"], 1e-8, scale)
        profile = tau2_interval(y, v)
        if of_data["tau2_low"] is None or profile is None:
            assert profile is None, (place, profile)
        else:
            assert close(profile[0], of_data["tau2_low"], OWN_TOLERANCE, 1e-6 * float(v.min())), place
            bound = 1e5 * max(1.0, of_data["tau2"])  # where make.R lets metafor's search end
            wanted = profile[1] if of_data["tau2_high"] >= bound <= profile[1] else of_data["tau2_high"]
            assert close(profile[1], wanted, OWN_TOLERANCE, 1e-6 * float(v.min())), place


def test_no_restricted_likelihood_is_lower_than_that_of_metafor_and_some_are_higher() -> None:
    """300 data sets of few studies with very unlike errors: metafor climbs one peak, and in nine the lower one."""
    found: dict[float, list[dict[str, Any]]] = defaultdict(list)
    for row in rows("peaks"):
        found[row["set"]].append(row)
    higher = 0
    for studies in found.values():
        ours = pool([one["yi"] for one in studies], [one["vi"] for one in studies]).log_likelihood
        assert ours >= studies[0]["ll"] - 1e-9 * abs(ours)
        higher += ours > studies[0]["ll"] + 1e-6
    assert (len(found), higher) == (300, 9)


# --- One group twice, other variances ----------------------------------------------------------------------------


def test_measures_of_one_group_twice_are_those_of_escalc() -> None:
    table = data("twice")
    given = [table[name] for name in ("m1", "sd1", "m2", "sd2", "n", "r")]
    made = {
        "MC": mean_change(*given),
        "SMCC": standardised_change(*given),
        "SMCR": standardised_change(*given, by="raw"),
        "ROMC": ratio_of_means_change(*given),
    }
    for row in rows("twice"):
        place = int(row["study"]) - 1
        assert close(float(made[row["measure"]].yi[place]), row["yi"], 1e-12)
        assert close(float(made[row["measure"]].vi[place]), row["vi"], 1e-12)


def test_the_unbiased_variance_of_an_smd_is_that_of_escalc() -> None:
    table = data("normand1999")
    given = standardised_difference(*[table[name] for name in ("m1", "sd1", "n1", "m2", "sd2", "n2")], vtype="UB")
    for row, y, v in zip(rows("smd_ub"), given.yi, given.vi, strict=True):
        assert close(float(y), row["yi"], 1e-12)
        assert close(float(v), row["vi"], 1e-12)


# --- Moderators, influence, bias, levels -------------------------------------------------------------------------


def test_meta_regression_gives_the_numbers_of_metafor() -> None:
    y, v = effects()["bcg", "RR"]
    of = data("bcg_moderators")
    moderators = {"ablat": of["ablat"].astype(float), "year": of["year"].astype(float)}
    for row in rows("regression"):
        one = regress(y, v, moderators, method=row["method"], test=row["test"])
        term = int(row["term"])
        for key, given in (("b", one.estimate), ("se", one.se), ("ci_low", one.ci_low), ("ci_high", one.ci_high)):
            assert close(float(given[term]), row[key], 1e-8), (row, key, given)
        same = {"p": float(one.p[term]), "i2": one.i2, "h2": one.h2, "qe": one.q, "qe_p": one.q_p}
        same |= {"qm": one.q_model, "qm_p": one.q_model_p, "ll": one.log_likelihood}
        for key, value in same.items():
            assert close(value, row[key], 1e-7), (row["method"], row["test"], key, value, row[key])
        assert close(one.tau2, row["tau2"], OWN_TOLERANCE)
        assert one.r2 is None or close(one.r2, row["r2"], 1e-3), (row["method"], one.r2, row["r2"])


@pytest.mark.parametrize("test", ["z", "knha"])
def test_influence_leaving_out_and_adding_up_give_the_numbers_of_metafor(test: str) -> None:
    y, v = effects()["bcg", "RR"]
    inf, without, adding = (how(y, v, test=test) for how in (influence, leave_one_out, cumulative))
    for row in rows("influence"):
        if row["test"] != test:
            continue
        i = int(row["study"]) - 1
        same = {
            "rstudent": inf.rstudent[i],
            "dffits": inf.dffits[i],
            "cook": inf.cook[i],
            "cov_ratio": inf.covariance_ratio[i],
            "tau2_without": inf.tau2_without[i],
            "hat": inf.hat[i],
            "weight": inf.weight[i],
            "loo_b": without.estimate[i],
            "loo_se": without.se[i],
            "loo_low": without.ci_low[i],
            "loo_high": without.ci_high[i],
        }
        if i:
            same |= {"cum_b": adding.estimate[i - 1], "cum_se": adding.se[i - 1], "cum_tau2": adding.tau2[i - 1]}
        for key, given in same.items():
            assert close(float(given), row[key], 1e-6 if "tau2" in key else 1e-8, 1e-9), (i, key, given, row[key])


def test_egger_begg_and_trim_and_fill_give_the_numbers_of_metafor() -> None:
    """metafor's ``trimfill`` fits with its loose default rules, so that its pooled numbers have four digits."""
    seen = set()
    for row in rows("bias"):
        y, v = effects()[row["set"], row["measure"]]
        classic, mixed, rank = egger(y, v), egger(y, v, method="REML"), begg(y, v)
        filled = trim_and_fill(y, v, estimator=row["estimator"])
        same = {
            "egger_t": classic.statistic,
            "egger_p": classic.p,
            "egger_limit": classic.limit,
            "mixed_z": mixed.statistic,
            "mixed_p": mixed.p,
            "mixed_limit": mixed.limit,
            "begg_tau": rank.tau,
            "begg_p": rank.p,
        }
        for key, given in same.items():
            assert close(given, row[key], 1e-7), (row["set"], key, given, row[key])
        for key, given in (("b", filled.pooled.estimate), ("se", filled.pooled.se)):
            assert close(given, row[key], 1e-4), (row["set"], key, given, row[key])
        assert (filled.missing, filled.side) == (row["k0"], row["side"])
        seen.add((row["estimator"], filled.missing > 0))
    assert ("L0", True) in seen


def test_effects_within_studies_give_the_numbers_of_rma_mv_and_club_sandwich_and_no_lower_likelihood() -> None:
    """metafor's optimiser stops at about 1e-6 of the variances; where it stopped early our likelihood is higher."""
    for row in rows("levels"):
        table = data(row["set"])
        given = table["yi"].astype(float), table["vi"].astype(float), table["study"].tolist()
        plain, cr0, cr1, cr2 = (pool_levels(*given, method=row["method"], robust=how) for how in ROBUST)
        assert plain.log_likelihood >= row["ll"] - 1e-10
        for key, value in (("b", plain.estimate), ("se", plain.se), ("q", plain.q)):
            assert close(value, row[key], 3e-7), (row["set"], key, value, row[key])
        for key, value in (("cr0", cr0.se), ("cr1", cr1.se), ("cr2", cr2.se)):
            assert close(value, row[key], 3e-7), (row["set"], key, value, row[key])
        for key, value in (("between", plain.between), ("within", plain.within), ("cr1_p", cr1.p), ("cr2_p", cr2.p)):
            assert close(value, row[key], 2e-6), (row["set"], key, value, row[key])
        for name, robust in (("cr1", cr1), ("cr2", cr2)):
            assert close(robust.ci_low, row[f"{name}_low"], 1e-6)
            assert close(robust.ci_high, row[f"{name}_high"], 1e-6)
        assert close(cr2.df, row["cr2_df"], 2e-6)
