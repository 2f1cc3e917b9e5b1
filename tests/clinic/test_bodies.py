"""What the pages say of places on the body, in figures and in the same words."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.test import Client

from strigil.clinic import bodies
from strigil.clinic.actions import Refused, evaluate, respond, screen
from strigil.clinic.models import Course, Reaction, Visit
from tests.clinic.cast import AREA, FOREARM, UPPER_ARM, Story
from tests.clinic.page import Page

MARK = re.compile(r'<g class="body-mark body-(\w+)[^>]*><use href="#part-(?:\w+)-(\w+)"')


@pytest.fixture
def course(story: Story) -> Course:
    return story.with_visits(3)


def figures(html: str) -> dict[str, list[tuple[str, str]]]:
    """Each small figure of the course page by its id, with what is marked where."""
    return {one: MARK.findall(svg) for one, svg in re.findall(r'<svg[^>]* id="(body-\d+-\w+)"(.*?)</svg>', html)}


def rows(html: str) -> list[str]:
    """The row of figures in words, one a visit."""
    found = re.findall(r'<li class="bodies-row__one">(.*?)</li>', html, re.S)
    return [re.sub(r"\s+", " ", re.sub(r"<svg.*?</svg>|<[^>]+>", "", one, flags=re.S)).strip() for one in found]


def test_each_visit_is_a_figure_and_a_sentence_and_a_row_of_a_table(course: Course, tablet: Client) -> None:
    html = tablet.get(f"/courses/{course.pk}").content.decode()
    drawn = figures(html)
    assert [*drawn] == ["body-1-back", "body-2-back", "body-3-back"]
    assert all(marks == [("treated", FOREARM)] for marks in drawn.values())
    assert len(rows(html)) == 3
    assert "Treated: Forearm, lateral (extensors), right. Skin and symptoms: Redness and warmth" in rows(html)[0]
    table = html[html.index('id="c-bodies"') :]
    assert table.count("<td>Forearm, lateral (extensors), right</td>") == 3


def test_a_reaction_is_drawn_where_it_was_and_beside_the_body_where_nobody_said(
    story: Story, course: Course, tablet: Client
) -> None:
    visit = course.visits.get(number=3)
    seen = [respond.ReactionInput("mild_bruise", UPPER_ARM, "right", still_present=True)]
    respond.record_reaction(by=story.by, visit=visit, when="next_day", on=story.on, reactions=seen)
    html = tablet.get(f"/courses/{course.pk}").content.decode()
    third = next(marks for name, marks in figures(html).items() if name.startswith("body-3"))
    assert ("reaction", UPPER_ARM) in third
    assert "Upper arm, lateral, right, still there" in rows(html)[2]
    # The end of each visit says redness, and no place.
    assert html.count('stroke-dasharray="4 3"') >= 3
    assert all("place not said" in row for row in rows(html))


def test_not_asked_is_not_none_seen(story: Story, tablet: Client) -> None:
    course = story.ready()
    visit = story.written(story.draft(course), reactions_asked=False, reactions=())
    assert "Skin and symptoms: not asked." in rows(tablet.get(f"/courses/{course.pk}").content.decode())[0]
    story.written(Visit.objects.get(pk=visit.pk), reactions=())
    assert "Skin and symptoms: none seen." in rows(tablet.get(f"/courses/{course.pk}").content.decode())[0]


def test_the_newest_visits_are_drawn_and_the_rest_counted(
    story: Story, tablet: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "SHOWN", 2)
    html = tablet.get(f"/courses/{story.with_visits(4).pk}").content.decode()
    assert [row.split(",")[0] for row in rows(html)] == ["Visit 3", "Visit 4"]
    assert "The newest 2 visits. 2 earlier ones are not drawn here." in html


def test_left_and_right_of_one_course_are_told_apart(story: Story, tablet: Client) -> None:
    course = story.ready()
    story.written(story.draft(course), treatments=(AREA, replace(AREA, side="left")))
    html = tablet.get(f"/courses/{course.pk}").content.decode()
    (svg,) = re.findall(r'<svg[^>]* id="body-1-back".*?</svg>', html)
    turned = [bool(one) for one in re.findall(r'<g class="body-mark[^>]*?( transform="matrix[^>]*)?>', svg)]
    assert sorted(turned) == [False, True]


def test_sites_stand_on_the_pages_that_are_about_them_and_avoided_ones_are_crossed(
    story: Story, tablet: Client
) -> None:
    course = story.course(regions=(FOREARM, UPPER_ARM))
    html = tablet.get(f"/courses/{course.pk}/evaluate").content.decode()
    assert MARK.findall(html) == [("chosen", FOREARM), ("chosen", UPPER_ARM)]
    answer_at(story, course, "raised_scar")
    for page in ("evaluate", "sites"):
        html = tablet.get(f"/courses/{course.pk}/{page}").content.decode()
        assert ("avoided", FOREARM) in MARK.findall(html), page
        assert ("avoided", UPPER_ARM) not in MARK.findall(html), page
        assert "Forearm, lateral (extensors), right: avoid, by the last screen" in html


def answer_at(story: Story, course: Course, finding: str) -> None:
    answers = [evaluate.AnswerInput(finding, "yes", FOREARM, "right")]
    evaluate.record_answers(by=story.by, course=course, on=story.on, answers=answers)
    screen.store_screening(by=story.by, course=course, on=story.on)


PLACED = {"when": "next_day", "reactions": ["soreness"], "still_there": "yes"}


def test_a_reaction_keeps_the_place_that_was_chosen(story: Story, course: Course, tablet: Client) -> None:
    visit = course.visits.get(number=3)
    tablet.post(f"/visits/{visit.pk}/respond", PLACED | {"region": UPPER_ARM, "side": "left"})
    kept = Reaction.objects.filter(check_made__visit=visit, reaction="soreness").get()
    assert (kept.region, kept.side) == (UPPER_ARM, "left")
    tablet.post(f"/visits/{visit.pk}/respond", PLACED)
    assert Reaction.objects.filter(check_made__visit=visit, region="", side="").exists()


@pytest.mark.parametrize(
    ("sent", "field", "says"),
    [
        ({"region": UPPER_ARM}, "side", "Say which side of the patient."),
        ({"side": "left"}, "region", "Say where on that side."),
        ({"region": "tail", "side": "left"}, "region", "Choose among what is offered here."),
        ({"reactions": ["none"], "region": UPPER_ARM, "side": "left"}, "region", "Nothing was seen, so it was nowhere"),
    ],
)
def test_half_a_place_is_refused_and_the_list_is_open_to_mend_it(
    course: Course, tablet: Client, sent: dict[str, object], field: str, says: str
) -> None:
    visit = course.visits.get(number=3)
    response = tablet.post(f"/visits/{visit.pk}/respond", PLACED | sent)
    page = Page(response)
    assert response.status_code == 422
    assert says in page.says(field)
    assert f"id_{field}_error" not in page.folded
    assert not visit.reaction_checks.filter(when="next_day").exists()


@pytest.mark.parametrize(("region", "side"), [("tail", "left"), (UPPER_ARM, ""), ("", "left"), (UPPER_ARM, "up")])
def test_an_action_takes_no_half_place_either(story: Story, course: Course, region: str, side: str) -> None:
    visit = course.visits.get(number=3)
    with pytest.raises(Refused):
        respond.record_reaction(
            by=story.by,
            visit=visit,
            when="next_day",
            on=story.on,
            reactions=[respond.ReactionInput("soreness", region, side)],
        )


@pytest.mark.parametrize("route", ["open", "sites", "respond"])
def test_the_list_brings_the_words_by_which_a_region_is_found(
    story: Story, course: Course, tablet: Client, route: str
) -> None:
    address = {
        "open": f"/patients/{course.patient_id}/courses/new",
        "sites": f"/courses/{course.pk}/sites",
        "respond": f"/visits/{course.visits.get(number=3).pk}/respond",
    }[route]
    page = Page(tablet.get(address))
    name = "regions" if route == "open" else "region"
    words = {one["value"]: one.get("data-words", "") for one in page.controls(name)}
    assert len(words) == 24
    assert "Achilles tendon" in (words["lower_leg_posterior"] or "")
    assert not any("checked" in one for one in page.controls(name) + page.controls("side"))


def test_a_visit_shows_its_areas_and_once_it_is_signed_what_was_done(story: Story, tablet: Client) -> None:
    course = story.ready(regions=(FOREARM, UPPER_ARM))
    draft = story.draft(course)
    html = tablet.get(f"/visits/{draft.pk}").content.decode()
    assert MARK.findall(html) == [("chosen", FOREARM), ("chosen", UPPER_ARM)]
    seen = (respond.ReactionInput("petechiae", FOREARM, "right"),)
    signed = story.signed(course, reactions=seen)
    page = tablet.get(f"/visits/{signed.pk}").content.decode()
    assert MARK.findall(page) == [("treated", FOREARM), ("reaction", FOREARM)]
    assert "Treated: Forearm, lateral (extensors), right" in page
    assert "Seen: Petechiae (Forearm, lateral (extensors), right)" in page
