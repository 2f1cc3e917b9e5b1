"""The parts of the screen one by one: words of a refusal, the JSON of a decision, chunks of lines, columns."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from strigil.knowledge import load
from strigil.knowledge.shapes import Condition, Consequence
from strigil.pathway.facts import Clearance, Outcome, Side, Site
from strigil.pathway.screen import screen
from strigil.pathway.screen.json import CaseError, case_from_json, decision_to_json, loads
from strigil.pathway.screen.lines import MOST_LINES, Chunk, LineError, chunks, screen_cases, screen_chunk
from strigil.pathway.screen.many import Columns, screen_columns
from tests.pathway.cases import DAY, bare, case, no, unknown, with_rule, yes

SHELF = load()
REGIONS, INDICATIONS = SHELF.shelves["body_regions"], SHELF.shelves["indications"]
GIVEN: dict[str, Any] = {
    "on": "2026-11-20",
    "patient": {"born": "1971-03-02", "sex": "female"},
    "sites": [{"region": "knee", "side": "left"}],
    "findings": [{"id": "open_wound", "answer": "yes", "asked_on": "2026-11-20"}],
}


def refused(change: Callable[[], object]) -> str:
    with pytest.raises(CaseError) as error:
        change()
    return str(error.value)


def read(**changes: Any) -> Any:
    return case_from_json(GIVEN | changes, SHELF)


# --- Words of a refusal -----------------------------------------------------------------------------------------

SITE = {"region": "knee", "side": "left"}
ANSWER = GIVEN["findings"][0]
CLEARED = {"id": "anticoagulants", "agreed_on": "2026-11-02", "until": "2026-11-03"}
SIX = "on, patient, sites, findings, id, indication, technique, clearances"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"x": 1}, f"unknown key; where: case; given: 'x'; allowed: {SIX}"),
        ({"id": 1.5}, "not an id; where: id; given: float 1.5; allowed: text or a whole number"),
        ({"id": True}, "not an id; where: id; given: bool True; allowed: text or a whole number"),
        ({"on": 20261120}, "not a date; where: on; given: int 20261120; allowed: a date as YYYY-MM-DD"),
        ({"on": "2026-02-30"}, "no such day; where: on; given: '2026-02-30'; allowed: a date as YYYY-MM-DD"),
        ({"on": "1879-12-31"}, "too long ago; where: on; given: '1879-12-31'; allowed: 1880-01-01 or later"),
        ({"patient": []}, "an object is expected; where: patient; given: list []; allowed: an object with born, sex"),
        (
            {"patient": {"born": None, "sex": "f"}},
            "not one of the words; where: patient.sex; given: 'f'; allowed: female, male, other, unknown",
        ),
        (
            {"patient": {"born": "2026-11-21", "sex": "male"}},
            "lies after the day of the screen; where: patient.born; given: '2026-11-21'; allowed: 2026-11-20 or "
            "earlier",
        ),
        ({"sites": {}}, "a list is expected; where: sites; given: dict {}; allowed: a list"),
        ({"sites": [SITE] * 101}, "too long; where: sites; given: 101 entries; allowed: at most 100"),
        (
            {"findings": [ANSWER] * 100_001},
            "too long; where: findings; given: 100001 entries; allowed: at most 100000",
        ),
        (
            {"sites": [SITE, SITE | {"side": "both"}]},
            "not one of the words; where: sites[1].side; given: 'both'; allowed: left, right, midline",
        ),
        ({"sites": [{"region": "knee"}]}, "side is missing; where: sites[0]; given: nothing; allowed: region, side"),
        (
            {"sites": [SITE | {"region": "zzz"}]},
            f"unknown id; where: sites[0].region; given: 'zzz'; allowed: one of {len(REGIONS)} ids on the shelf",
        ),
        (
            {"sites": [SITE | {"region": "kne"}]},
            "unknown id; where: sites[0].region; given: 'kne'; allowed: an id on the shelf, such as knee, ankle",
        ),
        (
            {"sites": [SITE | {"region": 5}]},
            f"unknown id; where: sites[0].region; given: int 5; allowed: one of {len(REGIONS)} ids on the shelf",
        ),
        (
            {"technique": "grastn"},
            "unknown id; where: technique; given: 'grastn'; allowed: an id on the shelf, such as graston, sastm, astym",
        ),
        (
            {"indication": 1},
            f"unknown id; where: indication; given: int 1; allowed: one of {len(INDICATIONS)} ids on the shelf",
        ),
        (
            {"findings": [{"answer": "no"}]},
            "id is missing; where: findings[0]; given: nothing; allowed: id, answer, asked_on, site, since",
        ),
        (
            {"findings": [ANSWER | {"answer": "maybe"}]},
            "not one of the words; where: findings[0].answer; given: 'maybe'; allowed: yes, no, unknown",
        ),
        (
            {"findings": [ANSWER | {"asked_on": None}]},
            "not a date; where: findings[0].asked_on; given: NoneType None; allowed: a date as YYYY-MM-DD",
        ),
        (
            {"findings": [ANSWER | {"asked_on": "2026-11-21"}]},
            "lies after the day of the screen; where: findings[0].asked_on;"
            " given: '2026-11-21'; allowed: 2026-11-20 or earlier",
        ),
        (
            {"findings": [ANSWER | {"since": "2026-11-21"}]},
            "lies after the day of the screen; where: findings[0].since;"
            " given: '2026-11-21'; allowed: 2026-11-20 or earlier",
        ),
        (
            {"findings": [ANSWER | {"site": 1}]},
            "an object is expected; where: findings[0].site; given: int 1; allowed: an object with region, side",
        ),
        (
            {"findings": [ANSWER | {"site": SITE | {"side": ""}}]},
            "not one of the words; where: findings[0].site.side; given: ''; allowed: left, right, midline",
        ),
        (
            {"clearances": [CLEARED | {"until": "2026-11-01"}]},
            "ends before it begins; where: clearances[0].until; given: '2026-11-01'; allowed: 2026-11-02 or later",
        ),
        ({"clearances": [{}]}, "id is missing; where: clearances[0]; given: nothing; allowed: id, agreed_on, until"),
        (
            {"clearances": [CLEARED | {"id": "x"}]},
            f"unknown id; where: clearances[0].id; given: 'x'; allowed: one of {len(SHELF.rules)} ids on the shelf",
        ),
        (
            {"clearances": [CLEARED | {"agreed_on": "x"}]},
            "not a date; where: clearances[0].agreed_on; given: 'x'; allowed: a date as YYYY-MM-DD",
        ),
        (
            {"clearances": [CLEARED | {"until": "x"}]},
            "not a date; where: clearances[0].until; given: 'x'; allowed: a date as YYYY-MM-DD",
        ),
    ],
    ids=lambda one: one[:40] if isinstance(one, str) else "",
)
def test_refusal_says_it_in_these_words(changes: dict[str, Any], words: str) -> None:
    assert refused(lambda: read(**changes)) == words


def test_error_has_its_parts() -> None:
    error = CaseError("wrong", "there", [1], "right")
    assert (error.what, error.where, error.given, error.allowed) == ("wrong", "there", [1], "right")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("x" * 80, repr("x" * 80)),
        ("x" * 81, repr("x" * 80)),
        ("a\nb\u2028", "'a?b?'"),
        ([1] * 50, "list [1, 1, 1, 1, 1, 1, ...]"),
    ],
)
def test_what_was_given_is_shown_short_and_on_one_line(given: object, shown: str) -> None:
    assert f"given: {shown}; allowed" in str(CaseError("wrong", "there", given, "right"))


def test_near_words_are_looked_for_in_what_is_short_enough_to_show() -> None:
    assert "such as anticoagulants" in refused(lambda: read(findings=[ANSWER | {"id": "anticoagulant" + " " * 5}]))
    near = refused(lambda: read(sites=[SITE | {"region": "thigh_teral"}]))
    assert near.endswith("allowed: an id on the shelf, such as thigh_lateral_itb, thigh_anterior, thigh_posterior")
    assert "such as" not in refused(lambda: read(sites=[SITE | {"region": "knee" + "x" * 200}]))


def test_as_much_as_is_allowed_is_read() -> None:
    assert len(read(sites=[SITE] * 100).sites) == 100
    assert len(read(findings=[ANSWER] * 100_000).answers) == 100_000
    assert read(on="1880-01-01", patient={"born": "1880-01-01", "sex": "other"}, findings=[]).on == date(1880, 1, 1)
    assert read(clearances=[CLEARED | {"until": "2026-11-02"}]).clearances[0].until == date(2026, 11, 2)


@pytest.mark.parametrize("sex", ["female", "male", "other", "unknown"])
def test_case_is_read_as_it_was_given(sex: str) -> None:
    given = GIVEN | {
        "id": "p1",
        "patient": {"born": "1971-03-02", "sex": sex},
        "technique": "graston",
        "indication": "lateral_epicondylitis",
        "findings": [ANSWER | {"site": {"region": "knee", "side": "midline"}, "since": "2026-11-01"}],
        "clearances": [CLEARED],
    }
    wound = replace(yes("open_wound", "knee/midline"), since=date(2026, 11, 1))
    expected = bare(wound, sites=["knee/left"], sex=sex, technique="graston", indication="lateral_epicondylitis")
    cleared = (Clearance("anticoagulants", date(2026, 11, 2), date(2026, 11, 3)),)
    assert case_from_json(given, SHELF) == replace(expected, clearances=cleared)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"\xff", "not UTF-8; where: it, byte 0; given: other bytes; allowed: UTF-8"),
        (b"[1,\n x]", "not JSON; where: it, line 2, column 2; given: Expecting value; allowed: one JSON object"),
        (b"[" * 100_000, "nested too deeply; where: it; given: too many levels; allowed: a few"),
        (b"[NaN]", "not usable JSON; where: it; given: NaN is not a number that JSON has; allowed: one JSON object"),
        (b'{"b":2,"a":1,"a":1}', "not usable JSON; where: it; given: key 'a' is repeated; allowed: one JSON object"),
        (
            b'{"%s":1,"%s":1}' % (b"k" * 99, b"k" * 99),
            f"not usable JSON; where: it; given: key '{'k' * 80}' is repeated; allowed: one JSON object",
        ),
    ],
    ids=lambda one: repr(one)[:30],
)
def test_what_is_not_json_is_refused_in_these_words(raw: bytes, words: str) -> None:
    assert refused(lambda: loads(raw, "it")) == words


# --- A decision as JSON -----------------------------------------------------------------------------------------


def test_decision_is_written_with_these_keys() -> None:
    decision = screen(bare(yes("anticoagulants"), yes("open_wound", "knee/left"), sites=["knee/left"]), SHELF)
    written = decision_to_json(decision, SHELF)
    assert list(written) == ["outcome", "complete", "sites", "reasons", "unasked", "knowledge"]
    assert written["sites"] == [{"region": "knee", "side": "left", "outcome": "clearance", "complete": False}]
    everywhere, here = written["reasons"]
    rule = SHELF.rules["anticoagulants"]
    first = rule.sources[0]
    source = SHELF.sources[first.source]
    assert everywhere | {"sources": everywhere["sources"][:1]} == {
        "rule": "anticoagulants",
        "title": rule.title,
        "outcome": "clearance",
        "site": None,
        "findings": ["anticoagulants"],
        "why": rule.consequences[0].why,
        "cleared": False,
        "basis": rule.basis,
        "agreement": rule.agreement,
        "conflict": rule.conflict,
        "sources": [
            {
                "source": first.source,
                "title": source.title,
                "kind": source.kind,
                "url": source.url,
                "says": first.says,
                "class": first.class_,
                "applies_to": first.applies_to,
                "audited": first.audited,
            }
        ],
    }
    assert here["site"] == {"region": "knee", "side": "left"}
    assert written["knowledge"] == {"version": SHELF.version, "sha256": SHELF.sha256}


def test_open_question_is_written_with_these_keys() -> None:
    decision = screen(case(replace(yes("open_wound"), asked_on=DAY - timedelta(9)), but=["anticoagulants"]), SHELF)
    never, stale = decision_to_json(decision, SHELF)["unasked"]
    assert (never["missing"], never["last_asked"]) == ("never_asked", None)
    assert stale == {
        "finding": "open_wound",
        "question": SHELF.rules["open_wound"].question,
        "could_be": "avoid",
        "missing": "stale",
        "last_asked": "2026-11-11",
    }


def test_sources_of_one_result_are_its_own() -> None:
    """Whoever changes a result changes no other."""
    decision = screen(case(yes("anticoagulants")), SHELF)
    decision_to_json(decision, SHELF)["reasons"][0]["sources"][0]["title"] = "changed"
    assert decision_to_json(decision, SHELF)["reasons"][0]["sources"][0]["title"] != "changed"


def test_failure_is_written_with_its_words() -> None:
    broken = screen(replace(case(), sites=(Site("no_such_region", Side.LEFT),)), SHELF)
    assert decision_to_json(broken, SHELF)["error"] == (
        "The engine failed and decided nothing: KeyError. Treat nothing; tell whoever runs Strigil."
    )
    assert (broken.knowledge_version, broken.knowledge_sha256) == (SHELF.version, SHELF.sha256)
    assert "error" not in decision_to_json(screen(case(), SHELF), SHELF)


def test_details_of_the_case_are_asked_for_in_these_words() -> None:
    when = Condition(any=(Condition(technique=("gua_sha",)), Condition(age_under=18)))
    rule = Consequence(outcome="stop", place="everywhere", when=when, why="Why.")
    shelf = with_rule(SHELF, "body_art", consequences=(rule,))
    said = {one.finding: one.question for one in screen(case(yes("pregnancy"), born=None, sites=()), shelf).unasked}
    assert said["technique"] == "Which technique is to be used?"
    assert said["born"] == "When was the patient born?"
    decision = screen(case(yes("pregnancy"), sites=(), clearances=(Clearance("pregnancy", DAY, DAY),)), SHELF)
    assert [(one.finding, one.question) for one in decision.unasked] == [
        ("site", "Which region is to be treated, and on which side?")
    ]


def both_or_either(how: str, inner: str) -> Any:
    """The shelf with a rule that leans on tattoos, and on both or either of varicose veins and burn scars."""
    pair = Condition.model_validate({inner: [{"finding": "varicose_veins"}, {"finding": "burn_scars"}]})
    when = Condition.model_validate({how: [{"finding": "body_art"}, pair]})
    rule = Consequence(outcome="hold", place="everywhere", when=when, why="Why.")
    return with_rule(SHELF, "body_art", consequences=(rule,))


@pytest.mark.parametrize(
    ("how", "inner", "art", "veins", "scars", "waits_for"),
    [
        ("all", "any", unknown, yes, unknown, {"body_art"}),
        ("all", "any", yes, no, unknown, {"burn_scars"}),
        ("all", "any", yes, unknown, unknown, {"varicose_veins", "burn_scars"}),
        ("all", "any", no, unknown, unknown, set()),
        ("all", "any", unknown, no, no, set()),
        ("any", "all", unknown, no, unknown, {"body_art"}),
        ("any", "all", no, yes, unknown, {"burn_scars"}),
        ("any", "all", unknown, yes, unknown, {"body_art", "burn_scars"}),
        ("any", "all", no, no, unknown, set()),
    ],
)
def test_open_question_of_a_rule_in_a_rule_is_what_could_still_decide_it(
    how: str, inner: str, art: Any, veins: Any, scars: Any, waits_for: set[str]
) -> None:
    answers = (art("body_art"), veins("varicose_veins"), scars("burn_scars"))
    decision = screen(case(*answers), both_or_either(how, inner))
    assert {one.finding for one in decision.unasked if one.could_be == "hold"} == waits_for


@pytest.mark.parametrize(
    ("how", "inner", "art", "veins", "scars", "fired_by"),
    [
        ("all", "any", yes, no, yes, ("body_art", "burn_scars")),
        ("all", "any", yes, yes, unknown, ("body_art", "varicose_veins")),
        ("any", "all", no, yes, yes, ("varicose_veins", "burn_scars")),
        ("any", "all", yes, yes, no, ("body_art",)),
        ("any", "all", yes, yes, unknown, ("body_art",)),
    ],
)
def test_reason_of_a_rule_in_a_rule_names_what_made_it_hold(
    how: str, inner: str, art: Any, veins: Any, scars: Any, fired_by: tuple[str, ...]
) -> None:
    answers = (art("body_art"), veins("varicose_veins"), scars("burn_scars"))
    first = screen(case(*answers), both_or_either(how, inner)).reasons[0]
    assert (first.rule, first.findings) == ("body_art", fired_by)


def test_newest_answer_about_the_whole_person_says_when_it_began_wherever_it_was_noted() -> None:
    when = Condition(finding="diabetes", since_under_days=30)
    shelf = with_rule(SHELF, "diabetes", consequences=(Consequence(outcome="stop", place="site", when=when, why="W."),))
    recent = yes("diabetes", "knee/left", days_ago=1, since_days_ago=10)
    long_ago = yes("diabetes", "forearm_lateral/right", since_days_ago=400)
    assert screen(case(recent, sites=("knee/left",)), shelf).outcome is Outcome.STOP
    assert screen(case(recent, long_ago, sites=("knee/left",)), shelf).outcome is Outcome.PROCEED


def test_finding_that_a_rule_names_twice_is_told_once() -> None:
    twice = Condition.model_validate({"all": [{"finding": "body_art"}, {"any": [{"finding": "body_art"}]}]})
    rule = Consequence(outcome="hold", place="everywhere", when=twice, why="Why.")
    decision = screen(case(yes("body_art")), with_rule(SHELF, "body_art", consequences=(rule,)))
    assert decision.reasons[0].findings == ("body_art",)


def test_open_questions_of_one_severity_come_in_the_order_of_the_shelf_and_details_last() -> None:
    decision = screen(bare(sites=()), SHELF)
    severities = list(dict.fromkeys(one.could_be for one in decision.unasked))
    shelf = list(SHELF.rules)
    for severity in severities:
        names = [one.finding for one in decision.unasked if one.could_be is severity]
        places = [shelf.index(name) if name in shelf else len(shelf) for name in names]
        assert places == sorted(places)


def test_reasons_of_one_severity_come_in_the_order_of_the_shelf_then_of_the_sites() -> None:
    sites = ("knee/right", "knee/left")
    decision = screen(case(yes("varicose_veins"), yes("moles_growths"), yes("open_wound"), sites=sites), SHELF)
    order = [(one.rule, str(one.site)) for one in decision.reasons if one.outcome == "avoid" and one.site]
    rules = list(dict.fromkeys(rule for rule, _ in order))
    assert rules == sorted(rules, key=list(SHELF.rules).index)
    assert order == [(rule, place) for rule in rules for place in sites]


# --- Lines ------------------------------------------------------------------------------------------------------


def numbers(raw: bytes, most: int = 100) -> list[tuple[int, int]]:
    """First line and number of lines of each chunk."""
    return [(one.first, len(one.lines)) for one in chunks(io.BytesIO(raw), most)]


def test_chunks_hold_so_many_lines_and_know_their_numbers() -> None:
    assert MOST_LINES == 500
    assert numbers(b"") == []
    assert numbers(b"x\n" * 499) == [(1, 499)]
    assert numbers(b"x\n" * 500) == [(1, 500)]
    assert numbers(b"x\n" * 1001) == [(1, 500), (501, 500), (1001, 1)]
    assert numbers(b"x\nx") == [(1, 2)]


def test_chunks_hold_so_many_bytes() -> None:
    mega = b"x" * (1024 * 1024 - 1) + b"\n"
    assert numbers(mega * 9, most=1024 * 1024) == [(1, 4), (5, 4), (9, 1)]


def test_line_as_long_as_is_allowed_is_taken_and_a_longer_one_is_not() -> None:
    assert numbers(b"x" * 100 + b"\n" + b"x" * 100) == [(1, 2)]
    for end in (b"", b"\n"):
        with pytest.raises(LineError) as error:
            numbers(b"x\n" + b"x" * 101 + end)
        assert str(error.value) == "line 2: too large; given: more than 100 bytes; allowed: 100 bytes"


def test_bad_line_is_told_with_its_number_in_the_file() -> None:
    good = json.dumps(GIVEN).encode()
    with pytest.raises(LineError) as error:
        screen_chunk(Chunk(501, (good, good, b"x")), SHELF)
    assert str(error.value) == (
        "line 503: not JSON; where: the line, line 1, column 1; given: Expecting value; allowed: one JSON object"
    )


def test_line_is_written_as_json_without_spaces_in_every_alphabet() -> None:
    given = GIVEN | {"id": "Größe \ud800"}
    (line,) = screen_chunk(Chunk(1, (json.dumps(given).encode(),)), SHELF).splitlines()
    assert line.startswith('{"id":"Größe '.encode())
    alone = decision_to_json(screen(case_from_json(GIVEN, SHELF), SHELF), SHELF)
    written = json.loads(line)
    del written["id"]
    assert written == alone
    shortest = json.dumps(alone, ensure_ascii=False, separators=(",", ":")).encode()
    assert line.endswith(shortest[1:])


@pytest.mark.parametrize("count", [59, 60, 61, 62, 63, 64, 65])
def test_any_number_of_sites_is_decided_among_many_as_alone(count: int) -> None:
    places = [Site(region, side) for side in Side for region in REGIONS][:count]
    wounds = [replace(yes("open_wound"), site=place) for place in places[::2]]
    one = case(*wounds, unknown("burn_scars", "knee/left"), sites=places)
    assert screen_cases([case(), one, one, case()], SHELF) == [
        screen(each, SHELF) for each in (case(), one, one, case())
    ]


def test_case_that_breaks_the_engine_breaks_no_other() -> None:
    broken = replace(case(), sites=(Site("no_such_region", Side.LEFT),))
    found = screen_cases([case(), broken, bare()], SHELF)
    assert [one.outcome for one in found] == ["proceed", "error", "incomplete"]
    assert screen_cases([], SHELF) == []
    assert [one.outcome for one in screen_cases([broken], SHELF)] == ["error"]


# --- Columns ----------------------------------------------------------------------------------------------------


def column(*values: int) -> Any:
    return np.array(values, np.uint8)


def all_no(rows: int, **other: Any) -> Columns:
    """Adults of whom every question was answered no."""
    answers = {name: np.zeros(rows, np.uint8) for name in SHELF.asked} | other.pop("answers", {})
    return Columns(**{"rows": rows, "answers": answers, "ages": np.full(rows, 50, np.int16)} | other)


def outcomes(columns: Columns, shelf: Any = SHELF) -> list[tuple[str, bool]]:
    found = screen_columns(columns, shelf)
    return list(zip((one.value for one in found.outcomes()), found.complete.tolist(), strict=True))


def test_answers_in_columns_are_no_yes_and_not_known() -> None:
    found = outcomes(all_no(3, answers={"open_wound": column(0, 1, 2)}))
    assert found == [("proceed", True), ("avoid", True), ("incomplete", False)]


def test_finding_without_a_column_is_not_known() -> None:
    columns = all_no(9)
    answers = {name: one for name, one in columns.answers.items() if name != "open_wound"}
    assert outcomes(replace(columns, answers=answers)) == [("incomplete", False)] * 9


def test_outcomes_in_columns_stand_as_severities() -> None:
    found = screen_columns(all_no(2, answers={"red_flag_dvt": column(0, 1)}), SHELF)
    assert found.outcome.tolist() == [0, Outcome.EMERGENCY.severity]
    assert found.outcomes() == ["proceed", "emergency"]


def test_forbidding_outcome_stands_though_more_could_come() -> None:
    columns = all_no(2, answers={"anticoagulants": column(1, 1), "red_flag_cancer": column(2, 0)})
    assert outcomes(columns) == [("clearance", False), ("clearance", True)]


def test_only_a_man_is_not_asked_about_pregnancy_in_columns() -> None:
    columns = all_no(2, male=np.array([True, False]))
    answers = {name: one for name, one in columns.answers.items() if name != "pregnancy"}
    assert outcomes(replace(columns, answers=answers)) == [("proceed", True), ("incomplete", False)]
    assert outcomes(replace(columns, answers=answers, male=None)) == [("incomplete", False)] * 2


def test_yes_without_a_date_counts_as_recent_in_columns() -> None:
    operated = {"surgical_incision": column(1, 1, 1)}
    recent = {("surgical_incision", 84): column(0, 1, 2)}
    assert [one for one, _ in outcomes(all_no(3, answers=operated))] == ["clearance"] * 3
    assert [one for one, _ in outcomes(all_no(3, answers=operated, recent=recent))] == [
        "proceed",
        "clearance",
        "clearance",
    ]


def test_place_that_is_not_known_leaves_it_open_in_columns() -> None:
    legs = next(
        one.when.within for one in SHELF.rules["skin_infection_local"].consequences if one.when and one.when.within
    )
    infected = {"skin_infection_local": column(1, 1, 1)}
    within = {("skin_infection_local", frozenset(legs)): column(0, 1, 2)}
    assert outcomes(all_no(3, answers=infected)) == [("refer", False)] * 3
    assert outcomes(all_no(3, answers=infected, within=within)) == [
        ("refer", True),
        ("emergency", True),
        ("refer", False),
    ]


def test_place_says_nothing_while_the_finding_is_not_known() -> None:
    rule = Consequence(outcome="stop", place="site", when=Condition(finding="body_art", within=("knee",)), why="Why.")
    shelf = with_rule(SHELF, "body_art", consequences=(rule,))
    within = {("body_art", frozenset({"knee"})): column(0, 1, 2)}
    asked = {"body_art": column(2, 2, 2)}
    assert outcomes(all_no(3, answers=asked, within=within), shelf) == [("incomplete", False)] * 3


def test_when_it_began_says_nothing_while_the_finding_is_not_known() -> None:
    asked = {"surgical_incision": column(2, 2, 2)}
    recent = {("surgical_incision", 84): column(0, 1, 2)}
    assert outcomes(all_no(3, answers=asked, recent=recent)) == [("incomplete", False)] * 3


def test_region_technique_and_age_are_looked_up_in_columns() -> None:
    rules = {
        "site": Condition(site_within=("knee",)),
        "technique": Condition(technique=("gua_sha",)),
        "age": Condition(age_under=18),
    }
    about: dict[str, dict[str, Any]] = {
        "site": {"regions": np.array([0, 1, -1], np.int16), "region_names": ("ankle", "knee")},
        "technique": {"techniques": np.array([0, 1, -1], np.int16), "technique_names": ("graston", "gua_sha")},
        "age": {"ages": np.array([18, 17, -1], np.int16)},
    }
    for name, when in rules.items():
        rule = Consequence(outcome="stop", place="site", when=when, why="Why.")
        shelf = with_rule(SHELF, "body_art", consequences=(rule,))
        assert outcomes(all_no(3, **about[name]), shelf) == [("proceed", True), ("stop", True), ("incomplete", False)]
        unsaid: dict[str, Any] = {"ages": None} if name == "age" else {}
        assert outcomes(all_no(3, **unsaid), shelf) == [("incomplete", False)] * 3
    both = Condition(all=(Condition(age_under=18), Condition(finding="body_art")))
    shelf = with_rule(
        SHELF, "body_art", consequences=(Consequence(outcome="stop", place="site", when=both, why="Why."),)
    )
    asked = all_no(3, answers={"body_art": column(2, 2, 1)}, ages=np.array([18, 17, 17], np.int16))
    assert outcomes(asked, shelf) == [("proceed", True), ("clearance", False), ("stop", True)]
    baby = all_no(1, ages=np.array([0], np.int16))
    assert outcomes(baby, with_rule(SHELF, "body_art", consequences=(rule,))) == [("stop", True)]


def test_what_is_known_elsewhere_bears_on_what_holds_everywhere_only() -> None:
    elsewhere = {"skin_infection_local": column(1), "open_wound": column(1)}
    assert outcomes(all_no(1, anywhere=elsewhere)) == [("refer", False)]
    assert outcomes(all_no(1, anywhere={"open_wound": column(1)})) == [("proceed", True)]


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"answers": {"nothing": column(0)}}, "'nothing' is not a finding on the shelf$"),
        ({"anywhere": {"nothing": column(0)}}, "'nothing' is not a finding on the shelf$"),
        ({"region_names": ("nose",)}, "'nose' is not a region on the shelf$"),
        (
            {"answers": {"open_wound": column(0, 1)}},
            r"column open_wound: given uint8 \(2,\); allowed uint8 \(1,\)$",
        ),
        (
            {"anywhere": {"open_wound": np.zeros(1, np.int64)}},
            r"column open_wound: given int64 \(1,\); allowed uint8 \(1,\)$",
        ),
        (
            {"answers": {"open_wound": column(3)}},
            "column open_wound: given 3; allowed 0 no, 1 yes, 2 not known$",
        ),
        ({"recent": {("surgical_incision", 84): column(3)}}, "given 3"),
        ({"within": {("open_wound", frozenset()): column(3)}}, "given 3"),
    ],
)
def test_column_that_does_not_fit_is_refused(other: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=f"^{words}" if "column" in words else words):
        screen_columns(all_no(1, **other), SHELF)


def test_no_row_is_no_result() -> None:
    assert outcomes(all_no(0)) == []
