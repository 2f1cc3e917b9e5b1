"""The verdicts on a file of readings, as plain data: one entry for each series that may be compared."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from strigil.knowledge.load import Knowledge
from strigil.knowledge.shapes import Measure, Threshold
from strigil.pathway.facts import Reading, Verdict
from strigil.pathway.measure.judge import basis, change_of, series, threshold
from strigil.pathway.measure.rows import Rows

NOTHING = "One reading so far: nothing to compare with yet."
ONE_DAY = "All readings are of one day: nothing to compare with yet."


def report(rows: Rows, knowledge: Knowledge) -> dict[str, Any]:
    """What follows from the readings; the order of the lines changes nothing."""
    groups = series(rows.readings)
    left_out = {one.measure for one in rows.refused}
    return {
        "measures": [
            _entry(groups[key], knowledge, left_out)
            for key in sorted(groups, key=lambda key: tuple(str(part or "") for part in key))
        ],
        "refused": [{"line": one.line, "reason": one.reason} for one in rows.refused],
        "knowledge": {"version": knowledge.version, "sha256": knowledge.sha256},
    }


def _entry(group: Sequence[Reading], knowledge: Knowledge, left_out: set[str]) -> dict[str, Any]:
    latest = group[-1]
    measure = knowledge.shelf(Measure)[latest.measure]
    change = change_of(group, knowledge)
    first = group[0] if change is None else change.baseline
    holds = change.threshold is not None if change else not latest.version
    row = threshold(measure, latest.device) if holds else None
    notes = basis(measure, change)
    if measure.id in left_out:
        notes.append("A line of this measure was refused, so this may not be the whole record.")
    return {
        "measure": measure.id,
        "title": measure.title,
        "side": latest.side.value if latest.side else None,
        "method": latest.method,
        "device": latest.device,
        "version": latest.version,
        "position": latest.position,
        "detail": latest.detail,
        "unit": measure.unit,
        "unit_name": measure.unit_name,
        "readings": len(group),
        "baseline": _point(first) if first else None,
        "latest": _point(latest),
        "change": number(change.change) if change else None,
        "better": measure.better,
        "better_by": number(change.better_by) if change and change.better_by is not None else None,
        "threshold": _threshold(row, knowledge) if row else None,
        "verdict": (change.verdict if change else Verdict.UNKNOWN).value,
        "why": change.why if change else NOTHING if len(group) == 1 else ONE_DAY,
        "notes": notes,
    }


def _point(reading: Reading) -> dict[str, Any]:
    return {"date": reading.on.isoformat(), "value": number(reading.value)}


def _threshold(row: Threshold, knowledge: Knowledge) -> dict[str, Any]:
    return {
        "value": number(row.value),
        "kind": row.kind,
        "unit": row.unit,
        "population": row.population,
        "ci": row.ci,
        "method": row.method,
        "device": row.device,
        "rater": row.rater,
        "chosen": row.use_note,
        "sources": [
            {"id": one.source, "title": knowledge.source_of(one).title, "url": knowledge.source_of(one).url}
            for one in row.sources
        ],
    }


def number(value: Decimal) -> int | float:
    """A JSON number that reads as the decimal did: 1.9, not 1.8999."""
    return int(value) if value == value.to_integral_value() else float(value)
