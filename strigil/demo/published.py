"""Published courses, entered as their reports give them: real findings about one real, unnamed person each.

Only what the founding evidence table (facts/evidence.yaml) holds *as a single person's numbers* is entered:

- ``loghmani-2015``, a case report: a guitarist's finger, pain and DASH module before and at discharge.

Looked at and left out, because a group's mean is not a person:

- ``chughtai-2016`` (case series, 23 people after knee replacement): no numbers were readable at all.
- ``looney-2011`` (case series, 10 people with heel pain): counts and means only, and the one count (7 of 10) is from
  a blog that does not say what was counted.
- ``davies-2016``, ``yana-2025``, ``nielsen-2007`` (uncontrolled, before and after): group means.
- ``bhattacharjee-2023`` (device report with one person with low back pain): says "less pain", gives no value.
- ``guasha-epiglottis-case``: one person, related by a shop's page; the primary report was not found, no measures.
- ``syeda-2022`` has values for each of ten *clinicians'* forces on a test bench, not for patients.
- every controlled trial: group means.

What a report leaves out stays out: no date of birth, no dose, no screening answers, no reactions. Dates are not
published; the first visit is put on the first Monday of the year of publication and weeks are counted from there.
The rows are entered by an account that nobody can sign in with, so that no clinician appears to have measured them.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from strigil.accounts.models import Clinic, Role, User
from strigil.clinic.actions.evaluate import ReadingInput, SiteInput, close_course, open_course, record_readings
from strigil.clinic.actions.register import register_patient
from strigil.clinic.actions.treat import VisitInput, sign_visit, start_visit, write_visit
from strigil.clinic.models import Course, CourseStatus, Moment, Origin, Patient, Sex, Visit

DATES = "Dates not published; weeks counted from the first visit."
ENTERED_BY = "Entered from a published report"
WEEK = timedelta(weeks=1)

GUITAR = ("nprs", "Playing guitar", Decimal(5), Decimal(1))
DASH_MODULE = ("dash_sports_arts", "", Decimal(75), Decimal("6.25"))
LOGHMANI_VISITS = 6
LOGHMANI_FIRST = date(2015, 1, 5)


def record(*, clinic: Clinic, on: date) -> list[Course]:
    """Enter every published course into a demo clinic; ``on`` is the day they are entered and signed."""
    by = User(clinic=clinic, username="published", display_name=ENTERED_BY, role=Role.CLINICIAN, is_active=False)
    by.set_unusable_password()
    by.save()
    return [_guitarist(by, on)]


def _guitarist(by: User, on: date) -> Course:
    patient = register_patient(
        by=by,
        name="Guitarist, finger injury (Loghmani 2015)",
        born=None,
        sex=Sex.MALE,
        note=f"55 years old; the date of birth is not published. {DATES}",
        origin=Origin.PUBLISHED,
        source="loghmani-2015",
    )
    course = _open(by, patient)
    _readings(by, course, LOGHMANI_FIRST, Moment.BASELINE)
    for week in range(LOGHMANI_VISITS):
        _visit(by, course, LOGHMANI_FIRST + week * WEEK, on)
    last = LOGHMANI_FIRST + (LOGHMANI_VISITS - 1) * WEEK
    _readings(by, course, last, Moment.BEFORE)
    close_course(
        by=by,
        course=course,
        seen=course.version,
        on=last,
        status=CourseStatus.FINISHED,
        note=f"Discharged. Values at discharge stand on the last visit's day; the time of day is not reported. {DATES}",
    )
    return course


def _open(by: User, patient: Patient) -> Course:
    return open_course(
        by=by,
        patient=patient,
        on=LOGHMANI_FIRST,
        indication="finger_hand_injury",
        side="left",
        sites=[SiteInput("hand_fingers", "left")],
        complaint="Injury of the middle joint (PIP) of the left index finger for 6 months; pain on playing the guitar.",
        history=(
            "Published case report of one person: it cannot show what caused the change. Screening answers, skin "
            f"reactions and dose are not reported and have not been added. {DATES}"
        ),
    )


def _readings(by: User, course: Course, day: date, moment: str) -> None:
    """Each measure as it stood at the start, or at discharge."""
    rows = [
        ReadingInput(measure, start if moment == Moment.BASELINE else end, moment, detail=detail)
        for measure, detail, start, end in (GUITAR, DASH_MODULE)
    ]
    record_readings(by=by, course=course, on=day, readings=rows)


def _visit(by: User, course: Course, day: date, entered: date) -> Visit:
    """A visit of which only the week is known: no treated area, because no dose is reported."""
    visit = start_visit(by=by, course=course, on=day, technique="generic_iastm")
    given = VisitInput(
        technique="generic_iastm",
        exercise="Exercise was part of the care; which is not reported here.",
        note=(
            "Treated; dose not reported. With joint mobilisation, exercise and ice massage. "
            f"Entered from the report, not by the clinician who treated. {DATES}"
        ),
    )
    visit = write_visit(by=by, visit=visit, seen=visit.version, given=given)
    visit = sign_visit(by=by, visit=visit, seen=visit.version)
    # A demo clock: noon of the day of entry, so that the same day makes the same clinic.
    visit.signed_at = datetime.combine(entered, time(12), UTC)
    Visit.objects.filter(pk=visit.pk).update(signed_at=visit.signed_at)
    return visit
