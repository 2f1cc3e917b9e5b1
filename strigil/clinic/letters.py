"""The letter to a physician, made from a stored screen: what was found, who says what of it, what is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from strigil.accounts.models import User
from strigil.clinic.models import Course, Screening
from strigil.clinic.sheets import AGREEMENT, NO_EVIDENCE, sheet
from strigil.clinic.tags import day, site_title, source_kind, title_of
from strigil.drawing.paper import Ground, Letter, Source
from strigil.pathway.facts import Outcome

MOST_SOURCES = 6
"""A letter is read in a minute; it says how many more there are."""


def asks_a_physician(reason: dict[str, Any]) -> bool:
    """Whether a stored reason is a question to a physician that none has answered."""
    return reason["outcome"] in (Outcome.CLEARANCE, Outcome.REFER) and not reason["cleared"]


def letter(*, by: User, course: Course, screening: Screening, on: date, rule: str = "") -> Letter | None:
    """The letter on all such reasons of a screen, or on that of one rule; None where there is none."""
    reasons = [one for one in screening.reasons if asks_a_physician(one) and rule in ("", one["rule"])]
    if not reasons:
        return None
    technique = screening.inputs["technique"]
    return Letter(
        sheet=sheet(by=by, course=course, on=on, screening=screening),
        treatment=title_of(technique, "technique") if technique else "instrument-assisted soft tissue mobilization",
        sites=tuple(site_title(one) for one in screening.inputs["sites"]),
        grounds=tuple(_grounds(reasons, screening)),
    )


def _grounds(reasons: Sequence[dict[str, Any]], screening: Screening) -> Iterator[Ground]:
    """One for each rule and what it says; of several sites, with all of them."""
    alike: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for one in reasons:
        alike.setdefault((one["rule"], one["why"]), []).append(one)
    for (_, why), group in alike.items():
        first = group[0]
        sites = [site_title(one["site"]) for one in group if one["site"]]
        sources = sorted(first["sources"], key=lambda one: one["kind"] in NO_EVIDENCE)
        more = len(sources) - MOST_SOURCES
        agreement = AGREEMENT[first["agreement"]]
        if more > 0:
            agreement += f"; {more} more {'source is' if more == 1 else 'sources are'} not printed here"
        yield Ground(
            title=first["title"] + (f": {'; '.join(sites)}" if sites else ""),
            answered=_answered(first, screening),
            why=why,
            agreement=agreement,
            sources=tuple(_source(one) for one in sources[:MOST_SOURCES]),
        )


def _answered(reason: dict[str, Any], screening: Screening) -> str:
    """On which days yes was answered to what the rule rests on."""
    given = screening.inputs["findings"]
    days = {one["asked_on"] for one in given if one["id"] in reason["findings"] and one["answer"] == "yes"}
    if not days:
        return "This follows from what is known of the patient."
    return f"Answered yes on {' and on '.join(day(one) for one in sorted(days))}."


def _source(one: dict[str, Any]) -> Source:
    kind = source_kind(one["kind"]).lower() + (", no evidence" if one["kind"] in NO_EVIDENCE else "")
    about = f" ({one['applies_to']})" if one["applies_to"] else ""
    return Source(title=one["title"], kind=kind, says=one["says"] + about)
