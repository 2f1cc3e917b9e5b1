"""Several effects in one study."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strigil.pathway.learn.pool import PoolError, pool, pool_levels
from strigil.pathway.learn.pool.levels import _Data, _likelihood, _mean, _pooled

EFFECT = st.tuples(st.floats(-3, 3), st.floats(0.01, 2), st.integers(0, 4))
EFFECTS = st.lists(EFFECT, min_size=4, max_size=15).filter(lambda made: len({one[2] for one in made}) > 1)


@settings(max_examples=60, deadline=None)
@given(EFFECTS, st.sampled_from(["REML", "ML"]))
def test_no_pair_of_variances_has_a_higher_likelihood(made: list[tuple[float, float, int]], method: str) -> None:
    y, v, study = (np.array(column) for column in zip(*made, strict=True))
    one = pool_levels(y, v, study.tolist(), method=method)
    names = np.unique(study, return_inverse=True)[1]
    data = _Data(y, v, names, int(names.max()) + 1, method == "REML")
    points = [0.0, *np.geomspace(1e-4, 100, 40)]
    highest = max(_likelihood(data, a, b) for a in points for b in points)
    assert one.log_likelihood >= highest - 1e-8 * max(1, abs(highest))
    assert one.between >= 0
    assert one.within >= 0


def test_with_one_effect_in_each_study_it_is_plain_pooling() -> None:
    y, v = [0.1, 0.5, 1.2, -0.3, 0.8], [0.02, 0.05, 0.04, 0.1, 0.03]
    plain, levels = pool(y, v), pool_levels(y, v, list("abcde"))
    assert levels.between + levels.within == pytest.approx(plain.tau2, rel=1e-6)
    assert levels.estimate == pytest.approx(plain.estimate, rel=1e-8)
    assert levels.log_likelihood == pytest.approx(plain.log_likelihood, rel=1e-10)


def test_effects_repeated_in_a_study_do_not_narrow_the_robust_error() -> None:
    y, v = [0.1, 0.5, 1.2, -0.3], [0.02, 0.05, 0.04, 0.1]
    study = list("abcd")
    once = pool_levels(y, v, study, robust="CR1")
    twice = pool_levels(y * 2, [2 * one for one in v] * 2, study * 2, robust="CR1")
    assert twice.se == pytest.approx(once.se, rel=0.05)


def test_one_study_says_nothing_of_how_studies_differ() -> None:
    with pytest.raises(PoolError, match="two studies or more"):
        pool_levels([0.1, 0.2], [0.1, 0.1], ["a", "a"])


def test_cr2_is_right_in_the_mean_where_the_plain_sandwich_is_too_small() -> None:
    """Five studies of unequal size, errors as the model has them: the squared error, averaged over 4,000 trials."""
    rng = np.random.default_rng(5)
    study = np.repeat(np.arange(5), [1, 1, 2, 3, 8])
    v = np.full(study.size, 0.05)
    means, squares = [], {"CR0": 0.0, "CR2": 0.0}
    for _ in range(4000):
        y = rng.normal(0, 0.5, 5)[study] + rng.normal(0, np.sqrt(v))
        data = _Data(y, v, study, 5, True)
        _, _, total, mean = _mean(data, 0.25, 0.0)
        means.append(mean)
        for how in squares:
            squares[how] += _pooled(data, 0.25, 0.0, "REML", how, 0.95).se ** 2 / 4000
    true = 1 / total
    assert np.var(means) == pytest.approx(true, rel=0.08)
    assert squares["CR2"] == pytest.approx(true, rel=0.05)
    assert squares["CR0"] < 0.85 * true


def test_two_studies_leave_cr2_one_degree_of_freedom_at_most() -> None:
    one = pool_levels([0.1, 0.3, 0.8, 0.9], [0.02, 0.02, 0.03, 0.03], list("aabb"), robust="CR2")
    assert 0 < one.df <= 1 + 1e-9
    assert one.ci_low < one.estimate < one.ci_high
