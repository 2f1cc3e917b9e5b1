"""Thousands of analyses at once, for the bootstrap and for simulation.

The same formulas as ``model``, on columns sorted by their number of studies and taken in blocks that stay in the
processor's cache, or compiled. Checked against ``model.pool`` one by one, to the last digits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from strigil.pathway.learn.pool.columns import Array, from_places, sums
from strigil.pathway.learn.pool.model import FARTHEST, LARGEST, PoolError, check_choice, quantile
from strigil.pathway.learn.pool.tau2 import estimate

Columned = tuple[Array, Array, Array, Array, Array, Array]
CELLS = 12_000
"""Of a block: studies down times analyses across."""


@dataclass(frozen=True, slots=True)
class Many:
    """One number for each analysis, in the order given."""

    k: NDArray[np.intp]
    estimate: Array
    se: Array
    ci_low: Array
    ci_high: Array
    tau2: Array
    q: Array
    """Q at the tau² of each analysis."""


def pool_many(
    yi: Sequence[float] | Array,
    vi: Sequence[float] | Array,
    sizes: Sequence[int] | NDArray[np.intp],
    *,
    method: str = "REML",
    test: str = "z",
    level: float = 0.95,
    compiled: bool = False,
) -> Many:
    """Pool many analyses; their studies stand one after the other, ``sizes`` of them (two or more) in each.

    ``compiled``: REML and ML in machine code on every core, the same to the last digits; needs ``strigil[compiled]``
    and some seconds at its first call ever.

    >>> many = pool_many([0.2, 0.5, 0.9, 1.0, 1.4], [0.04, 0.02, 0.09, 0.1, 0.1], [3, 2], method="DL")
    >>> many.estimate.round(4).tolist(), many.tau2.round(4).tolist()
    ([0.4816, 1.2], [0.0397, 0.0])
    """
    check_choice(method, test, level)
    y, v = np.asarray(yi, dtype=np.float64), np.asarray(vi, dtype=np.float64)
    k = np.asarray(sizes, dtype=np.intp)
    _check(y, v, k)
    starts = np.cumsum(k) - k
    if compiled:
        return _compiled(y, v, k, starts, method, test, level)
    out = [np.empty(k.size) for _ in range(6)]
    order = np.argsort(k, kind="stable")
    for block in _blocks(k[order]):
        chosen = order[block]
        for whole, part in zip(out, _block(y, v, k[chosen], starts[chosen], method, test, level), strict=True):
            whole[chosen] = part
    return Many(k, *out)


def _check(y: Array, v: Array, k: NDArray[np.intp]) -> None:
    if y.ndim != 1 or y.shape != v.shape or k.sum() != y.size:
        raise PoolError(f"sizes add up to the number of effects and of variances; given: {k.sum()}, {y.size}, {v.size}")
    if not k.size or k.min() < 2:
        raise PoolError("each analysis has two studies or more")
    good = (np.abs(y) <= LARGEST) & (v >= 1 / LARGEST) & (v <= LARGEST)
    if not good.all():
        place = int(np.argmin(good))
        raise PoolError(f"study {place + 1} cannot be used; given: effect {y[place]:g}, variance {v[place]:g}")
    if v.max() > FARTHEST * v.min():
        raise PoolError(f"variances are too far apart to be added; given: {v.min():g} and {v.max():g}")


def _blocks(sorted_k: NDArray[np.intp]) -> list[slice]:
    """Slices of analyses of nearly equal size, about ``CELLS`` cells each."""
    blocks, start = [], 0
    while start < sorted_k.size:
        stop = min(sorted_k.size, start + max(1, CELLS // int(sorted_k[start])))
        blocks.append(slice(start, stop))
        start = stop
    return blocks


def _block(
    y: Array, v: Array, k: NDArray[np.intp], starts: NDArray[np.intp], method: str, test: str, level: float
) -> Columned:
    place = np.arange(int(k.max()))[:, None] + starts
    place = np.minimum(place, y.size - 1)
    columns = from_places(y, v, k, place)
    tau2 = estimate(columns, method)
    at = sums(columns, tau2)
    return _tested(k, at.s1, at.mean, at.q, tau2, test, level)


def _tested(k: NDArray[np.intp], s1: Array, mean: Array, q: Array, tau2: Array, test: str, level: float) -> Columned:
    """Estimate, error, interval, tau² and Q."""
    factor = np.ones(k.size) if test == "z" else q / (k - 1)
    if test == "adhoc":
        factor = np.maximum(factor, 1.0)
    se = np.sqrt(factor / s1)
    sizes, place = np.unique(k, return_inverse=True)
    reach = se * np.array([quantile(test, int(one) - 1, level) for one in sizes])[place]
    return mean, se, mean - reach, mean + reach, tau2, q


def _compiled(
    y: Array, v: Array, k: NDArray[np.intp], starts: NDArray[np.intp], method: str, test: str, level: float
) -> Many:
    if method not in ("REML", "ML"):
        raise PoolError(f"only likelihoods are compiled; given: {method!r}; allowed: REML, ML")
    try:
        from strigil.pathway.learn.pool.compiled import highest
    except ImportError as error:
        raise PoolError("numba is not installed; install strigil[compiled], or leave compiled out") from error
    tau2, s1, mean, q = highest(y, v, starts, k, method == "REML")
    return Many(k, *_tested(k, s1, mean, q, tau2, test, level))
