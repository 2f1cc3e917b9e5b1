"""A case and a decision as JSON: what ``strigil screen`` reads and prints, and what the record stores.

The parser is strict: unknown keys, words and dates are refused with where, what was given and what is allowed.
"""

from __future__ import annotations

import json
import re
import reprlib
from collections.abc import Callable, Collection
from datetime import date
from functools import lru_cache
from typing import Any, Literal, NoReturn, TypeVar, cast

from strigil.knowledge.load import Knowledge
from strigil.knowledge.shapes import BodyRegion, Indication, Technique
from strigil.pathway.facts import Answer, AnswerValue, Case, Clearance, Decision, Reason, Side, Site

T = TypeVar("T")
SEXES = ("female", "male", "other", "unknown")
OLDEST = date(1880, 1, 1)
MOST_SITES, MOST_ANSWERS = 100, 100_000
_ANSWERS = {one.value: one for one in AnswerValue}
_SIDES = {one.value: one for one in Side}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch
_day = lru_cache(maxsize=4096)(date.fromisoformat)


class CaseError(ValueError):
    """A case that cannot be read: what is wrong, where, what was given, what is allowed. One line."""

    def __init__(self, what: str, where: str, given: object, allowed: str) -> None:
        self.what, self.where, self.given, self.allowed = what, where, given, allowed
        super().__init__(f"{what}; where: {where}; given: {_short(given)}; allowed: {allowed}")


def case_from_json(value: object, knowledge: Knowledge) -> Case:
    """Read one case.

    Raises:
        CaseError: on the first thing that is wrong.
    """
    reader = _Reader(knowledge)
    root = reader.mapping(
        value,
        "case",
        needed=("on", "patient", "sites", "findings"),
        optional=("id", "indication", "technique", "clearances"),
    )
    reader.own_id(root.get("id"))
    on = reader.day(root["on"], "on")
    patient = reader.mapping(root["patient"], "patient", needed=("born", "sex"))
    born = None if patient["born"] is None else reader.day(patient["born"], "patient.born", latest=on)
    return Case(
        on=on,
        born=born,
        sex=cast(Literal["female", "male", "other", "unknown"], reader.word(patient["sex"], "patient.sex", SEXES)),
        sites=reader.sequence(root["sites"], "sites", reader.treated_site, MOST_SITES),
        answers=reader.sequence(root["findings"], "findings", lambda one, at: reader.answer(one, at, on)),
        technique=reader.optional_id(root.get("technique"), "technique", knowledge.shelf(Technique)),
        indication=reader.optional_id(root.get("indication"), "indication", knowledge.shelf(Indication)),
        clearances=reader.sequence(root.get("clearances", []), "clearances", reader.clearance),
    )


class _Reader:
    def __init__(self, knowledge: Knowledge) -> None:
        self.rules = knowledge.rules
        self.asked = knowledge.asked
        self.regions = knowledge.shelf(BodyRegion)

    def treated_site(self, value: object, where: str) -> Site:
        site = self.mapping(value, where, needed=("region", "side"))
        return self.site(site, where)

    def site(self, site: dict[str, Any], where: str) -> Site:
        region = self.known(site["region"], f"{where}.region", self.regions)
        return Site(region, _SIDES[self.word(site["side"], f"{where}.side", _SIDES)])

    def answer(self, value: object, where: str, on: date) -> Answer:
        given = self.mapping(value, where, needed=("id", "answer", "asked_on"), optional=("site", "since"))
        asked_on = self.day(given["asked_on"], f"{where}.asked_on", latest=on)
        place = given.get("site")
        since = given.get("since")
        return Answer(
            finding=self.known(given["id"], f"{where}.id", self.asked),
            answer=_ANSWERS[self.word(given["answer"], f"{where}.answer", _ANSWERS)],
            asked_on=asked_on,
            site=None if place is None else self.treated_site(place, f"{where}.site"),
            since=None if since is None else self.day(since, f"{where}.since", latest=on),
        )

    def clearance(self, value: object, where: str) -> Clearance:
        given = self.mapping(value, where, needed=("id", "agreed_on", "until"))
        agreed_on = self.day(given["agreed_on"], f"{where}.agreed_on")
        until = self.day(given["until"], f"{where}.until")
        if until < agreed_on:
            raise CaseError("ends before it begins", f"{where}.until", given["until"], f"{agreed_on} or later")
        return Clearance(self.known(given["id"], f"{where}.id", self.rules), agreed_on, until)

    def own_id(self, value: object) -> None:
        if value is not None and (not isinstance(value, (str, int)) or isinstance(value, bool)):
            raise CaseError("not an id", "id", value, "text or a whole number")

    # --- kinds of value ---

    def mapping(
        self, value: object, where: str, *, needed: Collection[str], optional: Collection[str] = ()
    ) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise CaseError("an object is expected", where, value, f"an object with {', '.join([*needed, *optional])}")
        for key in value:
            if key not in needed and key not in optional:
                raise CaseError("unknown key", where, key, ", ".join([*needed, *optional]))
        for key in needed:
            if key not in value:
                raise CaseError(f"{key} is missing", where, _Words("nothing"), ", ".join([*needed, *optional]))
        return value

    def sequence(
        self, value: object, where: str, read: Callable[[object, str], T], most: int = MOST_ANSWERS
    ) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise CaseError("a list is expected", where, value, "a list")
        if len(value) > most:
            raise CaseError("too long", where, _Words(f"{len(value)} entries"), f"at most {most}")
        return tuple(read(one, f"{where}[{place}]") for place, one in enumerate(value))

    def word(self, value: object, where: str, allowed: Collection[str]) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise CaseError("not one of the words", where, value, ", ".join(allowed))
        return value

    def known(self, value: object, where: str, shelf: Collection[str]) -> str:
        if not isinstance(value, str) or value not in shelf:
            self.refuse_id(value, where, shelf)
        return value

    def optional_id(self, value: object, where: str, shelf: Collection[str]) -> str | None:
        return None if value is None else self.known(value, where, shelf)

    def refuse_id(self, value: object, where: str, shelf: Collection[str]) -> NoReturn:
        from difflib import get_close_matches

        near = get_close_matches(value[:80], sorted(shelf), n=3, cutoff=0.5) if isinstance(value, str) else []
        hint = f"an id on the shelf, such as {', '.join(near)}" if near else f"one of {len(shelf)} ids on the shelf"
        raise CaseError("unknown id", where, value, hint)

    def day(self, value: object, where: str, latest: date | None = None) -> date:
        allowed = "a date as YYYY-MM-DD"
        if not isinstance(value, str) or not _DATE(value):
            raise CaseError("not a date", where, value, allowed)
        try:
            day = _day(value)
        except ValueError:
            raise CaseError("no such day", where, value, allowed) from None
        if day < OLDEST:
            raise CaseError("too long ago", where, value, f"{OLDEST} or later")
        if latest is not None and day > latest:
            raise CaseError("lies after the day of the screen", where, value, f"{latest} or earlier")
        return day


def _short(value: object) -> str:
    if isinstance(value, _Words):
        return value
    text = value if isinstance(value, str) else f"{type(value).__name__} {reprlib.repr(value)}"
    text = "".join(mark if mark.isprintable() else "?" for mark in text[:80])
    return repr(text) if isinstance(value, str) else text


def loads(raw: bytes, name: str) -> object:
    """One JSON value, with repeated keys, NaN, deep nesting and other encodings than UTF-8 refused.

    Raises:
        CaseError: says where (in the thing called ``name``), what was given and what is allowed.
    """
    try:
        return json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_no_repeats, parse_constant=_no_constants)
    except UnicodeDecodeError as error:
        raise CaseError("not UTF-8", f"{name}, byte {error.start}", _Words("other bytes"), "UTF-8") from None
    except json.JSONDecodeError as error:
        where = f"{name}, line {error.lineno}, column {error.colno}"
        raise CaseError("not JSON", where, _Words(error.msg), "one JSON object") from None
    except RecursionError:
        raise CaseError("nested too deeply", name, _Words("too many levels"), "a few") from None
    except ValueError as error:
        raise CaseError("not usable JSON", name, _Words(error), "one JSON object") from None


class _Words(str):
    """Words of our own about what was given, shown without quotes."""

    __slots__ = ()


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    seen = dict(pairs)
    if len(seen) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"key {twice[:80]!r} is repeated")
    return seen


def _no_constants(name: str) -> object:
    raise ValueError(f"{name} is not a number that JSON has")


# --- A decision as JSON -----------------------------------------------------------------------------------------


def decision_to_json(decision: Decision, knowledge: Knowledge) -> dict[str, Any]:
    """The whole decision, with the sources of every reason."""
    return {
        "outcome": str(decision.outcome),
        "complete": decision.complete,
        "sites": [
            {
                "region": one.site.region,
                "side": one.site.side,
                "outcome": str(one.outcome),
                "complete": one.complete,
            }
            for one in decision.sites
        ],
        "reasons": [_reason(one, knowledge) for one in decision.reasons],
        "unasked": [
            {
                "finding": one.finding,
                "question": one.question,
                "could_be": str(one.could_be),
                "missing": str(one.missing),
                "last_asked": one.last_asked.isoformat() if one.last_asked else None,
            }
            for one in decision.unasked
        ],
        "knowledge": {"version": decision.knowledge_version, "sha256": decision.knowledge_sha256},
        **({"error": decision.error} if decision.error else {}),
    }


def _reason(reason: Reason, knowledge: Knowledge) -> dict[str, Any]:
    rule = knowledge.rules[reason.rule]
    return {
        "rule": reason.rule,
        "title": rule.title,
        "outcome": str(reason.outcome),
        "site": {"region": reason.site.region, "side": reason.site.side} if reason.site else None,
        "findings": list(reason.findings),
        "why": reason.why,
        "cleared": reason.cleared,
        "basis": rule.basis,
        "agreement": rule.agreement,
        "conflict": rule.conflict,
        "sources": [one.copy() for one in _sources(reason.rule, knowledge)],
    }


@lru_cache(maxsize=256)
def _sources(rule: str, knowledge: Knowledge) -> list[dict[str, Any]]:
    return [
        {
            "source": citation.source,
            "title": knowledge.source_of(citation).title,
            "kind": knowledge.source_of(citation).kind,
            "url": knowledge.source_of(citation).url,
            "says": citation.says,
            "class": citation.class_,
            "applies_to": citation.applies_to,
            "audited": citation.audited,
        }
        for citation in knowledge.rules[rule].sources
    ]
