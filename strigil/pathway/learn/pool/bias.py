"""Whether small studies say something else than large ones: Egger, Begg, trim and fill.

None of them shows that results were withheld, and with fewer than ten studies none of them has much power (Sterne et
al. 2011, BMJ 343:d4002). Checked against metafor 3.8-1 (``regtest``, ``ranktest``, ``trimfill``) on six of its data
sets: 8 digits or more.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from strigil.pathway.learn.pool import distributions as d
from strigil.pathway.learn.pool.columns import Array
from strigil.pathway.learn.pool.model import Pooled, PoolError, checked, pool
from strigil.pathway.learn.pool.regression import regress


@dataclass(frozen=True, slots=True)
class Egger:
    """``limit`` is the effect that a study without error would have; ``df`` is ``None`` where z is normal."""

    statistic: float
    df: int | None
    p: float
    limit: float


def egger(yi: Sequence[float] | Array, vi: Sequence[float] | Array, *, method: str = "") -> Egger:
    """Effects on their standard errors, at least three studies (Egger et al. 1997, BMJ 315:629-634).

    Without ``method``: the classical weighted regression with one factor for the spread (t, k - 2 degrees). With one,
    such as ``REML``: a meta-regression with tau² between studies (z).

    >>> one = egger([0.9, 0.5, 0.4, 0.3], [0.25, 0.09, 0.04, 0.01])
    >>> round(one.statistic, 4), one.df, round(one.limit, 4)
    (6.5646, 2, 0.1664)
    """
    columns = checked(yi, vi)
    y, v, k = columns.y[:, 0], columns.v[:, 0], columns.y.shape[0]
    if k < 3:
        raise PoolError(f"a line through the effects needs three studies; given: {k}")
    if np.ptp(v) <= 1e-12 * v.max():
        raise PoolError("all studies have the same error, so that nothing can depend on it")
    fitted = regress(y, v, {"se": np.sqrt(v)}, method=method or "EE")
    slope, error = float(fitted.estimate[1]), float(fitted.se[1])
    if method:
        z = slope / error
        return Egger(z, None, d.normal_two_sided(z), float(fitted.estimate[0]))
    spread = math.sqrt(fitted.q / (k - 2))
    if spread < 1e-12:
        raise PoolError("the effects lie on a line to the last digit, so that the test has no error to go by")
    t = slope / (error * spread)
    return Egger(t, k - 2, d.t_two_sided(t, k - 2), float(fitted.estimate[0]))


@dataclass(frozen=True, slots=True)
class Begg:
    """Kendall's tau of effects and variances; ``exact`` where the p counts all orders."""

    tau: float
    p: float
    exact: bool


def begg(yi: Sequence[float] | Array, vi: Sequence[float] | Array) -> Begg:
    """Rank correlation of standardised effects and variances (Begg & Mazumdar 1994, Biometrics 50:1088-1101).

    Without ties the p is exact; with ties it is the normal approximation, as in R's ``cor.test``.

    >>> begg([0.9, 0.5, 0.4, 0.3], [0.25, 0.09, 0.04, 0.01])
    Begg(tau=1.0, p=0.08333333333333333, exact=True)
    """
    columns = checked(yi, vi)
    y, v, k = columns.y[:, 0], columns.v[:, 0], columns.y.shape[0]
    if k < 3:
        raise PoolError(f"ranks say something from three studies on; given: {k}")
    common = pool(y, v, method="EE")
    spread = v - common.se**2
    standard = (y - common.estimate) / np.sqrt(spread)
    return _kendall(standard, v)


def _kendall(a: Array, b: Array) -> Begg:
    k = a.size
    score = sum(float((np.sign(a[i + 1 :] - a[i]) * np.sign(b[i + 1 :] - b[i])).sum()) for i in range(k - 1))
    ties_a, ties_b = _ties(a), _ties(b)
    pairs = k * (k - 1) / 2
    in_a, in_b = (float((ties * (ties - 1)).sum()) / 2 for ties in (ties_a, ties_b))
    if in_a == pairs or in_b == pairs:
        raise PoolError("all effects or all variances are the same, so that they have no order")
    tau = score / math.sqrt((pairs - in_a) * (pairs - in_b))
    if in_a == 0 == in_b:
        return Begg(tau, _exact_p(round((score + pairs) / 2), k), True)
    cubes = sum(float((ties * (ties - 1) * (2 * ties + 5)).sum()) for ties in (ties_a, ties_b))
    triples_a, triples_b = (float((ties * (ties - 1) * (ties - 2)).sum()) for ties in (ties_a, ties_b))
    variance = (k * (k - 1) * (2 * k + 5) - cubes) / 18 + 2 * in_a * in_b / (k * (k - 1))
    variance += triples_a * triples_b / (9 * k * (k - 1) * (k - 2))
    return Begg(tau, d.normal_two_sided(score / math.sqrt(variance)), False)


def _ties(values: Array) -> Array:
    return np.unique(values, return_counts=True)[1].astype(np.float64)


def _exact_p(concordant: int, k: int) -> float:
    """Twice the smaller tail of the number of pairs in the same order, over all orders of k things."""
    share = np.ones(1)
    for n in range(2, k + 1):
        share = np.convolve(share, np.full(n, 1 / n))
    total = k * (k - 1) // 2
    tail = min(concordant, total - concordant)
    return min(1.0, 2 * float(share[: tail + 1].sum()))


@dataclass(frozen=True, slots=True)
class Filled:
    """The estimate with ``missing`` studies added on one ``side``; ``yi`` and ``vi`` are theirs."""

    missing: int
    side: str
    pooled: Pooled
    yi: Array
    vi: Array


def trim_and_fill(
    yi: Sequence[float] | Array,
    vi: Sequence[float] | Array,
    *,
    method: str = "REML",
    test: str = "z",
    estimator: str = "L0",
) -> Filled:
    """Studies mirrored until effects are symmetric (Duval & Tweedie 2000, Biometrics 56:455-463; L0 or R0).

    A what-if, not a correction. The side is where the slope of Egger's line says that studies are missing.

    >>> filled = trim_and_fill([0.9, 0.7, 0.4, 0.35, 0.3], [0.25, 0.16, 0.04, 0.02, 0.01])
    >>> filled.missing, filled.side, round(filled.pooled.estimate, 4)
    (2, 'left', 0.3286)
    """
    columns = checked(yi, vi)
    y, v, k = columns.y[:, 0], columns.v[:, 0], columns.y.shape[0]
    if estimator not in ("L0", "R0"):
        raise PoolError(f"unknown estimator; given: {estimator!r}; allowed: L0, R0")
    if k < 3:
        raise PoolError(f"trimming needs three studies; given: {k}")
    even = np.ptp(v) <= 1e-12 * v.max()
    right = not even and float(regress(y, v, {"se": np.sqrt(v)}, method=method).estimate[1]) < 0
    sign = -1.0 if right else 1.0
    order = np.argsort(sign * y, kind="stable")
    y, v = sign * y[order], v[order]
    missing, center = 0, 0.0
    for _ in range(100):
        center = pool(y[: k - missing], v[: k - missing], method=method).estimate
        before, missing = missing, _count(y - center, estimator)
        if missing == before:
            break
    extra, extra_v = 2 * center - y[k - missing :], v[k - missing :]
    pooled = pool(sign * np.concatenate([y, extra]), np.concatenate([v, extra_v]), method=method, test=test)
    return Filled(missing, "right" if right else "left", pooled, sign * extra, extra_v)


def _count(residual: Array, estimator: str) -> int:
    """How many of the largest effects have no counterpart; two are always kept."""
    k = residual.size
    ranks = np.empty(k)
    ranks[np.argsort(np.abs(residual), kind="stable")] = np.arange(1, k + 1)
    if estimator == "R0":
        low = ranks[residual < 0]
        number = k - float(low.max()) - 1 if low.size else float(k)
    else:
        high = float(ranks[residual > 0].sum())
        number = (4 * high - k * (k + 1)) / (2 * k - 1)
    return min(max(0, round(number)), k - 2)
