"""What one study does to the pooled estimate: leaving one out, adding them one by one, and measures of influence.

Formulas after Viechtbauer & Cheung 2010, Res Synth Methods 1:112-125; tau² is estimated anew each time. With (i) for
"without study i", s² the factor of ``knha`` (1 with ``z``), and h the hat value w_i / sum(w):

* rstudent = (y_i - b(i)) / sqrt(s²(i) v_i + var b(i) + s²(i) tau²(i))
* DFFITS = (b - b(i)) / sqrt(s²(i) h_i (tau²(i) + v_i)); Cook's distance = (b - b(i))² / var b
* covariance ratio = var b(i) / var b

Checked against metafor 3.8-1 (``influence``, ``leave1out``, ``cumul``) on its trials of BCG: 8 digits or more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from strigil.pathway.learn.pool.columns import Array
from strigil.pathway.learn.pool.many import Many, pool_many
from strigil.pathway.learn.pool.model import PoolError, checked, pool


def leave_one_out(
    yi: Sequence[float] | Array,
    vi: Sequence[float] | Array,
    *,
    method: str = "REML",
    test: str = "z",
    level: float = 0.95,
) -> Many:
    """The analysis without each study in turn; at least three studies.

    >>> leave_one_out([0.2, 0.5, 0.9], [0.04, 0.02, 0.09], method="EE").estimate.round(4).tolist()
    [0.5727, 0.4154, 0.4]
    """
    columns = checked(yi, vi)
    k = columns.y.shape[0]
    if k < 3:
        raise PoolError(f"leaving one out needs three studies; given: {k}")
    place = np.arange(k - 1) + (np.arange(k - 1) >= np.arange(k)[:, None])
    y, v = columns.y[place, 0].ravel(), columns.v[place, 0].ravel()
    return pool_many(y, v, np.full(k, k - 1), method=method, test=test, level=level)


def cumulative(
    yi: Sequence[float] | Array,
    vi: Sequence[float] | Array,
    *,
    method: str = "REML",
    test: str = "z",
    level: float = 0.95,
) -> Many:
    """The analyses of the first two studies, the first three, and so on, in the order given (by year, as a rule).

    >>> cumulative([0.2, 0.5, 0.9], [0.04, 0.02, 0.09], method="EE").estimate.round(4).tolist()
    [0.4, 0.4645]
    """
    columns = checked(yi, vi)
    k = columns.y.shape[0]
    if k < 2:
        raise PoolError(f"adding studies one by one needs two; given: {k}")
    sizes = np.arange(2, k + 1)
    place = np.concatenate([np.arange(size) for size in sizes])
    return pool_many(columns.y[place, 0], columns.v[place, 0], sizes, method=method, test=test, level=level)


@dataclass(frozen=True, slots=True)
class Influence:
    """One number for each study, in their order; ``weight`` in percent."""

    rstudent: Array
    dffits: Array
    cook: Array
    covariance_ratio: Array
    tau2_without: Array
    hat: Array
    weight: Array


def influence(
    yi: Sequence[float] | Array, vi: Sequence[float] | Array, *, method: str = "REML", test: str = "z"
) -> Influence:
    """How far each study pulls the estimate; at least three studies.

    >>> influence([0.2, 0.5, 0.9], [0.04, 0.02, 0.09], method="EE").cook.round(4).tolist()
    [1.0083, 0.2079, 0.3584]
    """
    columns = checked(yi, vi)
    y, v, k = columns.y[:, 0], columns.v[:, 0], columns.y.shape[0]
    whole, without = pool(y, v, method=method, test=test), leave_one_out(y, v, method=method, test=test)
    factor = np.ones(k) if test == "z" else without.q / (k - 2)
    if test == "adhoc":
        factor = np.maximum(factor, 1.0)
    hat, moved, variance = whole.weights / 100, whole.estimate - without.estimate, without.se**2
    if whole.se == 0 or not factor.all():
        raise PoolError("the studies agree to the last digit, so that influence has no measure; use the test z")
    return Influence(
        rstudent=(y - without.estimate) / np.sqrt(factor * v + variance + factor * without.tau2),
        dffits=moved / np.sqrt(factor * hat * (without.tau2 + v)),
        cook=moved**2 / whole.se**2,
        covariance_ratio=variance / whole.se**2,
        tau2_without=without.tau2,
        hat=hat,
        weight=whole.weights,
    )
