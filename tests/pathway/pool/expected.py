"""Numbers that R's metafor gave; tests/reference/pool/make.R made them."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

HOME = Path(__file__).parents[2] / "reference/pool"


def rows(name: str) -> Iterator[dict[str, Any]]:
    """Rows of ``expected/<name>.csv.gz``; a number as such, nothing as None."""
    with gzip.open(HOME / f"expected/{name}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield {key: value_of(text) for key, text in row.items()}


def value_of(text: str) -> Any:
    if text in ("", "NA", "NaN"):
        return None
    try:
        return float(text)
    except ValueError:
        return text


def data(name: str) -> dict[str, np.ndarray]:
    """The columns of ``data/<name>.csv``."""
    with (HOME / f"data/{name}.csv").open(encoding="utf-8", newline="") as file:
        table = [{key: value_of(text) for key, text in row.items()} for row in csv.DictReader(file)]
    return {key: np.array([row[key] for row in table]) for key in table[0]}


def close(given: float | None, wanted: float | None, rel: float = 1e-8, absolute: float = 1e-10) -> bool:
    if given is None or wanted is None:
        return given is wanted
    return bool(abs(given - wanted) <= rel * abs(wanted) + absolute)
