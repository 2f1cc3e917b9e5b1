"""What must hold whatever the studies are."""

from __future__ import annotations

import doctest
import importlib
import math
import pkgutil

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from strigil.pathway.learn import pool as library
from strigil.pathway.learn.pool import METHODS, TESTS, PoolError, pool, pool_many, regress, tau2_interval
from strigil.pathway.learn.pool.columns import Columns
from strigil.pathway.learn.pool.tau2 import log_likelihood

STUDY = st.tuples(st.floats(-5, 5), st.floats(0.01, 4))
STUDIES = st.lists(STUDY, min_size=2, max_size=20)
METHOD, TEST = st.sampled_from(METHODS), st.sampled_from(TESTS)
RANDOM = st.sampled_from([one for one in METHODS if one != "EE"])


def split(studies: list[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    table = np.array(studies)
    return table[:, 0], table[:, 1]


def near(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-7)


@pytest.mark.parametrize("module", [one.name for one in pkgutil.iter_modules(library.__path__)])
def test_every_example_in_the_library_comes_out(module: str) -> None:
    found = doctest.testmod(importlib.import_module(f"{library.__name__}.{module}"))
    assert found.failed == 0


@given(STUDIES, METHOD, TEST, st.floats(-3, 3), st.sampled_from([0.01, 0.5, 8.0, 1000.0]))
def test_another_unit_or_zero_changes_nothing_else(
    studies: list[tuple[float, float]], method: str, test: str, shift: float, scale: float
) -> None:
    y, v = split(studies)
    one, other = pool(y, v, method=method, test=test), pool(scale * (y + shift), scale**2 * v, method=method, test=test)
    assume(one.se > 1e-6)
    assert near(other.estimate / scale - shift, one.estimate)
    assert near(other.se / scale, one.se)
    assert near(other.tau2 / scale**2, one.tau2)
    assert near(other.q, one.q)
    assert near(other.i2, one.i2)


@given(STUDIES, METHOD, TEST, st.randoms(use_true_random=False))
def test_the_order_of_studies_is_nothing(
    studies: list[tuple[float, float]], method: str, test: str, random: object
) -> None:
    y, v = split(studies)
    order = list(range(y.size))
    random.shuffle(order)  # type: ignore[attr-defined]
    one, other = pool(y, v, method=method, test=test), pool(y[order], v[order], method=method, test=test)
    assert near(one.estimate, other.estimate)
    assert near(one.ci_low, other.ci_low)
    assert near(one.tau2, other.tau2)


@given(STUDIES)
def test_a_study_split_into_two_halves_of_one_effect_leaves_the_common_effect(
    studies: list[tuple[float, float]],
) -> None:
    y, v = split(studies)
    one, other = pool(y, v, method="EE"), pool(np.r_[y, y[:1]], np.r_[2 * v[:1], v[1:], 2 * v[:1]], method="EE")
    assert near(one.estimate, other.estimate)
    assert near(one.se, other.se)
    assert near(one.q, other.q)


@given(STUDIES, st.sampled_from(["DL", "PM", "ML", "REML", "EB", "HS", "HE"]), TEST)
def test_no_variance_between_studies_is_a_common_effect(
    studies: list[tuple[float, float]], method: str, test: str
) -> None:
    y, v = split([(effect / 100, variance) for effect, variance in studies])
    one, common = pool(y, v, method=method, test=test), pool(y, v, method="EE", test=test)
    assume(one.tau2 == 0)
    assert (one.estimate, one.se, one.ci_low) == (common.estimate, common.se, common.ci_low)


@given(STUDIES, RANDOM, TEST)
def test_intervals_hold_each_other(studies: list[tuple[float, float]], method: str, test: str) -> None:
    y, v = split(studies)
    one = pool(y, v, method=method, test=test)
    assert one.pi_low is not None
    assert one.pi_high is not None
    assert one.pi_low <= one.ci_low <= one.estimate <= one.ci_high <= one.pi_high
    assert y.min() - 1e-9 <= one.estimate <= y.max() + 1e-9
    assert one.tau2 >= 0
    assert 0 <= one.i2 <= 100
    assert one.weights.sum() == pytest.approx(100)


@given(STUDIES, METHOD)
def test_the_never_narrower_test_is_never_narrower_than_z(studies: list[tuple[float, float]], method: str) -> None:
    y, v = split(studies)
    z, adhoc = pool(y, v, method=method), pool(y, v, method=method, test="adhoc")
    assert adhoc.se >= z.se * (1 - 1e-12)


@given(STUDIES)
def test_the_interval_of_tau2_holds_the_estimate_whose_q_is_the_middle(studies: list[tuple[float, float]]) -> None:
    y, v = split(studies)
    ends, pm = tau2_interval(y, v), pool(y, v, method="PM").tau2
    if ends is None:
        assert pm == 0
    else:
        assert ends[0] - 1e-9 <= pm <= ends[1] + 1e-9


@given(STUDIES, st.booleans())
def test_no_tau2_has_a_higher_likelihood(studies: list[tuple[float, float]], restricted: bool) -> None:
    y, v = split(studies)
    one = pool(y, v, method="REML" if restricted else "ML")
    many = np.concatenate([[0], np.geomspace(1e-4, 1e3, 3000)])
    columns = Columns(y[:, None], v[:, None], np.full(1, float(y.size)))
    highest = float(log_likelihood(columns, many, restricted).max())
    assert one.log_likelihood >= highest - 1e-9 * max(1, abs(highest))


@given(STUDIES, METHOD, TEST)
def test_a_regression_on_nothing_is_pooling(studies: list[tuple[float, float]], method: str, test: str) -> None:
    y, v = split(studies)
    one, other = pool(y, v, method=method, test=test), regress(y, v, {}, method=method, test=test)
    assert near(one.estimate, float(other.estimate[0]))
    assert near(one.se, float(other.se[0]))
    assert near(one.tau2, other.tau2)
    assert near(one.log_likelihood, other.log_likelihood)


UNEVEN = st.lists(st.tuples(st.floats(-5, 5), st.floats(-9, 3).map(lambda power: 10.0**power)), min_size=2, max_size=12)


@settings(deadline=None)  # the first call compiles
@given(st.lists(UNEVEN, min_size=1, max_size=8), st.sampled_from(["REML", "ML"]), TEST)
def test_compiled_is_the_same_to_the_last_digits(
    analyses: list[list[tuple[float, float]]], method: str, test: str
) -> None:
    y, v = split([study for studies in analyses for study in studies])
    sizes = [len(studies) for studies in analyses]
    plain, quick = (pool_many(y, v, sizes, method=method, test=test, compiled=one) for one in (False, True))
    for name in ("estimate", "ci_low", "ci_high", "tau2"):
        assert getattr(quick, name) == pytest.approx(getattr(plain, name), rel=1e-6, abs=1e-9), name


@pytest.mark.parametrize("method", ["REML", "ML"])
def test_compiled_finds_the_highest_of_several_peaks(method: str) -> None:
    rng = np.random.default_rng(11)
    k = rng.integers(3, 31, 4000)
    v = np.exp(rng.uniform(-7, 1, k.sum()))
    y = rng.normal(0, np.sqrt(v + np.repeat(rng.choice([0, 0.001, 0.3], k.size), k)))
    plain, quick = (pool_many(y, v, k, method=method, compiled=one) for one in (False, True))
    assert quick.tau2 == pytest.approx(plain.tau2, rel=1e-7, abs=1e-12)


def test_what_is_not_compiled_is_refused() -> None:
    with pytest.raises(PoolError, match="only likelihoods are compiled"):
        pool_many([0.1, 0.2], [0.1, 0.1], [2], method="DL", compiled=True)


@given(st.lists(STUDIES, min_size=1, max_size=8), METHOD, TEST)
def test_many_at_once_are_the_same_one_by_one(
    analyses: list[list[tuple[float, float]]], method: str, test: str
) -> None:
    y, v = split([study for studies in analyses for study in studies])
    many = pool_many(y, v, [len(studies) for studies in analyses], method=method, test=test)
    for place, studies in enumerate(analyses):
        one = pool(*split(studies), method=method, test=test)
        assert near(float(many.estimate[place]), one.estimate)
        assert near(float(many.ci_low[place]), one.ci_low)
        assert near(float(many.tau2[place]), one.tau2)


# --- Peaks, cycles, and what cannot be pooled --------------------------------------------------------------------


def two_peaks() -> tuple[np.ndarray, np.ndarray]:
    """Precise studies that agree, and others that are far off: a restricted likelihood with a peak at each."""
    return np.array([0.0, 0.01, -0.01, 0.02, 3.0, -4.0]), np.array([1e-4, 1e-4, 1e-4, 1e-4, 1.0, 1.0])


def test_the_highest_of_two_peaks_is_taken() -> None:
    y, v = two_peaks()
    grid = np.geomspace(1e-7, 1e2, 4000)
    height = log_likelihood(Columns(y[:, None], v[:, None], np.full(1, 6.0)), grid, True)
    peaks = grid[1:-1][(height[1:-1] > height[:-2]) & (height[1:-1] > height[2:])]
    assert len(peaks) == 2
    best = peaks[np.argmax(log_likelihood(Columns(y[:, None], v[:, None], np.full(1, 6.0)), peaks, True))]
    assert pool(y, v).tau2 == pytest.approx(best, rel=0.01)
    assert pool_many(y, v, [6]).tau2[0] == pool(y, v).tau2


@pytest.mark.parametrize(
    ("y", "v", "said"),
    [
        ([], [], "no study"),
        ([1.0, math.nan], [1.0, 1.0], "study 2: its effect"),
        ([1.0, 1e300], [1.0, 1.0], "study 2: its effect"),
        ([1.0, 2.0], [1.0, 0.0], "study 2: its variance"),
        ([1.0, 2.0], [-1.0, 1.0], "study 1: its variance"),
        ([1.0, 2.0], [1.0, math.inf], "study 2: its variance"),
        ([1.0, 2.0], [1e-20, 1.0], "too far apart"),
        ([1.0], [1.0, 2.0], "one length"),
    ],
)
def test_what_cannot_be_pooled_is_refused_with_its_study(y: list[float], v: list[float], said: str) -> None:
    with pytest.raises(PoolError, match=said):
        pool(y, v)


def test_one_study_keeps_its_own_effect_and_says_that_nothing_was_pooled() -> None:
    one = pool([0.4], [0.04], test="knha")
    assert (one.k, one.estimate, one.se, one.pi_low) == (1, 0.4, 0.2, None)
    assert "not pooled" in one.notes[0]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("test", TESTS)
def test_identical_studies_have_no_variance_between_them(method: str, test: str) -> None:
    one = pool([0.4] * 5, [0.04] * 5, method=method, test=test)
    assert one.tau2 == 0
    assert one.estimate == pytest.approx(0.4)
    assert any("last digit" in note for note in one.notes) == (test == "knha")


@pytest.mark.parametrize("method", METHODS)
def test_a_hundred_thousand_studies_are_pooled(method: str) -> None:
    rng = np.random.default_rng(3)
    v = rng.uniform(0.01, 0.2, 100_000)
    one = pool(rng.normal(0.3, np.sqrt(v + 0.1)), v, method=method, test="knha")
    assert one.estimate == pytest.approx(0.3, abs=0.01)
    assert method == "EE" or one.tau2 == pytest.approx(0.1, rel=0.05 if method != "SJ" else 0.5)
