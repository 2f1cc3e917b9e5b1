"""Quantiles of Student's t for whole degrees of freedom.

The probability between -t and t is the finite sum of Abramowitz and Stegun, Handbook of Mathematical Functions (1964),
26.7.3 and 26.7.4; the quantile is found by halving.
"""

from __future__ import annotations

from math import atan, cos, pi, sin, sqrt


def within(t: float, df: int) -> float:
    """The probability that Student's t lies between -t and t."""
    angle = atan(t / sqrt(df))
    odd = df % 2
    term = cos(angle) if odd else 1.0
    total = 0.0
    for place in range(2 + odd, df + 1, 2):
        total += term
        term *= cos(angle) ** 2 * (place - 1) / place
    return 2 / pi * (angle + sin(angle) * total) if odd else sin(angle) * total


def quantile(level: float, df: int) -> float:
    """The t within which a share ``level`` of the distribution lies, on both sides of 0.

    Raises:
        ValueError: where there is no such t.
    """
    if df < 1 or not 0 < level < 1:
        raise ValueError(f"no t for {df} degrees of freedom and a level of {level}")
    low, high = 0.0, 1.0
    while within(high, df) < level:
        high *= 2
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if within(middle, df) < level else (low, middle)
    return high
