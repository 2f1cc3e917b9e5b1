"""``strigil screen --many``: the single engine's answer for every line, in a file that appears whole or not at all."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
import pytest

from strigil.cli import main
from strigil.knowledge import load
from strigil.pathway.screen import screen
from strigil.pathway.screen.json import case_from_json, decision_to_json
from strigil.pathway.screen.lines import MOST_LINES, screen_cases
from tests.pathway.test_second_evaluator import random_cases

pytestmark = pytest.mark.same_on_both

STRIGIL = Path(sys.executable).with_name("strigil")
Run = Callable[..., tuple[int, str, Path]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Screen lines; the exit code, stderr, and where the results should be."""

    def run_(lines: bytes, out: str = "results.ndjson") -> tuple[int, str, Path]:
        cases, results = tmp_path / "cases.ndjson", tmp_path / out
        cases.write_bytes(lines)
        code = main(["screen", str(cases), "--many", "--out", str(results)])
        printed = capsys.readouterr()
        assert printed.out == ""
        assert {one.name for one in tmp_path.iterdir()} <= {"cases.ndjson", out}, "nothing half-done is left"
        return code, printed.err, results

    return run_


def written(cases: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in cases)


def alone(case: dict[str, Any]) -> dict[str, Any]:
    return decision_to_json(screen(case_from_json(case, load()), load()), load())


def test_every_line_has_the_result_of_its_case_alone_in_the_same_order_with_its_own_id(run: Run) -> None:
    cases = [case | {"id": f"case {number}"} for number, case in enumerate(random_cases(2 * MOST_LINES + 50))]
    code, err, results = run(written(cases))
    assert (code, err) == (0, "")
    lines = results.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == [case["id"] for case in cases]
    for line, case in zip(lines, cases, strict=True):
        result = json.loads(line)
        del result["id"]
        assert result == alone(case)
        assert list(result) == list(alone(case))


def test_case_with_more_sites_than_a_column_holds_is_decided_too() -> None:
    case = next(random_cases(1))
    regions = load().shelves["body_regions"]
    case["sites"] = [{"region": region, "side": side} for region in regions for side in ("left", "right", "midline")]
    case = case_from_json(case, load())
    assert screen_cases([case], load()) == [screen(case, load())]


def test_id_may_be_missing_text_or_a_whole_number(run: Run) -> None:
    case = next(random_cases(1))
    _, _, results = run(written([case, case | {"id": "ä \u2028"}, case | {"id": 7}]))
    first, second, third = [json.loads(line) for line in results.read_bytes().splitlines()]
    assert "id" not in first
    assert (second["id"], third["id"]) == ("ä \u2028", 7)


def test_results_may_be_parquet(run: Run) -> None:
    cases = [case | {"id": f"p{number}"} for number, case in enumerate(random_cases(40))]
    code, _, results = run(written(cases), "results.parquet")
    assert code == 0
    columns = "id, outcome, complete, sites, reasons, unasked, knowledge"
    rows = duckdb.read_parquet(str(results)).project(columns).fetchall()
    for (own, outcome, complete, sites, reasons, unasked, knowledge), case in zip(rows, cases, strict=True):
        expected = alone(case)
        assert (own, outcome, complete, sites) == (
            case["id"],
            expected["outcome"],
            expected["complete"],
            expected["sites"],
        )
        assert reasons == expected["reasons"]
        assert [one["finding"] for one in unasked] == [one["finding"] for one in expected["unasked"]]
        assert knowledge == expected["knowledge"]


def test_no_case_is_no_result(run: Run) -> None:
    code, _, results = run(b"")
    assert (code, results.read_bytes()) == (0, b"")


@pytest.mark.parametrize("good_before", [0, 3, 2 * MOST_LINES + 3])
@pytest.mark.parametrize(
    "bad", [b"nonsense\n", b"\n", b'{"on": 1}\n', b"\xff\n", b'{"on":1,"on":2}\n', b"[" * 100_000 + b"\n", b"{}"]
)
def test_bad_line_is_told_by_its_number_and_leaves_no_result(run: Run, good_before: int, bad: bytes) -> None:
    good = written([next(random_cases(1))])
    code, err, results = run(good * good_before + bad + good)
    assert code == 2
    assert err.startswith(f"strigil: line {good_before + 1}: "), err
    assert len(err.splitlines()) == 1
    assert "; allowed: " in err
    assert not results.exists()


def test_result_of_an_earlier_run_stays_when_a_later_one_fails(run: Run, tmp_path: Path) -> None:
    (tmp_path / "results.ndjson").write_text("earlier")
    code, _, results = run(b"nonsense")
    assert (code, results.read_text()) == (2, "earlier")


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (["--many"], "--out"),
        (["--many", "--out", "results.csv"], "--out"),
        (["--many", "--out", "no/such/folder/results.ndjson"], "cannot be written"),
        (["--out", "results.ndjson"], "--many"),
    ],
)
def test_place_for_the_results_that_cannot_be_used_is_refused(
    options: list[str], what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cases.ndjson").write_bytes(written([next(random_cases(1))]))
    assert main(["screen", "cases.ndjson", *options]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert what in err
    assert len(err.splitlines()) == 1


def test_line_too_large_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("strigil.cli.many.MOST_BYTES", 5_000)
    cases = tmp_path / "cases.ndjson"
    cases.write_bytes(written([next(random_cases(1))]) + b" " * 5_001)
    assert main(["screen", str(cases), "--many", "--out", str(tmp_path / "r.ndjson")]) == 2
    assert "line 2: too large" in capsys.readouterr().err


def test_interrupt_leaves_neither_a_result_nor_a_process(tmp_path: Path) -> None:
    """Ctrl-C while it waits for more lines: every process of the group is gone when the command is."""
    read, write = os.pipe()
    running = subprocess.Popen(
        [STRIGIL, "screen", "-", "--many", "--out", tmp_path / "r.ndjson"],
        stdin=read,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    os.close(read)
    os.write(write, written([next(random_cases(1))]) * 10)
    while not list(tmp_path.glob(".r.ndjson.*")):
        assert running.poll() is None
    os.killpg(running.pid, signal.SIGINT)
    _, err = running.communicate(timeout=60)
    os.close(write)
    assert running.returncode == 130, err
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.killpg(running.pid, 0)


def test_workers_of_a_killed_command_end_with_it(tmp_path: Path) -> None:
    cases = written([next(random_cases(1))]) * (2 * MOST_LINES)
    running = subprocess.Popen(
        [STRIGIL, "screen", "-", "--many", "--out", tmp_path / "r.ndjson"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert running.stdin is not None
    running.stdin.write(cases)
    running.stdin.flush()
    workers = wait_for(lambda: [one for one in group(running.pid) if "spawn_main" in command(one)])
    running.kill()
    running.communicate(timeout=60)
    wait_for(lambda: not set(workers) & set(group(running.pid)))


def group(leader: int) -> list[int]:
    """Processes that were started with the command, except itself."""
    found = []
    for one in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = one.read_text().rpartition(")")[2].split()
            if int(fields[2]) == leader != int(one.parent.name) and fields[0] != "Z":
                found.append(int(one.parent.name))
    return found


def command(process: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_text().replace("\0", " ")
    return ""


def wait_for(what: Callable[[], Any]) -> Any:
    """What is looked for, once it is there; the time limit only ends a test that would fail."""
    until = time.monotonic() + 60
    while not (found := what()):
        assert time.monotonic() < until
    return found
