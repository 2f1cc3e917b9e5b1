"""Quantiles and probabilities, against R's own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strigil.pathway.learn.pool import distributions as d
from tests.pathway.pool.expected import rows

FUNCTIONS = {
    "pnorm": lambda x, a, b: d.normal_cdf(x),
    "qnorm": lambda x, a, b: d.normal_quantile(x),
    "pt": lambda x, a, b: d.t_cdf(x, a),
    "qt": lambda x, a, b: d.t_quantile(x, a),
    "upper_chi2": lambda x, a, b: d.chi2_upper(x, a),
    "lower_chi2": lambda x, a, b: d.chi2_lower(x, a),
    "qchisq": lambda x, a, b: d.chi2_quantile(x, a),
    "upper_f": d.f_upper,
    "qf": d.f_quantile,
}


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_function_gives_what_r_gives(name: str) -> None:
    """To 12 digits or more. R loses digits of quantiles of F with many degrees: there nine, and only p >= 0.5."""
    seen = 0
    for row in rows("distributions"):
        if row["f"] != name or (name == "qf" and row["x"] < 0.5):
            continue
        given = FUNCTIONS[name](row["x"], row["a"], row["b"])
        assert given == pytest.approx(row["v"], rel=1e-9 if name == "qf" else 2e-12, abs=1e-15), row
        seen += 1
    assert seen >= 10


@given(st.floats(0.51, 0.9999), st.integers(1, 500))
def test_f_with_one_degree_is_t_squared_and_t_becomes_normal(p: float, df: int) -> None:
    assert d.f_quantile(2 * p - 1, 1, df) == pytest.approx(d.t_quantile(p, df) ** 2, rel=1e-9)
    assert d.t_quantile(p, 1e9) == pytest.approx(d.normal_quantile(p), rel=1e-6)


@given(st.floats(1e-6, 1 - 1e-6), st.floats(0.5, 2000))
def test_quantile_and_probability_undo_each_other(p: float, df: float) -> None:
    assert d.t_cdf(d.t_quantile(p, df), df) == pytest.approx(p, rel=1e-9)
    assert d.chi2_lower(d.chi2_quantile(p, df), df) == pytest.approx(p, rel=1e-9)
