"""Nine estimators of tau², the variance of true effects between studies, each for many analyses at once.

With w = 1 / (v + tau²), P = W - W 1 1' W / sum(w), and Q(tau²) = y' P y:

==== ======================================================= =============================================
EE   tau² = 0, one common effect                             metafor's EE (also FE, CE)
DL   (Q(0) - (k - 1)) / tr P(0)                              DerSimonian & Laird 1986
HE   unweighted: s²(y) - mean(v)                             Hedges & Olkin 1985
HS   (Q(0) - k) / sum(1/v)                                   Hunter & Schmidt 1990
SJ   t0 · Q(t0) / (k - 1), t0 the mean square of y           Sidik & Jonkman 2005
PM   the root of Q(tau²) = k - 1                             Paule & Mandel 1982
EB   the same root, empirical Bayes                          Morris 1983
ML   the highest likelihood                                  Hardy & Thompson 1996
REML the highest restricted likelihood                       Viechtbauer 2005
==== ======================================================= =============================================

Estimates below 0 are 0. A likelihood may have several peaks: every one that a grid of powers of two between a tenth of
the smallest variance and a proven upper bound tells apart is climbed by Newton steps kept in their bracket, and the
highest is taken. Checked against metafor 3.8-1 with tightened stopping rules on 13 of its data sets and on 1,000 random
ones: 8 digits or more; where its likelihood is lower than ours it had stopped at a lower peak.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from strigil.pathway.learn.pool.columns import Array, Columns, sums

METHODS = ("EE", "DL", "PM", "ML", "REML", "EB", "HS", "HE", "SJ")
_MOST_AT_ONCE = 4_000_000
_RATIO = 2.0

Indices = NDArray[np.intp]
Step = Callable[[Columns, Array], tuple[Array, Array]]


def estimate(columns: Columns, method: str) -> Array:
    """tau² of every column, in squared units of the effect; shape n."""
    if method in ("ML", "REML"):
        return _highest(columns, method == "REML")
    if method in ("PM", "EB"):
        return root_of_q(columns, columns.k - 1)
    closed = {"EE": _zero, "DL": _dl, "HE": _he, "HS": _hs, "SJ": _sj}[method]
    tau2: Array = np.maximum(closed(columns), 0.0)
    return tau2


def _zero(columns: Columns) -> Array:
    return np.zeros(columns.y.shape[1])


def _dl(columns: Columns) -> Array:
    at0 = sums(columns, np.zeros(1))
    trace = at0.s1 - (at0.w * at0.w).sum(axis=0) / at0.s1
    tau2: Array = (at0.q - (columns.k - 1)) / trace
    return tau2


def _hs(columns: Columns) -> Array:
    at0 = sums(columns, np.zeros(1))
    tau2: Array = (at0.q - columns.k) / at0.s1
    return tau2


def _he(columns: Columns) -> Array:
    square, mean_v = _unweighted(columns)
    return square / (columns.k - 1) - mean_v


def _sj(columns: Columns) -> Array:
    square, _ = _unweighted(columns)
    start = square / columns.k
    safe = np.where(start > 0, start, 1.0)
    return np.where(start > 0, start * sums(columns, safe).q / (columns.k - 1), 0.0)


def _unweighted(columns: Columns) -> tuple[Array, Array]:
    """The sum of squares of y about its plain mean, and the mean of v."""
    real = columns.is_real
    mean = np.where(real, columns.y, 0.0).sum(axis=0) / columns.k
    square = np.where(real, columns.y - mean, 0.0) ** 2
    return square.sum(axis=0), np.where(real, columns.v, 0.0).sum(axis=0) / columns.k


# --- Q(tau²) = a number ------------------------------------------------------------------------------------------


def root_of_q(columns: Columns, wanted: Array) -> Array:
    """tau² with Q(tau²) = ``wanted`` for every column; 0 where Q(0) is not above it.

    1/Q is nearly straight in tau², so Newton steps are taken on it.
    """
    tau2 = np.zeros(columns.y.shape[1])
    chosen = np.flatnonzero(sums(columns, np.zeros(1)).q > wanted)
    if chosen.size:
        part, goal = columns.at(chosen), wanted[chosen]
        square, _ = _unweighted(part)

        def step(columns: Columns, tau2: Array, goal: Array) -> tuple[Array, Array]:
            at = sums(columns, tau2)
            fall = (at.w * at.w * at.residual * at.residual).sum(axis=0)
            return at.q - goal, at.q * (at.q / goal - 1) / fall

        high = square / goal * (1 + 1e-12)
        tau2[chosen] = _descend(step, part, np.zeros(chosen.size), high, high / 2, goal)
    return tau2


# --- The highest likelihood --------------------------------------------------------------------------------------


def _score(columns: Columns, tau2: Array, restricted: bool) -> tuple[Array, Array, Array]:
    """Twice the slope of the (restricted) log-likelihood in tau², its own slope, and the expected information."""
    at = sums(columns, tau2)
    w2 = at.w * at.w
    wr = at.w * at.residual
    wr2 = wr * wr
    s2 = w2.sum(axis=0)
    bend = (at.w * wr2).sum(axis=0) - (at.w * wr).sum(axis=0) ** 2 / at.s1
    if restricted:
        share = s2 / at.s1
        information = s2 - 2 * (w2 * at.w).sum(axis=0) / at.s1 + share * share
        return wr2.sum(axis=0) - (at.s1 - share), information - 2 * bend, information
    return wr2.sum(axis=0) - at.s1, s2 - 2 * bend, s2


def log_likelihood(columns: Columns, tau2: Array, restricted: bool) -> Array:
    """The (restricted) log-likelihood of every column, as metafor counts it, with 1/2 log|X'X|."""
    at = sums(columns, tau2)
    free = columns.k - restricted
    logs = -np.log(at.w, where=at.w > 0, out=np.zeros_like(at.w)).sum(axis=0)
    value: Array = -0.5 * (free * np.log(2 * np.pi) + logs + at.q)
    if restricted:
        value += 0.5 * (np.log(columns.k) - np.log(at.s1))
    return value


def _grid(columns: Columns) -> Array:
    """Values of tau², one row for each point: 0, then powers from below what any study can tell from 0 to above every
    peak.

    Above the bound the slope is negative: y'PPy <= S / tau⁴, S the sum of squares about the mean, and the trace is at
    least (k - 1) / (tau² + max v).
    """
    square, _ = _unweighted(columns)
    largest = np.where(columns.is_real, columns.v, 0.0).max(axis=0)
    mean_square = square / (columns.k - 1)
    high = (mean_square + np.sqrt(mean_square * (mean_square + 4 * largest))) / 2 * 1.001
    low = np.minimum(columns.v.min(axis=0) / 10, high / 2)
    low = np.maximum(low, high * 1e-30)
    span = np.where(high > 0, np.log(np.where(high > 0, high / np.where(low > 0, low, 1.0), 1.0)), 0.0)
    points = max(2, int(np.ceil(span.max() / np.log(_RATIO))) + 1)
    powers = low * np.exp(np.linspace(0, 1, points)[:, None] * span)
    powers[-1] = high
    return np.concatenate([np.zeros((1, high.size)), powers])


def _highest(columns: Columns, restricted: bool) -> Array:
    grid = _grid(columns)
    slopes, informations = _slopes(columns, grid, restricted)
    peak = (slopes[:-1] > 0) & (slopes[1:] <= 0)
    row, column = np.nonzero(peak)
    tau2 = np.zeros(columns.y.shape[1])
    if not row.size:
        return tau2
    low, high = grid[row, column], grid[row + 1, column]
    below, above = (
        slopes[row, column] / informations[row, column],
        slopes[row + 1, column] / informations[row + 1, column],
    )
    start = low + (high - low) * below / (below - above)

    def step(columns: Columns, tau2: Array, _: Array) -> tuple[Array, Array]:
        slope, bend, information = _score(columns, tau2, restricted)
        return slope, np.where(bend < 0, -slope / np.where(bend < 0, bend, 1.0), slope / information)

    part = columns if _is_every(column, columns) else columns.at(column)
    found = _descend(step, part, low, high, start, low)
    several = np.bincount(column, minlength=tau2.size) + (slopes[0] <= 0) > 1
    tau2[column] = found
    if several.any():
        _choose(columns, tau2, column, found, several, slopes[0] <= 0, restricted)
    return tau2


def _is_every(chosen: Indices, columns: Columns) -> bool:
    return chosen.size == columns.y.shape[1] and bool((chosen == np.arange(chosen.size)).all())


def _slopes(columns: Columns, grid: Array, restricted: bool) -> tuple[Array, Array]:
    """Slope and information of every column at every point of its grid."""
    if columns.y.shape[1] == 1 and grid.size * columns.y.size <= _MOST_AT_ONCE:
        slope, _, information = _score(columns, grid[:, 0], restricted)
        return slope[:, None], information[:, None]
    slopes, informations = np.empty_like(grid), np.empty_like(grid)
    for place, tau2 in enumerate(grid):
        slopes[place], _, informations[place] = _score(columns, tau2, restricted)
    return slopes, informations


def _choose(
    columns: Columns,
    tau2: Array,
    column: Indices,
    found: Array,
    several: NDArray[np.bool_],
    starts_down: NDArray[np.bool_],
    restricted: bool,
) -> None:
    """Where a likelihood has several peaks, keep the highest; at equal height the one nearest to 0."""
    for one in np.flatnonzero(several):
        peaks = np.sort(found[column == one])
        if starts_down[one]:
            peaks = np.concatenate([np.zeros(1), peaks])
        alone = columns.at(np.full(1, one))
        tau2[one] = peaks[np.argmax(log_likelihood(alone, peaks, restricted))]


# --- Newton steps in a bracket -----------------------------------------------------------------------------------


def _descend(
    step: Callable[[Columns, Array, Array], tuple[Array, Array]],
    columns: Columns,
    low: Array,
    high: Array,
    start: Array,
    goal: Array,
) -> Array:
    """Roots between ``low`` and ``high`` of functions that go from above 0 to below; ``step`` gives value and step."""
    result, low, high = start.copy(), low.copy(), high.copy()
    active = np.arange(start.size)
    x = start
    for turn in range(200):
        value, move = step(columns, x, goal)
        low, high = np.where(value > 0, x, low), np.where(value > 0, high, x)
        new = x + move
        outside = ~((new >= low) & (new <= high))
        if turn > 30 or outside.any():
            halved = outside if turn <= 30 else np.ones_like(outside)
            new = np.where(halved, (low + high) / 2, new)
        result[active] = new
        moved = np.abs(new - x) > 1e-8 * new if turn <= 30 else high - low > 1e-15 * high
        x = new
        if not moved.any():
            break
        if moved.sum() < 0.7 * moved.size:
            keep = np.flatnonzero(moved)
            active, x, low, high, goal = active[keep], x[keep], low[keep], high[keep], goal[keep]
            columns = columns.at(keep)
    return result
