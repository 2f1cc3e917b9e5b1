"""The pages of evidence: each condition's trials and reviews, each study, review and claim. No patient data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from strigil.clinic.evidence_tags import picture
from strigil.knowledge import Knowledge, load
from strigil.knowledge.shapes import Claim, Evidence, ForceStudy, Indication, Study, StudyDose
from strigil.pathway.learn.evidence import Group, Picture
from strigil.registry.trials import WHO, Figure, Reason, figures, reasons
from strigil.registry.views import SHELVES, mentioned

FOLDERS = ("studies", "claims", "reviews", "force_studies", "safety_sources")
"""The shelves whose items have a page here."""

_DOSE = (
    ("sessions", "Sessions"),
    ("minutes_per_session", "Minutes a session"),
    ("weeks", "Weeks"),
    ("per_week", "Sessions a week"),
    ("force_or_pressure", "Force or pressure"),
    ("instrument", "Instrument"),
)

_OWN = {
    "patients": "",
    "healthy": "They say nothing of patients.",
    "cadavers": "They say nothing of living people.",
    "animals": "They say nothing of people.",
}
_NEAR = "They stand near this condition and are no trials of it: nothing here is pooled."


@dataclass(frozen=True, slots=True)
class Shown:
    """A group as the page has it."""

    id: str
    title: str
    group: Group
    figures: tuple[Figure, ...]
    several: list[Reason]
    alone: list[str]

    @property
    def pooled(self) -> bool:
        return any(one.pooled for one in self.group.poolings)


@dataclass(frozen=True, slots=True)
class Section:
    """Groups of one kind of people; ``near``: of this condition they are not."""

    id: str
    title: str
    about: str
    near: bool
    groups: tuple[Shown, ...]


def evidence(request: HttpRequest) -> HttpResponse:
    """Every condition with what was tried on it, and what is often said."""
    shelf = load()
    context = _frame("all conditions") | {
        "tried": [one for one in _index(shelf) if one["trials"]],
        "untried": [one for one in _index(shelf) if not one["trials"]],
        "claims": shelf.shelf(Claim).values(),
        "shelves": [
            (folder, *SHELVES[folder], list(shelf.shelves[folder].values()))
            for folder in ("reviews", "force_studies", "safety_sources")
        ],
        "apart": _apart(shelf),
    }
    return render(request, "evidence/index.html", context)


def condition(request: HttpRequest, key: str) -> HttpResponse:
    """One condition: the plain line, trials by what they may be held against, reviews, harms, claims."""
    shelf = load()
    found = shelf.shelf(Indication).get(key)
    if found is None:
        raise Http404
    shown = picture(key, shelf)
    context = _frame(found.title) | {
        "condition": found,
        "picture": shown,
        "sections": _sections(key, shelf),
        "claims": [one for one in shelf.shelf(Claim).values() if key in one.conditions],
        **_read_again(shown),
    }
    return render(request, "evidence/condition.html", context)


def item(request: HttpRequest, folder: str, key: str) -> HttpResponse:
    """One study, review, force study, safety source or claim."""
    found = load().shelves[folder].get(key) if folder in FOLDERS else None
    if found is None:
        raise Http404
    context = _frame(found.title) | {
        "folder": folder,
        "item": found,
        "mentioned": mentioned(folder, key),
        "evidence_folders": FOLDERS,
        **_of_kind(found),
    }
    return render(request, f"evidence/{folder}.html", context)


def _frame(heading: str) -> dict[str, Any]:
    return {"heading": heading, "sha": load().sha256[:12]}


def _of_kind(found: Evidence | Claim) -> dict[str, Any]:
    if isinstance(found, Study):
        return {"arms": {one.id: one.label for one in found.arms}, "dose": _dose(found.dose)}
    if isinstance(found, ForceStudy):
        return {"facts": _facts(found), "same": load().shelf(Study).get(found.study or "")}
    if isinstance(found, Claim):
        return {
            "heard": load().sources.get(found.heard_in or ""),
            "primary": _voice(found.primary),
            "others": [_voice(one) for one in found.others],
        }
    return {}


def _dose(dose: StudyDose | None) -> list[tuple[str, str | None, bool]]:
    """Each part of the dose, and whether this project worked it out."""
    return [(label, getattr(dose, name), name in dose.worked_out) for name, label in _DOSE] if dose else []


def _facts(found: ForceStudy) -> list[tuple[str, str]]:
    rows = [
        ("Who took part", found.participants and found.participants.says),
        ("Surface", found.surface),
        ("Grip", found.grip),
        ("Instruments", found.instruments and found.instruments.says),
        ("Strokes", found.strokes and found.strokes.says),
        ("Sensor", found.sensor and found.sensor.says),
        ("Recorded", "; ".join(found.recorded)),
    ]
    return [(label, said) for label, said in rows if said]


def _voice(voice: Any) -> dict[str, Any]:
    folder, key = ("studies", voice.study) if voice.study else ("reviews", voice.review)
    return {"folder": folder, "item": load().shelves[folder][key], "says": voice.says}


# --- Conditions ---------------------------------------------------------------------------------------------------


@cache
def _sections(key: str, shelf: Knowledge) -> tuple[Section, ...]:
    """Groups by kind of people, those of the condition first; drawn once for each version of the knowledge."""
    shown = picture(key, shelf)
    found = []
    for near, groups in ((False, shown.groups), (True, shown.near)):
        for who, title in WHO.items():
            if members := [one for one in groups if one.who == who]:
                id = f"near-{who}" if near else who
                about = f"{_OWN[who]} {_NEAR}".strip() if near else _OWN[who]
                title = f"{title} with something near it" if near and who == "patients" else title
                found.append(Section(id, title, about, near, tuple(_shown(one, id) for one in members)))
    return tuple(found)


def _shown(group: Group, id: str) -> Shown:
    id = f"{id}-{(group.comparator or 'none').replace('_', '-')}"
    title = group.against[0].upper() + group.against[1:]
    return Shown(id, title, group, tuple(figures(group, f"f-{id}")), *reasons(group))


def _read_again(shown: Picture) -> dict[str, Any]:
    studies = {one.id: one for group in (*shown.groups, *shown.near) for one in group.studies}
    days = [one.audited.on for one in studies.values() if one.audited]
    return {"studies": len(studies), "read_again": len(days), "read_on": max(days, default=None)}


@cache
def _index(shelf: Knowledge) -> list[dict[str, Any]]:
    """Trials in patients that compare with something, by condition."""
    return [_row(one, picture(one.id, shelf)) for one in shelf.shelf(Indication).values()]


def _row(one: Indication, shown: Picture) -> dict[str, Any]:
    groups = [group for group in shown.groups if group.who == "patients" and group.comparator]
    trials = {study.id: study for group in groups for study in group.studies}.values()
    sizes = [study.population.n for study in trials]
    return {
        "key": one.id,
        "title": one.title,
        "trials": len(trials),
        "people": sum(size for size in sizes if size is not None),
        "unread": sizes.count(None),
        "sham": sum(len(group.studies) for group in groups if group.comparator == "sham"),
        "pooled": any(pooling.pooled for group in groups for pooling in group.poolings),
    }


@cache
def _apart(shelf: Knowledge) -> list[tuple[str, str, str, list[Study]]]:
    """Studies that no condition counts: those of its patients stand on its own page."""
    held = [one for one in shelf.shelf(Study).values() if one.population.who != "patients" or not one.conditions]
    return [
        (who, f"{title} with something else" if who == "patients" else title, _OWN[who], members)
        for who, title in WHO.items()
        if (members := [one for one in held if one.population.who == who])
    ]
