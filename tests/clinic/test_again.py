"""A decision can be made again as it was, and changed knowledge says which open courses it would change."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from strigil.clinic import again
from strigil.clinic.models import KeptShelf, Screening
from strigil.knowledge import Knowledge, load
from tests.clinic.cast import Story
from tests.clinic.page import Page
from tests.pathway.cases import with_rule


@pytest.fixture
def yesterday(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets the program believe in another shelf, as if it had been released with it."""

    def believe(shelf: Knowledge) -> None:
        for module in ("actions.screen", "again", "gather", "views.again", "views.screen"):
            monkeypatch.setattr(f"strigil.clinic.{module}.load", lambda: shelf, raising=False)

    return believe


def milder(name: str) -> Knowledge:
    first, *rest = load().rules[name].consequences
    return with_rule(load(), name, consequences=(first.model_copy(update={"outcome": "modify"}), *rest))


def test_a_decision_is_made_again_under_the_knowledge_of_its_day(story: Story, yesterday: Any) -> None:
    yesterday(milder("anticoagulants"))
    course = story.course()
    screening = story.screened(course, yes=["anticoagulants"])
    assert screening.outcome == "modify"
    yesterday(load())
    assert again.decided_again(screening) == again.Again(True)
    assert story.screened(course, yes=["anticoagulants"]).outcome == "clearance"
    assert KeptShelf.objects.count() == 2


def test_a_decision_that_would_not_come_out_alike_is_told(story: Story, tablet: Client) -> None:
    screening = story.screened(story.course())
    Screening.objects.filter(pk=screening.pk).update(outcome="modify")
    page = Page(tablet.get(f"/screenings/{screening.pk}"))
    assert "now give another decision" in page.text


def test_a_decision_whose_knowledge_was_not_kept_says_so(story: Story, tablet: Client) -> None:
    screening = story.screened(story.course())
    KeptShelf.objects.all().delete()
    assert "was not kept" in Page(tablet.get(f"/screenings/{screening.pk}")).text


def test_one_shelf_is_kept_for_many_decisions(story: Story) -> None:
    for _ in range(3):
        story.screened(story.course(story.patient()))
    assert KeptShelf.objects.count() == 1


def test_changed_knowledge_lists_the_open_courses_it_would_change_and_no_others(
    story: Story, tablet: Client, yesterday: Any
) -> None:
    yesterday(milder("anticoagulants"))
    would = story.course(story.patient("Ada Changed"))
    story.screened(would, yes=["anticoagulants"])
    same = story.course(story.patient("Bela Same"))
    story.screened(same)
    again_asked = story.course(story.patient("Cora Asked Again"))
    story.screened(again_asked, yes=["anticoagulants"])
    yesterday(load())
    story.screened(again_asked, yes=["anticoagulants"])
    page = Page(tablet.get("/changed"))
    assert "Ada Changed" in page.text
    assert "Modify" in page.text
    assert "Clearance" in page.text
    assert "Bela Same" not in page.text
    assert "Cora Asked Again" not in page.text


def test_answers_that_fit_no_question_any_more_are_told_and_not_passed_over(
    story: Story, tablet: Client, yesterday: Any
) -> None:
    story.screened(story.course(story.patient("Ada Changed")))
    (row,) = Screening.objects.all()
    row.inputs["findings"][0]["id"] = "a_question_of_old"
    Screening.objects.filter(pk=row.pk).update(inputs=row.inputs, knowledge_sha256="0" * 64)
    page = Page(tablet.get("/changed"))
    assert "Ada Changed" in page.text
    assert "no longer fit the questions" in page.text


def test_the_screenings_of_closed_courses_are_not_walked_through(story: Story) -> None:
    """As SQLite would look for them: in a large clinic nine courses of ten are closed."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL decides by how many rows there are")
    with CaptureQueriesContext(connection) as queries:
        again.changed(story.by.clinic_id)
    (query,) = queries
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
        plan = [row[3] for row in cursor.fetchall()]
    assert any("clinic_screening USING INDEX" in step for step in plan), plan
    assert not [step for step in plan if step.startswith("SCAN")], plan


def test_nothing_changed_says_so(story: Story, tablet: Client) -> None:
    story.screened(story.course())
    assert "No open course would come out otherwise." in Page(tablet.get("/changed")).text


def test_a_failure_of_the_engine_is_kept_with_its_reason_and_shown(
    story: Story, tablet: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = story.course()

    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("strigil.pathway.screen.decide.resolve", broken)
    screening = story.screened(course)
    assert (screening.outcome, screening.complete) == ("error", False)
    monkeypatch.undo()
    assert "ZeroDivisionError" in Page(tablet.get(f"/screenings/{screening.pk}")).text
