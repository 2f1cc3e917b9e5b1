"""``strigil knowledge add-study``: step by step or from a file, checked as it goes, taken up again where it was."""

from __future__ import annotations

import io
import json
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from strigil.cli import add_study, interview, main
from strigil.knowledge import load
from strigil.knowledge.load import read_as
from strigil.knowledge.shapes import Audit, Study
from strigil.knowledge.write import as_yaml
from strigil.pathway.learn.evidence import of_condition, seen
from tests.knowledge.shelf import Shelf, fresh

ANSWERS = """\
smith_2026
Smith 2026: Graston or exercise for the neck
Graston and neck pain: a randomised trial
2026

41234567
table_2
text
Table 2
https://trial.example/table-2
no
text
no
rct
neck_pain

Neck pain
neck
patients
40 adults with neck pain
40

table_2
graston
Graston
active
tool
Graston

yes
exercise
Exercise
active
no
yes
8
5
4
2


no
table_2
yes
pain
pain, VAS
vas_pain
mm
lower
4 weeks
post
yes
20
25.5
7.3







yes
20
44.6
12.9







table_2
yes
between
difference between groups
-19.1
-26.6
-11.6
<0.001

no
no
yes
PEDro
6/10
PEDro record

table_2
yes
yes
0
They asked at each visit; none was reported.
table_2
no
favours_iastm
""".splitlines()
AT_DEPTH = 6
"""Answers before the one that says how much was read."""


@pytest.fixture
def home(copied: Shelf) -> Iterator[Path]:
    studies = copied.home / "studies"
    before = {path.name for path in studies.iterdir()}
    load.cache_clear()
    yield copied.home
    for path in studies.iterdir():
        if path.name not in before:
            path.unlink()
    load.cache_clear()


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    return tmp_path / "smith.draft"


def said(answers: list[str], home: Path, draft: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{one}\n" for one in answers)))
    return main(["knowledge", "add-study", "--home", str(home), "--draft", str(draft)])


def held(home: Path) -> Study:
    return fresh(home).shelf(Study)["smith_2026"]


# --- Step by step -------------------------------------------------------------------------------------------------


def test_answers_make_one_file_that_the_shelf_takes(home: Path, draft: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(ANSWERS, home, draft, monkeypatch) == 0
    study = held(home)
    (outcome,) = study.outcomes
    assert [str(one.mean) for one in outcome.results] == ["25.5", "44.6"]
    assert outcome.read_in == "table_2"
    assert study.adverse_events is not None
    assert (study.adverse_events.looked_for, study.adverse_events.count) == ("yes", 0)
    assert study.audited is None, "nobody has checked it a second time"
    assert not draft.exists()


def test_what_was_added_is_in_the_picture_of_its_condition(
    home: Path, draft: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = of_condition("neck_pain", fresh(home))
    assert said(ANSWERS, home, draft, monkeypatch) == 0
    after = of_condition("neck_pain", fresh(home))
    (group,) = [one for one in after.groups if one.comparator == "active"]
    (row,) = [seen(one) for one in group.contrasts if one.study.id == "smith_2026"]
    assert row is not None
    assert row.value == 19.1
    assert after.line != before.line


def test_what_is_not_answered_is_absent_and_not_none(home: Path, draft: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(ANSWERS, home, draft, monkeypatch) == 0
    assert held(home).doi is None
    assert "doi" not in (home / "studies" / "smith_2026.yaml").read_text()


@pytest.mark.parametrize("cut", [1, AT_DEPTH, 20, 44, 60, len(ANSWERS) - 1])
def test_interrupted_anywhere_it_goes_on_where_it_was(
    cut: int, home: Path, draft: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert said(ANSWERS[:cut], home, draft, monkeypatch) == 130
    assert json.loads(draft.read_text()) == ANSWERS[:cut]
    assert not (home / "studies" / "smith_2026.yaml").exists()
    assert said(ANSWERS[cut:], home, draft, monkeypatch) == 0
    assert held(home).title.startswith("Smith 2026")
    assert not draft.exists()


def test_planted_answers_that_are_not_kept_are_missed(home: Path, draft: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(add_study, "_keep", lambda draft, answers: None)
    assert said(ANSWERS[:20], home, draft, monkeypatch) == 130
    with pytest.raises(FileNotFoundError):
        draft.read_text()
    assert said(ANSWERS[20:], home, draft, monkeypatch) == 2, "the rest alone is no study"


WRONG = [
    (0, "Smith 2026", "id: "),
    (0, "lee_2016", "id is taken; given: lee_2016"),
    (1, "", "title is needed"),
    (3, "twenty", "year: "),
    (5, "PMC4932073", "pmid: "),
    (AT_DEPTH + 1, "whole", "depth: Input should be"),
    (10, "perhaps", "given: perhaps; allowed: yes, no"),
    (14, "sore_neck", "not on the shelf; given: sore_neck; allowed: achilles_tendinopathy"),
    (22, "", "a number without where it was read; given: nothing; allowed: table_2"),
    (22, "table_9", "a number without where it was read; given: table_9; allowed: table_2"),
]


@pytest.mark.parametrize(("place", "answer", "reason"), WRONG)
def test_answer_that_does_not_fit_is_refused_with_its_place_and_reason(
    place: int,
    answer: str,
    reason: str,
    home: Path,
    draft: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert said([*ANSWERS[:place], answer], home, draft, monkeypatch) == 2
    error = capsys.readouterr().err
    assert f"answer {place + 1}: " in error
    assert reason in error
    assert len(error.splitlines()) == 1
    assert not (home / "studies" / "smith_2026.yaml").exists()
    assert said(ANSWERS[place:], home, draft, monkeypatch) == 0, "what was right is kept"


def test_more_events_than_people_are_refused_with_the_block_that_holds_them(
    home: Path, draft: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ANSWERS.index("25.5") + 7
    spoiled = [*ANSWERS[:place], "21", *ANSWERS[place + 1 :]]
    assert said(spoiled, home, draft, monkeypatch) == 2
    assert "21 events among 20 people" in capsys.readouterr().err


def test_draft_that_is_no_draft_is_refused(home: Path, draft: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draft.write_text('{"answers": 3}')
    assert said(ANSWERS, home, draft, monkeypatch) == 2
    assert draft.read_text() == '{"answers": 3}'


# --- At a terminal ------------------------------------------------------------------------------------------------


class Terminal:
    """The command at a pseudo-terminal: types a line, and reads until words appear."""

    def __init__(self, home: Path, draft: Path) -> None:
        self.control, inside = pty.openpty()
        command = [sys.executable, "-m", "strigil.cli", "knowledge", "add-study", "--home", home, "--draft", draft]
        self.process = subprocess.Popen(
            command, stdin=inside, stdout=inside, stderr=inside, start_new_session=True, close_fds=True
        )
        os.close(inside)
        self.seen = ""

    def until(self, words: str) -> None:
        while words not in self.seen:
            ready, _, _ = select.select([self.control], [], [], 60)
            assert ready, f"waited for {words!r}; seen: {self.seen[-400:]}"
            try:
                self.seen += os.read(self.control, 4096).decode()
            except OSError:  # a pseudo-terminal whose other end has closed
                assert words in self.seen, self.seen[-400:]
        self.seen = self.seen.split(words, 1)[1]

    def types(self, line: str, then: str) -> None:
        os.write(self.control, f"{line}\n".encode())
        self.until(then)

    def ends(self) -> int:
        code = self.process.wait(60)
        os.close(self.control)
        return code


def test_at_a_terminal_a_wrong_answer_is_asked_again_the_last_is_taken_back_and_ctrl_c_keeps_the_rest(
    home: Path, draft: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Terminal(home, draft)
    first.until("A short name for it")
    first.types("Smith 2026", "id: ")
    first.until("A short name for it")
    first.types("smith_2026", "Title, short")
    first.types("A slip", "Title of the paper")
    first.types("<", "Title, short")
    first.types(ANSWERS[1], "Title of the paper")
    first.types(ANSWERS[2], "Year")
    os.killpg(first.process.pid, signal.SIGINT)
    first.until("the same command goes on from there")
    assert first.ends() == 130
    assert json.loads(draft.read_text()) == ANSWERS[:3]
    second = Terminal(home, draft)
    second.until("Taken up again after 3 answers")
    second.until("Year")
    for answer in ANSWERS[3:-1]:
        second.types(answer, ": ")
    second.until("Our reading of the comparison")
    second.types(ANSWERS[-1], "written")
    assert second.ends() == 0
    assert held(home).title == ANSWERS[1]


def test_killed_outright_every_answer_that_was_taken_is_kept(home: Path, draft: Path) -> None:
    terminal = Terminal(home, draft)
    terminal.until("A short name for it")
    terminal.types("smith_2026", "Title, short")
    terminal.types(ANSWERS[1], "Title of the paper")
    terminal.process.kill()
    assert terminal.ends() == -signal.SIGKILL
    assert json.loads(draft.read_text()) == ANSWERS[:2]


# --- From a file --------------------------------------------------------------------------------------------------


@pytest.fixture
def written(home: Path, draft: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of the study, beside the shelf and not on it."""
    assert said(ANSWERS, home, draft, monkeypatch) == 0
    path = tmp_path / "theirs.yaml"
    shutil.move(home / "studies" / "smith_2026.yaml", path)
    load.cache_clear()
    return path


def from_file(path: Path, home: Path) -> int:
    return main(["knowledge", "add-study", "--home", str(home), "--from", str(path)])


def test_a_file_is_taken_as_it_is(written: Path, home: Path) -> None:
    assert from_file(written, home) == 0
    assert (home / "studies" / "smith_2026.yaml").read_bytes() == written.read_bytes()
    assert held(home).id == "smith_2026"


@pytest.mark.parametrize(
    ("old", "new", "line_of", "reason"),
    [
        ("kind: post", "kind: final", "kind: final", "outcomes.0.kind is not one of its words; given: final"),
        ("vas_pain", "vas_paine", "vas_paine", "outcomes.0.on_shelf points nowhere; given: vas_paine"),
        ("year: 2026", "yeer: 2026", "yeer: 2026", "key 'yeer' is unknown"),
        ("id: smith_2026", "id: lee_2016", "id: lee_2016", "id is taken; given: lee_2016"),
        ("  n: 40", "  n: forty", "n: forty", "population.n"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_line_and_reason(
    old: str, new: str, line_of: str, reason: str, written: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    text = written.read_text().replace(old, new, 1)
    written.write_text(text)
    assert from_file(written, home) == 1
    line = next(number for number, each in enumerate(text.splitlines(), 1) if line_of in each)
    assert capsys.readouterr().err.startswith(f"{written}:{line}: {reason}")
    assert not (home / "studies" / "smith_2026.yaml").exists()


def test_a_file_with_a_number_without_a_page_is_refused(
    written: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written.write_text(written.read_text().replace("  read_in: table_2\n", "", 1))
    assert from_file(written, home) == 1
    assert "without where it was read" in capsys.readouterr().err


def test_a_study_that_is_there_is_never_written_over(written: Path, home: Path) -> None:
    assert from_file(written, home) == 0
    before = (home / "studies" / "smith_2026.yaml").read_bytes()
    load.cache_clear()
    assert from_file(written, home) == 1
    assert (home / "studies" / "smith_2026.yaml").read_bytes() == before


def test_what_is_no_shelf_is_refused(tmp_path: Path) -> None:
    assert main(["knowledge", "add-study", "--home", str(tmp_path / "nowhere"), "--from", "x.yaml"]) == 2


@pytest.mark.parametrize("name", sorted(load().shelf(Study)))
def test_every_study_is_the_same_after_it_is_written_and_read_again(name: str) -> None:
    study = load().shelf(Study)[name]
    assert read_as(Study, name, as_yaml(study).encode()) == study


def test_interview_asks_for_every_field_of_a_study_or_says_that_it_does_not() -> None:
    asked = {name for shape in (Study, *parts_of(Study)) for name, _ in interview._asked(shape)}
    there = {name for shape in (Study, *parts_of(Study)) for name in shape.model_fields}
    assert there - asked == interview.NOT_ASKED & there


def parts_of(shape: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for field in shape.model_fields.values():
        inner = interview._shape_in(field.annotation)
        if inner and inner is not Audit:
            yield inner
            yield from parts_of(inner)


@pytest.mark.parametrize("words", ["null", "~", "Null", "no", "0010", "a: b # c", "- x", "'", '"', "é — µ", " end "])
def test_words_that_yaml_would_read_otherwise_stay_the_words(words: str) -> None:
    study = load().shelf(Study)["moon_2017"].model_copy(update={"region": words})
    assert read_as(Study, "x.yaml", as_yaml(study).encode()).region == words
