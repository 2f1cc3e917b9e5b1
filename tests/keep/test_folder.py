"""A clinic's record goes out as CSV and JSON lines and comes back the same."""

from __future__ import annotations

import csv
import json
import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction

from strigil.accounts.audit.rows import OWN
from strigil.accounts.models import Clinic, KnownPlace, OneTimeLink, Tries, User
from strigil.clinic.models import Appointment, Finding, Patient, PhotographContent
from strigil.keep.folder import RUN_BY_SPREADSHEETS, export, exported_models
from tests.clinic.cast import Story
from tests.keep.hands import address_of, done, new_database, rows, rows_at, strigil
from tests.keep.odd import NAMES

pytestmark = pytest.mark.django_db(transaction=True)


def files(folder: Path) -> dict[str, bytes]:
    return {f"{one.relative_to(folder)}": one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def objects(folder: Path, model: Any) -> list[dict[str, Any]]:
    text = (folder / f"{model._meta.db_table}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.split("\n")[:-1]]


def read_csv(folder: Path, model: Any) -> list[dict[str, str]]:
    """As the codebook says: one ' is taken from the front of a text."""
    with (folder / f"{model._meta.db_table}.csv").open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    return [{name: value.removeprefix("'") for name, value in row.items()} for row in found]


def test_export_import_export_is_the_same_to_the_byte(kept: Story, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    done("export", first)
    with new_database(connection.vendor, tmp_path) as there:
        done("import", first, database=there)
        done("export", second, database=there)
        came = rows_at(there)
    assert files(first) == files(second)
    had = rows()
    for model in exported_models():
        if model is not User:
            assert came[model._meta.label] == had[model._meta.label]


@pytest.mark.skipif(connection.vendor == "sqlite", reason="moving between two databases needs PostgreSQL")
def test_the_export_is_the_same_from_the_other_database(kept: Story, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    done("export", first)
    with new_database("sqlite", tmp_path) as there:
        done("import", first, database=there)
        done("export", second, database=there)
    assert files(first) == files(second)


AT_THE_DOOR = (Tries, KnownPlace, OneTimeLink)
"""Counts and links of signing in: no part of a record, and nothing that may work again elsewhere."""


def test_every_model_is_exported_with_every_column_explained(kept: Story, tmp_path: Path) -> None:
    export(tmp_path / "out", kept.by.clinic)
    page = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "not classed" not in page
    every = {*apps.get_app_config("accounts").get_models(), *apps.get_app_config("clinic").get_models()}
    assert set(exported_models()) == every - set(OWN) - set(AT_THE_DOOR)
    for model in exported_models():
        section = page.partition(f"## {model._meta.db_table}\n")[2].partition("\n## ")[0]
        shown = objects(tmp_path / "out", model)
        assert shown, "a test that exports no row of it shows nothing"
        for name in shown[0]:
            assert f"| `{name}` |" in section, (model, name)
    assert "| `force_newton` | number, kept exactly; text in JSON, 1 decimal places | N |" in page


def test_what_is_not_known_is_not_the_empty_text(kept: Story, tmp_path: Path) -> None:
    kept.patient("Nobody asked", note="")
    Patient.objects.filter(name="Nobody asked").update(born=None)
    export(tmp_path / "out", kept.by.clinic)
    (one,) = [row for row in objects(tmp_path / "out", Patient) if row["name"] == "Nobody asked"]
    assert (one["born"], one["note"], one["sex"]) == (None, "", "female")
    (line,) = [
        line
        for line in (tmp_path / "out" / "clinic_patient.csv").read_text(encoding="utf-8").split("\n")
        if "Nobody asked" in line
    ]
    assert ',"Nobody asked",,"female","",' in line
    assert {row["answer"] for row in objects(tmp_path / "out", Finding)} == set(
        Finding.objects.values_list("answer", flat=True)
    )


def test_no_cell_begins_as_a_formula_and_every_text_is_had_back(kept: Story, tmp_path: Path) -> None:
    export(tmp_path / "out", kept.by.clinic)
    names = {row["name"] for row in objects(tmp_path / "out", Patient)}
    assert names >= {" ".join(name.split()) for name in NAMES}
    assert {row["name"] for row in read_csv(tmp_path / "out", Patient)} == names
    with (tmp_path / "out" / "clinic_patient.csv").open(encoding="utf-8", newline="") as file:
        shown = [row["name"] for row in csv.DictReader(file)]
    assert [name for name in shown if name.startswith(RUN_BY_SPREADSHEETS) and not name.startswith("'")] == []


def formulas(folder: Path) -> list[str]:
    """Cells of any table that a spreadsheet would run; a number is none."""
    found = []
    csv.field_size_limit(2**24)  # a kept shelf of knowledge is one cell
    for file in folder.glob("*.csv"):
        with file.open(encoding="utf-8", newline="") as reading:
            for row in csv.DictReader(reading):
                found += [
                    f"{file.stem}.{name}: {cell}" for name, cell in row.items() if cell.startswith(("=", "+", "@"))
                ]
    return found


def stuff_with_formulas() -> int:
    """Every column that takes text, whoever writes it; how many took it."""
    done = 0
    for model in exported_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, models.CharField | models.TextField) and not field.choices:
                with suppress(DatabaseError), transaction.atomic():
                    last = model._base_manager.filter(pk__in=model._base_manager.order_by("pk").values("pk")[:1])
                    done += last.update(**{field.name: "=1+1"})
    return done


def test_no_cell_of_any_table_is_run_by_a_spreadsheet(kept: Story, tmp_path: Path) -> None:
    assert stuff_with_formulas() > 50
    export(tmp_path / "out", kept.by.clinic)
    assert formulas(tmp_path / "out") == []


def test_a_cell_that_is_not_guarded_is_caught(kept: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stuff_with_formulas()
    monkeypatch.setattr("strigil.keep.folder.RUN_BY_SPREADSHEETS", ("-", "'"))
    export(tmp_path / "out", kept.by.clinic)
    assert len(formulas(tmp_path / "out")) > 50


def test_one_clinic_is_exported_and_nothing_of_another(kept: Story, stranger: User, tmp_path: Path) -> None:
    Story(stranger, kept.on).booked(patient=Story(stranger, kept.on).patient("Of the other clinic"))
    ran = strigil("export", tmp_path / "none")
    assert (ran.returncode, "'Northside', 'Southside'" in ran.stderr) == (2, True)
    done("export", tmp_path / "out", "--clinic", "Northside")
    held = b"".join(files(tmp_path / "out").values())
    assert b"Of the other clinic" not in held
    assert stranger.pk.hex.encode() not in held.replace(b"-", b"")
    assert len(objects(tmp_path / "out", Appointment)) == Appointment.objects.filter(clinic=kept.by.clinic).count()


def test_passwords_stay_behind_and_open_nothing_afterwards(kept: Story, tmp_path: Path) -> None:
    kept.by.set_password("a long enough password")
    kept.by.save()
    export(tmp_path / "out", kept.by.clinic)
    assert "password" not in objects(tmp_path / "out", User)[0]
    assert b"argon2" not in b"".join(files(tmp_path / "out").values())
    with new_database(connection.vendor, tmp_path) as there:
        done("import", tmp_path / "out", database=there)
        place = [field.attname for field in User._meta.concrete_fields].index("password")
        assert [row[place][0] for row in rows_at(there)["accounts.User"]] == ["!"] * User.objects.count()


def test_a_photograph_is_a_file_of_its_own_and_its_row_says_which(kept: Story, tmp_path: Path) -> None:
    export(tmp_path / "out", kept.by.clinic)
    had = {f"{one.pk}": bytes(one.content) for one in PhotographContent.objects.all()}
    shown = objects(tmp_path / "out", PhotographContent)
    assert {row["id"]: (tmp_path / "out" / row["content_file"]).read_bytes() for row in shown} == had
    assert len(had) > 0
    assert [row["content_sha256"] for row in shown] == [sha256(had[row["id"]]).hexdigest() for row in shown]
    assert [(row["content_file"], row["content_sha256"]) for row in read_csv(tmp_path / "out", PhotographContent)] == [
        (row["content_file"], row["content_sha256"]) for row in shown
    ]
    lines = b"".join(held for name, held in files(tmp_path / "out").items() if not name.endswith(".jpg"))
    assert not [one for one in had.values() if one.hex().encode() in lines.lower()]


def test_nothing_but_photographs_is_kept_as_bytes() -> None:
    """Whatever else is to be, its file needs another name than of a JPEG."""
    found = {
        model: field.name
        for model in exported_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, models.BinaryField)
    }
    assert found == {PhotographContent: "content"}


def names_another_file(out: Path) -> None:
    """By somebody who took care to mend the manifest."""
    rows, manifest = out / "clinic_photographcontent.jsonl", out / "manifest.json"
    before = sha256(rows.read_bytes()).hexdigest()
    rows.write_text(rows.read_text().replace('"clinic_photographcontent/', '"../', 1))
    manifest.write_text(manifest.read_text().replace(before, sha256(rows.read_bytes()).hexdigest()))


@pytest.mark.parametrize(
    "what", ["changed", "missing", "no export", "older", "photograph changed", "photograph missing", "another's"]
)
def test_a_folder_that_is_not_as_exported_is_refused_and_the_file_named(kept: Story, tmp_path: Path, what: str) -> None:
    out = tmp_path / "out"
    export(out, kept.by.clinic)
    file = out / "clinic_patient.jsonl"
    match what:
        case "changed":
            file.write_bytes(file.read_bytes().replace(b"Ng", b"Nh"))
        case "missing":
            file.unlink()
        case "photograph changed":
            file = next(out.glob("clinic_photographcontent/*.jpg"))
            file.write_bytes(file.read_bytes() + b"!")
        case "photograph missing":
            file = next(out.glob("clinic_photographcontent/*.jpg"))
            file.unlink()
        case "another's":
            names_another_file(out)
        case "no export":
            (file := out / "manifest.json").unlink()
        case "older":
            manifest = out / "manifest.json"
            held = json.loads(manifest.read_text())
            held["migrations"].pop()
            manifest.write_text(json.dumps(held))
    with new_database(connection.vendor, tmp_path) as there:
        ran = strigil("import", out, database=there)
        assert ran.returncode == 1, ran
        assert {"older": "another version", "another's": "not the file of its row"}.get(what, file.name) in ran.stderr
        if connection.vendor == "sqlite":
            assert not Path(there.removeprefix("sqlite:")).exists()


def test_an_import_writes_into_a_new_database_alone_and_a_demo_stays_one(kept: Story, tmp_path: Path) -> None:
    export(tmp_path / "live", kept.by.clinic)
    before = rows()
    ran = strigil("import", tmp_path / "live", database=address_of())
    assert (ran.returncode, "not empty" in ran.stderr) == (1, True)
    assert rows() == before
    Clinic.objects.update(is_demo=True)
    export(tmp_path / "demo", Clinic.objects.get())
    with new_database(connection.vendor, tmp_path) as there:
        ran = strigil("import", tmp_path / "demo", database=there)
        assert (ran.returncode, "nobody is real" in ran.stderr) == (1, True)


def test_a_folder_that_is_there_is_left_alone(kept: Story, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("mine")
    ran = strigil("export", tmp_path / "out")
    assert (ran.returncode, "is there already" in ran.stderr) == (1, True)
    assert files(tmp_path / "out") == {"mine": b"mine"}
    assert [one.name for one in tmp_path.iterdir()] == ["out"]


def test_an_export_is_on_the_disk_before_it_has_its_name(
    kept: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited_for, fsync, replace = set[int](), os.fsync, Path.replace

    def counting(handle: int) -> None:
        waited_for.add(os.fstat(handle).st_ino)
        fsync(handle)

    def checking(part: Path, to: Path) -> Path:
        if part.is_dir():
            late.extend(one.name for one in (part, *part.rglob("*")) if one.stat().st_ino not in waited_for)
        return replace(part, to)

    late = list[str]()
    monkeypatch.setattr(os, "fsync", counting)
    monkeypatch.setattr(Path, "replace", checking)
    export(tmp_path / "out", kept.by.clinic)
    assert late == []
    assert any(one.is_dir() for one in (tmp_path / "out").iterdir()), "photographs have a folder of their own"
