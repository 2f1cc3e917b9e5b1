"""Patients and appointments from another system's CSV: what is not certain is asked, never guessed."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from strigil.cli import main
from strigil.clinic.models import Appointment, AuditEvent, Patient
from strigil.keep.faults import Unable
from strigil.keep.people import Wrong, read_day
from tests.clinic.cast import Story, everything

pytestmark = pytest.mark.django_db


class Desk:
    """Somebody who runs the command on a file."""

    def __init__(self, story: Story, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.story, self.folder, self.capsys = story, folder, capsys

    def run(self, what: str, text: str | bytes, *words: str) -> tuple[int, dict[str, Any]]:
        file = self.folder / "given.csv"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        code = main([f"import-{what}", str(file), "--by", self.story.by.username, *words, "--json"])
        out, err = self.capsys.readouterr()
        assert "Traceback" not in err
        return code, json.loads(out) if out else {"said": err}

    def patients(self, text: str | bytes, *words: str) -> tuple[int, dict[str, Any]]:
        return self.run("patients", text, *words)

    def appointments(self, text: str | bytes, *words: str) -> tuple[int, dict[str, Any]]:
        return self.run("appointments", text, *words)


@pytest.fixture
def desk(story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(story, tmp_path, capsys)


def problems(report: dict[str, Any]) -> list[tuple[int, str]]:
    return [(one["row"], one["column"]) for one in report["problems"]]


# --- Where it goes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("patients", "Name,Date of birth,Sex\nNew Somebody,1971-03-02,F\n"),
        ("appointments", "Name,Date of birth,Clinician,Date,Time,Minutes\n"),
    ],
)
def test_a_demo_is_tried_with_a_file_and_takes_nobody_in(desk: Desk, what: str, text: str) -> None:
    clinic = desk.story.by.clinic
    clinic.is_demo = True
    clinic.save()
    before = everything()
    code, report = desk.run(what, text)
    assert (code, report["problems"]) == (0, [])
    code, report = desk.run(what, text, "--write")
    assert code != 0
    assert "strigil init" in report["said"]
    assert everything() == before


# --- What a file looks like -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Name,Date of birth,Sex\nÉva Tóth,1971-03-02,F\n",
        "Full name;DOB;Sex\r\nÉva Tóth;1971-03-02;female\r\n",
        "first_name\tLAST NAME\tBirth-Date\tsex\n Éva \tTóth\t1971-03-02 00:00:00\tFemale\n",
        '\ufeffpatient_name,born,SEX\n"Éva Tóth",1971-03-02,f\n\n',
        "Éva Tóth,Name,Born,Sex\n,Éva Tóth,1971-03-02,f\n",
    ],
)
def test_files_of_other_systems_are_understood(desk: Desk, text: str) -> None:
    code, report = desk.patients(text, "--write")
    assert (code, report["problems"], report["written"]) == (0, [], True)
    made = Patient.objects.get()
    assert (made.name, made.born, made.sex) == ("Éva Tóth", date(1971, 3, 2), "female")
    assert AuditEvent.objects.filter(action="patient.register", patient_id=made.pk, user=desk.story.by).count() == 1


def test_windows_letters_are_read_when_somebody_says_so_and_not_before(desk: Desk) -> None:
    text = "Name;DOB\nÉva Müller;1971-03-02\n".encode("cp1252")
    code, report = desk.patients(text, "--write")
    assert (code, "line 2 is not utf-8" in report["said"], "--encoding cp1252" in report["said"]) == (1, True, True)
    assert not Patient.objects.exists()
    assert desk.patients(text, "--write", "--encoding", "cp1252")[0] == 0
    assert Patient.objects.get().name == "Éva Müller"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("a,b\n1,2\n", "no column is the name"),
        ('Name,DOB\n"Éva,1971-03-02\n', "is no CSV"),
        ("Name,Phone,Mobile\nÉva,1,2\n", "--column phone="),
        ("Name,Name\nÉva,Eva\n", "two columns are headed 'Name'"),
        ("Name,DOB\nÉva,\n".encode("utf-16"), "UTF-16"),
    ],
)
def test_a_file_that_is_not_certain_is_refused_with_what_to_do(desk: Desk, text: str | bytes, said: str) -> None:
    code, report = desk.patients(text, "--write")
    assert (code, said in report["said"]) == (1, True), report
    assert not Patient.objects.exists()


def test_a_column_is_what_somebody_says_it_is_and_what_is_not_read_is_listed(desk: Desk) -> None:
    text = "Klant,Geboren op,Gender,Notes,Mobile\nÉva,1971-03-02,female,likes tea,1\n"
    _, report = desk.patients(
        text, "--column", "name=Klant", "--column", "born=Geboren op", "--column", "note=Notes", "--write"
    )
    assert report["columns"] == {"name": "Klant", "born": "Geboren op", "phone": "Mobile", "note": "Notes"}
    assert report["not_read"] == ["Gender"]
    made = Patient.objects.get()
    assert (made.sex, made.note, made.phone) == ("unknown", "likes tea", "1")
    assert desk.patients(text, "--column", "name=Client")[0] == 1
    assert desk.patients(text, "--column", "shoe=Klant", "--column", "name=Klant")[0] == 1
    assert desk.patients(text, "--column", "name")[0] == 2


# --- Rows -------------------------------------------------------------------------------------------------------


def test_a_dry_run_lists_every_problem_by_row_and_column_and_writes_nothing(desk: Desk) -> None:
    text = (
        "Name,DOB,Sex,Phone,Email\n"
        "Good,1971-03-02,f,,\n"
        ",1971-03-02,f,,\n"
        "Future,2071-03-02,f,,\n"
        "Old,1871-03-02,f,,\n"
        "Short,71-03-02,f,,\n"
        "No day,1971-02-30,f,,\n"
        "Sex,1971-03-02,w,,\n"
        f"Phone,1971-03-02,f,{'1' * 41},\n"
        "Mail,1971-03-02,f,,nobody\n"
        "Cells,1971-03-02\n"
        "Unknown,,,,\n"
        f",1971-02-30,w,{'1' * 41},nobody\n"
        "Two,2071-03-02,w,,\n"
    )
    before = everything()
    code, report = desk.patients(text)
    assert (code, report["rows"], report["taken"], report["written"]) == (1, 13, 2, False)
    expected = [(3, "Name"), (4, "DOB"), (5, "DOB"), (6, "DOB"), (7, "DOB"), (8, "Sex"), (9, "Phone"), (10, "Email")]
    all_of_one = [(13, "DOB"), (13, "Sex"), (13, "Name"), (13, "Phone"), (13, "Email"), (14, "Sex"), (14, "DOB")]
    assert problems(report) == [*expected, (11, ""), *all_of_one]
    assert all(one["why"] for one in report["problems"])
    assert report["problems"][5]["given"] == "w"
    assert desk.patients(text, "--write")[1]["written"] is False, "one bad row and nobody is registered"
    assert everything() == before


def test_what_is_not_known_stays_unknown(desk: Desk) -> None:
    assert desk.patients("Name,DOB,Sex,Phone\nNobody Asked,,,\n", "--write")[0] == 0
    made = Patient.objects.get()
    assert (made.born, made.sex, made.phone) == (None, "unknown", "")


@pytest.mark.parametrize(
    ("given_", "order", "said"),
    [
        ("03/04/1971", "", None),
        ("23/04/1971", "", None),
        ("03.04.1971", "", None),
        ("1971/03/04", "", None),
        ("03/04/1971", "dmy", date(1971, 4, 3)),
        ("03/04/1971", "mdy", date(1971, 3, 4)),
        ("3.4.1971", "dmy", date(1971, 4, 3)),
        ("1971/03/04", "ymd", date(1971, 3, 4)),
        ("1971-03-04", "dmy", date(1971, 3, 4)),
        ("23/04/1971", "mdy", None),
        ("03/04/71", "dmy", None),
        ("12345", "dmy", None),
        ("4 March 1971", "dmy", None),
    ],
)
def test_a_date_is_read_as_its_order_is_said_and_never_guessed(given_: str, order: Any, said: date | None) -> None:
    if said is not None:
        assert read_day(given_, order, "born") == said
        return
    with pytest.raises(Wrong):
        read_day(given_, order, "born")


def test_an_order_that_is_not_said_stops_the_import_and_names_the_option(desk: Desk) -> None:
    code, report = desk.patients("Name,DOB\nÉva,03/04/1971\n", "--write")
    assert (code, "--dates dmy" in report["problems"][0]["why"]) == (1, True)
    assert desk.patients("Name,DOB\nÉva,03/04/1971\n", "--write", "--dates", "dmy")[0] == 0
    assert Patient.objects.get().born == date(1971, 4, 3)


def test_somebody_who_may_be_registered_already_is_listed_and_never_merged(desk: Desk) -> None:
    desk.story.patient("Éva Tóth")
    text = "Name,DOB\nEVA TOTH,1971-03-02\nEva Toth,\nÉva Tóth,1999-01-01\nNew,1980-01-01\nnew,1980-01-01\n"
    code, report = desk.patients(text, "--write")
    assert (code, problems(report)) == (1, [(2, "DOB"), (3, "Name"), (6, "DOB")])
    assert Patient.objects.count() == 1
    _, report = desk.patients(text, "--write", "--twice", "leave-out")
    assert [one["row"] for one in report["left_out"]] == [2, 3, 6]
    assert sorted(Patient.objects.values_list("name", flat=True)) == ["New", "Éva Tóth", "Éva Tóth"]
    _, report = desk.patients("Name,DOB\nNew,1980-01-01\n", "--write", "--twice", "register")
    assert Patient.objects.filter(name="New").count() == 2


def test_nobody_imports_who_may_not_register(desk: Desk, someone: Any, tmp_path: Path) -> None:
    from strigil.keep.people import user_named

    auditor = someone("auditor")
    for name in (auditor.username, "nobody"):
        with pytest.raises(Unable, match="may register"):
            user_named(name)
    assert user_named(someone("front_desk").username).role == "front_desk"


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(cells=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), min_size=2, max_size=2))
def test_any_text_is_taken_exactly_or_listed(desk: Desk, cells: list[str]) -> None:
    Patient.objects.all().delete()
    quoted = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    _, report = desk.patients(f"Name,Phone\n{quoted}\n", "--write")
    if report.get("taken"):
        made = Patient.objects.get()
        assert made.name == " ".join(cells[0].split())
        assert made.phone == " ".join(cells[1].split()) or made.phone == cells[1].strip()
    else:
        assert not Patient.objects.exists()
        assert report.get("problems") or report.get("said") or report["rows"] == 0


# --- Appointments -----------------------------------------------------------------------------------------------

HEAD = "Patient,DOB,Clinician,Date,Time,Duration,Status\n"


def test_appointments_to_come_go_into_the_book_and_the_rest_is_listed(desk: Desk) -> None:
    eva = desk.story.patient("Éva Tóth")
    text = HEAD + (
        "Eva Toth,1971-03-02,clinician,2026-12-01,09:30,30,Confirmed\n"
        "Éva Tóth,1971-03-02,Clinician,2026-12-02,2:15 pm,45,\n"
        "Éva Tóth,1971-03-02,Clinician,2026-11-02,09:30,30,booked\n"
        "Éva Tóth,1971-03-02,Clinician,2026-12-03,09:30,30,Cancelled\n"
    )
    code, report = desk.appointments(text, "--write")
    assert (code, report["taken"], [one["row"] for one in report["left_out"]]) == (0, 2, [4, 5]), report
    first, second = Appointment.objects.order_by("starts")
    assert (first.patient, first.clinician, first.starts.isoformat()) == (
        eva,
        desk.story.by,
        "2026-12-01T09:30:00+00:00",
    )
    assert (second.ends - second.starts).total_seconds() == 45 * 60
    again = desk.appointments(text, "--write")[1]
    assert (again["taken"], [one["row"] for one in again["left_out"]]) == (0, [2, 3, 4, 5])
    assert Appointment.objects.count() == 2


def test_what_stands_in_the_way_of_an_appointment_is_listed_and_nothing_is_booked(desk: Desk) -> None:
    desk.story.patient("Éva Tóth")
    desk.story.patient("Twin Name")
    desk.story.patient("Twin Name")
    sound = "Éva Tóth,1971-03-02,Clinician,2026-12-01,09:30,30,\n"
    text = HEAD + (
        sound
        + "Éva Tóth,,Clinician,2026-12-02,09:30,30,\n"
        + "Éva Tóth,1971-03-03,Clinician,2026-12-02,09:30,30,\n"
        + "Twin Name,1971-03-02,Clinician,2026-12-02,09:30,30,\n"
        + "Éva Tóth,1971-03-02,Nobody,2026-12-02,09:30,30,\n"
        + "Éva Tóth,1971-03-02,Clinician,2026-12-02,half nine,30,\n"
        + "Éva Tóth,1971-03-02,Clinician,2026-12-02,09:30,half an hour,\n"
        + "Éva Tóth,1971-03-02,Clinician,02/12/2026,09:30,30,\n"
        + "Éva Tóth,1971-03-02,Clinician,2026-12-02,09:30,30,perhaps\n"
        + "Éva Tóth,1971-03-02,Clinician,2027-03-28,01:30,30,\n"
        + "Twin Name,1971-03-02,Clinician,2026-12-01,09:45,30,\n"
        + "Nobody,1971-03-02,Nobody,2026-12-02,half nine,half an hour,perhaps\n"
    )
    code, report = desk.appointments(text, "--write")
    columns = ["DOB", "DOB", "DOB", "Clinician", "Time", "Duration", "Date", "Status", "Time", "DOB"]
    columns += ["Status", "DOB", "Clinician", "Time", "Duration"]
    assert (code, [one["column"] for one in report["problems"]]) == (1, columns)
    assert "the clocks go" in report["problems"][8]["why"]
    assert not Appointment.objects.exists()


def test_two_at_one_time_are_refused_by_the_book_itself(desk: Desk) -> None:
    desk.story.patient("Éva Tóth")
    desk.story.patient("Ben Ek")
    rows = (
        f"{who},1971-03-02,Clinician,2026-12-01,{at},30,\n" for who, at in (("Éva Tóth", "09:30"), ("Ben Ek", "09:45"))
    )
    code, report = desk.appointments(HEAD + "".join(rows), "--write")
    assert (code, [one["row"] for one in report["problems"]]) == (1, [3])
    assert "Somebody else has that time" in report["problems"][0]["why"]
    assert not Appointment.objects.exists()


@pytest.mark.parametrize(
    ("starts", "ends"),
    [
        ("2026-07-01T09:30:00+01:00", "2026-07-01T10:00:00+01:00"),
        ("2027-07-01 09:30", "10:00"),
        ("2027-07-01T08:30:00+00:00", "2027-07-01 10:00:00"),
    ],
)
def test_instants_are_read_with_their_offset_and_without_by_the_clinics_clock(
    desk: Desk, starts: str, ends: str
) -> None:
    desk.story.patient("Éva Tóth")
    text = f"Patient,DOB,Provider,Start,End\nÉva Tóth,1971-03-02,Clinician,{starts},{ends}\n".replace("2026", "2027")
    code, report = desk.appointments(text, "--write")
    assert code == 0, report
    made = Appointment.objects.get()
    assert made.starts.isoformat() == "2027-07-01T08:30:00+00:00"
    assert (made.ends - made.starts).total_seconds() == 30 * 60


def test_an_import_of_appointments_without_who_or_when_names_the_column(desk: Desk) -> None:
    for head in (
        "Patient,Clinician,Date,Time,Duration",
        "Patient,DOB,Date,Time,Duration",
        "Patient,DOB,Clinician,Date",
    ):
        code, report = desk.appointments(f"{head}\n{',' * head.count(',')}\n")
        assert (code, "--column" in report["said"]) == (1, True)
    assert report["said"].endswith("--column ends=HEADING\n")
    assert desk.appointments("Patient\nÉva Tóth\n")[1]["said"].count("--column") == 4
