"""The documents of a record: each value of it can be read on paper, and what must be minded stands on every page."""

from __future__ import annotations

import io
import re
import unicodedata
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from pypdf import PdfReader

from strigil.clinic import papers
from strigil.clinic.actions import evaluate, screen, treat
from strigil.clinic.actions.papers import NO_REFERRAL, NO_REPORT
from strigil.clinic.models import AuditEvent, Course, Patient
from strigil.clinic.programmes import current, lines
from strigil.knowledge import load
from strigil.knowledge.shapes import ExerciseRule, NoGoZone, PatientEducation, Reaction
from strigil.pathway.facts import Moment
from tests.clinic.cast import AREA, TREATED, Story
from tests.clinic.page import Page
from tests.keep.odd import NAMES

GONIOMETER = {"method": "active", "device": "universal goniometer"}


def pages(client: Client, address: str) -> list[str]:
    response = client.get(address)
    assert response.status_code == 200, address
    assert response["Content-Type"] == "application/pdf"
    assert response["Cache-Control"] == "no-store"
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(response.content)).pages]


def measured(number: int) -> tuple[evaluate.ReadingInput, ...]:
    """Pain and a motion, each before and after the visit of that number."""
    read = evaluate.ReadingInput
    return (
        read("nprs", Decimal(7 - number), Moment.BEFORE),
        read("nprs", Decimal(6 - number), Moment.AFTER),
        read("wrist_flexion", Decimal(51 + number), Moment.BEFORE, "right", **GONIOMETER),
        read("wrist_flexion", Decimal(53 + 2 * number), Moment.AFTER, "right", **GONIOMETER),
    )


@pytest.fixture
def course(story: Story) -> Course:
    """Three visits: the second was followed by a haematoma that nobody has seen settle, the third by no question."""
    first = story.days(-6)
    course = first.ready(patient=story.patient(origin="synthetic"))
    for number in range(3):
        then = first.days(3 * number)
        area = replace(AREA, seconds=60 + 10 * number, force_newton=Decimal("4.5"), force_method="estimated")
        visit = then.signed(course, readings=measured(number), treatments=(area,))
        if number < 2:
            then.days(1).asked_after(visit, "hematoma" if number else "redness_heat")
    hematoma(course, still_present=True)
    course.visits.get(number=3).reaction_checks.all().delete()
    story.prescribed(course)
    return course


def hematoma(course: Course, *, still_present: bool | None) -> None:
    course.visits.get(number=2).reaction_checks.get(when="next_day").reactions.update(still_present=still_present)


def all_of(course: Course) -> dict[str, str]:
    visit = course.visits.get(number=2)
    return {
        "report": f"/courses/{course.pk}/report.pdf",
        "referral": f"/courses/{course.pk}/referral.pdf",
        "note": f"/visits/{visit.pk}/note.pdf",
        "after": f"/visits/{visit.pk}/after.pdf",
        "home": f"/courses/{course.pk}/home.pdf",
    }


@pytest.mark.parametrize("kind", ["report", "referral", "note", "after", "home"])
def test_what_must_be_minded_stands_on_every_page(kind: str, story: Story, course: Course, tablet: Client) -> None:
    story.screened(course, yes=["easy_bruising", "anticoagulants"])
    screen.record_clearance(
        by=story.by, patient=course.patient, finding="anticoagulants", physician="Dr Adler", agreed_on=story.on,
        until=story.days(30).on, on=story.on, note="Light strokes only.",
    )  # fmt: skip
    story.screened(course, yes=["easy_bruising", "anticoagulants"])
    zone = load().shelf(NoGoZone)["nerves_bone"].title
    for page in pages(tablet, all_of(course)[kind]):
        for words in (
            "Éva Tóth, born 2 March 1971",
            "20 November 2026",
            "This patient is made up.",
            "Screen of 20 November 2026: modify.",
            load().rules["easy_bruising"].title,
            "Dr Adler agreed to",
            "Light strokes only.",
            f"Keep off at Forearm, lateral (extensors), right: {zone}.",
            "Not recorded as settled: Haematoma or worrying bruise after visit 2.",
            f"Strigil knowledge {load().version}",
        ):
            assert words in page, (kind, words)


ODD_NAMES = (
    *(name for name in NAMES if "Emoji" not in name),
    *("B", "Straße İzmir ı", "N\u0303guye\u0302\u0303n", "Ωμέγα Жуков", "W" * 200, "Anna-Maria " * 18),
    *("\u202eAda Turned", "\u2067Ada Set Apart", "Ada\u202e \u2066Both"),
)
EMOJI = next(name for name in NAMES if "Emoji" in name)


def letters_of(words: str) -> Counter[str]:
    """In whatever order a script is set and a reader takes it out again."""
    plain = unicodedata.normalize("NFC", words)
    return Counter(one for one in plain if not one.isspace() and unicodedata.category(one) != "Cf")


def unnamed(course: Course, client: Client, name: str) -> list[str]:
    """Pages of documents on which a name lacks a letter or is set so that it hides or turns what stands beside it."""
    Patient.objects.filter(pk=course.patient_id).update(name=name[:200].strip())
    found = []
    for kind, address in all_of(course).items():
        for number, page in enumerate(pages(client, address), start=1):
            if "born 2 March 1971" not in page or letters_of(name[:200]) - letters_of(page.partition("20 November")[0]):
                found.append(f"{kind} {number}: {page[:120]}")
    return found


@pytest.mark.parametrize("name", ODD_NAMES)
def test_whoever_it_is_stands_whole_on_every_page(name: str, course: Course, tablet: Client) -> None:
    assert unnamed(course, tablet, name) == []


def test_letters_that_no_font_has_are_told_on_paper_and_the_day_of_birth_stays(course: Course, tablet: Client) -> None:
    assert unnamed(course, tablet, EMOJI), "a name that is not whole is seen"
    page = pages(tablet, all_of(course)["report"])[0]
    assert "This name has letters that this print cannot show" in page
    assert "born 2 March 1971" in page


def test_a_name_that_turns_the_day_of_birth_round_is_caught(
    course: Course, tablet: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("strigil.drawing.paper.letters.STEERS", frozenset())
    assert "1791" in unnamed(course, tablet, "\u202eAda Turned")[0]


def test_a_reaction_of_which_nobody_has_said_whether_it_is_gone_is_not_settled(course: Course, tablet: Client) -> None:
    hematoma(course, still_present=None)
    assert "Not recorded as settled: Haematoma" in " ".join(pages(tablet, all_of(course)["after"]))


def test_a_reaction_seen_to_settle_is_no_warning_any_more(course: Course, tablet: Client) -> None:
    hematoma(course, still_present=False)
    for address in all_of(course).values():
        assert "Not recorded as settled" not in " ".join(pages(tablet, address))


def test_the_report_has_every_reading_dose_and_reaction_and_claims_no_effect(course: Course, tablet: Client) -> None:
    words = " ".join(pages(tablet, all_of(course)["report"]))
    for number in range(3):
        for one in measured(number):
            unit = "°" if one.measure == "wrist_flexion" else " of 10"
            assert f"{one.value}{unit}" in words
        assert f"{60 + 10 * number} s" in words
    for said in (
        "Pain 0–10 fell from 7 to 5 of 10",
        "Less than 2 of 10 from the start: 5 to 9 of 10",
        "low back pain",
        "4.5 N, estimated",
        "Redness and warmth",
        "Haematoma or worrying bruise (still there)",
        "not asked",
        "Read before and right after treatment on 3 days: higher on 3 by 2 to 4°.",
        "Tennis elbow (lateral epicondylitis), right",
        "cannot show that the treatment caused a change",
        "All measures and areas on one time line",
        "Began not known",
    ):
        assert said in words, said


def test_the_letter_to_the_referrer_holds_each_change_against_its_threshold(course: Course, tablet: Client) -> None:
    words = " ".join(pages(tablet, all_of(course)["referral"]))
    for said in (
        "Signed visits: 3, from 14 November 2026 to 20 November 2026. Treated with an instrument at 3 of them.",
        "7 of 10, 14 November 2026 5 of 10, 20 November 2026 −2 of 10",
        "2 of 10, smallest important change in: low back pain",
        "better, by more than error and by what people notice",
        "Looked at on the day at 2 of 3 visits; asked about later after 2 of 3.",
        "Adverse, visit 2 of 17 November 2026: Haematoma or worrying bruise, still there.",
        "Expected: redness and warmth, after 2 of 3 visits.",
        "2 a week, 8 visits in all, review at 4, 6",
        "cannot show that the treatment caused a change",
    ):
        assert said in words, said


def test_a_note_is_the_visit_and_an_amended_one_shows_both_versions(
    story: Story, course: Course, tablet: Client
) -> None:
    visit = course.visits.get(number=2)
    address = all_of(course)["note"]
    before = " ".join(pages(tablet, address))
    for said in ("1 min 10 s, light pressure", "4.5 N, estimated", "6 of 10", "As planned.", "Graston Technique"):
        assert said in before, said
    assert "mended" not in before
    changed = replace(TREATED, note="Stopped early.")
    treat.amend_visit(by=story.by, visit=visit, seen=visit.version, given=changed, reason="typing mistake")
    after = " ".join(pages(tablet, address))
    for said in (f"amended on 20 November 2026 by {story.by}", "typing mistake", "As planned.", "Stopped early."):
        assert said in after, said


def test_a_draft_says_on_every_page_that_nobody_has_signed_it_and_what_is_only_copied(
    story: Story, course: Course, tablet: Client
) -> None:
    draft = story.days(3).written(story.days(3).draft(course), unconfirmed=("area-0-seconds",))
    found = pages(tablet, f"/visits/{draft.pk}/note.pdf")
    assert found[0].count("Draft: nobody has signed this visit.") == 2, "the state of the visit, and the warning"
    assert all("Draft: nobody has signed this visit." in page for page in found)
    copied = "Copied from an earlier visit and not confirmed • Forearm, lateral (extensors), right: time"
    assert copied in " ".join(found)


def test_what_a_patient_takes_home_is_what_the_shelf_says_with_its_sources(course: Course, tablet: Client) -> None:
    words = " ".join(pages(tablet, all_of(course)["after"]))
    plain = {key: " ".join(one.plain.split()) for key, one in load().shelf(PatientEducation).items()}
    for key in ("when_call", "tell_bruise", "uncertain", "may_decline"):
        assert plain[key] in words, key
    for one in load().shelf(Reaction).values():
        if one.group == "adverse":
            assert one.ask is not None
            assert " ".join(one.ask.split()) in words
        elif one.group in ("expected", "self_care"):
            assert " ".join(one.statement.split()) in words
    assert "proposed by the Strigil project, no study has tested it" in words
    emergencies = {one.id for one in load().shelf(Reaction).values() if (one.do or "").startswith("Treat as an emerg")}
    assert emergencies == papers.EMERGENCIES
    at_once, to_call = words.index("Get emergency help at once"), words.index("Call us if you say yes")
    for one in load().shelf(Reaction).values():
        if one.group == "adverse":
            assert (at_once < words.index(one.ask or "") < to_call) == (one.id in emergencies), one.id
    assert load().source_of(load().shelf(PatientEducation)["when_call"].sources[0]).title in words


def test_nothing_of_a_patient_is_in_the_name_of_a_file_and_each_print_leaves_its_trace(
    story: Story, course: Course, tablet: Client
) -> None:
    for address in all_of(course).values():
        name = tablet.get(address)["Content-Disposition"]
        assert re.fullmatch(r'inline; filename="[a-z-]+\.pdf"', name), name
    prints = AuditEvent.objects.filter(action__endswith=".print", user=story.by, patient_id=course.patient_id)
    assert sorted(prints.values_list("action", flat=True)) == [
        "after_session.print", "home_programme.print", "note.print", "referral.print", "report.print",
    ]  # fmt: skip


def test_where_nothing_can_be_said_yet_the_page_says_why_and_the_document_is_refused(
    story: Story, tablet: Client
) -> None:
    course = story.course()
    page = Page(tablet.get(f"/courses/{course.pk}"))
    assert not [one for one in page.links if one.endswith(".pdf")]
    for address, why in (("report", NO_REPORT), ("referral", NO_REFERRAL)):
        assert why in page.text
        answer: Any = tablet.get(f"/courses/{course.pk}/{address}.pdf", follow=True)
        assert answer.redirect_chain == [(f"/courses/{course.pk}", 302)]
        assert why in Page(answer).text_of["main"]
    untreated = story.signed(story.ready(), treatments=())
    assert "no area is recorded as treated" in Page(tablet.get(f"/visits/{untreated.pk}")).text
    answer = tablet.get(f"/visits/{untreated.pk}/after.pdf", follow=True)
    assert "There is nothing to send home yet" in Page(answer).text
    assert not AuditEvent.objects.filter(action__endswith=".print").exists()


def test_the_pages_offer_what_can_be_printed(course: Course, tablet: Client) -> None:
    found = all_of(course)
    links = set(Page(tablet.get(f"/courses/{course.pk}")).links)
    assert {found["report"], found["referral"]} <= links
    visit = course.visits.get(number=2)
    assert {found["note"], found["after"]} <= set(Page(tablet.get(f"/visits/{visit.pk}")).links)


def test_the_home_programme_on_paper_has_each_exercise_its_dose_and_when_to_stop(
    course: Course, tablet: Client
) -> None:
    words = " ".join(pages(tablet, all_of(course)["home"]))
    held = current(course)
    assert held is not None
    for line in lines(held.exercises.all()):
        assert f"{line.title}. {line.side}" in words
        for said in (line.dose, *line.steps, *line.stop_if, *line.sources):
            assert " ".join(said.split()) in words, said
    rules = load().shelf(ExerciseRule)
    zones = [f"{one.low} to {one.high} of 10: {one.do}" for one in rules["pain_zones"].zones]
    for said in (*(one.text for one in rules["stop_exercise"].signs), *zones):
        assert said in words


def test_without_a_home_programme_there_is_none_to_print(story: Story, tablet: Client) -> None:
    course = story.ready()
    answer = tablet.get(f"/courses/{course.pk}/home.pdf", follow=True)
    assert "There is no home programme to print: prescribe one first." in Page(answer).text


def test_what_a_patient_said_and_nobody_looked_at_stands_on_every_page(
    story: Story, course: Course, tablet: Client
) -> None:
    story.answered(course.visits.get(number=3), worries=["nerve"])
    for kind, address in all_of(course).items():
        for page in pages(tablet, address):
            assert "Said at the check-in after visit 3, and not looked at yet" in page, kind
