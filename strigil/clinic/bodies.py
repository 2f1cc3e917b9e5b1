"""Rows turned into figures of the body, each with the same said in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.forms import BoundField
from django.utils.safestring import SafeString, mark_safe

from strigil.clinic.models import CourseSite, Screening, Visit
from strigil.clinic.tags import reaction_words, site_title
from strigil.drawing.body import Kind, Mark, atlas, body_figure, definitions, touch_figure, views_for
from strigil.pathway.facts import Outcome
from strigil.pathway.treat import spoken

SHOWN = 12
"""Newest visits that stand in a row on the page of a course."""


class Placed(Protocol):
    """Anything with a region and a side."""

    @property
    def region(self) -> str: ...
    @property
    def side(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Picker:
    """A figure to choose on, and the two fields that hold what was chosen."""

    region: BoundField
    side: BoundField

    @property
    def definitions(self) -> SafeString:
        return _drawn(definitions(atlas()))

    @property
    def figures(self) -> list[tuple[str, str, SafeString]]:
        return [(view.id, view.title, _drawn(touch_figure(view.id))) for view in atlas().values()]


@dataclass(frozen=True, slots=True)
class Body:
    """Some figures that belong together: one visit, or the sites of a course."""

    figures: tuple[SafeString, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VisitBody:
    """One visit in the row: what was treated and what skin and symptoms did, as figures, words and cells."""

    visit: Visit
    figures: tuple[SafeString, ...]
    treated: str
    reaction: str
    asked: bool
    placeless: bool
    """Whether something was seen of which nobody said where, so that no figure can show it."""


def sites_body(sites: Sequence[CourseSite], screening: Screening | None) -> dict[str, Any]:
    """The sites of a course outlined, and crossed where the last screen says to keep off."""
    avoided = _avoided(screening)
    marks = [Mark(site.region, site.side, Kind.CHOSEN) for site in sites]
    marks += [Mark(site.region, site.side, Kind.AVOIDED) for site in sites if (site.region, site.side) in avoided]
    lines = [
        site_title(site) + (": avoid, by the last screen" if (site.region, site.side) in avoided else "")
        for site in sites
    ]
    return _body("sites", marks, "Sites of this course", lines)


def areas_body(areas: Iterable[Placed]) -> dict[str, Any]:
    """The areas of a visit that is still being written, outlined."""
    rows = list(areas)
    marks = [Mark(one.region, one.side, Kind.CHOSEN) for one in rows]
    return _body("areas", marks, "Areas of this visit", [site_title(one) for one in rows], small=True)


def visit_body(visit: Visit) -> dict[str, Any]:
    """A visit as it was recorded: areas hatched, reactions in bronze where somebody said where."""
    lines = [f"Treated: {site_title(one)}" for one in visit.treatments.all()]
    seen = [one for check in visit.reaction_checks.all() for one in check.reactions.all() if one.region]
    lines += [f"Seen: {reaction_words(one)}" for one in seen]
    return _body("visit", _marks(visit), "This visit", lines, small=True)


def course_bodies(visits: Sequence[Visit], in_all: int) -> dict[str, Any]:
    """The newest visits in a row, each on the same views; how many earlier ones are not shown."""
    shown = visits[-SHOWN:]
    marks = [_marks(visit) for visit in shown]
    every = [mark for some in marks for mark in some]
    views = views_for(every)
    rows = [_visit(visit, some, views) for visit, some in zip(shown, marks, strict=True)]
    return {
        "bodies": rows,
        "bodies_rest": in_all - len(shown),
        "bodies_shared": _shared(views, every),
    }


def _body(id: str, marks: Sequence[Mark], title: str, lines: Sequence[str], *, small: bool = False) -> dict[str, Any]:
    views, said = views_for(marks), "; ".join(lines)
    figures = tuple(
        _drawn(body_figure(view, marks, id=f"{id}-{view}", title=_titled(title, view), description=said, small=small))
        for view in views
    )
    return {"body": Body(figures, tuple(lines)), "body_shared": _shared(views, marks)}


def _visit(visit: Visit, marks: Sequence[Mark], views: Sequence[str]) -> VisitBody:
    treated = "; ".join(site_title(one) for one in visit.treatments.all())
    checks = [(check, check.reactions.all()) for check in visit.reaction_checks.all()]
    seen = [reaction_words(one) for _, some in checks for one in some]
    none_seen = any(check.none_seen for check, _ in checks)
    reaction = "; ".join(dict.fromkeys(seen)) or ("none seen" if none_seen else "not asked")
    title = f"Visit {visit.number}, {spoken(visit.on)}"
    said = f"Treated: {treated or 'nothing recorded'}. Skin and symptoms: {reaction}."
    placeless = any(not one.region for _, some in checks for one in some)
    figures = tuple(
        _drawn(
            body_figure(
                view,
                marks,
                id=f"body-{visit.number}-{view}",
                title=_titled(title, view),
                description=said,
                small=True,
                placeless=placeless and view == views[-1],
            )
        )
        for view in views
    )
    return VisitBody(visit, figures, treated, reaction, bool(checks), placeless)


def _marks(visit: Visit) -> list[Mark]:
    treated = [Mark(one.region, one.side, Kind.TREATED) for one in visit.treatments.all()]
    seen = [one for check in visit.reaction_checks.all() for one in check.reactions.all() if one.region]
    return [*treated, *dict.fromkeys(Mark(one.region, one.side, Kind.REACTION) for one in seen)]


def _avoided(screening: Screening | None) -> set[tuple[str, str]]:
    reasons = screening.reasons if screening else []
    sites = [one["site"] for one in reasons if one["site"] and one["outcome"] == Outcome.AVOID]
    return {(site["region"], site["side"]) for site in sites}


def _shared(views: Iterable[str], marks: Iterable[Mark]) -> SafeString:
    return _drawn(definitions(views, frozenset(mark.region for mark in marks)))


def _titled(title: str, view: str) -> str:
    return f"{title}: {atlas()[view].title.lower()}"


def _drawn(svg: str) -> SafeString:
    return mark_safe(svg)  # noqa: S308  (the writer escapes every text)
