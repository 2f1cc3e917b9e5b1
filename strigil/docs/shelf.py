"""What the shelf holds, and its screening rules."""

from __future__ import annotations

import types
import typing
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel

from strigil.docs.markdown import count, table
from strigil.knowledge import load, shapes
from strigil.knowledge.load import Knowledge, reference_fields


def knowledge_page() -> str:
    """Counts, kinds and fields of the shelf."""
    shelf = load()
    counts = [(f"[`{kind.folder}`](#{kind.folder})", shelf.counts()[kind.folder], _said(kind)) for kind in shapes.KINDS]
    inner = [one for one in _inner_shapes() if one not in shapes.KINDS]
    return "\n\n".join(
        [
            "# The knowledge shelf",
            f"Version {shelf.version}. One file an item, in `strigil/knowledge/<kind>/<id>.yaml`. Every value is read "
            "as text and the shape gives it its type. Unknown and repeated keys are refused. "
            "How to add one: [Add a knowledge file](../how-to/add-a-knowledge-file.md).",
            table(("Kind", "Items", "What it is"), counts),
            *(_shape_section(kind.folder, kind) for kind in shapes.KINDS),
            "## Shapes inside items",
            *(_shape_section(one.__name__, one, "###") for one in inner),
        ]
    )


def rules_page() -> str:
    """Every screening rule as the shelf has it."""
    shelf = load()
    by_outcome: dict[str, list[str]] = {}
    for name, rule in shelf.rules.items():
        for consequence in rule.consequences:
            by_outcome.setdefault(consequence.outcome, []).append(f"[`{name}`](#{name})")
    order = typing.get_args(shapes.Outcome)
    return "\n\n".join(
        [
            "# Screening rules",
            f"{len(shelf.asked)} questions, and {count(len(shelf.rules) - len(shelf.asked), 'rule')} that the case "
            f"itself answers, knowledge version {shelf.version}. Every outcome below is proposed by this "
            "project unless its basis says published; no clinician has signed the rules. Agreement says how far the "
            "sources agree that the finding matters, not how strong the evidence is. How a case is decided: "
            "[How screening decides](../explanation/how-screening-decides.md).",
            table(
                ("Outcome", "Questions"),
                [(word, ", ".join(dict.fromkeys(by_outcome[word]))) for word in order if word in by_outcome],
            ),
            *(_rule_section(name, rule, shelf) for name, rule in shelf.rules.items()),
        ]
    )


def _said(shape: type[BaseModel]) -> str:
    """The first sentence of a shape's own docstring; a class without one inherits none."""
    said = (shape.__dict__.get("__doc__") or "").strip()
    return said.split("\n")[0].replace("``", "`")


def _shape_section(title: str, shape: type[BaseModel], level: str = "##") -> str:
    refers = dict(reference_fields(shape))
    rows = [
        (
            f"`{field.alias or name}`",
            _holds(field.annotation, refers.get(name), field.metadata),
            "yes" if field.is_required() else "no" if field.default in (None, (), "", {}) else f"no: `{field.default}`",
        )
        for name, field in shape.model_fields.items()
    ]
    said = _said(shape)
    return "\n\n".join([f"{level} {title}", *([said] if said else []), table(("Field", "Holds", "Needed"), rows)])


def _holds(annotation: Any, refers: str | None, metadata: Sequence[Any] = ()) -> str:
    """What a field may hold, in words."""
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _holds(inner[0], refers, inner[1:])
    if origin in (typing.Union, types.UnionType):
        return _holds(next(one for one in inner if one is not type(None)), refers, metadata)
    if origin is tuple:
        return f"list of {_holds(inner[0], refers)}"
    if origin is Literal:
        return ", ".join(f"`{word}`" for word in inner)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    if refers:
        return f"id in `{refers}`"
    patterns = [text for one in metadata if (text := getattr(one, "pattern", None) or _pattern_in(one))]
    if patterns:
        return "date" if patterns[0].startswith(r"^\d{4}") else "id"
    return {str: "text", int: "whole number", Decimal: "number"}.get(annotation, "text")


def _pattern_in(one: Any) -> str:
    return next((str(part.pattern) for part in getattr(one, "metadata", ()) if getattr(part, "pattern", None)), "")


def _inner_shapes() -> list[type[BaseModel]]:
    """The shapes that items are made of, each once, in the order they are met."""
    found: dict[type[BaseModel], None] = {}

    def walk(annotation: Any) -> None:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            if annotation in found:
                return
            found[annotation] = None
            for field in annotation.model_fields.values():
                walk(field.annotation)
        for inner in typing.get_args(annotation):
            walk(inner)

    for kind in shapes.KINDS:
        walk(kind)
    return list(found)


def _rule_section(name: str, rule: shapes.ScreeningRule, shelf: Knowledge) -> str:
    rows = [
        (one.outcome, one.place, _condition(one.when) if one.when else "answered yes", one.cleared_to or "no change")
        for one in rule.consequences
    ]
    asked = f" Not asked of sex: {', '.join(rule.not_asked_of_sex)}." if rule.not_asked_of_sex else ""
    about = " ".join(
        [
            "The case itself answers it; no answer is asked for."
            if rule.is_derived
            else f"Answer counts for {count(rule.valid_days, 'day')}. Scope: {rule.scope}.{asked}",
            f"Agreement: {rule.agreement.replace('_', ' ')}, {count(len(rule.sources), 'citation')}. "
            f"Basis: {rule.basis}.",
            f"[File](../../strigil/knowledge/{rule.folder}/{rule.id}.yaml)",
        ]
    )
    return "\n\n".join(
        [
            f"### {name}",
            f"**{rule.title}**",
            f"> {' '.join(rule.question.split())}",
            table(("Outcome", "Place", "When", "Once a physician agrees"), rows),
            about,
            *([f"Sources differ: {' '.join(rule.conflict.split())}"] if rule.conflict else []),
        ]
    )


def _condition(one: shapes.Condition) -> str:
    """A rule's condition in words."""
    if one.all:
        return " and ".join(f"({_condition(part)})" for part in one.all)
    if one.any:
        return " or ".join(f"({_condition(part)})" for part in one.any)
    if one.site_within:
        return f"the site lies in {', '.join(one.site_within)}"
    if one.technique:
        return f"the technique is {' or '.join(one.technique)}"
    if one.age_under:
        return f"the patient is under {one.age_under} years"
    words = f"`{one.finding}` is yes"
    if one.since_under_days:
        words += f", begun under {one.since_under_days} days ago or on a day not known"
    if one.within:
        words += f", at {', '.join(one.within)}"
    return words
