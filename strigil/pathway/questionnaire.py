"""A questionnaire that a clinic brings along: a FHIR R4 Questionnaire, read strictly so that it can be filled in.

Everything asked is a choice among answers that each carry a number. What cannot be shown or scored just as its authors
meant it is refused, and every fault names its item. Nothing in the file is ever run.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from strigil.knowledge.load import Knowledge
from strigil.knowledge.shapes import Measure

METHOD = "questionnaire"
"""How a reading was taken whose answers are kept: filled in here, not typed as a finished score."""

MOST_BYTES, MOST_ITEMS, MOST_CHOICES, DEEPEST = 256 * 1024, 200, 25, 4
LONGEST_TEXT, LONGEST_NAME, LONGEST_URL, LONGEST_VERSION = 1000, 200, 150, 40
LARGEST, PLACES = 1000, 3
HIGHEST_STEPS = 20
"""An integer item with at most so many steps between its limits becomes a row of touches."""

_FHIR = "http://hl7.org/fhir/StructureDefinition/"
SCORES = (f"{_FHIR}ordinalValue", f"{_FHIR}itemWeight")
LOINC = "http://loinc.org"
TYPES = ("group", "display", "choice", "integer")
_CANNOT = {
    "enableWhen": "is asked only sometimes (enableWhen); every question has to be asked of everyone",
    "answerValueSet": "takes its answers from elsewhere (answerValueSet); write them into the item as answerOption",
    "option": "uses option, as FHIR STU3 did; R4 says answerOption",
    "options": "uses options, as FHIR STU3 did; R4 says answerOption",
    "initial": "brings an answer along (initial); nothing is answered beforehand",
    "modifierExtension": "carries a modifierExtension, which changes what it means",
}
_MARKUP = re.compile(r"<[/!?a-zA-Z]|&(?:#\d+|#x[0-9a-f]+|[a-z]+);|javascript:", re.IGNORECASE)
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_ADDRESS = re.compile(r"(?:https?://|urn:)[^\s|<>\"]+")


class Faulty(Exception):
    """The file cannot be used; ``faults`` says why, each naming its item."""

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Choice:
    text: str
    score: Decimal


@dataclass(frozen=True, slots=True)
class Heading:
    """Words between questions: the title of a group, or an instruction."""

    text: str


@dataclass(frozen=True, slots=True)
class Question:
    link_id: str
    text: str
    choices: tuple[Choice, ...]

    @property
    def low(self) -> Decimal:
        return min(one.score for one in self.choices)

    @property
    def high(self) -> Decimal:
        return max(one.score for one in self.choices)


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """What is asked, in its order. ``edition`` is its canonical address, ``url|version``."""

    url: str
    version: str
    title: str
    lines: tuple[Heading | Question, ...]
    publisher: str = ""
    copyright: str = ""
    loinc: tuple[str, ...] = ()

    @property
    def edition(self) -> str:
        return f"{self.url}|{self.version}"

    @property
    def questions(self) -> tuple[Question, ...]:
        return tuple(one for one in self.lines if isinstance(one, Question))


def read(content: bytes) -> Questionnaire:
    """The questionnaire of a file.

    Raises:
        Faulty: with everything that keeps it from being filled in and scored as it was meant.
    """
    resource = _resource(content)
    faults = _Faults()
    url = _text(resource, "url", "The file", LONGEST_URL, faults, required=True)
    if url and not _ADDRESS.fullmatch(url):
        faults.add("The file: url is no address", url, "http://…, https://… or urn:…, without spaces and |")
    version = _text(resource, "version", "The file", LONGEST_VERSION, faults, required=True)
    if "|" in version:
        faults.add("The file: version holds a |, which sets it apart from the url", version)
    found = Questionnaire(
        url=url,
        version=version,
        title=_text(resource, "title", "The file", LONGEST_NAME, faults)
        or _text(resource, "name", "The file", LONGEST_NAME, faults, required=True, say="title or name"),
        lines=tuple(_lines(resource, faults)),
        publisher=_text(resource, "publisher", "The file", LONGEST_NAME, faults),
        copyright=_text(resource, "copyright", "The file", LONGEST_TEXT * 4, faults),
        loinc=_loinc(resource),
    )
    if not faults.said and not found.questions:
        faults.add("The file asks nothing: it has no choice and no integer item")
    if faults.said:
        raise Faulty(*faults.said)
    return found


def fit(found: Questionnaire, measure: Measure, knowledge: Knowledge) -> None:
    """Hold a questionnaire against the scoring rule of the measure that it is said to be.

    Raises:
        Faulty: when it is another instrument, or its items are not those that the rule counts.
    """
    rule, faults = measure.score, _Faults()
    if rule is None:
        raise Faulty(f"{measure.title}: its scoring rule is not known here, so its finished score is typed in.")
    others = [one.title for one in knowledge.shelf(Measure).values() if _coded(found, one)]
    if others and not _coded(found, measure):
        raise Faulty(f"The file calls itself {others[0]} by its LOINC code; given: {measure.title}.")
    number, fewest = len(found.questions), rule.fewest_items or rule.items
    if not fewest <= number <= rule.items:
        allowed = str(rule.items) if fewest == rule.items else f"{fewest} to {rule.items}"
        raise Faulty(f"The file asks {number} questions; {measure.title} has {allowed}.")
    for place, asked in enumerate(found.questions):
        marks = rule.marks_of(place)
        if (asked.low, asked.high) != (marks.low, marks.high):
            given, allowed = f"{asked.low} to {asked.high}", f"{marks.low} to {marks.high}"
            faults.add(f"Item {asked.link_id}: its scores are not those of {measure.title}", given, allowed)
        elif rule.whole == "yes" and any(one.score % 1 for one in asked.choices):
            faults.add(f"Item {asked.link_id}: {measure.title} counts whole numbers only")
    if faults.said:
        raise Faulty(*faults.said)


def _coded(found: Questionnaire, measure: Measure) -> bool:
    return bool({one.split()[0] for one in measure.loinc} & set(found.loinc))


def scores(found: Questionnaire, answers: Sequence[int | None]) -> list[Decimal | None]:
    """The score of each answer, given as the place of its choice; what was left open stays open.

    Raises:
        ValueError: when there are more or fewer answers than questions, or an answer that is none of its choices.
    """
    pairs = list(zip(found.questions, answers, strict=True))
    if any(place is not None and not 0 <= place < len(asked.choices) for asked, place in pairs):
        raise ValueError("an answer is none of the choices of its question")
    return [None if place is None else asked.choices[place].score for asked, place in pairs]


class _Faults:
    def __init__(self) -> None:
        self.said: list[str] = []

    def add(self, what: str, given: object = None, allowed: str = "") -> None:
        said = what if given is None else f"{what}; given: {_short(given)}"
        self.said.append(f"{said}; allowed: {allowed}." if allowed else f"{said}.")


def _short(given: object) -> str:
    said = str(given)
    said = _UNPRINTABLE.sub("�", said)
    return f"{said[:60]}…" if len(said) > 60 else said or "nothing"


def _resource(content: bytes) -> dict[str, Any]:
    """The file as what JSON makes of it, if it is a Questionnaire that may be in use."""
    if len(content) > MOST_BYTES:
        raise Faulty(f"The file has {len(content):,} bytes; allowed: {MOST_BYTES:,}.")
    try:
        held = json.loads(
            content.decode("utf-8-sig"),
            object_pairs_hook=_once_each,
            parse_float=Decimal,
            parse_int=Decimal,
            parse_constant=_no_number,
        )
    except UnicodeDecodeError:
        raise Faulty("The file is not text in UTF-8.") from None
    except (RecursionError, InvalidOperation):
        raise Faulty("The file is nested too deep, or holds a number too long to read.") from None
    except json.JSONDecodeError as wrong:
        raise Faulty(f"The file is not JSON: line {wrong.lineno}, {wrong.msg.lower()}.") from None
    if not isinstance(held, dict):
        raise Faulty("The file is no FHIR resource: it has to be one JSON object.")
    kind, status = held.get("resourceType"), held.get("status")
    if kind != "Questionnaire":
        raise Faulty(f"The file is no Questionnaire; given: resourceType {_short(kind or 'missing')}.")
    if status != "active":
        raise Faulty(f"The questionnaire is not in use; given: status {_short(status or 'missing')}; allowed: active.")
    if "modifierExtension" in held or "implicitRules" in held:
        raise Faulty("The file carries rules that change what it means (modifierExtension or implicitRules).")
    if _runs(held):
        raise Faulty("The file carries an expression to be run. Nothing in a file is run: take it out.")
    return held


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    held = dict(pairs)
    if len(held) < len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise Faulty(f"The file names {_short(twice)!r} twice in one place.")
    return held


def _no_number(word: str) -> Any:
    raise Faulty(f"The file holds {word}, which is no number.")


def _runs(held: object) -> bool:
    """Whether an expression hides anywhere, whatever it is called."""
    stack = [held]
    while stack:
        one = stack.pop()
        if isinstance(one, dict):
            if "valueExpression" in one:
                return True
            stack.extend(one.values())
        elif isinstance(one, list):
            stack.extend(one)
    return False


def _text(
    held: dict[str, Any], name: str, where: str, most: int, faults: _Faults, *, required: bool = False, say: str = ""
) -> str:
    given = held.get(name)
    if given is None or given == "":
        if required:
            faults.add(f"{where}: {say or name} is missing")
        return ""
    if not isinstance(given, str) or not given.strip():
        faults.add(f"{where}: {name} is no text", given)
        return ""
    said = given.strip()
    if len(said) > most:
        faults.add(f"{where}: {name} has {len(said):,} characters", None, f"{most:,}")
    elif _UNPRINTABLE.search(said):
        faults.add(f"{where}: {name} holds a character that cannot be kept", said)
    elif _MARKUP.search(said):
        faults.add(f"{where}: {name} holds markup", said, "plain text")
    else:
        return said
    return ""


def _loinc(resource: dict[str, Any]) -> tuple[str, ...]:
    codes = resource.get("code")
    given = [one for one in codes if isinstance(one, dict)] if isinstance(codes, list) else []
    return tuple(str(one.get("code")) for one in given if one.get("system") == LOINC)


def _lines(resource: dict[str, Any], faults: _Faults) -> Iterator[Heading | Question]:
    """Every item in its order. Too many or too deep ends it: the rest is not looked at."""
    seen: set[str] = set()
    stack = [(one, 1) for one in reversed(_list(resource, "item", "The file", faults))]
    for number in range(MOST_ITEMS + 1):
        if not stack:
            return
        if number == MOST_ITEMS:
            faults.add(f"The file has more than {MOST_ITEMS} items")
            return
        item, depth = stack.pop()
        if not isinstance(item, dict):
            faults.add(f"Item number {number + 1} is no item", item)
            continue
        where = _where(item, number, seen, faults)
        if depth > DEEPEST:
            faults.add(f"{where} lies deeper than {DEEPEST} groups within each other")
            return
        yield from _line(item, where, faults)
        inner = _list(item, "item", where, faults)
        if inner and item.get("type") != "group":
            faults.add(f"{where} has items of its own", item.get("type"), "only a group has them")
            continue
        stack.extend((one, depth + 1) for one in reversed(inner))


def _where(item: dict[str, Any], number: int, seen: set[str], faults: _Faults) -> str:
    """What an item is called in a message; says where it has no name of its own."""
    name = f"Item number {number + 1}"
    link_id = _text(item, "linkId", name, LONGEST_NAME, faults, required=True)
    if not link_id:
        return name
    if link_id in seen:
        faults.add(f"Item {_short(link_id)}: its linkId is used before; each has to be unique")
    seen.add(link_id)
    return f"Item {_short(link_id)}"


def _line(item: dict[str, Any], where: str, faults: _Faults) -> Iterator[Heading | Question]:
    for name, why in _CANNOT.items():
        if name in item:
            faults.add(f"{where} {why}")
    if item.get("repeats") is True:
        faults.add(f"{where} takes several answers (repeats); allowed is one")
    kind = item.get("type")
    if kind not in TYPES:
        faults.add(f"{where}: its type cannot be shown or scored", kind or "no type", ", ".join(TYPES))
        return
    asks = kind in ("choice", "integer")
    text = _text(item, "text", where, LONGEST_TEXT, faults, required=kind != "group")
    if prefix := _text(item, "prefix", where, LONGEST_VERSION, faults):
        text = f"{prefix} {text}"
    if asks:
        choices = (
            _steps(item, where, faults)
            if kind == "integer" and "answerOption" not in item
            else _choices(item, where, faults)
        )
        yield Question(str(item.get("linkId")).strip(), text, choices)
    elif text:
        yield Heading(text)


def _choices(item: dict[str, Any], where: str, faults: _Faults) -> tuple[Choice, ...]:
    options = _list(item, "answerOption", where, faults)
    if not 2 <= len(options) <= MOST_CHOICES:
        faults.add(f"{where} has {len(options)} answers", None, f"2 to {MOST_CHOICES}")
        return ()
    found = [_choice(one, f"{where}, answer {place}", faults) for place, one in enumerate(options, start=1)]
    choices = tuple(one for one in found if one)
    twice = [text for text, times in Counter(one.text for one in choices).items() if times > 1]
    if twice:
        faults.add(f"{where} has the same answer twice", twice[0])
    return choices


def _choice(option: object, where: str, faults: _Faults) -> Choice | None:
    if not isinstance(option, dict):
        faults.add(f"{where} is no answer", option)
        return None
    if option.get("initialSelected") is True:
        faults.add(f"{where} is chosen beforehand (initialSelected); nothing may be")
    coding = option.get("valueCoding")
    if isinstance(coding, dict):
        text = _text(coding, "display", where, LONGEST_TEXT, faults, required=True)
        scores = [*_numbers(option, SCORES), *_numbers(coding, SCORES)]
    elif "valueInteger" in option:
        scores = [*_numbers(option, SCORES)] or [option["valueInteger"]]
        text = _short(option["valueInteger"])
    elif "valueString" in option:
        text = _text(option, "valueString", where, LONGEST_TEXT, faults, required=True)
        scores = [*_numbers(option, SCORES)]
    else:
        faults.add(f"{where} is neither valueCoding, valueInteger nor valueString")
        return None
    if not scores:
        faults.add(f"{where} has no score: add the extension {SCORES[0]} with a valueDecimal")
        return None
    if len(set(map(str, scores))) > 1:
        faults.add(f"{where} has two scores that differ")
        return None
    return Choice(text, scores[0]) if _is_score(scores[0], where, faults) else None


def _numbers(held: dict[str, Any], urls: tuple[str, ...]) -> list[Any]:
    """The values of the extensions of these addresses."""
    extensions = held.get("extension")
    given = [one for one in extensions if isinstance(one, dict)] if isinstance(extensions, list) else []
    return [one.get("valueDecimal", one.get("valueInteger")) for one in given if one.get("url") in urls]


def _is_score(given: object, where: str, faults: _Faults) -> bool:
    fine = isinstance(given, Decimal) and -LARGEST <= given <= LARGEST and given == round(given, PLACES)
    if not fine:
        faults.add(f"{where}: its score is none", given, f"a number from -{LARGEST} to {LARGEST} with {PLACES} places")
    return fine


def _steps(item: dict[str, Any], where: str, faults: _Faults) -> tuple[Choice, ...]:
    """An integer with a least and a most: a row of touches."""
    low, high = (_numbers(item, (f"{_FHIR}{end}Value",)) for end in ("min", "max"))
    ends = [*low, *high]
    if len(low) != 1 or len(high) != 1:
        faults.add(f"{where} is an integer without its least and its most (extensions minValue and maxValue)")
    elif all(_is_score(one, where, faults) for one in ends):
        if all(one == int(one) for one in ends) and 0 < ends[1] - ends[0] <= HIGHEST_STEPS:
            return tuple(Choice(str(one), Decimal(one)) for one in range(int(ends[0]), int(ends[1]) + 1))
        faults.add(
            f"{where} runs from {ends[0]} to {ends[1]}", None, f"whole numbers, at most {HIGHEST_STEPS} steps apart"
        )
    return ()


def _list(held: dict[str, Any], name: str, where: str, faults: _Faults) -> list[Any]:
    given = held.get(name, [])
    if isinstance(given, list):
        return given
    faults.add(f"{where}: {name} is no list")
    return []
