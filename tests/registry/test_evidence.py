"""The pages of evidence say what the shelf says, keep apart what must stay apart, and are quick."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pydantic import BaseModel

from strigil.clinic.evidence_tags import picture
from strigil.clinic.tags import day
from strigil.knowledge import Knowledge, load
from strigil.knowledge.load import HOME
from strigil.knowledge.shapes import Claim, Indication, Study
from strigil.pathway.learn.evidence import Contrast, Group, of_condition
from strigil.pathway.learn.pool import pool
from strigil.registry import evidence
from strigil.registry.evidence import FOLDERS
from strigil.registry.trials import Figure, figures
from tests.clinic.cast import Story
from tests.clinic.page import Page
from tests.pathway.test_evidence import shelf as shelf_of
from tests.pathway.test_evidence import study

pytestmark = [pytest.mark.django_db, pytest.mark.same_on_both]

CONDITIONS = sorted(load().shelf(Indication))
ITEMS = [(folder, key) for folder in FOLDERS for key in load().shelves[folder]]
NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?")


@pytest.fixture(scope="module")
def seen_pages(django_db_setup: None, django_db_blocker: Any) -> dict[str, Page]:
    """Every page of evidence as somebody signed out reads it."""
    addresses = [*(f"/evidence/{key}" for key in CONDITIONS), *(f"/evidence/{folder}/{key}" for folder, key in ITEMS)]
    with django_db_blocker.unblock():
        client = Client(raise_request_exception=True)
        return {address: Page(client.get(address)) for address in ["/evidence", *addresses]}


def numbers(text: str) -> set[str]:
    """Every number of a text; ``10.0`` and ``10.00`` are one."""
    return {f"{Decimal(one).normalize():f}" for one in NUMBER.findall(text.replace("\u2212", ""))}


def words(page: Page) -> str:
    """What stands between header and footer."""
    main = page.source.split("<main")[1].split("</main>")[0]
    return html.unescape(re.sub(r"<[^>]*>", " ", "<main" + main))


def said_by(folder: str, key: str) -> str:
    """The file of an item, whole."""
    return (HOME / folder / f"{key}.yaml").read_text(encoding="utf-8")


def values(block: Any) -> Iterator[str]:
    """Every amount of a block of the shelf, as it stands there."""
    if isinstance(block, BaseModel):
        for name in type(block).model_fields:
            yield from values(getattr(block, name))
    elif isinstance(block, tuple):
        for one in block:
            yield from values(one)
    elif isinstance(block, Decimal | int) and not isinstance(block, bool):
        yield f"{abs(block):f}" if isinstance(block, Decimal) else str(block)


# --- Every number comes from the shelf ----------------------------------------------------------------------------

CONSTANT = {"95", "2"}
"""Of the words of the page: a 95 % interval, and I²'s neighbours written in digits."""


def strangers(page: Page, files: Iterable[tuple[str, str]]) -> set[str]:
    """Numbers on the page of an item that no file it names holds."""
    held = " ".join(said_by(*one) for one in files)
    return numbers(words(page)) - numbers(held) - CONSTANT


def named_on(page: Page) -> list[tuple[str, str]]:
    """The items of the shelf that a page leads to."""
    parts = [link.split("#")[0].strip("/").split("/") for link in page.links]
    found = [tuple(one[1:]) for one in parts if len(one) == 3 and one[0] in ("evidence", "knowledge")]
    conditions = [("indications", one[1]) for one in parts if len(one) == 2 and one[0] == "evidence"]
    return [one for one in [*found, *conditions] if (HOME / one[0] / f"{one[1]}.yaml").is_file()]  # type: ignore[misc]


@pytest.mark.parametrize(("folder", "key"), ITEMS)
def test_every_number_on_the_page_of_an_item_stands_on_the_shelf(
    folder: str, key: str, seen_pages: dict[str, Page]
) -> None:
    page = seen_pages[f"/evidence/{folder}/{key}"]
    assert strangers(page, [(folder, key), *named_on(page)]) == set()


def test_planted_an_altered_number_on_a_page_is_caught(client: Client) -> None:
    response = client.get("/evidence/studies/lee_2016")
    response.content = response.content.replace(b"50.6", b"56.0")
    assert strangers(Page(response), [("studies", "lee_2016")]) == {"56"}


@pytest.mark.parametrize("key", sorted(load().shelf(Study)))
def test_every_number_read_of_the_arms_is_on_the_page_of_the_study(key: str, seen_pages: dict[str, Page]) -> None:
    held = load().shelf(Study)[key]
    blocks = (*(one.results for one in held.outcomes), *(one.effect for one in held.outcomes), held.adverse_events)
    wanted = {f"{Decimal(one).normalize():f}" for block in blocks for one in values(block)}
    assert wanted - numbers(words(seen_pages[f"/evidence/studies/{key}"])) == set()


@pytest.mark.parametrize("folder", ["reviews", "force_studies"])
def test_every_number_of_reviews_and_bench_studies_is_on_their_pages(folder: str, seen_pages: dict[str, Page]) -> None:
    for key, held in load().shelves[folder].items():
        blocks = [getattr(held, name, None) for name in ("k", "n", "results", "figures", "table")]
        wanted = {f"{Decimal(one).normalize():f}" for block in blocks for one in values(block)}
        assert wanted - numbers(words(seen_pages[f"/evidence/{folder}/{key}"])) == set(), key


@pytest.mark.parametrize("key", sorted(load().shelf(Claim)))
def test_a_claim_stands_beside_what_its_source_really_says(key: str, seen_pages: dict[str, Page]) -> None:
    claim, page = load().shelf(Claim)[key], seen_pages[f"/evidence/claims/{key}"]
    for said in (claim.claim, claim.primary.says, claim.reading, *(one.says for one in claim.others)):
        assert said in page.text
    for voice in (claim.primary, *claim.others):
        place = f"/evidence/studies/{voice.study}" if voice.study else f"/evidence/reviews/{voice.review}"
        assert place in page.links
    for condition in claim.conditions:
        assert f"/evidence/claims/{key}" in seen_pages[f"/evidence/{condition}"].links


# --- Drawings -----------------------------------------------------------------------------------------------------

CELL = re.compile(r"^(\S+) \[(\S+), (\S+)\]$")


def drawn(key: str) -> Iterator[tuple[Group, Figure]]:
    for section in evidence._sections(key, load()):
        for one in section.groups:
            for figure in one.figures:
                yield one.group, figure


def difference(contrast: Contrast) -> tuple[float, float, float] | None:
    """What a pocket calculator makes of two arms, or what was printed of them; above 0 is better."""
    sign = -1 if contrast.outcome.better == "lower" else 1
    effect, (a, b) = contrast.outcome.effect, (contrast.treated, contrast.other)
    if effect and effect.value is not None and effect.ci_low is not None and effect.ci_high is not None:
        low, high = sorted((sign * float(effect.ci_low), sign * float(effect.ci_high)))
        return sign * float(effect.value), low, high
    if None in (a.mean, b.mean, a.sd, b.sd, a.n, b.n):
        return None
    middle = sign * float(a.mean - b.mean)  # type: ignore[operator]
    reach = 1.959963984540054 * (float(a.sd) ** 2 / a.n + float(b.sd) ** 2 / b.n) ** 0.5  # type: ignore[arg-type,operator]
    return middle, middle - reach, middle + reach


def wrong_rows(group: Group, figure: Figure) -> list[str]:
    """Rows of a table beside a drawing that are no difference of two arms of a study of the group."""
    known = {
        tuple(f"{value:.2f}".replace("-", "\u2212") for value in found)
        for contrast in group.contrasts
        if (found := difference(contrast))
    }
    cells = [CELL.match(row[-1]) for row in figure.rows]
    return [row[0] for row, cell in zip(figure.rows, cells, strict=True) if not cell or cell.groups() not in known]


@pytest.mark.parametrize("key", CONDITIONS)
def test_every_row_of_a_drawing_is_a_difference_of_two_arms(key: str, seen_pages: dict[str, Page]) -> None:
    page = seen_pages[f"/evidence/{key}"]
    for group, figure in drawn(key):
        assert wrong_rows(group, figure) == [], figure.title
        for row in figure.rows:
            assert row[-1] in words(page)


def test_some_trials_are_drawn() -> None:
    assert sum(len(figure.rows) for key in CONDITIONS for _, figure in drawn(key)) >= 6


def test_planted_a_change_within_an_arm_in_a_drawing_is_caught() -> None:
    group, figure = next(drawn("low_back_pain"))
    within = Figure(**{name: getattr(figure, name) for name in Figure.__slots__} | {"rows": (("x", "25.10 [20, 30]"),)})
    assert wrong_rows(group, within) == ["x"]


# --- What stays apart ---------------------------------------------------------------------------------------------

TABLE = re.compile(r'<table[^>]*data-group="([\w-]+)">(.*?)</table>', re.S)


def comparators(held: Study) -> set[str]:
    """What a study compares with, as its arms say, or as it says itself where they do not."""
    of_arms = {arm.comparator for arm in held.arms if arm.comparator}
    return {(one or "none").replace("_", "-") for one in of_arms or {held.comparator}}


def misplaced(page: Page, shelf: Knowledge) -> list[tuple[str, str]]:
    """Studies in a table of other people, or of a comparator that no arm of them has."""
    wrong = []
    for group, table in TABLE.findall(page.source):
        who, _, against = group.removeprefix("near-").partition("-")
        for key in re.findall(r'href="/evidence/studies/(\w+)"', table):
            held = shelf.shelf(Study)[key]
            if held.population.who != who or against not in comparators(held):
                wrong.append((group, key))
    return wrong


@pytest.mark.parametrize("key", CONDITIONS)
def test_people_and_comparators_are_never_mixed_in_a_table(key: str, seen_pages: dict[str, Page]) -> None:
    assert misplaced(seen_pages[f"/evidence/{key}"], load()) == []


def test_planted_an_animal_in_a_table_of_patients_is_caught(seen_pages: dict[str, Page]) -> None:
    lee = study("lee_2016", who="animals", comparator="active")
    shelf = shelf_of(*(one for key, one in load().shelf(Study).items() if key != "lee_2016"), lee)
    assert misplaced(seen_pages["/evidence/low_back_pain"], shelf) == [("patients-active", "lee_2016")]


def test_every_study_of_a_condition_is_on_its_page_with_what_was_read(seen_pages: dict[str, Page]) -> None:
    for key, held in load().shelf(Study).items():
        for condition in (*held.conditions, *held.related):
            row = (
                seen_pages[f"/evidence/{condition}"]
                .source.split(f'href="/evidence/studies/{key}"')[1]
                .split("</tr>")[0]
            )
            assert ("Not re-checked" in row) == (held.audited is None), key


# --- Pools --------------------------------------------------------------------------------------------------------


def trial(title: str, **changes: Any) -> Study:
    return study(title.lower().replace(" ", "_"), title=title, **changes)


def unread(figure: Figure, shelf: Knowledge) -> list[str]:
    """Rows of a pool, which has weights, whose study was not read beyond an abstract or is of animals."""
    if "Weight" not in figure.header:
        return []
    studies = {one.title.split(":")[0]: one for one in shelf.shelf(Study).values()}
    rows = [(row[0], studies.get(re.split(r"[,:]", row[0])[0])) for row in figure.rows if "ooled" not in row[0]]
    return [label for label, one in rows if one and (one.pages[0].depth != "text" or one.population.who == "animals")]


def drawn_of(*studies: Study) -> list[Figure]:
    groups = of_condition("carpal_tunnel", shelf_of(*studies)).groups
    return [figure for group in groups for figure in figures(group, "f")]


def test_two_trials_that_were_read_are_pooled_in_a_drawing_with_its_table() -> None:
    first, second = trial("Ash 2020"), trial("Birch 2021", mean="34", sd="9", n=25)
    (figure,) = drawn_of(first, second)
    held = pool([10, 6], [8**2 / 20 * 2, 9**2 / 25 + 8**2 / 25], test="knha")
    diamond = next(row for row in figure.rows if row[0].startswith("Pooled"))
    assert diamond[1].startswith(f"{held.estimate:.2f} [{held.ci_low:.2f}".replace("-", "\u2212"))
    assert "No funnel plot: 2 trials" in figure.below
    assert unread(figure, shelf_of(first, second)) == []


def test_ten_trials_have_a_funnel() -> None:
    forest, funnel = drawn_of(*(trial(f"Trial {n} 2020", mean=str(30 + n), sd=str(5 + n)) for n in range(10)))
    assert "chart-funnel" in funnel.wide
    assert len(funnel.rows) == 10
    assert "funnel" not in forest.below


def test_trials_of_which_only_abstracts_were_read_stand_beside_each_other_without_a_pool() -> None:
    (figure,) = drawn_of(trial("Ash 2020", depth="abstract"), trial("Birch 2021", depth="abstract"))
    assert "Weight" not in figure.header
    assert [row[0] for row in figure.rows] == ["Ash 2020, abstract: pain", "Birch 2021, abstract: pain"]
    assert figure.below.startswith("Not pooled.")


def test_planted_a_pool_of_abstracts_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("strigil.pathway.learn.evidence.pools.why_not", lambda contrast: None)
    given = [trial("Ash 2020", depth="abstract"), trial("Birch 2021", depth="abstract")]
    (figure,) = drawn_of(*given)
    assert unread(figure, shelf_of(*given)) == ["Ash 2020, abstract: pain", "Birch 2021, abstract: pain"]


@pytest.mark.parametrize("key", CONDITIONS)
def test_nothing_is_pooled_of_what_was_not_read_and_the_page_says_why(key: str, seen_pages: dict[str, Page]) -> None:
    page, shown = seen_pages[f"/evidence/{key}"], picture(key, load())
    assert [label for _, figure in drawn(key) for label in unread(figure, load())] == []
    for group in shown.groups:
        if not any(one.pooled for one in group.poolings):
            place = f"h-{group.who}-{(group.comparator or 'none').replace('_', '-')}"
            assert place in page.ids
            assert "Not pooled" in page.source.split(f'id="{place}"')[1].split("</section>")[0]


# --- The line, the index, what is empty ---------------------------------------------------------------------------


@pytest.mark.parametrize("key", CONDITIONS)
def test_the_plain_line_stands_first(key: str, seen_pages: dict[str, Page]) -> None:
    assert seen_pages[f"/evidence/{key}"].text_of["line"] == picture(key, load()).line


def test_the_line_stands_beside_the_plan_and_the_screen_one_touch_from_its_page(story: Story, tablet: Client) -> None:
    course = story.course()
    for step in ("plan", "screen"):
        page = Page(tablet.get(f"/courses/{course.pk}/{step}"))
        said = re.findall(r"<span data-evidence-line>(.*?)</span>", page.source)
        assert said == [picture(course.indication, load()).line], step
        assert page.links.count(f"/evidence/{course.indication}") == 1, step


@pytest.mark.parametrize("key", CONDITIONS)
def test_the_page_says_how_many_studies_were_read_again_and_when_last(key: str, seen_pages: dict[str, Page]) -> None:
    held = [one for one in load().shelf(Study).values() if key in (*one.conditions, *one.related)]
    again = [one.audited.on for one in held if one.audited]
    page = seen_pages[f"/evidence/{key}"]
    if held:
        assert f"{len(again)} of {len(held)} stud" in page.text
        assert not again or f"last on {day(max(again))}" in page.text


def test_index_counts_trials_in_patients_that_compare(seen_pages: dict[str, Page]) -> None:
    rows = re.findall(
        r'<tr><th scope="row"><a href="/evidence/(\w+)">.*?</th>(.*?)</tr>', seen_pages["/evidence"].source
    )
    cells = {key: [re.sub(r"<.*?>", " ", one).split() for one in re.split(r"</td>", row)] for key, row in rows}
    for key in CONDITIONS:
        trials = [
            one
            for one in load().shelf(Study).values()
            if key in one.conditions and one.population.who == "patients" and comparators(one) != {"none"}
        ]
        if not trials:
            assert key not in cells
            continue
        sham = sum(any(arm.comparator == "sham" for arm in one.arms) for one in trials)
        people = sum(one.population.n or 0 for one in trials)
        assert cells[key][0] == [str(len(trials))], key
        assert cells[key][1][0] == (str(people) if people else "not"), key
        assert cells[key][2] == [str(sham) if sham else "none"], key
        assert cells[key][3] == ["no"], key


def test_a_condition_without_a_trial_says_so_and_where_was_looked(seen_pages: dict[str, Page]) -> None:
    page = seen_pages["/evidence/tmd"]
    assert "No trial found" in page.text
    for citation in load().shelf(Indication)["tmd"].sources:
        assert citation.says in page.text


def test_every_page_leads_back_and_is_reached(seen_pages: dict[str, Page]) -> None:
    reached = {link for page in seen_pages.values() for link in page.links}
    assert {address for address in seen_pages if address not in reached} == set()
    assert all("/evidence" in page.links for address, page in seen_pages.items() if address != "/evidence")


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_shelf_says_of_evidence_what_was_read_and_counts_no_sources(folder: str, client: Client) -> None:
    page = Page(client.get(f"/knowledge/{folder}"))
    said = "Read: " if folder != "claims" else next(iter(load().shelf(Claim).values())).claim
    assert page.text.count(said) == (len(load().shelves[folder]) if folder != "claims" else 1)
    assert "sources" not in words(page)


def test_what_is_not_there_is_not_found(client: Client) -> None:
    for address in ("/evidence/elbow", "/evidence/studies/nobody", "/evidence/sources/seed0", "/evidence/users/1"):
        assert client.get(address).status_code == 404, address


def test_each_printed_sheet_says_the_day_and_the_version(seen_pages: dict[str, Page]) -> None:
    for address, page in seen_pages.items():
        sheet = page.source.split('<p class="print-only evidence__sheet">')[1].split("</p>")[0]
        assert f"knowledge version {load().version} ({load().sha256[:12]})" in sheet, address
        assert re.search(r"Printed \d{1,2} \w+ \d{4}", sheet), address


# --- Quick --------------------------------------------------------------------------------------------------------


def test_evidence_asks_the_database_nothing(client: Client) -> None:
    for address in ("/evidence", "/evidence/low_back_pain", "/evidence/studies/lee_2016"):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        assert len(queries) == 0, address


def test_pools_and_drawings_are_made_once_for_each_version_of_the_knowledge(client: Client) -> None:
    client.get("/evidence/low_back_pain")
    before = evidence._sections.cache_info()
    client.get("/evidence/low_back_pain")
    after = evidence._sections.cache_info()
    assert (after.hits, after.misses) == (before.hits + 1, before.misses)
    changed = shelf_of(*load().shelf(Study).values(), trial("Ash 2020"), trial("Birch 2021"))
    assert any(one.pooled for one in evidence._sections("carpal_tunnel", changed)[0].groups)
