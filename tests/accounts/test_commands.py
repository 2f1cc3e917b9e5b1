"""A command is run for a clinic, or as somebody of one, and reaches nothing beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from strigil.accounts.models import Role, User
from strigil.accounts.policy import may_act
from strigil.cli import main
from strigil.clinic.models import Patient
from tests.clinic.cast import Story, everything

LIST = "name,born,sex\nAda Eigen,1980-05-06,female\n"


@pytest.fixture
def listed(tmp_path: Path) -> str:
    file = tmp_path / "patients.csv"
    file.write_text(LIST)
    return str(file)


@pytest.mark.parametrize("role", Role.values)
def test_an_import_is_done_by_who_may_and_in_their_clinic(
    role: str, listed: str, story: Story, stranger: User, someone: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    Story(stranger, story.on).patient("Ada Eigen")
    by = someone(role)
    before = everything()
    code = main(["import-patients", listed, "--by", by.username, "--dates", "ymd", "--write"])
    if may_act("register.register_patient", role):
        assert code == 0, capsys.readouterr()
        assert Patient.objects.get(clinic=by.clinic).name == "Ada Eigen"
        assert Patient.objects.filter(clinic=stranger.clinic).count() == 1
    else:
        assert code != 0
        assert everything() == before


@pytest.mark.parametrize(
    "words",
    [
        ["import-patients", "{}", "--by", "nobody"],
        ["import-appointments", "{}", "--by", "nobody"],
        ["check", "{}"],
        ["restore", "{}"],
        ["audit", "verify", "--anchors", "{}"],
    ],
)
def test_a_folder_in_place_of_a_file_is_named_as_what_it_is(
    words: list[str], story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main([word.format(tmp_path) for word in words])
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert "a folder" in err
    assert tmp_path.name in err


@pytest.mark.django_db(transaction=True)
def test_an_export_of_one_clinic_holds_nothing_of_another(
    story: Story, stranger: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    story.with_visits(1)
    other = Story(stranger, story.on)
    theirs = other.with_visits(1, patient=other.patient("Zdenka Cizí"))
    assert main(["export", str(tmp_path / "out"), "--clinic", story.by.clinic.name]) == 0, capsys.readouterr()
    written = b"".join(file.read_bytes() for file in (tmp_path / "out").rglob("*") if file.is_file())
    assert "Éva Tóth".encode() in written
    for word in ("Zdenka", str(stranger.pk), str(stranger.clinic_id), str(theirs.pk)):
        assert word.encode() not in written


@pytest.mark.django_db(transaction=True)
def test_an_export_that_names_no_clinic_where_there_are_two_writes_nothing(
    story: Story, stranger: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", str(tmp_path / "out")]) != 0
    assert not (tmp_path / "out").exists()
