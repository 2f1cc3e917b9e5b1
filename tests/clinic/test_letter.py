"""The letter to a physician, from a stored screen to the words a physician reads."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pypdf import PdfReader

import strigil
from strigil.clinic import letters, sheets
from strigil.clinic.actions import screen
from strigil.clinic.models import AuditEvent
from strigil.knowledge import load
from tests.clinic.cast import FOREARM, UPPER_ARM, Story
from tests.clinic.page import Page


def words(content: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())


def test_each_question_to_a_physician_has_its_letter_and_all_have_one(story: Story, tablet: Client) -> None:
    course = story.course()
    story.screened(course, yes=["anticoagulants", "severe_illness", "malnourished_fatigued"])
    page = Page(tablet.get(f"/courses/{course.pk}/screen"))
    here = f"/courses/{course.pk}/letter.pdf"
    found = {one for one in page.links if "letter.pdf" in one}
    assert found == {here, f"{here}?rule=anticoagulants", f"{here}?rule=severe_illness"}
    titles = [load().rules[name].title for name in ("anticoagulants", "severe_illness", "malnourished_fatigued")]
    assert [asks(tablet.get(f"{here}?rule=anticoagulants").content, title) for title in titles] == [True, False, False]
    assert [asks(tablet.get(here).content, title) for title in titles] == [True, True, False]


def asks(content: bytes, title: str) -> bool:
    """The warnings name every finding once a page; what the letter asks about stands there once more."""
    return words(content).count(title) > len(PdfReader(io.BytesIO(content)).pages)


def test_the_letter_says_who_where_with_what_why_and_who_says_so(story: Story, tablet: Client) -> None:
    course = story.course(regions=(FOREARM, UPPER_ARM))
    story.screened(course, yes=["anticoagulants"])
    response = tablet.get(f"/courses/{course.pk}/letter.pdf")
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("inline")
    assert response["Cache-Control"] == "no-store"
    said = words(response.content)
    rule = load().rules["anticoagulants"]
    for expected in (
        "born 2 March 1971",
        "Forearm, lateral (extensors), right and",
        "Graston Technique",
        "Answered yes on 20 November 2026.",
        f"sources differ; {len(rule.sources) - 6} more sources are not printed here",
        str(story.by),
        story.by.clinic.name,
        load().version,
    ):
        assert expected in said, expected
    assert "Do not send" not in said
    trace = AuditEvent.objects.get(action="letter.write")
    assert (trace.user, trace.patient_id) == (story.by, course.patient_id)


def test_sources_that_are_no_evidence_come_last_and_say_so(story: Story) -> None:
    course = story.course()
    stored = story.screened(course, yes=["uncontrolled_hypertension", "ischaemia_pad"])
    made = letters.letter(by=story.by, course=course, screening=stored, on=story.on)
    assert made is not None
    for ground in made.grounds:
        assert len(ground.sources) <= letters.MOST_SOURCES
        weak = [one.kind.endswith("no evidence") for one in ground.sources]
        assert weak == sorted(weak)
    assert any(one.kind.endswith(", no evidence") for ground in made.grounds for one in ground.sources)


def test_the_page_and_the_letter_call_the_same_kinds_no_evidence() -> None:
    path = Path(strigil.__file__).parent / "templates/_components/source.html"
    line = next(one for one in path.read_text().splitlines() if "No evidence" in one)
    assert set(re.findall(r'kind == "(\w+)"', line)) == sheets.NO_EVIDENCE


@pytest.mark.parametrize(
    ("origin", "mark"), [("synthetic", "This patient is made up"), ("published", "A published case")]
)
def test_a_person_who_does_not_exist_is_marked(origin: str, mark: str, story: Story) -> None:
    more: dict[str, Any] = {"source": "loghmani-2015"} if origin == "published" else {}
    course = story.course(story.patient(origin=origin, **more))
    stored = story.screened(course, yes=["anticoagulants"])
    made = letters.letter(by=story.by, course=course, screening=stored, on=story.on)
    assert made is not None
    assert made.sheet.mark.startswith(mark)


def test_a_minor_is_asked_about_though_nobody_answered_and_no_source_says_it(story: Story) -> None:
    patient = story.patient()
    patient.born = story.on.replace(year=story.on.year - 12)
    patient.save()
    course = story.course(patient)
    stored = screen.store_screening(by=story.by, course=course, on=story.on)
    made = letters.letter(by=story.by, course=course, screening=stored, on=story.on, rule="minor")
    assert made is not None
    assert made.grounds[0].answered == "This follows from what is known of the patient."
    assert made.grounds[0].agreement == "no source found"
    assert made.treatment == "instrument-assisted soft tissue mobilization"


def test_where_nothing_is_asked_of_a_physician_there_is_no_letter(story: Story, tablet: Client) -> None:
    course = story.course()
    here = f"/courses/{course.pk}/letter.pdf"
    assert tablet.get(here).status_code == 404
    story.screened(course, yes=["anticoagulants"])
    assert tablet.get(f"{here}?rule=pregnancy").status_code == 404
    screen.record_clearance(
        by=story.by, patient=course.patient, finding="anticoagulants", physician="Dr Adler", agreed_on=story.on,
        until=story.days(30).on, on=story.on, note="Light strokes only.",
    )  # fmt: skip
    screen.store_screening(by=story.by, course=course, on=story.on)
    assert tablet.get(here).status_code == 404
    page = Page(tablet.get(f"/courses/{course.pk}/screen"))
    assert not [one for one in page.links if "letter.pdf" in one]
    assert "Dr Adler, 20 November 2026 until 20 December 2026; Light strokes only." in page.text
    assert not AuditEvent.objects.filter(action="letter.write").exists()
