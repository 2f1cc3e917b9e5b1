"""Effects and errors from the test results that trials print, each with what it assumes.

Plain formulas (Cochrane Handbook 6, chapter 6; Borenstein et al. 2009), one study at a time. Checked by hand and
against each other: what a function takes apart, another puts together again.
"""

from __future__ import annotations

import math

from strigil.pathway.learn.pool import distributions as d
from strigil.pathway.learn.pool.model import PoolError


def se_from_ci(low: float, high: float, *, level: float = 0.95, df: float | None = None, log: bool = False) -> float:
    """The standard error from an interval; for ratios, ``log=True`` gives that of the logarithm.

    Assumes an interval symmetric on that scale, by the normal distribution or by t where ``df`` is given. The limits'
    rounding passes into the error.

    >>> round(se_from_ci(0.41, 0.80), 4)
    0.0995
    """
    if log:
        if low <= 0:
            raise PoolError(f"a ratio's limits are above 0; given: {low:g}")
        low, high = math.log(low), math.log(high)
    if not low < high:
        raise PoolError(f"the lower limit is below the upper one; given: {low:g} and {high:g}")
    return (high - low) / 2 / _reach(1 - level, df)


def se_from_p(effect: float, p: float, *, df: float | None = None) -> float:
    """The standard error from a two-sided ``p`` of no effect: |effect| / quantile.

    Assumes the exact p of a z test, or of a t test where ``df`` is given; from "p < 0.05" nothing follows.

    >>> round(se_from_p(1.5, 0.05), 6)
    0.76532
    """
    if not 0 < p < 1 or effect == 0:
        raise PoolError(f"an error follows from an effect other than 0 and 0 < p < 1; given: {effect:g}, {p:g}")
    return abs(effect) / _reach(p, df)


def sd_from_se(se: float, n: float) -> float:
    """The sd of a group from the standard error of its mean.

    >>> sd_from_se(0.5, 16)
    2.0
    """
    return se * math.sqrt(n)


def sd_from_difference(se: float, n1: float, n2: float) -> float:
    """The pooled sd from the standard error of a difference of means; assumes one sd in both groups.

    >>> round(sd_from_difference(1.0, 20, 20), 6)
    3.162278
    """
    return se / math.sqrt(1 / n1 + 1 / n2)


def d_from_t(t: float, n1: float, n2: float) -> float:
    """Cohen's d from the t of two independent groups (not of pairs) with one sd: t sqrt(1/n1 + 1/n2).

    >>> round(d_from_t(2.0, 20, 20), 6)
    0.632456
    """
    return t * math.sqrt(1 / n1 + 1 / n2)


def d_from_f(f: float, n1: float, n2: float, *, higher: bool) -> float:
    """Cohen's d from the F of a one-way comparison of two groups; F has no sign: ``higher`` says that group 1 has more.

    Not for an F with covariates, of more groups, or of repeated measures.

    >>> round(d_from_f(4.0, 20, 20, higher=False), 6)
    -0.632456
    """
    if f < 0:
        raise PoolError(f"F is not below 0; given: {f:g}")
    return d_from_t(math.sqrt(f) if higher else -math.sqrt(f), n1, n2)


def d_from_p(p: float, n1: float, n2: float, *, higher: bool) -> float:
    """Cohen's d from the exact two-sided p of a t test of two groups; ``higher`` says that group 1 has more.

    >>> round(d_from_p(0.05, 20, 20, higher=True), 6)
    0.64017
    """
    if not 0 < p <= 1:
        raise PoolError(f"p is above 0 and at most 1; given: {p:g}")
    t = d.t_quantile(1 - p / 2, n1 + n2 - 2)
    return d_from_t(t if higher else -t, n1, n2)


def r_from_t(t: float, df: float) -> float:
    """A correlation from its t: t / sqrt(t² + df).

    >>> round(r_from_t(2.0, 30), 6)
    0.342997
    """
    return t / math.sqrt(t * t + df)


def d_from_log_odds(log_odds: float) -> float:
    """d from a log odds ratio: times sqrt(3)/pi; assumes a logistic outcome that was cut in two (Chinn 2000).

    >>> round(d_from_log_odds(1.0), 6)
    0.551329
    """
    return log_odds * math.sqrt(3) / math.pi


def _reach(p: float, df: float | None) -> float:
    return d.normal_quantile(1 - p / 2) if df is None else d.t_quantile(1 - p / 2, df)
