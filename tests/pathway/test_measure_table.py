"""``measure_table.txt``: every measure on the shelf with changes worked by hand, judged here and by the command."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from strigil.cli import main
from strigil.knowledge import load
from strigil.knowledge.shapes import Measure
from strigil.pathway.facts import Moment, Reading, Side
from strigil.pathway.measure import judge

SHELF = load()
TABLE = Path(__file__).with_name("measure_table.txt")
ROWS = [line.split() for line in TABLE.read_text().splitlines() if not line.startswith("#")]


def reading(measure: Measure, value: str, on: date, moment: Moment) -> Reading:
    side = Side.LEFT if measure.sided == "yes" else None
    return Reading(measure.id, Decimal(value), measure.unit, on, moment, side)


def test_every_measure_on_the_shelf_has_its_rows_and_no_other_has() -> None:
    assert {row[0] for row in ROWS} == set(SHELF.shelf(Measure))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: "/".join(row[:3]))
def test_change_is_judged_as_worked_by_hand(row: list[str]) -> None:
    name, first, last, change, amount, verdict = row
    measure = SHELF.shelf(Measure)[name]
    baseline = None if first == "-" else reading(measure, first, date(2026, 11, 2), Moment.BASELINE)
    found = judge(baseline, reading(measure, last, date(2026, 11, 16), Moment.BEFORE), SHELF)
    assert found.verdict == verdict
    assert found.change == Decimal(change)
    assert found.threshold == (None if amount == "-" else Decimal(amount))


def test_command_says_the_same_of_the_whole_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each row is a series of its own: its number is the device."""
    lines = ["measure,side,method,date,value,device"]
    for place, (name, first, last, *_) in enumerate(ROWS):
        side = "left" if SHELF.shelf(Measure)[name].sided == "yes" else ""
        lines += [f"{name},{side},,2026-11-16,{last},{place}"]
        lines += [f"{name},{side},,2026-11-02,{first},{place}"] if first != "-" else []
    path = tmp_path / "readings.csv"
    path.write_text("\n".join(lines))
    assert main(["measure", str(path), "--json"]) == 0
    given = json.loads(capsys.readouterr().out)
    assert given["refused"] == []
    judged = {int(one["device"]): one for one in given["measures"]}
    for place, (name, first, last, change, amount, verdict) in enumerate(ROWS):
        one = judged[place]
        assert (one["measure"], one["verdict"], one["change"]) == (name, verdict, float(change)), name
        assert (one["baseline"] or {}).get("value") == (None if first == "-" else float(first)), name
        assert one["latest"] == {"date": "2026-11-16", "value": float(last)}
        assert (one["threshold"] or {}).get("value") == (None if amount == "-" else float(amount)), name
        assert not one["threshold"] or (one["threshold"]["population"] and one["threshold"]["sources"][0]["title"])
        assert one["why"]
