"""A file of evidence: every number names the page it was read on, and what does not fit is refused at its line."""

from __future__ import annotations

import pytest

from strigil.cli import main
from strigil.knowledge import load, shapes
from tests.knowledge.shelf import Shelf, fresh

TRIAL = "studies/lee_2016.yaml"
REVIEW = "reviews/nazari_2022.yaml"
FORCE = "force_studies/stevenson_2023.yaml"

WITHOUT_A_PAGE = [
    (TRIAL, "    kind: pre_post\n    read_in: tables\n", "    kind: pre_post\n", "outcomes.0"),
    (TRIAL, "n: 30, says: 30 adults with chronic low back pain, read_in: tables", "n: 30, says: Adults", "population"),
    (TRIAL, "dose: {weeks: 4, instrument: Graston, read_in: tables}", "dose: {weeks: 4, instrument: Graston}", "dose"),
    (
        REVIEW,
        "    certainty: very_low\n    says: Up to 1 year.\n    read_in: abstract\n",
        "    says: Up.\n",
        "results.1",
    ),
    (FORCE, "mean: 8.9, read_in: abstract", "mean: 8.9", "figures.0"),
]


@pytest.mark.parametrize(("name", "old", "new", "place"), WITHOUT_A_PAGE)
def test_number_without_where_it_was_read_is_refused(shelf: Shelf, name: str, old: str, new: str, place: str) -> None:
    shelf.replace(name, old, new)
    fault = shelf.fault()
    assert fault.file == name
    assert f"{place}: a number (" in fault.what
    assert "without where it was read" in fault.what
    assert fault.line >= shelf.line(name, place.split(".")[0])


def test_words_without_a_number_need_no_page(shelf: Shelf) -> None:
    shelf.replace(TRIAL, "n: 30, says: 30 adults with chronic low back pain, read_in: tables", "says: Adults")
    assert shelf.faults() == []


def test_what_this_project_worked_out_says_so_and_needs_no_page(shelf: Shelf) -> None:
    shelf.replace(TRIAL, "dose: {weeks: 4, instrument: Graston, read_in: tables}", "dose: {weeks: 4, basis: derived}")
    assert shelf.faults() == []


def test_make_check_fails_on_a_number_without_where_it_was_read(
    shelf: Shelf, capsys: pytest.CaptureFixture[str]
) -> None:
    name, old, new, _ = WITHOUT_A_PAGE[0]
    shelf.replace(name, old, new)
    assert main(["knowledge", "--home", str(shelf.home)]) == 1
    captured = capsys.readouterr()
    assert captured.err.startswith(f"{TRIAL}:")
    assert "without where it was read" in captured.err


def test_page_that_the_study_does_not_have_is_refused_at_its_line(shelf: Shelf) -> None:
    shelf.replace(TRIAL, "    read_in: tables\n    results", "    read_in: supplement\n    results")
    fault = shelf.fault()
    assert (fault.file, fault.line, fault.given) == (TRIAL, shelf.line(TRIAL, "read_in: supplement"), "supplement")
    assert "points nowhere" in fault.what
    assert "tables" in fault.allowed


def test_page_of_another_study_is_no_page_of_this_one(shelf: Shelf) -> None:
    assert "pedro" in {one.id for one in load().shelf(shapes.Study)["crothers_2016"].pages}
    shelf.replace(TRIAL, "    read_in: tables\n    results", "    read_in: pedro\n    results")
    assert shelf.fault().given == "pedro"


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("{arm: iastm, n: 15, mean: 25.5", "{arm: tool, n: 15, mean: 25.5", "no arm 'tool'"),
        ("{arm: exercise, n: 15, mean: 44.6", "{arm: iastm, n: 15, mean: 44.6", "an arm is there twice"),
        ("mean: 25.5, sd: 7.3", "mean: 25.5, sd: -7.3", "greater than or equal to 0"),
        ("n: 15, mean: 25.5, sd: 7.3", "n: 15, events: 16, sd: 7.3", "16 events among 15 people"),
        ("{id: exercise, label", "{id: iastm, label", "two arms have one id"),
        ("design: randomisation_not_stated", "design: probably_random", "design is not one of its words"),
        ("kind: pre_post", "kind: impression", "kind is not one of its words"),
        ("comparator: active}", "comparator: placebo}", "comparator is not one of its words"),
        ("doi: 10.1589/jpts.28.1852", "doi: jpts.28.1852", "doi"),
        ("pmid: 27390432", "pmid: PMC4932073", "pmid"),
    ],
)
def test_what_does_not_fit_in_a_study_is_refused(shelf: Shelf, old: str, new: str, what: str) -> None:
    shelf.replace(TRIAL, old, new)
    faults = shelf.faults()
    assert {one.file for one in faults} == {TRIAL}
    assert any(what in str(one) for one in faults)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("p: <0.001", "p: significant"),
        ("p: <0.001", "p: 5"),
    ],
)
def test_p_that_is_no_p_is_refused(shelf: Shelf, old: str, new: str) -> None:
    shelf.replace("studies/menek_2025.yaml", old, new)
    assert any("effect.p" in one.what for one in shelf.faults())


def test_page_has_one_address(shelf: Shelf) -> None:
    shelf.replace("studies/crothers_2016.yaml", "source: croth}", "source: croth, url: https://twice.example}")
    assert "one of the two" in shelf.fault().what


def test_claim_names_a_study_or_a_review_and_not_both(shelf: Shelf) -> None:
    name = "claims/plantar_heel.yaml"
    shelf.replace(name, "  study: looney_2011\n", "  study: looney_2011\n  review: kim_2017\n")
    assert "one of the two" in shelf.fault().what


def test_study_without_a_second_reading_is_not_re_checked() -> None:
    held = load().shelf(shapes.Study)
    assert held["algantekin_2024"].audited is None
    assert held["crothers_2016"].audited is not None


def test_a_study_that_changes_changes_the_hash_of_the_shelf(shelf: Shelf) -> None:
    shelf.replace(TRIAL, "mean: 25.5", "mean: 25.4")
    assert fresh(shelf.home).sha256 != load().sha256
