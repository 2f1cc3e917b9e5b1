"""An instrument of the clinic's own: loaded, refused when broken, filled in by touch, with and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, FilePayload, Page, expect

from strigil.clinic.models import Course, QuestionnaireAnswers, QuestionnaireFile
from tests.journeys.browser import Look
from tests.journeys.hands import box, follow, press, sign_in, tick, title, write
from tests.journeys.record import Record
from tests.pathway.questionnaires import choice, garden, packed

NAME = "Neck Disability Index (NDI)"


def paper(resource: dict[str, Any]) -> FilePayload:
    return {"name": "garden.json", "mimeType": "application/json", "buffer": packed(resource)}


def load(page: Page, resource: dict[str, Any]) -> None:
    box(page, "Which measure it is").select_option(label=NAME)
    box(page, "File").set_input_files(paper(resource))
    write(page, "Licence", "Nobody, letter of 3 May")
    tick(page, "This clinic may use this instrument, in this form")
    press(page, "Load the file")


@pytest.fixture
def course(record: Record) -> Course:
    return record.course()


def answer(page: Page, bush: int, birds: int) -> None:
    words = f"{'So' if birds else 'Not'} much: {birds}"
    page.get_by_role("group", name=f"How many birds sat on bush {bush}?", exact=True).get_by_label(words).check()


def test_a_file_is_loaded_and_filled_in(page: Page, course: Course, look: Look) -> None:
    sign_in(page)
    page.goto("/book/rules")
    follow(page, "Which instruments may be filled in here?")
    expect(title(page)).to_have_text("Which instruments may be filled in here?")
    look(page, "none loaded")
    load(page, garden(10, item=[choice("a", "First?") | {"repeats": True}, choice("a", "<b>Second?</b>")]))
    faults = page.get_by_role("group", name="This file cannot be used.")
    expect(faults).to_contain_text("Item a takes several answers (repeats)")
    expect(faults).to_contain_text("Item a: text holds markup; given: <b>Second?</b>")
    expect(faults).to_be_focused()
    look(page, "refused")
    load(page, garden())
    expect(page.get_by_text("Dana Reed stated the licence on")).to_be_visible()
    look(page, "loaded")
    page.goto(f"/courses/{course.pk}/measure")
    page.get_by_text("others", exact=False).last.click()
    look(page, "measures to choose from")
    follow(page, "NDI")
    look(page, "a measure")
    follow(page, "Fill in Birds in the garden, version 1.0")
    expect(title(page)).to_have_text("Birds in the garden")
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    look(page, "to be filled in")
    answer(page, 1, 5)
    press(page, "Save and score")
    expect(page.get_by_text("No score, so nothing is saved yet.")).to_be_visible()
    look(page, "too few answers")
    for bush in range(2, 11):
        answer(page, bush, 1)
    press(page, "Save and score")
    expect(page.get_by_role("status").filter(has_text="Saved: NDI 14 of 50.")).to_be_visible()
    look(page, "scored")
    kept = QuestionnaireAnswers.objects.get().answers
    assert [kept[f"g{bush}"]["score"] for bush in range(1, 11)] == ["5", *["1"] * 9]


def test_it_is_filled_in_without_javascript(
    new_context: Callable[..., BrowserContext], address: str, course: Course, record: Record
) -> None:
    page = new_context(address, java_script_enabled=False).new_page()
    sign_in(page)
    page.goto("/questionnaires")
    box(page, "Which measure it is").select_option(label=NAME)
    box(page, "File").set_input_files(paper(garden()))
    write(page, "Licence", "Nobody, letter of 3 May")
    tick(page, "This clinic may use this instrument, in this form")
    page.get_by_role("button", name="Load the file").click()
    expect(page.get_by_text("Loaded: ")).to_be_visible()
    file = QuestionnaireFile.objects.get()
    page.goto(f"/courses/{course.pk}/fill/{file.pk}")
    for bush in range(1, 11):
        answer(page, bush, 2)
    page.get_by_role("button", name="Save and score").click()
    expect(page.get_by_text("Saved: NDI 20 of 50.")).to_be_visible()
    assert course.readings.get(measure="ndi").value == Decimal(20)
