"""What two reviews printed, worked out again; the rows that do not come out are named, with why."""

from __future__ import annotations

import csv
import math

from strigil.pathway.learn.pool.effects import risk_ratio, smd_variance
from tests.pathway.pool.expected import HOME

REACH = 1.96


def table(name: str) -> list[dict[str, str]]:
    with (HOME / f"published/{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def off(printed: list[str], found: list[float]) -> float:
    return max(abs(float(a) - b) for a, b in zip(printed, found, strict=True))


def test_48_of_50_intervals_of_seffrin_2019_come_out() -> None:
    """Their formula takes before and after as two groups; the effects are within one arm, so not of treatment."""
    failing = {}
    rows = table("seffrin_2019_table3")
    for row in rows:
        d, n = float(row["d"]), float(row["n"])
        reach = REACH * math.sqrt(float(smd_variance(d, n, n)))
        if off([row["ci_low"], row["ci_high"]], [d - reach, d + reach]) > 0.015:
            failing[row["study"], row["outcome"], row["timepoint"], row["arm"]] = row["note"]
    assert len(rows) == 50
    assert failing == {
        ("heinecke-2014", "GH ER left", "2 wk", "IASTM"): ("formula gives [-0.73, 1.38]; source typo"),
        ("markovic-2015", "hip flexion", "24 h", "comparator"): (
            "CI copied from the IASTM row in the source; formula gives [-0.72, 1.04]"
        ),
    }


def test_7_of_8_risk_ratios_of_lee_2010_come_out() -> None:
    failing = {}
    rows = table("lee_2010_table1")
    for row in rows:
        log_rr, v = risk_ratio(*[float(row[name]) for name in ("a", "n1", "c", "n2")])
        reach = REACH * math.sqrt(float(v))
        found = [math.exp(float(log_rr) + side * reach) for side in (0, -1, 1)]
        if off([row["rr"], row["ci_low"], row["ci_high"]], found) > 0.025:
            failing[row["trial"], row["endpoint"]] = row["note"]
    assert len(rows) == 8
    assert failing == {
        ("Tang 2008", "improved"): (
            "counts sum to 63 and 50, not 60; printed CI excludes its own estimate; source error"
        )
    }
