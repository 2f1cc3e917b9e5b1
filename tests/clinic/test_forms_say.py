"""What forms and pages say in their own words: limits with units, all mistakes at once, the shelf's numbers."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client

from strigil.accounts.models import Clinic
from strigil.clinic.actions import respond, treat
from strigil.clinic.models import Patient
from strigil.clinic.views import pages, plan, today
from tests.clinic.cast import FOREARM, TREATED, Story, everything
from tests.clinic.page import Page
from tests.clinic.test_bad_input import Form
from tests.clinic.work import PATIENT

DJANGO = re.compile(r"Ensure |Enter a |Select a valid|This field is required|Null characters")
LIMITS = {
    ("plan", "visits_per_week", "9"): "from 0.5 to 7 visits a week.",
    ("plan", "visits_in_all", "61"): "a whole number from 1 to 60 visits.",
    ("plan", "area-0-seconds", "0"): "from 1 to 3600 s.",
    ("plan", "area-0-angle_degrees", "91"): "from 0 to 90°.",
    ("visit", "area-0-seconds", "1.5"): "a whole number from 1 to 3600 s.",
    ("visit", "area-0-force_newton", "0"): "up to 1 decimal place from 0.1 to 500 N.",
}


@pytest.mark.parametrize(("route", "name", "given"), LIMITS)
def test_a_limit_is_told_with_its_unit(route: str, name: str, given: str, story: Story, tablet: Client) -> None:
    method = {"area-0-force_method": "estimated"} if "force" in name else {}
    page = Form(route, story, tablet).refused({name: given} | method)
    assert page.says(name).strip().endswith(LIMITS[route, name, given])


@pytest.mark.parametrize("route", sorted({*Form.text, *Form.numbers, *Form.choices}))
@pytest.mark.parametrize("given", ["", "x" * 9000, "a\0b", "99999999", "-1"])
def test_no_form_answers_in_the_words_of_its_framework(route: str, given: str, story: Story, tablet: Client) -> None:
    form = Form(route, story, tablet)
    kinds = (Form.text, Form.numbers, Form.choices, Form.days)
    names = [form.named(one) for kind in kinds for one in kind.get(route, ())]
    if not route.startswith(("screen", "measure")):
        names += ["email", "version"]
    response = form.send(dict.fromkeys(names, given))
    said = Page(response).text if response.status_code == 422 else ""
    assert not DJANGO.findall(said), DJANGO.findall(said)


def test_a_plan_says_at_once_that_an_area_is_missing_and_what_else_is(story: Story, tablet: Client) -> None:
    empty = {"area-0-seconds": "", "area-0-instrument": "", "area-0-strokes": None, "visits_in_all": "61"}
    page = Form("plan", story, tablet).refused(empty)
    assert "Plan at least one area" in page.summary
    assert page.says("visits_in_all")


def test_an_amendment_says_at_once_all_that_it_lacks(story: Story, tablet: Client) -> None:
    sent = {"reason": "", "reactions": None, "area-0-seconds": "", "area-0-angle_degrees": "91"}
    page = Form("amend_visit", story, tablet).refused(sent)
    for name in ("reason", "reactions", "area-0-seconds", "area-0-angle_degrees"):
        assert page.says(name), name


def test_somebody_of_the_same_name_is_asked_about_once_and_nothing_typed_is_lost(story: Story, tablet: Client) -> None:
    there = story.patient("Marek Nowak")
    sent = PATIENT | {"phone": "+48 22", "note": "prefers mornings"}
    before = everything()
    response = tablet.post("/patients/new", sent)
    page = Page(response)
    assert response.status_code == 422
    assert f"/patients/{there.pk}" in page.links
    assert page.checked() == [("sex", "male")]
    for name, value in sent.items():
        assert page.holds(name, value), name
    assert everything() == before
    assert tablet.post("/patients/new", sent | {"another": "on"}).status_code == 302
    assert Patient.objects.filter(name="Marek Nowak").count() == 2


def test_nobody_is_asked_about_a_name_that_is_new(story: Story, tablet: Client) -> None:
    page = Page(tablet.post("/patients/new", PATIENT | {"sex": ""}))
    assert not page.controls("another")
    assert tablet.post("/patients/new", PATIENT).status_code == 302


@pytest.mark.parametrize(("demo", "mark"), [(True, "synthetic"), (False, "real")])
def test_whoever_is_registered_in_a_demo_clinic_is_made_up(
    demo: bool, mark: str, clinic: Clinic, story: Story, tablet: Client
) -> None:
    Clinic.objects.update(is_demo=demo)
    tablet.post("/patients/new", PATIENT | {"origin": "published"})
    assert Patient.objects.get().origin == mark


def test_review_visits_are_those_of_the_shelf(story: Story, tablet: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def reviews(_: object) -> tuple[int, ...]:
        return (3, 9)

    monkeypatch.setattr(today, "reviews", reviews)
    monkeypatch.setattr(plan.pathway, "reviews", reviews)
    course = story.with_visits(3)
    assert "review is due from visit 3 on" in Page(tablet.get("/today")).text
    assert "3 and 9 are proposed by this project" in Page(tablet.get(f"/courses/{course.pk}/plan")).text


def test_an_amended_visit_shows_where_a_reaction_was_and_who_measured(
    story: Story, tablet: Client, someone: Any
) -> None:
    seen = respond.ReactionInput("mild_bruise", FOREARM, "right", still_present=True, larger=True)
    visit = story.signed(story.course(), reactions=(seen,))
    treat.amend_visit(by=someone("owner"), visit=visit, seen=visit.version, given=TREATED, reason="mistyped")
    _, before = Page(tablet.get(f"/visits/{visit.pk}")).text.split("As it read before")
    assert "(Forearm, lateral (extensors), right, still there, larger)" in before
    assert "by Clinician, 20 November 2026" in before


def test_the_page_of_a_failure_looks_like_the_others_and_asks_the_database_nothing() -> None:
    page = Page(pages.failed(None))  # type: ignore[arg-type]
    others = re.findall(r'<link rel="(?:icon|stylesheet)"[^>]*href="([^"]+)"', render_to_string("base.html"))
    linked = [held["href"] for tag, held in page.tags if tag == "link"]
    assert [one for one in others if one in linked] == linked
    assert {one.rpartition("/")[2].partition(".")[0] for one in linked} == {"fonts", "tokens", "base", "icon"}
