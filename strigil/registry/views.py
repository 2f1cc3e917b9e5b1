"""The shelf for readers, and what the clinic's own courses add up to."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from pydantic import BaseModel

from strigil.accounts.gate import user_of
from strigil.knowledge import Knowledge, load
from strigil.knowledge.load import reference_fields, references
from strigil.knowledge.shapes import Citation, Claim, Evidence, Item, OverallEvidence, Range
from strigil.pathway.learn.disclosure import HIDDEN, SMALLEST
from strigil.pathway.learn.summary import HEADS, row, summarise
from strigil.registry.courses import closed_courses, open_courses

SHELVES: dict[str, tuple[str, str]] = {
    "indications": ("Conditions", "What IASTM is used for, and how little of it has been tested."),
    "techniques": ("Techniques", "Each named system: phases, dose, training, and what was not found."),
    "instruments": ("Instruments", "Tools by maker or family, with edges and strokes."),
    "measures": ("Measures", "Pain, function and motion, with published amounts of change."),
    "measure_sets": ("Which measures come first", "What is offered first for each region; chosen by this project."),
    "phone_validity": ("The phone as inclinometer", "Where a phone reads motion well enough, and where not."),
    "contraindications": ("Contraindications and precautions", "What keeps from treating, and who says so."),
    "red_flags": ("Red flags", "Signs that send a patient elsewhere first."),
    "medicine_classes": ("Medicines", "What a medicine may say of its taker, and under which names it is sold."),
    "medicine_names": ("Names of medicines", "Combinations, names that mislead, and what people say instead."),
    "no_go_zones": ("No-go zones", "Places that are never, or only lightly, treated."),
    "gates": ("Gates", "What the next visit, the dose and the course are held against."),
    "reactions": ("Reactions", "What is expected after a session, what is not, and how long it lasts."),
    "body_regions": ("Body regions", "Where it is used."),
    "soft_tissues": ("Tissues", "What it is used on."),
    "strokes": ("Strokes", "How the instrument moves."),
    "stroke_parameters": ("Stroke parameters", "Angle, rate, pressure and force."),
    "dosage": ("Dosage", "Time, visits and reviews as published."),
    "adjuncts": ("Care given beside it", "Stretching, strengthening and the rest."),
    "programmes": ("Home programmes", "Exercises for each condition, by stage, and how far they are tested."),
    "exercises": ("Exercises", "How each is done, its dose, and when to stop."),
    "exercise_rules": ("Rules for exercise", "Pain, moving on, stopping, and what waits after an operation."),
    "healing_phases": ("Healing phases", "How tissue heals, and what that implies."),
    "patient_education": ("What patients are told", "In plain words, with sources."),
    "leaflets": ("For patients", "What every patient may read, and the statements that each line rests on."),
    "practice_standards": ("Practice", "Training, cleaning, position, scope."),
    "instrument_facts": ("About instruments", "Materials, edges and what is not known."),
    "detection_assessment": ("Detecting and assessing", "What a tool can and cannot tell."),
    "payer_rules": ("How payers count minutes", "Timed minutes as units; a setting of the clinic, off by default."),
    "overall_evidence": ("The evidence as a whole", "Where reviews disagree."),
    "studies": ("Studies", "Each trial: who, what, how much, what was read of it, and what it cannot show."),
    "reviews": ("Reviews", "What reviews of trials found, how sure they are, and where they disagree."),
    "claims": ("Common claims", "What is often said, where it comes from, and what that really says."),
    "force_studies": ("Force on the bench", "How hard and how steadily people press, and devices that measure it."),
    "safety_sources": ("On safety", "What was read on harm and on who should not be treated."),
}

APART = (
    "id",
    "title",
    "examples",
    "sources",
    "agreement",
    "conflict",
    "note",
    "audited",
    "audit_note",
    "reviewed_by",
    "reviewed_on",
)

LABELS = {
    "short": "Called here",
    "unit_name": "Unit",
    "low": "From",
    "high": "To",
    "step": "In steps of",
    "better": "Better is",
    "rates_change": "Rates change itself",
    "sided": "Left and right apart",
    "ask": "Question",
    "low_label": "The lowest means",
    "high_label": "The highest means",
    "how": "How to take it",
    "ci": "Confidence, %",
    "use": "Used here",
    "use_note": "Why used here",
    "valid_days": "An answer counts for, days",
    "look": "Look for",
    "do": "What to do",
    "do_basis": "What to do is",
    "reason_basis": "The reason is",
    "statement": "What is said",
    "hold_s": "Hold, seconds",
    "do_not": "Do not",
    "stop_if": "Stop if",
    "examples": "Case, answer and outcome",
}
"""Where the name of a field is not what a reader would call it."""

WORDS = {"mdc": "smallest detectable change", "mcid": "smallest important change", "{score}": "points"}
"""Short forms of the files, as a reader knows them."""

FOR_MACHINES = {"id", "part"}
"""Fields of a part of an item that only point from file to file."""


def knowledge(request: HttpRequest) -> HttpResponse:
    """The whole shelf at a glance."""
    counts = load().counts()
    shelves = [(folder, title, about, counts[folder]) for folder, (title, about) in SHELVES.items()]
    return render(request, "registry/knowledge.html", {"shelves": shelves, "shelf": load(), "counts": counts})


def shelf(request: HttpRequest, folder: str) -> HttpResponse:
    """All items of one kind."""
    if folder not in SHELVES:
        raise Http404
    title, about = SHELVES[folder]
    items = sorted(load().shelves[folder].values(), key=lambda item: item.title)
    return render(request, "registry/shelf.html", {"folder": folder, "title": title, "about": about, "items": items})


def item(request: HttpRequest, folder: str, key: str) -> HttpResponse:
    """One item: what is held, where it comes from, how far sources agree."""
    found = load().shelves.get(folder, {}).get(key)
    if folder not in SHELVES or not isinstance(found, Item | Evidence | Claim):
        raise Http404
    context = {
        "folder": folder,
        "kind": SHELVES[folder][0],
        "item": found,
        "rows": [row for row in (_row(found, name) for name in type(found).model_fields if name not in APART) if row],
        "examples": [_row(found, "examples")] if getattr(found, "examples", ()) else (),
        "mentioned": mentioned(folder, key),
        "evidence": load().shelf(OverallEvidence).values() if folder == "indications" else (),
    }
    return render(request, "registry/item.html", context)


def sources(request: HttpRequest) -> HttpResponse:
    """Every page that was read."""
    found = sorted(load().sources.values(), key=lambda one: (one.kind, one.title))
    return render(request, "registry/sources.html", {"sources": found})


def source(request: HttpRequest, key: str) -> HttpResponse:
    """One source, and everything that cites it."""
    found = load().sources.get(key)
    if found is None:
        raise Http404
    return render(request, "registry/source.html", {"source": found, "cited": mentioned("sources", key)})


def learn(request: HttpRequest) -> HttpResponse:
    """What the clinic's own courses add up to: counts, never an effect."""
    clinic = user_of(request).clinic
    context = {
        "heads": HEADS,
        "rows": [row(one) for one in summarise(closed_courses(clinic))],
        "open": open_courses(clinic),
        "smallest": SMALLEST,
        "hidden": HIDDEN,
        "evidence": load().shelf(OverallEvidence).values(),
    }
    return render(request, "registry/learn.html", context)


# --- An item's fields as rows -----------------------------------------------------------------------------------


def _row(found: BaseModel, name: str) -> dict[str, Any] | None:
    value = getattr(found, name)
    if value in (None, (), "") or (name == "unit" and hasattr(found, "unit_name")):
        return None
    field = type(found).model_fields[name]
    kind = _reference_kind(type(found), name)
    label = LABELS.get(name) or name.rstrip("_").replace("_", " ").capitalize()
    authored = name in getattr(type(found), "authored", ())
    return {"label": label, **_value(value, kind), "help": field.description or "", "authored": authored}


def _value(value: Any, kind: str | None) -> dict[str, Any]:
    """How a value is drawn: text, a list, links to other items, or nested rows."""
    if isinstance(value, Range):
        return {"text": _span(value)}
    if isinstance(value, BaseModel):
        return {"nested": [_nested(value)]}
    if isinstance(value, tuple):
        if value and isinstance(value[0], BaseModel):
            return {"nested": [_nested(one) for one in value]}
        if kind == "sources":
            return {"links": [(kind, one, load().sources[one].title) for one in value]}
        if kind and kind in SHELVES:
            return {"links": [(kind, one, load().shelves[kind][one].title) for one in value]}
        return {"list": [str(one).replace("_", " ") for one in value]}
    if isinstance(value, dict):
        return {"list": [f"{key}: {_said(each)}" for key, each in value.items()]}
    if isinstance(value, Decimal):
        return {"text": f"{value:f}"}
    word = WORDS.get(str(value), str(value))
    return {"text": word.replace("_", " ") if kind is None and " " not in word else word}


def _said(value: Any) -> str:
    """What a table gives for one of its keys."""
    if isinstance(value, BaseModel):
        return "; ".join(f"{name.replace('_', ' ')} {each}" for name, each in value if each not in (None, (), ""))
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _nested(value: BaseModel) -> dict[str, Any]:
    """A part of an item with its own sources: citations stand below it, bare sources are a row of links."""
    cited = any(isinstance(one, Citation) for one in getattr(value, "sources", ()))
    apart = FOR_MACHINES | {"sources"} if cited else FOR_MACHINES
    names = [name for name in type(value).model_fields if name not in apart]
    return {"rows": [row for row in (_row(value, name) for name in names) if row], "item": value if cited else None}


def _span(value: Range) -> str:
    span = f"{value.low:f}" if value.low == value.high else f"{value.low:f} to {value.high:f}"
    return f"{span}. {value.text}" if value.text else span


def _reference_kind(shape: type[BaseModel], name: str) -> str | None:
    return dict(reference_fields(shape)).get(name)


def mentioned(folder: str, key: str) -> list[tuple[str, str, Item]]:
    """Items of the shelves that point at this one."""
    return [(other, SHELVES[other][0], one) for other, one in _pointers(load()).get((folder, key), ())]


@cache
def _pointers(shelf: Knowledge) -> dict[tuple[str, str], list[tuple[str, Item]]]:
    """For each thing that is pointed at, the items that do; made once, so that a page need not read the whole shelf."""
    found: dict[tuple[str, str], list[tuple[str, Item]]] = {}
    for folder in (one for one in shelf.shelves if one in SHELVES):
        for item in shelf.shelves[folder].values():
            for target in dict.fromkeys((kind, name) for kind, name, _ in references(item)):
                found.setdefault(target, []).append((folder, item))
    return found
