"""An instrument that the clinic loads: whose word it rests on, how it is filled in, and what is kept of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from strigil.clinic.actions import Refused, evaluate
from strigil.clinic.actions.questionnaire import Unscored, fill_questionnaire, put_away_questionnaire
from strigil.clinic.models import AuditEvent, Course, QuestionnaireAnswers, QuestionnaireFile
from strigil.pathway.facts import Moment
from strigil.pathway.questionnaire import Faulty
from tests.clinic.cast import Story, everything
from tests.clinic.page import Page
from tests.pathway.questionnaires import URL, choice, garden, packed

LICENCE = {"measure": "ndi", "licence": "Nobody, letter of 3 May", "holds_licence": "on"}


def loaded(tablet: Client, resource: object = None, **changes: Any) -> Any:
    content = resource if isinstance(resource, bytes) else packed(resource or garden())
    file = SimpleUploadedFile("garden.json", content, "application/json")
    return tablet.post("/questionnaires", LICENCE | {"file": file} | changes)


def filled(tablet: Client, course: Course, file: QuestionnaireFile, *answers: str, **more: str) -> Any:
    sent = {f"item_{place}": one for place, one in enumerate(answers)}
    return tablet.post(f"/courses/{course.pk}/fill/{file.pk}", sent | more)


@pytest.fixture
def course(story: Story) -> Course:
    return story.course(regions=("neck_posterior",), indication="neck_pain")


# --- Loading -----------------------------------------------------------------------------------------------------


def test_who_stated_the_licence_and_when_is_kept_and_shown(tablet: Client, story: Story) -> None:
    assert loaded(tablet).status_code == 302
    kept = QuestionnaireFile.objects.get()
    assert (kept.measure, kept.canonical, kept.created_by) == ("ndi", f"{URL}|1.0", story.by)
    page = Page(tablet.get("/questionnaires"))
    assert "Birds in the garden , version 1.0" in page.text
    assert "Clinician stated the licence on 20 November 2026: Nobody, letter of 3 May" in page.text
    assert AuditEvent.objects.filter(action="questionnaire.load", object_id=kept.pk, user=story.by).exists()


@pytest.mark.parametrize("missing", ["measure", "licence", "holds_licence", "file"])
def test_without_the_licence_or_the_measure_nothing_is_loaded(missing: str, tablet: Client) -> None:
    before = everything()
    response = loaded(tablet, **{missing: ""})
    page = Page(response)
    assert response.status_code == 422
    assert page.says(missing)
    assert missing == "licence" or page.holds("licence", "Nobody, letter of 3 May")
    assert everything() == before


def test_what_is_wrong_with_a_file_stands_on_the_page_item_by_item_and_harmless(tablet: Client) -> None:
    broken = garden(3, item=[choice("a", "<script>alert(1)</script>"), choice("a", "Second?") | {"repeats": True}])
    before = everything()
    response = loaded(tablet, broken)
    page = Page(response)
    assert response.status_code == 422
    for words in ("Item a: text holds markup", "Item a: its linkId is used before", "Item a takes several answers"):
        assert words in page.text
    assert "<script>alert" not in page.source
    assert everything() == before


def test_of_a_hundred_faults_twenty_are_shown_and_the_rest_counted(tablet: Client) -> None:
    page = Page(loaded(tablet, garden(item=[choice("same", "Again?") for _ in range(101)])))
    assert page.text.count("its linkId is used before") == 20
    assert "And 80 more." in page.text


@pytest.mark.parametrize(
    ("resource", "measure", "says"),
    [
        (garden(9), "ndi", "asks 9 questions; Neck Disability Index (NDI) has 10"),
        (
            garden(10, range(5)),
            "ndi",
            "Item g1: its scores are not those of Neck Disability Index (NDI); given: 0 to 4",
        ),
        (garden(10), "lefs", "asks 10 questions"),
        (garden(code=[{"system": "http://loinc.org", "code": "72514-3"}]), "ndi", "by its LOINC code"),
    ],
)
def test_a_file_that_is_not_the_measure_chosen_is_refused(
    resource: dict[str, Any], measure: str, says: str, tablet: Client
) -> None:
    response = loaded(tablet, resource, measure=measure)
    page = Page(response)
    assert response.status_code == 422
    assert says in page.text
    assert not QuestionnaireFile.objects.exists()


def test_a_measure_whose_rule_is_not_known_takes_no_file(story: Story, tablet: Client) -> None:
    assert "Choose among what is offered here." in Page(loaded(tablet, measure="visa_p")).says("measure")
    with pytest.raises(Faulty, match="its scoring rule is not known here, so its finished score is typed in"):
        story.questionnaire("visa_p")
    assert not QuestionnaireFile.objects.exists()


def test_an_edition_never_changes_its_contents(story: Story, tablet: Client) -> None:
    story.questionnaire()
    page = Page(loaded(tablet, garden(title="Other birds")))
    assert "Give the changed file a version of its own" in page.says("file")
    assert "This file is loaded already." in Page(loaded(tablet)).says("file")
    assert loaded(tablet, garden(title="Other birds", version="2.0")).status_code == 302
    assert sorted(QuestionnaireFile.objects.values_list("edition", flat=True)) == ["1.0", "2.0"]


def test_what_is_put_away_is_offered_no_longer_and_can_be_taken_up_again(
    story: Story, tablet: Client, course: Course
) -> None:
    file = story.questionnaire()
    there = f"/courses/{course.pk}/fill/{file.pk}"
    assert there in Page(tablet.get(f"/courses/{course.pk}/measure/ndi")).links
    assert tablet.post("/questionnaires", {"put_away": str(file.pk)}).status_code == 302
    assert "put away on 20 November 2026" in Page(tablet.get("/questionnaires")).text
    assert there not in Page(tablet.get(f"/courses/{course.pk}/measure/ndi")).links
    assert filled(tablet, course, file, *["2"] * 10).status_code == 422
    assert loaded(tablet).status_code == 302
    assert there in Page(tablet.get(f"/courses/{course.pk}/measure/ndi")).links


def test_another_clinic_neither_sees_nor_fills_nor_puts_away(
    story: Story, stranger: Any, signed_in: Any, course: Course
) -> None:
    file = story.questionnaire()
    client = signed_in(stranger)
    assert "Birds in the garden" not in Page(client.get("/questionnaires")).text
    assert client.post("/questionnaires", {"put_away": str(file.pk)}).status_code == 404
    assert client.get(f"/courses/{course.pk}/fill/{file.pk}").status_code == 404
    other = Story(stranger, story.on).course()
    assert client.get(f"/courses/{other.pk}/fill/{file.pk}").status_code == 404
    with pytest.raises(Refused, match="another clinic"):
        put_away_questionnaire(by=stranger, file=file, on=story.on)


@pytest.mark.parametrize("role", ["assistant", "front_desk", "auditor"])
def test_only_owners_and_clinicians_load(role: str, someone: Any, story: Story) -> None:
    with pytest.raises(Refused, match="Only an owner or a clinician"):
        Story(someone(role), story.on).questionnaire()


def test_a_hostile_file_is_refused_by_the_action_too(story: Story) -> None:
    with pytest.raises(Faulty, match="status draft"):
        story.questionnaire(resource=garden(status="draft"))
    assert not QuestionnaireFile.objects.exists()


# --- Filling in --------------------------------------------------------------------------------------------------


def test_it_scores_itself_and_keeps_every_answer_with_its_version(story: Story, tablet: Client, course: Course) -> None:
    file = story.questionnaire()
    response = filled(tablet, course, file, *"0123454321")
    assert response.status_code == 302, Page(response).summary
    reading = course.readings.get()
    assert (reading.measure, reading.value, reading.unit) == ("ndi", Decimal(25), "{score}")
    assert (reading.method, reading.version_of_form) == ("questionnaire", f"{URL}|1.0")
    kept = QuestionnaireAnswers.objects.get(reading=reading)
    assert kept.file == file
    assert kept.answers["g6"] == {"choice": 5, "score": "5"}
    assert len(kept.answers) == 10
    assert "Saved: NDI 25 of 50. All 10 items are answered." in Page(tablet.get(response.url)).text


def test_what_is_left_open_stays_open_and_is_scored_by_the_rule_of_the_measure(story: Story, tablet: Client) -> None:
    course, file = story.course(), story.questionnaire("dash", garden(30, range(1, 6)))
    open_ = ["open", "", "open"]
    assert filled(tablet, course, file, *["2"] * 26, "open", *open_).status_code == 422
    assert not course.readings.exists()
    assert filled(tablet, course, file, *["2"] * 27, *open_).status_code == 302
    reading = course.readings.get()
    # (27 times 3 over 27, less 1) times 25
    assert reading.value == Decimal(50)
    kept = QuestionnaireAnswers.objects.get(reading=reading).answers
    assert [kept[f"g{place}"] for place in (27, 28, 29, 30)] == [{"choice": 2, "score": "3"}, None, None, None]


def test_too_few_answers_give_no_score_and_nothing_typed_is_lost(story: Story, tablet: Client, course: Course) -> None:
    file = story.questionnaire()
    before = everything()
    response = filled(tablet, course, file, "3")
    page = Page(response)
    assert response.status_code == 422
    assert "No score, so nothing is saved yet." in page.summary
    assert ("item_0", "3") in page.checked()
    assert everything() == before


def test_nothing_is_chosen_beforehand(story: Story, tablet: Client, course: Course) -> None:
    file = story.questionnaire()
    for _ in range(2):
        page = Page(tablet.get(f"/courses/{course.pk}/fill/{file.pk}"))
        assert page.checked() == []
        assert "Think of your garden today." in page.text
        assert "How many birds sat on bush 10?" in page.text
        assert "Licence: Nobody, 2026" in page.text
        filled(tablet, course, file, *["2"] * 10)


@pytest.mark.parametrize("answer", ["6", "-1", "2.0", "x"])
def test_an_answer_that_is_none_is_refused(answer: str, story: Story, tablet: Client, course: Course) -> None:
    response = filled(tablet, course, story.questionnaire(), answer, *["2"] * 9)
    assert response.status_code == 422
    assert not course.readings.exists()


def test_the_action_refuses_what_no_page_would_send(story: Story, course: Course) -> None:
    given: dict[str, Any] = {"by": story.by, "course": course, "file": story.questionnaire(), "on": story.on}
    for answers in ([9] * 10, [0] * 9, [-1] * 10):
        with pytest.raises(Refused, match="none of the choices"):
            fill_questionnaire(**given, answers=answers, moment=Moment.BEFORE)
    with pytest.raises(Unscored):
        fill_questionnaire(**given, answers=[None] * 10, moment=Moment.BEFORE)
    assert not course.readings.exists()


def test_a_typed_score_and_a_filled_form_are_no_change_of_each_other(
    story: Story, tablet: Client, course: Course
) -> None:
    typed = evaluate.ReadingInput("ndi", Decimal(40), Moment.BASELINE)
    evaluate.record_readings(by=story.by, course=course, on=story.days(-7).on, readings=[typed])
    filled(tablet, course, story.questionnaire(), *["1"] * 10)
    page = Page(tablet.get(f"/courses/{course.pk}/measure"))
    assert f"NDI, questionnaire, {URL}|1.0" in page.text
    assert "Changed by" not in page.text


def test_two_versions_of_a_form_are_no_change_of_each_other_and_one_version_is(
    story: Story, tablet: Client, course: Course
) -> None:
    files = [story.questionnaire(resource=garden(version=version)) for version in ("1.0", "2.0")]
    for file, value in zip(files, (4, 3), strict=True):
        fill_questionnaire(
            by=story.by, course=course, file=file, on=story.days(-7).on, answers=[value] * 10, moment=Moment.BASELINE
        )
    filled(tablet, course, files[1], *["1"] * 10)
    page = Page(tablet.get(f"/courses/{course.pk}/measure"))
    assert page.text.count("Changed by") == 1
    assert "Changed by −20 of 50" in page.text


def test_a_series_that_was_filled_in_is_never_gone_on_with_by_a_typed_number(
    story: Story, tablet: Client, course: Course
) -> None:
    file = story.questionnaire()
    filled(tablet, course, file, *["1"] * 10)
    page = Page(tablet.get(f"/courses/{course.pk}/measure"))
    assert not [held for _, held in page.tags if (held.get("name") or "").startswith("measured-before_ndi")]
    assert f"/courses/{course.pk}/fill/{file.pk}" in page.links
