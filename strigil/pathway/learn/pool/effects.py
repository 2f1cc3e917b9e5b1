"""Effect sizes and their sampling variances from what trials print.

Every function takes numbers or arrays of one shape (one entry for each study) and gives ``Effect(yi, vi)`` of that
shape. Group 1 is the treated one: a positive difference, or a ratio above 1, means more in group 1. Defaults follow
metafor's ``escalc``: variances for large samples (``vtype="LS"``), and 1/2 added to all four cells of a table only in
the studies that have a zero cell. Checked against metafor 3.8-1 to 12 digits, on the data sets in
``tests/reference/pool``, where a function does not say otherwise.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from strigil.pathway.learn.pool.columns import Array
from strigil.pathway.learn.pool.model import LARGEST, PoolError

RATIOS = ("ROM", "RR", "OR")
"""Measures on the scale of the natural logarithm."""


class Effect(NamedTuple):
    """Effects and their variances; the unit of ``vi`` is that of ``yi``, squared."""

    yi: Array
    vi: Array


def mean_difference(
    m1: ArrayLike, sd1: ArrayLike, n1: ArrayLike, m2: ArrayLike, sd2: ArrayLike, n2: ArrayLike
) -> Effect:
    """MD = m1 - m2, in the unit of the outcome; v = sd1²/n1 + sd2²/n2.

    >>> [float(x) for x in mean_difference(10, 4, 16, 8, 3, 9)]
    [2.0, 2.0]
    """
    m1, sd1, n1, m2, sd2, n2 = _groups(m1, sd1, n1, m2, sd2, n2)
    return Effect(m1 - m2, sd1**2 / n1 + sd2**2 / n2)


def standardised_difference(
    m1: ArrayLike,
    sd1: ArrayLike,
    n1: ArrayLike,
    m2: ArrayLike,
    sd2: ArrayLike,
    n2: ArrayLike,
    *,
    exact: bool = True,
    vtype: str = "LS",
) -> Effect:
    """SMD, Hedges' g = J(n1 + n2 - 2) (m1 - m2) / pooled sd, without unit.

    ``exact``: J by gamma functions (Hedges 1981), else 1 - 3 / (4 df - 1). ``vtype``: ``LS``, 1/n1 + 1/n2 +
    g²/(2(n1 + n2)); ``UB``, the unbiased one, 1/n1 + 1/n2 + (1 - (df - 2)/(df J²)) g². Assumes one sd in both groups.

    >>> [round(float(x), 6) for x in standardised_difference(10, 4, 16, 8, 3, 9)]
    [0.525086, 0.179125]
    """
    m1, sd1, n1, m2, sd2, n2 = _groups(m1, sd1, n1, m2, sd2, n2)
    df = n1 + n2 - 2
    sd = np.sqrt(((n1 - 1) * sd1**2 + (n2 - 1) * sd2**2) / df)
    return _corrected((m1 - m2) / sd, n1, n2, exact, vtype)


def from_cohens_d(d: ArrayLike, n1: ArrayLike, n2: ArrayLike, *, exact: bool = True, vtype: str = "LS") -> Effect:
    """Hedges' g from a printed d that was not corrected; assumes that d is over the pooled sd of both groups.

    >>> round(float(from_cohens_d(0.5, 20, 20).yi), 6)
    0.490055
    """
    d, n1, n2 = _arrays(d, n1, n2)
    _need(n1 + n2 > 3, "the groups", "4 people or more in all")
    return _corrected(d, n1, n2, exact, vtype)


def _corrected(d: Array, n1: Array, n2: Array, exact: bool, vtype: str) -> Effect:
    df = n1 + n2 - 2
    j = hedges_correction(df, exact=exact)
    g = j * d
    if vtype == "LS":
        return Effect(g, smd_variance(g, n1, n2))
    if vtype == "UB":
        return Effect(g, 1 / n1 + 1 / n2 + (1 - (df - 2) / (df * j**2)) * g**2)
    raise PoolError(f"unknown variance of an SMD; given: {vtype!r}; allowed: LS, UB")


def smd_variance(g: ArrayLike, n1: ArrayLike, n2: ArrayLike) -> Array:
    """The large-sample variance of a standardised difference, 1/n1 + 1/n2 + g²/(2(n1 + n2)).

    >>> round(float(smd_variance(0.44, 17, 17)), 6)
    0.120494
    """
    g, n1, n2 = _arrays(g, n1, n2)
    return np.asarray(1 / n1 + 1 / n2 + g**2 / (2 * (n1 + n2)))


def hedges_correction(df: ArrayLike, *, exact: bool = True) -> Array:
    """J(df), by which d is too large on average: exact, or 1 - 3 / (4 df - 1) (Hedges 1981, J Educ Stat 6:107-128).

    >>> float(hedges_correction(10).round(6)), float(hedges_correction(10, exact=False).round(6))
    (0.922746, 0.923077)
    """
    df = np.asarray(df, dtype=np.float64)
    _need(df > 1, "degrees of freedom", "above 1")
    if not exact:
        return np.asarray(1 - 3 / (4 * df - 1))
    logs = [math.lgamma(m / 2) - math.lgamma((m - 1) / 2) - 0.5 * math.log(m / 2) for m in df.ravel()]
    j: Array = np.exp(np.reshape(logs, df.shape))
    return j


def ratio_of_means(
    m1: ArrayLike, sd1: ArrayLike, n1: ArrayLike, m2: ArrayLike, sd2: ArrayLike, n2: ArrayLike
) -> Effect:
    """ROM = log(m1 / m2), both means of one sign and not 0; v = sd1²/(n1 m1²) + sd2²/(n2 m2²) (Hedges et al. 1999).

    >>> [round(float(x), 6) for x in ratio_of_means(10, 4, 16, 8, 3, 9)]
    [0.223144, 0.025625]
    """
    m1, sd1, n1, m2, sd2, n2 = _groups(m1, sd1, n1, m2, sd2, n2)
    _need(m1 * m2 > 0, "the means", "both above 0 or both below")
    return Effect(np.log(m1 / m2), sd1**2 / (n1 * m1**2) + sd2**2 / (n2 * m2**2))


# --- Counts ------------------------------------------------------------------------------------------------------


def risk_ratio(a: ArrayLike, n1: ArrayLike, c: ArrayLike, n2: ArrayLike) -> Effect:
    """RR = log((a/n1) / (c/n2)), events ``a`` of ``n1`` and ``c`` of ``n2``; v = 1/a - 1/n1 + 1/c - 1/n2.

    A study with a zero cell gets 1/2 in all four; one without any event stays in, with the ratio of its group sizes.

    >>> [round(float(x), 6) for x in risk_ratio(4, 123, 11, 139)]
    [-0.889311, 0.325585]
    """
    a, b, c, d = _filled(*_table(a, n1, c, n2))
    return Effect(np.log(a / (a + b)) - np.log(c / (c + d)), 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))


def odds_ratio(a: ArrayLike, n1: ArrayLike, c: ArrayLike, n2: ArrayLike) -> Effect:
    """OR = log(a d / (b c)) with b = n1 - a and d = n2 - c; v = 1/a + 1/b + 1/c + 1/d (Woolf 1955). Zeros as in RR.

    >>> [round(float(x), 6) for x in odds_ratio(4, 123, 11, 139)]
    [-0.938694, 0.357125]
    """
    a, b, c, d = _filled(*_table(a, n1, c, n2))
    return Effect(np.log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d)


def risk_difference(a: ArrayLike, n1: ArrayLike, c: ArrayLike, n2: ArrayLike) -> Effect:
    """RD = p1 - p2; v = p1 (1 - p1) / n1 + p2 (1 - p2) / n2. Zeros as in RR: metafor adds 1/2 here too.

    >>> [round(float(x), 6) for x in risk_difference(4, 123, 11, 139)]
    [-0.046616, 0.00078]
    """
    a, b, c, d = _filled(*_table(a, n1, c, n2))
    n1, n2 = a + b, c + d
    return Effect(a / n1 - c / n2, a * b / n1**3 + c * d / n2**3)


def _table(a: ArrayLike, n1: ArrayLike, c: ArrayLike, n2: ArrayLike) -> tuple[Array, Array, Array, Array]:
    a, n1, c, n2 = _arrays(a, n1, c, n2)
    _need((n1 > 0) & (n2 > 0), "the groups", "at least one person in each")
    _need((a >= 0) & (a <= n1) & (c >= 0) & (c <= n2), "the events", "from 0 to the size of their group")
    return a, n1 - a, c, n2 - c


def _filled(a: Array, b: Array, c: Array, d: Array) -> tuple[Array, Array, Array, Array]:
    """1/2 in every cell of the tables that have an empty one."""
    half = np.where((a == 0) | (b == 0) | (c == 0) | (d == 0), 0.5, 0.0)
    return a + half, b + half, c + half, d + half


# --- Correlations ------------------------------------------------------------------------------------------------


def correlation(r: ArrayLike, n: ArrayLike) -> Effect:
    """COR = r; v = (1 - r²)² / (n - 1).

    >>> [round(float(x), 6) for x in correlation(0.5, 31)]
    [0.5, 0.01875]
    """
    r, n = _correlated(r, n)
    return Effect(r, (1 - r**2) ** 2 / (n - 1))


def fisher_z(r: ArrayLike, n: ArrayLike) -> Effect:
    """ZCOR = artanh r; v = 1 / (n - 3) (Fisher 1921).

    >>> [round(float(x), 6) for x in fisher_z(0.5, 31)]
    [0.549306, 0.035714]
    """
    r, n = _correlated(r, n)
    return Effect(np.arctanh(r), 1 / (n - 3))


def _correlated(r: ArrayLike, n: ArrayLike) -> tuple[Array, Array]:
    r, n = _arrays(r, n)
    _need(np.abs(r) < 1, "a correlation", "between -1 and 1")
    _need(n > 3, "the sample", "4 people or more")
    return r, n


# --- One group measured twice ------------------------------------------------------------------------------------


def mean_change(m1: ArrayLike, sd1: ArrayLike, m2: ArrayLike, sd2: ArrayLike, n: ArrayLike, r: ArrayLike) -> Effect:
    """MC = m1 - m2 of the same ``n`` people, at two times or in the two periods of a crossover.

    v = (sd1² + sd2² - 2 r sd1 sd2) / n; ``r``, the correlation of the two, must be stated: trials seldom print it.
    A crossover is read as free of carry-over and of period effects.

    >>> [round(float(x), 6) for x in mean_change(5.2, 1.9, 4.1, 2.1, 12, 0.5)]
    [1.1, 0.335833]
    """
    m1, sd1, m2, sd2, n, r = _twice(m1, sd1, m2, sd2, n, r)
    return Effect(m1 - m2, _change_variance(sd1, sd2, r) / n)


def standardised_change(
    m1: ArrayLike, sd1: ArrayLike, m2: ArrayLike, sd2: ArrayLike, n: ArrayLike, r: ArrayLike, *, by: str = "change"
) -> Effect:
    """A change over a standard deviation, with Hedges' correction J(n - 1); ``r`` must be stated.

    ``by="change"`` (metafor's SMCC): over the sd of the changes; v = 1/n + g²/(2n) (Gibbons et al. 1993).
    ``by="raw"`` (SMCR): over ``sd1``; v = 2(1 - r)/n + g²/(2n) (Becker 1988). They are on different scales: never pool
    them together, nor either with an SMD of two groups.

    >>> [round(float(x), 6) for x in standardised_change(5.2, 1.9, 4.1, 2.1, 12, 0.5, by="raw")]
    [0.538398, 0.095411]
    """
    m1, sd1, m2, sd2, n, r = _twice(m1, sd1, m2, sd2, n, r)
    j = hedges_correction(n - 1)
    if by == "change":
        g = j * (m1 - m2) / np.sqrt(_change_variance(sd1, sd2, r))
        return Effect(g, 1 / n + g**2 / (2 * n))
    if by == "raw":
        g = j * (m1 - m2) / sd1
        return Effect(g, 2 * (1 - r) / n + g**2 / (2 * n))
    raise PoolError(f"unknown way to standardise a change; given: {by!r}; allowed: change, raw")


def ratio_of_means_change(
    m1: ArrayLike, sd1: ArrayLike, m2: ArrayLike, sd2: ArrayLike, n: ArrayLike, r: ArrayLike
) -> Effect:
    """ROMC = log(m1 / m2) of the same people; v as for ROM, less 2 r sd1 sd2 / (n m1 m2) (Lajeunesse 2011).

    >>> [round(float(x), 6) for x in ratio_of_means_change(5.2, 1.9, 4.1, 2.1, 12, 0.5)]
    [0.237672, 0.017392]
    """
    m1, sd1, m2, sd2, n, r = _twice(m1, sd1, m2, sd2, n, r)
    _need(m1 * m2 > 0, "the means", "both above 0 or both below")
    squares = sd1**2 / m1**2 + sd2**2 / m2**2 - 2 * r * sd1 * sd2 / (m1 * m2)
    return Effect(np.log(m1 / m2), squares / n)


def crossover_difference(
    m1: ArrayLike, sd1: ArrayLike, m2: ArrayLike, sd2: ArrayLike, n: ArrayLike, r: ArrayLike
) -> Effect:
    """The SMD of a crossover on the scale of two groups: d over the root mean square of both sds.

    v = (1/n + d²/(2n)) · 2(1 - r), without correction (Cochrane Handbook 6, 23.2.7). Assumes no carry-over, and that
    ``r`` is that between the two periods. Checked by hand; metafor has no such measure.

    >>> [round(float(x), 6) for x in crossover_difference(5.2, 1.9, 4.1, 2.1, 12, 0.5)]
    [0.549314, 0.095906]
    """
    m1, sd1, m2, sd2, n, r = _twice(m1, sd1, m2, sd2, n, r)
    d = (m1 - m2) / np.sqrt((sd1**2 + sd2**2) / 2)
    return Effect(d, (1 / n + d**2 / (2 * n)) * 2 * (1 - r))


def sd_of_change(sd1: ArrayLike, sd2: ArrayLike, r: ArrayLike) -> Array:
    """The sd of changes from those before and after, and their stated correlation: for MD or SMD of changes.

    >>> float(sd_of_change(3, 4, 0.5).round(6))
    3.605551
    """
    sd1, sd2, r = _arrays(sd1, sd2, r)
    _need(np.abs(r) < 1, "the correlation", "between -1 and 1")
    return np.sqrt(_change_variance(sd1, sd2, r))


def _change_variance(sd1: Array, sd2: Array, r: Array) -> Array:
    return sd1**2 + sd2**2 - 2 * r * sd1 * sd2


def _twice(*given: ArrayLike) -> tuple[Array, Array, Array, Array, Array, Array]:
    m1, sd1, m2, sd2, n, r = _arrays(*given)
    _need((sd1 > 0) & (sd2 > 0), "a standard deviation", "above 0")
    _need(n > 2, "the group", "3 people or more")
    _need(np.abs(r) < 1, "the correlation", "between -1 and 1")
    return m1, sd1, m2, sd2, n, r


def _groups(*given: ArrayLike) -> tuple[Array, Array, Array, Array, Array, Array]:
    m1, sd1, n1, m2, sd2, n2 = _arrays(*given)
    _need((sd1 > 0) & (sd2 > 0), "a standard deviation", "above 0")
    _need((n1 > 0) & (n2 > 0) & (n1 + n2 > 3), "the groups", "a person in each and 4 in all")
    return m1, sd1, n1, m2, sd2, n2


def _arrays(*given: ArrayLike) -> tuple[Array, ...]:
    arrays = tuple(np.broadcast_arrays(*[np.asarray(one, dtype=np.float64) for one in given]))
    for one in arrays:
        _need(np.abs(one) <= LARGEST, "a number", f"within ±{LARGEST:g}")
    return arrays


def _need(holds: NDArray[np.bool_] | np.bool_, what: str, allowed: str) -> None:
    holds = np.atleast_1d(holds)
    if not holds.all():
        raise PoolError(f"study {int(np.argmin(holds)) + 1}: {what} cannot be used; allowed: {allowed}")
