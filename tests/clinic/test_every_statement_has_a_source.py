"""Whatever a page says of a rule leads to the page of that rule, and there to who says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from strigil.clinic import letters
from strigil.clinic.actions import screen
from strigil.clinic.actions.medicines import record_medicines
from strigil.clinic.tags import source_kind
from strigil.knowledge import load
from strigil.knowledge.shapes import Gate, MedicineClass, MedicineNames, NoGoZone
from tests.clinic.cast import Story
from tests.clinic.page import Page

OUTCOMES = {
    "emergency": ["red_flag_dvt"],
    "refer": ["severe_illness"],
    "stop": ["central_sensitisation"],
    "hold": ["malnourished_fatigued"],
    "clearance": ["anticoagulants"],
    "avoid": ["open_wound"],
    "modify": ["easy_bruising"],
    "proceed": [],
}


def said_of_the_shelf() -> Iterator[tuple[str, str]]:
    """Each sentence that the shelf holds of a rule, a gate, a zone or a medicine, with the address of its page."""
    for rule in load().rules.values():
        address = f"/knowledge/{rule.folder}/{rule.id}"
        yield from ((one, address) for one in (rule.reason, *(each.why for each in rule.consequences)))
    for kind in (Gate, NoGoZone):
        yield from ((one.statement, f"/knowledge/{one.folder}/{one.id}") for one in load().shelf(kind).values())
    for table in load().shelf(MedicineNames).values():
        yield from ((row.caution, f"/knowledge/{table.folder}/{table.id}") for row in table.together)
    yield from ((one.why, f"/knowledge/{one.folder}/{one.id}") for one in load().shelf(MedicineClass).values())


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def without_a_source(page: Page) -> list[str]:
    """Sentences on the page of which no page of the shelf is linked that holds them."""
    holding: dict[str, set[str]] = {}
    for sentence, address in said_of_the_shelf():
        holding.setdefault(plain(sentence), set()).add(address)
    text = plain(page.text_of["main"])
    return [one for one, there in holding.items() if one in text and not there & set(page.links_of["main"])]


def walked(story: Story, tablet: Client, yes: list[str]) -> Iterator[tuple[str, Page]]:
    course = story.course(regions=("forearm_lateral", "neck_lateral"))
    story.screened(course, yes=yes)
    story.planned(course)
    record_medicines(by=story.by, course=course, on=story.on, typed="Xarelto\nclopidogrel\nHRT\nparacetamol\nasprin")
    draft = story.draft(course)
    story.planned(course)
    for address in (
        f"/courses/{course.pk}/screen",
        f"/courses/{course.pk}/plan?technique=graston",
        f"/courses/{course.pk}/clearance?finding=anticoagulants",
        f"/visits/{draft.pk}/override",
    ):
        yield address, Page(tablet.get(address))


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_statement_on_a_page_of_the_screen_leads_to_its_rule(outcome: str, story: Story, tablet: Client) -> None:
    for address, page in walked(story, tablet, OUTCOMES[outcome]):
        assert without_a_source(page) == [], address
        if address.endswith("/screen"):
            assert f"outcome--{outcome}" in page.source
            for name in OUTCOMES[outcome]:
                rule = load().rules[name]
                assert f"/knowledge/{rule.folder}/{rule.id}" in page.links_of["outcome"]
        if address.endswith("/override"):
            for name in OUTCOMES[outcome]:
                rule = load().rules[name]
                assert f"/knowledge/{rule.folder}/{rule.id}" in page.links_of["main"]


def test_the_walk_finds_a_statement_without_its_source(story: Story, tablet: Client) -> None:
    page = next(page for _, page in walked(story, tablet, ["anticoagulants"]))
    there = "/knowledge/contraindications/anticoagulants"
    page.links_of["main"] = [one for one in page.links_of["main"] if one != there]
    assert plain(load().rules["anticoagulants"].reason) in without_a_source(page)


def test_every_page_of_a_rule_names_its_sources_with_a_link_or_says_what_they_are(client: Client) -> None:
    items: list[Any] = [*load().rules.values(), *load().shelf(Gate).values(), *load().shelf(NoGoZone).values()]
    items += load().shelf(MedicineClass).values()
    for item in items:
        page = Page(client.get(f"/knowledge/{item.folder}/{item.id}"))
        shown = plain(page.text_of["main"])
        for citation in item.sources:
            source = load().source_of(citation)
            assert plain(source.title) in shown, (item.id, citation.source)
            assert plain(citation.says) in shown, (item.id, citation.source)
            if (source.url or "").startswith("http"):
                assert source.url in page.links, (item.id, citation.source)
            else:
                assert source_kind(source.kind)
        weak = sum(load().source_of(one).kind in letters.NO_EVIDENCE for one in item.sources)
        assert page.source.count("No evidence") >= weak, item.id
        if not item.sources:
            assert "this project proposes it" in shown, item.id


def test_a_rule_that_left_the_shelf_keeps_the_sources_of_that_day(story: Story, tablet: Client) -> None:
    course = story.course()
    stored = story.screened(course, yes=["anticoagulants"])
    stored.reasons = [one | {"rule": "a_rule_of_old", "title": "As it was called"} for one in stored.reasons]
    stored.save()
    outcome = Page(tablet.get(f"/courses/{course.pk}/screen"))
    assert "no longer on the shelf" in outcome.text_of["outcome"]
    title = load().source_of(load().rules["anticoagulants"].sources[0]).title
    assert title in outcome.text_of["outcome"]


def test_what_a_rule_waits_for_of_the_case_leads_to_where_it_is_said(story: Story, tablet: Client) -> None:
    course = story.course()
    stored = story.screened(course)
    there = {
        "born": f"/patients/{course.patient_id}/edit#id_born",
        "technique": f"/courses/{course.pk}/plan",
        "site": f"/courses/{course.pk}/sites",
    }
    stored.unasked = [
        {"finding": name, "question": f"What of {name}?", "could_be": "clearance", "missing": "never_asked"}
        for name in (*there, "cancer")
    ]
    stored.save()
    page = Page(tablet.get(f"/courses/{course.pk}/screen"))
    for address in (*there.values(), "#cancer"):
        assert address in page.links_of["outcome"], address
    anchors = {one[1:] for one in page.links if one.startswith("#") and one != "#"}
    assert anchors <= set(page.ids)


def test_a_birth_day_that_is_missing_is_asked_for_on_the_page_of_the_patient(story: Story, tablet: Client) -> None:
    course = story.course()
    course.patient.born = None
    course.patient.save()
    story.screened(course)
    page = Page(tablet.get(f"/courses/{course.pk}/screen"))
    there = f"/patients/{course.patient_id}/edit"
    assert f"{there}#id_born" in page.links_of["outcome"]
    assert "id_born" in Page(tablet.get(there)).ids


@pytest.mark.parametrize("page", ["screen", "plan?technique=graston"])
def test_no_go_zones_stand_at_the_sites_of_the_course_and_no_others(page: str, story: Story, tablet: Client) -> None:
    course = story.course(regions=("forearm_lateral", "neck_lateral"))
    shown = Page(tablet.get(f"/courses/{course.pk}/{page}"))
    for zone in load().shelf(NoGoZone).values():
        wanted = any(zone in load().zones_at(one) for one in ("forearm_lateral", "neck_lateral"))
        assert (plain(zone.statement) in plain(shown.text)) == wanted, zone.id
        assert (f"/knowledge/no_go_zones/{zone.id}" in shown.links) == wanted, zone.id
    carotids = next(one for one in load().shelf(NoGoZone).values() if one.id == "carotids")
    after = plain(shown.text).split(plain(carotids.statement))[1]
    assert after.strip().startswith("Neck, ")


@pytest.mark.parametrize(("yes", "lower"), [("easy_bruising", True), ("open_wound", False)])
def test_a_lower_dose_is_spelled_out_where_the_outcome_is_modify(
    yes: str, lower: bool, story: Story, tablet: Client
) -> None:
    course = story.course()
    story.screened(course, yes=[yes])
    for address in (f"/courses/{course.pk}/screen", f"/courses/{course.pk}/plan?technique=graston"):
        page = Page(tablet.get(address))
        for gate in (one for one in load().shelf(Gate).values() if one.group == "modify"):
            assert (plain(gate.statement) in plain(page.text)) == lower, gate.id
            assert (f"/knowledge/gates/{gate.id}" in page.links) == lower, gate.id


def test_a_later_day_asks_what_has_changed_and_only_what_no_longer_counts(story: Story, tablet: Client) -> None:
    course = story.days(-3).course()
    story.days(-3).screened(course)
    page = Page(tablet.get(f"/courses/{course.pk}/screen"))
    assert "What has changed since 17 November 2026?" in page.text_of["main"]
    asked = [name for name, rule in load().asked.items() if rule.valid_days < 3]
    assert 0 < len(asked) < len(load().asked)
    assert {one for one in load().asked if one in page.ids and one not in page.folded} == set(asked)
    assert f"{len(asked)} to ask again of {len(load().asked)}" in plain(page.text)
    screen.store_screening(by=story.by, course=course, on=story.on)
    assert "May this patient be treated today?" in Page(tablet.get(f"/courses/{course.pk}/screen")).text_of["main"]
