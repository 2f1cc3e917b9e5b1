"""How long pooling takes: ``python -m benchmarks.pool``. Prints figures, asserts nothing about time.

10,000 analyses of 3 to 30 studies each, REML with Hartung and Knapp; then one of 13 studies. PyMARE and R's metafor are
timed in the same run where they are installed, and only after they gave the same answers.
"""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter

import numpy as np

from strigil.pathway.learn.pool import pool, pool_many

ANALYSES, OF_R = 10_000, 500
SMALLEST, LARGEST = 3, 30
SEED = 20261121

R = """
suppressMessages(library(metafor)); d <- read.csv("%s"); s <- split(d, d$set)
fit <- function(x) try(suppressWarnings(rma(x$yi, x$vi, method = "REML", test = "knha",
  control = list(maxiter = 1000))), silent = TRUE)
invisible(fit(s[[1]]))
took <- system.time(m <- lapply(s, fit))[["elapsed"]]
cat(took, sapply(m, function(x) if (inherits(x, "try-error")) NA else x$tau2))
"""


def studies(analyses: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Effects, variances and the number of studies of each analysis; true tau² 0, 0.05 or 0.3."""
    rng = np.random.default_rng(SEED)
    k = rng.integers(SMALLEST, LARGEST + 1, analyses)
    v = np.exp(rng.uniform(-4, 0, k.sum()))
    tau2 = np.repeat(rng.choice([0.0, 0.05, 0.3], analyses), k)
    return rng.normal(0.3, np.sqrt(v + tau2)), v, k


def timed(call: Callable[[], object], runs: int) -> tuple[float, float]:
    """Median and quickest, in seconds, after one run to warm up."""
    call()
    took = []
    for _ in range(runs):
        start = perf_counter()
        call()
        took.append(perf_counter() - start)
    return statistics.median(took), min(took)


def by_metafor(y: np.ndarray, v: np.ndarray, k: np.ndarray) -> tuple[float, np.ndarray] | None:
    """Seconds for each of the first ``OF_R`` analyses, and its tau²."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return None
    n = int(k[:OF_R].sum())
    sets = np.repeat(np.arange(OF_R), k[:OF_R])
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "studies.csv"
        rows = (f"{a},{b!r},{c!r}" for a, b, c in zip(sets, y[:n].tolist(), v[:n].tolist(), strict=True))
        file.write_text("\n".join(["set,yi,vi", *rows]), encoding="utf-8")
        told = subprocess.run([rscript, "-e", R % file], capture_output=True, text=True, check=False)
    if told.returncode:
        return None
    took, *tau2 = [np.nan if one == "NA" else float(one) for one in told.stdout.split()]
    return took / OF_R, np.array(tau2)


def by_pymare(y: np.ndarray, v: np.ndarray, k: np.ndarray) -> tuple[float, np.ndarray] | None:
    """Seconds for each analysis, in columns of equal k as PyMARE wants them, without any test; and its tau²."""
    try:
        from pymare.estimators import VarianceBasedLikelihoodEstimator
    except ImportError:
        return None
    starts, tau2, total = np.cumsum(k) - k, np.empty(k.size), 0.0
    for size in np.unique(k):
        chosen = np.flatnonzero(k == size)
        place = starts[chosen] + np.arange(size)[:, None]
        start = perf_counter()
        fitted = VarianceBasedLikelihoodEstimator(method="reml").fit(y[place], v[place], np.ones((size, 1)))
        total += perf_counter() - start
        tau2[chosen] = np.ravel(fitted.params_["tau2"])
    return total / k.size, tau2


def agreeing(ours: np.ndarray, theirs: np.ndarray) -> str:
    """How many tau² are the same to a thousandth of the typical variance."""
    same = np.abs(ours - theirs) < 1e-3 * np.exp(-2)
    return f"{int(same.sum()):,} of {theirs.size:,} tau² the same"


def main() -> None:
    y, v, k = studies(ANALYSES)
    load = os.getloadavg()[0]
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {os.cpu_count()} processors, load {load:.1f}")
    median, best = timed(lambda: pool_many(y, v, k, method="REML", test="knha"), 15)
    print(f"{ANALYSES:,} fits at once: {median * 1e3:.1f} ms (quickest {best * 1e3:.1f}); goal 50 ms")
    ours = pool_many(y, v, k, method="REML", test="knha").tau2
    if find_spec("numba"):
        quick, quickest = timed(lambda: pool_many(y, v, k, method="REML", test="knha", compiled=True), 30)
        same = agreeing(ours, pool_many(y, v, k, method="REML", test="knha", compiled=True).tau2)
        print(f"The same, compiled: {quick * 1e3:.1f} ms (quickest {quickest * 1e3:.1f}); goal 5 ms; {same}")
    one_y, one_v = y[:13], v[:13]
    one, one_best = timed(lambda: pool(one_y, one_v, method="REML", test="knha"), 500)
    print(f"One fit: {one * 1e6:.0f} µs (quickest {one_best * 1e6:.0f}); goal 300 µs")
    each = median / ANALYSES
    for name, peer in (("PyMARE, in columns", by_pymare(y, v, k)), ("metafor, one by one", by_metafor(y, v, k))):
        if peer is None:
            print(f"{name}: not installed here")
        else:
            took, tau2 = peer
            same = agreeing(ours[: tau2.size], tau2)
            print(f"{name}: {took * 1e6:.1f} µs a fit, {took / each:,.1f} times ours; {same}")
    print(f"load after {os.getloadavg()[0]:.1f}", file=sys.stderr)


if __name__ == "__main__":
    main()
