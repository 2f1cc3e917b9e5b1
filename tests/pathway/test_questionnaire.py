"""A questionnaire that a clinic loads: what is taken, and what is refused with the item named."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from strigil.pathway.questionnaire import (
    DEEPEST,
    MOST_BYTES,
    MOST_ITEMS,
    Choice,
    Faulty,
    Heading,
    Question,
    Questionnaire,
    read,
)
from tests.pathway.questionnaires import ORDINAL, URL, choice, garden, option, packed


def taken(**changes: Any) -> Questionnaire:
    return read(packed(garden(2, range(3), **changes)))


def faults(resource: object) -> str:
    with pytest.raises(Faulty) as refused:
        read(resource if isinstance(resource, bytes) else packed(resource))
    return "\n".join(refused.value.faults)


def with_item(**item: Any) -> dict[str, Any]:
    """The garden with one item, b, changed as said."""
    return garden(0, item=[choice("a", "First?"), choice("b", "Second?") | item])


def test_items_come_in_their_order_with_their_scores_and_headings():
    found = taken()
    assert (found.edition, found.title, found.publisher) == (f"{URL}|1.0", "Birds in the garden", "Nobody")
    assert found.lines[:2] == (Heading("Think of your garden today."), Heading("The bushes"))
    assert [one.link_id for one in found.questions] == ["g1", "g2"]
    assert found.questions[0] == Question(
        "g1",
        "How many birds sat on bush 1?",
        (Choice("Not much: 0", Decimal(0)), Choice("So much: 1", Decimal(1)), Choice("So much: 2", Decimal(2))),
    )
    assert (found.questions[0].low, found.questions[0].high) == (0, 2)


def test_a_score_may_stand_on_the_coding_be_a_fraction_or_be_the_whole_number_itself():
    on_coding = {"valueCoding": {"display": "Half", "extension": [{"url": ORDINAL, "valueDecimal": 0.5}]}}
    item = {"answerOption": [on_coding, {"valueInteger": 2}, option("Less", -1)]}
    assert read(packed(with_item(**item))).questions[1].choices == (
        Choice("Half", Decimal("0.5")),
        Choice("2", Decimal(2)),
        Choice("Less", Decimal(-1)),
    )


def test_an_integer_between_two_limits_becomes_a_row_of_answers():
    ends = [
        {"url": "http://hl7.org/fhir/StructureDefinition/minValue", "valueInteger": 0},
        {"url": "http://hl7.org/fhir/StructureDefinition/maxValue", "valueInteger": 10},
    ]
    item = {"linkId": "a", "text": "How many?", "type": "integer", "extension": ends}
    (asked,) = read(packed(garden(item=[item]))).questions
    assert asked.choices == tuple(Choice(str(number), Decimal(number)) for number in range(11))


def test_a_prefix_stands_before_its_question():
    assert read(packed(with_item(prefix="2."))).questions[1].text == "2. Second?"


def test_less_than_is_no_markup():
    assert taken(title="Less < more, 5 <10 & so on").title == "Less < more, 5 <10 & so on"


@pytest.mark.parametrize(
    ("resource", "says"),
    [
        (b"\xff\xfe{}", "not text in UTF-8"),
        (b"{", "not JSON: line 1"),
        (b"[]", "one JSON object"),
        (b"[" * 200_000, "nested too deep"),
        (b'{"resourceType": "Questionnaire", "resourceType": "Patient"}', "'resourceType' twice"),
        (b'{"status": NaN}', "NaN, which is no number"),
        (b" " * (MOST_BYTES + 1), "bytes; allowed: 262,144"),
        ({"resourceType": "Patient"}, "no Questionnaire; given: resourceType Patient"),
        ({}, "no Questionnaire; given: resourceType missing"),
        (garden(status="draft"), "not in use; given: status draft; allowed: active"),
        (garden(status=None), "status missing"),
        (garden(implicitRules="x"), "rules that change what it means"),
        (garden(url=""), "The file: url is missing"),
        (garden(url="my garden"), "url is no address; given: my garden"),
        (garden(version=None), "The file: version is missing"),
        (garden(version="1|2"), "version holds a |"),
        (garden(title=None), "title or name is missing"),
        (garden(title=7), "title is no text; given: 7"),
        (garden(title="x" * 201), "title has 201 characters; allowed: 200"),
        (garden(item=[]), "asks nothing"),
        (garden(item={}), "item is no list"),
        (garden(item=["x"]), "Item number 1 is no item; given: x"),
        (garden(item=[{"linkId": "a", "type": "display", "text": "Hello."}]), "asks nothing"),
        (garden(extension=[{"url": "x", "valueExpression": {"expression": "%a + %b"}}]), "expression to be run"),
    ],
)  # fmt: skip
def test_a_file_that_is_none_is_refused(resource: object, says: str):
    assert says in faults(resource)


@pytest.mark.parametrize(
    ("item", "says"),
    [
        ({"linkId": "a"}, "Item a: its linkId is used before"),
        ({"linkId": None}, "Item number 2: linkId is missing"),
        ({"text": None}, "Item b: text is missing"),
        ({"text": "x" * 1001}, "Item b: text has 1,001 characters; allowed: 1,000"),
        ({"text": "How <script>alert(1)</script>?"}, "Item b: text holds markup"),
        ({"text": "How <b>much</b>?"}, "Item b: text holds markup"),
        ({"text": "How &lt;b&gt;?"}, "Item b: text holds markup"),
        ({"text": "How\x00much?"}, "Item b: text holds a character that cannot be kept"),
        ({"text": "How \u202egnihtemos"}, "Item b: text holds a character that cannot be kept"),
        ({"text": "Half a letter \ud800"}, "Item b: text holds a character that cannot be kept"),
        ({"type": "open-choice"}, "Item b: its type cannot be shown or scored; given: open-choice; allowed: group"),
        ({"type": None}, "given: no type"),
        ({"type": "integer", "answerOption": None}, "answerOption is no list"),
        ({"enableWhen": []}, "Item b is asked only sometimes"),
        ({"answerValueSet": "#x"}, "Item b takes its answers from elsewhere"),
        ({"option": []}, "STU3"),
        ({"initial": []}, "Item b brings an answer along"),
        ({"modifierExtension": []}, "Item b carries a modifierExtension"),
        ({"repeats": True}, "Item b takes several answers"),
        ({"item": [choice("c", "Within?")]}, "Item b has items of its own; given: choice; allowed: only a group"),
        ({"answerOption": []}, "Item b has 0 answers; allowed: 2 to 25"),
        ({"answerOption": [option(str(n), n) for n in range(26)]}, "Item b has 26 answers"),
        ({"answerOption": [option("Yes", 1), option("Yes", 0)]}, "Item b has the same answer twice; given: Yes"),
        ({"answerOption": [option("Yes", 1), {"valueCoding": {"display": "No"}}]}, "Item b, answer 2 has no score"),
        ({"answerOption": [option("Yes", 1), {"valueCoding": {"code": "n"}}]}, "Item b, answer 2: display is missing"),
        ({"answerOption": [option("Yes", 1), {"valueDate": "2026-01-01"}]}, "Item b, answer 2 is neither"),
        ({"answerOption": [option("Yes", 1), "No"]}, "Item b, answer 2 is no answer; given: No"),
        ({"answerOption": [option("Yes", 1), option("No", 0) | {"initialSelected": True}]}, "chosen beforehand"),
        ({"answerOption": [option("Yes", 1), option("No", "0")]}, "Item b, answer 2: its score is none; given: 0"),
        ({"answerOption": [option("Yes", 1), option("No", True)]}, "Item b, answer 2: its score is none; given: True"),
        ({"answerOption": [option("Yes", 1), option("No", 1001)]}, "its score is none; given: 1001"),
        ({"answerOption": [option("Yes", 1), option("No", 0.0001)]}, "its score is none; given: 0.0001"),
        ({"type": "integer", "answerOption": [{"valueInteger": 1}]}, "Item b has 1 answers"),
    ],
)
def test_an_item_that_cannot_be_shown_or_scored_is_named(item: dict[str, Any], says: str):
    assert says in faults(with_item(**item))


def test_two_scores_of_one_answer_that_differ_are_refused():
    torn = option("Yes", 1)
    torn["valueCoding"]["extension"] = [{"url": ORDINAL, "valueDecimal": 2}]
    assert "Item b, answer 1 has two scores that differ" in faults(with_item(answerOption=[torn, option("No", 0)]))


@pytest.mark.parametrize("score", ["1" * 100_000, "1e999999999", "-1e999999999", "1e-999999999"])
def test_a_number_without_end_is_refused_and_not_written_out(score: str):
    text = json.dumps(with_item()).replace('"valueDecimal": 5', f'"valueDecimal": {score}')
    said = faults(text.encode())
    assert "its score is none" in said or "too long to read" in said
    assert len(said) < 1000


@pytest.mark.parametrize("ends", [(0, 21), (3, 3), (0.5, 3), (5, 1)])
def test_an_integer_whose_limits_make_no_row_is_refused(ends: tuple[float, float]):
    extensions = [
        {"url": f"http://hl7.org/fhir/StructureDefinition/{end}Value", "valueInteger": value}
        for end, value in zip(("min", "max"), ends, strict=True)
    ]
    item = {"linkId": "a", "text": "How many?", "type": "integer", "extension": extensions}
    assert "Item a runs from" in faults(garden(item=[item]))
    assert "without its least and its most" in faults(garden(item=[item | {"extension": extensions[:1]}]))


def test_ten_thousand_items_are_refused_without_a_word_for_each():
    one = {"linkId": "x", "type": "display", "text": "x"}
    said = faults(garden(item=[one] * 4000))
    assert f"more than {MOST_ITEMS} items" in said
    assert "bytes" in faults(garden(item=[one] * 10_000))


def test_groups_within_groups_end_somewhere():
    item = choice("deep", "How deep?")
    for level in range(DEEPEST - 1):
        item = {"linkId": f"l{level}", "type": "group", "item": [item]}
    assert len(read(packed(garden(item=[item]))).questions) == 1
    assert f"deeper than {DEEPEST} groups" in faults(garden(item=[{"linkId": "top", "type": "group", "item": [item]}]))


def test_every_fault_is_said_at_once():
    broken = garden(item=[choice("a", "First?") | {"repeats": True}, choice("a", "<b>")])
    said = faults(broken)
    assert all(words in said for words in ("repeats", "used before", "markup"))
