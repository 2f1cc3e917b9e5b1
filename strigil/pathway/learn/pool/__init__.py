"""Pooling of trials, in NumPy alone: effect sizes, models, tests, intervals, moderators, influence and bias.

Defaults follow R's metafor: REML, the test z, variances for large samples, 1/2 added only to studies with an empty
cell.
"""

from strigil.pathway.learn.pool.bias import begg, egger, trim_and_fill
from strigil.pathway.learn.pool.influence import cumulative, influence, leave_one_out
from strigil.pathway.learn.pool.levels import pool_levels
from strigil.pathway.learn.pool.many import pool_many
from strigil.pathway.learn.pool.model import TESTS, Pooled, PoolError, pool, tau2_interval
from strigil.pathway.learn.pool.regression import by_group, regress
from strigil.pathway.learn.pool.tau2 import METHODS

__all__ = [
    "METHODS",
    "TESTS",
    "PoolError",
    "Pooled",
    "begg",
    "by_group",
    "cumulative",
    "egger",
    "influence",
    "leave_one_out",
    "pool",
    "pool_levels",
    "pool_many",
    "regress",
    "tau2_interval",
    "trim_and_fill",
]
