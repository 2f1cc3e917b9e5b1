"""``strigil questionnaire``: a file is checked as the page would, and nothing is loaded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from strigil.cli import main
from tests.pathway.questionnaires import URL, choice, garden, packed


def run(tmp_path: Path, resource: object, *options: str, measure: str = "ndi") -> int:
    path = tmp_path / "garden.json"
    path.write_bytes(packed(resource))
    return main(["questionnaire", str(path), "--measure", measure, *options])


def test_a_sound_file_is_said_to_be_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, garden(), "--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "usable": True,
        "questions": 10,
        "title": "Birds in the garden",
        "version": "1.0",
        "canonical": f"{URL}|1.0",
        "measure": "ndi",
    }


def test_every_fault_is_a_line_that_names_its_item(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = garden(item=[choice("a", "First?") | {"repeats": True}, choice("a", "<b>")])
    assert run(tmp_path, broken) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 3
    assert all(line.startswith("strigil: Item a") for line in said.err.splitlines())
    assert run(tmp_path, broken, "--json") == 2
    assert len(json.loads(capsys.readouterr().out)["faults"]) == 3


def test_a_measure_off_the_shelf_and_a_file_that_is_missing_are_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, garden(), measure="happiness") == 2
    assert "no such measure; given: happiness" in capsys.readouterr().err
    assert main(["questionnaire", str(tmp_path / "none.json"), "--measure", "ndi"]) == 2
    assert "cannot be read" in capsys.readouterr().err
