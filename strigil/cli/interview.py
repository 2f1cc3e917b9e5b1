"""Asks for a study field by field, as its shape has them, and checks each answer before the next question."""

from __future__ import annotations

import re
import sys
import types
import typing
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from strigil.knowledge import Knowledge
from strigil.knowledge.load import reference_fields
from strigil.knowledge.shapes import Arm, Result, Study, StudyOutcome

V = TypeVar("V")

BACK = "<"
NOT_ASKED = {
    "paper_note",
    "depth_note",
    "audited",
    "reviewed_by",
    "reviewed_on",
    "basis",
    "source",
    "worked_out",
    "same_people",
}
"""What a first reading has no need of; it can be written into the file later."""

QUESTIONS = {
    "id": "A short name for it, small letters, digits and underscores",
    "doi": "DOI",
    "pmid": "Number in PubMed",
    "title": "Title, short and our own",
    "paper": "Title of the paper, as printed",
    "what": "What the page is",
    "url": "Address of the page",
    "depth": "How much was read",
    "related": "Conditions that it stands near, with commas",
    "conditions": "Conditions of the shelf, with commas",
    "condition": "The condition in words",
    "who": "Who took part",
    "says": "In our own words",
    "n": "How many people",
    "analysed": "How many were analysed",
    "techniques": "Techniques of the shelf, with commas",
    "technique": "The technique in words",
    "comparator": "What the instrument was compared with",
    "label": "What the arm had",
    "of": "What the outcome is about",
    "on_shelf": "Measure of the shelf",
    "better": "Which way is better",
    "when": "When, such as 4 weeks",
    "kind": "What the numbers are",
    "p": "p, such as 0.03 or <0.001",
    "read_in": "On which page the numbers were read",
    "score": "Score, such as 6/10",
    "by": "Who gave the score",
    "looked_for": "Did they look for harm",
    "count": "How many events",
    "verdict": "Our reading of the comparison",
}
SINGLE = {
    "pages": "page",
    "arms": "arm",
    "outcomes": "outcome",
    "notes": "remark",
    "dose": "dose",
    "risk_of_bias": "judgement of bias",
    "adverse_events": "word on harm",
    "interest": "interest of the authors",
    "effect": "reported difference",
    "population": "population",
}


class Wrong(ValueError):
    """An answer that cannot be taken, with what is allowed."""


class Left(Exception):
    """Nothing more is said."""


class _Back(Exception):
    """The last answer is taken back."""


class Interview:
    """Questions in the order of the shape. Answers kept from before are taken first: it goes on where it was left."""

    def __init__(self, shelf: Knowledge, answers: list[str], keep: Callable[[], None], *, asks: bool) -> None:
        self.shelf = shelf
        self.answers = answers
        self.keep = keep
        self.asks = asks
        self.place = 0
        self.pages: list[str] = []
        self.arms: list[dict[str, Any]] = []

    def study(self) -> Study:
        """The whole study.

        Raises:
            Wrong: for an answer that cannot be taken, where nobody is there to be asked again.
            Left: when the answers end.
        """
        while True:
            self.place, self.pages, self.arms = 0, [], []
            try:
                return Study.model_validate(self._block(Study, ""))
            except _Back:
                self.answers[-1:] = []
                self.keep()

    # --- One answer -----------------------------------------------------------------------------------------------

    def _ask(self, question: str, read: Callable[[str], V]) -> V:
        while True:
            kept = self.place < len(self.answers)
            said = self.answers[self.place] if kept else self._hear(question)
            try:
                value = read(said.strip())
            except Wrong as error:
                self._refuse(error, self.place)
                continue
            if not kept:
                self.answers.append(said)
                self.keep()
            self.place += 1
            return value

    def _hear(self, question: str) -> str:
        print(f"{question}: ", end="" if self.asks else "\n", flush=True)
        said = sys.stdin.readline()
        if not said.endswith("\n"):
            raise Left
        if said.strip() == BACK:
            raise _Back
        return said.rstrip("\n")

    def _refuse(self, error: Wrong, place: int) -> None:
        """Ask again from a place; where nobody is there to be asked, stop."""
        if not self.asks:
            del self.answers[place:]
            self.keep()
            raise error
        print(f"  {error}", file=sys.stderr)
        del self.answers[place:]
        self.place = place

    def _yes(self, question: str) -> bool:
        def read(said: str) -> bool:
            if said not in ("yes", "no"):
                raise Wrong(f"given: {said or 'nothing'}; allowed: yes, no")
            return said == "yes"

        return self._ask(f"{question} (yes, no)", read)

    # --- Blocks of answers ----------------------------------------------------------------------------------------

    def _block(self, shape: type[BaseModel], where: str, **given: Any) -> dict[str, Any]:
        """The fields of a shape, asked until they fit together."""
        while True:
            start, pages, arms = self.place, len(self.pages), len(self.arms)
            held = dict(given)
            for name, field in _asked(shape):
                if name not in held:
                    held[name] = self._field(shape, name, field, where, held)
            held = {name: one for name, one in held.items() if one not in (None, [], "")}
            try:
                shape.model_validate(held)
            except ValidationError as error:
                del self.pages[pages:], self.arms[arms:]
                said = "; ".join(_said(one) for one in error.errors())
                self._refuse(Wrong(f"{where or 'study'}: {said}"), start)
                continue
            return held

    def _field(self, shape: type[BaseModel], name: str, field: FieldInfo, where: str, held: dict[str, Any]) -> Any:
        inner = _shape_in(field.annotation)
        label = f"{where}, {SINGLE.get(name, name)}" if where else SINGLE.get(name, name)
        if name == "results":
            return self._results(where)
        if inner and _is_tuple(field.annotation):
            return self._several(inner, name, label, needed=_needed(field))
        if inner:
            wanted = field.is_required() or self._yes(f"{_upper(label)}: was anything read")
            return self._block(inner, label) if wanted else None
        if name == "read_in":
            return self._page(where) if re.search(r"\d", str(_numbered(held))) else None
        return self._scalar(shape, name, field, where)

    def _several(self, shape: type[BaseModel], name: str, label: str, *, needed: bool) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while (needed and not found) or self._yes(f"{_upper(label)}: {'another' if found else 'is there'} one"):
            held = self._block(shape, f"{label} {len(found) + 1}")
            found.append(held)
            if name == "pages":
                self.pages.append(held["id"])
            if shape is Arm:
                self.arms.append(held)
        return found

    def _results(self, where: str) -> list[dict[str, Any]]:
        return [
            self._block(Result, f"{where}, {one['label']}", arm=one["id"])
            for one in self.arms
            if self._yes(f"{_upper(where)}: does it compare {one['label']}")
        ]

    def _page(self, where: str) -> str:
        def read(said: str) -> str:
            if said not in self.pages:
                raise Wrong(
                    f"a number without where it was read; given: {said or 'nothing'}; allowed: {', '.join(self.pages)}"
                )
            return said

        return self._ask(f"{_upper(where)}: {QUESTIONS['read_in']} ({', '.join(self.pages)})", read)

    def _scalar(self, shape: type[BaseModel], name: str, field: FieldInfo, where: str) -> Any:
        known = dict(reference_fields(shape)).get(name)
        words = _words_in(field.annotation)
        fits: TypeAdapter[Any] = TypeAdapter(field.rebuild_annotation())

        def read(said: str) -> Any:
            if not said:
                if field.is_required():
                    raise Wrong(f"{name} is needed; given: nothing")
                return None
            value: Any = [one.strip() for one in said.split(",")] if _is_tuple(field.annotation) else said
            self._known(known, value)
            if shape is Study and name == "id" and said in self.shelf.shelf(Study):
                raise Wrong(f"id is taken; given: {said}; allowed: an id that is not on the shelf")
            try:
                fits.validate_python(value)
            except ValidationError as error:
                allowed = f"; allowed: {', '.join(words)}" if words else ""
                reason = error.errors()[0]["msg"].removeprefix("Value error, ")
                raise Wrong(f"{name}: {reason}; given: {said}{allowed}") from None
            return value

        asked = QUESTIONS.get(name, name.replace("_", " ").capitalize())
        choices = f" ({', '.join(words)})" if words else ""
        empty = "" if field.is_required() else ", or nothing"
        return self._ask(f"{_upper(where)}: {asked}{choices}{empty}".removeprefix(": "), read)

    def _known(self, kind: str | None, value: Any) -> None:
        if kind is None:
            return
        for one in value if isinstance(value, list) else [value]:
            if one not in self.shelf.shelves[kind]:
                raise Wrong(f"not on the shelf; given: {one}; allowed: {', '.join(self.shelf.shelves[kind])}")


# --- What a shape asks for ----------------------------------------------------------------------------------------


def _asked(shape: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    """Fields in the order of the shape, where it was read last: it is asked for only where there is a number."""
    fields = [(name, field) for name, field in shape.model_fields.items() if name not in NOT_ASKED]
    if shape.__name__ == "ReportedEffect":
        fields = [one for one in fields if one[0] != "read_in"]
    last = {"read_in"} if shape is not StudyOutcome else {"read_in", "effect", "notes"}
    yield from (one for one in fields if one[0] not in last)
    yield from (one for one in fields if one[0] in last)


def _numbered(held: dict[str, Any]) -> list[Any]:
    """What of a block counts as a number of its own: not its ids, nor what blocks inside it say for themselves."""
    return [one for name, one in held.items() if name not in ("id", "arm", "of") and not _says_itself(one)]


def _says_itself(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict) and "says" in value[0]


def _parts(annotation: Any) -> Iterator[Any]:
    yield annotation
    for inner in typing.get_args(annotation):
        yield from _parts(inner)


def _shape_in(annotation: Any) -> type[BaseModel] | None:
    return next((one for one in _parts(annotation) if isinstance(one, type) and issubclass(one, BaseModel)), None)


def _words_in(annotation: Any) -> list[str]:
    return [
        str(word)
        for one in _parts(annotation)
        if typing.get_origin(one) is typing.Literal
        for word in typing.get_args(one)
    ]


def _is_tuple(annotation: Any) -> bool:
    plain = typing.get_args(annotation) if isinstance(annotation, types.UnionType) else (annotation,)
    return any(typing.get_origin(one) is tuple for one in plain)


def _needed(field: FieldInfo) -> bool:
    return any(getattr(one, "min_length", 0) for one in field.metadata)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _said(problem: Any) -> str:
    place = ".".join(str(one) for one in problem["loc"])
    message = problem["msg"].removeprefix("Value error, ")
    return f"{place}: {message}" if place else message
