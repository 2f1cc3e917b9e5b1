"""The likelihood peaks of ``tau2``, compiled for the machine it runs on: optional, with ``strigil[compiled]``.

The same grid, brackets and Newton steps as in ``tau2``, each analysis on one core. numba compiles them at the first
call, in some seconds, and keeps the result beside this file.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange

_QUICK = {"reassoc", "contract"}
"""Sums may be taken in any order; nothing else may be rearranged."""


@njit(cache=True, fastmath=_QUICK, inline="always")
def _slope(y, v, tau2, restricted):  # type: ignore[no-untyped-def]
    """Twice the slope of the log-likelihood; ``y`` about its mean at tau² = 0, so that one pass keeps its digits."""
    s1 = s2 = s1y = s2y = s2yy = 0.0
    for i in range(y.size):
        w = 1.0 / (v[i] + tau2)
        w2 = w * w
        s1 += w
        s2 += w2
        s1y += w * y[i]
        s2y += w2 * y[i]
        s2yy += w2 * y[i] * y[i]
    mean = s1y / s1
    return s2yy - 2.0 * mean * s2y + mean * mean * s2 - (s1 - s2 / s1 if restricted else s1)


@njit(cache=True, fastmath=_QUICK, inline="always")
def _sums(y, v, tau2):  # type: ignore[no-untyped-def]
    """Sum of weights, weighted mean, and Q."""
    s1 = s1y = 0.0
    for i in range(y.size):
        w = 1.0 / (v[i] + tau2)
        s1 += w
        s1y += w * y[i]
    mean = s1y / s1
    q = 0.0
    for i in range(y.size):
        r = y[i] - mean
        q += r * r / (v[i] + tau2)
    return s1, mean, q


@njit(cache=True, fastmath=_QUICK)
def _step(y, v, tau2, restricted):  # type: ignore[no-untyped-def]
    """Twice the slope of the log-likelihood, and the step to where it is 0."""
    s1, mean, _ = _sums(y, v, tau2)
    s2 = s3 = wr2 = w2r = w3r2 = 0.0
    for i in range(y.size):
        w, r = 1.0 / (v[i] + tau2), y[i] - mean
        w2 = w * w
        s2 += w2
        s3 += w2 * w
        wr2 += w2 * r * r
        w2r += w2 * r
        w3r2 += w2 * w * r * r
    bend = w3r2 - w2r * w2r / s1
    slope, information = wr2 - s1, s2
    if restricted:
        share = s2 / s1
        slope, information = wr2 - (s1 - share), s2 - 2.0 * s3 / s1 + share * share
    own = information - 2.0 * bend
    return slope, (-slope / own if own < 0.0 else slope / information)


@njit(cache=True)
def _climb(y, v, low, high, restricted):  # type: ignore[no-untyped-def]
    """The peak between ``low``, where the slope is above 0, and ``high``, where it is not."""
    x = 0.5 * (low + high)
    for turn in range(200):
        slope, move = _step(y, v, x, restricted)
        if slope > 0.0:
            low = x
        else:
            high = x
        new = x + move
        if turn > 30 or not low <= new <= high:
            new = 0.5 * (low + high)
        still = abs(new - x) > 1e-8 * new if turn <= 30 else high - low > 1e-15 * high
        x = new
        if not still:
            break
    return x


@njit(cache=True)
def _log_likelihood(y, v, tau2, restricted):  # type: ignore[no-untyped-def]
    """But for what does not depend on tau²."""
    s1, _, q = _sums(y, v, tau2)
    value = q + (math.log(s1) if restricted else 0.0)
    for i in range(y.size):
        value += math.log(v[i] + tau2)
    return -0.5 * value


@njit(cache=True)
def _highest(y, v, restricted):  # type: ignore[no-untyped-def]
    mean_square = np.sum((y - y.mean()) ** 2) / (y.size - 1)
    high = (mean_square + math.sqrt(mean_square * (mean_square + 4.0 * v.max()))) / 2.0 * 1.001
    if high <= 0.0:
        return 0.0
    low = max(min(v.min() / 10.0, high / 2.0), high * 1e-30)
    points = max(2, math.ceil(math.log(high / low) / math.log(2.0)) + 1)
    ratio = math.exp(math.log(high / low) / (points - 1))
    best, height = 0.0, 0.0
    several = False
    left, below = 0.0, _slope(y, v, 0.0, restricted)
    is_peak = below <= 0.0
    point = low
    for place in range(points):
        right = high if place == points - 1 else point
        above = _slope(y, v, right, restricted)
        if below > 0.0 >= above:
            peak = _climb(y, v, left, right, restricted)
            if not is_peak:
                best, is_peak = peak, True
            else:
                if not several:
                    height, several = _log_likelihood(y, v, best, restricted), True
                reached = _log_likelihood(y, v, peak, restricted)
                if reached > height:
                    best, height = peak, reached
        left, below = right, above
        point *= ratio
    return best


@njit(cache=True, parallel=True)
def highest(y, v, starts, k, restricted):  # type: ignore[no-untyped-def]
    """tau², sum of weights, mean and Q of each analysis, whose ``k`` studies begin at ``starts``; shape (4, n)."""
    out = np.empty((4, k.size))
    for one in prange(k.size):
        begin = starts[one]
        mine, its = y[begin : begin + k[one]], v[begin : begin + k[one]]
        middle = _sums(mine, its, 0.0)[1]
        centred = mine - middle
        tau2 = _highest(centred, its, restricted)
        s1, mean, q = _sums(centred, its, tau2)
        out[0, one], out[1, one], out[2, one], out[3, one] = tau2, s1, mean + middle, q
    return out
