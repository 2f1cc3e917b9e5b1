"""``strigil measure``: a file of readings in, one verdict a series out; a line that cannot be read says why."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from strigil.cli import main
from strigil.knowledge import load
from strigil.pathway.measure.rows import FileError, read_rows

pytestmark = pytest.mark.same_on_both

HEAD = "measure,side,method,date,value"
Run = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Judge a file given as lines or bytes; the exit code, the JSON and stderr."""

    def run_(*lines: str, head: str = HEAD, raw: bytes | None = None) -> tuple[int, Any, str]:
        path = tmp_path / "readings.csv"
        path.write_bytes("\n".join([head, *lines]).encode() if raw is None else raw)
        code = main(["measure", str(path), "--json"])
        out, err = capsys.readouterr()
        return code, json.loads(out) if out else None, err

    return run_


def test_entry_says_everything_that_a_verdict_rests_on(run: Run) -> None:
    code, found, err = run("elbow_flexion,left,active,2026-11-16,127", "elbow_flexion,left,active,2026-11-02,120.5")
    assert (code, err, found["refused"]) == (0, "", [])
    assert found["knowledge"] == {"version": load().version, "sha256": load().sha256}
    (one,) = found["measures"]
    assert one["baseline"] == {"date": "2026-11-02", "value": 120.5}
    assert one["latest"] == {"date": "2026-11-16", "value": 127}
    assert (one["change"], one["better"], one["better_by"], one["unit"]) == (6.5, "higher", 6.5, "deg")
    assert (one["verdict"], one["readings"], one["side"], one["method"]) == ("improved", 2, "left", "active")
    assert (one["title"], one["why"]) == ("Elbow flexion", "at least 6°")
    row = one["threshold"]
    assert (row["value"], row["kind"], row["unit"], row["ci"]) == (6, "mdc", "deg", "95")
    assert row["population"] == "38 patients with elbow, forearm or wrist problems"
    assert row["sources"][0]["url"].startswith("https://")
    assert row["sources"][0]["title"]


def test_lower_is_better_where_the_measure_says_so(run: Run) -> None:
    _, found, _ = run("nprs,,,2026-11-02,7", "nprs,,,2026-11-16,4")
    assert [(one["change"], one["better_by"], one["verdict"]) for one in found["measures"]] == [(-3, 3, "improved")]


def test_every_difference_makes_a_series_of_its_own_without_a_verdict(run: Run) -> None:
    head = f"{HEAD},device,version,position,detail"
    lines = [
        "elbow_flexion,left,active,2026-11-02,100,goniometer,,,",
        "elbow_flexion,right,active,2026-11-03,140,goniometer,,,",
        "elbow_flexion,left,passive,2026-11-04,140,goniometer,,,",
        "elbow_flexion,left,,2026-11-05,140,goniometer,,,",
        "elbow_flexion,left,active,2026-11-06,140,phone,,,",
        "elbow_flexion,left,active,2026-11-07,140,,,,",
        "elbow_flexion,left,active,2026-11-08,140,goniometer,2,,",
        "elbow_flexion,left,active,2026-11-09,140,goniometer,,supine,",
        "elbow_flexion,left,active,2026-11-10,140,goniometer,,,after rest",
        "knee_flexion,left,active,2026-11-11,140,goniometer,,,",
    ]
    _, found, _ = run(*lines, head=head)
    assert [(one["readings"], one["verdict"], one["change"]) for one in found["measures"]] == [
        (1, "unknown", None)
    ] * len(lines)
    assert {one["why"] for one in found["measures"]} == {"One reading so far: nothing to compare with yet."}
    for one in found["measures"]:
        assert (one["threshold"] is None) == bool(one["version"])


def test_letter_case_and_blanks_part_no_series(run: Run) -> None:
    _, found, _ = run("elbow_flexion, Left ,Active,2026-11-02,100", "elbow_flexion,left, active,2026-11-09,120")
    assert [one["verdict"] for one in found["measures"]] == ["improved"]


def test_rating_of_change_is_judged_alone(run: Run) -> None:
    _, found, _ = run("groc,,,2026-11-02,6", "groc,,,2026-11-16,4")
    (one,) = found["measures"]
    assert (one["baseline"], one["change"], one["verdict"], one["readings"]) == (None, 4, "improved", 2)


def test_other_version_of_a_form_is_unknown(run: Run) -> None:
    _, found, _ = run("odi,,,2026-11-02,60,modified", "odi,,,2026-11-16,20,modified", head=f"{HEAD},version")
    (one,) = found["measures"]
    assert (one["verdict"], one["threshold"]) == ("unknown", None)
    assert "hold for version 2.1a, not for modified" in one["why"]


def test_two_raters_are_compared_and_it_is_said(run: Run) -> None:
    _, found, _ = run(
        "elbow_flexion,left,active,2026-11-02,100,A",
        "elbow_flexion,left,active,2026-11-09,120,B",
        head=f"{HEAD},rater",
    )
    (one,) = found["measures"]
    assert one["verdict"] == "improved"
    assert any("these readings are by two" in note for note in one["notes"])


def test_value_right_after_treatment_is_no_change_since_the_start(run: Run) -> None:
    _, found, _ = run(
        "nprs,,,2026-11-02,7,baseline",
        "nprs,,,2026-11-09,6,before",
        "nprs,,,2026-11-09,1,after",
        head=f"{HEAD},moment",
    )
    (one,) = found["measures"]
    assert (one["latest"]["value"], one["verdict"]) == (6, "within_error")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("lefs2,,,2026-11-02,5", "measure 'lefs2' is not on the shelf; near it: lefs"),
        ("koos,,,2026-11-02,5", "near it: koos_adl, koos_jr, koos_pain"),
        (",,,2026-11-02,5", "measure '' is not on the shelf"),
        ("elbow_flexion,,active,2026-11-02,5", "elbow_flexion needs a side; allowed: left, right, midline"),
        ("elbow_flexion,both,active,2026-11-02,5", "side 'both'; allowed: left, right, midline"),
        ("ndi,left,,2026-11-02,5", "ndi is of the whole patient; given side 'left'"),
        ("nprs,,,2026-02-29,5", "date '2026-02-29' is no day; allowed: YYYY-MM-DD"),
        ("nprs,,,02/11/2026,5", "date '02/11/2026' is no day"),
        ("nprs,,,20261102,5", "date '20261102' is no day"),
        ("nprs,,,,5", "date '' is no day"),
        ("nprs,,,2026-11-02,", "value '' is no number"),
        ("nprs,,,2026-11-02,five", "value 'five' is no number"),
        ("nprs,,,2026-11-02,NaN", "value 'NaN' is no number"),
        ("nprs,,,2026-11-02,inf", "value 'inf' is no number"),
        ("nprs,,,2026-11-02,1e1", "value '1e1' is no number"),
        ("nprs,,,2026-11-02,٥", "value '٥' is no number"),
        ("nprs,,,2026-11-02,-1", "value -1 of nprs; allowed: 0 to 10"),
        ("nprs,,,2026-11-02,10.1", "value 10.1 of nprs; allowed: 0 to 10"),
        ("nprs,,,2026-11-02", "4 cells; allowed: 5"),
        ("nprs,,,2026-11-02,5,5", "6 cells; allowed: 5"),
        (f"nprs,,{'x' * 201},2026-11-02,5", "method has 201 characters; allowed: 200"),
    ],
)
def test_bad_line_is_refused_with_its_number_and_reason_and_the_others_are_judged(
    run: Run, line: str, reason: str
) -> None:
    code, found, err = run("lefs,,,2026-11-02,30", line, "lefs,,,2026-11-16,60")
    assert (code, err) == (2, "")
    (refused,) = found["refused"]
    assert refused["line"] == 3
    assert reason in refused["reason"]
    assert [(one["measure"], one["verdict"]) for one in found["measures"]] == [("lefs", "improved")]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [("cm", "unit 'cm' of elbow_flexion; allowed: deg"), ("rad", "unit 'rad'")],
)
def test_another_unit_is_refused_and_never_turned(run: Run, cells: str, reason: str) -> None:
    _, found, _ = run(f"elbow_flexion,left,active,2026-11-02,100,{cells}", head=f"{HEAD},unit")
    assert reason in found["refused"][0]["reason"]
    assert found["measures"] == []


def test_units_own_name_is_understood(run: Run) -> None:
    code, *_ = run(
        "elbow_flexion,left,active,2026-11-02,100,deg",
        "elbow_flexion,left,active,2026-11-09,100,°",
        head=f"{HEAD},unit",
    )
    assert code == 0


def test_second_value_of_a_day_is_refused_and_the_series_says_so(run: Run) -> None:
    code, found, _ = run("nprs,,,2026-11-02,7", "nprs,,,2026-11-16,4", "nprs,,,2026-11-16,4")
    assert code == 2
    assert found["refused"] == [
        {
            "line": 4,
            "reason": "line 3 has a value for the same series and day; allowed: one, or a moment for each "
            "(before, after)",
        }
    ]
    (one,) = found["measures"]
    assert any("may not be the whole record" in note for note in one["notes"])


def test_lines_are_counted_as_an_editor_counts_them(run: Run) -> None:
    raw = f'{HEAD}\r\n\r\nnprs,,"a\nb",2026-11-02,7\r\nbad,,,2026-11-02,7\r\n'.encode()
    _, found, _ = run(raw=raw)
    assert [one["line"] for one in found["refused"]] == [5]


def test_byte_order_mark_other_line_ends_and_any_order_of_columns_are_read(run: Run) -> None:
    raw = b"\xef\xbb\xbfvalue,date,Measure,method,side\r\n7,2026-11-02,nprs,,\r\n4,2026-11-16,nprs,,\r\n"
    code, found, _ = run(raw=raw)
    assert (code, [one["verdict"] for one in found["measures"]]) == (0, ["improved"])


def test_file_without_readings_is_an_empty_answer(run: Run) -> None:
    code, found, _ = run()
    assert (code, found["measures"], found["refused"]) == (0, [], [])


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "no column 'measure'"),
        (b"measure,side,method,date\n", "no column 'value'"),
        (HEAD.replace(",", ";").encode(), "no column 'measure'"),
        (f"{HEAD},devise\n".encode(), "unknown column 'devise'"),
        (f"{HEAD},value\n".encode(), "column twice 'value'"),
        (f"{HEAD}\nnprs,,,2026-11-02,\xe9".encode("latin-1"), "not UTF-8; where: line 2"),
        (f'{HEAD}\nnprs,,"a"b,2026-11-02,7'.encode(), "not CSV"),
    ],
)
def test_file_that_cannot_be_read_as_a_whole_is_one_line_and_exit_code_2(run: Run, raw: bytes, words: str) -> None:
    code, found, err = run(raw=raw)
    assert (code, found) == (2, None)
    assert err.startswith("strigil: ")
    assert words in err
    assert err.count("\n") == 1


def test_missing_file_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["measure", "no-such.csv"]) == 2
    assert "cannot be read; where: no-such.csv" in capsys.readouterr().err


def test_readings_come_on_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    given_ = io.TextIOWrapper(io.BytesIO(f"{HEAD}\nnprs,,,2026-11-02,7\n".encode()))
    monkeypatch.setattr(sys, "stdin", given_)
    assert main(["measure", "-"]) == 0
    assert "nprs: unknown" in capsys.readouterr().out


def test_command_runs_without_django(tmp_path: Path) -> None:
    (tmp_path / "readings.csv").write_text(f"{HEAD}\nnprs,,,2026-11-02,7\n")
    code = "import sys, strigil.cli; strigil.cli.main(['measure', 'readings.csv']); assert 'django' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=200), st.booleans())
def test_no_file_makes_it_fail(rest: bytes, headed: bool) -> None:
    raw = (HEAD.encode() + b"\n" if headed else b"") + rest
    with suppress(FileError):
        rows = read_rows(raw, load())
        assert all(one.reason and one.line > 1 for one in rows.refused)
