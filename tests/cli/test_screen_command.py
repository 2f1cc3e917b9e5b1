"""``strigil screen``: one case in, one JSON object out; anything else is one line on stderr and exit code 2."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from strigil.cli import main
from strigil.cli.base import MOST_BYTES
from strigil.knowledge import load

pytestmark = pytest.mark.same_on_both

STRIGIL = Path(sys.executable).with_name("strigil")
CASE: dict[str, Any] = {
    "on": "2026-11-20",
    "patient": {"born": "1971-03-02", "sex": "female"},
    "indication": "lateral_epicondylitis",
    "technique": "graston",
    "sites": [{"region": "forearm_lateral", "side": "right"}],
    "findings": [{"id": "anticoagulants", "answer": "yes", "asked_on": "2026-11-20"}],
}
steady = settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Screen a case given as text or bytes; the exit code, stdout and stderr."""

    def run_(content: str | bytes, *options: str) -> tuple[int, str, str]:
        path = tmp_path / "case.json"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        code = main(["screen", str(path), *(options or ["--json"])])
        return (code, *capsys.readouterr())

    return run_


def refusal(result: tuple[int, str, str]) -> str:
    """The one line of a refusal, checked for its manner."""
    code, out, err = result
    assert code == 2, (code, out[:200], err)
    assert out == ""
    assert err.startswith("strigil: "), err
    assert err.endswith("\n"), err
    assert len(err.splitlines()) == 1, err
    assert "Traceback" not in err, err
    assert len(err) < 1000, err
    for part in ("; where: ", "; given: ", "; allowed: "):
        assert part in err, err
    return err


# --- What it prints ---------------------------------------------------------------------------------------------


def test_case_of_the_first_issue() -> None:
    """As a stranger would run it: the installed command, in a process of its own."""
    done = subprocess.run(
        [STRIGIL, "screen", "-", "--json"], input=json.dumps(CASE).encode(), capture_output=True, check=True, timeout=60
    )
    assert done.stderr == b""
    printed = json.loads(done.stdout)
    assert set(printed) == {"outcome", "complete", "sites", "reasons", "unasked", "knowledge"}
    assert (printed["outcome"], printed["complete"]) == ("clearance", False)
    (place,) = printed["sites"]
    assert (place["region"], place["side"], place["outcome"]) == ("forearm_lateral", "right", "clearance")
    assert printed["knowledge"] == {"version": load().version, "sha256": load().sha256}


def test_every_reason_has_rule_outcome_findings_agreement_and_sources(run: Run) -> None:
    _, out, _ = run(json.dumps(CASE))
    (reason,) = json.loads(out)["reasons"]
    assert {"rule", "outcome", "findings", "agreement", "sources"} <= set(reason)
    assert (reason["rule"], reason["outcome"], reason["findings"]) == (
        "anticoagulants",
        "clearance",
        ["anticoagulants"],
    )
    assert reason["agreement"] == "mixed"
    rule = load().rules["anticoagulants"]
    assert len(reason["sources"]) == len(rule.sources)
    for source, citation in zip(reason["sources"], rule.sources, strict=True):
        assert source["class"] == citation.class_
        assert source["says"] == citation.says
        assert source["url"] == load().source_of(citation).url
        assert source["kind"]
        assert source["title"]


def test_every_unasked_question_has_finding_and_question_most_severe_first(run: Run) -> None:
    _, out, _ = run(json.dumps(CASE))
    unasked = json.loads(out)["unasked"]
    assert all(one["question"] == load().rules[one["finding"]].question for one in unasked)
    assert unasked[0]["could_be"] == "emergency"
    assert "anticoagulants" not in [one["finding"] for one in unasked]


def test_whole_answer_is_one_json_object_and_nothing_else(run: Run) -> None:
    code, out, err = run(json.dumps(CASE))
    assert (code, err) == (0, "")
    value, end = json.JSONDecoder().raw_decode(out)
    assert isinstance(value, dict)
    assert out[end:] == "\n"


def test_without_json_it_prints_for_people(run: Run, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "case.json"
    path.write_text(json.dumps(CASE))
    assert main(["screen", str(path)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("outcome: clearance (questions are open)\n")
    assert "forearm_lateral, right: clearance" in out
    assert "still to ask" in out


@pytest.mark.parametrize(
    "change",
    [
        {"sites": []},
        {"findings": []},
        {"technique": None, "indication": None},
        {"patient": {"born": None, "sex": "unknown"}},
        {"patient": {"born": "2026-11-20", "sex": "other"}},
        {"id": "case 1"},
        {"id": 17},
        {"clearances": [{"id": "anticoagulants", "agreed_on": "2026-11-01", "until": "2026-12-01"}]},
        {
            "findings": [
                {"id": "red_flag_dvt", "answer": "unknown", "asked_on": "1999-01-01", "site": None, "since": None}
            ]
        },
        {
            "findings": [
                {
                    "id": "open_wound",
                    "answer": "yes",
                    "asked_on": "2026-11-20",
                    "site": {"region": "knee", "side": "midline"},
                    "since": "2026-11-01",
                }
            ]
        },
        {"on": "2028-02-29"},
    ],
)
def test_case_within_what_is_allowed_is_decided(run: Run, change: dict[str, Any]) -> None:
    code, out, err = run(json.dumps(CASE | change))
    assert (code, err) == (0, "")
    assert set(json.loads(out)) == {"outcome", "complete", "sites", "reasons", "unasked", "knowledge"}


@pytest.mark.parametrize("left_out", ["indication", "technique"])
def test_what_may_be_left_out(run: Run, left_out: str) -> None:
    assert run(json.dumps({key: value for key, value in CASE.items() if key != left_out}))[0] == 0


def test_mark_of_utf8_at_the_start_is_read_over(run: Run) -> None:
    """Some editors write it; it changes nothing."""
    assert run(b"\xef\xbb\xbf" + json.dumps(CASE).encode()) == run(json.dumps(CASE))


def test_answer_is_json_whatever_letters_the_terminal_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "case.json"
    path.write_text(json.dumps(CASE))
    for encoding in ("ascii", "latin-1", "utf-8"):
        for options in (["--json"], []):
            raw = io.BytesIO()
            monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
            monkeypatch.setattr("strigil.pathway.screen.json._sources", lambda *_: [{"title": "Blutverdünner – “血”"}])
            assert main(["screen", str(path), *options]) == 0
            sys.stdout.flush()
            if options:
                printed = json.loads(raw.getvalue().decode("utf-8"))
                assert printed["reasons"][0]["sources"] == [{"title": "Blutverdünner – “血”"}]


def test_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "case.json"
    path.write_text(json.dumps(CASE))
    process = subprocess.Popen(
        [STRIGIL, "screen", path, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(os.environ)
    )
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    process.wait(timeout=60)
    assert err == b""


# --- What it refuses --------------------------------------------------------------------------------------------

VALID = json.dumps(CASE)

NOT_JSON: dict[str, str | bytes] = {
    "empty": "",
    "only spaces": "  \n\t ",
    "words": "not json at all",
    "truncated": VALID[:-1],
    "truncated in a word": VALID[:40],
    "two objects": VALID + VALID,
    "something after it": VALID + "]",
    "single quotes": VALID.replace('"', "'"),
    "comma too many": VALID[:-1] + ",}",
    "a comment": "// a case\n" + VALID,
    "NaN": VALID.replace('"1971-03-02"', "NaN"),
    "Infinity": VALID.replace('"1971-03-02"', "Infinity"),
    "-Infinity": VALID.replace('"1971-03-02"', "-Infinity"),
    "python words": VALID.replace('"1971-03-02"', "None"),
    "bare control character": VALID.replace("graston", "gras\nton"),
    "wrong escape": VALID.replace("graston", "\\x67raston"),
    "half an escape": VALID.replace("graston", "\\ud8"),
    "100,000 brackets": "[" * 100_000,
    "100,000 brackets closed": "[" * 100_000 + "]" * 100_000,
    "100,000 objects": '{"on":' * 100_000,
    "integer of 5,000 digits": VALID.replace('"1971-03-02"', "1" * 5_000),
    "UTF-8 cut short": b'{"on": "\xc3',
    "Latin-1": '{"on": "Zür"}'.encode("latin-1"),
    "UTF-16 with its mark": VALID.encode("utf-16"),
    "UTF-16 without": VALID.encode("utf-16-le"),
    "UTF-32": VALID.encode("utf-32"),
    "mark twice": b"\xef\xbb\xbf\xef\xbb\xbf" + VALID.encode(),
    "zeros": b"\x00" * 100,
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "a surrogate in bytes": b'{"on": "\xed\xa0\x80"}',
    "key twice": VALID[:-1] + ',"on":"2026-11-21"}',
    "key twice inside": VALID.replace('"sex": "female"', '"sex": "female", "sex": "male"'),
    "key twice, same value": VALID[:-1] + ',"on":"2026-11-20"}',
    "key with a line break twice": '{"a\\nb\\u2028": 1, "a\\nb\\u2028": 2}',
    "surrogate key twice": '{"\\ud800": 1, "\\ud800": 2}',
}


@pytest.mark.parametrize("content", NOT_JSON.values(), ids=NOT_JSON)
def test_what_is_not_json_is_refused(run: Run, content: str | bytes) -> None:
    refusal(run(content))


def changed(path: str, value: Any) -> dict[str, Any]:
    """The case with the value put at a place such as ``findings.0.id``; ``DROP`` takes the key out."""
    case = deepcopy(CASE)
    holder: Any = case
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for part in way:
        holder = holder[part]
    if value is DROP:
        del holder[last]
    else:
        holder[last] = value
    return case


DROP = object()
WRONG: list[tuple[str, Any, str]] = [
    ("on", DROP, "on is missing"),
    ("patient", DROP, "patient is missing"),
    ("sites", DROP, "sites is missing"),
    ("findings", DROP, "findings is missing"),
    ("patient.born", DROP, "born is missing"),
    ("patient.sex", DROP, "sex is missing"),
    ("sites.0.region", DROP, "region is missing"),
    ("sites.0.side", DROP, "side is missing"),
    ("findings.0.id", DROP, "id is missing"),
    ("findings.0.answer", DROP, "answer is missing"),
    ("findings.0.asked_on", DROP, "asked_on is missing"),
    ("whatever", 1, "unknown key"),
    ("On", "2026-11-20", "unknown key"),
    ("on ", "2026-11-20", "unknown key"),
    ("", 1, "unknown key"),
    ("a\nb", 1, "unknown key"),
    ("\u2028\u2029\x85\x0b", 1, "unknown key"),
    ("\ud800", 1, "unknown key"),
    ("k" * 100_000, 1, "unknown key"),
    ("patient.name", "Ann", "unknown key"),
    ("sites.0.where", 1, "unknown key"),
    ("findings.0.note", 1, "unknown key"),
    ("on", "2026-02-30", "no such day"),
    ("on", "2026-13-01", "no such day"),
    ("on", "0000-01-01", "no such day"),
    ("on", "2025-02-29", "no such day"),
    ("on", "1066-10-14", "too long ago"),
    ("on", "20261120", "not a date"),
    ("on", "2026-W47-5", "not a date"),
    ("on", "20.11.2026", "not a date"),
    ("on", "2026-11-20T00:00:00Z", "not a date"),
    ("on", "2026-11-20\n", "not a date"),
    ("on", " 2026-11-20", "not a date"),
    ("on", "２０２６-１１-２０", "not a date"),
    ("on", "", "not a date"),
    ("patient.born", "2026-11-21", "after the day"),
    ("patient.born", "1879-12-31", "too long ago"),
    ("patient.sex", "Female", "not one of the words"),
    ("patient.sex", "f", "not one of the words"),
    ("patient.sex", "", "not one of the words"),
    ("sites.0.side", "Left", "not one of the words"),
    ("sites.0.side", "both", "not one of the words"),
    ("sites.0.side", None, "not one of the words"),
    ("sites.0.region", "elbow", "unknown id"),
    ("sites.0.region", "forearm_lateral ", "unknown id"),
    ("sites.0.region", "Forearm_Lateral", "unknown id"),
    ("technique", "gratson", "unknown id"),
    ("technique", "", "unknown id"),
    ("indication", "tennis elbow", "unknown id"),
    ("findings.0.id", "dvt", "unknown id"),
    ("findings.0.id", "RED_FLAG_DVT", "unknown id"),
    ("findings.0.id", "\ud83d", "unknown id"),
    ("findings.0.id", "x" * 1_000_000, "unknown id"),
    ("findings.0.id", "__class__", "unknown id"),
    ("findings.0.answer", "Yes", "not one of the words"),
    ("findings.0.answer", "n", "not one of the words"),
    ("findings.0.answer", True, "not one of the words"),
    ("findings.0.answer", False, "not one of the words"),
    ("findings.0.answer", None, "not one of the words"),
    ("findings.0.answer", 0, "not one of the words"),
    ("findings.0.asked_on", "2026-11-21", "after the day"),
    ("findings.0.asked_on", "2026-02-30", "no such day"),
    ("findings.0.asked_on", None, "not a date"),
    ("findings.0.since", "2026-11-21", "after the day"),
    ("findings.0.since", "yesterday", "not a date"),
    ("findings.0.site", {"region": "knee"}, "side is missing"),
    ("findings.0.site", {"region": "nose", "side": "left"}, "unknown id"),
    ("findings.0.site", "knee/left", "an object is expected"),
    ("clearances", [{"id": "anticoagulants", "agreed_on": "2026-11-02", "until": "2026-11-01"}], "ends before"),
    ("clearances", [{"id": "nothing", "agreed_on": "2026-11-01", "until": "2026-11-02"}], "unknown id"),
    ("clearances", [{"id": "anticoagulants", "agreed_on": "2026-11-01"}], "until is missing"),
    ("clearances", None, "a list is expected"),
]


@pytest.mark.parametrize(("path", "value", "what"), WRONG, ids=[f"{p[:20]!r}-{w}" for p, _, w in WRONG])
def test_case_that_is_wrong_somewhere_is_refused_with_what_and_where(
    run: Run, path: str, value: Any, what: str
) -> None:
    line = refusal(run(json.dumps(changed(path, value))))
    assert what in line


def test_refusal_says_what_where_given_and_allowed(run: Run) -> None:
    line = refusal(run(json.dumps(changed("findings.0.answer", "maybe"))))
    assert line == (
        "strigil: not one of the words; where: findings[0].answer; given: 'maybe'; allowed: yes, no, unknown\n"
    )
    line = refusal(run(json.dumps(changed("sites.0.region", "forearm_latral"))))
    assert (
        "where: sites[0].region; given: 'forearm_latral'; allowed: an id on the shelf, such as forearm_lateral" in line
    )
    line = refusal(run(json.dumps(changed("on", "2026-02-30"))))
    assert "no such day; where: on; given: '2026-02-30'; allowed: a date as YYYY-MM-DD" in line


ODD_VALUES = (None, True, 0, -1, 1.5, 10**400, "", "x", [], [[]], {}, {"a": 1})
EVERYWHERE = (
    "on", "patient", "patient.born", "patient.sex", "sites", "sites.0", "sites.0.region", "sites.0.side", "findings",
    "findings.0", "findings.0.id", "findings.0.answer", "findings.0.asked_on", "findings.0.site", "findings.0.since",
    "technique", "indication", "clearances",
)  # fmt: skip
FINE = {
    ("patient.born", "None"), ("sites", "[]"), ("findings", "[]"), ("findings.0.site", "None"), ("technique", "None"),
    ("findings.0.since", "None"), ("indication", "None"), ("clearances", "[]"),
}  # fmt: skip


@pytest.mark.parametrize("path", EVERYWHERE)
@pytest.mark.parametrize("value", ODD_VALUES, ids=lambda value: repr(value)[:12])
def test_wrong_kind_of_value_is_refused_everywhere(run: Run, path: str, value: Any) -> None:
    result = run(json.dumps(changed(path, value)))
    if (path, repr(value)) in FINE:
        assert result[0] == 0
    else:
        refusal(result)


@pytest.mark.parametrize("value", [None, True, 1, "case", [], [CASE], {}], ids=repr)
def test_anything_but_a_case_is_refused(run: Run, value: Any) -> None:
    refusal(run(json.dumps(value)))


def test_value_nested_to_any_depth_is_refused_in_one_line(run: Run) -> None:
    """Deep enough to be read, too deep to be shown: the refusal itself must not fail."""
    for depth in (*range(1, 700, 50), *range(700, 1001)):
        nested = "[" * depth + "]" * depth
        for text in (nested, VALID.replace('"2026-11-20"', nested, 1)):
            refusal(run(text))


def test_file_of_the_largest_size_is_read_and_one_byte_more_refused(run: Run) -> None:
    assert run(VALID + " " * (MOST_BYTES - len(VALID)))[0] == 0
    assert "too large" in refusal(run(VALID + " " * (MOST_BYTES - len(VALID) + 1)))


def test_huge_list_is_refused_in_one_short_line(run: Run) -> None:
    assert "a list is expected" not in refusal(run(json.dumps(CASE | {"on": [0] * 1_000_000})))


def test_huge_file_is_not_read_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(50 * 1024**3)  # sparse: takes no room
    assert "too large" in refusal((main(["screen", str(path), "--json"]), *capsys.readouterr()))


@pytest.mark.parametrize(
    "name", ["missing.json", ".", "missing/deeper.json", "x" * 5000, "line\nbreak.json", "nul\0.json", ""]
)
def test_file_that_cannot_be_read_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    refusal((main(["screen", name, "--json"]), *capsys.readouterr()))


def test_standard_input_is_read_and_refused_alike(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for content, code in ((VALID.encode(), 0), (b"", 2), (b"\xff", 2), (b" " * (MOST_BYTES + 1), 2)):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        result = (main(["screen", "-", "--json"]), *capsys.readouterr())
        assert result[0] == code
        if code:
            refusal(result)


@pytest.mark.parametrize("content", ["", "nonsense", VALID[:-1], '{"on": 1}'])
def test_refusal_of_the_installed_command_is_one_line_and_exit_2(content: str) -> None:
    done = subprocess.run(
        [STRIGIL, "screen", "-", "--json"], input=content, capture_output=True, text=True, timeout=60, check=False
    )
    refusal((done.returncode, done.stdout, done.stderr))


def test_nothing_is_printed_before_all_is_decided(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault inside leaves no half answer on stdout."""

    def fail(*_: object) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr("strigil.pathway.screen.json._sources", fail)
    with pytest.raises(RuntimeError, match="planted"):
        run(VALID)


# --- Fuzzing ----------------------------------------------------------------------------------------------------

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None, exclude_categories=[]))
    | st.sampled_from(["yes", "no", "unknown", "left", "knee", "2026-11-20", "2026-11-19", "red_flag_dvt", "female"])
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12
)


def held(content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Either a whole answer or a refusal of one line; never a traceback, never half an answer."""
    path = tmp_path / "fuzzed.json"
    path.write_bytes(content)
    code = main(["screen", str(path), "--json"])
    out, err = capsys.readouterr()
    if code == 0:
        assert err == ""
        assert set(json.loads(out)) == {"outcome", "complete", "sites", "reasons", "unasked", "knowledge"}
    else:
        refusal((code, out, err))


@steady
@given(value=values)
def test_any_json_is_answered_or_refused(value: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    held(json.dumps(value).encode(), tmp_path, capsys)


@st.composite
def mutations(draw: st.DrawFn) -> dict[str, Any]:
    """A valid case with one to three places changed, dropped or added."""
    case = deepcopy(CASE)
    case["clearances"] = [{"id": "anticoagulants", "agreed_on": "2026-11-01", "until": "2026-12-01"}]
    case["findings"][0] |= {"since": "2026-11-01", "site": {"region": "knee", "side": "left"}}
    for _ in range(draw(st.integers(1, 3))):
        holder: Any = case
        while True:
            keys = sorted(holder) if isinstance(holder, dict) else list(range(len(holder)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(holder[key], dict | list) and holder[key] and draw(st.integers(0, 3)):
                holder = holder[key]
                continue
            what = draw(st.sampled_from(("value", "word", "drop", "add")))
            if what == "drop":
                del holder[key]
            elif what == "add" and isinstance(holder, dict):
                holder[draw(st.text(max_size=5))] = draw(values)
            elif what == "word":
                holder[key] = draw(scalars)
            else:
                holder[key] = draw(values)
            break
    return case


@steady
@given(case=mutations())
def test_any_mutated_case_is_answered_or_refused(
    case: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held(json.dumps(case).encode(), tmp_path, capsys)


@steady
@given(cut=st.integers(0, len(VALID)), junk=st.binary(max_size=8), keep=st.booleans())
def test_any_damaged_file_is_answered_or_refused(
    cut: int, junk: bytes, keep: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tail = VALID.encode()[cut + len(junk) * (not keep) :]
    held(VALID.encode()[:cut] + junk + tail, tmp_path, capsys)


def test_fuzzing_would_notice_a_traceback(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("strigil.pathway.screen.json._no_repeats", lambda pairs: dict(pairs)["on"])
    with pytest.raises(KeyError):
        held(b"{}", tmp_path, capsys)
