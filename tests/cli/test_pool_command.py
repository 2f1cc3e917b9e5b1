"""``strigil pool``: what is printed, drawn and refused."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from strigil.cli import main
from strigil.pathway.learn.pool import METHODS, TESTS
from strigil.pathway.learn.pool.table import COLUMNS
from tests.pathway.pool.expected import HOME, close, rows

pytestmark = pytest.mark.same_on_both

BCG = HOME / "data/bcg.csv"
MEANS = "study,n1,m1,sd1,n2,m2,sd2,versus\n"
KEYS = {
    *(
        "k",
        "estimate",
        "se",
        "ci_low",
        "ci_high",
        "pi_low",
        "pi_high",
        "tau2",
        "tau2_ci",
        "i2",
        "h2",
        "q",
        "q_df",
        "q_p",
    ),
    *("method", "test", "studies"),
}


class Told:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:
        return json.loads(self.out, parse_constant=lambda name: pytest.fail(f"{name} is no number"))


@pytest.fixture
def tell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs the command on a file of this text."""

    def run(text: str | bytes | Path, *arguments: str) -> Told:
        file = tmp_path / "trials.csv"
        if isinstance(text, Path):
            file = text
        else:
            file.write_bytes(text if isinstance(text, bytes) else text.encode())
        code = main(["pool", str(file), *arguments])
        told = capsys.readouterr()
        return Told(code, told.out, told.err)

    return run


def test_json_holds_what_metafor_says_and_every_study(tell: Any) -> None:
    told = tell(BCG, "--measure", "RR", "--test", "knha", "--json")
    result = told.json
    assert told.code == 0
    assert set(result) >= KEYS
    wanted = next(
        row
        for row in rows("fits")
        if (row["set"], row["measure"], row["method"], row["test"]) == ("bcg", "RR", "REML", "knha")
    )
    names = {"estimate": "b", "se": "se", "ci_low": "ci_low", "pi_high": "pi_high", "i2": "i2", "q_p": "q_p"}
    assert all(close(result[ours], wanted[theirs]) for ours, theirs in names.items())
    assert close(result["tau2_ci"][1], wanted["tau2_high"], 1e-6)
    assert len(result["studies"]) == result["k"] == 13
    assert sum(one["weight"] for one in result["studies"]) == pytest.approx(100)


def test_a_ratio_says_that_its_scale_is_log_and_gives_the_ratio_too(tell: Any) -> None:
    result = tell(BCG, "--measure", "RR", "--json").json
    assert result["scale"] == "log"
    assert result["estimate"] == pytest.approx(-0.714532, abs=1e-6)
    assert result["back_transformed"]["estimate"] == pytest.approx(0.489421, abs=1e-6)
    difference = tell(BCG, "--measure", "RD", "--json").json
    assert (difference["scale"], difference["back_transformed"]) == ("plain", None)


def test_words_give_the_estimate_its_interval_and_how_studies_differ(tell: Any) -> None:
    told = tell(BCG, "--measure", "RR", "--test", "knha")
    assert "Risk ratio: 13 studies" in told.out
    assert "REML, knha: 0.4894 (0.3301 to 0.7257), p 0.0019" in told.out
    assert "I² 92.2 %" in told.out


def test_groups_are_pooled_by_themselves_and_compared(tell: Any) -> None:
    text = MEANS + "A,10,1,1,10,0,1,sham\nB,12,1.1,1,12,0,1,sham\nC,9,0,1,9,0.1,1,rest\nD,9,0,1,9,0,1,rest\n"
    result = tell(text, "--by", "versus", "--json").json
    assert [(one["group"], one["k"]) for one in result["groups"]] == [("sham", 2), ("rest", 2)]
    assert result["group_test"]["q_df"] == 1
    assert result["studies"][0]["group"] == "sham"
    assert "between groups" in tell(text, "--by", "versus").out


def test_the_same_file_comes_on_standard_input_with_a_mark_and_other_columns(
    tell: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "\ufeffNote, Study ,yi,vi\r\nx,A,0.1,0.04\r\n,,,\r\ny,B,0.3,0.02\r\n"
    plain = tell("study,yi,vi\nA,0.1,0.04\nB,0.3,0.02\n", "--measure", "GEN", "--json").json
    stdin = io.TextIOWrapper(io.BytesIO(text.encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert main(["pool", "-", "--measure", "GEN", "--json"]) == 0
    other = json.loads(capsys.readouterr().out)
    assert other["estimate"] == plain["estimate"]
    assert [one["line"] for one in other["studies"]] == [2, 4]


def test_a_study_without_a_group_is_refused_not_put_somewhere(tell: Any) -> None:
    told = tell(MEANS + "A,10,5,1,10,4,1,sham\nB,10,5,1,10,4,1,\n", "--by", "versus")
    assert (told.code, told.out) == (2, "")
    assert "line 3: versus; given: ''" in told.err


# --- Refusals ----------------------------------------------------------------------------------------------------

GOOD = "A,10,5,1,10,4,1,x\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "column study is missing"),
        ("study,n1,m1,sd1,n2,m2\nA,1,1,1,1,1\n", "line 1: the column sd2 is missing"),
        ("study,n1,m1,sd1,n2,m2,sd2,m1\n", "line 1: the column m1 is there twice"),
        (MEANS, "no study"),
        (MEANS + GOOD + "B,10,5,,10,4,1,x\n", "line 3: sd1; given: ''"),
        (MEANS + GOOD + "B,10,5,1\n", "line 3: too few columns"),
        (MEANS + GOOD + "B,10,NaN,1,10,4,1,x\n", "line 3: m1; given: 'NaN'"),
        (MEANS + GOOD + "B,10,5,inf,10,4,1,x\n", "line 3: sd1; given: 'inf'"),
        (MEANS + GOOD + "B,10,1_0,1,10,4,1,x\n", "line 3: m1; given: '1_0'"),
        (MEANS + GOOD + "B,10,5,0,10,4,0,x\n", "line 3: a standard deviation"),
        (MEANS + GOOD + "B,10,5,-1,10,4,1,x\n", "line 3: a standard deviation"),
        (MEANS + GOOD + "B,1,5,1,1,4,1,x\n", "line 3: the groups"),
        (MEANS + GOOD + "B,10,1e300,1,10,4,1,x\n", "line 3: a number cannot be used"),
        (MEANS + GOOD + "B,10,5,1e300,10,4,1e300,x\n", "line 3: a number cannot be used"),
        (MEANS + GOOD + ",10,5,1,10,4,1,x\n", "line 3: study; given: ''"),
        (MEANS + GOOD + '"B,10,5,1,10,4,1,x\n', "line 3: is not CSV"),
        (MEANS.replace(",", ";") + GOOD, "line 1: the column study is missing"),
        ((MEANS + "Ume\u00e5,10,5,1,10,4,1,x\n").encode("latin-1"), "line 2: is not UTF-8"),
    ],
)
def test_a_bad_row_is_refused_with_its_line_and_reason(tell: Any, text: str | bytes, said: str) -> None:
    told = tell(text, "--measure", "SMD")
    assert (told.code, told.out) == (2, "")
    assert said in told.err
    assert told.err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--measure", "XX"], "unknown measure"),
        (["--method", "XX"], "unknown method"),
        (["--test", "t"], "unknown test"),
        (["--by", "nothing"], "column nothing is missing"),
        (["--forest", "/no/such/folder/a.svg"], "cannot be written"),
    ],
)
def test_what_is_not_offered_is_refused_with_what_is(tell: Any, arguments: list[str], said: str) -> None:
    told = tell(MEANS + GOOD + GOOD, *arguments)
    assert (told.code, told.out) == (2, "")
    assert said in told.err


@pytest.mark.parametrize("counts", ["A,5,4,1,10", "A,-1,10,1,10", "A,1,0,1,10", "A,1,10,11,10"])
def test_counts_that_no_trial_can_have_are_refused(tell: Any, counts: str) -> None:
    told = tell(f"study,a,n1,c,n2\nZ,1,10,2,10\n{counts}\n", "--measure", "OR")
    assert told.code == 2
    assert "line 3: " in told.err


# --- Zeros, one, two and many ------------------------------------------------------------------------------------


def test_empty_cells_get_a_half_and_studies_without_events_stay_in_and_both_are_said(tell: Any) -> None:
    result = tell("study,a,n1,c,n2\nA,0,10,3,10\nB,0,20,0,10\nC,4,30,6,30\n", "--measure", "OR", "--json").json
    assert result["k"] == 3
    assert result["studies"][0]["vi"] == pytest.approx(1 / 0.5 + 1 / 10.5 + 1 / 3.5 + 1 / 7.5)
    assert result["studies"][2]["vi"] == pytest.approx(1 / 4 + 1 / 26 + 1 / 6 + 1 / 24)
    assert any("2 studies with an empty cell" in note for note in result["notes"])
    assert any("1 study without any event" in note for note in result["notes"])


def test_one_study_is_shown_and_not_pooled(tell: Any) -> None:
    result = tell("study,yi,vi\nA,0.4,0.04\n", "--measure", "GEN", "--test", "knha", "--json").json
    assert (result["k"], result["estimate"], result["method"], result["test"]) == (1, 0.4, "EE", "z")
    assert [result[name] for name in ("tau2", "tau2_ci", "i2", "h2", "q", "q_p", "pi_low")] == [None] * 7
    assert "not pooled" in result["notes"][0]


def test_two_studies_give_the_wide_interval_that_one_degree_of_freedom_has(tell: Any) -> None:
    result = tell("study,yi,vi\nA,0.4,0.04\nB,0.9,0.05\n", "--measure", "GEN", "--test", "knha", "--json").json
    assert result["ci_high"] - result["estimate"] == pytest.approx(12.7062047 * result["se"])


def test_a_name_on_two_lines_is_pooled_with_a_warning(tell: Any) -> None:
    told = tell("study,yi,vi\nA,0.4,0.04\nA,0.9,0.05\n", "--measure", "GEN")
    assert told.code == 0
    assert "as if they were independent" in told.out


def test_a_hundred_thousand_studies_are_read_and_pooled_but_not_drawn(tell: Any, tmp_path: Path) -> None:
    text = "study,yi,vi\n" + "".join(f"S{n},{(n % 7) / 10},{0.01 + (n % 5) / 100}\n" for n in range(100_000))
    assert tell(text, "--measure", "GEN", "--json").json["k"] == 100_000
    told = tell(text, "--measure", "GEN", "--forest", str(tmp_path / "a.svg"))
    assert told.code == 2
    assert "too many to draw" in told.err


def test_drawings_are_written_wide_and_narrow(tell: Any, tmp_path: Path) -> None:
    forest, funnel = tmp_path / "forest.svg", tmp_path / "funnel.svg"
    told = tell(BCG, "--measure", "RR", "--forest", str(forest), "--funnel", str(funnel))
    assert told.code == 0
    assert 'viewBox="0 0 720 ' in forest.read_text(encoding="utf-8")
    assert "chart-funnel" in funnel.read_text(encoding="utf-8")
    tell(BCG, "--measure", "RR", "--forest", str(forest), "--narrow")
    assert 'viewBox="0 0 358 ' in forest.read_text(encoding="utf-8")


CELL = st.sampled_from(
    ["0", "1", "5", "10", "-3", "1e50", "-1e50", "1e-50", "1e-300", "1e300", "nan", "", "0.5", "7e15", "x"]
)


@settings(
    max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.sampled_from(sorted(COLUMNS)),
    st.lists(st.lists(CELL, min_size=6, max_size=6), max_size=5),
    st.sampled_from(METHODS),
    st.sampled_from(TESTS),
)
def test_whatever_stands_in_the_file_there_is_an_answer_of_numbers_or_one_line_that_refuses(
    tell: Any, measure: str, cells: list[list[str]], method: str, test: str
) -> None:
    wanted = COLUMNS[measure]
    lines = [",".join(["study", *wanted]), *(",".join(["S", *one[: len(wanted)]]) for one in cells)]
    told = tell("\n".join(lines), "--measure", measure, "--method", method, "--test", test, "--json")
    if told.code == 0:
        result = told.json
        assert result["ci_low"] <= result["estimate"] <= result["ci_high"]
        assert result["tau2"] is None or result["tau2"] >= 0
        assert min(one["yi"] for one in result["studies"]) <= result["estimate"] * (1 + 1e-9) + 1e-9
    else:
        assert (told.code, told.out, told.err.count("\n")) == (2, "", 1)
