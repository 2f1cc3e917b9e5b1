"""Several effects in one study: a model of three levels, and errors that hold whatever the effects share.

y_ij = mean + u_j + e_ij + sampling error, var u = between studies, var e = between effects of a study. (Restricted)
likelihood over both variances; every peak of a grid in powers of four is climbed, and the highest taken. Sources:
Konstantopoulos 2011, Res Synth Methods 2:61-76; Hedges, Tipton & Johnson 2010, Res Synth Methods 1:39-65; Tipton 2015,
Psychol Methods 20:375-393 (CR2). Checked against metafor 3.8-1 (``rma.mv``, ``robust``) and clubSandwich 0.5.8 on two
data sets: the likelihood never lower than its, the estimate, its errors and the variances to 6 digits, where its
optimiser stops.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from strigil.pathway.learn.pool import distributions as d
from strigil.pathway.learn.pool.columns import Array
from strigil.pathway.learn.pool.model import PoolError, checked, p_value, quantile

ROBUST = ("", "CR0", "CR1", "CR2")


@dataclass(frozen=True, slots=True)
class Levels:
    """``between``: variance between studies; ``within``: between effects of a study; both in squared units."""

    k: int
    studies: int
    method: str
    robust: str
    estimate: float
    se: float
    ci_low: float
    ci_high: float
    p: float
    df: float
    """Degrees of freedom of the t test; infinite without robust errors."""
    between: float
    within: float
    q: float
    q_p: float
    log_likelihood: float


@dataclass(frozen=True, slots=True)
class _Data:
    y: Array
    v: Array
    study: np.ndarray[tuple[int], np.dtype[np.intp]]
    studies: int
    restricted: bool

    def by_study(self, values: Array) -> Array:
        return np.bincount(self.study, values, self.studies).astype(np.float64, copy=False)


def pool_levels(
    yi: Sequence[float] | Array,
    vi: Sequence[float] | Array,
    study: Sequence[Hashable],
    *,
    method: str = "REML",
    robust: str = "",
    level: float = 0.95,
) -> Levels:
    """Pool effects ``yi`` with independent errors ``vi`` that belong to ``study``, one name for each effect.

    ``robust``: errors that hold where effects of a study are correlated in another way too. None (z); ``CR0`` (the
    sandwich) or ``CR1`` (it, times studies / (studies - 1)), both with t and studies - 1 degrees; ``CR2``, unbiased
    under the model, with Satterthwaite's degrees: the one to take with few studies.

    >>> one = pool_levels([0.1, 0.3, 0.8, 0.9, 0.2], [0.02, 0.02, 0.03, 0.03, 0.01], ["a", "a", "b", "b", "c"])
    >>> round(one.estimate, 4), round(one.between, 4), one.within
    (0.4115, 0.1258, 0.0)
    """
    columns = checked(yi, vi)
    if method not in ("ML", "REML"):
        raise PoolError(f"unknown method; given: {method!r}; allowed: ML, REML")
    if robust not in ROBUST:
        raise PoolError(f"unknown robust error; given: {robust!r}; allowed: CR0, CR1, CR2, or none")
    names = {name: place for place, name in enumerate(dict.fromkeys(study))}
    if len(study) != columns.y.shape[0]:
        raise PoolError(f"one study for each effect; given: {len(study)} for {columns.y.shape[0]} effects")
    if len(names) < 2:
        raise PoolError("effects of one study say nothing of how studies differ; allowed: two studies or more")
    number = np.array([names[name] for name in study], dtype=np.intp)
    y = columns.y[:, 0]
    data = _Data(y, columns.v[:, 0], number, len(names), method == "REML")
    between, within = _highest(data)
    return _pooled(data, between, within, method, robust, level)


def _pooled(data: _Data, between: float, within: float, method: str, robust: str, level: float) -> Levels:
    w, shrink, total, mean = _mean(data, between, within)
    m, k = data.studies, data.y.size
    se, test, df = 1 / math.sqrt(total), "z", math.inf
    if robust == "CR2":
        (se, df), test = _unbiased(data, between, within, total, mean), "t"
    elif robust:
        in_study = data.by_study(w * (data.y - mean)) * shrink
        factor = m / (m - 1) if robust == "CR1" else 1.0
        se, test, df = math.sqrt(factor * float((in_study * in_study).sum())) / total, "t", m - 1
    reach = quantile(test, df, level)
    w0 = 1 / data.v
    q = float((w0 * (data.y - (w0 * data.y).sum() / w0.sum()) ** 2).sum())
    return Levels(
        k=k,
        studies=m,
        method=method,
        robust=robust,
        estimate=mean,
        se=se,
        ci_low=mean - reach * se,
        ci_high=mean + reach * se,
        p=p_value(mean, se, test, df),
        df=df,
        between=between,
        within=within,
        q=q,
        q_p=d.chi2_upper(q, k - 1),
        log_likelihood=_likelihood(data, between, within),
    )


def _unbiased(data: _Data, between: float, within: float, total: float, mean: float) -> tuple[float, float]:
    """CR2's error of the mean, and Satterthwaite's degrees of freedom.

    For study j with V = D'D, residuals have the variance V - 1 1' / total under the model: they are stretched by
    A = D' B^-1/2 D with B = D (V - 1 1' / total) D', so that their squares are right in the mean.
    """
    sums, pulls = np.empty(data.studies), np.empty(data.studies)
    squares = np.empty(data.studies)
    for study in range(data.studies):
        mine = data.study == study
        variance = np.diag(data.v[mine] + within) + between
        d_upper = np.linalg.cholesky(variance).T
        values, vectors = np.linalg.eigh(d_upper @ (variance - 1 / total) @ d_upper.T)
        root = np.where(values > 1e-12 * values.max(), values, np.inf) ** -0.5
        stretch = d_upper.T @ (vectors * root) @ vectors.T @ d_upper
        pull = stretch @ np.linalg.solve(variance, np.ones(int(mine.sum()))) / total
        sums[study] = pull @ (data.y[mine] - mean)
        pulls[study] = pull.sum()
        squares[study] = pull @ variance @ pull
    # Under the model the sums have covariance diag(squares) - pulls pulls' / total: the mean is shared.
    spread = np.diag(squares) - np.outer(pulls, pulls) / total
    return math.sqrt(float((sums * sums).sum())), float(np.trace(spread) ** 2 / (spread * spread).sum())


def _mean(data: _Data, between: float, within: float) -> tuple[Array, Array, float, float]:
    """Weights inside a study, what each study's sum shrinks by, 1' V^-1 1, and the mean."""
    w = 1 / (data.v + within)
    sums = data.by_study(w)
    shrink = 1 / (1 + between * sums)
    total = float((sums * shrink).sum())
    return w, shrink, total, float((data.by_study(w * data.y) * shrink).sum()) / total


def _likelihood(data: _Data, between: float, within: float) -> float:
    """V of a study is diag(v + within) + between 1 1': its inverse and determinant in closed form."""
    w, shrink, total, mean = _mean(data, between, within)
    residual = data.y - mean
    of_study = data.by_study(w * residual)
    q = float((w * residual * residual).sum() - between * (shrink * of_study**2).sum())
    logdet = -float(np.log(w).sum()) - float(np.log(shrink).sum())
    value = -0.5 * ((data.y.size - data.restricted) * math.log(2 * math.pi) + logdet + q)
    return value + 0.5 * (math.log(data.y.size) - math.log(total)) if data.restricted else value


def _highest(data: _Data) -> tuple[float, float]:
    """Both variances at the highest likelihood: peaks of a grid, each climbed."""
    largest = float(np.var(data.y)) + float(data.v.max())
    points = np.concatenate([[0.0], np.geomspace(min(float(data.v.min()) / 8, largest / 64), 4 * largest, 16)])
    grid = np.array([[_likelihood(data, b, w) for w in points] for b in points])
    padded = np.pad(grid, 1, constant_values=-np.inf)
    around = np.max(
        [padded[1 + i : 18 + i, 1 + j : 18 + j] for i, j in product((-1, 0, 1), repeat=2) if i or j], axis=0
    )
    starts = [(float(points[i]), float(points[j])) for i, j in zip(*np.nonzero(grid >= around), strict=True)]
    climbed = [_climb(data, *start) for start in starts]
    return max(climbed, key=lambda pair: _likelihood(data, *pair))


def _climb(data: _Data, between: float, within: float) -> tuple[float, float]:
    """Newton steps on both variances, none below 0, halved until the likelihood does not fall."""
    at = np.array([between, within])
    value = _likelihood(data, *at)
    for _ in range(100):
        slope, information = _slope(data, *at)
        free = (at > 0) | (slope > 0)
        step = np.zeros(2)
        if free.any():
            step[free] = np.linalg.solve(information[np.ix_(free, free)], slope[free])
        for _ in range(60):
            new = np.maximum(at + step, 0.0)
            reached = _likelihood(data, *new)
            if reached >= value - 1e-12 * abs(value):
                break
            step = step / 2
        else:
            break
        moved = np.abs(new - at) > 1e-13 * (at + new)
        at, value = new, reached
        if not moved.any():
            break
    return float(at[0]), float(at[1])


def _slope(data: _Data, between: float, within: float) -> tuple[Array, Array]:
    """Slope of the log-likelihood in both variances, and the average information (Gilmour et al. 1995)."""
    w, shrink, total, mean = _mean(data, between, within)
    residual = data.y - mean

    def inverse(values: Array) -> Array:
        of_study = data.by_study(w * values)
        out: Array = w * values - between * w * (shrink * of_study)[data.study]
        return out

    one = inverse(np.ones_like(data.y))
    py = inverse(residual)
    sums, squares = data.by_study(w), data.by_study(w * w)
    trace_within = float((w.sum()) - between * (shrink * squares).sum())
    trace_between = float((sums * shrink).sum())
    if data.restricted:
        trace_within -= float((one * one).sum()) / total
        trace_between -= float((data.by_study(one) ** 2).sum()) / total
    moved = [data.by_study(py)[data.study], py]
    slope = 0.5 * np.array([float(py @ moved[0]) - trace_between, float(py @ moved[1]) - trace_within])
    projected = [inverse(v) - one * float(one @ v) / total for v in moved]
    information = 0.5 * np.array([[float(a @ b) for b in projected] for a in moved])
    return slope, information + 1e-14 * np.trace(information) * np.eye(2)
