"""Many analyses side by side: one column each, one row for a study, and the sums over studies that estimators need.

Shapes: ``k`` studies down, ``n`` analyses across. A column with fewer studies than rows is filled up with studies of
infinite variance, which weigh nothing. Sources of the formulas: Viechtbauer 2005, J Educ Behav Stat 30:261-293.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Columns:
    """Effects ``y`` and variances ``v``, each k × n, and the number of studies of each column."""

    y: Array
    v: Array
    k: Array

    def at(self, chosen: NDArray[np.intp]) -> Columns:
        return Columns(self.y[:, chosen], self.v[:, chosen], self.k[chosen])

    @property
    def is_real(self) -> NDArray[np.bool_]:
        """Which cells are studies; the others fill up short columns."""
        return np.isfinite(self.v)


@dataclass(frozen=True, slots=True)
class Sums:
    """Weighted sums of each column at one tau²: w = 1 / (v + tau²), and residuals from ``mean``."""

    w: Array
    s1: Array
    mean: Array
    residual: Array
    q: Array


def sums(columns: Columns, tau2: Array) -> Sums:
    """The mean sum(w y) / sum(w), and Q(tau²) = sum(w (y - mean)²), of each column."""
    w = 1 / (columns.v + tau2)
    s1 = w.sum(axis=0)
    mean = (w * columns.y).sum(axis=0) / s1
    residual = columns.y - mean
    return Sums(w, s1, mean, residual, (w * residual * residual).sum(axis=0))


def from_places(y: Array, v: Array, k: NDArray[np.intp], place: NDArray[np.intp]) -> Columns:
    """Columns of ``k`` studies each, taken from one list of all studies; ``place`` says where, row by row."""
    sizes = k.astype(np.float64)
    if k.min() == k.max():
        return Columns(y[place], v[place], sizes)
    real = np.arange(place.shape[0])[:, None] < k
    return Columns(np.where(real, y[place], 0.0), np.where(real, v[place], np.inf), sizes)
