"""Meta-regression: effects that depend on what is known of each study, and pooling by groups.

With X (k × p, its first column 1), W = diag(1 / (v + tau²)) and M = (X'WX)^-1: b = M X'W y, cov(b) = M, times
Q(tau²) / (k - p) for ``knha`` and ``adhoc`` (never below 1 there). tau² as in ``tau2``, with P = W - W X M X' W and
k - p degrees of freedom; every peak of a likelihood is looked for in the same way. Sources: Viechtbauer 2005;
Viechtbauer et al. 2015, Psychol Methods 20:360-374. Checked against metafor 3.8-1 (its trials of BCG by latitude and
year): 8 digits or more for every method and test.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from strigil.pathway.learn.pool import distributions as d
from strigil.pathway.learn.pool.columns import Array
from strigil.pathway.learn.pool.model import Pooled, PoolError, check_choice, checked, p_value, pool, quantile
from strigil.pathway.learn.pool.tau2 import METHODS


@dataclass(frozen=True, slots=True)
class Regressed:
    """Coefficients in the order of ``names``, the intercept first; ``q_model`` tests all the others at once.

    ``r2``: percent of tau² that the moderators take away, ``None`` where it cannot be had.
    """

    k: int
    names: tuple[str, ...]
    method: str
    test: str
    estimate: Array
    se: Array
    ci_low: Array
    ci_high: Array
    p: Array
    tau2: float
    i2: float
    h2: float
    q: float
    q_p: float
    q_model: float
    q_model_p: float
    r2: float | None
    log_likelihood: float
    covariance: Array
    hat: Array


@dataclass(frozen=True, slots=True)
class _Fit:
    """Everything at one tau², in the rotated columns of X."""

    w: Array
    m: Array
    b: Array
    residual: Array
    q: float


class _Model:
    """y, v and X with its columns made orthogonal, so that no moderator's unit costs digits."""

    def __init__(self, y: Array, v: Array, x: Array) -> None:
        self.y, self.v = y, v
        self.x, self.back = np.linalg.qr(x)
        self.k, self.p = int(x.shape[0]), int(x.shape[1])

    def at(self, tau2: float) -> _Fit:
        w = 1 / (self.v + tau2)
        m = np.linalg.inv(self.x.T @ (w[:, None] * self.x))
        b = m @ (self.x.T @ (w * self.y))
        residual = self.y - self.x @ b
        return _Fit(w, m, b, residual, float((w * residual * residual).sum()))

    def trace(self, at: _Fit, power: int) -> Array:
        """X' W^power X, by which traces of P follow."""
        out: Array = self.x.T @ ((at.w**power)[:, None] * self.x)
        return out

    def slope(self, tau2: float, restricted: bool) -> tuple[float, float, float]:
        at = self.at(tau2)
        wr = at.w * at.residual
        inner = self.x.T @ (at.w * wr)
        bend = float((at.w * wr * wr).sum() - inner @ at.m @ inner)
        squares, w2 = float((wr * wr).sum()), float((at.w * at.w).sum())
        if not restricted:
            return squares - float(at.w.sum()), w2 - 2 * bend, w2
        share = at.m @ self.trace(at, 2)
        information = w2 - 2 * float(np.trace(at.m @ self.trace(at, 3))) + float(np.trace(share @ share))
        return squares - float(at.w.sum()) + float(np.trace(share)), information - 2 * bend, information

    def log_likelihood(self, tau2: float, restricted: bool) -> float:
        at = self.at(tau2)
        value = -0.5 * (self.k * math.log(2 * math.pi) - float(np.log(at.w).sum()) + at.q)
        if restricted:
            value += 0.5 * (self.p * math.log(2 * math.pi) + float(np.linalg.slogdet(at.m)[1]))
        return float(value)

    def trace_p(self, at: _Fit) -> float:
        return float(at.w.sum() - np.trace(at.m @ self.trace(at, 2)))


def design(columns: dict[str, ArrayLike], k: int) -> tuple[Array, tuple[str, ...]]:
    """X with its intercept, from named moderators: one number for each study; center them for a readable intercept."""
    x = np.column_stack([np.ones(k), *[np.asarray(one, dtype=np.float64) for one in columns.values()]])
    return x, ("intercept", *columns)


def dummies(groups: Sequence[Hashable]) -> dict[str, ArrayLike]:
    """0/1 columns for each group but the first, which the intercept stands for.

    >>> sorted(dummies(["sham", "none", "none"]))
    ['none']
    """
    names = list(dict.fromkeys(groups))
    return {str(name): np.array([one == name for one in groups], dtype=np.float64) for name in names[1:]}


def regress(
    yi: Sequence[float] | Array,
    vi: Sequence[float] | Array,
    moderators: dict[str, ArrayLike],
    *,
    method: str = "REML",
    test: str = "z",
    level: float = 0.95,
) -> Regressed:
    """Effects ``yi`` with variances ``vi`` on named moderators (each k numbers).

    >>> dose = regress([0.1, 0.4, 0.5, 0.9], [0.04, 0.03, 0.05, 0.04], {"minutes": [1, 3, 5, 8]}, method="DL")
    >>> dose.names, dose.estimate.round(4).tolist(), dose.tau2
    (('intercept', 'minutes'), [0.02, 0.1089], 0.0)
    """
    check_choice(method, test, level)
    columns = checked(yi, vi)
    y, v = columns.y[:, 0], columns.v[:, 0]
    x, names = design(moderators, y.size)
    _check_design(x, names)
    model = _Model(y, v, x)
    tau2 = _tau2(model, method)
    at, at0 = model.at(tau2), model.at(0.0)
    df = model.k - model.p
    factor = 1.0 if test == "z" else at.q / df
    factor = max(factor, 1.0) if test == "adhoc" else factor
    turn = np.linalg.inv(model.back)
    b, covariance = turn @ at.b, factor * (turn @ at.m @ turn.T)
    se = np.sqrt(np.diag(covariance))
    reach = quantile(test, df, level)
    i2, h2 = _heterogeneity(model, at0, tau2, method)
    q_model, q_model_p = _all_moderators(b, covariance, test, df)
    return Regressed(
        k=model.k,
        names=names,
        method=method,
        test=test,
        estimate=b,
        se=se,
        ci_low=b - reach * se,
        ci_high=b + reach * se,
        p=np.array([p_value(float(one), float(error), test, df) for one, error in zip(b, se, strict=True)]),
        tau2=tau2,
        i2=i2,
        h2=h2,
        q=at0.q,
        q_p=d.chi2_upper(at0.q, df),
        q_model=q_model,
        q_model_p=q_model_p,
        r2=_r2(y, v, tau2, method),
        log_likelihood=model.log_likelihood(tau2, method == "REML"),
        covariance=covariance,
        hat=np.einsum("ij,jk,ik->i", model.x, at.m, model.x) * at.w,
    )


def _check_design(x: Array, names: tuple[str, ...]) -> None:
    k, p = x.shape
    if not np.isfinite(x).all():
        study, column = (int(place[0]) for place in np.nonzero(~np.isfinite(x)))
        raise PoolError(f"study {study + 1}: {names[column]} is not a number; leave the study out or find the number")
    if k <= p:
        raise PoolError(f"{p} coefficients need more than {p} studies; given: {k}")
    size = np.abs(x).max(axis=0)
    if (size == 0).any() or np.linalg.matrix_rank(x / size) < p:
        raise PoolError(f"the moderators cannot be told apart; given: {', '.join(names[1:])}")


def _all_moderators(b: Array, covariance: Array, test: str, df: int) -> tuple[float, float]:
    """Wald's test of all coefficients but the intercept; of the intercept where there is nothing else."""
    chosen = slice(1, None) if b.size > 1 else slice(0, None)
    part = b[chosen]
    if not np.diag(covariance)[chosen].all():
        return math.inf, 0.0
    q = float(part @ np.linalg.solve(covariance[chosen, chosen], part))
    if test == "z":
        return q, d.chi2_upper(q, part.size)
    return q / part.size, d.f_upper(q / part.size, part.size, df)


def _heterogeneity(model: _Model, at0: _Fit, tau2: float, method: str) -> tuple[float, float]:
    df = model.k - model.p
    if method == "EE":
        return (max(0.0, 100 * (at0.q - df) / at0.q) if at0.q > 0 else 0.0), at0.q / df
    typical = df / model.trace_p(at0)
    return 100 * tau2 / (typical + tau2), tau2 / typical + 1


def _r2(y: Array, v: Array, tau2: float, method: str) -> float | None:
    """100 (1 - tau² / tau² without moderators), not below 0."""
    if method == "EE":
        return None
    without = pool(y, v, method=method).tau2
    return max(0.0, 100 * (without - tau2) / without) if without > 0 else None


# --- tau² with moderators ----------------------------------------------------------------------------------------


def _tau2(model: _Model, method: str) -> float:
    if method not in METHODS or method == "EE":
        return 0.0
    df, at0 = model.k - model.p, model.at(0.0)
    plain = model.y - model.x @ (model.x.T @ model.y)
    square = float(plain @ plain)
    leverage = (model.x * model.x).sum(axis=1)
    if method == "DL":
        return max(0.0, (at0.q - df) / model.trace_p(at0))
    if method == "HS":
        return max(0.0, (at0.q - model.k) / float(at0.w.sum()))
    if method == "HE":
        return max(0.0, (square - float((model.v * (1 - leverage)).sum())) / df)
    if method == "SJ":
        start = float(((model.y - model.y.mean()) ** 2).mean())
        return float(start * model.at(start).q / df) if start > 0 else 0.0
    if method in ("PM", "EB"):
        return _bisect(lambda tau2: model.at(tau2).q - df, 0.0, square / df * (1 + 1e-9)) if at0.q > df else 0.0
    return _highest(model, square, method == "REML")


def _highest(model: _Model, square: float, restricted: bool) -> float:
    """The highest peak among all that a grid of powers of two tells apart, as ``tau2`` looks for them."""
    if square == 0:
        return 0.0
    mean_square = square / (model.k - model.p)
    high = (mean_square + math.sqrt(mean_square * (mean_square + 4 * float(model.v.max())))) / 2 * 1.001
    low = max(min(float(model.v.min()) / 10, high / 2), high * 1e-30)
    points = np.concatenate([[0.0], np.geomspace(low, high, max(2, math.ceil(math.log2(high / low)) + 1))])
    slopes = [model.slope(float(tau2), restricted)[0] for tau2 in points]
    peaks = [0.0] if slopes[0] <= 0 else []
    for place in range(len(points) - 1):
        if slopes[place] > 0 >= slopes[place + 1]:
            peaks.append(_bisect(lambda tau2: model.slope(tau2, restricted)[0], points[place], points[place + 1]))
    return max(peaks or [0.0], key=lambda tau2: model.log_likelihood(tau2, restricted))


def _bisect(falling: Callable[[float], float], low: float, high: float) -> float:
    """The root of a function that goes from above 0 to below: secants kept in their bracket (Illinois), then halves."""
    below, above, kept = falling(low), falling(high), ""
    for turn in range(200):
        x = (low * above - high * below) / (above - below) if turn < 60 and above != below else (low + high) / 2
        if not low < x < high:
            x = (low + high) / 2
        value = falling(x)
        if value == 0 or high - low <= 1e-15 * high or x in (low, high):
            return x
        if value > 0:
            low, below, above = x, value, above / 2 if kept == "high" else above
            kept = "high"
        else:
            high, above, below = x, value, below / 2 if kept == "low" else below
            kept = "low"
    return (low + high) / 2


# --- By groups ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Grouped:
    """One pooled estimate for each group, each with its own tau², and the test that they differ."""

    groups: dict[Hashable, Pooled]
    q: float
    q_df: int
    q_p: float | None


def by_group(
    yi: Sequence[float] | Array,
    vi: Sequence[float] | Array,
    groups: Sequence[Hashable],
    *,
    method: str = "REML",
    test: str = "z",
    level: float = 0.95,
) -> Grouped:
    """Pool each group by itself; Q = sum((estimate - mean)² / se²) over groups has chi-squared with one less degree.

    Borenstein et al. 2009, chapter 19, with separate tau². With ``knha`` the groups' errors hold its factor, which the
    test takes as known: with few studies in a group it is too ready to find a difference. A group of one study takes
    part with its own error, in which differences between studies are missing.

    >>> two = by_group([0.1, 0.2, 0.8, 0.9], [0.04, 0.04, 0.04, 0.04], ["a", "a", "b", "b"])
    >>> two.q_df, round(two.q, 4), round(two.q_p, 4)
    (1, 12.25, 0.0005)
    """
    y, v = np.asarray(yi, dtype=np.float64), np.asarray(vi, dtype=np.float64)
    if len(groups) != y.size:
        raise PoolError(f"one group for each study; given: {len(groups)} for {y.size} studies")
    checked(y, v)
    pooled: dict[Hashable, Pooled] = {}
    for name in dict.fromkeys(groups):
        chosen: NDArray[np.bool_] = np.array([one == name for one in groups])
        pooled[name] = pool(y[chosen], v[chosen], method=method, test=test, level=level)
    df = len(pooled) - 1
    errors = np.array([one.se for one in pooled.values()])
    if df < 1 or not errors.all():
        return Grouped(pooled, 0.0, df, None)
    means, w = np.array([one.estimate for one in pooled.values()]), 1 / errors**2
    q = float((w * (means - (w * means).sum() / w.sum()) ** 2).sum())
    return Grouped(pooled, q, df, d.chi2_upper(q, df))
