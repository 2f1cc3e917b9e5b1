"""Patients and appointments from the CSV of another system, through the same actions as the pages.

All of it is done in one transaction, which is undone unless it is to be written and every row is in order: a dry run
is the run itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Literal, TypeVar

from django.db import transaction

from strigil.accounts.models import User
from strigil.accounts.policy import may
from strigil.clinic import offers
from strigil.clinic.actions import Refused
from strigil.clinic.actions.book import book
from strigil.clinic.actions.register import folded, register_patient
from strigil.clinic.forms.patients import PatientForm
from strigil.clinic.models import Appointment, Patient, Sex
from strigil.clinic.slots import NoSuchTime, Slot, instant
from strigil.keep.faults import Unable
from strigil.keep.sheet import Problem, Report, Sheet, read

T = TypeVar("T")
Dates = Literal["", "dmy", "mdy", "ymd"]
Twice = Literal["", "leave-out", "register"]
WHOSE = {
    "name": ("name", "fullname", "patientname", "patient"),
    "first": ("firstname", "givenname", "forename", "patientfirstname"),
    "last": ("lastname", "surname", "familyname", "patientlastname"),
    "born": ("dateofbirth", "dob", "birthdate", "birthday", "born", "patientdob", "patientdateofbirth"),
}
PATIENT = WHOSE | {
    "sex": ("sex", "sexatbirth", "birthsex", "sexassignedatbirth", "sexrecordedatbirth"),
    "phone": ("phone", "phonenumber", "telephone", "telephonenumber", "tel", "mobile", "mobilephone", "cellphone"),
    "email": ("email", "emailaddress"),
    "note": (),
}
"""A note is read only where somebody says which column: notes of other systems are often clinical."""
APPOINTMENT = WHOSE | {
    "clinician": ("clinician", "practitioner", "provider", "therapist"),
    "starts": ("starts", "start", "startdatetime", "datetime", "appointmentdatetime"),
    "on": ("date", "day", "on", "appointmentdate", "startdate"),
    "at": ("time", "at", "starttime", "appointmenttime"),
    "ends": ("end", "ends", "endtime", "enddatetime"),
    "minutes": ("minutes", "duration", "durationminutes", "length"),
    "status": ("status", "appointmentstatus"),
}
SEXES = {
    "": Sex.UNKNOWN, "f": Sex.FEMALE, "female": Sex.FEMALE, "m": Sex.MALE, "male": Sex.MALE, "other": Sex.OTHER,
    "u": Sex.UNKNOWN, "unknown": Sex.UNKNOWN, "not recorded": Sex.UNKNOWN, "not known": Sex.UNKNOWN,
}  # fmt: skip
STANDS = ("", "booked", "confirmed", "scheduled", "active")
OFF = ("cancelled", "canceled", "deleted", "no show", "no-show", "did not attend", "missed", "completed", "attended")
DAY = re.compile(r"(\d{1,4})[./\- ](\d{1,2})[./\- ](\d{1,4})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
ORDERS = {"dmy": (2, 1, 0), "mdy": (2, 0, 1), "ymd": (0, 1, 2)}
CLOCKS = ("%H:%M", "%H:%M:%S", "%H.%M", "%I:%M %p", "%I:%M%p", "%I %p")
TWO_WAYS = "it may be read in more than one way: say --dates dmy, --dates mdy or --dates ymd"


class Wrong(Exception):
    """Something in one cell; ``name`` is what its column means."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(why)
        self.name = name


class LeftOut(Wrong):
    """Nothing to mend, and not taken."""


class Several(Exception):
    """All that is wrong in one row."""

    def __init__(self, found: Sequence[Wrong]) -> None:
        super().__init__()
        self.found = found


class Row:
    """The cells of one row by what they mean; ``wrong`` gathers what they lack, so that all of it is told at once."""

    def __init__(self, cells: dict[str, str]) -> None:
        self.cells, self.wrong = cells, list[Wrong]()

    def tried(self, read: Callable[[], T]) -> T | None:
        """What ``read`` finds, or nothing where that is wrong."""
        try:
            return read()
        except LeftOut:
            raise
        except Wrong as why:
            self.wrong.append(why)
            return None

    def check(self) -> None:
        """Go on only where nothing is wrong."""
        if self.wrong:
            raise Several(self.wrong)


Take = Callable[[Row], None]


def import_patients(
    file: Path, *, by: User, named: Mapping[str, str], dates: Dates, twice: Twice, encoding: str, write: bool
) -> Report:
    """Register everybody in a file, or say what stands in the way of whom."""
    sheet = read(file, PATIENT, named, encoding)
    _need_name(sheet)
    known: dict[str, list[date | None]] = {}
    for search, born in Patient.objects.filter(clinic_id=by.clinic_id).values_list("search", "born"):
        known.setdefault(search, []).append(born)

    def take(row: Row) -> None:
        text = row.cells.get("born", "")
        born = row.tried(lambda: read_day(text, dates, "born")) if text else None
        given = _checked(row, born, by)
        others = known.setdefault(folded(str(given["name"])), [])
        if any(None in (born, other) or born == other for other in others) and twice != "register":
            _refuse_twice(twice, "born" if born else "name")
        others.append(born)
        register_patient(by=by, **given)  # type: ignore[arg-type]

    return _run(sheet, take, by=by, write=write)


def import_appointments(
    file: Path, *, by: User, named: Mapping[str, str], dates: Dates, encoding: str, write: bool
) -> Report:
    """Book everything in a file that is still to come, or say what stands in the way of what."""
    sheet = read(file, APPOINTMENT, named, encoding)
    _need_name(sheet)
    needed = (("born",), ("clinician",), ("starts", "on"), ("ends", "minutes"))
    if lacking := [some for some in needed if not sheet.headings.keys() & set(some)]:
        what = " and no column is the ".join(" or ".join(some) for some in lacking)
        how = " ".join(f"--column {some[0]}=HEADING" for some in lacking)
        raise Unable(f"{file}: no column is the {what}: say which with {how}")
    today = by.clinic.today
    who = {word: one for one in offers.clinicians(by.clinic) for word in (folded(one.display_name), one.username)}

    def clinician_of(cells: dict[str, str]) -> User:
        found = who.get(folded(cells["clinician"])) or who.get(cells["clinician"])
        if found is None:
            raise Wrong("clinician", f"nobody who can be booked has this name; there are: {_names(by)}")
        return found

    def take(row: Row) -> None:
        cells = row.cells
        row.tried(lambda: _check_status(cells.get("status", "")))
        patient = row.tried(lambda: _patient(cells, dates, by))
        clinician = row.tried(lambda: clinician_of(cells))
        starts = row.tried(lambda: _starts(cells, dates, by))
        ends = row.tried(lambda: _end(cells, starts, dates, by))
        if row.wrong or not (patient and clinician and starts and ends):
            raise Several(row.wrong)
        slot = Slot(starts, ends, clinician.pk)
        if slot.starts.astimezone(by.clinic.zone).date() < today:
            raise LeftOut(_when(cells), "the day has passed, and the book takes what is still to come")
        if Appointment.objects.filter(patient=patient, clinician=clinician, starts=slot.starts).exists():
            raise LeftOut(_when(cells), "it is in the book already")
        book(by=by, patient=patient, slot=slot, on=today)

    return _run(sheet, take, by=by, write=write)


def _run(sheet: Sheet, take: Take, *, by: User, write: bool) -> Report:
    if write and by.clinic.is_demo:
        raise Unable(
            "this is a demo clinic, whose passwords everybody knows: nobody real may be written into it. Leave out "
            "--write to try the file, or make a clinic of your own with strigil init"
        )
    report = Report(sheet.headings, sheet.not_read, len(sheet.rows) + len(sheet.problems), problems=sheet.problems)
    with transaction.atomic():
        for number, cells in sheet.rows:
            try:
                take(Row(cells))
                report.taken += 1
            except LeftOut as why:
                report.left_out.append(_problem(sheet, number, cells, why.name, str(why)))
            except Wrong as why:
                report.problems.append(_problem(sheet, number, cells, why.name, str(why)))
            except Several as why:
                report.problems += [_problem(sheet, number, cells, one.name, str(one)) for one in why.found]
            except Refused as why:
                report.problems.append(_problem(sheet, number, cells, why.field or "", str(why)))
        report.written = write and not report.problems
        transaction.set_rollback(not report.written)
    report.problems.sort(key=lambda one: one.row)
    return report


def _problem(sheet: Sheet, number: int, row: dict[str, str], name: str, why: str) -> Problem:
    if name == "name" and name not in sheet.headings:
        name = "last"
    return Problem(number, sheet.headings.get(name, ""), row.get(name, "")[:80], why)


# --- Who --------------------------------------------------------------------------------------------------------


def _need_name(sheet: Sheet) -> None:
    if "name" not in sheet.headings and not {"first", "last"} <= sheet.headings.keys():
        raise Unable(
            "no column is the name, and no two are the first and the last name: say which with --column name=HEADING. "
            f"Headings: {', '.join([*sheet.headings.values(), *sheet.not_read])}"
        )


def name_of(row: dict[str, str]) -> str:
    return row.get("name") or " ".join(filter(None, (row.get("first"), row.get("last"))))


def _checked(row: Row, born: date | None, by: User) -> dict[str, object]:
    """What the page that registers would take; all that it would not take is wrong."""
    cells = row.cells
    sex = SEXES.get(cells.get("sex", "").casefold())
    if sex is None:
        row.wrong.append(Wrong("sex", "write female, male, other or unknown, or leave it empty"))
    asked = {name: cells.get(name, "") for name in ("phone", "email", "note")}
    asked |= {"name": name_of(cells), "born": born.isoformat() if born else "", "sex": sex or Sex.UNKNOWN}
    form = PatientForm(asked, today=by.clinic.today)
    for name, errors in form.errors.items():
        row.wrong.append(Wrong(str(name), str(errors[0])))
    row.check()
    return {name: value for name, value in form.cleaned_data.items() if name != "version"}


def _refuse_twice(twice: Twice, name: str) -> None:
    if twice == "leave-out":
        raise LeftOut(name, "somebody of this name is there who was born that day or whose birth date is not known")
    raise Wrong(
        name,
        "somebody of this name is there who was born that day, or one of the two has no birth date: it may be the same "
        "person. Look, and then say --twice leave-out, or --twice register for another person",
    )


def _patient(row: dict[str, str], dates: Dates, by: User) -> Patient:
    name = name_of(row)
    if not row["born"]:
        raise Wrong("born", "give the date of birth: a name alone does not say who it is")
    born = read_day(row["born"], dates, "born")
    found = list(Patient.objects.filter(clinic_id=by.clinic_id, search=folded(name), born=born)[:2])
    if len(found) != 1:
        many = "two patients have" if found else "no patient has"
        raise Wrong("born", f"{many} this name and date of birth: import or register the patient first, then the book")
    return found[0]


# --- When -------------------------------------------------------------------------------------------------------


def read_day(text: str, dates: Dates, name: str) -> date:
    """A day as written. Year, month and day in this order with hyphens is certain; every other way has to be said."""
    found = DAY.fullmatch(text)
    if not found:
        raise Wrong(name, "this is no date: write it as 1971-03-02")
    parts = found.groups()
    iso = len(parts[0]) == 4 and text[4] == "-" and len(parts[1]) == len(parts[2]) == 2
    if not iso and not dates:
        raise Wrong(name, TWO_WAYS)
    year, month, day = (parts[place] for place in ORDERS["ymd" if iso else dates])
    if len(year) != 4:
        raise Wrong(name, "the year needs four digits, and --dates has to say the order in the file")
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise Wrong(name, "there is no such day: look whether --dates says the order in the file") from None


def read_time(text: str, name: str) -> time:
    for clock in CLOCKS:
        try:
            return datetime.strptime(text.upper(), clock).time()
        except ValueError:
            continue
    raise Wrong(name, "this is no time of day: write it as 09:30")


def _when(row: dict[str, str]) -> str:
    return "starts" if row.get("starts") else "on"


def _starts(row: dict[str, str], dates: Dates, by: User) -> datetime:
    return _instant(row, "starts", dates, by) if row.get("starts") else _at(row, dates, by)


def _at(row: dict[str, str], dates: Dates, by: User) -> datetime:
    if not row.get("on") or not row.get("at"):
        raise Wrong("on" if not row.get("on") else "at", "give the day and the time")
    return _certain(read_day(row["on"], dates, "on"), read_time(row["at"], "at"), by, "at")


def _instant(row: dict[str, str], name: str, dates: Dates, by: User) -> datetime:
    """A day with a time; where it carries an offset, that instant."""
    try:
        said = datetime.fromisoformat(row[name])
    except ValueError:
        said = None
    if said is not None and said.tzinfo:
        return said
    day, _, rest = row[name].replace("T", " ").partition(" ")
    return _certain(read_day(day, dates, name), read_time(rest.strip(), name), by, name)


def _certain(day: date, at: time, by: User, name: str) -> datetime:
    try:
        return instant(day, at, by.clinic.zone)
    except NoSuchTime as error:
        raise Wrong(name, str(error)) from None


def _end(row: dict[str, str], starts: datetime | None, dates: Dates, by: User) -> datetime | None:
    """When it ends; nothing where that hangs on a start that is not known."""
    if minutes := row.get("minutes", ""):
        if not minutes.isascii() or not minutes.isdigit() or len(minutes) > 3:
            raise Wrong("minutes", "write whole minutes, such as 30")
        return starts and starts + timedelta(minutes=int(minutes))
    ends = row.get("ends", "")
    if not ends:
        raise Wrong("ends" if "ends" in row else "minutes", "say how long it is")
    if len(ends) > len("09:30:00 AM"):
        return _instant(row, "ends", dates, by)
    at = read_time(ends, "ends")
    return starts and _certain(starts.astimezone(by.clinic.zone).date(), at, by, "ends")


def _check_status(status: str) -> None:
    if status.casefold() in OFF:
        raise LeftOut("status", "it is over or off, and the book takes what is still to come")
    if status.casefold() not in STANDS:
        raise Wrong("status", f"write booked or cancelled; known are: {', '.join(filter(None, (*STANDS, *OFF)))}")


def _names(by: User) -> str:
    return ", ".join(one.display_name for one in offers.clinicians(by.clinic)) or "nobody"


def user_named(username: str) -> User:
    """Who imports, and so who registered and booked."""
    found = User.objects.filter(username=username, is_active=True).select_related("clinic").first()
    if found is None or not may("register", "POST", found.role):
        raise Unable(f"--by {username}: nobody who may register patients signs in so")
    return found
