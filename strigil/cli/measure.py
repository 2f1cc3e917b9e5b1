"""``strigil measure``: readings over time, held against published amounts of change."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from strigil.cli.base import BadInput, print_json, read_small, shown
from strigil.knowledge import KnowledgeError, load


def run(arguments: argparse.Namespace) -> int:
    """Judge readings over time: of each series the baseline, the latest, the change, the threshold with its population
    and source, and the verdict. A line that cannot be read is refused with its reason, and the exit code is then 2."""
    from strigil.pathway.measure.report import report
    from strigil.pathway.measure.rows import FileError, read_rows

    try:
        shelf = load()
    except KnowledgeError as error:
        print(f"strigil: the shelf has faults, so nothing is judged: {error.faults[0]}", file=sys.stderr)
        return 1
    try:
        rows = read_rows(read_small(arguments.readings, "a CSV file"), shelf)
    except FileError as error:
        raise BadInput(f"{error}; file: {shown(arguments.readings)}") from None
    result = report(rows, shelf)
    if arguments.json:
        print_json(result)
    else:
        _print_report(result)
    return 2 if rows.refused else 0


def _print_report(result: dict[str, Any]) -> None:
    for one in result["measures"]:
        parts = [one["measure"], *(one[key] for key in ("side", "method", "position", "device", "version", "detail"))]
        print(f"{', '.join(part for part in parts if part)}: {one['verdict']}")
        if one["baseline"] and one["change"] is not None:
            start, end, unit = one["baseline"], one["latest"], one["unit_name"]
            moved = f"{start['value']} on {start['date']}, {end['value']} on {end['date']}"
            print(f"  {moved}: {one['change']:+} {unit}")
        print(f"  {one['why']}")
        for note in one["notes"]:
            print(f"  {note}")
        if one["threshold"]:
            print(f"  source: {'; '.join(source['title'] for source in one['threshold']['sources'])}")
    for one in result["refused"]:
        print(f"line {one['line']} is refused: {one['reason']}", file=sys.stderr)
    print(f"knowledge {result['knowledge']['version']}")
